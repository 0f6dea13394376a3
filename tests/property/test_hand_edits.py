"""Random edits of any column by hand, those that the database takes: everybody else is still sent to, and what was
changed can be put right."""

import sqlite3
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

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


def edit(shell: sqlite3.Connection, table: str, place: int, value: object, step: int) -> None:
    """Change one column of one row, or delete it, as the database lets it."""
    columns = [row[1] for row in shell.execute(f"PRAGMA table_info({table})")]
    which = TABLES[table] + (f" AND current_step = {step}" if table == "sequence_contacts" else "")
    with suppress(sqlite3.Error):
        if place >= len(columns):
            shell.execute(f"DELETE FROM {table} WHERE {which}")
        else:
            shell.execute(f"UPDATE {table} SET {columns[place]} = ? WHERE {which}", [value])


@settings(max_examples=40, deadline=None)
@given(EDITS)
@example([("enrollments", 0, 0, 1, 1)])  # A run that has no records any more: they are those of another id.
def test_what_was_changed_by_hand_holds_up_nobody_else(edits: list[tuple[str, int, object, int, int]]) -> None:
    with TemporaryDirectory() as folder:
        path, clock, fake = str(Path(folder) / "drip.db"), VirtualClock(START), FakeChannel()
        with Dripline(path, clock=clock, channels={"console": fake}) as drip:
            drip.apply_sender(Sender("A", channel="console"))
            steps = [Step("Hi {{ name }}"), Step("Two", "12h"), Step("Three", "12h")]
            drip.apply(Sequence("Warm", trigger="WARM", senders=["A"], steps=steps))
            for phone in (EDITED, *OTHERS):
                drip.add_lead(phone=phone, name="You", triggers=["WARM"])
            shell = sqlite3.connect(path, isolation_level=None)
            for hour in range(4):
                for table, place, value, step, at in edits:
                    if at == hour:
                        edit(shell, table, place, value, step)
                drip.tick()
                drip.tick()
                clock.advance(timedelta(hours=12))
            shell.close()

            for phone in OTHERS:
                assert [message.text for message in fake.accepted if message.to == phone] == ["Hi You", "Two", "Three"]
            drip.timelines(phone=EDITED)
            drip.verify()
            drip.repair()
            drip.repair()
            drip.tick()
            drip.repair()
            assert drip.verify() == []
