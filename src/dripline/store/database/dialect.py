"""The few seams at which SQLite and PostgreSQL differ, so that every statement is written once.

Statements are written with ``:name`` parameters, with macros (`store/database/macros`), with texts in the order
BY_BYTE, and with comments that mean something to PostgreSQL alone: ``/* lock r, skip locked */``, ``/* lock r */``,
``/* shares enrolling */``, ``/* has enrolling */``, ``/* id among :records */`` and ``IN /* each */ (…) /* each */``;
schemas with ``hour_of``, the types INSTANT, IDENTITY and RECORD_IDENTITY, and IN_ORDER behind a table that is kept in
the order of its key.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from dripline.store.database.macros.expand import expand
from dripline.store.database.macros.files import macros_of

_PARAMETER = re.compile(r"(?<![:\w]):([a-z_]+)")
_ENROLLING = re.compile(r"/\* (shares|has) enrolling \*/")
_LOCK = re.compile(r"/\* lock (\w+)(, skip locked)? \*/")

_AMONG = re.compile(r"/\* (\w+) among (?::(\w+)|(\w+)\.(\w+)) \*/")
"""Behind a join with a batch: which rows can be meant at all. PostgreSQL finds these by their own index; without it, it
takes a batch for a hundred rows of a table that has no statistics yet, and reads all of it or of another index.
(Measured on a new database, with plans that are made each time: 9,400 steps a second instead of 8,500.)"""


_EACH = re.compile(r"IN /\* each \*/ \((.*?)\) /\* each \*/", re.DOTALL)
"""A join with what a query finds for each row before it. PostgreSQL looks up such ids only if they are an array."""


_EVERY = re.compile(
    r"JOIN (\w+ AS (\w+)) ON \2\.id IN /\* every \*/ \(\s*SELECT \2\.id FROM \1\s+WHERE (.*?)\) /\* every \*/",
    re.DOTALL,
)
"""The same, of which no more than a page is wanted, in no order. SQLite finds them by the index alone, as a plain join
that it is not free to turn around; PostgreSQL would rather read the table, and is told to go no further than the page
for each."""


_ENROLLING_LOCK = (
    "(1685219696, CAST(CAST(CAST(CAST('enrolling' AS regclass) AS oid) AS bigint) % 2147483647 AS integer))"
)
_ENROLLING_LOCKS = {
    "shares": f", pg_advisory_xact_lock_shared{_ENROLLING_LOCK}",
    "has": f", pg_advisory_xact_lock{_ENROLLING_LOCK}",
}
"""Who enrolls shares a lock, until its transaction ends, which whoever lets nobody enroll has alone. It is one of a
schema, called by the table, and stands in a queue: whoever wants it alone is not passed by ever new ones that share it,
as it would be by locks of a row."""


def _among(written: re.Match[str]) -> str:
    column, parameter, table, key = written.groups()
    ids = f"CAST(one.key AS bigint) FROM json_each(:{parameter}) AS one" if parameter else f"{key} FROM {table}"
    return f"AND {column} = ANY (ARRAY (SELECT {ids}))"


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one database spells what the other spells differently."""

    name: str
    types: dict[str, str] = field(kw_only=True, hash=False)
    parameter: str = field(kw_only=True)
    locks: bool = field(kw_only=True)
    record_id_start: str = field(kw_only=True)

    def statement(self, text: str) -> str:
        """Return a statement as this database's driver takes it."""
        text = expand(text, macros_of(self.name))
        if not self.locks:
            text = _EVERY.sub(r"CROSS JOIN \1 ON \3", _AMONG.sub("", _LOCK.sub("", _ENROLLING.sub("", text))))
        else:
            text = _ENROLLING.sub(lambda lock: _ENROLLING_LOCKS[lock[1]], text)
            text = _LOCK.sub(lambda lock: f"FOR NO KEY UPDATE OF {lock[1]}" + (" SKIP LOCKED" if lock[2] else ""), text)
            text = _EVERY.sub(r"JOIN LATERAL (SELECT \2.id FROM \1 WHERE \3 LIMIT :page) AS \2 ON true", text)
            text = text.replace(") /* every */", " LIMIT :page) /* each */").replace("/* every */", "/* each */")
            text = _EACH.sub(r"= ANY (ARRAY (\1))", _AMONG.sub(_among, text)).replace("%", "%%")
        text = text.replace("BY_BYTE", self.types["BY_BYTE"])
        return _PARAMETER.sub(self.parameter, text)

    def schema(self, text: str) -> str:
        """Return a schema statement with this database's words."""
        text = expand(text, {"hour_of": macros_of(self.name)["hour_of"]})
        return re.sub(
            r"\b(INSTANT|IDENTITY|RECORD_IDENTITY|BY_BYTE|IN_ORDER)\b", lambda name: self.types[name[1]], text
        )

    def first_record_id(self, start: int) -> str:
        """Return the statement that lets record ids start at `start`."""
        return self.record_id_start.format(start=int(start), before=int(start) - 1)


SQLITE = Dialect(
    "sqlite",
    types={
        "INSTANT": "text",
        "IDENTITY": "integer PRIMARY KEY",
        # AUTOINCREMENT never hands out an id twice, which an idempotency key must not be.
        "RECORD_IDENTITY": "integer PRIMARY KEY AUTOINCREMENT",
        "BY_BYTE": "COLLATE BINARY",
        "IN_ORDER": "WITHOUT ROWID",
    },
    parameter=r":\1",
    locks=False,
    record_id_start="INSERT INTO sqlite_sequence (name, seq) VALUES ('sequence_contacts', {before})",
)

POSTGRESQL = Dialect(
    "postgresql",
    types={
        "INSTANT": "timestamptz",
        "IDENTITY": "bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY",
        "RECORD_IDENTITY": "bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY",
        "BY_BYTE": 'COLLATE "C"',
        # PostgreSQL keeps none.
        "IN_ORDER": "",
    },
    parameter=r"%(\1)s",
    locks=True,
    record_id_start="ALTER TABLE sequence_contacts ALTER COLUMN id RESTART WITH {start}",
)

DIALECTS = {dialect.name: dialect for dialect in (SQLITE, POSTGRESQL)}


def split_statements(text: str) -> Iterator[str]:
    """Yield the statements of a file, each of which ends in a semicolon at the end of a line."""
    for part in re.split(r";\s*$", text, flags=re.MULTILINE):
        if re.sub(r"--.*", "", part).strip():
            yield part.strip()
