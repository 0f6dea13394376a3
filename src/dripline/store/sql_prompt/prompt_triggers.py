# ruff: noqa: S608  (statements are made of the names of our own tables and columns)
"""What the database itself does for people at a SQL prompt, made again after each migration.

`due_records` shows what the mission's query finds. On SQLite, which takes any text for a time or a number, triggers
bring every time that it can read into the one form that is compared, and refuse everything else in a sentence; on
PostgreSQL, constraints refuse the times and texts that no program can read. Neither costs a look at another row.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field

from dripline.store.sql_prompt import open_tries, references
from dripline.store.sql_prompt.references import Ask
from dripline.store.sql_prompt.refusals import postgresql_refusals, sqlite_refusals

VIEW = "due_records"

DUE = (
    "CREATE VIEW due_records AS SELECT * FROM sequence_contacts WHERE status = 'active' AND next_trigger_time <= {now}"
)
"""The mission's query, by the database's own clock: it is for people. The processor asks with its own."""

FIRST, LAST = "1000-01-01 00:00:00", "8999-12-31 23:59:59"
"""Times before and after which are refused: nobody waits for them, and a wait added to them must be a time as well."""

LONGEST = 10_000_000_000
"""The longest span that is taken, in seconds: 317 years."""

OBJECTS = {
    "leads": ("attributes",),
    "sequences": ("variables", "time_window"),
    "steps": ("content", "time_window"),
    "senders": ("pace", "hour_counts", "day_counts"),
}
"""Columns that hold a JSON object."""

SETTINGS = frozenset({"sequences", "steps", "senders", "workspace"})
"""Tables of which one row that cannot be read at all would be in everybody's way."""

COUNTS = frozenset({"attempt", "failures", "trips", "slow"})
ROWS_LIMIT = 1_000_000_000
"""Columns that count up from none, and up to where."""

FIXED = {
    "sequence_contacts": ("enrollment_id", "sequence_id", "sequence_stepid", "current_step"),
    "enrollments": ("sequence_id", "version", "first_step"),
}
"""Columns that never change once they are written."""

LATEST_COLUMN = "begun_at"
"""The last column that refusals and triggers of tries read: a database of an older version gets them once it has it."""

GOES_BACK = "NEW.attempt < OLD.attempt AND OLD.status <> 'sending'"
"""A try whose number was given before would be taken for the same one; a claim that came to nothing gives its back."""

HALTS = (
    "(OLD.status IN ('active', 'paused') OR (OLD.status = 'unknown' AND OLD.ended_at IS NULL))"
    " AND NEW.status NOT IN ('active', 'sending', 'paused') AND (NEW.status <> 'unknown' OR NEW.ended_at IS NOT NULL)"
)
CURRENT = "OLD.status IN ('active', 'sending', 'paused', 'unknown')"
HALTED = "INSERT INTO halted (enrollment_id) VALUES (OLD.enrollment_id) ON CONFLICT DO NOTHING"
"""Whoever ends the record at which an enrollment stands, and is no settlement, may leave it standing still."""

MOVES = "OLD.{0} {1} NEW.{0}"
UNADDRESSED = "UPDATE enrollments SET address = NULL WHERE lead_id = NEW.id AND ended_at IS NULL"
"""Where a lead's messages go is written down again by whoever changes its addresses, or by the next pass."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table, and which of its columns hold what."""

    name: str
    instants: tuple[str, ...] = field(kw_only=True)
    numbers: tuple[str, ...] = field(kw_only=True)
    keys: tuple[str, ...] = field(kw_only=True)
    texts: tuple[str, ...] = field(kw_only=True)

    @property
    def objects(self) -> tuple[str, ...]:
        """Its columns that hold a JSON object."""
        return OBJECTS.get(self.name, ())


def take_down(name: str, ask: Ask) -> None:
    """Drop the view, which would keep a migration from changing the columns that it shows."""
    views = {
        "sqlite": f"SELECT 1 FROM sqlite_master WHERE type = 'view' AND name = '{VIEW}'",
        "postgresql": f"SELECT 1 FROM pg_views WHERE schemaname = current_schema() AND viewname = '{VIEW}'",
    }
    if list(ask(views[name])):
        ask(f"DROP VIEW {VIEW}")


def put_up(name: str, ask: Ask) -> None:
    """Make the view, the triggers and the constraints for the columns that there are now."""
    now = {"sqlite": "datetime('now')", "postgresql": "NOW()"}[name]
    ask(DUE.format(now=now))
    for statement in {"sqlite": _sqlite_guards, "postgresql": _postgresql_guards}[name](ask):
        ask(statement)


def make_times_plain(ask: Ask) -> None:
    """Bring times that stand in another form in a SQLite into the plain one.

    One that nobody can read is set aside: a record's far ahead, where it holds nobody up, and its move is told.
    """
    ask(
        "INSERT INTO record_moves (record_id, moved_at, moved_to, reason)"
        f" SELECT id, planned_time, '{LAST}', 'its time could not be read: ' || next_trigger_time"
        f" FROM sequence_contacts WHERE {_plain('next_trigger_time')} IS NULL"
    )
    for table in _sqlite_tables(ask):
        for column in table.instants:
            aside = LAST if column == "next_trigger_time" else FIRST
            plain = _plain(column)
            ask(f"UPDATE {table.name} SET {column} = coalesce({plain}, '{aside}') WHERE {column} IS NOT {plain}")


def _is_instant(column: str) -> bool:
    return column.endswith(("_at", "_until", "_time")) or column == "at"


def _sqlite_guards(ask: Ask) -> Iterable[str]:
    tables = _sqlite_tables(ask)
    for table in tables:
        yield from _instant_guards(table)
        yield from _value_guards(table)
    yield from _fixed_in_sqlite()
    is_whole = any(LATEST_COLUMN in table.instants for table in tables)
    guards = (*sqlite_refusals(), *open_tries.sqlite_guards()) if is_whole else ()
    for name, on, body in (*guards, *references.guards(sqlite_tables(ask), ask)):
        yield from _trigger(name, on, body)
    yield from _trigger("halt_changed", f"UPDATE OF status, ended_at ON sequence_contacts WHEN {HALTS}", f"{HALTED};")
    yield from _trigger("halt_gone", f"DELETE ON sequence_contacts WHEN {CURRENT}", f"{HALTED};")
    yield from _trigger("lead_moved", f"UPDATE OF phone, email ON leads WHEN {_moves('IS NOT')}", f"{UNADDRESSED};")
    # A lead that comes is tallied in the hour of its creation as it was written, before that is brought into its form.
    yield from _trigger(
        "tally_changed_lead",
        "UPDATE OF created_at ON leads WHEN OLD.created_at <> NEW.created_at",
        f"{_tally('OLD', -1)} {_tally('NEW', 1)}",
    )


def _moves(differs: str) -> str:
    return " OR ".join(MOVES.format(column, differs) for column in ("phone", "email"))


def _tally(which: str, change: int) -> str:
    return (
        "INSERT INTO tallies (sequence_id, step, status, hour, many)"
        f" VALUES (0, 0, 'leads', substr({which}.created_at, 1, 13) || ':00:00', {change})"
        f" ON CONFLICT (sequence_id, step, status, hour) DO UPDATE SET many = many + {change};"
    )


def sqlite_tables(ask: Ask) -> list[str]:
    """Return the names of our tables in a SQLite."""
    found = [str(row[0]) for row in ask("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")]
    return [name for name in found if not name.startswith(("sqlite_", "alembic_"))]


def _sqlite_tables(ask: Ask) -> list[Table]:
    return [_sqlite_table(name, ask) for name in sqlite_tables(ask)]


def _sqlite_table(name: str, ask: Ask) -> Table:
    # Id, name, type, not null, default, part of the key.
    columns = [(str(row[1]), str(row[2]).lower(), bool(row[5])) for row in ask(f"PRAGMA table_info({name})")]
    return Table(
        name,
        instants=tuple(column for column, kind, _ in columns if kind == "text" and _is_instant(column)),
        numbers=tuple(column for column, kind, _ in columns if kind in {"integer", "bigint"}),
        keys=tuple(column for column, _, is_key in columns if is_key),
        texts=tuple(column for column, kind, _ in columns if kind == "text"),
    )


def _instant_guards(table: Table) -> Iterable[str]:
    """Yield a trigger for each time that changes, and one for rows that come: asked is only what a row writes."""
    for column in table.instants:
        yield from _trigger(
            f"read_{table.name}_{column}",
            f"UPDATE OF {column} ON {table.name} WHEN {_is_not_plain(column)}",
            _read(table.name, [column]),
        )
    if table.instants:
        yield from _trigger(
            f"read_new_{table.name}",
            f"INSERT ON {table.name} WHEN {' OR '.join(map(_is_not_plain, table.instants))}",
            _read(table.name, table.instants),
        )


def _is_not_plain(column: str) -> str:
    return f"NEW.{column} IS NOT {_plain(f'NEW.{column}')} OR NEW.{column} NOT BETWEEN '{FIRST}' AND '{LAST}'"


def _plain(column: str) -> str:
    """Return the plain form of a time; what is added makes the 30th of February the 2nd of March."""
    return f"datetime({column}, '+0 days')"


def _read(table: str, columns: Iterable[str]) -> str:
    """Return statements that refuse what cannot be read, and write the rest in its plain form."""
    named = list(columns)
    refusals = " ".join(
        f"SELECT RAISE(ABORT, '{table}.{column} is no time: write it as 2026-11-28 16:24:06, in UTC') "
        f"WHERE NEW.{column} IS NOT NULL AND (NEW.{column} NOT GLOB '[0-9][0-9][0-9][0-9]-*' "
        f"OR coalesce({_plain(f'NEW.{column}')}, '') NOT BETWEEN '{FIRST}' AND '{LAST}');"
        for column in named
    )
    written = ", ".join(f"{column} = {_plain(column)}" for column in named)
    return f"{refusals} UPDATE {table} SET {written} WHERE rowid = NEW.rowid;"


def _value_guards(table: Table) -> Iterable[str]:
    """Yield triggers that refuse what is no number, no JSON object or no phone, and spans without end."""
    refusals = list(_refusals(table))
    if not refusals:
        return
    body = " ".join(
        f"SELECT RAISE(ABORT, '{table.name}.{column} {what}') WHERE {is_wrong};" for column, is_wrong, what in refusals
    )
    when = " OR ".join(is_wrong for _, is_wrong, _ in refusals)
    columns = dict.fromkeys(column for column, _, _ in refusals)
    for event, on in (("new", "INSERT"), ("changed", f"UPDATE OF {', '.join(columns)}")):
        yield from _trigger(f"check_{event}_{table.name}", f"{on} ON {table.name} WHEN {when}", body)


def _refusals(table: Table) -> Iterable[tuple[str, str, str]]:
    """Yield a column, the condition under which its new value is refused, and what it is instead."""
    for column in table.keys:
        yield column, f"NEW.{column} IS NULL", "is part of the key, which is never empty"
    for column in table.numbers:
        yield column, _is_no_number(column), "is a whole number of a size that can be"
    for column in table.objects:
        yield column, _is_no_object(column), "is a JSON object, as {}"
    for column in table.texts if table.name in SETTINGS else ():
        yield column, f"typeof(NEW.{column}) = 'blob'", "is text"
    if table.name == "leads":
        is_no_phone = "NEW.phone GLOB '*[^0-9]*' OR NEW.phone = ''"
        yield "phone", is_no_phone, "is digits with the country code, as 60123456789"


def _is_no_number(column: str) -> str:
    limit = f" OR NOT {_is_bounded(f'NEW.{column}', column)}" if _has_bounds(column) else ""
    return f"typeof(NEW.{column}) NOT IN ('integer', 'null'){limit}"


def _has_bounds(column: str) -> bool:
    return column in COUNTS or column.endswith("_seconds")


def _is_bounded(value: str, column: str) -> str:
    return f"{value} BETWEEN {0 if column in COUNTS else -LONGEST} AND {ROWS_LIMIT if column in COUNTS else LONGEST}"


def _is_no_object(column: str) -> str:
    known = f"WHEN json_valid(NEW.{column}) THEN json_type(NEW.{column}) <> 'object'"
    return f"(CASE {known} ELSE NEW.{column} IS NOT NULL END)"


def _fixed_in_sqlite() -> Iterable[str]:
    for table, columns in FIXED.items():
        is_changed = " OR ".join(f"NEW.{column} IS NOT OLD.{column}" for column in columns)
        yield from _trigger(
            f"keep_{table}",
            f"UPDATE OF {', '.join(columns)} ON {table} WHEN {is_changed}",
            f"SELECT RAISE(ABORT, '{_fixed_sentence(table, columns)}');",
        )
    yield from _trigger(
        "keep_attempt",
        f"UPDATE OF attempt ON sequence_contacts WHEN {GOES_BACK}",
        f"SELECT RAISE(ABORT, '{_fixed_sentence('sequence_contacts', ['attempt'])}');",
    )


def _fixed_sentence(table: str, columns: Iterable[str]) -> str:
    return f"{', '.join(columns)} of {table} cannot be changed: it says what is sent, or was"


def _trigger(name: str, on: str, body: str) -> Iterable[str]:
    yield f"DROP TRIGGER IF EXISTS {name}"
    yield f"CREATE TRIGGER {name} AFTER {on} BEGIN {body} END"


def _postgresql_guards(ask: Ask) -> Iterable[str]:
    columns = [
        (str(table), str(column), str(kind))
        for table, column, kind in ask(
            "SELECT c.table_name, c.column_name, c.data_type FROM information_schema.columns AS c"
            " JOIN pg_tables AS t ON t.tablename = c.table_name AND t.schemaname = c.table_schema"
            " WHERE c.table_schema = current_schema() ORDER BY c.table_name, c.ordinal_position"
        )
    ]
    for table, column, kind in columns:
        if kind == "timestamp with time zone":
            yield from _constraint(table, column, f"{column} BETWEEN '{FIRST}+00' AND '{LAST}+00'")
        elif _has_bounds(column):
            yield from _constraint(table, column, _is_bounded(column, column))
        elif column in OBJECTS.get(table, ()):
            yield from _constraint(table, column, f"json_typeof(CAST({column} AS json)) = 'object'")
    yield from _constraint("leads", "phone", "phone ~ '^[0-9]+$'")
    yield from _fixed_in_postgresql()
    yield from _moves_in_postgresql()
    if any(column == LATEST_COLUMN for _, column, _ in columns):
        yield from postgresql_refusals()
        yield from open_tries.postgresql_guards()


def _constraint(table: str, column: str, holds: str) -> Iterable[str]:
    """Yield what has new rows checked. Old ones are not read: that would hold everybody up for as long as it takes."""
    name = f"{table}_{column}_can_be_read"
    yield f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {name}"
    yield f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({holds}) NOT VALID"


def _fixed_in_postgresql() -> Iterable[str]:
    for table, columns in FIXED.items():
        is_changed = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in columns)
        yield from _refusal(table, columns, f"keep_{table}", is_changed)
    yield from _refusal("sequence_contacts", ["attempt"], "keep_attempt", GOES_BACK)
    yield (
        "CREATE OR REPLACE FUNCTION note_halted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"{HALTED}; RETURN NULL; END $$"
    )
    for name, on, when in (
        ("halt_changed", "UPDATE OF status, ended_at", HALTS),
        ("halt_gone", "DELETE", CURRENT),
    ):
        yield f"DROP TRIGGER IF EXISTS {name} ON sequence_contacts"
        yield (
            f"CREATE TRIGGER {name} AFTER {on} ON sequence_contacts"
            f" FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION note_halted()"
        )


def _moves_in_postgresql() -> Iterable[str]:
    yield (
        "CREATE OR REPLACE FUNCTION note_lead_moved() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"{UNADDRESSED}; RETURN NULL; END $$"
    )
    yield "DROP TRIGGER IF EXISTS lead_moved ON leads"
    yield (
        "CREATE TRIGGER lead_moved AFTER UPDATE OF phone, email ON leads"
        f" FOR EACH ROW WHEN ({_moves('IS DISTINCT FROM')}) EXECUTE FUNCTION note_lead_moved()"
    )


def _refusal(table: str, columns: Iterable[str], name: str, when: str) -> Iterable[str]:
    yield (
        f"CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{_fixed_sentence(table, columns)}'; END $$"
    )
    yield f"DROP TRIGGER IF EXISTS {name} ON {table}"
    yield (
        f"CREATE TRIGGER {name} BEFORE UPDATE OF {', '.join(columns)} ON {table}"
        f" FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION {name}()"
    )
