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
    from dripline.core.address import AddressKind
    from dripline.core.catch_up import CatchUp
    from dripline.core.content import Media, MediaKind, Template, Variant
    from dripline.core.edit import Reach
    from dripline.core.event import (
        DeliveryState,
        EventDelivery,
        EventSubscription,
        EventType,
        Subscribed,
        SubscriptionStatus,
    )
    from dripline.core.evidence import Evidence, EvidenceLine
    from dripline.core.filters import (
        AttemptFilter,
        EnrollmentFilter,
        LeadFilter,
        Order,
        RecordFilter,
        Standing,
        SuppressionFilter,
    )
    from dripline.core.inbound import Delivery, Event, Preference, Receipt, Reply
    from dripline.core.listing import Page
    from dripline.core.merge import Merge
    from dripline.core.model import Lead, Message, NewLead, Sequence, Step, StepRecord
    from dripline.core.move import Move
    from dripline.core.note import Note
    from dripline.core.opt_out import OptOut
    from dripline.core.outcome import Accepted, Outcome, Rejected, RetryLater, SenderUnavailable, Unknown
    from dripline.core.plan import Plan
    from dripline.core.policy import OnFailure, OnReply, OnTriggerLost, OnUnknown, Policy, ReEntry, WhenLate
    from dripline.core.posting import Posting
    from dripline.core.preview import Preview
    from dripline.core.reason import Reason, ReasonCode
    from dripline.core.report import Figure, Overview, SequenceReport, Tally
    from dripline.core.sender import Pace, Sender, SenderStatus
    from dripline.core.sequence_life import RenamedTrigger
    from dripline.core.source import LeadSource, NewSource
    from dripline.core.starting import Starting
    from dripline.core.states import Status
    from dripline.core.trouble import Trouble
    from dripline.core.unknown import Effect, Resolution, Settled, Settlement, UnknownFilter, Unsettled
    from dripline.core.window import SendWindow
    from dripline.core.workspace import Workspace
    from dripline.engine.clock import Clock, SystemClock, VirtualClock
    from dripline.engine.limits import Limits
    from dripline.engine.report import Report
    from dripline.errors import DriplineError
    from dripline.store.bulk import Done, Refused
    from dripline.store.doubts import MaybeStopped
    from dripline.store.listed import (
        EnrollmentDetail,
        ListedAttempt,
        ListedEnrollment,
        ListedLead,
        ListedRecord,
        Person,
        RecordDetail,
    )
    from dripline.store.presence import Worker
    from dripline.store.reads import Timeline, UnknownRecord
    from dripline.store.senders import SenderEvent, SenderState
    from dripline.store.sequences import Applied
    from dripline.store.stopping import Allowed, Received, Suppression
    from dripline.store.store import Intake
    from dripline.store.workspaces import WorkspaceState
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
    "core.address": "AddressKind",
    "core.catch_up": "CatchUp",
    "core.content": "Media MediaKind Template Variant",
    "core.edit": "Reach",
    "core.event": "DeliveryState EventDelivery EventSubscription EventType Subscribed SubscriptionStatus",
    "core.evidence": "Evidence EvidenceLine",
    "core.filters": "AttemptFilter EnrollmentFilter LeadFilter Order RecordFilter Standing SuppressionFilter",
    "core.inbound": "Delivery Event Preference Receipt Reply",
    "core.listing": "Page",
    "core.model": "Lead Message NewLead Sequence Step StepRecord",
    "core.move": "Move",
    "core.note": "Note",
    "core.opt_out": "OptOut",
    "core.outcome": "Accepted Outcome Rejected RetryLater SenderUnavailable Unknown",
    "core.plan": "Plan",
    "core.policy": "OnFailure OnReply OnTriggerLost OnUnknown Policy ReEntry WhenLate",
    "core.posting": "Posting",
    "core.merge": "Merge",
    "core.preview": "Preview",
    "core.reason": "Reason ReasonCode",
    "core.report": "Figure Overview SequenceReport Tally",
    "core.sequence_life": "RenamedTrigger",
    "core.sender": "Pace Sender SenderStatus",
    "core.source": "LeadSource NewSource",
    "core.starting": "Starting",
    "core.states": "Status",
    "core.trouble": "Trouble",
    "core.unknown": "Effect Resolution Settled Settlement UnknownFilter Unsettled",
    "core.window": "SendWindow",
    "core.workspace": "Workspace",
    "engine.clock": "Clock SystemClock VirtualClock",
    "engine.limits": "Limits",
    "engine.report": "Report",
    "errors": "DriplineError",
    "store.bulk": "Done Refused",
    "store.listed": "EnrollmentDetail ListedAttempt ListedEnrollment ListedLead ListedRecord Person RecordDetail",
    "store.presence": "Worker",
    "store.reads": "Timeline UnknownRecord",
    "store.senders": "SenderEvent SenderState",
    "store.sequences": "Applied",
    "store.doubts": "MaybeStopped",
    "store.stopping": "Allowed Received Suppression",
    "store.store": "Intake",
    "store.workspaces": "WorkspaceState",
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
