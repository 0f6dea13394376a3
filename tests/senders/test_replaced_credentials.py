"""Credentials that are replaced, taken away and brought again, as other processes see it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from dripline import Dripline, SenderStatus, VirtualClock
from dripline.app.credentials.connected import Connected
from dripline.app.credentials.holds import CredentialHolds
from dripline.errors import DatabaseProblem
from support.connecting import ACCOUNT, OTHER_TOKEN, Keys, accepting, at_the_prompt, cloud, greet, opened, tokens
from support.endpoint import Endpoint, serving
from support.secrets_of_tests import APP_SECRET, META

HOUR = timedelta(hours=1)


@pytest.fixture
def meta() -> Iterator[Endpoint]:
    with serving() as endpoint:
        yield accepting(endpoint)


@pytest.fixture
def shop(url: str, clock: VirtualClock) -> Iterator[Dripline]:
    with opened(url, clock) as drip:
        yield drip


def connect(drip: Dripline, endpoint: Endpoint, name: str = "jb-1", token: str = META) -> None:
    drip.senders.connect(name, "whatsapp", cloud(endpoint, token), account=ACCOUNT)


def mailbox(drip: Dripline) -> None:
    fields = {"host": "127.0.0.1", "port": "1", "sender": "lina@example.com", "security": "none"}
    drip.senders.connect("lina", "smtp", fields)


def test_what_was_disconnected_and_connected_between_two_looks_is_taken_up(
    url: str, shop: Dripline, clock: VirtualClock, meta: Endpoint
) -> None:
    connect(shop, meta)
    greet(shop, "jb-1")
    shop.add_lead(phone="60123456789", triggers=["HI"])
    with opened(url, clock) as other:
        other.tick()
        shop.senders.disconnect("jb-1")
        connect(shop, meta, token=OTHER_TOKEN)
        clock.advance(HOUR)
        shop.senders.resume("jb-1")
        other.tick()
        hook = shop.senders.webhook("jb-1").path.rpartition("/")[2]
        asked = {"hub.mode": "subscribe", "hub.challenge": "42", "hub.verify_token": "no"}

        assert tokens(meta) == [META, OTHER_TOKEN]
        assert other.inbox.challenge("whatsapp", asked, hook=hook) is None, "the new address is known"


@pytest.mark.parametrize("is_replaced", [True, False])
def test_another_mailbox_is_not_read_from_where_the_one_before_was_left(
    url: str, shop: Dripline, *, is_replaced: bool
) -> None:
    mailbox(shop)
    at_the_prompt(
        url,
        "INSERT INTO mailboxes (channel, name, uid_validity, last_uid, look_at) "
        "SELECT channel, name, 7, 100, updated_at FROM senders",
    )
    if is_replaced:
        mailbox(shop)
    else:
        shop.senders.disconnect("lina")

    assert at_the_prompt(url, "SELECT last_uid FROM mailboxes") == []


def test_a_channel_that_cannot_be_made_stops_no_other(
    url: str, shop: Dripline, clock: VirtualClock, meta: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A channel of somebody else's raises what it likes, and its words may hold the secret."""
    connect(shop, meta, "jb-1", META)
    connect(shop, meta, "jb-2", OTHER_TOKEN)
    greet(shop, "jb-2")
    shop.add_lead(phone="60123456789", triggers=["HI"])
    made = Connected.made

    def broken(self: Connected, channel: str, account: str | None, fields: dict[str, str], hook: str | None) -> object:
        if fields["token"] == META:
            raise RuntimeError(f"{META} {APP_SECRET}")
        return made(self, channel, account, fields, hook)

    monkeypatch.setattr(Connected, "made", broken)
    with opened(url, clock) as other:
        report = other.tick()
        problems = {one.sender: one.problem for one in other.senders.credentials()}

    assert (report.sent, tokens(meta)) == (1, [OTHER_TOKEN])
    assert problems == {
        "jb-1": "no channel can be made of it (RuntimeError): mend the channel, or connect it again",
        "jb-2": None,
    }


def test_a_look_that_failed_is_made_again_in_the_next_pass(
    shop: Dripline, meta: Endpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[int] = []

    def look(_: CredentialHolds) -> None:
        looks.append(1)
        if len(looks) == 1:
            raise DatabaseProblem("The database is busy.")

    monkeypatch.setattr(CredentialHolds, "look", look)
    connect(shop, meta)
    with pytest.raises(DatabaseProblem):
        shop.tick()
    shop.tick()

    assert len(looks) == 2


def test_a_processor_that_has_the_key_lets_go_whom_one_without_it_holds(
    url: str, shop: Dripline, clock: VirtualClock, meta: Endpoint
) -> None:
    connect(shop, meta)
    shop.tick()
    with opened(url, clock, Keys("")) as locked:
        locked.tick()
        held = shop.senders.all()[0].status
        for _ in range(2):
            clock.advance(timedelta(minutes=1))
            locked.tick()
            shop.tick()

    assert (held, shop.senders.all()[0].status) == (SenderStatus.PAUSED, SenderStatus.ACTIVE)
