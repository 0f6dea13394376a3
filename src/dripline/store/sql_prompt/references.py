# ruff: noqa: S608  (statements are made of the names of our own tables and columns)
"""References that a SQLite keeps for people at a SQL prompt, where its own shell does not ask for foreign keys."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

Ask = Callable[[str], Iterable[tuple[object, ...]]]
"""Runs a statement on the connection that migrates, and returns what it finds."""

REPAIRED = frozenset({"leads", "enrollments", "sequence_contacts"})
"""Tables whose rows a person may delete: what is left of those is taken up by the next pass, and by a repair."""

WRITTEN_OFTEN = frozenset({"sequence_contacts", "attempts", "record_moves"})
"""Tables to which rows are added for each step: not asked there is what is taken up in any case."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A column that names a row of another table."""

    table: str
    column: str
    parent: str
    key: str

    @property
    def leads_nowhere(self) -> str:
        """The condition under which a new row of its table names a row that is not there."""
        there = f"SELECT 1 FROM {self.parent} WHERE {self.key} = NEW.{self.column}"
        return f"NEW.{self.column} IS NOT NULL AND NOT EXISTS ({there})"


def guards(tables: Iterable[str], ask: Ask) -> Iterable[tuple[str, str, str]]:
    """Yield the name, the event and the body of each trigger that refuses what would leave a reference to nothing."""
    for one in _references(tables, ask):
        missing = f"SELECT RAISE(ABORT, '{one.table}.{one.column} names a row of {one.parent} that is not there');"
        name = f"{one.table}_{one.column}"
        yield f"refer_{name}", f"UPDATE OF {one.column} ON {one.table} WHEN {one.leads_nowhere}", missing
        if one.table not in WRITTEN_OFTEN or one.parent not in REPAIRED:
            yield f"refer_new_{name}", f"INSERT ON {one.table} WHEN {one.leads_nowhere}", missing
        if one.parent not in REPAIRED:
            used = f"EXISTS (SELECT 1 FROM {one.table} WHERE {one.column} = OLD.{one.key})"
            yield f"used_by_{name}", f"DELETE ON {one.parent} WHEN {used}", _is_used(one)


def let_go(tables: Iterable[str], ask: Ask) -> None:
    """Empty references that lead nowhere and may be empty: the next pass and a repair know such a row."""
    for table in tables:
        # Id, name, type, not null, default, part of the key.
        needed = {str(row[1]) for row in ask(f"PRAGMA table_info({table})") if row[3] or row[5]}
        for one in _references([table], ask):
            if one.column not in needed:
                there = f"SELECT {one.key} FROM {one.parent}"
                ask(f"UPDATE {table} SET {one.column} = NULL WHERE {one.column} NOT IN ({there})")


def _is_used(one: Reference) -> str:
    return f"SELECT RAISE(ABORT, 'rows of {one.table} name this row of {one.parent}: it cannot be deleted');"


def _references(tables: Iterable[str], ask: Ask) -> Iterable[Reference]:
    for table in tables:
        # Id, place, parent, column, key of the parent, what happens to it.
        for row in ask(f"PRAGMA foreign_key_list({table})"):
            yield Reference(table, str(row[3]), str(row[2]), str(row[4]))
