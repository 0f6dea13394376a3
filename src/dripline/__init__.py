"""dripline: every step once, in order, on time, and you can see why.

from dripline import Dripline, Sequence, Step

with Dripline("sqlite:///drip.db") as drip:
    drip.apply(Sequence("Warm EXAMA", trigger="WARMEXAMA", steps=[Step("Hi {{ name }}"), Step("Two", after="12h")]))
    drip.add_lead(phone="60123456789", name="Aina", triggers=["WARMEXAMA"])
    drip.tick()
"""

from dripline.app import Dripline
from dripline.channels.console import ConsoleChannel
from dripline.channels.contract import Channel
from dripline.channels.fake import FakeChannel
from dripline.core.address import AddressKind
from dripline.core.catch_up import CatchUp
from dripline.core.edit import Reach
from dripline.core.model import Lead, Message, NewLead, Sequence, Step, StepRecord
from dripline.core.move import Move
from dripline.core.outcome import Accepted, Outcome, Rejected, RetryLater, SenderUnavailable, Unknown
from dripline.core.plan import Plan
from dripline.core.policy import OnFailure, OnReply, OnTriggerLost, OnUnknown, Policy, ReEntry, WhenLate
from dripline.core.sender import Pace, Sender, SenderStatus
from dripline.core.states import Status
from dripline.core.window import SendWindow
from dripline.core.workspace import Workspace
from dripline.engine.clock import Clock, SystemClock, VirtualClock
from dripline.engine.limits import Limits
from dripline.engine.report import Report
from dripline.errors import DriplineError
from dripline.store.presence import Worker
from dripline.store.reads import Timeline, UnknownRecord
from dripline.store.senders import SenderEvent, SenderState
from dripline.store.sequences import Applied
from dripline.store.stopping import Received, Suppression
from dripline.store.store import Intake
from dripline.store.workspaces import WorkspaceState
from dripline.verify import Breach
from dripline.version import __version__

__all__ = [
    "Accepted",
    "AddressKind",
    "Applied",
    "Breach",
    "CatchUp",
    "Channel",
    "Clock",
    "ConsoleChannel",
    "Dripline",
    "DriplineError",
    "FakeChannel",
    "Intake",
    "Lead",
    "Limits",
    "Message",
    "Move",
    "NewLead",
    "OnFailure",
    "OnReply",
    "OnTriggerLost",
    "OnUnknown",
    "Outcome",
    "Pace",
    "Plan",
    "Policy",
    "ReEntry",
    "Reach",
    "Received",
    "Rejected",
    "Report",
    "RetryLater",
    "SendWindow",
    "Sender",
    "SenderEvent",
    "SenderState",
    "SenderStatus",
    "SenderUnavailable",
    "Sequence",
    "Status",
    "Step",
    "StepRecord",
    "Suppression",
    "SystemClock",
    "Timeline",
    "Unknown",
    "UnknownRecord",
    "VirtualClock",
    "WhenLate",
    "Worker",
    "Workspace",
    "WorkspaceState",
    "__version__",
]
