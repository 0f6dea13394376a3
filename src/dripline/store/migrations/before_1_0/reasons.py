"""Sentences that a dripline before 1.0 stored as reasons become codes with facts."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Protocol

COLUMNS = (
    ("sequence_contacts", "reason"),
    ("record_moves", "reason"),
    ("enrollments", "end"),
    ("enrollments", "leaving"),
    ("enrollments", "pause"),
    ("sequences", "pause"),
    ("steps", "pause"),
    ("workspace", "pause"),
    ("senders", "reason"),
    ("senders", "wait"),
    ("sender_events", "reason"),
    ("suppressions", "reason"),
    ("event_subscriptions", "reason"),
    ("event_deliveries", "reason"),
)

_ERROR = r"(?:: (?P<error>.*))?"

_SENTENCES = {
    r"(?P<said>the window .+ the \d+ zones that its phone may be in.*)": "window",
    r"the window (?P<window>.+) (?P<zone>\S+)": "window",
    r"the gap of (?P<delay>\d+[smhdw]) between two messages": "gap",
    r"the cap of (?P<cap>\d+) a day for one lead": "cap",
    rf"WhatsApp lets this number only answer people who wrote to it{_ERROR}": "cold",
    "somebody else, who has this lead at this moment": "contended",
    "needs a template: the lead has not written to this account lately.*": "needs_template",
    rf"(?:a failed try: )?the provider asked to try later{_ERROR}": "retry",
    "the worker stopped before it was sent": "worker_stopped",
    "its lease ended before it was sent": "lease_ended",
    "a person asked to send it again": "resend_asked",
    "activated by doctor --repair: its enrollment stood nowhere": "repair_activated",
    r"step (?P<step>\d+), which went (?P<span>[\w, :]+) late": "late_step",
    "the new time zone of its lead": "zone_changed",
    "a clock that was ahead, and is right again": "clock_was_ahead",
    "the message before it: two of one run never go closer together than half of the wait between them": "too_soon",
    "the step before it, which a rule had held up": "held_up",
    "changed by hand": "changed_by_hand",
    r"its time could not be read: (?P<time>.+)": "time_unreadable",
    "deleted by hand": "deleted_by_hand",
    "passed over by hand: a later step went first": "skipped_by_hand",
    "its lead or its enrollment was deleted": "dangling",
    "its record was paused by hand": "paused_by_hand",
    "its content or its hours cannot be read, as they were changed by hand: .*": "step_unreadable",
    "its pace or counts cannot be read, as they were changed by hand: set its pace again": "lane_unreadable",
    "it may have gone since the backup that was put back": "backup_restored",
    r"it may have gone since the backup that was put back, of (?P<of>.+)": "backup_restored",
    r"this database is a backup that was put back, or a copy: [^.]*\.": "database_copied",
    r"this database is a backup that was put back,.*\. Its last pass was at (?P<last_pass>.+)\.": "database_copied",
    "the sequence was archived": "sequence_archived",
    "the sequence was deleted": "sequence_deleted",
    "a change of its rules": "rules_changed",
    "the worker ended before it was sent": "worker_lost_unsent",
    "the worker was stopped while it was sent": "worker_cut_off",
    r"the lead goes on in (?P<sequence>.+), which is in the same group": "rival_goes_on",
    "its sender, which speaks through another channel than its sequence.*": "wrong_channel",
    "the step is empty for this lead, and nothing empty is sent": "empty",
    r"the lead has no address for the channel (?P<channel>.+)": "no_address",
    r"the lead never wrote on (?P<channel>.+), which reaches only people who did": "uninvited",
    "the lead's word": "lead_wrote",
    r"version (?P<version>\d+) would have made it overdue, spread over 2h": "spread",
    "a person, who had it sent again": "sent_again_by_person",
    "a person, who had it sent now": "sent_now_by_person",
    "a person, who rescheduled it": "rescheduled_by_person",
    r"skipped: (?P<span>[\w, :]+) late, and late steps are skipped": "late_skipped",
    "passed over by a person": "skipped_by_person",
    "cancelled by a person": "cancelled_by_person",
    rf"the provider refused the message{_ERROR}": "provider_rejected",
    rf"the provider refused the contact{_ERROR}": "contact_rejected",
    rf"the provider refused the template{_ERROR}": "template_rejected",
    rf"given up after (?P<tries>\d+) failed tries{_ERROR}": "given_up",
    "the lead has no address for this channel": "no_address",
    r"the worker ended without an answer(?P<absent>; its chat does not hold it)?": "worker_lost",
    r"no answer came, it may have been sent(?:: (?P<error>.*?))?(?P<absent>; its chat does not hold it)?": "no_answer",
    "cancelled by doctor --repair: its enrollment had ended": "repair_cancelled",
    "completed": "completed",
    "started anew: the lead gained the trigger again": "restarted",
    "the lead replied": "replied",
    r"the lead reached the goal (?P<goal>.+)": "goal",
    r"the lead lost the trigger (?P<trigger>.+)": "trigger_lost",
    "the lead opted out": "opted_out",
    r"(?P<said>the lead opted out: .*)": "opted_out",
    "the lead told the provider to stop": "opted_out_at_provider",
    "unsubscribed by the link in a mail": "unsubscribed",
    "the lead blocked the bot": "chat_blocked",
    "ended by a person": "ended_by_person",
    "the lead is being forgotten": "forgotten",
    "its lead was merged with one that is further on in the sequence, or in its group": "leads_merged",
    "another lead of the same address is in it": "address_taken",
    "another lead of the same address is or was in it, and further on": "address_taken",
    "the import was undone": "import_undone",
    r"went over to version (?P<version>\d+)": "version_moved",
    r"version (?P<version>\d+) has no step left for it": "version_without_step",
    "ended by doctor --repair: nothing was left to send": "repair_ended",
    "paused by a person": "paused_by_person",
    "archived by a person": "sender_archived",
    r"replaced by (?P<heir>.+)": "sender_replaced",
    r"needs to be paired again: dripline senders pair (?P<sender>.+)": "needs_pairing",
    r"WhatsApp refused it (?P<people>\d+) people who had written to it: its number may be locked": "warm_refused",
    "its pace": "pace",
    "its turn is being sent": "turn",
    r"its quiet hours (?P<quiet>\S+) (?P<zone>\S+)": "quiet_hours",
    r"its hourly cap of (?P<cap>\d+)": "hourly_cap",
    r"its daily cap of (?P<cap>\d+)": "daily_cap",
    r"its cap of (?P<cap>\d+) on day (?P<day>\d+) of its warm-up": "warm_up_cap",
    rf"the provider asked the sender to try later{_ERROR}": "sender_retry",
    rf"the sender is unavailable{_ERROR}": "sender_unavailable",
    rf"it failed again{_ERROR}": "failed_again",
    rf"(?P<tries>\d+) failed tries in a row{_ERROR}": "failed_in_a_row",
    "a message was taken": "recovered",
    "a message to somebody who never wrote to it was taken": "cold_recovered",
    "its account can send again": "account_well",
    "a person let it go on": "resumed_by_person",
    rf"its receiver is gone{_ERROR}": "receiver_gone",
    rf"it took nothing for (?P<days>\d+) days{_ERROR}": "receiver_failing",
}
"""The sentences that were written until now, and the code of each; its groups are its facts."""

_PATTERNS = [(re.compile(pattern, re.DOTALL), code) for pattern, code in _SENTENCES.items()]

_NUMBERS = {"cap", "step", "version", "tries", "people", "day", "days"}
_WAITS = {"window", "gap", "cap", "cold"}
_UNITS = {"s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800}


class Ask(Protocol):
    """Runs a statement on the connection that migrates, with values by name, and returns what it finds."""

    def __call__(self, statement: str, /, **values: object) -> Iterable[tuple[object, ...]]:
        """Run it."""
        ...


def take_apart(name: str, ask: Ask) -> None:
    """Take every sentence apart; one that was nobody's but a person's or a provider's stays whole, as a note."""
    counted = ("sequence_contacts", "enrollments") if name == "postgresql" else ()
    for table in counted:
        # What is counted does not change: as what an ended enrollment counted, it counts.
        ask(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    for table, kind in COLUMNS:
        _take_apart(ask, table, kind)
    for table in counted:
        ask(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def code_of(sentence: str) -> tuple[str, dict[str, object]]:
    """Return the code and the facts of a sentence."""
    waits = [_alone(part) for part in sentence.split(", then ")]
    if len(waits) > 1 and all(wait is not None and wait[0] in _WAITS for wait in waits):
        return "several", {"waits": [{"code": wait[0], "facts": wait[1]} for wait in waits if wait is not None]}
    return _alone(sentence) or ("note", {"said": sentence})


def _alone(sentence: str) -> tuple[str, dict[str, object]] | None:
    for pattern, code in _PATTERNS:
        if found := pattern.fullmatch(sentence):
            return code, dict(_facts(found))
    return None


def _facts(found: re.Match[str]) -> Iterator[tuple[str, object]]:
    for name, text in found.groupdict().items():
        if not text:
            continue
        if name == "absent":
            yield name, True
        elif name == "delay":
            yield "seconds", int(text[:-1]) * _UNITS[text[-1]]
        elif name == "span":
            yield "seconds", _seconds(text)
        else:
            yield name, int(text) if name in _NUMBERS else text


def _seconds(span: str) -> int:
    """Read a span as Python writes it: ``1 day, 2:03:04``."""
    found = re.fullmatch(r"(?:(\d+) days?, )?(\d+):(\d+):(\d+)", span)
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups()) if found else (0, 0, 0, 0)
    return ((days * 24 + hours) * 60 + minutes) * 60 + seconds


def _take_apart(ask: Ask, table: str, kind: str) -> None:
    """Put the code of each sentence of a column in its place, and its facts beside it."""
    code, facts = f"{kind}_code", f"{kind}_facts"
    every = f"SELECT DISTINCT {code} FROM {table} WHERE {code} IS NOT NULL"  # noqa: S608  (of our own names)
    found = [str(row[0]) for row in ask(every)]
    if not found:
        return
    ask("CREATE TEMPORARY TABLE old_reasons (sentence text PRIMARY KEY, code text NOT NULL, facts text)")
    ask(
        "INSERT INTO old_reasons (sentence, code, facts)"
        " SELECT sentence, code, facts FROM rows_of(:rows, sentence text, code text, facts text)",
        rows=[{"sentence": sentence, **_columns(*code_of(sentence))} for sentence in found],
    )
    ask(
        f"UPDATE {table} SET {code} = old_reasons.code, {facts} = old_reasons.facts "  # noqa: S608  (as above)
        f"FROM old_reasons WHERE {table}.{code} = old_reasons.sentence"
    )
    ask("DROP TABLE old_reasons")


def _columns(code: str, facts: dict[str, object]) -> dict[str, str | None]:
    return {"code": code, "facts": json.dumps(facts, ensure_ascii=False) if facts else None}
