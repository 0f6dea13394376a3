"""A rule is corrected while messages wait for it: they are asked again at once, and nothing names the old one."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from dripline import Dripline, FakeChannel, Pace, Policy, RetryLater, Sender, Sequence, Step, VirtualClock, Workspace

HOUR = timedelta(hours=1)
PHONE = "60123456789"
NIGHT = datetime(2026, 1, 5, 19, tzinfo=UTC)
"""A Tuesday, 03:00 in Kuala Lumpur."""

Correct = Callable[[Dripline], object]


def made(window: str | None = None, *, many: int = 1, step_window: str | None = None, **settings: object) -> Sequence:
    steps = [Step(f"step {number}", after="1h" if number else "0s", window=step_window) for number in range(many)]
    return Sequence("S", trigger="T", window=window, steps=steps, **settings)  # pyright: ignore[reportArgumentType]


def start(drip: Dripline, clock: VirtualClock) -> None:
    """Add a lead at night and let the processor look until its last record waits."""
    clock.advance(NIGHT - clock.now())
    drip.add_lead(phone=PHONE, triggers=["T"])
    for _ in range(3):
        drip.tick()
        clock.advance(HOUR)


def why(drip: Dripline) -> str:
    found = drip.records.get(drip.records()[-1].id)
    assert found is not None
    return found.why


RULES: dict[str, tuple[Correct, Correct, str]] = {
    "the sequence's window": (
        lambda drip: drip.apply(made("09:00-20:00")),
        lambda drip: drip.apply(made("00:00-24:00")),
        "09:00",
    ),
    "no window any more": (lambda drip: drip.apply(made("09:00-20:00")), lambda drip: drip.apply(made()), "09:00"),
    "a step's window": (
        lambda drip: drip.apply(made(step_window="09:00-20:00")),
        lambda drip: drip.apply(made(step_window="01:00-20:00")),
        "09:00",
    ),
    "the sequence's gap": (
        lambda drip: drip.apply(made(many=2, policy=Policy(min_gap="3d"))),
        lambda drip: drip.apply(made(many=2, policy=Policy(min_gap="0s"))),
        "gap of 3d",
    ),
    "the workspace's gap": (
        lambda drip: (drip.workspace.apply(Workspace(min_gap="3d")), drip.apply(made(many=2))),
        lambda drip: drip.workspace.apply(Workspace(min_gap="1h")),
        "gap of 3d",
    ),
    "the cap": (
        lambda drip: (drip.workspace.apply(Workspace(daily_cap=1)), drip.apply(made(many=2))),
        lambda drip: drip.workspace.apply(Workspace(daily_cap=2)),
        "cap of 1",
    ),
    "the lead's zone": (
        lambda drip: drip.apply(made("09:00-20:00")),
        lambda drip: drip.add_lead(phone=PHONE, zone="America/New_York"),
        "Kuala_Lumpur",
    ),
}


@pytest.mark.parametrize("rule", RULES)
def test_what_waits_for_a_rule_goes_as_soon_as_that_is_corrected(
    drip: Dripline, clock: VirtualClock, fake: FakeChannel, rule: str
) -> None:
    before, correct, named = RULES[rule]
    before(drip)
    start(drip, clock)
    had = len(fake.offered)
    assert named in why(drip)
    correct(drip)

    assert named not in why(drip)
    drip.tick()
    assert len(fake.offered) == had + 1
    assert drip.verify() == []


def test_the_zone_of_a_sequence_and_of_the_workspace_reach_whom_nobody_knows_the_zone_of(
    drip: Dripline, clock: VirtualClock, fake: FakeChannel
) -> None:
    drip.apply(made("13:00-15:00"))
    clock.advance(NIGHT - clock.now())
    drip.add_lead(email="a@example.com", triggers=["T"])
    drip.add_lead(email="b@example.com", triggers=["T"])
    drip.tick()
    drip.workspace.apply(Workspace(zone="Asia/Kuala_Lumpur"))
    drip.tick()
    assert fake.offered == []
    drip.apply(made("13:00-15:00", zone="America/New_York"))
    drip.tick()

    assert len(fake.offered) == 2


def test_a_plan_counts_what_is_asked_again_and_a_change_of_nothing_moves_nothing(
    drip: Dripline, clock: VirtualClock
) -> None:
    drip.apply(made("09:00-20:00"))
    start(drip, clock)
    waits = drip.records()[0]
    assert drip.plan(made("09:00-21:00")).changes[-1] == "1 waiting message is checked again under the new rules"
    assert drip.workspace.plan(Workspace(zone="Asia/Tokyo")).changes[-1].startswith("1 waiting message is checked")
    drip.apply(made("09:00-20:00"))
    drip.apply(made("09:00-20:00", policy=Policy(on_failure="stop")))
    drip.workspace.apply(Workspace(stop_words=("stop",)))

    assert drip.records()[0] == waits


def test_a_rule_that_still_holds_gives_the_same_time_again(drip: Dripline, clock: VirtualClock) -> None:
    drip.apply(made("09:00-20:00"))
    start(drip, clock)
    waits = drip.records()[0]
    drip.apply(made("09:00-21:00"))
    drip.tick()

    assert drip.records()[0].next_trigger_time == waits.next_trigger_time
    assert "21:00" in (drip.records()[0].reason or "")


def test_a_time_that_a_person_gave_stands(drip: Dripline, clock: VirtualClock) -> None:
    drip.apply(made("09:00-20:00"))
    start(drip, clock)
    at = clock.now() + 30 * HOUR
    drip.records.reschedule_one(drip.records()[0].id, at)
    drip.apply(made())

    assert drip.records()[0].next_trigger_time == at


def test_a_retry_keeps_its_time_whatever_the_provider_said(url: str, clock: VirtualClock) -> None:
    busy = FakeChannel(lambda _: RetryLater("the window 09:00 is closed at the provider", after=40 * HOUR))
    with Dripline(url, clock=clock, channels={"console": busy}) as drip:
        drip.apply(made("00:00-24:00"))
        clock.advance(NIGHT - clock.now())
        drip.add_lead(phone=PHONE, triggers=["T"])
        drip.tick()
        waits = drip.records()[0]
        drip.apply(made())

        assert drip.records()[0] == waits


def test_a_lead_that_is_paused_meanwhile_goes_by_the_corrected_rule_once_it_is_resumed(
    drip: Dripline, clock: VirtualClock, fake: FakeChannel
) -> None:
    drip.apply(made("09:00-20:00"))
    start(drip, clock)
    drip.pause(phone=PHONE)
    drip.apply(made())
    drip.resume(phone=PHONE)
    drip.tick()

    assert len(fake.offered) == 1


def test_a_record_that_a_person_sends_sooner_than_planned_is_not_put_off_by_a_correction(
    drip: Dripline, clock: VirtualClock, fake: FakeChannel
) -> None:
    drip.apply(Sequence("S", trigger="T", window="09:00-20:00", steps=[Step("late", after="9d")]))
    clock.advance(NIGHT - clock.now())
    drip.add_lead(phone=PHONE, triggers=["T"])
    drip.records.reschedule_one(drip.records()[0].id, clock.now() + HOUR)
    clock.advance(HOUR)
    drip.tick()
    assert fake.offered == []
    drip.apply(Sequence("S", trigger="T", steps=[Step("late", after="9d")]))
    drip.tick()

    assert len(fake.offered) == 1


def test_a_step_that_waited_for_a_wrong_window_is_not_skipped_as_late(
    drip: Dripline, clock: VirtualClock, fake: FakeChannel
) -> None:
    skip = Policy(when_late="skip")
    drip.apply(made("09:00-20:00", policy=skip))
    start(drip, clock)
    drip.apply(made(policy=skip))
    drip.tick()

    assert len(fake.offered) == 1


def test_a_sender_names_no_quiet_hours_that_it_has_no_more(
    drip: Dripline, clock: VirtualClock, fake: FakeChannel
) -> None:
    drip.senders.apply(Sender("jb", channel="console", pace=Pace(quiet="21:00-09:00", zone="Asia/Kuala_Lumpur")))
    drip.apply(made(senders=["jb"]))
    start(drip, clock)
    assert "quiet hours" in why(drip)
    drip.senders.apply(Sender("jb", channel="console"))

    assert "quiet hours" not in why(drip)
    drip.tick()
    assert len(fake.offered) == 1


def test_what_is_unknown_is_held_as_long_as_its_sequence_says_now(
    drip: Dripline, clock: VirtualClock, plant: Callable[[str], None]
) -> None:
    drip.apply(made(many=2, policy=Policy(unknown_after="3d", on_unknown="hold")))
    drip.add_lead(phone=PHONE, triggers=["T"])
    plant(
        "UPDATE sequence_contacts SET status = 'unknown', reason_code = 'lost', worker = 'gone', attempt = 1, "
        "lease_until = '2026-01-04 00:00:00+00:00' WHERE current_step = 1"
    )
    drip.apply(made(many=2, policy=Policy(unknown_after="1h")))
    clock.advance(HOUR)
    drip.tick()

    assert drip.records()[1].status == "completed"
