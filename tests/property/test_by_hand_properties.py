"""What people do to records by hand, between everything else that can happen, against the invariants."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import invariant, rule, run_state_machine_as_test
from test_engine_properties import SPANS, TRIGGERS, Engine
from typing_extensions import override

from dripline import Policy, RecordFilter, Sequence, Step

WORKER = st.sampled_from([0, 1])
PLACE = st.integers(0, 40)
TRIES = ["reject message"] * 4


class ByHand(Engine):
    """The engine at work, and people at the records."""

    @rule(trigger=st.sampled_from(TRIGGERS), steps=st.integers(1, 3))
    def apply_stopping(self, trigger: str, steps: int) -> None:
        made = [Step(f"Stop {place}", "1m") for place in range(steps)]
        self.workers[0].apply(Sequence(trigger.title(), trigger=trigger, steps=made, policy=Policy(on_failure="stop")))
        self.applied.add(trigger)
        self.expected |= {(p, trigger) for p, has in self.triggers.items() if trigger in has and p not in self.barred}

    @rule(worker=WORKER)
    def fail(self, worker: int) -> None:
        self.provider.answers = [*TRIES]
        self.workers[worker].tick()

    @rule(worker=WORKER)
    def retry(self, worker: int) -> None:
        wanted = RecordFilter(standings=["failed"])
        done = self.workers[worker].records.retry(wanted)
        assert self.workers[worker].records.retry(wanted).records == ()
        assert {self._status(record) for record in done.records} <= {"active"}

    @rule(worker=WORKER, place=PLACE)
    def send_now(self, worker: int, place: int) -> None:
        self.workers[worker].records.send_now(self._some(place))

    @rule(worker=WORKER, place=PLACE, span=st.sampled_from(SPANS))
    def reschedule(self, worker: int, place: int, span: timedelta) -> None:
        for record in self._some(place):
            self.workers[worker].records.reschedule_one(record, self.clock.now() + span)

    @rule(worker=WORKER, place=PLACE)
    def skip(self, worker: int, place: int) -> None:
        for record in self._some(place):
            self.workers[worker].records.skip_one(record)

    @rule(worker=WORKER, place=PLACE)
    def cancel(self, worker: int, place: int) -> None:
        self.workers[worker].records.cancel(self._some(place))

    @invariant()
    @override
    def the_provider_saw_no_double_no_disorder_and_nothing_early(self) -> None:
        ids = [record_id for record_id, *_ in self.provider.log]
        assert len(ids) == len(set(ids))
        steps: dict[int, list[int]] = {}
        for record_id, _to, step, at in self.provider.log:
            seen = self.workers[1].records.get(record_id)
            assert seen is not None
            assert at >= min([seen.record.planned_time, *(move.moved_to for move in seen.moves)])
            steps.setdefault(seen.record.enrollment_id, []).append(step)
        assert all(order == sorted(order) for order in steps.values())

    def _some(self, place: int) -> list[int]:
        """Return one record or none, whatever it stands at."""
        return [record.id for record in self.workers[0].records()][place : place + 1]

    def _status(self, record_id: int) -> str:
        return next(record.status for record in self.workers[1].records() if record.id == record_id)


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_nothing_done_by_hand_breaks_an_invariant(new_url: Callable[[str], str], kind: str) -> None:
    class OnKind(ByHand):
        new_url = staticmethod(lambda: new_url(kind))

    run_state_machine_as_test(OnKind, settings=settings())
