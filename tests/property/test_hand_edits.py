"""Random edits of any column by hand, those that the database takes: everybody else is still sent to, and what was
changed can be put right."""

import sqlite3
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dripline import Dripline, FakeChannel, Sender, Sequence, Step, VirtualClock

START = datetime(2026, 1, 1, tzinfo=UTC)
EDITED, OTHERS = "60123456780", ("60123456781", "60123456782")

TABLES = {
    "sequence_contacts": "lead_id = 1",
    "enrollments": "lead_id = 1",
    "leads": "id = 1",
    "lead_triggers": "lead_id = 1",
    "attempts": "record_id IN (SELECT id FROM sequence_contacts WHERE lead_id = 1)",
    "record_moves": "record_id IN (SELECT id FROM sequence_contacts WHERE lead_id = 1)",
    "sender_loads": "TRUE",
    "tallies": "TRUE",
}
"""Tables, and which of their rows are about the lead that is edited."""

VALUES = st.one_of(
    st.none(),
    st.integers(-3, 3),
    st.sampled_from([2**31, 2**62, -(2**62), 0.5]),
    st.sampled_from(
        [
            *("pending", "active", "sending", "paused", "completed", "failed", "skipped", "cancelled", "unknown"),
            *(
                "2026-01-01 00:00:00+00:00",
                "2026-01-01T06:00",
                "2026-01-03",
                "2025-02-30 10:00:00",
                "9999-12-31",
                "now",
            ),
            *("{}", "[]", "{", '{"name": {"deep": 1}}', "Mars/Olympus", "", "WARM", "x", "60199999999"),
        ]
    ),
)

EDITS = st.lists(
    st.tuples(st.sampled_from(sorted(TABLES)), st.integers(0, 40), VALUES, st.integers(1, 3), st.integers(0, 3)),
    min_size=1,
    max_size=6,
)


COLUMNS = {
    "sqlite": "SELECT name FROM pragma_table_info('{0}') ORDER BY cid",
    "postgresql": "SELECT column_name FROM information_schema.columns"
    " WHERE table_name = '{0}' AND table_schema = current_schema() ORDER BY ordinal_position",
}

Edit = tuple[str, int, object, int, int]
Shell = Callable[[str, list[object]], list[tuple[str]]]
"""Runs a statement, as a person at a SQL prompt would."""


@contextmanager
def shell_on(url: str) -> Generator[Shell]:
    """Open what a person has: a shell of SQLite, which asks for no foreign keys, or psql."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)) as lite:
            yield lambda statement, values: lite.execute(statement, values).fetchall()
        return
    with psycopg.connect(url, autocommit=True) as server:

        def run(statement: str, values: list[object]) -> list[tuple[str]]:
            # As text, which the server reads as what the column holds.
            done = server.execute(
                statement.replace("?", "%s").encode(), [None if one is None else str(one) for one in values]
            )
            return done.fetchall() if done.description else []

        yield run


def edit(shell: Shell, kind: str, wanted: Edit) -> None:
    """Change one column of one row, or delete it, as the database lets it."""
    table, place, value, step, _ = wanted
    columns = [name for (name,) in shell(COLUMNS[kind].format(table), [])]
    which = TABLES[table] + (f" AND current_step = {step}" if table == "sequence_contacts" else "")
    with suppress(sqlite3.Error, psycopg.Error):
        if place >= len(columns):
            shell(f"DELETE FROM {table} WHERE {which}", [])
        else:
            shell(f"UPDATE {table} SET {columns[place]} = ? WHERE {which}", [value])


def live_through(url: str, edits: list[Edit]) -> None:
    """Send to three leads while one is edited, and put right what was edited."""
    clock, fake, kind = VirtualClock(START), FakeChannel(), url.partition(":")[0]
    with Dripline(url, clock=clock, channels={"console": fake}) as drip, shell_on(url) as shell:
        drip.senders.apply(Sender("A", channel="console"))
        steps = [Step("Hi {{ name }}"), Step("Two", "12h"), Step("Three", "12h")]
        drip.apply(Sequence("Warm", trigger="WARM", senders=["A"], steps=steps))
        for phone in (EDITED, *OTHERS):
            drip.add_lead(phone=phone, name="You", triggers=["WARM"])
        for hour in range(4):
            for one in edits:
                if one[-1] == hour:
                    edit(shell, kind, one)
            drip.tick()
            drip.tick()
            clock.advance(timedelta(hours=12))

        for phone in OTHERS:
            assert [message.text for message in fake.accepted if message.to == phone] == ["Hi You", "Two", "Three"]
        drip.leads.timelines(phone=EDITED)
        drip.verify()
        drip.records.repair()
        drip.records.repair()
        drip.tick()
        drip.records.repair()
        assert drip.verify() == []


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_what_was_changed_by_hand_holds_up_nobody_else(
    new_url: Callable[[str], str], drop: Callable[[str], None], kind: str
) -> None:
    @settings(max_examples=settings().max_examples)
    @given(EDITS)
    @example([("sequence_contacts", 18, "2026-01-01 00:00:00+00:00", 1, 1)])  # A lease of what was sent.
    @example([("enrollments", 8, 0, 3, 1)])  # A sender that is not there.
    @example([("sequence_contacts", 3, 3, 3, 1)])  # A record of another lead.
    @example([("enrollments", 10, 2**62, 3, 1)])  # A run that would begin behind its last step.
    @example([("enrollments", 0, 0, 1, 1)])  # A run that has no records any more: they are those of another id.
    def check(edits: list[Edit]) -> None:
        url = new_url(kind)
        live_through(url, edits)
        drop(url)

    check()
