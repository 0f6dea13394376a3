# What type checkers read of the package: written by `make reference` from the list in `__init__.py`.

from dripline.app import Dripline as Dripline
from dripline.app.workspace import AppliedSetup as AppliedSetup
from dripline.app.workspace import PlannedSetup as PlannedSetup
from dripline.channels.console import ConsoleChannel as ConsoleChannel
from dripline.channels.contract import Channel as Channel
from dripline.channels.fake import FakeChannel as FakeChannel
from dripline.channels.plain import PlainChannel as PlainChannel
from dripline.core.events.event import DeliveryState as DeliveryState
from dripline.core.events.event import EventDelivery as EventDelivery
from dripline.core.events.event import EventSubscription as EventSubscription
from dripline.core.events.event import EventType as EventType
from dripline.core.events.event import Subscribed as Subscribed
from dripline.core.events.event import SubscriptionStatus as SubscriptionStatus
from dripline.core.events.inbound import Delivery as Delivery
from dripline.core.events.inbound import Event as Event
from dripline.core.events.inbound import Preference as Preference
from dripline.core.events.inbound import Receipt as Receipt
from dripline.core.events.inbound import Reply as Reply
from dripline.core.events.posting import Posting as Posting
from dripline.core.leads.address import AddressKind as AddressKind
from dripline.core.leads.lead import Lead as Lead
from dripline.core.leads.lead import NewLead as NewLead
from dripline.core.leads.merge import Merge as Merge
from dripline.core.leads.note import Note as Note
from dripline.core.leads.opt_out import OptOut as OptOut
from dripline.core.leads.source import LeadSource as LeadSource
from dripline.core.leads.source import NewSource as NewSource
from dripline.core.messages.message import Message as Message
from dripline.core.messages.preview import Preview as Preview
from dripline.core.outcome import Accepted as Accepted
from dripline.core.outcome import Outcome as Outcome
from dripline.core.outcome import Rejected as Rejected
from dripline.core.outcome import RetryLater as RetryLater
from dripline.core.outcome import SenderUnavailable as SenderUnavailable
from dripline.core.outcome import Unknown as Unknown
from dripline.core.planning.edit import Reach as Reach
from dripline.core.planning.move import Move as Move
from dripline.core.planning.plan import Plan as Plan
from dripline.core.planning.sequence_life import RenamedTrigger as RenamedTrigger
from dripline.core.planning.starting import Starting as Starting
from dripline.core.queries.filters import AttemptFilter as AttemptFilter
from dripline.core.queries.filters import EnrollmentFilter as EnrollmentFilter
from dripline.core.queries.filters import LeadFilter as LeadFilter
from dripline.core.queries.filters import Order as Order
from dripline.core.queries.filters import RecordFilter as RecordFilter
from dripline.core.queries.filters import Standing as Standing
from dripline.core.queries.filters import SuppressionFilter as SuppressionFilter
from dripline.core.queries.listing import Page as Page
from dripline.core.queries.report import Figure as Figure
from dripline.core.queries.report import Overview as Overview
from dripline.core.queries.report import SequenceReport as SequenceReport
from dripline.core.queries.report import Tally as Tally
from dripline.core.reason import Reason as Reason
from dripline.core.reason import ReasonCode as ReasonCode
from dripline.core.records.catch_up import CatchUp as CatchUp
from dripline.core.records.evidence import Evidence as Evidence
from dripline.core.records.evidence import EvidenceLine as EvidenceLine
from dripline.core.records.record import StepRecord as StepRecord
from dripline.core.records.unknown import Effect as Effect
from dripline.core.records.unknown import Resolution as Resolution
from dripline.core.records.unknown import Settled as Settled
from dripline.core.records.unknown import Settlement as Settlement
from dripline.core.records.unknown import UnknownFilter as UnknownFilter
from dripline.core.records.unknown import Unsettled as Unsettled
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
from dripline.core.time.window import SendWindow as SendWindow
from dripline.core.trouble import Trouble as Trouble
from dripline.core.views.leads import Allowed as Allowed
from dripline.core.views.leads import Intake as Intake
from dripline.core.views.leads import MaybeStopped as MaybeStopped
from dripline.core.views.leads import Received as Received
from dripline.core.views.leads import Suppression as Suppression
from dripline.core.views.lists import EnrollmentDetail as EnrollmentDetail
from dripline.core.views.lists import ListedAttempt as ListedAttempt
from dripline.core.views.lists import ListedEnrollment as ListedEnrollment
from dripline.core.views.lists import ListedLead as ListedLead
from dripline.core.views.lists import ListedRecord as ListedRecord
from dripline.core.views.lists import Person as Person
from dripline.core.views.lists import RecordDetail as RecordDetail
from dripline.core.views.operations import Worker as Worker
from dripline.core.views.operations import WorkspaceState as WorkspaceState
from dripline.core.views.records import Done as Done
from dripline.core.views.records import Refused as Refused
from dripline.core.views.records import UnknownRecord as UnknownRecord
from dripline.core.views.senders import SenderEvent as SenderEvent
from dripline.core.views.senders import SenderState as SenderState
from dripline.core.views.sequences import Applied as Applied
from dripline.core.views.timeline import Timeline as Timeline
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
from dripline.verify import Breach as Breach
from dripline.version import __version__ as __version__

__all__ = [
    "Accepted",
    "AddressKind",
    "Allowed",
    "Applied",
    "AppliedSetup",
    "AttemptFilter",
    "Breach",
    "BusyLead",
    "CatchUp",
    "Channel",
    "ChannelNotConfigured",
    "Clock",
    "ConsoleChannel",
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
    "Delivery",
    "DeliveryState",
    "Done",
    "Dripline",
    "DriplineError",
    "Effect",
    "EnrollmentDetail",
    "EnrollmentFilter",
    "Event",
    "EventDelivery",
    "EventSubscription",
    "EventType",
    "Evidence",
    "EvidenceLine",
    "FakeChannel",
    "Figure",
    "Intake",
    "InvalidAccess",
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
    "Lead",
    "LeadFilter",
    "LeadSource",
    "Limits",
    "ListedAttempt",
    "ListedEnrollment",
    "ListedLead",
    "ListedRecord",
    "LoginFailed",
    "LoopAlreadyRunning",
    "MaybeStopped",
    "Media",
    "MediaKind",
    "Merge",
    "Message",
    "Move",
    "NewLead",
    "NewSource",
    "NoSuchSender",
    "NoSuchSequence",
    "NoSuchSource",
    "NoSuchSubscription",
    "NotAllowed",
    "Note",
    "OnFailure",
    "OnReply",
    "OnTriggerLost",
    "OnUnknown",
    "OptOut",
    "Order",
    "Outcome",
    "OutputLost",
    "Overview",
    "Pace",
    "Page",
    "PairingFailed",
    "Person",
    "PlainChannel",
    "Plan",
    "PlannedSetup",
    "Policy",
    "Posting",
    "Preference",
    "Preview",
    "ReEntry",
    "Reach",
    "Reason",
    "ReasonCode",
    "Receipt",
    "Received",
    "RecordDetail",
    "RecordFilter",
    "Refused",
    "Rejected",
    "RenamedTrigger",
    "Reply",
    "Report",
    "Resolution",
    "RetryLater",
    "SchemaChanged",
    "SendWindow",
    "Sender",
    "SenderEvent",
    "SenderState",
    "SenderStatus",
    "SenderUnavailable",
    "Sequence",
    "SequenceReport",
    "Settled",
    "Settlement",
    "SeveralPhones",
    "Standing",
    "Starting",
    "Status",
    "Step",
    "StepRecord",
    "Subscribed",
    "SubscriptionStatus",
    "Suppression",
    "SuppressionFilter",
    "SystemClock",
    "Tally",
    "Template",
    "Timeline",
    "TooManyTries",
    "Trouble",
    "Unknown",
    "UnknownFilter",
    "UnknownRecord",
    "Unsettled",
    "Variant",
    "VirtualClock",
    "WhenLate",
    "Worker",
    "Workspace",
    "WorkspaceState",
    "__version__",
]
