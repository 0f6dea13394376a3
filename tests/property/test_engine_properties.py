"""Random interleavings of everything that can happen, against the invariants, on both databases.

Two workers share a database and a clock. The provider keeps a log of its own, so that doubles, disorder and early sends
are counted from outside as well as asked of the database.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from typing_extensions import override

from dripline import (
    Accepted,
    Dripline,
    Message,
    Outcome,
    Rejected,
    RetryLater,
    SenderUnavailable,
    Sequence,
    Step,
    Timeline,
    Unknown,
    VirtualClock,
)

PHONES = [f"6012345678{digit}" for digit in range(4)]
TRIGGERS = ["COLDEXAMA", "WARMEXAMA"]
WAITS = ["0s", "1m", "12h", "1d"]
SPANS = [timedelta(seconds=1), timedelta(seconds=15), timedelta(minutes=11), timedelta(hours=12), timedelta(days=2)]

ANSWERS: dict[str, Callable[[], Outcome]] = {
    "accept": lambda: Accepted("id"),
    "retry": lambda: RetryLater("busy"),
    "retry in an hour": lambda: RetryLater("busy", after=timedelta(hours=1)),
    "reject message": lambda: Rejected("bad text"),
    "reject contact": lambda: Rejected("no such number", scope="contact"),
    "reject and suppress": lambda: Rejected("blocked us", scope="contact", suppress=True),
    "reject template": lambda: Rejected("bad template", scope="template"),
    "sender down": lambda: SenderUnavailable("logged out"),
    "no answer": lambda: Unknown("read timeout"),
}


class Crash(BaseException):
    """The worker's process is gone."""


class Provider:
    """Answers as told, keeps a log of what it accepted, and may take its worker down before or after that."""

    def __init__(self, clock: VirtualClock) -> None:
        self.answers: list[str] = []
        self.crash: str | None = None
        self.log: list[tuple[int, str, int, datetime]] = []
        self._clock = clock

    async def send(self, message: Message) -> Outcome:
        if self.crash == "before":
            raise Crash
        answer = self.answers.pop(0) if self.answers else "accept"
        if answer in {"accept", "no answer"}:
            # Where no answer comes, the message was taken all the same: the worst case.
            self.log.append((message.record_id, message.to, message.step, self._clock.now()))
        if self.crash == "after":
            raise Crash
        return ANSWERS[answer]()


class Engine(RuleBasedStateMachine):
    """One database, two workers, and a model of who must be enrolled in what."""

    new_url: Callable[[], str]

    @initialize()
    def open(self) -> None:
        self.clock = VirtualClock(datetime.fromisoformat("2026-01-01T00:00:00+00:00"))
        self.provider = Provider(self.clock)
        url = self.new_url()
        self.workers = [Dripline(url, clock=self.clock, channels={"console": self.provider}) for _ in range(2)]
        self.applied: set[str] = set()
        self.triggers: dict[str, set[str]] = {}
        self.barred: set[str] = set()
        self.expected: set[tuple[str, str]] = set()

    @rule(phone=st.sampled_from(PHONES), triggers=st.lists(st.sampled_from(TRIGGERS), max_size=2))
    def add(self, phone: str, triggers: list[str]) -> None:
        self.workers[0].add_lead(phone=phone, name="Aina", triggers=triggers)
        self.triggers.setdefault(phone, set()).update(triggers)
        if phone not in self.barred:
            self.expected |= {(phone, trigger) for trigger in self.triggers[phone] & self.applied}

    @rule(
        trigger=st.sampled_from(TRIGGERS),
        waits=st.lists(st.sampled_from(WAITS), min_size=1, max_size=4),
        text=st.sampled_from(["Hi", "Hello {{ name }}"]),
    )
    def apply(self, trigger: str, waits: list[str], text: str) -> None:
        steps = [Step(f"{text} {place}", wait) for place, wait in enumerate(waits)]
        self.workers[0].apply(Sequence(trigger.title(), trigger=trigger, steps=steps))
        self.applied.add(trigger)
        self.expected |= {(p, trigger) for p, has in self.triggers.items() if trigger in has and p not in self.barred}

    @rule(worker=st.sampled_from([0, 1]), answers=st.lists(st.sampled_from(sorted(ANSWERS)), max_size=4))
    def tick(self, worker: int, answers: list[str]) -> None:
        self.provider.answers = answers
        self.workers[worker].tick()

    @rule(worker=st.sampled_from([0, 1]), when=st.sampled_from(["before", "after"]))
    def crash(self, worker: int, when: str) -> None:
        self.provider.answers, self.provider.crash = [], when
        # Where nothing is due, nothing crashes.
        with suppress(BaseExceptionGroup):
            self.workers[worker].tick()
        self.provider.crash = None

    @rule(span=st.sampled_from(SPANS))
    def advance(self, span: timedelta) -> None:
        self.clock.advance(span)

    @rule(phone=st.sampled_from(PHONES))
    def opt_out(self, phone: str) -> None:
        self.workers[1].opt_out(phone=phone)
        self.barred.add(phone)

    @invariant()
    def the_database_keeps_every_promise(self) -> None:
        # That a processor runs at all is not this test's promise: it may advance two days without a tick.
        breaches = [b for b in self.workers[0].verify() if b.invariant.statement != "breach_lease_forgotten"]
        assert [breach.sentence() for breach in breaches] == []

    @invariant()
    def the_report_is_what_a_count_of_the_records_says(self) -> None:
        report = self.workers[1].reports.overview()
        counted = Counter((record.sequence_id, record.current_step) for record in self.workers[0].records())
        steps = [step for sequence in report.sequences for step in sequence.steps]
        ends = [(s.sent, s.failed, s.skipped, s.cancelled, s.unknown, s.remaining) for s in steps]
        assert sorted(s.should.many for s in steps if s.should.many) == sorted(counted.values())
        assert [s.should.many for s in steps] == [sum(figure.many for figure in parts) for parts in ends]

    @invariant()
    def exactly_the_matching_leads_are_enrolled(self) -> None:
        found = [(t.lead.phone, e.trigger) for p in PHONES for t in self._timelines(p) for e in t.enrollments]
        # A provider's own refusal may bar a lead that the model still expects; it was enrolled before that.
        assert len(found) == len(set(found))
        assert set(found) <= self.expected
        assert {pair for pair in self.expected - set(found) if not self._is_suppressed(pair[0])} == set()

    @invariant()
    def the_provider_saw_no_double_no_disorder_and_nothing_early(self) -> None:
        ids = [record_id for record_id, *_ in self.provider.log]
        assert len(ids) == len(set(ids))
        records = {record.id: record for record in self.workers[1].records()}
        steps: dict[int, list[int]] = {}
        for record_id, _to, step, at in self.provider.log:
            assert at >= records[record_id].planned_time
            steps.setdefault(records[record_id].enrollment_id, []).append(step)
        assert all(order == sorted(order) for order in steps.values())

    @override
    def teardown(self) -> None:
        for worker in getattr(self, "workers", []):
            worker.close()

    def _timelines(self, phone: str) -> list[Timeline]:
        return self.workers[1].leads.timelines(phone=phone)

    def _is_suppressed(self, phone: str) -> bool:
        return phone in {barred.address for barred in self.workers[1].leads.suppressions()}


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_no_interleaving_breaks_an_invariant(new_url: Callable[[str], str], kind: str) -> None:
    class OnKind(Engine):
        new_url = staticmethod(lambda: new_url(kind))

    run_state_machine_as_test(
        OnKind, settings=settings(suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
    )
