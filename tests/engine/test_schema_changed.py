"""Another version of the program migrates the database beside a processor: it finishes its batch and stops."""

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from dripline import Accepted, Dripline, Limits, Message, NewLead, Outcome, Sequence, Step, VirtualClock
from dripline.errors import SchemaChanged

NEWER = "UPDATE alembic_version SET version_num = '9999'"
SENT = "SELECT count(*) FROM sequence_contacts WHERE status = 'completed'"
SENDING = "SELECT count(*) FROM sequence_contacts WHERE status NOT IN ('completed', 'active')"

Ask = Callable[[str], list[tuple[object, ...]]]
Plant = Callable[[str], None]


class Migrated:
    """A provider, during whose first message the database is migrated and the clock goes on."""

    sends_at_once = 1

    def __init__(self, plant: Plant, clock: VirtualClock) -> None:
        self._plant, self._clock = plant, clock
        self.accepted: list[str] = []

    async def send(self, message: Message) -> Outcome:
        if not self.accepted:
            self._plant(NEWER)
            self._clock.advance(timedelta(seconds=2))
        self.accepted.append(message.to)
        return Accepted(f"id-{message.to}")


@pytest.fixture
def shop(url: str, clock: VirtualClock, plant: Plant) -> tuple[Dripline, Migrated]:
    provider = Migrated(plant, clock)
    drip = Dripline(url, clock=clock, channels={"console": provider}, limits=Limits(batch=10))
    drip.apply(Sequence("One", trigger="ONE", steps=[Step("Hi")]))
    drip.add_leads([NewLead(f"601234{number:05d}", triggers=("ONE",)) for number in range(60)])
    return drip, provider


def test_a_pass_under_way_finishes_what_it_has_claimed_and_claims_no_more(
    shop: tuple[Dripline, Migrated], ask: Ask
) -> None:
    drip, provider = shop
    with drip, pytest.raises(SchemaChanged, match=r"migrated by a newer dripline .* \(schema 9999, this one works"):
        drip.tick()

    assert ask(SENT) == [(len(provider.accepted),)]
    assert ask(SENDING) == [(0,)]
    assert 1 <= len(provider.accepted) <= 30


def test_a_loop_stops_likewise(shop: tuple[Dripline, Migrated], ask: Ask) -> None:
    drip, provider = shop
    with drip, pytest.raises(SchemaChanged):
        drip.run(poll=timedelta(hours=1))

    assert ask(SENT) == [(len(provider.accepted),)]
    assert ask(SENDING) == [(0,)]
    assert 1 <= len(provider.accepted) <= 30


def test_an_idle_loop_finds_it_at_its_next_look(url: str, plant: Plant, clock: VirtualClock) -> None:
    ended, looked = threading.Event(), threading.Event()
    with Dripline(url, clock=clock) as drip:

        def run() -> None:
            with pytest.raises(SchemaChanged):
                drip.run(on_pass=lambda _report: looked.set())
            ended.set()

        thread = threading.Thread(target=run)
        thread.start()
        assert looked.wait(30)
        plant(NEWER)
        while not ended.wait(0.05):
            clock.advance(timedelta(seconds=15))
        thread.join(30)

    assert not thread.is_alive()


def test_a_database_that_was_put_back_from_before_a_migration_stops_it_too(
    drip: Dripline, plant: Plant, clock: VirtualClock
) -> None:
    drip.tick()
    plant("UPDATE alembic_version SET version_num = '0030'")
    clock.advance(timedelta(seconds=1))

    with pytest.raises(SchemaChanged, match=r"replaced by one of an older dripline .* with dripline migrate\.$"):
        drip.tick()
