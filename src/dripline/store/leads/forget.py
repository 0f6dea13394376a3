"""What is deleted of people who are to be forgotten: the rows of their leads, and what else tells of them."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Sequence as Listing
from typing import cast

from dripline.core.leads.personal_data import Traces, traces_of
from dripline.store.database.database import Database, Row
from dripline.store.database.transactions import keys

FORGETTING = (
    "forget_deliveries",
    "forget_conversations",
    "forget_refusals",
    "forget_names",
    "forget_other_addresses",
    "forget_merged_ids",
    "forget_sent",
    "forget_attempts",
    "forget_moves",
    "forget_settlements",
    "forget_records",
    "forget_enrollments",
    "forget_triggers",
    "forget_changes",
    "forget_notes",
    "forget_messages",
    "forget_doubts",
    "forget_deeds",
)
"""What is deleted of a lead before the lead itself, in the order in which one refers to the next."""

PAGE = 1_000
"""How many bodies are looked at closely at a time."""

GONE = 410
"""The status that a repeated request gets whose answer told of somebody who was forgotten since."""

GONE_BODY = json.dumps(
    {
        "type": "/problems#forgotten",
        "title": "What was answered told of somebody who was forgotten",
        "status": GONE,
        "detail": "This request was done before; what was answered then told of somebody who was forgotten since.",
        "code": "forgotten",
    }
)

HASHED = re.compile(r"sha256:[0-9a-f]{64}")
"""What a key is kept as that must tell of nobody."""

SAID = ("reason", "said")
"""What people write in words of their own when they change something; of a deed to a lead it goes with the lead."""

NAMES_STAY = "draft"
"""Where a name may be a word of ours: only addresses are taken out there."""


def hashed(key: str) -> str:
    """Return as what a key is kept that must tell of nobody."""
    return f"sha256:{hashlib.sha256(key.encode()).hexdigest()}"


def by_hash(names: Iterable[str]) -> dict[str, dict[str, str]]:
    """Return keys with the hashes under which they may be kept."""
    return {key: {"hash": hashed(key)} for key in names}


class PersonalTraces:
    """What is left of people beside the rows that bear the ids of their leads. Call inside a transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def clear(self, leads: Listing[int]) -> None:
        """Delete what was posted, refused and answered of leads, and take them out of what stays."""
        who = keys(leads)
        known = self._database.run("known_of_leads", leads=who) if who else []
        if not known:
            return
        addresses, ids, names = known_as(known)
        traces = self._traces(addresses, ids, names, who)
        self._clear_inbox(traces)
        self._clear_refused(traces)
        self._clear_answers(traces)
        self._database.change("forget_why_barred", addresses=keys(addresses))
        self._retell("audit_details", dict(self._deeds(who, traces)))
        self._clear_free_texts(traces)

    def _traces(self, addresses: set[str], ids: set[str], names: set[str], leads: Mapping[str, None]) -> Traces:
        """Return by what people are told; what somebody else is known by as well tells of nobody."""
        found = self._database.run("known_of_others", addresses=keys(addresses), names=keys(names), leads=leads)
        shared = {row["value"] for row in found}
        own = addresses - shared
        emails = {address for address in own if "@" in address}
        return traces_of(numbers=own - emails, emails=emails, ids=ids, names=names - shared)

    def _clear_inbox(self, traces: Traces) -> None:
        last, posted = 0, list[int]()
        while page := self._database.run("posted_like", after=last, hints=keys(traces.hints), page=PAGE):
            last = page[-1]["id"]
            posted += [row["id"] for row in page if traces.are_in(row["body"])]
        if posted:
            # In this order: one that is taken in meanwhile is waited for, and deleted then.
            self._database.change("forget_once_taken", posted=keys(posted))
            self._database.change("forget_posted", posted=keys(posted))
        events = [
            {"channel": row["channel"], "key": row["key"], "hash": hashed(row["key"])}
            for row in self._database.run("events_like", hints=keys(traces.hints))
            if traces.are_in(row["key"])
        ]
        if events:
            self._database.change("hide_events", events=events)

    def _clear_refused(self, traces: Traces) -> None:
        refused = [
            {"import_id": row["import_id"], "number": row["number"]}
            for row in self._database.run("refused_like", hints=keys(traces.hints))
            if traces.are_in_row((*json.loads(row["cells"]), row["value"]))
        ]
        if refused:
            self._database.change("drop_refused", refused=refused)

    def _clear_answers(self, traces: Traces) -> None:
        answers = [
            {"actor": row["actor"], "request_key": row["request_key"], "hash": _hashed_once(row["request_key"])}
            for row in self._database.run("answers_like", hints=keys(traces.hints))
            if traces.without(row["body"]) != row["body"] or traces.are_in(row["request_key"])
        ]
        if answers:
            self._database.change("hide_answers", answers=answers, status=GONE, body=GONE_BODY)

    def _deeds(self, leads: Mapping[str, None], traces: Traces) -> Iterator[tuple[str, str]]:
        """Yield what is still told of what was done to leads: things of ours, and nothing that people said."""
        for row in self._database.run("deeds_of_leads", leads=leads):
            details = cast("dict[str, object]", json.loads(row["details"]))
            redacted = json.dumps({name: one for name, one in details.items() if name not in SAID}, ensure_ascii=False)
            yield str(row["id"]), traces.without(redacted)

    def _clear_free_texts(self, traces: Traces) -> None:
        places: dict[str, dict[str, str]] = {}
        for row in self._database.run("free_texts_like", hints=keys(traces.hints)):
            text = (traces.nameless if row["place"] == NAMES_STAY else traces).without(row["text"])
            if text != row["text"]:
                places.setdefault(row["place"], {})[row["own"]] = text
        for place, texts in places.items():
            self._retell(place, texts)

    def _retell(self, place: str, texts: Mapping[str, str]) -> None:
        if texts:
            self._database.change(_RETELL[place], texts={own: {"text": text} for own, text in texts.items()})


_RETELL = {
    "audit_details": "retell_audit_details",
    "import_name": "retell_import_name",
    "import_problem": "retell_import_problem",
    "alert_state": "retell_alert_state",
    "sender_wait": "retell_sender_wait",
    "sender_reason": "retell_sender_reason",
    "channel_rest": "retell_channel_rest",
    "sender_event": "retell_sender_event",
    "step_pause": "retell_step_pause",
    "sequence_pause": "retell_sequence_pause",
    "workspace_pause": "retell_workspace_pause",
    "subscription_reason": "retell_subscription_reason",
    "delivery_reason": "retell_delivery_reason",
    "delivery_error": "retell_delivery_error",
    "note": "retell_note",
    NAMES_STAY: "retell_draft",
}
"""The statement that writes a text back, by where it stands."""


def _hashed_once(key: str) -> str:
    """Return a key as it is kept; earlier versions kept it as it was."""
    return key if HASHED.fullmatch(key) else hashed(key)


def known_as(known: Iterable[Row]) -> tuple[set[str], set[str], set[str]]:
    """Return the addresses, ids and names in what is known of leads."""
    addresses, ids, names = set[str](), set[str](), set[str]()
    by_kind = {"address": addresses, "id": ids, "name": names}
    for row in known:
        if row["kind"] != "fields":
            by_kind[row["kind"]].add(str(row["value"]))
            continue
        was = cast("dict[str, object]", json.loads(row["value"]))
        addresses |= {str(was[name]) for name in ("phone", "email") if was.get(name)}
        names |= {str(was["name"])} if was.get("name") else set()
    return addresses, ids, names
