"""How the system that this one replaces went wrong, failure by failure, each a test that ours does not.

The failures that have a home elsewhere: doubles and races in `tests/store/test_claims.py` and `tests/property`, all
steps at once in `test_mission.py`, substring triggers and silent non-enrollment in `tests/app/test_enrollment.py`,
timeouts, dead retries and offline senders in `tests/app/test_outcomes.py`, phones in `tests/core/test_rules.py`.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta

import pytest

from dripline import Dripline, FakeChannel, Rejected, Sequence, Step, VirtualClock

LEAD = "60123456789"
HOUR = timedelta(hours=1)


@pytest.fixture
def enrolled(drip: Dripline, warm: Sequence) -> Dripline:
    drip.apply(warm)
    drip.add_lead(phone=LEAD, name="Aina", triggers=["WARMEXAMA"])
    return drip


def test_two_processors_at_once_are_harmless(url: str, warm: Sequence, clock: VirtualClock) -> None:
    fake = FakeChannel()
    with (
        Dripline(url, clock=clock, channels={"console": fake}) as first,
        Dripline(url, clock=clock, channels={"console": fake}) as second,
    ):
        first.apply(warm)
        first.add_lead(phone=LEAD, triggers=["WARMEXAMA"])
        for _ in range(40):
            first.tick()
            second.tick()
            clock.advance(HOUR)

        assert [message.step for message in fake.accepted] == [1, 2, 3, 4]


def test_nothing_is_completed_that_no_provider_took(url: str, warm: Sequence, clock: VirtualClock) -> None:
    refusing = FakeChannel(lambda _message: Rejected("no"))
    with Dripline(url, clock=clock, channels={"console": refusing}) as drip:
        drip.apply(warm)
        drip.add_lead(phone=LEAD, triggers=["WARMEXAMA"])
        for _ in range(4):
            drip.tick()
            clock.advance(12 * HOUR)

        assert [record.status for record in drip.records(phone=LEAD)] == ["failed"] * 4
        assert all(record.completed_at is None for record in drip.records(phone=LEAD))


def test_an_overdue_record_is_found_however_old_it_is(enrolled: Dripline, clock: VirtualClock) -> None:
    """No window of death: pending messages older than ten minutes were never picked up again."""
    clock.advance(timedelta(days=400))

    assert enrolled.tick().sent == 1


def test_nothing_is_ever_deleted(enrolled: Dripline, clock: VirtualClock) -> None:
    enrolled.tick()
    enrolled.opt_out(phone=LEAD)
    clock.advance(timedelta(days=400))
    enrolled.tick()

    assert len(enrolled.records(phone=LEAD)) == 4
    assert enrolled.reports.counts()["leads"] == 1


def test_finishing_a_sequence_leaves_the_leads_triggers_alone(enrolled: Dripline, clock: VirtualClock) -> None:
    """Completing one lead wiped the triggers of everybody with that phone."""
    enrolled.add_lead(phone=LEAD, triggers=["VIP"])
    for _ in range(4):
        enrolled.tick()
        clock.advance(12 * HOUR)

    assert {trigger for trigger, _ in enrolled.leads.timelines(phone=LEAD)[0].triggers} == {"WARMEXAMA", "VIP"}


def test_copy_arrives_to_the_byte(drip: Dripline, fake: FakeChannel) -> None:
    """Line breaks were lost, braces eaten, links altered."""
    copy = "Salam 😊\n\n  *Tawaran* {name} {a, b} {\n\thttps://example.com/?a=1&b=2#x\n\nTerima kasih\n"
    drip.apply(Sequence("Copy", trigger="COPY", steps=[Step(copy)]))
    drip.add_lead(phone=LEAD, triggers=["COPY"])
    drip.tick()

    assert fake.accepted[0].text == copy


def test_two_sequences_of_one_lead_do_not_touch_each_other(
    enrolled: Dripline, clock: VirtualClock, fake: FakeChannel
) -> None:
    enrolled.apply(Sequence("Cold VITAC", trigger="COLDVITAC", steps=[Step("Cold one"), Step("Cold two", "1h")]))
    enrolled.add_lead(phone=LEAD, triggers=["COLDVITAC"])
    enrolled.tick()
    clock.advance(HOUR)
    enrolled.tick()

    assert sorted(message.text for message in fake.accepted) == ["Cold one", "Cold two", "One for Aina"]
    assert enrolled.verify() == []


def test_a_machine_in_another_time_zone_sends_at_the_same_instant(url: str, plant: Callable[[str], None]) -> None:
    """Eight hours were added, and taken away again, by hand."""
    if url.startswith("postgresql"):
        database = url.partition("?")[0].rpartition("/")[2]
        plant(f"ALTER DATABASE {database} SET timezone = 'Asia/Tokyo'")
    script = (
        "import sys\n"
        "from datetime import UTC, datetime\n"
        "from dripline import Dripline, Sequence, Step, VirtualClock\n"
        "drip = Dripline(sys.argv[1], clock=VirtualClock(datetime(2026, 1, 1, tzinfo=UTC)))\n"
        "drip.apply(Sequence('One', trigger='ONE', steps=[Step('Hi', '12h')]))\n"
        "drip.add_lead(phone='60123456789', triggers=['ONE'])\n"
        "print(drip.records()[0].next_trigger_time.isoformat())\n"
    )
    environment = os.environ | {"TZ": "Asia/Kuala_Lumpur", "PGTZ": "America/New_York"}
    done = subprocess.run(
        [sys.executable, "-c", script, url], env=environment, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "2026-01-01T12:00:00+00:00"
