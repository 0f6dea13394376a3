"""The whole engine in one process, from one seed: workers crash, the provider dawdles, the database goes away.

After every commit each invariant is asked of the database, and the provider's own log is held against it.
"""

import asyncio
from collections import Counter
from collections.abc import Coroutine, Iterable
from contextlib import closing
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import cast

from dawdling_provider import Provider
from faulty_database import Faulty
from rules_of_the_world import GAP, LIMITS, POLICIES, POLL, RULES
from simulated_time import START

from dripline import (
    Message,
    NewLead,
    Pace,
    Sender,
    Sequence,
    Step,
    StepRecord,
    Workspace,
)
from dripline.core.leads.address import AddressKind
from dripline.core.reason import Reason, ReasonCode
from dripline.core.records.unknown import Resolution
from dripline.core.time.schedule import whole_second
from dripline.engine.context import WorkerContext
from dripline.engine.processor import Processor
from dripline.engine.report import Report
from dripline.engine.worker import Runner
from dripline.errors import DatabaseUnreachable
from dripline.simulate.virtual_loop import SimulatedClock, SimulatedLoop
from dripline.store.database.connect import connect
from dripline.store.database.database import instant
from dripline.store.enrollments.store import Store
from dripline.store.leads.stopping import Stopping
from dripline.store.migrations.migrate import migrate
from dripline.store.operations.workspace import Workspaces
from dripline.store.queries.timeline import Timelines
from dripline.store.senders.senders import Senders
from dripline.store.sequences.in_flight import Reached
from dripline.store.sequences.sequences import Sequences
from dripline.store.unknown.manual_settlement import ManualSettlement
from dripline.verify import verify
from support.chance import Chance

WORKERS = 3
LEADS = 12
ROUGH = timedelta(hours=8)


FROZEN_UNTIL: ContextVar[list[float]] = ContextVar("FROZEN_UNTIL", default=[0.0])  # noqa: B039  (the world's own)
"""Until when the worker that runs now is frozen."""


class Crash(BaseException):
    """A worker's process is gone."""


class Broken(AssertionError):
    """An invariant does not hold."""


class World:
    """One run."""

    def __init__(self, seed: int, loop: SimulatedLoop, leads: int) -> None:
        self._leads = leads
        self._loop = loop
        self._commits = 0
        self.seen: list[str] = []
        self.stopped: dict[int, set[tuple[int, int]]] = {}
        self.left: dict[int, set[tuple[int, int]]] = {}
        self.claimed_before_stops = 0
        self.cancelled_by_stops = 0
        self.chance = Chance(seed)
        self.clock = SimulatedClock(loop, START)
        self.is_rough = True
        self.provider = Provider(self)
        self.crashes = 0
        self.database = connect("sqlite://")
        migrate(self.database, self.chance.number())

    def fault(self) -> None:
        """Now and then, take the database or the worker away."""
        if self.is_rough and self.chance.happens(0.004):
            raise Crash
        if self.is_rough and self.chance.happens(0.01):
            raise DatabaseUnreachable("the database went away")

    def stall(self) -> float:
        """Now and then, freeze a worker for longer than its lease: all its calls to the database wait until then."""
        at, frozen = self._loop.time(), FROZEN_UNTIL.get()
        if self.is_rough and self.chance.happens(0.008):
            frozen[0] = at + self.chance.pick((1.0, 30.0, 91.0, 93.0, 96.0, 100.0, 110.0, 200.0))
        return max(0.0, frozen[0] - at)

    def claim_of(self, message: Message) -> tuple[int, datetime]:
        """Return the enrollment of a message, and when its try began."""
        row = self.database.script(
            # Its row is written when it is answered, or its worker was taken for gone.
            "SELECT r.enrollment_id, coalesce(a.started_at, r.begun_at) AS started_at FROM sequence_contacts AS r"
            f" LEFT JOIN attempts AS a ON a.record_id = r.id AND a.number = {message.attempt}"
            f" WHERE r.id = {message.record_id} AND (a.number IS NOT NULL OR r.attempt = {message.attempt})"
        )[0]
        return row["enrollment_id"], instant(row["started_at"])

    def receipt(self, record_id: int) -> None:
        """Let the provider's word that it took a message come later, or twice, or never."""
        for _ in range(self.chance.pick((0, 0, 1, 2)) if self.is_rough else 0):
            late = self.chance.pick((10.0, 100.0, 1_000.0))
            self._loop.call_later(late, self._confirm, record_id)

    def _confirm(self, record_id: int) -> None:
        ManualSettlement(self.database, Store(self.database, self._now)).settle_one(
            record_id, Resolution.SENT, "the provider"
        )

    def opt_out(self, phone: str) -> None:
        """Let a lead answer STOP."""
        Stopping(self.database, Store(self.database, self._now)).suppress({phone: Reason.of(ReasonCode.OPTED_OUT)})
        for lead in Timelines(self.database).leads(phone):
            records = Timelines(self.database).records_of(lead)
            self.stopped.setdefault(lead.id, _in_flight(records))
            self.cancelled_by_stops += any(record.status == "cancelled" for record in records)

    def meddle(self, lead_id: int) -> None:
        """Let a lead reply, lose its trigger or be dealt with by a person, or pause something for a while."""
        stopping = Stopping(self.database, Store(self.database, self._now))
        chance = self.chance
        match chance.pick(("reply", "exit", "lose", "pause lead", "pause sequence", "pause everything")):
            case "reply":
                stopping.reply([lead_id])
            case "exit":
                self.show_out(lead_id)
            case "lose":
                stopping.lose_trigger([lead_id], chance.pick(tuple(POLICIES)))
            case "pause lead":
                stopping.pause_leads([lead_id], None, Reason.of(ReasonCode.PAUSED_BY_PERSON))
            case "pause sequence":
                stopping.pause_sequence(chance.pick(tuple(POLICIES)), Reason.of(ReasonCode.PAUSED_BY_PERSON))
            case _:
                stopping.pause_everything(Reason.of(ReasonCode.PAUSED_BY_PERSON))
        self._loop.call_later(chance.pick((30.0, 600.0, 7_200.0)), self.resume_all)

    def show_out(self, lead_id: int) -> None:
        """Let a person end what a lead is in."""
        stopping = Stopping(self.database, Store(self.database, self._now))
        stopping.exit([lead_id], None, Reason.of(ReasonCode.ENDED_BY_PERSON))
        mine = [record for record in Timelines(self.database).all_records() if record.lead_id == lead_id]
        for enrollment in {record.enrollment_id for record in mine if record.reason_code is ReasonCode.ENDED_BY_PERSON}:
            records = [record for record in mine if record.enrollment_id == enrollment]
            self.left.setdefault(enrollment, _in_flight(records))

    def resume_all(self) -> None:
        """Let everything go on that anybody paused."""
        stopping = Stopping(self.database, Store(self.database, self._now))
        stopping.resume_everything()
        for name in POLICIES:
            stopping.resume_sequence(name)
        leads = {record.lead_id for record in Timelines(self.database).all_records()}
        stopping.resume_leads(leads, None)

    def check(self) -> None:
        """Hold every invariant against the database after each commit; in a large world, after every so many."""
        if self.seen:
            raise Broken(self.seen[0])
        self._commits += 1
        if self._commits % max(1, self._leads // LEADS) == 0:
            self.check_all()

    def check_all(self) -> None:
        """Hold every invariant against the database, and the provider's log against both."""
        breaches = verify(self.database, whole_second(self.clock.now()))
        if breaches:
            raise Broken(breaches[0].sentence())
        times = Counter(record_id for record_id, _, _ in self.provider.log)
        twice = [record_id for record_id, many in times.items() if many > 1]
        if twice and self.may_not_double & set(twice):
            raise Broken("the provider accepted a record twice that nobody may send again")

    @property
    def may_not_double(self) -> set[int]:
        """The records of sequences that never send again what is unknown."""
        rows = self.database.script(
            "SELECT r.id FROM sequence_contacts AS r JOIN sequences AS s ON s.id = r.sequence_id"
            " WHERE s.on_unknown <> 'resend'"
        )
        return {row["id"] for row in rows}

    async def run(self) -> None:
        """Live through some rough hours, then through calm ones in which everything comes to its end."""
        workers = [asyncio.create_task(self._worker()) for _ in range(WORKERS)]
        try:
            await self._hours()
            self.is_rough = False
            await _first_of(self._calm(), *workers)
        finally:
            for worker in workers:
                worker.cancel()
            await asyncio.gather(*workers, return_exceptions=True)
        self.check_all()
        self._check_the_end()
        self._check_the_stops()

    async def _hours(self) -> None:
        """Let leads come in, come in again, and opt out; set the clock forward now and then."""
        store = Store(self.database, self._now)
        self._sequences(store)
        arrivals = self._leads * 3
        for _ in range(arrivals):
            phone = f"6012{int(self.chance.share() * self._leads):07d}"
            if self.chance.happens(0.1):
                self.opt_out(phone)
            else:
                store.add_leads([NewLead(phone, triggers=(self.chance.pick(tuple(POLICIES)),))], self._now())
            if self.chance.happens(1.8 / arrivals):
                self.clock.jump(timedelta(minutes=20))
            pause = self.chance.share() * 2 * ROUGH.total_seconds() / arrivals
            await asyncio.sleep(pause)  # noqa: TID251  (on the loop's own time)

    def _sequences(self, store: Store) -> None:
        """Set up a sequence that gives up what is unknown, one that sends it again at once, and one that is paced."""
        pace = Pace(gap=f"{GAP.seconds}s-30s", hourly_cap=200)
        for name in ("jb-1", "jb-2", "jb-3"):
            Senders(self.database, store).apply(Sender(name, channel="console", pool="sales", pace=pace), self._now())
        waits = ("0s", "1m", "20m", "2h")
        sequences: list[Sequence] = []
        Workspaces(self.database).apply(Workspace(daily_cap=20, min_gap="5s"), self._now())
        for name, policy in POLICIES.items():
            many = 1 + int(self.chance.share() * (4 if self._leads == LEADS else 12))
            steps = [Step(f"{name} {place}", self.chance.pick(waits)) for place in range(many)]
            senders = ["sales"] if name == "HOT" else []
            sequences.append(Sequence(name, trigger=name, steps=steps, policy=policy, senders=senders, **RULES[name]))
        for sequence in sequences:
            Sequences(self.database, store).apply(sequence, Reached(AddressKind.ANY), self._now(), sequences)

    async def _calm(self) -> None:
        self.resume_all()
        for _ in range(72):
            await asyncio.sleep(3_600)  # noqa: TID251  (on the loop's own time)
            self.resume_all()
            if not {"pending", "active", "sending", "paused"} & Timelines(self.database).counts().keys():
                return
        raise Broken("something never came to its end")

    async def _worker(self) -> None:
        """Be a processor; when it crashes, be another one a while later, who knows nothing of the first."""
        while True:
            FROZEN_UNTIL.set([0.0])
            worker = f"worker-{self.chance.number()}"
            context = WorkerContext.on(Faulty(self.database, self), self.clock, worker=worker, limits=LIMITS)
            channels = {"console": self.provider}
            try:
                await Runner(Processor(context, channels), context.store, self.clock, poll=POLL).run(_ignore, channels)
            except BaseException as error:
                if isinstance(error, asyncio.CancelledError) or _holds(error, Broken):
                    raise
                if not _holds(error, Crash):
                    raise
                self.crashes += 1
            await asyncio.sleep(self.chance.share() * 600)  # noqa: TID251  (on the loop's own time)

    def _check_the_end(self) -> None:
        records = {record.id: record for record in Timelines(self.database).all_records()}
        order: dict[int, list[int]] = {}
        for record_id, _, at in self.provider.log:
            if at < records[record_id].planned_time:
                raise Broken("the provider accepted a record before its time")
        for record_id in self.provider.offered:
            order.setdefault(records[record_id].enrollment_id, []).append(records[record_id].current_step)
        # What was handed over in order may be taken later: by a provider that is slower than an unknown step's hold.
        if any(seen != sorted(seen) for seen in order.values()):
            raise Broken("steps were handed over out of order")
        taken = {record_id for record_id, _, _ in self.provider.log}
        if any(record.status == "completed" and record.id not in taken for record in records.values()):
            raise Broken("a record is completed that the provider never saw")

    def _check_the_stops(self) -> None:
        """What was in flight when its lead stopped is what the provider said it is."""
        records = {record.id: record for record in Timelines(self.database).all_records()}
        for record_id, attempt in set[tuple[int, int]]().union(*self.stopped.values(), *self.left.values()):
            accepted = self.database.script(
                # An answer that comes after its record was given up, and cancelled, came too late to be known.
                "SELECT 1 FROM attempts AS a JOIN sequence_contacts AS r ON r.id = a.record_id"
                f" WHERE a.record_id = {record_id} AND a.number = {attempt} AND a.outcome = 'accepted'"
                " AND (r.ended_at IS NULL OR a.finished_at <= r.ended_at)"
            )
            if accepted and records[record_id].attempt == attempt:
                self.claimed_before_stops += 1
                if records[record_id].status not in ("completed", "unknown"):
                    raise Broken("a stop unsent a record that the provider had taken")

    def _now(self) -> datetime:
        return whole_second(self.clock.now())


def _in_flight(records: Iterable[StepRecord]) -> set[tuple[int, int]]:
    return {(record.id, record.attempt) for record in records if record.status == "sending"}


def simulate(seed: int, leads: int = LEADS) -> World:
    """Run one world to its end.

    Raises:
        Broken: An invariant did not hold; the same seed breaks it again.
    """
    with closing(SimulatedLoop()) as loop:
        world = World(seed, loop, leads)
        loop.stall = world.stall
        try:
            loop.run_until_complete(world.run())
        except BaseException as error:
            found = _found(error, Broken)
            if found is not None:
                raise Broken(f"seed {seed}: {found}") from error
            raise
        finally:
            loop.run_until_complete(_end_tasks())
            world.database.close()
        return world


async def _end_tasks() -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


async def _first_of(*running: "Coroutine[None, None, None] | asyncio.Task[None]") -> None:
    """Wait for the first of these to end, and raise what it raised."""
    tasks = [asyncio.ensure_future(one) for one in running]
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        task.result()


def _holds(error: BaseException, kind: type[BaseException]) -> bool:
    return _found(error, kind) is not None


def _found(error: BaseException, kind: type[BaseException]) -> BaseException | None:
    if isinstance(error, BaseExceptionGroup):
        inner = cast("BaseExceptionGroup[BaseException]", error).exceptions
        return next((found for one in inner if (found := _found(one, kind)) is not None), None)
    return error if isinstance(error, kind) else None


def _ignore(_report: Report) -> None:
    """Nobody reads the reports of a simulation."""
