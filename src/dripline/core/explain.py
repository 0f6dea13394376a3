"""Reasons in words: the one place where a code and its facts become a sentence."""

from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import cast

from dripline.core.reason import Reason, ReasonCode, reason_in_facts, waits_of
from dripline.core.text import counted
from dripline.core.time.schedule import format_delay

_WORDS: Mapping[ReasonCode, str] = {
    ReasonCode.CAP: "the cap of {cap} a day for one lead",
    ReasonCode.COLD: "WhatsApp lets this number only answer people who wrote to it",
    ReasonCode.CONTENDED: "somebody else, who has this lead at this moment",
    ReasonCode.NEEDS_TEMPLATE: (
        "needs a template: the lead has not written to this account lately, so that no free text may go; "
        "give the step a template, or wait until the lead writes"
    ),
    ReasonCode.WRONG_CHANNEL: (
        "its sender, which speaks through another channel than its sequence: "
        "give the sequence senders of its own channel and apply it"
    ),
    ReasonCode.RETRY: "the provider asked to try later",
    ReasonCode.WORKER_STOPPED: "the worker stopped before it was sent",
    ReasonCode.WORKER_LOST_UNSENT: "the worker ended before it was sent",
    ReasonCode.LEASE_ENDED: "its lease ended before it was sent",
    ReasonCode.BROKEN_MEANWHILE: "its sender or its channel gave out before it was sent",
    ReasonCode.REFUSAL_UNDONE: "a refusal that was one of many in a row, so that the people are not to blame",
    ReasonCode.RESEND_ASKED: "a person asked to send it again",
    ReasonCode.CHANGED_BY_HAND: "changed by hand",
    ReasonCode.REPAIR_ACTIVATED: "activated by doctor --repair: its enrollment stood nowhere",
    ReasonCode.TOO_SOON: (
        "the message before it: two of one run never go closer together than half of the wait between them"
    ),
    ReasonCode.HELD_UP: "the step before it, which a rule had held up",
    ReasonCode.CLOCK_WAS_AHEAD: "a clock that was ahead, and is right again",
    ReasonCode.RULES_CHANGED: "a change of its rules",
    ReasonCode.ZONE_CHANGED: "the new time zone of its lead",
    ReasonCode.LEAD_WROTE: "the lead's word",
    ReasonCode.SPREAD: "version {version} would have made it overdue, spread over 2h",
    ReasonCode.TIME_UNREADABLE: "its time could not be read: {time}",
    ReasonCode.SENT_AGAIN_BY_PERSON: "a person, who had it sent again",
    ReasonCode.SENT_NOW_BY_PERSON: "a person, who had it sent now",
    ReasonCode.RESCHEDULED_BY_PERSON: "a person, who rescheduled it",
    ReasonCode.EMPTY: "the step is empty for this lead, and nothing empty is sent",
    ReasonCode.SKIPPED_BY_PERSON: "passed over by a person",
    ReasonCode.CANCELLED_BY_PERSON: "cancelled by a person",
    ReasonCode.PROVIDER_REJECTED: "the provider refused the message",
    ReasonCode.CONTACT_REJECTED: "the provider refused the contact",
    ReasonCode.GIVEN_UP: "given up after {tries} failed tries",
    ReasonCode.NO_ADDRESS: "the lead has no address for this channel",
    ReasonCode.NO_ANSWER: "no answer came, it may have been sent",
    ReasonCode.WORKER_CUT_OFF: "the worker was stopped while it was sent",
    ReasonCode.WORKER_LOST: "the worker ended without an answer",
    ReasonCode.BACKUP_RESTORED: "it may have gone since the backup that was put back",
    ReasonCode.NOT_DELIVERED: "not delivered",
    ReasonCode.DELETED_BY_HAND: "deleted by hand",
    ReasonCode.SKIPPED_BY_HAND: "passed over by hand: a later step went first",
    ReasonCode.DANGLING: "its lead or its enrollment was deleted",
    ReasonCode.REPAIR_CANCELLED: "cancelled by doctor --repair: its enrollment had ended",
    ReasonCode.COMPLETED: "completed",
    ReasonCode.RESTARTED: "started anew: the lead gained the trigger again",
    ReasonCode.REPLIED: "the lead replied",
    ReasonCode.GOAL: "the lead reached the goal {goal}",
    ReasonCode.TRIGGER_LOST: "the lead lost the trigger {trigger}",
    ReasonCode.OPTED_OUT_AT_PROVIDER: "the lead told the provider to stop",
    ReasonCode.UNSUBSCRIBED: "unsubscribed by the link in a mail",
    ReasonCode.CHAT_BLOCKED: "the lead blocked the bot",
    ReasonCode.UNINVITED: "the lead never wrote on {channel}, which reaches only people who did",
    ReasonCode.ENDED_BY_PERSON: "ended by a person",
    ReasonCode.FORGOTTEN: "the lead is being forgotten",
    ReasonCode.RIVAL_GOES_ON: "the lead goes on in {sequence}, which is in the same group",
    ReasonCode.LEADS_MERGED: "its lead was merged with one that is further on in the sequence, or in its group",
    ReasonCode.ADDRESS_TAKEN: "another lead of the same address is or was in it, and further on",
    ReasonCode.IMPORT_UNDONE: "the import was undone",
    ReasonCode.VERSION_MOVED: "went over to version {version}",
    ReasonCode.VERSION_WITHOUT_STEP: "version {version} has no step left for it",
    ReasonCode.SEQUENCE_ARCHIVED: "the sequence was archived",
    ReasonCode.SEQUENCE_DELETED: "the sequence was deleted",
    ReasonCode.REPAIR_ENDED: "ended by doctor --repair: nothing was left to send",
    ReasonCode.PAUSED_BY_PERSON: "paused by a person",
    ReasonCode.MAYBE_OPTED_OUT: (
        "the lead may have asked to stop: bar it with dripline stop, or let it go on with dripline resume --lead"
    ),
    ReasonCode.PAUSED_BY_HAND: "its record was paused by hand",
    ReasonCode.STEP_UNREADABLE: (
        "its content or its hours cannot be read, as they were changed by hand: apply the sequence again"
    ),
    ReasonCode.DATABASE_COPIED: (
        "this database is a backup that was put back, or a copy: dripline restored says what may have gone since"
    ),
    ReasonCode.TEMPLATE_REJECTED: "the provider refused the template",
    ReasonCode.TEMPLATE_STATUS: "the provider says that the template {template} is {status}",
    ReasonCode.SENDER_ARCHIVED: "archived by a person",
    ReasonCode.SENDER_REPLACED: "replaced by {heir}",
    ReasonCode.CREDENTIAL_LOCKED: (
        "its credential cannot be read, since the key that encrypted it is not here: put the key back, or connect it "
        "again: dripline senders connect {sender}"
    ),
    ReasonCode.NEEDS_PAIRING: "needs to be paired again: dripline senders pair {sender}",
    ReasonCode.WARM_REFUSED: "WhatsApp refused it {people} people who had written to it: its number may be locked",
    ReasonCode.PACE: "its pace",
    ReasonCode.TURN: "its turn is being sent",
    ReasonCode.LANE_UNREADABLE: ("its pace or counts cannot be read, as they were changed by hand: set its pace again"),
    ReasonCode.QUIET_HOURS: "its quiet hours {quiet} {zone}",
    ReasonCode.HOURLY_CAP: "its hourly cap of {cap}",
    ReasonCode.DAILY_CAP: "its daily cap of {cap}",
    ReasonCode.WARM_UP_CAP: "its cap of {cap} on day {day} of its warm-up",
    ReasonCode.SENDER_RETRY: "the provider asked the sender to try later",
    ReasonCode.SENDER_UNAVAILABLE: "the sender is unavailable",
    ReasonCode.FAILED_AGAIN: "it failed again",
    ReasonCode.FAILED_IN_A_ROW: "{tries} failed tries in a row",
    ReasonCode.REFUSED_IN_A_ROW: "{tries} messages in a row were refused",
    ReasonCode.RECOVERED: "a message was taken",
    ReasonCode.COLD_RECOVERED: "a message to somebody who never wrote to it was taken",
    ReasonCode.ACCOUNT_WELL: "its account can send again",
    ReasonCode.RESUMED_BY_PERSON: "a person let it go on",
    ReasonCode.SAID_STOP: "it says {word!r} and nothing else",
    ReasonCode.PRESSED_STOP: "it is a button that stops",
    ReasonCode.PROVIDER_SAID_STOP: "the provider took it for a stop",
    ReasonCode.SAID_START: "it asks to be written to again",
    ReasonCode.SAID_HELP: "it asks for help",
    ReasonCode.WRITTEN_BY_PROGRAM: "a program wrote it: {sign}",
    ReasonCode.RECEIVER_GONE: "its receiver is gone",
    ReasonCode.RECEIVER_FAILING: "it took nothing for {days} days",
}
"""What a code says, its facts in braces. An `error` is added behind it; what a person `said` stands in its place."""


def words(reason: Reason) -> str:
    """Say a reason in words."""
    composed = _COMPOSED.get(reason.code)
    if composed is not None:
        return composed(reason)
    said = reason.facts.get("said")
    return _sentence(reason) if said is None else str(said)


def words_or_none(reason: Reason | None) -> str | None:
    """Say a reason in words, if there is one."""
    return None if reason is None else words(reason)


def words_of_move(reason: Reason) -> str:
    """Say by what a record's time was moved."""
    return f"a failed try: {words(reason)}" if reason.code is ReasonCode.RETRY else words(reason)


def _sentence(reason: Reason) -> str:
    sentence = _WORDS[reason.code].format_map(defaultdict(_missing, reason.facts))
    error = reason.facts.get("error")
    return sentence if error is None else f"{sentence}: {error}"


def _missing() -> str:
    """Stand for a fact that is not there."""
    return "(not known)"


def _said(reason: Reason) -> str:
    return str(reason.facts.get("said", ""))


def _error(reason: Reason) -> str:
    return str(reason.facts.get("error", ""))


def _not_delivered(reason: Reason) -> str:
    return _error(reason) or _sentence(reason)


def _said_by_person(reason: Reason) -> str:
    said = _said(reason)
    return f"a person: {said}" if said else _sentence(reason)


def _no_address(reason: Reason) -> str:
    channel = reason.facts.get("channel")
    return _sentence(reason) if channel is None else f"the lead has no address for the channel {channel}"


def _opted_out(reason: Reason) -> str:
    text = reason.facts.get("text")
    return _said(reason) or ("the lead opted out" if text is None else f"the lead opted out: {text!r}")


def _cold(reason: Reason) -> str:
    until = reason.facts.get("until")
    return _sentence(reason) if until is None else f"{_sentence(reason)}, until {until}"


def _looked_for(reason: Reason) -> str:
    return f"{_sentence(reason)}{_absence(reason)}"


def _absence(reason: Reason) -> str:
    return "; its chat does not hold it" if reason.facts.get("absent") else ""


def _backup(reason: Reason) -> str:
    of = reason.facts.get("of")
    return f"{_sentence(reason)}{'' if of is None else f', of {of}'}{_absence(reason)}"


def _copied(reason: Reason) -> str:
    last = reason.facts.get("last_pass")
    before = reason_in_facts(reason, "paused_before")
    sentences = [_sentence(reason)]
    sentences += [] if last is None else [f"Its last pass was at {last}"]
    sentences += [] if before is None else [f"Everything was paused before: {words(before)}"]
    return ". ".join(sentences)


def _several(reason: Reason) -> str:
    return ", then ".join(words(wait) for wait in waits_of(reason))


def _span(reason: Reason) -> timedelta:
    seconds = reason.facts.get("seconds")
    return timedelta(seconds=seconds if isinstance(seconds, int) else 0)


def _window(reason: Reason) -> str:
    window, zones = reason.facts.get("window", _missing()), reason.facts.get("zones")
    zone_names = (
        f"the {len(cast('list[object]', zones))} zones that its phone may be in" if isinstance(zones, list) else None
    )
    if reason.facts.get("never_open"):
        return f"the window {window}, which is never open in all of {zone_names or _missing()} at once"
    return f"the window {window} {zone_names or reason.facts.get('zone', _missing())}"


def _gap(reason: Reason) -> str:
    return f"the gap of {format_delay(_span(reason))} between two messages"


def _holds_stop_word(reason: Reason) -> str:
    others = reason.facts.get("others")
    beside = counted(others, "word") if isinstance(others, int) else _missing()
    return f"it holds {reason.facts.get('word', _missing())!r}, and {beside} beside"


def _late_skipped(reason: Reason) -> str:
    return f"skipped: {_span(reason)} late, and late steps are skipped"


def _late_step(reason: Reason) -> str:
    return f"step {reason.facts.get('step', _missing())}, which went {_span(reason)} late"


_COMPOSED: Mapping[ReasonCode, Callable[[Reason], str]] = {
    ReasonCode.WINDOW: _window,
    ReasonCode.GAP: _gap,
    ReasonCode.COLD: _cold,
    ReasonCode.SEVERAL: _several,
    ReasonCode.LATE_STEP: _late_step,
    ReasonCode.LATE_SKIPPED: _late_skipped,
    ReasonCode.SKIPPED_BY_PERSON: _said_by_person,
    ReasonCode.CANCELLED_BY_PERSON: _said_by_person,
    ReasonCode.NO_ADDRESS: _no_address,
    ReasonCode.CONTENT_INVALID: _error,
    ReasonCode.NO_ANSWER: _looked_for,
    ReasonCode.WORKER_CUT_OFF: _looked_for,
    ReasonCode.WORKER_LOST: _looked_for,
    ReasonCode.NOT_DELIVERED: _not_delivered,
    ReasonCode.OPTED_OUT: _opted_out,
    ReasonCode.BACKUP_RESTORED: _backup,
    ReasonCode.DATABASE_COPIED: _copied,
    ReasonCode.ACCOUNT_UNWELL: _error,
    ReasonCode.CREDENTIAL_UNUSABLE: lambda reason: _error(reason) or "its credential cannot be used",
    ReasonCode.HOLDS_STOP_WORD: _holds_stop_word,
    ReasonCode.NOTE: _said,
}
"""What is said in a way of its own."""
