# What type checkers read of the package: written by `make reference` from the list in `__init__.py`.

from dripline.app import Dripline as Dripline
from dripline.app.credentials.settings import CredentialSettings as CredentialSettings
from dripline.app.imports import ImportPlan as ImportPlan
from dripline.app.workspace import AppliedSetup as AppliedSetup
from dripline.app.workspace import PlannedSetup as PlannedSetup
from dripline.channels.base import PlainChannel as PlainChannel
from dripline.channels.capabilities import Capabilities as Capabilities
from dripline.channels.console import ConsoleChannel as ConsoleChannel
from dripline.channels.contract import Channel as Channel
from dripline.channels.fake import FakeChannel as FakeChannel
from dripline.config.channels import configured_channels as configured_channels
from dripline.config.channels import configured_credentials as configured_credentials
from dripline.config.channels import plugin_finder as plugin_finder
from dripline.core.accounts.access import Actor as Actor
from dripline.core.accounts.access import Belongings as Belongings
from dripline.core.accounts.access import Invitation as Invitation
from dripline.core.accounts.access import Role as Role
from dripline.core.accounts.access import Token as Token
from dripline.core.accounts.access import User as User
from dripline.core.accounts.access import UserChange as UserChange
from dripline.core.alerts import Alert as Alert
from dripline.core.alerts import AlertKind as AlertKind
from dripline.core.enrollments.enrolling import Condition as Condition
from dripline.core.enrollments.enrolling import ConditionResult as ConditionResult
from dripline.core.events.event import DeliveryState as DeliveryState
from dripline.core.events.event import EventDelivery as EventDelivery
from dripline.core.events.event import EventSubscription as EventSubscription
from dripline.core.events.event import EventType as EventType
from dripline.core.events.event import Subscribed as Subscribed
from dripline.core.events.event import SubscriptionStatus as SubscriptionStatus
from dripline.core.events.inbound import Delivery as Delivery
from dripline.core.events.inbound import Keyword as Keyword
from dripline.core.events.inbound import MessageKind as MessageKind
from dripline.core.events.inbound import Preference as Preference
from dripline.core.events.inbound import ProviderEvent as ProviderEvent
from dripline.core.events.inbound import Receipt as Receipt
from dripline.core.events.inbound import Reply as Reply
from dripline.core.events.posting import EventSigning as EventSigning
from dripline.core.leads.address import AddressKind as AddressKind
from dripline.core.leads.identity import Identity as Identity
from dripline.core.leads.identity import IdentityKind as IdentityKind
from dripline.core.leads.import_undo import ImportUndo as ImportUndo
from dripline.core.leads.import_undo import KeepReason as KeepReason
from dripline.core.leads.lead import Lead as Lead
from dripline.core.leads.lead import LeadInput as LeadInput
from dripline.core.leads.lead import NewLead as NewLead
from dripline.core.leads.merge import Merge as Merge
from dripline.core.leads.note import Note as Note
from dripline.core.leads.opt_out import OptOut as OptOut
from dripline.core.leads.rejected_row import RefusedRow as RefusedRow
from dripline.core.leads.source import LeadSource as LeadSource
from dripline.core.leads.source import NewSource as NewSource
from dripline.core.messages.message import Message as Message
from dripline.core.messages.preview import DraftPreview as DraftPreview
from dripline.core.messages.preview import Preview as Preview
from dripline.core.messages.start_link import StartLinks as StartLinks
from dripline.core.outcome import Accepted as Accepted
from dripline.core.outcome import Outcome as Outcome
from dripline.core.outcome import Rejected as Rejected
from dripline.core.outcome import RetryLater as RetryLater
from dripline.core.outcome import Scope as Scope
from dripline.core.outcome import SenderUnavailable as SenderUnavailable
from dripline.core.outcome import Unknown as Unknown
from dripline.core.planning.finished import Finished as Finished
from dripline.core.planning.in_flight import Effects as Effects
from dripline.core.planning.in_flight import Ending as Ending
from dripline.core.planning.in_flight import Rival as Rival
from dripline.core.planning.plan import Action as Action
from dripline.core.planning.plan import Affected as Affected
from dripline.core.planning.plan import Correction as Correction
from dripline.core.planning.plan import Plan as Plan
from dripline.core.planning.reach import Reach as Reach
from dripline.core.planning.sequence_life import InFlight as InFlight
from dripline.core.planning.sequence_life import RenamedTrigger as RenamedTrigger
from dripline.core.planning.settings_plan import SettingsPlan as SettingsPlan
from dripline.core.planning.starting import Starting as Starting
from dripline.core.planning.version_move import VersionMove as VersionMove
from dripline.core.queries.filters import AttemptFilter as AttemptFilter
from dripline.core.queries.filters import EnrollmentFilter as EnrollmentFilter
from dripline.core.queries.filters import LeadFilter as LeadFilter
from dripline.core.queries.filters import Order as Order
from dripline.core.queries.filters import RecordFilter as RecordFilter
from dripline.core.queries.filters import StatusGroup as StatusGroup
from dripline.core.queries.filters import StepResult as StepResult
from dripline.core.queries.filters import SuppressionFilter as SuppressionFilter
from dripline.core.queries.listing import Page as Page
from dripline.core.queries.report import EnrollmentCount as EnrollmentCount
from dripline.core.queries.report import Figure as Figure
from dripline.core.queries.report import Overview as Overview
from dripline.core.queries.report import SequenceReport as SequenceReport
from dripline.core.queries.report import Tally as Tally
from dripline.core.queries.results import SequenceResults as SequenceResults
from dripline.core.queries.results import StepResults as StepResults
from dripline.core.reason import Reason as Reason
from dripline.core.reason import ReasonCode as ReasonCode
from dripline.core.records.backlog import CatchUp as CatchUp
from dripline.core.records.backlog import Times as Times
from dripline.core.records.evidence import Evidence as Evidence
from dripline.core.records.evidence import EvidenceLine as EvidenceLine
from dripline.core.records.evidence import Finding as Finding
from dripline.core.records.expected import Expected as Expected
from dripline.core.records.expected import Obstacle as Obstacle
from dripline.core.records.record import StepRecord as StepRecord
from dripline.core.records.send_proof import SendProof as SendProof
from dripline.core.records.unknown import Effect as Effect
from dripline.core.records.unknown import Group as Group
from dripline.core.records.unknown import Resolution as Resolution
from dripline.core.records.unknown import Settled as Settled
from dripline.core.records.unknown import Settlement as Settlement
from dripline.core.records.unknown import UnknownFilter as UnknownFilter
from dripline.core.records.unknown import Unsettled as Unsettled
from dripline.core.records.waiting import WaitCause as WaitCause
from dripline.core.records.waiting import Waiting as Waiting
from dripline.core.records.waiting import WaitingGroup as WaitingGroup
from dripline.core.records.why import Around as Around
from dripline.core.records.why import DeliveryReport as DeliveryReport
from dripline.core.replies.message_class import MessageClass as MessageClass
from dripline.core.senders.credential import ConnectableChannel as ConnectableChannel
from dripline.core.senders.credential import Credential as Credential
from dripline.core.senders.credential import CredentialFact as CredentialFact
from dripline.core.senders.credential import CredentialField as CredentialField
from dripline.core.senders.credential import FactCode as FactCode
from dripline.core.senders.credential import FactState as FactState
from dripline.core.senders.credential import KeyRotation as KeyRotation
from dripline.core.senders.credential import SecretSource as SecretSource
from dripline.core.senders.credential import SenderWebhook as SenderWebhook
from dripline.core.senders.sender import Pace as Pace
from dripline.core.senders.sender import Sender as Sender
from dripline.core.senders.sender import SenderStatus as SenderStatus
from dripline.core.sequences.content import Media as Media
from dripline.core.sequences.content import MediaKind as MediaKind
from dripline.core.sequences.content import Template as Template
from dripline.core.sequences.content import Variant as Variant
from dripline.core.sequences.policy import OnFailure as OnFailure
from dripline.core.sequences.policy import OnReply as OnReply
from dripline.core.sequences.policy import OnTriggerLost as OnTriggerLost
from dripline.core.sequences.policy import OnUnknown as OnUnknown
from dripline.core.sequences.policy import Policy as Policy
from dripline.core.sequences.policy import ReEntry as ReEntry
from dripline.core.sequences.policy import WhenLate as WhenLate
from dripline.core.sequences.sequence import Sequence as Sequence
from dripline.core.sequences.sequence import Step as Step
from dripline.core.states import Status as Status
from dripline.core.time.calendar import Window as Window
from dripline.core.time.opening_hours import Hours as Hours
from dripline.core.time.opening_hours import Openings as Openings
from dripline.core.time.schedule import Wait as Wait
from dripline.core.time.send_window import Holiday as Holiday
from dripline.core.time.send_window import SendWindow as SendWindow
from dripline.core.time.send_window import WrittenWindow as WrittenWindow
from dripline.core.views.audit import AuditEntry as AuditEntry
from dripline.core.views.calendar import Calendar as Calendar
from dripline.core.views.calendar import CalendarCell as CalendarCell
from dripline.core.views.calendar import CalendarDay as CalendarDay
from dripline.core.views.calendar import CalendarHour as CalendarHour
from dripline.core.views.calendar import CalendarRow as CalendarRow
from dripline.core.views.calendar import StoppedStep as StoppedStep
from dripline.core.views.failures import FailureGroup as FailureGroup
from dripline.core.views.imports import Import as Import
from dripline.core.views.imports import ImportState as ImportState
from dripline.core.views.leads import Allowed as Allowed
from dripline.core.views.leads import LeadResult as LeadResult
from dripline.core.views.leads import MaybeStopped as MaybeStopped
from dripline.core.views.leads import ReplyResult as ReplyResult
from dripline.core.views.leads import Suppression as Suppression
from dripline.core.views.lists import EnrollmentDetail as EnrollmentDetail
from dripline.core.views.lists import ListedAttempt as ListedAttempt
from dripline.core.views.lists import ListedEnrollment as ListedEnrollment
from dripline.core.views.lists import ListedLead as ListedLead
from dripline.core.views.lists import ListedRecord as ListedRecord
from dripline.core.views.lists import RecordDetail as RecordDetail
from dripline.core.views.lists import Result as Result
from dripline.core.views.lists import StandsAt as StandsAt
from dripline.core.views.operations import RefusedPosts as RefusedPosts
from dripline.core.views.operations import Repair as Repair
from dripline.core.views.operations import Worker as Worker
from dripline.core.views.operations import WorkspaceState as WorkspaceState
from dripline.core.views.person import Person as Person
from dripline.core.views.records import BulkResult as BulkResult
from dripline.core.views.records import BulkSkip as BulkSkip
from dripline.core.views.records import Excerpt as Excerpt
from dripline.core.views.records import StepCount as StepCount
from dripline.core.views.records import Suspects as Suspects
from dripline.core.views.records import UnknownRecord as UnknownRecord
from dripline.core.views.retention import EndedCounts as EndedCounts
from dripline.core.views.senders import SenderEvent as SenderEvent
from dripline.core.views.senders import SenderState as SenderState
from dripline.core.views.sequences import Applied as Applied
from dripline.core.views.sequences import SequenceState as SequenceState
from dripline.core.views.thread import EntryKind as EntryKind
from dripline.core.views.thread import Happening as Happening
from dripline.core.views.thread import LeadThread as LeadThread
from dripline.core.views.thread import MessageState as MessageState
from dripline.core.views.thread import ThreadEntry as ThreadEntry
from dripline.core.views.timeline import Attempt as Attempt
from dripline.core.views.timeline import Candidacy as Candidacy
from dripline.core.views.timeline import Enrollment as Enrollment
from dripline.core.views.timeline import NotEnrolled as NotEnrolled
from dripline.core.views.timeline import Timeline as Timeline
from dripline.core.views.today import DayResults as DayResults
from dripline.core.views.today import Need as Need
from dripline.core.views.today import NeedHelp as NeedHelp
from dripline.core.views.today import NextUp as NextUp
from dripline.core.views.today import Today as Today
from dripline.core.workspace import Workspace as Workspace
from dripline.engine.clock import Clock as Clock
from dripline.engine.clock import SystemClock as SystemClock
from dripline.engine.clock import VirtualClock as VirtualClock
from dripline.engine.limits import Limits as Limits
from dripline.engine.report import Report as Report
from dripline.errors import BusyLead as BusyLead
from dripline.errors import ChannelNotConfigured as ChannelNotConfigured
from dripline.errors import DatabaseAway as DatabaseAway
from dripline.errors import DatabaseContended as DatabaseContended
from dripline.errors import DatabaseForeign as DatabaseForeign
from dripline.errors import DatabaseFull as DatabaseFull
from dripline.errors import DatabaseLocked as DatabaseLocked
from dripline.errors import DatabaseMissing as DatabaseMissing
from dripline.errors import DatabaseProblem as DatabaseProblem
from dripline.errors import DatabaseReadOnly as DatabaseReadOnly
from dripline.errors import DatabaseTooNew as DatabaseTooNew
from dripline.errors import DatabaseTooOld as DatabaseTooOld
from dripline.errors import DatabaseUnreachable as DatabaseUnreachable
from dripline.errors import DriplineError as DriplineError
from dripline.errors import InvalidAccess as InvalidAccess
from dripline.errors import InvalidCredential as InvalidCredential
from dripline.errors import InvalidDelay as InvalidDelay
from dripline.errors import InvalidEmail as InvalidEmail
from dripline.errors import InvalidFile as InvalidFile
from dripline.errors import InvalidFilter as InvalidFilter
from dripline.errors import InvalidImport as InvalidImport
from dripline.errors import InvalidInput as InvalidInput
from dripline.errors import InvalidLead as InvalidLead
from dripline.errors import InvalidNote as InvalidNote
from dripline.errors import InvalidPhone as InvalidPhone
from dripline.errors import InvalidScenario as InvalidScenario
from dripline.errors import InvalidSender as InvalidSender
from dripline.errors import InvalidSequence as InvalidSequence
from dripline.errors import InvalidSettings as InvalidSettings
from dripline.errors import InvalidSource as InvalidSource
from dripline.errors import InvalidSubscription as InvalidSubscription
from dripline.errors import InvalidTemplate as InvalidTemplate
from dripline.errors import InvalidTrigger as InvalidTrigger
from dripline.errors import InvalidWindow as InvalidWindow
from dripline.errors import InvalidWorkspace as InvalidWorkspace
from dripline.errors import KeyMissing as KeyMissing
from dripline.errors import LoginFailed as LoginFailed
from dripline.errors import LoopAlreadyRunning as LoopAlreadyRunning
from dripline.errors import NoSuchSender as NoSuchSender
from dripline.errors import NoSuchSequence as NoSuchSequence
from dripline.errors import NoSuchSource as NoSuchSource
from dripline.errors import NoSuchSubscription as NoSuchSubscription
from dripline.errors import NotAllowed as NotAllowed
from dripline.errors import OutputLost as OutputLost
from dripline.errors import PairingFailed as PairingFailed
from dripline.errors import SchemaChanged as SchemaChanged
from dripline.errors import SeveralPhones as SeveralPhones
from dripline.errors import TooManyTries as TooManyTries
from dripline.importing.column_meaning import ColumnMeaning as ColumnMeaning
from dripline.importing.column_meaning import Part as Part
from dripline.importing.leads.lead_row import CellNote as CellNote
from dripline.importing.leads.upload import ImportOptions as ImportOptions
from dripline.importing.leads.upload import ShownCell as ShownCell
from dripline.importing.leads.upload import ShownColumn as ShownColumn
from dripline.importing.leads.upload import ShownRow as ShownRow
from dripline.importing.leads.upload import Upload as Upload
from dripline.importing.leads.upload import UploadPreview as UploadPreview
from dripline.importing.reading import ReadAs as ReadAs
from dripline.importing.reading import Reading as Reading
from dripline.store.accounts.access import LoginLink as LoginLink
from dripline.store.accounts.audit import StoredAnswer as StoredAnswer
from dripline.store.sequences.drafts import SavedDraft as SavedDraft
from dripline.verify import Breach as Breach
from dripline.verify import Invariant as Invariant
from dripline.version import __version__ as __version__

__all__ = [
    "Accepted",
    "Action",
    "Actor",
    "AddressKind",
    "Affected",
    "Alert",
    "AlertKind",
    "Allowed",
    "Applied",
    "AppliedSetup",
    "Around",
    "Attempt",
    "AttemptFilter",
    "AuditEntry",
    "Belongings",
    "Breach",
    "BulkResult",
    "BulkSkip",
    "BusyLead",
    "Calendar",
    "CalendarCell",
    "CalendarDay",
    "CalendarHour",
    "CalendarRow",
    "Candidacy",
    "Capabilities",
    "CatchUp",
    "CellNote",
    "Channel",
    "ChannelNotConfigured",
    "Clock",
    "ColumnMeaning",
    "Condition",
    "ConditionResult",
    "ConnectableChannel",
    "ConsoleChannel",
    "Correction",
    "Credential",
    "CredentialFact",
    "CredentialField",
    "CredentialSettings",
    "DatabaseAway",
    "DatabaseContended",
    "DatabaseForeign",
    "DatabaseFull",
    "DatabaseLocked",
    "DatabaseMissing",
    "DatabaseProblem",
    "DatabaseReadOnly",
    "DatabaseTooNew",
    "DatabaseTooOld",
    "DatabaseUnreachable",
    "DayResults",
    "Delivery",
    "DeliveryReport",
    "DeliveryState",
    "DraftPreview",
    "Dripline",
    "DriplineError",
    "Effect",
    "Effects",
    "EndedCounts",
    "Ending",
    "Enrollment",
    "EnrollmentCount",
    "EnrollmentDetail",
    "EnrollmentFilter",
    "EntryKind",
    "EventDelivery",
    "EventSigning",
    "EventSubscription",
    "EventType",
    "Evidence",
    "EvidenceLine",
    "Excerpt",
    "Expected",
    "FactCode",
    "FactState",
    "FailureGroup",
    "FakeChannel",
    "Figure",
    "Finding",
    "Finished",
    "Group",
    "Happening",
    "Holiday",
    "Hours",
    "Identity",
    "IdentityKind",
    "Import",
    "ImportOptions",
    "ImportPlan",
    "ImportState",
    "ImportUndo",
    "InFlight",
    "InvalidAccess",
    "InvalidCredential",
    "InvalidDelay",
    "InvalidEmail",
    "InvalidFile",
    "InvalidFilter",
    "InvalidImport",
    "InvalidInput",
    "InvalidLead",
    "InvalidNote",
    "InvalidPhone",
    "InvalidScenario",
    "InvalidSender",
    "InvalidSequence",
    "InvalidSettings",
    "InvalidSource",
    "InvalidSubscription",
    "InvalidTemplate",
    "InvalidTrigger",
    "InvalidWindow",
    "InvalidWorkspace",
    "Invariant",
    "Invitation",
    "KeepReason",
    "KeyMissing",
    "KeyRotation",
    "Keyword",
    "Lead",
    "LeadFilter",
    "LeadInput",
    "LeadResult",
    "LeadSource",
    "LeadThread",
    "Limits",
    "ListedAttempt",
    "ListedEnrollment",
    "ListedLead",
    "ListedRecord",
    "LoginFailed",
    "LoginLink",
    "LoopAlreadyRunning",
    "MaybeStopped",
    "Media",
    "MediaKind",
    "Merge",
    "Message",
    "MessageClass",
    "MessageKind",
    "MessageState",
    "Need",
    "NeedHelp",
    "NewLead",
    "NewSource",
    "NextUp",
    "NoSuchSender",
    "NoSuchSequence",
    "NoSuchSource",
    "NoSuchSubscription",
    "NotAllowed",
    "NotEnrolled",
    "Note",
    "Obstacle",
    "OnFailure",
    "OnReply",
    "OnTriggerLost",
    "OnUnknown",
    "Openings",
    "OptOut",
    "Order",
    "Outcome",
    "OutputLost",
    "Overview",
    "Pace",
    "Page",
    "PairingFailed",
    "Part",
    "Person",
    "PlainChannel",
    "Plan",
    "PlannedSetup",
    "Policy",
    "Preference",
    "Preview",
    "ProviderEvent",
    "ReEntry",
    "Reach",
    "ReadAs",
    "Reading",
    "Reason",
    "ReasonCode",
    "Receipt",
    "RecordDetail",
    "RecordFilter",
    "RefusedPosts",
    "RefusedRow",
    "Rejected",
    "RenamedTrigger",
    "Repair",
    "Reply",
    "ReplyResult",
    "Report",
    "Resolution",
    "Result",
    "RetryLater",
    "Rival",
    "Role",
    "SavedDraft",
    "SchemaChanged",
    "Scope",
    "SecretSource",
    "SendProof",
    "SendWindow",
    "Sender",
    "SenderEvent",
    "SenderState",
    "SenderStatus",
    "SenderUnavailable",
    "SenderWebhook",
    "Sequence",
    "SequenceReport",
    "SequenceResults",
    "SequenceState",
    "SettingsPlan",
    "Settled",
    "Settlement",
    "SeveralPhones",
    "ShownCell",
    "ShownColumn",
    "ShownRow",
    "StandsAt",
    "StartLinks",
    "Starting",
    "Status",
    "StatusGroup",
    "Step",
    "StepCount",
    "StepRecord",
    "StepResult",
    "StepResults",
    "StoppedStep",
    "StoredAnswer",
    "Subscribed",
    "SubscriptionStatus",
    "Suppression",
    "SuppressionFilter",
    "Suspects",
    "SystemClock",
    "Tally",
    "Template",
    "ThreadEntry",
    "Timeline",
    "Times",
    "Today",
    "Token",
    "TooManyTries",
    "Unknown",
    "UnknownFilter",
    "UnknownRecord",
    "Unsettled",
    "Upload",
    "UploadPreview",
    "User",
    "UserChange",
    "Variant",
    "VersionMove",
    "VirtualClock",
    "Wait",
    "WaitCause",
    "Waiting",
    "WaitingGroup",
    "WhenLate",
    "Window",
    "Worker",
    "Workspace",
    "WorkspaceState",
    "WrittenWindow",
    "__version__",
    "configured_channels",
    "configured_credentials",
    "plugin_finder",
]
