"""What a person or a program can ask of dripline: one method, one use case, one transaction."""

import asyncio
import logging
import os
import platform
from collections.abc import Callable, Generator, Iterable, Mapping
from collections.abc import Sequence as Listing
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from dripline.channels.console import ConsoleChannel
from dripline.channels.contract import Channel, address_kind
from dripline.core.address import DEFAULT_REGION, check_region, normalize_email, normalize_phone
from dripline.core.intake import new_lead
from dripline.core.message import check_templates
from dripline.core.model import Lead, NewLead, Sequence, StepRecord
from dripline.core.plan import Plan
from dripline.core.schedule import whole_second
from dripline.engine.batch import Tools
from dripline.engine.clock import Clock, NewId, SystemClock, new_id
from dripline.engine.limits import Limits
from dripline.engine.processor import Processor
from dripline.engine.report import Report
from dripline.engine.runner import POLL, Runner, run_once, stopped_by_signals
from dripline.errors import ChannelNotConfigured, DatabaseProblem, InvalidLead, LoopAlreadyRunning
from dripline.store.connect import connect
from dripline.store.migrate import migrate
from dripline.store.presence import Presence, Worker
from dripline.store.reads import Reads, Timeline
from dripline.store.repair import Repair, repair
from dripline.store.settle import Settler
from dripline.store.store import Applied, Intake, Store
from dripline.verify import Breach, verify
from dripline.version import __version__

_log = logging.getLogger("dripline.app")

RECORD_ID_RANGE = (2**40, 2**52)
"""Where a new database's record ids may start. A record id is an idempotency key for receivers, so that two databases
must not share one; below 2**53 every program reads it exactly."""


class Dripline:
    """One open database and the channels that this process has.

    Any number of them, in any number of processes, may be open on one database. Calls from several threads take turns.

    Raises:
        DatabaseProblem: The database cannot be opened as it is; it was left as it was.
        InvalidSettings: The URL or the region cannot be read.
    """

    def __init__(
        self,
        url: str = "sqlite:///dripline.db",
        *,
        clock: Clock | None = None,
        channels: Mapping[str, Channel] | None = None,
        region: str = DEFAULT_REGION,
        limits: Limits | None = None,
        make_id: NewId = new_id,
    ) -> None:
        self._region = check_region(region)
        self._clock = clock or SystemClock()
        self._channels: dict[str, Channel] = {"console": ConsoleChannel(), **(channels or {})}
        self._runner: Runner | None = None
        self._database = connect(url)
        try:
            first, last = RECORD_ID_RANGE
            migrate(self._database, first + make_id() % (last - first))
        except BaseException:
            self._database.close()
            raise
        self._store = Store(self._database)
        self._reads = Reads(self._database)
        worker = f"{make_id():032x}"
        self._presence = Presence(self._database, worker)
        settler = Settler(self._database, self._store, worker)
        tools = Tools(self._store, self._reads, settler, self._clock, worker=worker, limits=limits or Limits())
        self._processor = Processor(tools, self._channels)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the database back."""
        self._database.close()

    def plan(self, sequence: Sequence) -> Plan:
        """Say what applying a sequence would change, after the same checks, and change nothing.

        Raises:
            ChannelNotConfigured: This process does not have its channel.
            InvalidTemplate: A template cannot be read, or uses a variable nobody knows.
            InvalidSequence: Its trigger starts another sequence.
        """
        self._check(sequence)
        return self._store.plan(sequence)

    def apply(self, sequence: Sequence) -> Applied:
        """Create or update a sequence, known by its name, and enroll every lead that has its trigger.

        Idempotent. Texts are corrected for everything not yet sent; when the number or the waits of steps change, new
        enrollments get them and enrollments in flight keep what they have.

        Raises:
            ChannelNotConfigured: This process does not have its channel.
            InvalidTemplate: A template cannot be read, or uses a variable nobody knows.
            InvalidSequence: Its trigger starts another sequence.
        """
        self._check(sequence)
        applied = self._store.apply(sequence, address_kind(self._channels[sequence.channel]), self._now())
        self._wake()
        return applied

    def add_lead(
        self,
        *,
        phone: str | None = None,
        email: str | None = None,
        name: str | None = None,
        triggers: Iterable[str] = (),
        attributes: Mapping[str, str] | None = None,
    ) -> Intake:
        """Add a lead, or say more of one that is there, and enroll it at once in what its triggers start.

        Idempotent. Raises what `core.intake.new_lead` raises.
        """
        lead = new_lead(
            phone=phone, email=email, name=name, triggers=triggers, attributes=attributes, region=self._region
        )
        return self.add_leads([lead])

    def add_leads(self, leads: Listing[NewLead]) -> Intake:
        """Add many leads in one transaction, as `add_lead` adds one."""
        intake = self._store.add_leads(leads, self._now())
        if intake.enrolled:
            self._wake()
        return intake

    def opt_out(self, *, phone: str | None = None, email: str | None = None) -> int:
        """Bar a person for good: the address given and every other of the leads that have it.

        Returns how many enrollments that ends. Nothing claimed after this is sent to them.

        Raises:
            InvalidPhone: The phone cannot be one.
            InvalidEmail: The e-mail address cannot be one.
            InvalidLead: Neither is given.
        """
        address = self._address(phone, email)
        own = {other for lead in self._reads.leads(address) for other in (lead.phone, lead.email) if other}
        return self._store.opt_out({address, *own}, "the lead opted out", self._now())

    def confirm_sent(self, record_id: int) -> bool:
        """Complete an unknown record that you know to have gone; its enrollment goes on. False if it is not unknown."""
        return self._store.confirm_sent(record_id, self._now())

    def send_again(self, record_id: int) -> bool:
        """Send an unknown record again that you know not to have gone. False if its enrollment does not wait for it."""
        sent_again = self._store.send_again(record_id, self._now())
        self._wake()
        return sent_again

    def tick(self, *, on_settled: Callable[[int], None] = lambda _many: None) -> Report:
        """Run one pass over everything due now, and say what it did.

        `on_settled` is called during the pass with the number of records that were settled together.

        Raises:
            LoopAlreadyRunning: Called inside an event loop; use ``await asyncio.to_thread(drip.tick)`` there.
            DatabaseProblem: The database went away; what was in flight is unknown until its lease ends.
        """
        _refuse_inside_a_loop("tick")
        return asyncio.run(run_once(self._processor, self._channels, on_settled))

    def run(self, *, poll: timedelta = POLL, on_pass: Callable[[Report], None] = lambda _report: None) -> None:
        """Run passes, every `poll` and sooner when something is due, until `stop`, SIGINT or SIGTERM.

        Raises:
            LoopAlreadyRunning: Called inside an event loop; run it in a process of its own.
        """
        _refuse_inside_a_loop("run")
        asyncio.run(self._run(poll, on_pass))

    def stop(self) -> None:
        """End `run` after what is under way; call it from another thread. Does nothing where nothing runs."""
        if self._runner is not None:
            self._runner.stop()

    def records(self, *, phone: str | None = None, email: str | None = None) -> list[StepRecord]:
        """Return the step records of a lead, enrollment by enrollment, in step order; of everybody without an address.

        Raises:
            InvalidPhone: The phone cannot be one.
            InvalidEmail: The e-mail address cannot be one.
        """
        if phone is None and email is None:
            return list(self._reads.all_records())
        return [
            record for lead in self._reads.leads(self._address(phone, email)) for record in self._reads.records_of(lead)
        ]

    def due(self) -> list[StepRecord]:
        """Return what the mission's query finds now: every record that is active and due, and nothing else."""
        return self._reads.due(self._now())

    def count_due(self) -> int:
        """Count the records that are active and due now."""
        return self._reads.count_due(self._now())

    def leads(self, *, phone: str | None = None, email: str | None = None) -> list[Lead]:
        """Return the leads that have an address."""
        return self._reads.leads(self._address(phone, email))

    def timelines(self, *, phone: str | None = None, email: str | None = None) -> list[Timeline]:
        """Return everything about the leads that have an address."""
        return [self._reads.timeline(lead) for lead in self._reads.leads(self._address(phone, email))]

    def counts(self) -> dict[str, int]:
        """Count leads, enrollments, and records by status."""
        return self._reads.counts()

    def verify(self) -> list[Breach]:
        """Return every breach of the invariants; none when all is well."""
        return verify(self._database, self._now())

    def repair(self) -> list[Repair]:
        """Mend those breaches that can be mended without guessing whether a message went, and say what was done."""
        return repair(self._database, self._store, self._now())

    def idle_triggers(self) -> list[str]:
        """Return the triggers that leads have and no sequence starts on: their leads wait for one to be applied."""
        return self._reads.idle_triggers()

    def workers(self) -> list[Worker]:
        """Return the processors that are at work on this database now."""
        return self._presence.present(self._now())

    def now(self) -> datetime:
        """Return the present whole second by this object's clock."""
        return self._now()

    def _check(self, sequence: Sequence) -> None:
        if sequence.channel not in self._channels:
            known = ", ".join(sorted(self._channels))
            raise ChannelNotConfigured(
                f"The sequence {sequence.name!r} goes through {sequence.channel!r}, which is not configured here: "
                f"configure it, or use one of {known}."
            )
        check_templates(sequence, self._reads.attribute_names())

    def _address(self, phone: str | None, email: str | None) -> str:
        if phone is not None:
            return normalize_phone(phone, self._region)
        if email is not None:
            return normalize_email(email)
        raise InvalidLead("Nobody is named: give a phone or an e-mail address.")

    async def _run(self, poll: timedelta, on_pass: Callable[[Report], None]) -> None:
        runner = Runner(self._processor, self._store, self._clock, poll=poll)

        def seen(report: Report) -> None:
            self._presence.see(self._now())
            on_pass(report)

        with self._running(runner), stopped_by_signals(runner):
            await runner.run(seen, self._channels)

    @contextmanager
    def _running(self, runner: Runner) -> Generator[None]:
        others = self._presence.enter(
            host=platform.node(), process_id=os.getpid(), version=__version__, now=self._now()
        )
        for other in others:
            _log.warning(
                "processor.not_alone host=%s process_id=%s: harmless, each record is claimed by one",
                other.host,
                other.process_id,
            )
        self._runner = runner
        try:
            yield
        finally:
            self._runner = None
            with suppress(DatabaseProblem):
                self._presence.leave(self._now())

    def _wake(self) -> None:
        if self._runner is not None:
            self._runner.wake()

    def _now(self) -> datetime:
        return whole_second(self._clock.now())


def _refuse_inside_a_loop(method: str) -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise LoopAlreadyRunning(
        f"{method}() runs an event loop of its own and one is running here: call it with asyncio.to_thread."
    )
