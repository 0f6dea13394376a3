"""One open database, and what every use case works with. Each room of `app/` adds the use cases of one noun."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from copy import copy
from dataclasses import replace
from datetime import datetime
from functools import partial
from types import TracebackType
from typing import Self

from dripline.channels.console import ConsoleChannel
from dripline.channels.contract import Channel, FindChannel, free_text_windows, has_threads, receipts_by_id, start_links
from dripline.core.accounts.access import PROGRAM, Actor
from dripline.core.events.posting import Posting
from dripline.core.leads.address import check_region, normalize_email
from dripline.core.leads.intake import written_field
from dripline.core.leads.phone import DEFAULT_REGION, normalize_phone
from dripline.core.messages.start_link import Links
from dripline.core.time.schedule import whole_second
from dripline.engine.clock import Clock, CorrectedClock, NewId, SystemClock, new_id
from dripline.engine.context import ChannelCapabilities, WorkerContext
from dripline.engine.limits import Limits
from dripline.engine.polling.provider_polls import PollStores, ProviderPolls
from dripline.engine.processor import Processor
from dripline.engine.worker import Runner, close_channels
from dripline.errors import ChannelNotConfigured, InvalidLead, InvalidSettings
from dripline.store.accounts.access import Access
from dripline.store.accounts.audit import Audit
from dripline.store.conversations.conversations import Conversations
from dripline.store.conversations.early_stops import EarlyStops
from dripline.store.conversations.inbox import Inbox
from dripline.store.conversations.mailboxes import Mailboxes
from dripline.store.database.connect import connect, missing
from dripline.store.database.migrate import migrate as migrate_schema
from dripline.store.database.schema import newest, too_old, version
from dripline.store.database.server_time import ClockJumps
from dripline.store.doubts import Doubts
from dripline.store.enrollments.store import Store
from dripline.store.events.deliveries import Deliveries
from dripline.store.events.subscriptions import Subscriptions
from dripline.store.imports.imports import Imports
from dripline.store.imports.undoing import Undo
from dripline.store.leads.chats import Chats
from dripline.store.leads.identities import Identities
from dripline.store.leads.notes import Notes
from dripline.store.leads.one_person import OnePerson
from dripline.store.leads.sources import LeadSources
from dripline.store.leads.stopping import Stopping
from dripline.store.operations.presence import Presence
from dripline.store.operations.troubles import Troubles
from dripline.store.operations.workspaces import Workspaces
from dripline.store.queries.lists import Lists
from dripline.store.queries.reads import Reads
from dripline.store.records.bulk import Bulk
from dripline.store.records.claiming import Claiming
from dripline.store.records.deciding import Deciding
from dripline.store.records.expecting import Expecting
from dripline.store.records.proving import Proving
from dripline.store.records.receipts import Receipts
from dripline.store.records.standing import StandingRecords
from dripline.store.records.tracing import Tracing
from dripline.store.reports.reporting import Reporting
from dripline.store.reports.tallies import Tallies
from dripline.store.restored import Passes
from dripline.store.senders.cold import Cold
from dripline.store.senders.hours import MeetingHours
from dripline.store.senders.notices import Notices
from dripline.store.senders.senders import Senders
from dripline.store.senders.watching import Watching
from dripline.store.sequences.drafts import Drafts
from dripline.store.sequences.sequence_life import SequenceLife
from dripline.store.sequences.sequences import Sequences
from dripline.store.sql_prompt.by_hand import ByHand

RECORD_ID_RANGE = (2**40, 2**52)
"""Where a new database's record ids may start. A record id is an idempotency key for receivers, so that two databases
must not share one; below 2**53 every program reads it exactly."""


def first_record_id(make_id: NewId) -> int:
    """Return where the record ids of a new database start."""
    first, last = RECORD_ID_RANGE
    return first + make_id() % (last - first)


class Opened:
    """One open database and the channels that this process has.

    `find` is asked for a channel that is none of `channels` once a sequence or a sender names it. `posting`: what
    events are told with; without it nobody subscribes to any. `direct`: another URL of the same PostgreSQL, where `url`
    leads through a pool that shares its sessions: what is enrolled elsewhere is heard of over it. `create`: whether a
    database is made where none is. `migrate`: whether one that an older version made is brought up to date.

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
        channels: Mapping[str, Channel] | None = None,
        find: FindChannel | None = None,
        region: str = DEFAULT_REGION,
        limits: Limits | None = None,
        make_id: NewId = new_id,
        posting: Posting | None = None,
        direct: str | None = None,
        create: bool = True,
        migrate: bool = True,
    ) -> None:
        self._region = check_region(region)
        clock = clock or SystemClock()
        self._make_id = make_id
        self._again = partial(
            type(self),
            url,
            clock=clock,
            find=find,
            region=region,
            limits=limits,
            make_id=make_id,
            posting=posting,
            create=False,
            migrate=False,
        )
        self._origin: Opened = self
        self._actor, self._is_acting = PROGRAM, False
        self._channels: dict[str, Channel] = {"console": ConsoleChannel(), **(channels or {})}
        self._find = find
        self._posting = posting
        self._sought = set[str]()
        self._runner: Runner | None = None
        self._links: Links = {
            f"{name}_link": links.url for name, channel in self._channels.items() if (links := start_links(channel))
        }
        machine = clock if type(clock) is SystemClock else None
        self._database = connect(url, create=create, machine=machine, direct=direct)
        self._clock = clock if machine is None else CorrectedClock(machine, self._database.clock_behind)
        has_no_other = machine is not None and not self._database.dialect.locks
        self._jumps = ClockJumps(machine) if machine is not None and has_no_other else None
        try:
            self._open_schema(create=create, may_migrate=migrate)
        except BaseException:
            self._database.close()
            raise
        worker = f"{make_id():032x}"
        self._open_store(worker)
        self._open_people()
        self._open_engine(worker, limits or Limits())

    def _open_schema(self, *, create: bool, may_migrate: bool) -> None:
        found = version(self._database)
        if found == newest():
            return
        if found is None and not create:
            raise missing(self._database.label)
        if found is not None and not may_migrate:
            raise too_old(self._database.label, found)
        migrate_schema(self._database, first_record_id(self._make_id))

    def _open_store(self, worker: str) -> None:
        """Take up what is read and written, noun by noun."""
        self._store = Store(self._database, self._now)
        self._by_hand = ByHand(self._database, self._store)
        self._reporting = Reporting(self._database)
        self._tallies = Tallies(self._database, self._store)
        self._hours = MeetingHours(self._database)
        self._bulk = Bulk(self._database, self._store)
        self._presence = Presence(self._database, worker)
        self._sequences = Sequences(self._database, self._store)
        self._sequence_life = SequenceLife(self._database, self._store)
        self._senders = Senders(self._database, self._store)
        self._passes = Passes(self._database, f"{self._make_id():032x}")
        self._deciding = Deciding(self._database, self._store)
        self._proving = Proving(self._database, self._store, self._deciding)
        self._workspaces = Workspaces(self._database)
        self._watching = Watching(self._database, self._store)
        self._mailboxes = Mailboxes(self._database, self._store)
        self._traits = ChannelCapabilities(
            windows=free_text_windows(self._channels),
            receipts_by_id={name for name, channel in self._channels.items() if receipts_by_id(channel)},
            threads={name for name, channel in self._channels.items() if has_threads(channel)},
        )
        claiming = Claiming(self._database, self._store, self._traits.windows)
        self._expecting = Expecting(self._database, claiming)
        self._standing = StandingRecords(self._database, claiming)
        self._reads = Reads(self._database, self._expecting)
        self._lists = Lists(self._database, self._expecting)
        self._troubles = Troubles(self._database, self._reads)
        self._drafts = Drafts(self._database)
        self._imports = Imports(self._database)
        self._undo = Undo(self._database, self._store)
        self._access = Access(self._database, self._store)
        self._audit = Audit(self._database, self._store)
        self._subscriptions = Subscriptions(self._database, self._store)
        self._deliveries = Deliveries(self._database, self._store)

    def _open_people(self) -> None:
        """Take up what is known of leads, and what they write."""
        self._stopping = Stopping(self._database, self._store)
        self._doubts = Doubts(self._database)
        self._early_stops = EarlyStops(self._database, self._store)
        self._one_person = OnePerson(self._database, self._store)
        self._lead_notes = Notes(self._database, self._store)
        self._lead_sources = LeadSources(self._database, self._store)
        self._identities = Identities(self._database)
        self._inbox = Inbox(self._database, self._store)
        self._receipts = Receipts(self._database, self._store)
        self._chats = Chats(self._database, self._store)
        self._notices = Notices(self._database)
        self._conversations = Conversations(self._database, self._traits.windows)
        self._cold = Cold(self._database, self._store)

    def _open_engine(self, worker: str, limits: Limits) -> None:
        """Take up what processes, and what asks after accounts beside it."""
        tools = replace(
            WorkerContext.on(self._database, self._clock, worker=worker, limits=limits, traits=self._traits),
            links=self._links,
        )
        self._schema = tools.schema
        self._kept_answers = tools.kept
        self._limits = limits
        self._processor = Processor(tools, self._channels)
        books = PollStores(
            self._watching,
            Tracing(self._database, self._store),
            tools.claiming,
            self._mailboxes,
        )
        self._rounds = ProviderPolls(books, self._channels, self._clock, wake=self._wake)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the database back."""
        self._database.close()

    def beside(self) -> Self:
        """Return another connection to the same database, with the same channels, which wakes the same processor.

        For a thread of its own, which then waits for nobody else's question. It is closed by whoever asked for it.

        Raises:
            InvalidSettings: The database is in memory, and nobody else sees that.
        """
        if self._database.label == ":memory:":
            raise InvalidSettings("A database in memory has one connection: name a file, or a PostgreSQL.")
        other = self._again(channels=self._channels)
        other._origin = self._origin  # noqa: SLF001  (another one of our own)
        return other

    def acting_as(self, actor: Actor) -> Self:
        """Return this object for somebody who had to be let in: it does what they may do, and the log tells of it.

        It is a view on the same connection, for one thread at a time, and needs no closing.
        """
        view = copy(self)
        view._actor = actor  # noqa: SLF001  (another one of our own)
        return view

    @contextmanager
    def _acting(self) -> Generator[None]:
        """Let use cases ask each other without being asked again."""
        self._is_acting = True
        try:
            yield
        finally:
            self._is_acting = False

    def now(self) -> datetime:
        """Return the present whole second by this object's clock."""
        return self._now()

    def _check_channel(self, who: str, channel: str) -> None:
        if not self._has_channel(channel):
            raise ChannelNotConfigured(
                f"{who} goes through {channel!r}, which is not configured here: "
                f"configure it, install its plug-in, or use one of {', '.join(sorted(self._channels))}."
            )

    def _has_channel(self, name: str) -> bool:
        """Return whether this process has a channel, which is looked for when it is first named."""
        if name not in self._channels and self._find is not None:
            found = self._find(name)
            if found is not None:
                self._traits.windows.update(free_text_windows({name: found}))
                self._traits.receipts_by_id.update({name} if receipts_by_id(found) else ())
                self._traits.threads.update({name} if has_threads(found) else ())
                self._channels[name] = found
        return name in self._channels

    def _find_named(self) -> None:
        """Look, once for each, for the channels that sequences name and this process does not have yet.

        Raises:
            InvalidSettings: One is there and cannot be made.
        """
        if self._find is None:
            return
        for name in self._reads.other_channels(self._channels):
            if name not in self._sought:
                self._sought.add(name)
                self._has_channel(name)

    def _address(self, phone: str | int | None, email: str | None) -> str:
        if phone is not None:
            return normalize_phone(written_field("phone", phone) or "", self._region, is_known=True)
        if email is not None:
            return normalize_email(written_field("e-mail address", email) or "")
        raise InvalidLead("Nobody is named: give a phone or an e-mail address.")

    def _lead_of(self, phone: object, email: object) -> int | None:
        """Return the id of the lead that arguments name; None if they name nobody who is there."""
        named = phone if isinstance(phone, str | int) else None, email if isinstance(email, str) else None
        leads = self._reads.leads(self._address(*named)) if any(named) else []
        return leads[0].id if leads else None

    async def _give_channels_back(self) -> None:
        """Give the channels' connections back, unless a processor of this process still needs them."""
        if self._origin._runner is None:  # noqa: SLF001  (another one of our own)
            await close_channels(self._channels)

    def _wake(self) -> None:
        """Let the processor of this process look, if it has one: it may be another connection's."""
        runner = self._origin._runner  # noqa: SLF001  (another one of our own)
        if runner is not None:
            self._store.when_committed(runner.wake)

    def _now(self) -> datetime:
        return whole_second(self._clock.now())
