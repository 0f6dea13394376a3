"""Sentences that an older dripline stored become codes with facts; nothing of them is lost, and counts stay."""

from collections.abc import Callable
from pathlib import Path

import pytest

from dripline import Dripline, ReasonCode, VirtualClock
from support.older import asked, made_by_an_older_version, plant

BEFORE = "0032"
AT = "'2026-01-01 00:00:00'"
LEFT = {
    11: "completed",
    12: "went over to version 2",
    13: "bought in the shop",
    14: "the provider refused the contact: no such number",
}
SEQUENCE = f"""
INSERT INTO sequences (id, name, trigger, channel, address_kind, variables, version, created_at, updated_at)
VALUES (1, 'Warm', 'WARM', 'console', 'phone', '{{}}', 1, {AT}, {AT});
INSERT INTO steps (id, sequence_id, version, position, after_seconds, offset_seconds, message)
VALUES (1, 1, 1, 1, 0, 0, 'Hi'), (2, 1, 1, 2, 60, 60, 'Two');
"""
WAITING = {
    20: "the gap of 12h between two messages, then the window 09:00–18:00 Asia/Kuala_Lumpur",
    21: "the provider asked to try later: outside the window of the hour",
    22: "Ben said so, then the window closed",
}


@pytest.fixture(params=["sqlite", "postgresql"])
def old(request: pytest.FixtureRequest, tmp_path: Path, new_database: Callable[[str], str]) -> str:
    """A database as it was before reasons were codes, with enrollments that ended and records that wait."""
    empty = f"sqlite:///{tmp_path}/old.db" if request.param == "sqlite" else new_database("reasons")
    url = made_by_an_older_version(empty, to=BEFORE)
    rows = [*filter(str.strip, SEQUENCE.split(";")), *map(a_lead, (*LEFT, *WAITING))]
    rows += [an_enrollment(lead, f"{AT}, '{reason}'") for lead, reason in LEFT.items()]
    rows += [an_enrollment(lead, "NULL, NULL") for lead in WAITING]
    rows += [a_record(lead, reason) for lead, reason in WAITING.items()]
    stopped = f"('60123456700', 'the lead told the provider to stop', {AT})"
    for statement in (*rows, f"INSERT INTO suppressions (address, reason, suppressed_at) VALUES {stopped}"):
        plant(url, statement)
    return url


def a_lead(lead: int) -> str:
    return (
        "INSERT INTO leads (id, phone, name, attributes, created_at, updated_at)"
        f" VALUES ({lead}, '601234567{lead}', '', '{{}}', {AT}, {AT})"
    )


def an_enrollment(lead: int, end: str) -> str:
    return (
        "INSERT INTO enrollments (id, sequence_id, version, lead_id, enrolled_at, ended_at, end_reason)"
        f" VALUES ({lead}, 1, 1, {lead}, {AT}, {end})"
    )


def a_record(lead: int, reason: str) -> str:
    return (
        "INSERT INTO sequence_contacts (id, enrollment_id, sequence_id, lead_id, sequence_stepid, current_step, status,"
        f" next_trigger_time, planned_time, reason) VALUES ({lead}, {lead}, 1, {lead}, 1, 1, 'active', {AT}, {AT},"
        f" '{reason}')"
    )


def test_sentences_become_codes_and_say_the_same(old: str, clock: VirtualClock) -> None:
    with Dripline(old, clock=clock) as drip:
        ends = {run.id: run for run in drip.records.find_enrollments().rows}
        records = {record.id: record for record in drip.records.find().rows}
        barred = next(iter(drip.leads.suppressions()))

        assert {run.id: run.end_reason for run in ends.values() if run.end_reason} == LEFT
        assert {record.id: record.reason for record in records.values()} == WAITING
        assert [ends[lead].end_code for lead in LEFT] == ["completed", "version_moved", "note", "contact_rejected"]
        assert ends[14].end_facts == {"error": "no such number"}
        assert [records[lead].reason_code for lead in WAITING] == ["several", "retry", "note"]
        assert barred.reason_code is ReasonCode.OPTED_OUT_AT_PROVIDER


def test_what_was_counted_stays_counted(old: str, clock: VirtualClock) -> None:
    before = counted(old)
    with Dripline(old, clock=clock) as drip:
        assert [breach for breach in drip.verify() if "tallied" in breach.detail] == []

    assert counted(old) == before


def counted(url: str) -> list[tuple[object, ...]]:
    table = "tallies" if url.startswith("sqlite") else "tally_changes"
    return asked(url, f"SELECT status, sum(many) FROM {table} WHERE step = 0 GROUP BY status ORDER BY status")
