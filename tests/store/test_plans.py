"""Every statement of a pass, a report and a list finds its rows by an index, however many are stored: of a million."""

import json
import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import psycopg
import pytest

from dripline import Dripline, Sender, Sequence, Step
from dripline.store.database.dialect import POSTGRESQL, SQLITE
from dripline.store.database.statements import compiled

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LEADS = 250_000

LANES = json.dumps({"1": 1, "2": 1})
RECORDS = json.dumps({str(2**41 + 1): {"attempt": 1}, str(2**41 + 5): {"attempt": 1}})
PARAMETERS: dict[str, object] = {
    "channel": "console",
    "channels": json.dumps({"console": None}),
    "batch": 500,
    "worker": "w",
    "held_back": "{}",
    "passed_over": "{}",
    "lanes": LANES,
    "records": RECORDS,
    "steps": LANES,
    "answers": json.dumps([{"record": 2**41 + 1, "attempt": 1}, {"record": 2**41 + 5, "attempt": 1}]),
    "leads": LANES,
    "kept": json.dumps([{"sequence_id": 1, "step": 1, "status": "active"}]),
    "code": "completed",
    "facts": None,
    "most": 100,
    "phones": json.dumps({"601100000007": None}),
    "emails": json.dumps({"aina@example.com": None}),
    "addresses": json.dumps({"601100000007": None}),
    "last_enrollment": LEADS - 1,
    "others_above": 0,
    "import_id": None,
    "sequence_id": 1,
    "step": 2,
    "step_id": None,
}
MOMENTS = ("begun_at", "since", "until", "hour", "before", "long_ago", "late")
STATEMENTS = (
    "unpaced_due",
    "leases_over",
    "held_unknown",
    "open_channels",
    "next_wake",
    "claim_due",
    "claim_turns",
    "free_lanes",
    "read_claimed",
    "read_steps",
    "lock_leads",
    "recent_messages",
    "begin",
    "write_begun",
    "write_begun_and_lost",
    "finish_attempts",
    "complete",
    "complete_accepted",
    "release",
    "activate_next",
    "finish_enrollments",
    "renew",
    "rescue",
    "keep_for_trace",
    "untraced",
    "known_to_leads",
    "tally_waits",
    "take_tally_changes",
    "take_old_tallies",
    "drop_empty_tallies",
    "tally_totals",
    "tally_hours",
    "tally_before",
    "due_since",
    "due_in_hour",
    "lanes_waiting",
    "due_of_place",
    "channels_waiting",
    "tally_places",
    "receipts_since",
    "soonest",
    "steps_in_use",
    "find_leads",
    "look_up_leads",
    "leads_of_addresses",
    "known_by",
    "enroll_leads",
    "begin_enrolling",
    "needs_of_newcomers",
    "write_records",
)
"""What a pass asks, a report, and whoever adds a lead."""

FINDS = {
    "": ("leads_by_id", "leads_of_trigger", "leads_of_sequence", "enrollments_by_id", "enrollments_of_sequences",
         "ended_of_sequences", "enrollments_by_reason", "enrollments_of_person"),
    "60": ("leads_by_phone", "leads_by_email", "leads_by_name", "barred_by_phone", "barred_by_email",
           "suppressions_by_address"),
    "at": ("leads_by_creation", "at_rest_of_sender", "active_records", "records_of_steps",
           "active_of_sender", "records_in_flight", "records_of_people", "attempts_by_start", "suppressions_by_age",
           "delivered_of_steps", "delivered_of_people", "undelivered_records", "results_of_steps", "results_of_people"),
}  # fmt: skip
"""What a page asks, by what its list goes by: ids, texts or instants."""

WAYS = (".up", ".up_ties", ".up_edge", ".down", ".down_ties", ".down_edge")
SHOWN = (
    "listed_leads",
    "triggers_of_leads",
    "standing_of_listed_leads",
    "listed_records",
    "listed_enrollments",
    "listed_attempts",
    "listed_suppressions",
    "records_of_enrollment",
    "excerpts_of_records",
    "reasons_of_records",
)
COUNTED = tuple(
    f"{name}.any"
    for name in (*FINDS["60"], *FINDS["at"])
    if name.startswith(("leads_by_", "records", "active", "at_rest", "delivered", "undelivered"))
)
LISTS = (*(f"{name}{way}" for names in FINDS.values() for name in names for way in WAYS), *SHOWN, *COUNTED)
"""Everything that lists ask."""

NUMBERS = {
    "sqlite": f"(WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {LEADS}) SELECT i FROM n)",
    "postgresql": f"(SELECT i FROM generate_series(1, {LEADS}) AS n (i))",
}
AT = {"sqlite": "'2026-01-01 00:00:00'", "postgresql": "CAST('2026-01-01' AS timestamptz)"}
TOMORROW = {"sqlite": "'2026-01-02 00:00:00'", "postgresql": "CAST('2026-01-02' AS timestamptz)"}
SETS = """
INSERT INTO leads (phone, email, name, attributes, created_at, updated_at)
SELECT '601' || (100000000 + i), CASE WHEN i % 10 = 0 THEN 'a' || i || '@example.com' END, 'Aina', '{}', :at, :at
FROM :numbers AS numbers;
INSERT INTO enrollments (sequence_id, version, lead_id, enrolled_at, sender_id)
SELECT 1, 1, id, :at, CASE WHEN id % 2 = 0 THEN 1 + id % 20 END FROM leads;
INSERT INTO sequence_contacts (enrollment_id, sequence_id, lead_id, contact_phone, sequence_stepid, current_step,
  status, next_trigger_time, planned_time, completed_at, attempt, sender_id)
SELECT e.id, 1, e.lead_id, '60', st.id, st.position,
  CASE WHEN st.position < 2 THEN 'completed' WHEN st.position = 2 THEN 'active' ELSE 'pending' END,
  CASE WHEN e.id % 100 = 0 THEN :at ELSE :tomorrow END, :at, CASE WHEN st.position < 2 THEN :at END, 1, e.sender_id
FROM enrollments AS e CROSS JOIN steps AS st;
INSERT INTO attempts (record_id, number, worker, started_at, finished_at, outcome, provider_id, text,
  delivery, delivery_at)
SELECT id, 1, 'w', :at, :at, 'accepted', 'id', 'One', CASE WHEN id % 100 = 0 THEN 'failed' ELSE 'read' END, :at
FROM sequence_contacts WHERE status = 'completed';
INSERT INTO lead_triggers (lead_id, trigger, gained_at) SELECT id, 'WARM', :at FROM leads;
INSERT INTO suppressions (address, reason_code, suppressed_at) SELECT phone, 'gone', :at FROM leads WHERE id % 10 = 0;
ANALYZE
"""
"""Of a million records a quarter was sent, and some thousands are due, half of them on lanes."""

STREAMS = json.dumps({"1:completed": {"sequence": 1, "step": 1, "status": "completed"}})
BESIDE: dict[str, object] = {
    **dict.fromkeys(("has_trigger", "lives_in", "is_barred", "sequence_id", "step", "sender_id", "is_held")),
    **dict.fromkeys(("outcome", "delivery", "is_live", "code", "reason_code", "step_id")),
    "result": "read",
    "deliveries": '{"read": null}',
}


def asked_of_list(name: str, now: object) -> dict[str, object]:
    """Return what a list's statement asks for: a page in the middle of everything."""
    kind = next((kind for kind, names in FINDS.items() if name.partition(".")[0] in names), "")
    keys: dict[str, tuple[object, object]] = {"": (1_000, 2**62), "60": ("6010", "61"), "at": (now, now)}
    key, high = keys[kind]
    tie: object = "60" if name.startswith("suppressions") else 5
    ids = {"leads": LANES, "records": RECORDS, "enrollments": LANES, "addresses": '{"60": null}', "statuses": "{}"}
    driving = {"trigger": "WARM", "sequence": 1, "sender": 1, "lead": 5, "streams": STREAMS, "enrollment_id": 5}
    tried = {"attempts": json.dumps({"1:1": {"record": 2**41 + 1, "number": 1}}), "since": now, "until": now}
    reason = {"code": "completed"} if "reason" in name else {}
    page = {
        "due_after": now,
        "key": key,
        "low": key,
        "high": high,
        "tie": tie,
        "second_tie": 1,
        "page": 51,
        "most": 1_000,
    }
    return {**BESIDE, **ids, **driving, **tried, **page, **reason}


SCAN = re.compile(
    r"^SCAN (r|e|l|a|b|t|standing|flying|last|before|sequence_contacts|enrollments|leads|attempts)\b"
    r"|Seq Scan on (sequence_contacts|enrollments|leads|attempts|lead_triggers)\b"
    r"|USING INDEX (records_of_steps|at_rest_by_sender) \(\w+=\?\)"
)
SMALL_INDEX = re.compile(
    r"USING (COVERING )?INDEX (due_unpaced|due_by_sender|active_records|leased_records|unknown_waiting)"
)
"""These hold what is due or leased, not what is stored."""


def test_every_statement_of_a_pass_a_report_a_list_and_an_import_uses_an_index(url: str) -> None:
    with Dripline(url) as drip:
        for place in range(20):
            drip.senders.apply(Sender(f"jb-{place}", channel="console", pool="sales"))
        drip.apply(Sequence("Warm", trigger="WARM", steps=[Step("One"), *[Step("Next", "12h")] * 3]))
    plans = plans_in_sqlite(url.removeprefix("sqlite:///")) if url.startswith("sqlite") else plans_in_postgresql(url)
    scanned = {name: scans for name, plan in plans.items() if (scans := scans_in(plan))}

    assert plans.keys() == {*STATEMENTS, *LISTS}
    assert not scanned


def test_every_list_is_asked_for_its_plan() -> None:
    found = {name for name in compiled(SQLITE) if name.endswith(WAYS)}

    assert found == {name for name in LISTS if name not in SHOWN + COUNTED}


@pytest.mark.parametrize(
    "line",
    [
        "SCAN r",
        "SCAN leads USING COVERING INDEX leads_by_email",
        "-> Seq Scan on leads l",
        "SEARCH r USING INDEX records_of_steps (sequence_id=?)",
    ],
)
def test_a_scan_is_seen(line: str) -> None:
    assert scans_in(f"SEARCH steps USING PRIMARY KEY\n{line}")


def scans_in(plan: str) -> list[str]:
    """Return the lines of a plan that go through all of a big table, or through an index that has all or much of it."""
    return [line for line in plan.splitlines() if SCAN.search(line) and not SMALL_INDEX.search(line)]


def plans_in_sqlite(path: str) -> dict[str, str]:
    """Store a million records in a SQLite file and return the plan of each statement."""
    with closing(sqlite3.connect(path, isolation_level=None)) as sqlite:
        sqlite.execute("PRAGMA synchronous = OFF")
        sqlite.executescript(stock("sqlite"))
        return {
            name: "\n".join(row[3] for row in sqlite.execute(f"EXPLAIN QUERY PLAN {text}", asked(name, str(NOW)[:19])))
            for name in (*STATEMENTS, *LISTS)
            for text in [compiled(SQLITE)[name]]
        }


def plans_in_postgresql(url: str) -> dict[str, str]:
    """Store a million records in PostgreSQL and return the plan of each statement."""
    with psycopg.connect(url, autocommit=True, options="-c timezone=UTC") as postgres:
        postgres.execute("SET session_replication_role = replica")
        for statement in stock("postgresql").split(";"):
            postgres.execute(statement.encode())
        return {
            name: "\n".join(row[0] for row in postgres.execute(f"EXPLAIN {text}".encode(), asked(name, NOW)))
            for name in (*STATEMENTS, *LISTS)
            for text in [compiled(POSTGRESQL)[name]]
        }


def stock(kind: str) -> str:
    """Return the statements that store a million records."""
    return SETS.replace(":numbers", NUMBERS[kind]).replace(":at", AT[kind]).replace(":tomorrow", TOMORROW[kind])


def asked(name: str, now: object) -> dict[str, object]:
    """Return what a statement may ask for; `free_lanes` asks for how many lanes, the others for which."""
    if name in LISTS:
        return asked_of_list(name, now)
    return {**PARAMETERS, "now": now, "lease_until": now, **dict.fromkeys(MOMENTS, now)} | (
        {"lanes": 500, "few": 10} if name == "free_lanes" else {}
    )
