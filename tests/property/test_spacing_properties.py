"""Two messages of one run never go closer together than half of the wait between them, whatever stood still and when.

One lead, waits of a second to 90 days, and a processor that is away for spans of any length, with pauses, windows and
failed tries between. What is asserted is counted from outside: when the channel was handed what.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dripline import (
    Accepted,
    Dripline,
    Message,
    Outcome,
    Policy,
    Rejected,
    RetryLater,
    Sequence,
    Step,
    StepRecord,
    Unknown,
    VirtualClock,
)
from dripline.core.senders.lane import BREAK_AFTER, BREAK_FIRST

START = datetime(2026, 1, 8, 10, tzinfo=UTC)
GRACE = timedelta(minutes=15)
SECOND = timedelta(seconds=1)
POLL = timedelta(seconds=15)
LOOKS = 400
"""How often the processor looks at most; nothing here takes as many."""

ANSWERS: dict[str, Callable[[], Outcome]] = {
    "accept": lambda: Accepted("id"),
    "retry": lambda: RetryLater("busy"),
    "retry later": lambda: RetryLater("busy", after=timedelta(hours=5)),
    "refuse": lambda: Rejected("bad text"),
    "no answer": lambda: Unknown("read timeout"),
}

waits = st.one_of(st.integers(1, 90), st.integers(60, 7_200), st.integers(3_600, 90 * 86_400)).map(
    lambda seconds: timedelta(seconds=seconds)
)
spans = st.one_of(st.integers(1, 1_200), st.integers(600, 40 * 86_400)).map(lambda seconds: timedelta(seconds=seconds))
windows = st.sampled_from([None, None, "09:00-17:00", "Mon-Fri 09:00-17:00", "22:00-02:00", "Sat 10:00-11:00"])


@dataclass(frozen=True)
class Away:
    """The processor is away, or everything is paused: from so long after the last time until so much later."""

    after: timedelta
    span: timedelta
    is_pause: bool


@dataclass
class Run:
    """A lead's run through a sequence, and what came of it."""

    waits: list[timedelta]
    away: list[Away]
    answers: list[str] = field(default_factory=list)
    window: str | None = None
    policy: str = "respace"
    grace: timedelta = GRACE
    log: list[tuple[int, datetime]] = field(default_factory=list)
    records: list[StepRecord] = field(default_factory=list)
    downtimes: list[tuple[datetime, datetime]] = field(default_factory=list)
    not_taken: int = 0

    def play(self, url: str) -> None:
        self.clock = VirtualClock(START)
        begins = START
        for away in self.away:
            begins += away.after
            self.downtimes.append((begins, begins + away.span))
            begins += away.span
        with Dripline(url, clock=self.clock, channels={"wa": Provider(self)}) as drip:
            steps = [Step(f"{at}", wait) for at, wait in enumerate([timedelta(0), *self.waits])]
            policy = Policy(when_late=self.policy, late_grace=self.grace)
            drip.apply(
                Sequence("S", trigger="T", channel="wa", window=self.window, zone="UTC", policy=policy, steps=steps)
            )
            drip.add_lead(phone="60123456789", zone="UTC", triggers=["T"])
            self._look_on(drip)
            self.records = drip.records()
            assert drip.verify() == []

    def _look_on(self, drip: Dripline) -> None:
        left = list(zip(self.downtimes, self.away, strict=True))
        for _ in range(LOOKS):
            now = self.clock.now()
            if left and now >= left[0][0][0]:
                (_, until), away = left.pop(0)
                if away.is_pause:
                    drip.pause()
                    drip.tick()
                self.clock.advance(max(until - now, timedelta(0)))
                if away.is_pause:
                    drip.resume()
                continue
            drip.tick()
            if all(record.completed_at or record.ended_at for record in drip.records()):
                return
            due = drip.records.next_due() or now + POLL
            wake = max(now + POLL, due) if due <= now + POLL else due
            self.clock.advance(min(wake, left[0][0][0] if left and left[0][0][0] > now else wake) - now)
        pytest.fail("the run does not come to its end")

    def was_down(self, since: datetime, until: datetime) -> bool:
        return any(begins <= until and ends > since for begins, ends in self.downtimes)

    def note_answer(self, answer: str) -> None:
        """Count answers by which nothing was taken: after five in a row the channel rests, and nothing goes."""
        self.not_taken = 0 if answer == "accept" else self.not_taken + 1
        if self.not_taken >= BREAK_AFTER:
            now = self.clock.now()
            self.downtimes.append((now, now + 2 * BREAK_FIRST))

    def grace_after(self, step: int) -> timedelta:
        """How late a step may be: at most half of the next wait, and at least until a processor looks again."""
        return max(min([self.grace, *(wait / 2 for wait in self.waits[step - 1 : step])]), min(self.grace, POLL))


class Provider:
    """Answers as told, and notes what it took, and when; where no answer comes it took the message: the worst case."""

    def __init__(self, run: Run) -> None:
        self._run = run

    async def send(self, message: Message) -> Outcome:
        answer = self._run.answers.pop(0) if self._run.answers else "accept"
        self._run.note_answer(answer)
        if answer in {"accept", "no answer"}:
            self._run.log.append((message.step, self._run.clock.now()))
        return ANSWERS[answer]()


def assert_spaced(run: Run) -> None:
    planned = {record.current_step: record.planned_time for record in run.records}
    for (earlier, sent), (later, then) in pairwise(run.log):
        assert then - sent >= (planned[later] - planned[earlier]) / 2, (run.log, run.records)


def assert_skipped_only_where_late(run: Run) -> None:
    for record in run.records:
        if record.status == "skipped":
            assert record.ended_at is not None
            assert run.policy == "skip"
            assert run.was_down(record.next_trigger_time, record.ended_at), record
            assert record.ended_at - record.next_trigger_time > run.grace_after(record.current_step)
        if record.status == "completed" and run.policy == "skip" and run.window is None and record.attempt == 1:
            assert record.completed_at is not None
            assert record.completed_at - record.next_trigger_time <= run.grace_after(record.current_step), record


runs = st.builds(
    Run,
    waits=st.lists(waits, min_size=1, max_size=4),
    away=st.lists(st.builds(Away, after=spans, span=spans, is_pause=st.booleans()), max_size=3),
    answers=st.lists(st.sampled_from(["accept", "accept", *ANSWERS]), max_size=6),
    window=windows,
    policy=st.sampled_from(["respace", "skip"]),
    grace=st.sampled_from([GRACE, timedelta(seconds=20), timedelta(days=2)]),
)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_no_two_messages_of_a_run_go_closer_together_than_half_their_wait(
    new_url: Callable[[str], str], kind: str
) -> None:
    @settings(max_examples=settings().max_examples if kind == "sqlite" else settings().max_examples // 10 + 1)
    @given(run=runs)
    @example(Run([SECOND] * 2, [], ["retry"] * 4 + ["refuse"], policy="skip"))  # Its channel rests then.
    def holds(run: Run) -> None:
        run.play("sqlite://" if kind == "sqlite" else new_url(kind))
        assert_spaced(run)
        assert_skipped_only_where_late(run)

    holds()


@pytest.mark.parametrize("policy", ["respace", "skip", "keep"])
def test_short_waits_after_an_outage_are_not_sent_at_once(policy: str) -> None:
    five = timedelta(minutes=5)
    run = Run([five] * 3, [Away(timedelta(0), 3 * five, is_pause=False)], policy=policy)
    run.play("sqlite://")
    at = [(step, (sent - START) / timedelta(minutes=1)) for step, sent in run.log]

    assert (
        at
        == {
            "respace": [(1, 15), (2, 20), (3, 25), (4, 30)],
            "skip": [(4, 15.75)],
            "keep": [(1, 15), (2, 15.25), (3, 15.5), (4, 15.75)],
        }[policy]
    )
