"""Senders as lanes: sticky, level, paced over sequences, workers and restarts. Asked of the provider's own log."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count, pairwise

import pytest

from dripline import (
    Accepted,
    Dripline,
    Message,
    NewLead,
    Outcome,
    Pace,
    Rejected,
    RetryLater,
    Sender,
    SenderUnavailable,
    Sequence,
    Step,
    Unknown,
    VirtualClock,
)
from dripline.errors import InvalidSender

START = datetime(2026, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Sent:
    sender: str | None
    to: str
    at: datetime


class Provider:
    """Accepts everything, unless told otherwise, and writes down by whom and when."""

    def __init__(self, clock: VirtualClock) -> None:
        self.log: list[Sent] = []
        self.answers: Callable[[Message], Outcome | None] = lambda _message: None
        self._clock = clock

    async def send(self, message: Message) -> Outcome:
        answer = self.answers(message)
        if answer is None:
            self.log.append(Sent(message.sender, message.to, self._clock.now()))
        return answer or Accepted("id")

    def times(self, sender: str) -> list[datetime]:
        return [sent.at for sent in self.log if sent.sender == sender]


@pytest.fixture
def provider(clock: VirtualClock) -> Provider:
    return Provider(clock)


@pytest.fixture
def drip(url: str, clock: VirtualClock, provider: Provider) -> Iterator[Dripline]:
    with Dripline(url, clock=clock, channels={"whatsapp": provider, "sms": provider}) as opened:
        yield opened


def add(drip: Dripline, many: int, trigger: str = "WARM", start: int = 0) -> None:
    drip.add_leads([NewLead(f"6012{number:07d}", triggers=(trigger,)) for number in range(start, start + many)])


def pass_time(drip: Dripline, clock: VirtualClock, span: timedelta, step: timedelta = SECOND) -> None:
    """Tick through a span of time."""
    for _ in range(span // step):
        drip.tick()
        clock.advance(step)


def senders(drip: Dripline, *names: str, pool: str | None = "sales", pace: Pace | None = None) -> None:
    for name in names:
        drip.senders.apply(Sender(name, channel="whatsapp", pool=pool, pace=pace or Pace()))


def sequence(*names: str, trigger: str = "WARM", waits: tuple[str, ...] = ("0s",)) -> Sequence:
    steps = [Step(f"{trigger} {wait}", wait) for wait in waits]
    return Sequence(trigger, trigger=trigger, senders=names, steps=steps)


def test_leads_are_spread_evenly_and_each_stays_with_its_sender(
    drip: Dripline, clock: VirtualClock, provider: Provider
) -> None:
    senders(drip, "a", "b", "c")
    drip.apply(sequence("sales", waits=("0s", "1h")))
    drip.apply(sequence("sales", trigger="HOT"))
    add(drip, 9)
    drip.tick()
    clock.advance(timedelta(hours=1))
    drip.tick()
    add(drip, 9, "HOT")
    drip.tick()

    assert Counter(sent.sender for sent in provider.log) == {"a": 9, "b": 9, "c": 9}
    assert len({(sent.sender, sent.to) for sent in provider.log}) == 9
    assert [state.live for state in drip.senders.all()] == [0, 0, 0]


def test_a_newcomer_goes_to_the_least_loaded(drip: Dripline) -> None:
    senders(drip, "a", "b")
    drip.apply(sequence("sales", waits=("0s", "1h")))
    add(drip, 4)
    senders(drip, "c")
    add(drip, 4, start=4)

    assert {state.sender.name: state.live for state in drip.senders.all()} == {"a": 3, "b": 3, "c": 2}


def test_a_gap_holds_over_sequences_and_workers_and_restarts(
    url: str, drip: Dripline, clock: VirtualClock, provider: Provider
) -> None:
    senders(drip, "a", pace=Pace(gap="10s-30s"))
    drip.apply(sequence("a"))
    drip.apply(sequence("a", trigger="HOT"))
    add(drip, 6)
    add(drip, 6, "HOT")
    for _ in range(360):
        with Dripline(url, clock=clock, channels={"whatsapp": provider}) as another:
            another.tick()
        drip.tick()
        clock.advance(SECOND)

    gaps = [later - earlier for earlier, later in pairwise(provider.times("a"))]
    assert len(gaps) == 11
    assert min(gaps) >= 10 * SECOND
    assert max(gaps) <= 30 * SECOND
    assert len(set(gaps)) > 3


def test_a_burst_goes_together_before_each_gap(drip: Dripline, clock: VirtualClock, provider: Provider) -> None:
    senders(drip, "a", pace=Pace(gap="10s", burst=3))
    drip.apply(sequence("a"))
    add(drip, 8)
    pass_time(drip, clock, 30 * SECOND)

    assert Counter(provider.times("a")) == {START: 3, START + 10 * SECOND: 3, START + 20 * SECOND: 2}


def test_caps_hold_in_every_window(drip: Dripline, clock: VirtualClock, provider: Provider) -> None:
    senders(drip, "a", pace=Pace(gap="5m", hourly_cap=5, daily_cap=40))
    drip.apply(sequence("a"))
    add(drip, 100)
    pass_time(drip, clock, timedelta(days=2), timedelta(minutes=5))

    times = provider.times("a")
    assert max(sum(at <= other < at + timedelta(hours=1) for other in times) for at in times) == 5
    assert max(sum(at <= other < at + timedelta(days=1) for other in times) for at in times) == 40


def test_a_new_sender_warms_up(drip: Dripline, clock: VirtualClock, provider: Provider) -> None:
    senders(drip, "a", pace=Pace(warm_up=[2, 4], daily_cap=6))
    drip.apply(sequence("a"))
    add(drip, 30)
    pass_time(drip, clock, timedelta(days=4), timedelta(hours=1))

    days = Counter((at - START).days for at in provider.times("a"))
    assert days[0] == 2
    assert days[1] <= 4
    assert sum(days.values()) >= 10


def test_quiet_hours_are_quiet(drip: Dripline, clock: VirtualClock, provider: Provider) -> None:
    senders(drip, "a", pace=Pace(gap="30m", quiet="21:00-08:00", zone="Asia/Kuala_Lumpur"))
    drip.apply(sequence("a"))
    add(drip, 60)
    pass_time(drip, clock, timedelta(days=3), timedelta(minutes=5))

    hours = {(at + timedelta(hours=8)).hour for at in provider.times("a")}
    assert len(provider.log) == 60
    assert hours <= set(range(8, 21))
    state = drip.senders.all()[0]
    assert state.wait_reason is None or "pace" in state.wait_reason


def test_a_broken_lane_rests_tries_one_and_goes_on_slower(
    drip: Dripline, clock: VirtualClock, provider: Provider
) -> None:
    senders(drip, "a", "b", pace=Pace(gap="10s"))
    drip.apply(sequence("sales"))
    add(drip, 60)
    provider.answers = lambda message: SenderUnavailable("logged out") if message.sender == "a" else None
    pass_time(drip, clock, timedelta(minutes=5))

    assert provider.times("a") == []
    assert len(provider.times("b")) == 30
    broken = next(state for state in drip.senders.all() if state.sender.name == "a")
    assert broken.is_broken
    assert "logged out" in (broken.wait_reason or "")
    assert all(record.attempt < 5 and record.status != "failed" for record in drip.records())

    provider.answers = lambda _message: None
    pass_time(drip, clock, timedelta(minutes=20))
    gaps = [later - earlier for earlier, later in pairwise(provider.times("a"))]
    assert gaps[0] == 40 * SECOND
    assert gaps == sorted(gaps, reverse=True)
    assert gaps[-1] == 10 * SECOND
    assert [event.event for event in drip.senders.events("a")][:2] == ["recovered", "broken"]


def test_failing_answers_in_a_row_break_a_lane(drip: Dripline, clock: VirtualClock, provider: Provider) -> None:
    senders(drip, "a", pace=Pace(gap="1s"))
    drip.apply(sequence("a"))
    add(drip, 20)
    provider.answers = lambda message: Unknown("hung up") if message.attempt == 1 else None
    pass_time(drip, clock, timedelta(seconds=30))

    assert [event.event for event in drip.senders.events("a")] == ["broken"]
    assert "5 failed tries in a row" in drip.senders.events("a")[0].reason
    assert drip.reports.counts()["unknown"] == 5


def test_refusals_among_messages_that_are_taken_break_no_lane(
    drip: Dripline, clock: VirtualClock, provider: Provider
) -> None:
    senders(drip, "a", pace=Pace(gap="1s"))
    drip.apply(sequence("a"))
    add(drip, 20)
    asked = count()
    provider.answers = lambda _message: Rejected("bad text") if next(asked) % 4 else None
    pass_time(drip, clock, timedelta(seconds=30))

    assert drip.reports.counts()["failed"] == 15
    assert drip.senders.events("a") == []


def test_five_refused_messages_in_a_row_break_a_lane(drip: Dripline, clock: VirtualClock, provider: Provider) -> None:
    senders(drip, "a", pace=Pace(gap="1s"))
    drip.apply(sequence("a"))
    add(drip, 20)
    provider.answers = lambda _message: Rejected("relay not permitted")
    pass_time(drip, clock, timedelta(seconds=30))

    assert drip.reports.counts()["failed"] == 5
    assert "5 messages in a row were refused: relay not permitted" in drip.senders.events("a")[0].reason


def test_a_sender_told_to_try_later_burns_no_attempt(drip: Dripline, clock: VirtualClock, provider: Provider) -> None:
    senders(drip, "a")
    drip.apply(sequence("a"))
    add(drip, 1)
    provider.answers = lambda message: (
        RetryLater("slow down", after=90, scope="sender") if message.attempt < 9 else None
    )
    pass_time(drip, clock, timedelta(minutes=20), timedelta(seconds=30))

    assert drip.records()[0].status == "completed"
    assert len(provider.log) == 1


def test_an_account_that_must_wait_holds_every_lane_of_its_channel(
    drip: Dripline, clock: VirtualClock, provider: Provider
) -> None:
    senders(drip, "a", "b", pace=Pace(gap="5s"))
    drip.apply(sequence("sales"))
    add(drip, 20)
    provider.answers = lambda message: (
        RetryLater("account", after=600, scope="account") if message.sender == "a" and clock.now() == START else None
    )
    pass_time(drip, clock, timedelta(minutes=10))
    assert [sent.at for sent in provider.log] in ([], [START])

    pass_time(drip, clock, timedelta(minutes=2))
    assert len(provider.times("a")) > 1


def test_a_paused_sender_holds_only_its_own_lane(drip: Dripline, clock: VirtualClock, provider: Provider) -> None:
    senders(drip, "a", "b", pace=Pace(gap="5s"))
    drip.apply(sequence("sales"))
    add(drip, 20)
    assert drip.senders.pause("a", reason="on leave")
    assert not drip.senders.pause("a")
    pass_time(drip, clock, timedelta(minutes=2))
    assert (len(provider.times("a")), len(provider.times("b"))) == (0, 10)

    assert drip.senders.resume("a")
    pass_time(drip, clock, timedelta(minutes=4))
    assert min(later - earlier for earlier, later in pairwise(provider.times("a"))) >= 5 * SECOND
    assert len(provider.times("a")) == 10


def test_a_replaced_sender_leaves_no_lead_behind(drip: Dripline, clock: VirtualClock, provider: Provider) -> None:
    senders(drip, "old", pool=None)
    drip.apply(sequence("old", waits=("0s", "1h")))
    add(drip, 5)
    drip.tick()
    senders(drip, "new", pool=None)
    assert drip.senders.archive("old", to="new") == 5
    add(drip, 1, start=9)
    clock.advance(timedelta(hours=1))
    drip.tick()

    assert Counter(sent.sender for sent in provider.log) == {"old": 5, "new": 6}
    states = {state.sender.name: state for state in drip.senders.all()}
    assert (states["old"].live, states["new"].live) == (0, 1)
    assert states["old"].replaced_by == "new"
    assert drip.verify() == []


def test_an_archived_sender_gives_its_leads_to_the_rest_of_its_pool(drip: Dripline) -> None:
    senders(drip, "a", "b", "c")
    drip.apply(sequence("sales", waits=("0s", "1h")))
    add(drip, 9)
    drip.senders.archive("a")

    assert [state.live for state in drip.senders.all()] == [0, 5, 4]


STRANDING: list[tuple[Callable[[Dripline], object], str]] = [
    (lambda drip: drip.senders.archive("a"), "would have no sender"),
    (lambda drip: drip.senders.archive("a", to="a"), "cannot replace itself"),
    (lambda drip: drip.senders.archive("nobody"), "There is no sender"),
    (lambda drip: drip.apply(sequence("nobody", trigger="HOT")), "There is no sender or pool"),
    (lambda drip: drip.senders.apply(Sender("a", channel="sms")), "speaks through 'whatsapp'"),
    (lambda drip: drip.senders.apply(Sender("b", channel="sms", pool="sales")), "The pool 'sales' speaks"),
    (lambda drip: drip.senders.apply(Sender("sales", channel="whatsapp")), "There is a pool named"),
    (lambda drip: drip.senders.apply(Sender("b", channel="whatsapp", pool="a")), "There is a sender named"),
    (lambda drip: drip.senders.apply(Sender("a", channel="whatsapp", pool="other")), "would have no sender"),
]


@pytest.mark.parametrize(("act", "words"), STRANDING)
def test_what_would_strand_a_lead_is_refused_and_changes_nothing(
    drip: Dripline, act: Callable[[Dripline], object], words: str
) -> None:
    senders(drip, "a")
    drip.apply(sequence("sales"))
    before = drip.senders.all()
    with pytest.raises(InvalidSender, match=words):
        act(drip)

    assert drip.senders.all() == before


def test_why_names_the_lane_that_a_record_waits_for(drip: Dripline, clock: VirtualClock) -> None:
    senders(drip, "a", pace=Pace(gap="10m"))
    drip.apply(sequence("a"))
    add(drip, 2)
    drip.tick()
    clock.advance(SECOND)

    def whys() -> str:
        timelines = [drip.leads.timelines(phone=f"6012{number:07d}")[0] for number in range(2)]
        return " | ".join(line.why(record, drip.now()) for line in timelines for record in line.records)

    assert "waits for its sender a (its pace) until 2026-01-01 08:10:00 +08" in whys()
    drip.senders.pause("a", reason="on leave")
    assert "its sender a is paused: on leave" in whys()


@pytest.mark.parametrize(
    ("pace", "words"),
    [
        ({"gap": "30s-10s"}, "ends below its beginning"),
        ({"gap": "2d"}, "longer than a day"),
        ({"burst": 0}, "burst is 0"),
        ({"hourly_cap": 0}, "hourly_cap is 0"),
        ({"warm_up": [5, 0]}, "warm_up is 0"),
        ({"quiet": "21:00-08:00"}, "need a time zone"),
        ({"quiet": "21:00", "zone": "UTC"}, "cannot be read"),
        ({"quiet": "25:00-08:00", "zone": "UTC"}, "cannot be read"),
        ({"quiet": "08:00-08:00", "zone": "UTC"}, "begin where they end"),
        ({"zone": "Asia/Kuala_Lumpa"}, "no time zone"),
    ],
)
def test_a_pace_that_cannot_be_kept_is_refused(pace: dict[str, object], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Pace(**pace)  # pyright: ignore[reportArgumentType]  # what a person might write
