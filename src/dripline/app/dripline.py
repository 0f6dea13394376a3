"""The object that a program opens: a few verbs of its own, and its nouns as attributes."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Sequence as Listing
from copy import copy
from datetime import datetime, timedelta
from functools import cached_property
from types import TracebackType
from typing import TYPE_CHECKING, Self, Unpack

from dripline.app.application import Application
from dripline.app.session import Session
from dripline.core.accounts.access import Actor
from dripline.core.events.posting import EventSigning
from dripline.core.leads.lead import LeadInput, NewLead
from dripline.core.leads.phone import DEFAULT_REGION
from dripline.core.planning.reach import Reach
from dripline.core.reason import Reason
from dripline.core.records.record import StepRecord
from dripline.core.senders.sender import Sender
from dripline.core.sequences.sequence import Sequence
from dripline.engine.clock import Clock, NewId, new_id
from dripline.engine.event_loop import POLL
from dripline.engine.report import Report

if TYPE_CHECKING:  # each noun is imported when it is first asked for
    from dripline.app.accounts.accounts import Accounts
    from dripline.app.alerts import Alerts
    from dripline.app.credentials.settings import CredentialSettings
    from dripline.app.events import Events
    from dripline.app.imports import Imports
    from dripline.app.inbox.inbox import Inbox
    from dripline.app.leads import Leads
    from dripline.app.processing import Processing
    from dripline.app.records.records import Records
    from dripline.app.reports import Reports
    from dripline.app.retention.retention import Retention
    from dripline.app.senders import Senders
    from dripline.app.sequences.sequences import Sequences
    from dripline.app.sources import Sources
    from dripline.app.workspace import WorkspaceSettings
    from dripline.channels.contract import Channel, FindChannel
    from dripline.core.messages.preview import Preview
    from dripline.core.planning.plan import Plan
    from dripline.core.views.leads import LeadResult
    from dripline.core.views.sequences import Applied
    from dripline.engine.limits import Limits
    from dripline.verify import Breach


class Dripline:
    """One open database and the channels that this process has.

    Any number of them, in any number of processes, may be open on one database. Calls from several threads take turns.

    `find` is asked for a channel that is none of `channels` once a sequence or a sender names it. `posting`: what
    events are signed with; without it nobody subscribes to any. `credentials`: how the credentials of senders are kept;
    unless given, encrypted with a key in a file beside the SQLite database. `direct`: another URL of the same
    PostgreSQL, where `url` leads through a pool that shares its sessions: what is enrolled elsewhere is heard of over
    it. `replica`: the URL of a standby of it, from which reports, lists and exports are read while it is there and at
    most a minute behind. `create`: whether a database is made where none is. `migrate`: whether one that an older
    version made is brought up to date.

    Raises:
        DatabaseMissing: There is no database, and none is made.
        DatabaseTooOld: It was made by an older version, and is left so.
        DatabaseTooNew: It was made by a newer version.
        DatabaseProblem: The database cannot be opened as it is; it was left as it was.
        InvalidSettings: The URL or the region cannot be read.
    """

    def __init__(  # noqa: PLR0913  (a database is opened with as many things)
        self,
        url: str = "sqlite:///dripline.db",
        *,
        clock: Clock | None = None,
        channels: "Mapping[str, Channel] | None" = None,
        find: "FindChannel | None" = None,
        region: str = DEFAULT_REGION,
        limits: "Limits | None" = None,
        make_id: NewId = new_id,
        posting: EventSigning | None = None,
        credentials: "CredentialSettings | None" = None,
        direct: str | None = None,
        replica: str | None = None,
        create: bool = True,
        migrate: bool = True,
    ) -> None:
        application = Application(
            clock=clock,
            channels=channels,
            find=find,
            region=region,
            limits=limits,
            make_id=make_id,
            posting=posting,
            credentials=credentials,
            replica=replica,
        )
        self._session = Session(application, url, direct=direct, create=create, migrate=migrate)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the database back."""
        self._session.close()

    def connect(self) -> Self:
        """Return another connection to the same database, with the same channels, which wakes the same processor.

        For a thread of its own, which then waits for nobody else's question. It is closed by whoever asked for it.

        Raises:
            InvalidSettings: The database is in memory, and nobody else sees that.
        """
        return self._on(self._session.connect())

    def as_actor(self, actor: Actor) -> Self:
        """Return this object for somebody who had to be let in: it does what they may do, and the log tells of it.

        It is a view on the same connection, for one thread at a time, and needs no closing.
        """
        return self._on(self._session.as_actor(actor))

    def _on(self, session: Session) -> Self:
        other = copy(self)
        other.__dict__.clear()
        other._session = session  # noqa: SLF001  (another one of our own)
        return other

    def now(self) -> datetime:
        """Return the present whole second by this object's clock."""
        return self._session.now()

    # The nouns.

    @cached_property
    def leads(self) -> "Leads":
        """Who is to be reached, and who is not."""
        from dripline.app.leads import Leads

        return Leads(self._session)

    @cached_property
    def sequences(self) -> "Sequences":
        """What is sent, step by step, and drafts of it."""
        from dripline.app.sequences.sequences import Sequences

        return Sequences(self._session)

    @cached_property
    def records(self) -> "Records":
        """Step records and enrollments. Called, it returns the step records of a lead, or all."""
        from dripline.app.records.records import Records

        return Records(self._session)

    @cached_property
    def senders(self) -> "Senders":
        """The accounts that messages go by."""
        from dripline.app.senders import Senders

        return Senders(self._session)

    @cached_property
    def imports(self) -> "Imports":
        """Lead lists that come in."""
        from dripline.app.imports import Imports

        return Imports(self._session)

    @cached_property
    def inbox(self) -> "Inbox":
        """What providers post, and what leads write."""
        from dripline.app.inbox.inbox import Inbox

        return Inbox(self._session)

    @cached_property
    def sources(self) -> "Sources":
        """Websites and programs that hand leads in."""
        from dripline.app.sources import Sources

        return Sources(self._session)

    @cached_property
    def workspace(self) -> "WorkspaceSettings":
        """What holds for every sequence."""
        from dripline.app.workspace import WorkspaceSettings

        return WorkspaceSettings(self._session)

    @cached_property
    def reports(self) -> "Reports":
        """How many stand where."""
        from dripline.app.reports import Reports

        return Reports(self._session)

    @cached_property
    def retention(self) -> "Retention":
        """What ended long ago."""
        from dripline.app.retention.retention import Retention

        return Retention(self._session)

    @cached_property
    def events(self) -> "Events":
        """Programs that are told what happens."""
        from dripline.app.events import Events

        return Events(self._session)

    @cached_property
    def accounts(self) -> "Accounts":
        """Users and tokens, and the log of what they changed."""
        from dripline.app.accounts.accounts import Accounts

        return Accounts(self._session)

    @cached_property
    def alerts(self) -> "Alerts":
        """What waits for a person."""
        from dripline.app.alerts import Alerts

        return Alerts(self._session)

    @cached_property
    def _processing(self) -> "Processing":
        from dripline.app.processing import Processing

        return Processing(self._session)

    # The verbs: the shortest way to what is asked for most.

    def add_lead(self, **said: Unpack[LeadInput]) -> "LeadResult":
        """Add a lead, or say more of one that is there, and enroll it at once: `leads.add`.

        Takes the fields of `LeadInput`, at least a phone or an e-mail address.
        """
        return self.leads.add(**said)

    def add_leads(self, leads: Listing[NewLead]) -> "LeadResult":
        """Add many leads in one transaction: `leads.add_all`."""
        return self.leads.add_all(leads)

    def opt_out(self, *, phone: str | None = None, email: str | None = None, reason: str | Reason = "") -> int:
        """Suppress a person for good: `leads.opt_out`."""
        return self.leads.opt_out(phone=phone, email=email, reason=reason)

    def opt_in(self, *, phone: str | None = None, email: str | None = None) -> bool:
        """Let a person be sent to again who asked for it: `leads.opt_in`."""
        return self.leads.opt_in(phone=phone, email=email)

    def plan(
        self,
        sequence: Sequence,
        *,
        reach: Reach | str = Reach.NEW,
        senders: Iterable[Sender] = (),
        beside: Iterable[Sequence] = (),
        as_of: datetime | None = None,
    ) -> "Plan":
        """Say what applying a sequence would change, and for whom, and change nothing: `sequences.plan`."""
        return self.sequences.plan(sequence, reach=reach, senders=senders, beside=beside, as_of=as_of)

    def apply(
        self, sequence: Sequence, *, reach: Reach | str = Reach.NEW, beside: Iterable[Sequence] = ()
    ) -> "Applied":
        """Create or update a sequence, and enroll every lead that has its trigger: `sequences.apply`."""
        return self.sequences.apply(sequence, reach=reach, beside=beside)

    def preview(
        self, sequence: Sequence | str, *, phone: str | None = None, email: str | None = None
    ) -> "tuple[Preview, ...]":
        """Return exactly what each step of a sequence would send to a lead now: `sequences.preview`."""
        return self.sequences.preview(sequence, phone=phone, email=email)

    def due(self) -> list[StepRecord]:
        """Return every record that is active and due, and nothing else: `records.due`."""
        return self.records.due()

    def pause(
        self,
        *,
        sequence: str | None = None,
        phone: str | None = None,
        email: str | None = None,
        reason: str = "",
    ) -> int:
        """Pause everything, a sequence, what a lead is in, or a lead's run of one sequence: `records.pause`."""
        return self.records.pause(sequence=sequence, phone=phone, email=email, reason=reason)

    def resume(self, *, sequence: str | None = None, phone: str | None = None, email: str | None = None) -> int:
        """Let go on what `pause` paused: `records.resume`."""
        return self.records.resume(sequence=sequence, phone=phone, email=email)

    def verify(self) -> "list[Breach]":
        """Return every breach of the invariants; none when all is well: `reports.verify`."""
        return self.reports.verify()

    # The processor.

    def tick(self, *, on_settled: Callable[[int], None] = lambda _count: None) -> Report:
        """Run one pass over everything due now, and say what it did.

        `on_settled` is called during the pass with the number of records that were settled together. A signal that ends
        programs (Ctrl-C, SIGTERM, SIGHUP) ends the pass first: what is being sent is answered, the rest is handed back,
        and then the signal does what it would have done.

        Raises:
            KeyboardInterrupt: Somebody pressed Ctrl-C; everything is handed back.
            LoopAlreadyRunning: Called inside an event loop; use ``await asyncio.to_thread(drip.tick)`` there.
            DatabaseProblem: The database went away; what was in flight is unknown until its lease ends.
            InvalidSettings: A plug-in's channel that a sequence names cannot be made.
        """
        return self._processing.tick(on_settled=on_settled)

    async def tick_async(
        self, *, on_settled: Callable[[int], None] = lambda _count: None, stop: asyncio.Event | None = None
    ) -> Report:
        """Do what `tick` does, on the running event loop; set `stop`, or cancel it, to hand back what has not begun."""
        return await self._processing.tick_async(on_settled=on_settled, stop=stop)

    def run(self, *, poll: timedelta = POLL, on_pass: Callable[[Report], None] = lambda _report: None) -> None:
        """Run passes, every `poll` and sooner when something is due, until `stop`, Ctrl-C, SIGTERM or SIGHUP.

        Raises:
            LoopAlreadyRunning: Called inside an event loop; run it in a process of its own.
            SchemaChanged: Another version of dripline migrated the database; what was being sent has been answered.
            InvalidSettings: A plug-in's channel that a sequence names cannot be made.
        """
        self._processing.run(poll=poll, on_pass=on_pass)

    async def run_async(
        self,
        *,
        poll: timedelta = POLL,
        idle_poll: timedelta | None = None,
        on_pass: Callable[[Report], None] = lambda _report: None,
    ) -> None:
        """Do what `run` does, on the running event loop.

        `idle_poll`: how often to look while nothing is due but what waits for its lane, where nobody else writes to
        the database.
        """
        await self._processing.run_async(poll=poll, idle_poll=idle_poll, on_pass=on_pass)

    def stop(self) -> None:
        """End `run` after what is under way; call it from another thread. Does nothing where nothing runs."""
        self._processing.stop()

    async def watch_schema(self, stop: asyncio.Event) -> None:
        """Look every so often, until `stop` is set, whether the database still has this version's schema.

        Raises:
            SchemaChanged: Another version of dripline migrated it.
        """
        await self._processing.watch_schema(stop)
