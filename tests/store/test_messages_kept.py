"""What people wrote is removed once it is older than the workspace keeps it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from dripline import Dripline, FakeChannel, MessageClass, VirtualClock, Workspace
from dripline.core.views.messages import NewMessage

DAY = timedelta(days=1)
PHONE = "60123456700"


@pytest.fixture
def drip(url: str, clock: VirtualClock, fake: FakeChannel) -> Iterator[Dripline]:
    """Dripline on a fresh database of each kind, with no secret: nothing has to be proved."""
    with Dripline(url, clock=clock, channels={"console": fake}) as opened:
        yield opened


def upkeep(drip: Dripline, clock: VirtualClock) -> None:
    """Run passes until there is nothing old; the first may only see that the clock jumped."""
    for _ in range(3):
        drip.tick()
        clock.advance(timedelta(hours=1))


@pytest.mark.parametrize(("keep_messages", "left"), [("60d", ["New"]), (None, ["Old", "New"])])
def test_what_people_wrote_is_kept_for_as_long_as_the_workspace_says(
    drip: Dripline, clock: VirtualClock, keep_messages: str | None, left: list[str]
) -> None:
    drip.workspace.apply(Workspace(keep_messages=keep_messages))
    drip.add_lead(phone=PHONE)
    drip.inbox.receive("Old", phone=PHONE)
    clock.advance(70 * DAY)
    drip.inbox.receive("New", phone=PHONE)
    upkeep(drip, clock)

    assert written(drip) == left


def test_a_year_of_what_people_wrote_is_kept_unless_it_is_said(drip: Dripline, clock: VirtualClock) -> None:
    drip.add_lead(phone=PHONE)
    for text in ("First", "Second"):
        drip.inbox.receive(text, phone=PHONE)
        clock.advance(200 * DAY)
    upkeep(drip, clock)

    assert written(drip) == ["Second"]


def test_what_people_wrote_is_removed_in_batches(drip: Dripline) -> None:
    drip.add_lead(phone=PHONE)
    stores = drip.leads._stores  # pyright: ignore[reportPrivateUsage]  # noqa: SLF001  (a batch is no use case)
    message = NewMessage(
        None, leads=(1,), writer=PHONE, writer_kind="phone", at=drip.now(), text="Hi", message_class=MessageClass.REPLY
    )
    with stores.store.transaction():
        assert stores.messages_in.keep([message] * 2_048, drip.now()) == 2_048
    removed = [stores.messages_in.remove(drip.now() + DAY) for _ in range(4)]

    assert removed == [1_000, 1_000, 48, 0]


def written(drip: Dripline) -> list[str | None]:
    """What the first lead wrote and is still there."""
    return [entry.text for entry in drip.leads.thread(phone=PHONE)[0].entries if entry.message_id is not None]
