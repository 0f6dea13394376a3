"""The plan of a live edit says when messages will really go, not only from when on they may."""

from datetime import UTC, datetime, timedelta

from dripline import Dripline, FakeChannel, Pace, Plan, Sender, Sequence, Step, VirtualClock

HOUR = timedelta(hours=1)
LEAD = "60123456789"


def shop(wait: str, *, window: str | None = "09:00-20:00", senders: tuple[str, ...] = ()) -> Sequence:
    steps = [Step("one"), Step("two", wait)]
    return Sequence("S", trigger="T", window=window, zone="UTC", senders=senders, steps=steps)


def planned(drip: Dripline, clock: VirtualClock, wait: str, *, senders: tuple[str, ...] = ()) -> Plan:
    """The plan of a shorter wait for a lead that was sent step 1 at 10:00."""
    clock.advance(datetime(2026, 1, 5, 10, tzinfo=UTC) - clock.now())
    drip.apply(shop("3d", senders=senders))
    drip.add_lead(phone=LEAD, zone="UTC", triggers=["T"])
    drip.tick()
    clock.advance(HOUR)
    return drip.plan(shop(wait, senders=senders), reach="all")


def test_a_time_at_night_is_shown_as_the_morning_at_which_the_message_goes(
    drip: Dripline, clock: VirtualClock, fake: FakeChannel
) -> None:
    plan = planned(drip, clock, "16h")
    (move,) = plan.moves
    assert (move.new_time, move.waits_for) == (datetime(2026, 1, 6, 2, tzinfo=UTC), None)
    assert move.expected_at is not None
    assert (
        plan.changes[-1] == f"1 enrollment goes over to version 2: next step at {move.expected_at:%Y-%m-%d %H:%M} UTC"
    )

    drip.sequences.publish(plan)
    while len(fake.accepted) < 2:
        clock.advance(HOUR / 4)
        drip.tick()

    # Within an opening each record has its own share, so that no window begins with a burst.
    assert datetime(2026, 1, 6, 9, tzinfo=UTC) <= move.expected_at <= datetime(2026, 1, 6, 9, 30, tzinfo=UTC)
    assert abs(clock.now() - move.expected_at) <= HOUR / 2


def test_the_hours_that_count_are_those_that_are_gone_over_to(drip: Dripline, clock: VirtualClock) -> None:
    planned(drip, clock, "16h")
    (move,) = drip.plan(shop("16h", window=None), reach="all").moves

    assert move.expected_at == move.new_time == datetime(2026, 1, 6, 2, tzinfo=UTC)


def test_a_message_that_waits_for_a_person_has_no_time(drip: Dripline, clock: VirtualClock) -> None:
    planned(drip, clock, "16h")
    drip.pause(sequence="S", reason="stock count")
    plan = drip.plan(shop("20h"), reach="all")
    (move,) = plan.moves

    assert (move.expected_at, move.waits_for) == (None, "its sequence is paused: stock count")
    assert plan.changes[-1].endswith("1 of them not before a person acts")


def test_the_quiet_hours_of_the_sender_count(drip: Dripline, clock: VirtualClock) -> None:
    drip.senders.apply(Sender("jb", channel="console", pace=Pace(gap="10s", quiet="20:00-10:00", zone="UTC")))
    (move,) = planned(drip, clock, "16h", senders=("jb",)).moves

    assert move.expected_at is not None
    assert move.expected_at >= datetime(2026, 1, 6, 10, tzinfo=UTC)
