"""Leads whose zone nobody gave get nothing at night, wherever their phones are from."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import phonenumbers
import pytest

from dripline import Dripline, FakeChannel, Sequence, Step, VirtualClock
from dripline.core.time.lead_zone import zones_of_phone

WINDOW = "09:00-20:00"
SOMEWHERE = {"12125550100": "America/New_York", "13105550100": "America/Los_Angeles", "61412345678": "Australia/Perth"}


def shop(fake: FakeChannel, hour: int = 2) -> tuple[Dripline, VirtualClock]:
    clock = VirtualClock(datetime(2026, 1, 5, hour, tzinfo=UTC))
    return Dripline("sqlite://", clock=clock, channels={"sms": fake}), clock


@pytest.mark.parametrize("hour", range(1, 24, 8))
def test_nobody_is_written_to_at_night(hour: int) -> None:
    fake, went = FakeChannel(), dict[str, datetime]()
    drip, clock = shop(fake, hour)
    examples = [phonenumbers.example_number_for_type(region, 1) for region in sorted(phonenumbers.SUPPORTED_REGIONS)]
    phones = {f"{n.country_code}{phonenumbers.national_significant_number(n)}" for n in examples if n is not None}
    with drip:
        drip.apply(Sequence("S", trigger="T", channel="sms", window=WINDOW, steps=[Step("a")]))
        for phone in sorted(phones):
            drip.add_lead(phone=phone, triggers=["T"])
        for _ in range(26 * 6):
            drip.tick()
            went |= {message.to: clock.now() for message in fake.accepted[len(went) :]}
            clock.advance(timedelta(minutes=10))

    hours = {
        (phone, zone): at.astimezone(ZoneInfo(zone)).hour
        for phone, at in went.items()
        for zone in zones_of_phone(phone)
    }
    assert len(went) > 200
    assert {where: at for where, at in hours.items() if not 9 <= at < 20} == {}


def test_a_plan_says_how_many_zones_are_a_guess() -> None:
    drip, _ = shop(FakeChannel())
    wanted = Sequence("S", trigger="T", channel="sms", window=WINDOW, steps=[Step("a")])
    with drip:
        for phone in SOMEWHERE:
            drip.add_lead(phone=phone, triggers=["T"])
        drip.add_lead(email="a@example.com", triggers=["T"])
        drip.add_lead(phone="60123456789", triggers=["T"])
        notes = drip.plan(wanted).notes
        placed = drip.plan(
            Sequence("S", trigger="T", channel="sms", window=WINDOW, zone="Asia/Tokyo", steps=[Step("a")])
        )

    assert [note.partition(":")[0] for note in notes if "zone" in note] == [
        "1 of 5 leads may be in any of several time zones",
        "1 of 5 leads have no known time zone, and go by UTC",
    ]
    assert not [note for note in placed.notes if "zone" in note]


def test_hours_that_are_never_open_in_all_zones_at_once_are_told() -> None:
    fake = FakeChannel()
    drip, clock = shop(fake)
    with drip:
        drip.apply(Sequence("S", trigger="T", channel="sms", window="09:00-10:00", steps=[Step("a")]))
        drip.add_lead(phone="61412345678", triggers=["T"])
        drip.tick()
        reason = drip.records()[0].reason

    assert fake.accepted == []
    assert reason is not None
    assert "never open in all of the" in str(reason)
    assert clock.now() == datetime(2026, 1, 5, 2, tzinfo=UTC)
