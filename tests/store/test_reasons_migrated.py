"""Sentences that an older dripline stored become codes with facts; nothing of them is lost, and counts stay."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

import alembic.command
import alembic.config
import pytest
import sqlalchemy
from sqlalchemy.pool import NullPool

from dripline import Dripline, ReasonCode, VirtualClock

BEFORE = "0032"
AT = "'2026-01-01 00:00:00'"
LEFT = {
    1: "completed",
    2: "went over to version 2",
    3: "bought in the shop",
    4: "the provider refused the contact: no such number",
}
SEQUENCE = f"""
INSERT INTO sequences (id, name, trigger, channel, address_kind, variables, version, created_at, updated_at)
VALUES (1, 'Warm', 'WARM', 'console', 'phone', '{{}}', 1, {AT}, {AT});
INSERT INTO steps (id, sequence_id, version, position, after_seconds, offset_seconds, message)
VALUES (1, 1, 1, 1, 0, 0, 'Hi'), (2, 1, 1, 2, 60, 60, 'Two');
"""
WAITING = {
    10: "the gap of 12h between two messages, then the window 09:00–18:00 Asia/Kuala_Lumpur",
    11: "the provider asked to try later: outside the window of the hour",
    12: "Ben said so, then the window closed",
}


@contextmanager
def connected(url: str) -> Generator[sqlalchemy.Connection]:
    engine = sqlalchemy.create_engine(url.replace("postgresql://", "postgresql+psycopg://"), poolclass=NullPool)
    with engine.begin() as connection:
        yield connection


def empty(url: str) -> None:
    """Take everything out of a database."""
    if url.startswith("sqlite"):
        Path(url.removeprefix("sqlite:///")).unlink()
        return
    with connected(url) as connection:
        connection.exec_driver_sql("DROP SCHEMA public CASCADE")
        connection.exec_driver_sql("CREATE SCHEMA public")


@pytest.fixture
def old(url: str) -> str:
    """A database as it was before reasons were codes, with enrollments that ended and records that wait."""
    empty(url)
    config = alembic.config.Config()
    config.set_main_option("script_location", str(files("dripline.store") / "migrations"))
    config.set_main_option("path_separator", "os")
    with connected(url) as connection:
        config.attributes.update(connection=connection, first_record_id=1, on_change=str)
        alembic.command.upgrade(config, BEFORE)
    with connected(url) as connection:
        for statement in filter(str.strip, SEQUENCE.split(";")):
            connection.exec_driver_sql(statement)
        for lead in (*LEFT, *WAITING):
            connection.execute(*a_lead(lead))
        for lead, reason in LEFT.items():
            connection.execute(*an_enrollment(lead, reason))
        for lead, reason in WAITING.items():
            connection.execute(*an_enrollment(lead, None))
            connection.execute(*a_record(lead, reason))
        connection.exec_driver_sql(
            "INSERT INTO suppressions (address, reason, suppressed_at)"
            f" VALUES ('60123456700', 'the lead told the provider to stop', {AT})"
        )
    return url


Statement = tuple[sqlalchemy.TextClause, dict[str, object]]


def a_lead(lead: int) -> Statement:
    text = (
        "INSERT INTO leads (id, phone, name, attributes, created_at, updated_at)"
        f" VALUES (:id, :phone, '', :none, {AT}, {AT})"
    )
    return sqlalchemy.text(text), {"id": lead, "phone": f"601234567{lead:02}", "none": "{}"}


def an_enrollment(lead: int, reason: str | None) -> Statement:
    ended = "NULL" if reason is None else AT
    text = (
        "INSERT INTO enrollments (id, sequence_id, version, lead_id, enrolled_at, ended_at, end_reason)"
        f" VALUES (:id, 1, 1, :id, {AT}, {ended}, :reason)"
    )
    return sqlalchemy.text(text), {"id": lead, "reason": reason}


def a_record(lead: int, reason: str) -> Statement:
    text = (
        "INSERT INTO sequence_contacts (id, enrollment_id, sequence_id, lead_id, sequence_stepid, current_step, status,"
        f" next_trigger_time, planned_time, reason) VALUES (:id, :id, 1, :id, 1, 1, 'active', {AT}, {AT}, :reason)"
    )
    return sqlalchemy.text(text), {"id": lead, "reason": reason}


def test_sentences_become_codes_and_say_the_same(old: str, clock: VirtualClock) -> None:
    with Dripline(old, clock=clock) as drip:
        ends = {run.id: run for run in drip.records.find_enrollments().rows}
        records = {record.id: record for record in drip.records.find().rows}
        barred = next(iter(drip.leads.suppressions()))

        assert {run.id: run.end_reason for run in ends.values() if run.end_reason} == LEFT
        assert {record.id: record.reason for record in records.values()} == WAITING
        assert [ends[lead].end_code for lead in LEFT] == ["completed", "version_moved", "note", "contact_rejected"]
        assert ends[4].end_facts == {"error": "no such number"}
        assert [records[lead].reason_code for lead in WAITING] == ["several", "retry", "note"]
        assert barred.reason_code is ReasonCode.OPTED_OUT_AT_PROVIDER


def test_what_was_counted_stays_counted(
    old: str, clock: VirtualClock, ask: Callable[[str], list[tuple[object, ...]]]
) -> None:
    tallied = "SELECT status, sum(many) FROM (SELECT * FROM {0}) AS t WHERE step = 0 GROUP BY status ORDER BY status"
    table = "tallies" if old.startswith("sqlite") else "tally_changes"
    before = ask(tallied.format(table))
    with Dripline(old, clock=clock) as drip:
        assert [breach for breach in drip.verify() if "tallied" in breach.detail] == []

    assert ask(tallied.format(table)) == before
