"""dripline: every step once, in order, on time, and you can see why.

from dripline import Dripline, Sequence, Step

with Dripline("sqlite:///drip.db") as drip:
    drip.apply(Sequence("Warm EXAMA", trigger="WARMEXAMA", steps=[Step("Hi {{ name }}"), Step("Two", after="12h")]))
    drip.add_lead(phone="60123456789", name="Aina", triggers=["WARMEXAMA"])
    drip.tick()
"""

from importlib import import_module
from typing import TYPE_CHECKING

from dripline.version import __version__

if TYPE_CHECKING:
    from dripline.app import Dripline
    from dripline.app.setup import AppliedSetup, PlannedSetup
    from dripline.channels.console import ConsoleChannel
    from dripline.channels.contract import Channel
    from dripline.channels.fake import FakeChannel
    from dripline.channels.plain import PlainChannel
    from dripline.core.events.event import (
        DeliveryState,
        EventDelivery,
        EventSubscription,
        EventType,
        Subscribed,
        SubscriptionStatus,
    )
    from dripline.core.events.inbound import Delivery, Event, Preference, Receipt, Reply
    from dripline.core.events.posting import Posting
    from dripline.core.leads.address import AddressKind
    from dripline.core.leads.lead import Lead, NewLead
    from dripline.core.leads.merge import Merge
    from dripline.core.leads.note import Note
    from dripline.core.leads.opt_out import OptOut
    from dripline.core.leads.source import LeadSource, NewSource
    from dripline.core.messages.message import Message
    from dripline.core.messages.preview import Preview
    from dripline.core.outcome import Accepted, Outcome, Rejected, RetryLater, SenderUnavailable, Unknown
    from dripline.core.planning.edit import Reach
    from dripline.core.planning.move import Move
    from dripline.core.planning.plan import Plan
    from dripline.core.planning.sequence_life import RenamedTrigger
    from dripline.core.planning.starting import Starting
    from dripline.core.queries.filters import (
        AttemptFilter,
        EnrollmentFilter,
        LeadFilter,
        Order,
        RecordFilter,
        Standing,
        SuppressionFilter,
    )
    from dripline.core.queries.listing import Page
    from dripline.core.queries.report import Figure, Overview, SequenceReport, Tally
    from dripline.core.reason import Reason, ReasonCode
    from dripline.core.records.catch_up import CatchUp
    from dripline.core.records.evidence import Evidence, EvidenceLine
    from dripline.core.records.record import StepRecord
    from dripline.core.records.unknown import Effect, Resolution, Settled, Settlement, UnknownFilter, Unsettled
    from dripline.core.senders.sender import Pace, Sender, SenderStatus
    from dripline.core.sequences.content import Media, MediaKind, Template, Variant
    from dripline.core.sequences.policy import OnFailure, OnReply, OnTriggerLost, OnUnknown, Policy, ReEntry, WhenLate
    from dripline.core.sequences.sequence import Sequence, Step
    from dripline.core.states import Status
    from dripline.core.time.window import SendWindow
    from dripline.core.trouble import Trouble
    from dripline.core.views.leads import Allowed, Intake, MaybeStopped, Received, Suppression
    from dripline.core.views.lists import (
        EnrollmentDetail,
        ListedAttempt,
        ListedEnrollment,
        ListedLead,
        ListedRecord,
        Person,
        RecordDetail,
    )
    from dripline.core.views.operations import Worker, WorkspaceState
    from dripline.core.views.records import Done, Refused, UnknownRecord
    from dripline.core.views.senders import SenderEvent, SenderState
    from dripline.core.views.sequences import Applied
    from dripline.core.views.timeline import Timeline
    from dripline.core.workspace import Workspace
    from dripline.engine.clock import Clock, SystemClock, VirtualClock
    from dripline.engine.limits import Limits
    from dripline.engine.report import Report
    from dripline.errors import DriplineError
    from dripline.verify import Breach

__all__ = [
    "Accepted",
    "AddressKind",
    "Allowed",
    "Applied",
    "AppliedSetup",
    "AttemptFilter",
    "Breach",
    "CatchUp",
    "Channel",
    "Clock",
    "ConsoleChannel",
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
    "Lead",
    "LeadFilter",
    "LeadSource",
    "Limits",
    "ListedAttempt",
    "ListedEnrollment",
    "ListedLead",
    "ListedRecord",
    "MaybeStopped",
    "Media",
    "MediaKind",
    "Merge",
    "Message",
    "Move",
    "NewLead",
    "NewSource",
    "Note",
    "OnFailure",
    "OnReply",
    "OnTriggerLost",
    "OnUnknown",
    "OptOut",
    "Order",
    "Outcome",
    "Overview",
    "Pace",
    "Page",
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

_HOMES = {
    "app": "Dripline",
    "app.setup": "AppliedSetup PlannedSetup",
    "channels.console": "ConsoleChannel",
    "channels.contract": "Channel",
    "channels.fake": "FakeChannel",
    "channels.plain": "PlainChannel",
    "core.leads.address": "AddressKind",
    "core.records.catch_up": "CatchUp",
    "core.sequences.content": "Media MediaKind Template Variant",
    "core.planning.edit": "Reach",
    "core.events.event": "DeliveryState EventDelivery EventSubscription EventType Subscribed SubscriptionStatus",
    "core.records.evidence": "Evidence EvidenceLine",
    "core.queries.filters": "AttemptFilter EnrollmentFilter LeadFilter Order RecordFilter Standing SuppressionFilter",
    "core.events.inbound": "Delivery Event Preference Receipt Reply",
    "core.queries.listing": "Page",
    "core.leads.lead": "Lead NewLead",
    "core.messages.message": "Message",
    "core.records.record": "StepRecord",
    "core.sequences.sequence": "Sequence Step",
    "core.planning.move": "Move",
    "core.leads.note": "Note",
    "core.leads.opt_out": "OptOut",
    "core.outcome": "Accepted Outcome Rejected RetryLater SenderUnavailable Unknown",
    "core.planning.plan": "Plan",
    "core.sequences.policy": "OnFailure OnReply OnTriggerLost OnUnknown Policy ReEntry WhenLate",
    "core.events.posting": "Posting",
    "core.leads.merge": "Merge",
    "core.messages.preview": "Preview",
    "core.reason": "Reason ReasonCode",
    "core.queries.report": "Figure Overview SequenceReport Tally",
    "core.planning.sequence_life": "RenamedTrigger",
    "core.senders.sender": "Pace Sender SenderStatus",
    "core.leads.source": "LeadSource NewSource",
    "core.planning.starting": "Starting",
    "core.states": "Status",
    "core.trouble": "Trouble",
    "core.records.unknown": "Effect Resolution Settled Settlement UnknownFilter Unsettled",
    "core.time.window": "SendWindow",
    "core.views.records": "Done Refused UnknownRecord",
    "core.views.lists": "EnrollmentDetail ListedAttempt ListedEnrollment ListedLead ListedRecord Person RecordDetail",
    "core.views.operations": "Worker WorkspaceState",
    "core.views.timeline": "Timeline",
    "core.views.senders": "SenderEvent SenderState",
    "core.views.sequences": "Applied",
    "core.views.leads": "Allowed Intake MaybeStopped Received Suppression",
    "core.workspace": "Workspace",
    "engine.clock": "Clock SystemClock VirtualClock",
    "engine.limits": "Limits",
    "engine.report": "Report",
    "errors": "DriplineError",
    "verify": "Breach",
}
"""Where each public name lives. It is fetched when it is first asked for: a command imports what it needs, no more."""

_MODULES = {name: module for module, names in _HOMES.items() for name in names.split()}


def __getattr__(name: str) -> object:
    """Fetch a public name."""
    if name not in _MODULES:
        raise AttributeError(f"module 'dripline' has no attribute {name!r}")
    found = getattr(import_module(f"dripline.{_MODULES[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return [*__all__]
