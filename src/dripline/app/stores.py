"""The stores of one connection: each is made when it is first asked for, and once."""

from collections.abc import Callable
from datetime import timedelta
from threading import RLock
from typing import TYPE_CHECKING, Generic, TypeVar, overload

from dripline.store.database.database import Database
from dripline.store.database.transactions import Now

if TYPE_CHECKING:  # a command imports the stores that it asks for, no more
    from dripline.store.accounts.access import Access
    from dripline.store.accounts.audit import Audit
    from dripline.store.conversations.conversations import Conversations
    from dripline.store.conversations.early_stops import EarlyStops
    from dripline.store.conversations.inbox import Inbox
    from dripline.store.conversations.mailboxes import Mailboxes
    from dripline.store.conversations.messages_in import MessagesIn
    from dripline.store.enrollments.store import Store
    from dripline.store.events.deliveries import Deliveries
    from dripline.store.events.subscriptions import Subscriptions
    from dripline.store.imports.imports import Imports
    from dripline.store.imports.undo import Undo
    from dripline.store.leads.chats import Chats
    from dripline.store.leads.identities import Identities
    from dripline.store.leads.notes import Notes
    from dripline.store.leads.one_person import OnePerson
    from dripline.store.leads.sources import LeadSources
    from dripline.store.leads.stopping import Stopping
    from dripline.store.maybe_stopped import MaybeStoppedLeads
    from dripline.store.operations.alerts import Alerts
    from dripline.store.operations.workers import Workers
    from dripline.store.operations.workspace import Workspaces
    from dripline.store.queries.lists import Lists
    from dripline.store.queries.thread import Threads
    from dripline.store.queries.timeline import Timelines
    from dripline.store.records.backlog import StandingRecords
    from dripline.store.records.claim import Claiming
    from dripline.store.records.expected import Expecting
    from dripline.store.records.manual_changes import Bulk
    from dripline.store.records.receipts import Receipts
    from dripline.store.reports.reporting import Reporting
    from dripline.store.reports.tallies import Tallies
    from dripline.store.restored import PassCounter
    from dripline.store.retention.archive import Archive
    from dripline.store.retention.retention import Retention
    from dripline.store.senders.account_checks import AccountChecks
    from dripline.store.senders.credentials import Credentials
    from dripline.store.senders.hours_never_meet import MeetingHours
    from dripline.store.senders.notices import Notices
    from dripline.store.senders.reply_only import Cold
    from dripline.store.senders.senders import Senders
    from dripline.store.sequences.drafts import Drafts
    from dripline.store.sequences.sequence_life import SequenceLife
    from dripline.store.sequences.sequences import Sequences
    from dripline.store.sql_prompt.by_hand import ByHand
    from dripline.store.today.today import TodayReport
    from dripline.store.unknown.evidence import EvidenceSettlement
    from dripline.store.unknown.manual_settlement import ManualSettlement
    from dripline.store.unknown.message_trace import MessageTraces

T = TypeVar("T")


class made_once(Generic[T]):  # noqa: N801  (it stands where a decorator stands, as `property` does)
    """A store that is made and imported when it is first asked for; two threads that ask at once get the same."""

    def __init__(self, make: "Callable[[Stores], T]") -> None:
        self._make = make
        self.__doc__ = make.__doc__

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    @overload
    def __get__(self, stores: None, owner: type) -> "made_once[T]": ...
    @overload
    def __get__(self, stores: "Stores", owner: type) -> T: ...
    def __get__(self, stores: "Stores | None", owner: type) -> "made_once[T] | T":
        if stores is None:
            return self
        with stores.lock:
            if self._name not in stores.__dict__:
                stores.__dict__[self._name] = self._make(stores)
            return stores.__dict__[self._name]


class Stores:
    """What is read and written on one connection, noun by noun. Once made, a store is an attribute like any other."""

    def __init__(
        self,
        database: Database,
        read_clock: Now,
        *,
        worker: str,
        pass_id: str,
        windows: dict[str, timedelta],
        contacts: dict[str, str],
    ) -> None:
        self.database = database
        self.worker = worker
        self.lock = RLock()
        self._read_clock = read_clock
        self._pass_id = pass_id
        self._windows, self._contacts = windows, contacts

    @made_once
    def store(self) -> "Store":
        from dripline.store.enrollments.store import Store

        return Store(self.database, self._read_clock)

    @made_once
    def by_hand(self) -> "ByHand":
        from dripline.store.sql_prompt.by_hand import ByHand

        return ByHand(self.database, self.store)

    @made_once
    def reporting(self) -> "Reporting":
        from dripline.store.reports.reporting import Reporting

        return Reporting(self.database)

    @made_once
    def today(self) -> "TodayReport":
        from dripline.store.today.today import TodayReport

        return TodayReport(self.database, self.reporting, self.alerts, self.expecting, self.workspaces)

    @made_once
    def tallies(self) -> "Tallies":
        from dripline.store.reports.tallies import Tallies

        return Tallies(self.database, self.store)

    @made_once
    def retention(self) -> "Retention":
        from dripline.store.retention.retention import Retention

        return Retention(self.database, self.store)

    @made_once
    def archive(self) -> "Archive":
        from dripline.store.retention.archive import Archive

        return Archive(self.database)

    @made_once
    def hours(self) -> "MeetingHours":
        from dripline.store.senders.hours_never_meet import MeetingHours

        return MeetingHours(self.database)

    @made_once
    def bulk(self) -> "Bulk":
        from dripline.store.records.manual_changes import Bulk

        return Bulk(self.database, self.store)

    @made_once
    def presence(self) -> "Workers":
        from dripline.store.operations.workers import Workers

        return Workers(self.database, self.worker)

    @made_once
    def sequences(self) -> "Sequences":
        from dripline.store.sequences.sequences import Sequences

        return Sequences(self.database, self.store)

    @made_once
    def sequence_life(self) -> "SequenceLife":
        from dripline.store.sequences.sequence_life import SequenceLife

        return SequenceLife(self.database, self.store)

    @made_once
    def senders(self) -> "Senders":
        from dripline.store.senders.senders import Senders

        return Senders(self.database, self.store)

    @made_once
    def credentials(self) -> "Credentials":
        from dripline.store.senders.credentials import Credentials

        return Credentials(self.database)

    @made_once
    def passes(self) -> "PassCounter":
        from dripline.store.restored import PassCounter

        return PassCounter(self.database, self._pass_id)

    @made_once
    def deciding(self) -> "ManualSettlement":
        from dripline.store.unknown.manual_settlement import ManualSettlement

        return ManualSettlement(self.database, self.store)

    @made_once
    def proving(self) -> "EvidenceSettlement":
        from dripline.store.unknown.evidence import EvidenceSettlement

        return EvidenceSettlement(self.database, self.store, self.deciding)

    @made_once
    def workspaces(self) -> "Workspaces":
        from dripline.store.operations.workspace import Workspaces

        return Workspaces(self.database)

    @made_once
    def watching(self) -> "AccountChecks":
        from dripline.store.senders.account_checks import AccountChecks

        return AccountChecks(self.database, self.store)

    @made_once
    def mailboxes(self) -> "Mailboxes":
        from dripline.store.conversations.mailboxes import Mailboxes

        return Mailboxes(self.database, self.store)

    @made_once
    def claiming(self) -> "Claiming":
        from dripline.store.records.claim import Claiming

        return Claiming(self.database, self.store, self._windows, contacts=self._contacts)

    @made_once
    def expecting(self) -> "Expecting":
        from dripline.store.records.expected import Expecting

        return Expecting(self.database, self.claiming)

    @made_once
    def standing(self) -> "StandingRecords":
        from dripline.store.records.backlog import StandingRecords

        return StandingRecords(self.database, self.claiming)

    @made_once
    def reads(self) -> "Timelines":
        from dripline.store.queries.timeline import Timelines

        return Timelines(self.database, self.expecting)

    @made_once
    def threads(self) -> "Threads":
        from dripline.store.queries.thread import Threads

        return Threads(self.database)

    @made_once
    def lists(self) -> "Lists":
        from dripline.store.queries.lists import Lists

        return Lists(self.database, self.expecting)

    @made_once
    def alerts(self) -> "Alerts":
        from dripline.store.operations.alerts import Alerts

        return Alerts(self.database, self.reads)

    @made_once
    def drafts(self) -> "Drafts":
        from dripline.store.sequences.drafts import Drafts

        return Drafts(self.database)

    @made_once
    def imports(self) -> "Imports":
        from dripline.store.imports.imports import Imports

        return Imports(self.database)

    @made_once
    def undo(self) -> "Undo":
        from dripline.store.imports.undo import Undo

        return Undo(self.database, self.store)

    @made_once
    def access(self) -> "Access":
        from dripline.store.accounts.access import Access

        return Access(self.database, self.store)

    @made_once
    def audit(self) -> "Audit":
        from dripline.store.accounts.audit import Audit

        return Audit(self.database, self.store)

    @made_once
    def subscriptions(self) -> "Subscriptions":
        from dripline.store.events.subscriptions import Subscriptions

        return Subscriptions(self.database, self.store)

    @made_once
    def deliveries(self) -> "Deliveries":
        from dripline.store.events.deliveries import Deliveries

        return Deliveries(self.database, self.store)

    @made_once
    def stopping(self) -> "Stopping":
        from dripline.store.leads.stopping import Stopping

        return Stopping(self.database, self.store)

    @made_once
    def doubts(self) -> "MaybeStoppedLeads":
        from dripline.store.maybe_stopped import MaybeStoppedLeads

        return MaybeStoppedLeads(self.database)

    @made_once
    def early_stops(self) -> "EarlyStops":
        from dripline.store.conversations.early_stops import EarlyStops

        return EarlyStops(self.database, self.store)

    @made_once
    def one_person(self) -> "OnePerson":
        from dripline.store.leads.one_person import OnePerson

        return OnePerson(self.database, self.store)

    @made_once
    def lead_notes(self) -> "Notes":
        from dripline.store.leads.notes import Notes

        return Notes(self.database, self.store)

    @made_once
    def lead_sources(self) -> "LeadSources":
        from dripline.store.leads.sources import LeadSources

        return LeadSources(self.database, self.store)

    @made_once
    def identities(self) -> "Identities":
        from dripline.store.leads.identities import Identities

        return Identities(self.database)

    @made_once
    def messages_in(self) -> "MessagesIn":
        from dripline.store.conversations.messages_in import MessagesIn

        return MessagesIn(self.database, self.store)

    @made_once
    def inbox(self) -> "Inbox":
        from dripline.store.conversations.inbox import Inbox

        return Inbox(self.database, self.store)

    @made_once
    def receipts(self) -> "Receipts":
        from dripline.store.records.receipts import Receipts

        return Receipts(self.database, self.store)

    @made_once
    def chats(self) -> "Chats":
        from dripline.store.leads.chats import Chats

        return Chats(self.database, self.store)

    @made_once
    def notices(self) -> "Notices":
        from dripline.store.senders.notices import Notices

        return Notices(self.database)

    @made_once
    def conversations(self) -> "Conversations":
        from dripline.store.conversations.conversations import Conversations

        return Conversations(self.database, self._windows)

    @made_once
    def cold(self) -> "Cold":
        from dripline.store.senders.reply_only import Cold

        return Cold(self.database, self.store)

    @made_once
    def tracing(self) -> "MessageTraces":
        from dripline.store.unknown.message_trace import MessageTraces

        return MessageTraces(self.database, self.store)
