"""The migrations as they are read from their files.

Those of ``store/migrations`` are one file each, ``0002_what_it_does.sql``, whose first line says what it is for. Those
from before 1.0 are sections of one file (``store/migrations/before_1_0``).
"""

import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from dripline.core.views.schema import SchemaChange
from dripline.store.database.dialect import Dialect, split_statements

MIGRATIONS = files("dripline.store") / "migrations"
"""Where the migrations are."""

_SECTION = re.compile(r"^-- (to|then) (\d{4})(?:: (.*))?$", re.MULTILINE)
_ALONE = re.compile(r"^-- (SQLite|PostgreSQL): ", re.MULTILINE)
"""How the comment of a statement begins that is for one database alone."""


@cache
def numbered_changes() -> tuple[SchemaChange, ...]:
    """Return the migrations of the present numbering, the oldest first."""
    return tuple(SchemaChange(version, _purpose(text)) for version, text in _numbered().items())


@cache
def changes_before_1_0() -> tuple[SchemaChange, ...]:
    """Return the migrations from before 1.0, the oldest first."""
    return tuple(SchemaChange(version, purpose) for kind, version, purpose, _ in _sections() if kind == "to")


def statements_of(dialect: Dialect, version: str) -> Iterator[str]:
    """Yield the statements of a migration of the present numbering, as one database takes them."""
    return spelled(dialect, _numbered()[version])


def statements_before_1_0(dialect: Dialect, version: str, kind: str) -> Iterator[str]:
    """Yield the statements of a migration from before 1.0: those that lead `to` it, or `then` those behind its step."""
    for of_kind, of_version, _, text in _sections():
        if (of_kind, of_version) == (kind, version):
            yield from spelled(dialect, text)


def spelled(dialect: Dialect, text: str) -> Iterator[str]:
    """Yield the statements of a text, but for those of another database, as one database takes them."""
    for statement in split_statements(text):
        alone = _ALONE.search(statement)
        if alone is None or alone[1].lower() == dialect.name:
            yield dialect.schema(statement)


@cache
def _numbered() -> dict[str, str]:
    found = sorted(
        (file for file in MIGRATIONS.iterdir() if re.match(r"\d{4}_.*\.sql$", file.name)), key=lambda file: file.name
    )
    return {f"1.{file.name.partition('_')[0]}": file.read_text(encoding="utf-8") for file in found}


@cache
def _sections() -> tuple[tuple[str, str, str, str], ...]:
    """Return the kind, the version, the purpose and the text of each section from before 1.0."""
    _, *parts = _SECTION.split((MIGRATIONS / "before_1_0" / "upgrade.sql").read_text(encoding="utf-8"))
    return tuple(zip(parts[::4], parts[1::4], (purpose or "" for purpose in parts[2::4]), parts[3::4], strict=True))


def _purpose(text: str) -> str:
    return text.partition("\n")[0].removeprefix("-- ")
