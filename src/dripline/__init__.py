"""dripline: every step once, in order, on time, and you can see why.

from dripline import Dripline, Sequence, Step

with Dripline("sqlite:///drip.db") as drip:
    drip.apply(Sequence("Warm EXAMA", trigger="WARMEXAMA", steps=[Step("Hi {{ name }}"), Step("Two", after="12h")]))
    drip.add_lead(phone="60123456789", name="Aina", triggers=["WARMEXAMA"])
    drip.tick()
"""

from importlib import import_module

from dripline.version import __version__ as __version__

_HOMES = {
    "app": "Dripline",
    "app.credentials.settings": "CredentialSettings",
    "app.workspace": "AppliedSetup PlannedSetup",
    "channels.capabilities": "Capabilities",
    "channels.console": "ConsoleChannel",
    "channels.contract": "Channel",
    "channels.fake": "FakeChannel",
    "channels.base": "PlainChannel",
    "config.channels": "configured_channels configured_credentials plugin_finder",
    "core.leads.address": "AddressKind",
    "core.records.backlog": "CatchUp Times",
    "core.sequences.content": "Media MediaKind Template Variant",
    "core.planning.reach": "Reach",
    "core.events.event": "DeliveryState EventDelivery EventSubscription EventType Subscribed SubscriptionStatus",
    "core.records.evidence": "Evidence EvidenceLine Finding",
    "core.queries.filters": (
        "AttemptFilter EnrollmentFilter LeadFilter Order RecordFilter StatusGroup StepResult SuppressionFilter"
    ),
    "core.events.inbound": "Delivery Keyword MessageKind Preference ProviderEvent Receipt Reply",
    "core.queries.listing": "Page",
    "core.leads.lead": "Lead LeadInput NewLead",
    "core.messages.message": "Message",
    "core.messages.start_link": "StartLinks",
    "core.records.record": "StepRecord",
    "core.sequences.sequence": "Sequence Step",
    "core.planning.version_move": "VersionMove",
    "core.leads.note": "Note",
    "core.leads.opt_out": "OptOut",
    "core.outcome": "Accepted Outcome Rejected RetryLater Scope SenderUnavailable Unknown",
    "core.planning.plan": "Action Affected Correction Plan",
    "core.sequences.policy": "OnFailure OnReply OnTriggerLost OnUnknown Policy ReEntry WhenLate",
    "core.events.posting": "EventSigning",
    "core.leads.merge": "Merge",
    "core.messages.preview": "DraftPreview Preview",
    "core.reason": "Reason ReasonCode",
    "core.queries.report": "EnrollmentCount Figure Overview SequenceReport Tally",
    "core.queries.results": "SequenceResults StepResults",
    "core.planning.sequence_life": "InFlight RenamedTrigger",
    "core.senders.credential": (
        "ConnectableChannel Credential CredentialFact CredentialField FactCode FactState KeyRotation SecretSource "
        "SenderWebhook"
    ),
    "core.senders.sender": "Pace Sender SenderStatus",
    "core.leads.source": "LeadSource NewSource",
    "core.planning.starting": "Starting",
    "core.states": "Status",
    "core.alerts": "Alert AlertKind",
    "core.records.waiting": "WaitCause Waiting WaitingGroup",
    "core.views.calendar": "Calendar CalendarCell CalendarDay CalendarHour CalendarRow StoppedStep",
    "core.views.today": "DayResults Need NeedHelp NextUp Today",
    "core.records.unknown": "Effect Group Resolution Settled Settlement UnknownFilter Unsettled",
    "core.time.send_window": "Holiday SendWindow WrittenWindow",
    "core.views.person": "Person",
    "core.views.failures": "FailureGroup",
    "core.views.records": "BulkResult BulkSkip Excerpt StepCount Suspects UnknownRecord",
    "core.views.lists": (
        "EnrollmentDetail ListedAttempt ListedEnrollment ListedLead ListedRecord RecordDetail Result StandsAt"
    ),
    "core.views.operations": "RefusedPosts Repair Worker WorkspaceState",
    "core.views.retention": "EndedCounts",
    "core.records.send_proof": "SendProof",
    "core.replies.message_class": "MessageClass",
    "core.views.thread": "EntryKind Happening LeadThread MessageState ThreadEntry",
    "core.views.timeline": "Attempt Candidacy Enrollment NotEnrolled Timeline",
    "core.views.senders": "SenderEvent SenderState",
    "core.views.sequences": "Applied SequenceState",
    "core.views.leads": "Allowed LeadResult MaybeStopped ReplyResult Suppression",
    "core.workspace": "Workspace",
    "engine.clock": "Clock SystemClock VirtualClock",
    "engine.limits": "Limits",
    "engine.report": "Report",
    "errors": (
        "BusyLead ChannelNotConfigured DatabaseAway DatabaseContended DatabaseForeign DatabaseFull "
        "DatabaseLocked DatabaseMissing DatabaseProblem DatabaseReadOnly DatabaseTooNew DatabaseTooOld "
        "DatabaseUnreachable DriplineError InvalidAccess InvalidCredential InvalidDelay InvalidEmail InvalidFile "
        "InvalidFilter InvalidImport InvalidInput InvalidLead InvalidNote InvalidPhone InvalidScenario InvalidSender "
        "InvalidSequence InvalidSettings InvalidSource InvalidSubscription InvalidTemplate InvalidTrigger "
        "InvalidWindow InvalidWorkspace KeyMissing LoginFailed LoopAlreadyRunning NoSuchSender NoSuchSequence "
        "NoSuchSource NoSuchSubscription NotAllowed OutputLost PairingFailed SchemaChanged SeveralPhones "
        "TooManyTries"
    ),
    "app.imports": "ImportPlan",
    "core.accounts.access": "Actor Belongings Invitation Role Token User UserChange",
    "core.leads.identity": "Identity IdentityKind",
    "core.leads.rejected_row": "RefusedRow",
    "core.leads.import_undo": "ImportUndo KeepReason",
    "core.planning.finished": "Finished",
    "core.planning.in_flight": "Effects Ending Rival",
    "core.planning.settings_plan": "SettingsPlan",
    "core.records.expected": "Expected Obstacle",
    "core.records.why": "Around DeliveryReport",
    "core.time.calendar": "Window",
    "core.time.opening_hours": "Hours Openings",
    "core.time.schedule": "Wait",
    "core.views.audit": "AuditEntry",
    "core.views.imports": "Import ImportState",
    "importing.leads.upload": "ImportOptions ShownCell ShownColumn ShownRow Upload UploadPreview",
    "importing.column_meaning": "ColumnMeaning Part",
    "store.accounts.access": "LoginLink",
    "store.accounts.audit": "StoredAnswer",
    "store.sequences.drafts": "SavedDraft",
    "core.enrollments.enrolling": "Condition ConditionResult",
    "importing.leads.lead_row": "CellNote",
    "importing.reading": "ReadAs Reading",
    "verify": "Breach Invariant",
}
"""Every public name, by the module where it lives: the one list of them, from which `make reference` writes what type
checkers read and the reference. A name is fetched when it is first asked for: a command imports what it needs, no more.
"""

_MODULES = {name: module for module, names in _HOMES.items() for name in names.split()}


def __getattr__(name: str) -> object:
    """Fetch a public name."""
    if name == "__all__":
        return __dir__()
    if name not in _MODULES:
        raise AttributeError(f"module 'dripline' has no attribute {name!r}")
    found = getattr(import_module(f"dripline.{_MODULES[name]}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted([*_MODULES, "__version__"])
