"""What is due and has not gone says why, by cause and with its end."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from dripline import Dripline, FakeChannel, Outcome, Pace, Rejected, Sender, Sequence, Step, VirtualClock
from dripline.core.outcome import Scope, SenderUnavailable
from dripline.core.records.waiting import WaitCause, WaitingGroup
from dripline.store.today import waiting as counted

NIGHT = "20:00-08:00"
LONG = timedelta(hours=1)


def enrolled(
    drip: Dripline, many: int, *, name: str = "S", senders: tuple[str, ...] = (), channel: str = "console"
) -> None:
    steps = [Step("one"), Step("two", "12h")]
    drip.apply(Sequence(name, trigger=name.upper(), senders=senders, channel=channel, steps=steps))
    for number in range(many):
        drip.add_lead(phone=f"6012345{len(name)}{number:03d}", triggers=[name.upper()])


def only(drip: Dripline) -> WaitingGroup:
    """Return the one cause of everything that waits."""
    found = drip.reports.waiting()
    (group,) = found.groups

    assert found.count == group.count == len(drip.due())
    return group


def test_with_nothing_due_nothing_waits(drip: Dripline) -> None:
    found = drip.reports.waiting()

    assert (found.count, found.late, found.groups, found.due_since) == (0, 0, (), None)


def test_while_everything_is_paused_that_alone_is_told(drip: Dripline) -> None:
    enrolled(drip, 3)
    drip.pause(sequence="S", reason="stock count")
    drip.pause(reason="moving house")
    group = only(drip)

    assert (group.cause, group.count, group.since) == (WaitCause.EVERYTHING_PAUSED, 3, drip.now())
    assert group.because is not None
    assert group.because.facts == {"said": "moving house"}


def test_a_paused_sequence_is_told_apart_from_the_sender_behind_it(drip: Dripline) -> None:
    drip.senders.apply(Sender("jb", channel="console"))
    enrolled(drip, 3, senders=("jb",))
    enrolled(drip, 2, name="Other", senders=("jb",))
    drip.pause(sequence="S", reason="stock count")
    drip.senders.pause("jb", reason="on leave")
    found = drip.reports.waiting()

    assert [(one.cause, one.sequence, one.sender, one.count) for one in found.groups] == [
        (WaitCause.SEQUENCE_PAUSED, "S", None, 3),
        (WaitCause.SENDER_PAUSED, None, "jb", 2),
    ]
    assert found.groups[1].since == drip.now()


def test_quiet_hours_end_when_the_sender_speaks_again(drip: Dripline, clock: VirtualClock) -> None:
    drip.senders.apply(Sender("jb", channel="console", pace=Pace(quiet=NIGHT, zone="UTC")))
    clock.advance(datetime(2026, 11, 29, 22, tzinfo=UTC) - clock.now())
    enrolled(drip, 2, senders=("jb",))
    group = only(drip)

    assert (group.cause, group.sender) == (WaitCause.QUIET_HOURS, "jb")
    assert group.until is not None
    assert group.until.hour == 8


def test_a_daily_limit_ends_when_there_is_room_again(drip: Dripline) -> None:
    drip.senders.apply(Sender("jb", channel="console", pace=Pace(daily_cap=1)))
    enrolled(drip, 3, senders=("jb",))
    drip.tick()
    group = only(drip)

    assert (group.cause, group.count) == (WaitCause.LIMIT, 2)
    assert group.until is not None
    assert timedelta(hours=23) < group.until - drip.now() <= timedelta(hours=25)


def test_a_pace_is_told_with_the_time_at_which_the_last_message_goes(drip: Dripline) -> None:
    drip.senders.apply(Sender("jb", channel="console", pace=Pace(gap="10s")))
    enrolled(drip, 7, senders=("jb",))
    drip.tick()
    group = only(drip)

    assert (group.cause, group.count, group.gap_seconds) == (WaitCause.PACE, 6, 10)
    assert group.until == drip.now() + timedelta(seconds=60)


def test_a_sender_that_fails_is_offline_until_its_next_try(url: str, clock: VirtualClock) -> None:
    def down(_message: object) -> Outcome:
        return SenderUnavailable("no signal")

    with Dripline(url, clock=clock, channels={"console": FakeChannel(down)}) as drip:
        drip.senders.apply(Sender("jb", channel="console"))
        enrolled(drip, 2, senders=("jb",))
        begun = drip.now()
        drip.tick()
        clock.advance(timedelta(seconds=30))
        group = only(drip)

        assert (group.cause, group.sender, group.since) == (WaitCause.SENDER_OFFLINE, "jb", begun)
        assert group.until is not None
        assert group.until > drip.now()


def test_a_stopped_step_holds_its_own_messages_alone(url: str, clock: VirtualClock) -> None:
    def no(_message: object) -> Outcome:
        return Rejected("breaks the rules", scope=Scope.TEMPLATE)

    with Dripline(url, clock=clock, channels={"console": FakeChannel(no)}) as drip:
        enrolled(drip, 3)
        drip.tick()
        (group,) = drip.reports.waiting().groups

        assert (group.cause, group.sequence, group.step) == (WaitCause.STEP_STOPPED, "S", 1)
        assert group.count == len(drip.due()) > 0


def test_what_nothing_holds_is_late_where_a_processor_is_at_work(
    drip: Dripline, clock: VirtualClock, plant: Callable[[str], None]
) -> None:
    enrolled(drip, 3)
    clock.advance(LONG)
    at = f"{clock.now():%Y-%m-%d %H:%M:%S}"
    plant(
        "INSERT INTO workers (id, host, process_id, version, started_at, seen_at)"
        f" VALUES ('w', 'here', 1, '1', '{at}', '{at}')"
    )
    found = drip.reports.waiting()

    assert [(one.cause, one.count) for one in found.groups] == [(WaitCause.LATE, 3)]
    assert (found.late, found.due_since) == (3, clock.now() - LONG)


def test_without_a_processor_that_is_the_cause(drip: Dripline, clock: VirtualClock) -> None:
    enrolled(drip, 3)
    clock.advance(LONG)

    assert only(drip).cause is WaitCause.NO_PROCESSOR


def test_what_became_due_a_moment_ago_goes_at_the_next_pass(drip: Dripline, clock: VirtualClock) -> None:
    drip.tick()
    enrolled(drip, 3)
    clock.advance(timedelta(seconds=5))

    assert only(drip).cause is WaitCause.NEXT_PASS


def test_a_channel_that_nobody_has_is_missing(url: str, clock: VirtualClock) -> None:
    with Dripline(url, clock=clock, channels={"own": FakeChannel()}) as drip:
        enrolled(drip, 2, channel="own")
    clock.advance(LONG)
    with Dripline(url, clock=clock) as bare:
        (group,) = bare.reports.waiting().groups

        assert (group.cause, group.channel, group.count) == (WaitCause.CHANNEL_MISSING, "own", 2)


def test_what_is_counted_up_to_a_limit_says_so_and_the_sum_is_exact(
    drip: Dripline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counted, "COUNTED_OF_EACH", 2)
    monkeypatch.setattr(counted, "FEWEST", 1)
    drip.senders.apply(Sender("jb", channel="console"))
    enrolled(drip, 5, senders=("jb",))
    drip.senders.pause("jb", reason="on leave")
    found = drip.reports.waiting()

    assert [(one.count, one.is_more) for one in found.groups] == [(2, True)]
    assert found.count == 5
