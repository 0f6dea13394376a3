"""What a person or a program can ask of dripline: one method, one use case, one transaction."""

import asyncio
import logging
import os
import platform
from collections.abc import Callable, Generator, Iterable, Mapping
from collections.abc import Sequence as Listing
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from dripline.channels.console import ConsoleChannel
from dripline.channels.contract import Channel, address_kind
from dripline.core.address import DEFAULT_REGION, check_region, normalize_email, normalize_phone
from dripline.core.intake import new_lead
from dripline.core.message import check_templates
from dripline.core.model import DEFAULT_CHANNEL, Lead, NewLead, Sequence, StepRecord
from dripline.core.outcome import ERROR_LIMIT
from dripline.core.plan import Plan
from dripline.core.schedule import whole_second
from dripline.core.sender import Sender
from dripline.core.text import as_text
from dripline.engine.batch import Tools
from dripline.engine.clock import Clock, NewId, SystemClock, new_id
from dripline.engine.limits import Limits
from dripline.engine.processor import Processor
from dripline.engine.report import Report
from dripline.engine.runner import POLL, Runner, run_once, stopped_by_signals
from dripline.errors import ChannelNotConfigured, DatabaseProblem, InvalidLead, InvalidSequence, LoopAlreadyRunning
from dripline.store.connect import connect
from dripline.store.lanes import Lanes
from dripline.store.migrate import migrate
from dripline.store.presence import Presence, Worker
from dripline.store.reads import Reads, Timeline, UnknownRecord
from dripline.store.repair import Repair, repair
from dripline.store.senders import SenderEvent, Senders, SenderState
from dripline.store.sequences import Applied, Sequences
from dripline.store.settle import Settler
from dripline.store.store import Intake, Store
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
        self._sequences = Sequences(self._database, self._store)
        self._senders = Senders(self._database)
        lanes = Lanes(self._database, self._store)
        settler = Settler(self._database, self._store, worker)
        tools = Tools(self._store, self._reads, lanes, settler, self._clock, worker=worker, limits=limits or Limits())
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

    def plan(self, sequence: Sequence, *, senders: Iterable[Sender] = ()) -> Plan:
        """Say what applying a sequence would change, after the same checks, and change nothing.

        `senders` are some that will have been applied before it. Raises what `apply` raises.
        """
        return self._sequences.plan(self._checked(sequence, tuple(senders)))

    def apply(self, sequence: Sequence) -> Applied:
        """Create or update a sequence, known by its name, and enroll every lead that has its trigger.

        Idempotent. Texts are corrected for everything not yet sent; when the number or the waits of steps change, new
        enrollments get them and enrollments in flight keep what they have.

        Raises:
            ChannelNotConfigured: This process does not have its channel.
            InvalidTemplate: A template cannot be read, or uses a variable nobody knows.
            InvalidSender: A sender or pool that it names does not exist, or they speak through several channels.
            InvalidSequence: Its trigger starts another sequence.
        """
        checked = self._checked(sequence)
        applied = self._sequences.apply(checked, address_kind(self._channels[checked.channel]), self._now())
        self._wake()
        return applied

    def plan_sender(self, sender: Sender) -> Plan:
        """Say what applying a sender would change, after the same checks, and change nothing.

        Raises what `apply_sender` raises.
        """
        self._check_channel(f"The sender {sender.name!r}", sender.channel)
        return self._senders.plan(sender)

    def apply_sender(self, sender: Sender) -> Plan:
        """Create or update a sender, known by its name. Idempotent. What it did counts against its new pace at once.

        Raises:
            ChannelNotConfigured: This process does not have its channel.
            InvalidSender: Its name or pool is taken, its channel would change, it was archived, or a sequence would be
                left without a sender.
        """
        self._check_channel(f"The sender {sender.name!r}", sender.channel)
        planned = self._senders.apply(sender, self._now())
        self._wake()
        return planned

    def pause_sender(self, name: str, *, reason: str = "paused by a person") -> bool:
        """Keep a sender's lane from sending, from the next claim on. False if it is paused already.

        Raises:
            InvalidSender: There is none of that name, or it is archived.
        """
        return self._senders.pause(name, as_text(reason, ERROR_LIMIT), self._now())

    def resume_sender(self, name: str) -> bool:
        """Let a paused or broken sender go on, slowly at first. False if nothing held it.

        Raises:
            InvalidSender: There is none of that name, or it is archived.
        """
        resumed = self._senders.resume(name, self._now())
        self._wake()
        return resumed

    def archive_sender(self, name: str, *, to: str | None = None) -> int:
        """Retire a sender for good; its leads go on with `to`, or with the other senders of their sequences.

        Returns how many live enrollments went over.

        Raises:
            InvalidSender: There is none of that name, `to` cannot take over, or a sequence has nobody else.
        """
        moved = self._senders.archive(name, to, self._now())
        self._wake()
        return moved

    def senders(self) -> list[SenderState]:
        """Return every sender: its pace, its load, what is due on its lane and what the lane waits for."""
        return self._senders.all(self._now())

    def sender_events(self, name: str) -> list[SenderEvent]:
        """Return what happened to a sender, the latest first.

        Raises:
            InvalidSender: There is none of that name.
        """
        return self._senders.events(name)

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

    def unknown(self, *, most: int = 1_000) -> list[UnknownRecord]:
        """Return records of which nobody knows whether they went; those that wait for an answer or a person first."""
        return self._reads.unknown(most)

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
        leads = self._reads.leads(self._address(phone, email))
        return [self._reads.timeline(lead, self._now()) for lead in leads]

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

    def _checked(self, sequence: Sequence, coming: tuple[Sender, ...] = ()) -> Sequence:
        """Return a sequence that can be applied, on the channel of its senders where it has any."""
        if sequence.senders:
            channel = self._senders.channel_of(tuple(sequence.senders), coming)
            if sequence.channel not in (DEFAULT_CHANNEL, channel):
                raise InvalidSequence(
                    f"The sequence {sequence.name!r} names the channel {sequence.channel!r}, and its senders speak "
                    f"through {channel!r}: leave the channel out, or name other senders."
                )
            sequence = replace(sequence, channel=channel)
        self._check_channel(f"The sequence {sequence.name!r}", sequence.channel)
        check_templates(sequence, self._reads.attribute_names())
        return sequence

    def _check_channel(self, who: str, channel: str) -> None:
        if channel not in self._channels:
            raise ChannelNotConfigured(
                f"{who} goes through {channel!r}, which is not configured here: "
                f"configure it, or use one of {', '.join(sorted(self._channels))}."
            )

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
