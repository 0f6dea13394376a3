"""Why something waits, was skipped, is paused or ended: a code, and the facts that belong to it.

Whatever decides goes by the code. Words are made of both where a person reads them (`core.explain`). What a person or
a provider wrote is a fact (`said`, `error`): it is shown, and nothing looks into it. A code that was stored once keeps
its meaning for good; a new reason is a new code here and its words in `core.explain`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import cast

from dripline.core.text import as_text

TEXT_LIMIT = 500
"""How much of a text is kept as a fact, in characters."""


class ReasonCode(StrEnum):
    """What a reason is; behind each, its facts."""

    # Why a record waits.
    WINDOW = "window"  # window, zone or zones, never_open
    GAP = "gap"  # seconds
    CAP = "cap"  # cap
    COLD = "cold"  # error
    CONTENDED = "contended"
    NEEDS_TEMPLATE = "needs_template"
    WRONG_CHANNEL = "wrong_channel"
    SEVERAL = "several"  # waits: the codes and facts of several of these, in the order in which they hold
    RETRY = "retry"  # error
    WORKER_STOPPED = "worker_stopped"
    WORKER_LOST_UNSENT = "worker_lost_unsent"
    LEASE_ENDED = "lease_ended"
    BROKEN_MEANWHILE = "broken_meanwhile"
    REFUSAL_UNDONE = "refusal_undone"
    RESEND_ASKED = "resend_asked"
    CHANGED_BY_HAND = "changed_by_hand"
    REPAIR_ACTIVATED = "repair_activated"

    # Why its time was moved.
    LATE_STEP = "late_step"  # step, seconds
    TOO_SOON = "too_soon"
    HELD_UP = "held_up"
    ZONE_CHANGED = "zone_changed"
    RULES_CHANGED = "rules_changed"
    CLOCK_WAS_AHEAD = "clock_was_ahead"
    LEAD_WROTE = "lead_wrote"
    SPREAD = "spread"  # version
    TIME_UNREADABLE = "time_unreadable"  # time
    SENT_AGAIN_BY_PERSON = "sent_again_by_person"
    SENT_NOW_BY_PERSON = "sent_now_by_person"
    RESCHEDULED_BY_PERSON = "rescheduled_by_person"

    # How a record ended, or why nobody knows.
    EMPTY = "empty"
    LATE_SKIPPED = "late_skipped"  # seconds
    SKIPPED_BY_PERSON = "skipped_by_person"  # said
    CANCELLED_BY_PERSON = "cancelled_by_person"  # said
    PROVIDER_REJECTED = "provider_rejected"  # error
    CONTACT_REJECTED = "contact_rejected"  # error
    GIVEN_UP = "given_up"  # tries, error
    NO_ADDRESS = "no_address"  # channel
    CONTENT_INVALID = "content_invalid"  # error
    NO_ANSWER = "no_answer"  # error, absent
    WORKER_LOST = "worker_lost"  # absent
    WORKER_CUT_OFF = "worker_cut_off"  # absent
    BACKUP_RESTORED = "backup_restored"  # of, absent
    NOT_DELIVERED = "not_delivered"  # error: it was accepted, and the provider says later that it did not arrive
    DELETED_BY_HAND = "deleted_by_hand"
    SKIPPED_BY_HAND = "skipped_by_hand"
    DANGLING = "dangling"
    REPAIR_CANCELLED = "repair_cancelled"

    # How an enrollment ended.
    COMPLETED = "completed"
    RESTARTED = "restarted"
    REPLIED = "replied"
    GOAL = "goal"  # goal
    TRIGGER_LOST = "trigger_lost"  # trigger
    OPTED_OUT = "opted_out"  # text or said
    OPTED_OUT_AT_PROVIDER = "opted_out_at_provider"
    UNSUBSCRIBED = "unsubscribed"
    CHAT_BLOCKED = "chat_blocked"
    UNINVITED = "uninvited"  # channel
    ENDED_BY_PERSON = "ended_by_person"  # said
    FORGOTTEN = "forgotten"
    RIVAL_GOES_ON = "rival_goes_on"  # sequence
    LEADS_MERGED = "leads_merged"
    ADDRESS_TAKEN = "address_taken"
    IMPORT_UNDONE = "import_undone"
    VERSION_MOVED = "version_moved"  # version
    VERSION_WITHOUT_STEP = "version_without_step"  # version
    SEQUENCE_ARCHIVED = "sequence_archived"
    SEQUENCE_DELETED = "sequence_deleted"
    REPAIR_ENDED = "repair_ended"

    # Why a step, an enrollment, a sequence, a sender or everything is paused.
    PAUSED_BY_PERSON = "paused_by_person"  # said
    PAUSED_BY_HAND = "paused_by_hand"
    MAYBE_OPTED_OUT = "maybe_opted_out"  # text
    STEP_UNREADABLE = "step_unreadable"
    DATABASE_COPIED = "database_copied"  # last_pass, paused_before: the code and facts of the pause that stood already
    TEMPLATE_REJECTED = "template_rejected"  # error
    TEMPLATE_STATUS = "template_status"  # template, status, error
    SENDER_ARCHIVED = "sender_archived"
    SENDER_REPLACED = "sender_replaced"  # heir
    NEEDS_PAIRING = "needs_pairing"  # sender
    ACCOUNT_UNWELL = "account_unwell"  # error
    CREDENTIAL_LOCKED = "credential_locked"  # sender
    CREDENTIAL_UNUSABLE = "credential_unusable"  # error
    WARM_REFUSED = "warm_refused"  # people

    # What a sender's lane waits for, and what happened to it.
    PACE = "pace"
    TURN = "turn"
    LANE_UNREADABLE = "lane_unreadable"
    QUIET_HOURS = "quiet_hours"  # quiet, zone
    HOURLY_CAP = "hourly_cap"  # cap
    DAILY_CAP = "daily_cap"  # cap
    WARM_UP_CAP = "warm_up_cap"  # cap, day
    SENDER_RETRY = "sender_retry"  # error
    SENDER_UNAVAILABLE = "sender_unavailable"  # error
    FAILED_AGAIN = "failed_again"  # error
    FAILED_IN_A_ROW = "failed_in_a_row"  # tries, error
    REFUSED_IN_A_ROW = "refused_in_a_row"  # tries, error
    RECOVERED = "recovered"
    COLD_RECOVERED = "cold_recovered"
    ACCOUNT_WELL = "account_well"
    RESUMED_BY_PERSON = "resumed_by_person"

    # What a message was taken for.
    SAID_STOP = "said_stop"  # word
    PRESSED_STOP = "pressed_stop"
    PROVIDER_SAID_STOP = "provider_said_stop"
    HOLDS_STOP_WORD = "holds_stop_word"  # word, others
    SAID_START = "said_start"
    SAID_HELP = "said_help"
    WRITTEN_BY_PROGRAM = "written_by_program"  # sign

    # Why a subscription to events is disabled.
    RECEIVER_GONE = "receiver_gone"  # error
    RECEIVER_FAILING = "receiver_failing"  # days, error

    NOTE = "note"  # said: what somebody wrote that is none of these


OPT_OUTS = frozenset({ReasonCode.OPTED_OUT, ReasonCode.OPTED_OUT_AT_PROVIDER, ReasonCode.UNSUBSCRIBED})
"""Why an address is suppressed whose person wants no more, and not because nothing arrives there."""


@dataclass(frozen=True, slots=True)
class Reason:
    """A code and its facts, which are JSON."""

    code: ReasonCode
    facts: Mapping[str, object] = field(default_factory=dict[str, object], hash=False)

    @classmethod
    def of(cls, code: ReasonCode, **facts: object) -> "Reason":
        """Make a reason of the facts that there are; texts are cut at `TEXT_LIMIT`."""
        known = ((name, fact) for name, fact in facts.items() if fact is not None and fact is not False and fact != "")
        return cls(code, {name: as_text(fact, TEXT_LIMIT) if isinstance(fact, str) else fact for name, fact in known})

    def as_json(self) -> dict[str, object]:
        """Return the reason as it stands inside another one."""
        return {"code": str(self.code), "facts": dict(self.facts)}

    @property
    def is_own_stop(self) -> bool:
        """Whether the lead's own words bar it: only those are a fact of an opt-out that is not what somebody said."""
        return self.code is ReasonCode.OPTED_OUT and "text" in self.facts

    def waits_for(self, code: ReasonCode) -> bool:
        """Return whether this is a wait for something, alone or among others."""
        return self.code is code or any(wait.code is code for wait in waits_of(self))


def reason_from(code: str, facts: Mapping[str, object]) -> Reason:
    """Read a reason; a code that nobody knows, such as one written by hand, is a note."""
    try:
        return Reason(ReasonCode(code), facts)
    except ValueError:
        return Reason.of(ReasonCode.NOTE, said=code)


def reason_in_facts(reason: Reason, name: str) -> Reason | None:
    """Return the reason that stands as a fact in another one; None where there is none."""
    written = reason.facts.get(name)
    if not isinstance(written, Mapping):
        return None
    inner = cast("Mapping[str, object]", written)
    facts = inner.get("facts")
    return reason_from(
        str(inner.get("code")), cast("Mapping[str, object]", facts) if isinstance(facts, Mapping) else {}
    )


def said_by_person(code: ReasonCode, given: "str | Reason") -> Reason:
    """Return a reason of what a person gave: a text, which may be empty, or a reason as it is."""
    return given if isinstance(given, Reason) else Reason.of(code, said=given.strip())


def code_of(reason: Reason | None) -> ReasonCode | None:
    """Return the code of a reason, if there is one."""
    return None if reason is None else reason.code


def facts_of(reason: Reason | None) -> Mapping[str, object]:
    """Return the facts of a reason; none where there is no reason."""
    return {} if reason is None else reason.facts


def several(waits: Iterable[Reason]) -> Reason:
    """Return what waits for several things, each once, as one reason."""
    each = list(waits)
    unlike = [wait for place, wait in enumerate(each) if wait not in each[:place]]
    if len(unlike) == 1:
        return unlike[0]
    return Reason(ReasonCode.SEVERAL, {"waits": [wait.as_json() for wait in unlike]})


def waits_of(reason: Reason) -> list[Reason]:
    """Return what a reason waits for where that is several things, in their order."""
    waits = reason.facts.get("waits") if reason.code is ReasonCode.SEVERAL else None
    return [_wait_from(wait) for wait in cast("list[object]", waits)] if isinstance(waits, list) else []


def _wait_from(wait: object) -> Reason:
    if not isinstance(wait, dict):
        return Reason.of(ReasonCode.NOTE, said=str(wait))
    given = cast("dict[str, object]", wait)
    facts = given.get("facts")
    known = cast("dict[str, object]", facts) if isinstance(facts, dict) else {}
    return reason_from(str(given.get("code", cast("object", wait))), known)
