"""The few seams at which SQLite and PostgreSQL differ, so that every statement is written once.

Statements are written with ``:name`` parameters, ``add_seconds(instant, seconds)``, ``hour_of(instant)``,
``rows_of(:batch, column type, …)``, ``suppression_of(sequence, lead)`` (why the address is barred,
as `store.reasons` reads it), the conditions ``address_of(sequence, lead)``, ``goal_is_ahead(sequence, lead)``,
``group_is_free(sequence, lead)``, ``gap_is_over(sequence, lead, :now)``, ``address_is_free(sequence, lead, :now)``,
``is_invited(sequence, lead)``, ``unknown_asked_for(record, sequence, try)`` and ``waits_for(record, code)``,
``is_newcomer(enrollment)`` and ``made_here(enrollment)``, a record's
``hour(r)``, ``waits_for_rule(r)`` and ``time_before_rules(r, e)``, a move's ``was_by_rule(m)`` and
``was_by_correction(m)``, texts in the order BY_BYTE, and the comments ``/* lock r, skip locked */``, ``/* lock r */``,
``/* shares enrolling */``, ``/* has enrolling */``, ``/* id among :records */`` and ``IN /* each */ (…) /* each */``;
schemas with ``hour_of``, the types INSTANT, IDENTITY and RECORD_IDENTITY, and IN_ORDER behind a table that is kept in
the order of its key.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

_PARAMETER = re.compile(r"(?<![:\w]):([a-z_]+)")
_ADD_SECONDS = re.compile(r"add_seconds\(([^(),]+), ([^(),]+)\)")
_ADDRESS_OF = re.compile(r"address_of\((\w+), (\w+)\)")
_ROWS_OF = re.compile(r"rows_of\(:(\w+), ([^()]+)\)")
_HOUR_OF = re.compile(r"hour_of\(((?:[^()]|\([^()]*\))+)\)")
_WAITS_FOR = re.compile(r"waits_for\((\w+), (\w+)\)")
_NEWCOMER = re.compile(r"is_newcomer\((\w+)\)")
_MADE_HERE = re.compile(r"made_here\((\w+)\)")
_ENROLLING = re.compile(r"/\* (shares|has) enrolling \*/")
_LOCK = re.compile(r"/\* lock (\w+)(, skip locked)? \*/")

_ADDRESS = (
    r"(CASE \1.address_kind WHEN 'phone' THEN \2.phone WHEN 'email' THEN \2.email"
    r" ELSE coalesce(\2.phone, \2.email) END)"
)
"""The address of a lead that the channel of a sequence speaks to."""

_AMONG = re.compile(r"/\* (\w+) among (?::(\w+)|(\w+)\.(\w+)) \*/")
"""Behind a join with a batch: which rows can be meant at all. PostgreSQL finds these by their own index; without it, it
takes a batch for a hundred rows of a table that has no statistics yet, and reads all of it or of another index.
(Measured on a new database, with plans that are made anew each time: 9,400 steps a second instead of 8,500.)"""


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


def _rows_one_by_one(batch: str, columns: str) -> str:
    """Read the objects of a list one after the other, column by column."""
    wanted = (column.split() for column in columns.split(","))
    values = ", ".join(f"CAST(value ->> '{name}' AS {kind}) AS {name}" for name, kind in wanted)
    return f"(SELECT {values} FROM json_each(:{batch}))"  # noqa: S608  (of our own statements)


def _rows_at_once(batch: str, columns: str) -> str:
    """Read a list of objects at once.

    Measured: 5 µs a row of six columns, where one ``value ->> 'column'`` after the other takes 12.
    """
    return f"json_to_recordset(:{batch}) AS given ({columns})"


_INLINED = {
    # First, since they are written in terms of the next one.
    re.compile(r"suppression_of\((\w+), (\w+)\)"): (
        r"(SELECT barred.reason_code || coalesce(barred.reason_facts, '') FROM suppressions AS barred"
        r" WHERE barred.address = address_of(\1, \2))"
    ),
    re.compile(r"is_invited\((\w+), (\w+)\)"): (
        r"(\1.invited_only = 0 OR EXISTS (SELECT 1 FROM conversations AS heard"
        r" WHERE heard.channel = \1.channel AND heard.address = address_of(\1, \2)))"
    ),
    _ADDRESS_OF: _ADDRESS,
    # When a record's try began, which the step before it ended before.
    re.compile(r"start_of\((\w+), (\w+)\)"): (
        r"(CASE WHEN coalesce(\2.completed_at, \2.ended_at) > \1.begun_at"
        r" THEN coalesce(\2.completed_at, \2.ended_at) ELSE \1.begun_at END)"
    ),
    # When it was accepted or ended, else when it is due.
    re.compile(r"\bhour\((\w+)\)"): r"coalesce(\1.completed_at, \1.ended_at, \1.next_trigger_time)",
    # It has the time that a rule gave it, and nobody moved it since; or it waits to be looked at again. Before the next
    # two, since it is written in terms of them.
    re.compile(r"waits_for_rule\((\w+)\)"): (
        r"(\1.next_trigger_time > :now AND (EXISTS (SELECT 1 FROM record_moves AS latest"
        r" WHERE latest.id = (SELECT max(m.id) FROM record_moves AS m WHERE m.record_id = \1.id)"
        r" AND latest.moved_to = \1.next_trigger_time AND was_by_rule(latest))"
        r" OR (\1.status = 'active' AND \1.reason_code IN ('needs_template', 'wrong_channel'))))"
    ),
    # When it was due before any rule moved it.
    re.compile(r"time_before_rules\((\w+), (\w+)\)"): (
        r"coalesce((SELECT m.moved_to FROM record_moves AS m"
        r" WHERE m.record_id = \1.id AND NOT was_by_rule(m) ORDER BY m.id DESC LIMIT 1),"
        r" add_seconds(\1.planned_time, \2.moved_seconds))"
    ),
    re.compile(r"was_by_rule\((\w+)\)"): (
        r"(\1.reason_code IN ('window', 'gap', 'cap', 'cold', 'several', 'too_soon', 'held_up'))"
    ),
    re.compile(r"was_by_correction\((\w+)\)"): (r"\1.reason_code IN ('zone_changed', 'rules_changed')"),
    # A lead that has the goal's trigger has nothing to be led to.
    re.compile(r"goal_is_ahead\((\w+), (\w+)\)"): (
        r"(\1.goal IS NULL OR NOT EXISTS"
        r" (SELECT 1 FROM lead_triggers AS g WHERE g.lead_id = \2.id AND g.trigger = \1.goal))"
    ),
    # Which unknown records somebody asks for, with their sequences and last tries.
    re.compile(r"unknown_asked_for\((\w+), (\w+), (\w+)\)"): (
        r"(CAST(:sequence_id AS bigint) IS NULL OR \1.sequence_id = :sequence_id)"
        r" AND (CAST(:step AS integer) IS NULL OR \1.current_step = :step)"
        r" AND (CAST(:channel AS text) IS NULL OR \2.channel = :channel)"
        r" AND (CAST(:sender_id AS bigint) IS NULL OR coalesce(\3.sender_id, \1.sender_id) = :sender_id)"
        r" AND (CAST(:worker AS text) IS NULL OR coalesce(\3.worker, \1.worker) = :worker)"
        r" AND coalesce(\3.started_at, \1.next_trigger_time) >= :since"
        r" AND coalesce(\3.started_at, \1.next_trigger_time) < :until"
        r" AND (CAST(:of_leads AS integer) = 0"
        r" OR \1.lead_id IN (SELECT CAST(named.key AS bigint) FROM json_each(:leads) AS named))"
    ),
    # Nobody begins a sequence twice within its gap.
    re.compile(r"gap_is_over\((\w+), (\w+), :now\)"): (
        r"(NOT EXISTS (SELECT 1 FROM enrollments AS began WHERE began.lead_id = \2.id AND began.sequence_id = \1.id"
        r" AND add_seconds(began.enrolled_at, \1.re_entry_gap_seconds) > :now))"
    ),
    # Two leads that share an e-mail address are one inbox: what one of them had, the other does not get. The inner
    # query sums up so that PostgreSQL asks it only for whoever shares an address.
    re.compile(r"address_is_free\((\w+), (\w+), :now\)"): (
        r"(\1.address_kind <> 'email' OR NOT EXISTS (SELECT 1 FROM leads AS twin"
        r" WHERE twin.email = \2.email AND twin.id <> coalesce(\2.id, 0) AND (SELECT count(*) FROM enrollments AS met"
        r" WHERE met.lead_id = twin.id AND met.sequence_id = \1.id AND (met.ended_at IS NULL OR \1.re_entry = 'once'"
        r" OR add_seconds(met.enrolled_at, \1.re_entry_gap_seconds) > :now)) > 0))"
    ),
    # At most one live enrollment of a lead in the sequences of a group.
    re.compile(r"group_is_free\((\w+), (\w+)\)"): (
        r"(\1.exclusive_group IS NULL OR NOT EXISTS (SELECT 1 FROM enrollments AS o"
        r" JOIN sequences AS other ON other.id = o.sequence_id"
        r" WHERE o.lead_id = \2.id AND o.ended_at IS NULL AND other.exclusive_group = \1.exclusive_group))"
    ),
}
"""What several statements share, by how it is written; inlined, so that both planners see through it."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one database spells what the other spells differently."""

    name: str
    types: dict[str, str] = field(kw_only=True, hash=False)
    add_seconds: str = field(kw_only=True)
    parameter: str = field(kw_only=True)
    rows_of: Callable[[str, str], str] = field(kw_only=True)
    hour_of: str = field(kw_only=True)
    waits_for: str = field(kw_only=True)
    is_newcomer: str = field(kw_only=True)
    made_here: str = field(kw_only=True)
    locks: bool = field(kw_only=True)
    record_id_start: str = field(kw_only=True)

    def statement(self, text: str) -> str:
        """Return a statement as this database's driver takes it."""
        for written, meant in _INLINED.items():
            text = written.sub(meant, text)
        text = _ROWS_OF.sub(lambda written: self.rows_of(written[1], written[2]), text)
        text = _NEWCOMER.sub(self.is_newcomer, _MADE_HERE.sub(self.made_here, text))
        text = _HOUR_OF.sub(self.hour_of, _WAITS_FOR.sub(self.waits_for, text))
        if not self.locks:
            text = _EVERY.sub(r"CROSS JOIN \1 ON \3", _AMONG.sub("", _LOCK.sub("", _ENROLLING.sub("", text))))
        else:
            text = _ENROLLING.sub(lambda lock: _ENROLLING_LOCKS[lock[1]], text)
            text = _LOCK.sub(lambda lock: f"FOR NO KEY UPDATE OF {lock[1]}" + (" SKIP LOCKED" if lock[2] else ""), text)
            text = _EVERY.sub(r"JOIN LATERAL (SELECT \2.id FROM \1 WHERE \3 LIMIT :page) AS \2 ON true", text)
            text = text.replace(") /* every */", " LIMIT :page) /* each */").replace("/* every */", "/* each */")
            text = _EACH.sub(r"= ANY (ARRAY (\1))", _AMONG.sub(_among, text)).replace("%", "%%")
        text = text.replace("BY_BYTE", self.types["BY_BYTE"])
        return _PARAMETER.sub(self.parameter, _ADD_SECONDS.sub(self.add_seconds, text))

    def schema(self, text: str) -> str:
        """Return a schema statement with this database's words."""
        text = _HOUR_OF.sub(self.hour_of, text)
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
    add_seconds=r"datetime(\1, (\2) || ' seconds')",
    parameter=r":\1",
    rows_of=_rows_one_by_one,
    hour_of=r"(substr(\1, 1, 13) || ':00:00')",
    waits_for=(
        r"(\1.reason_code = '\2' OR (\1.reason_code = 'several' AND EXISTS ("
        r"SELECT 1 FROM json_each(\1.reason_facts, '$.waits') AS wait WHERE wait.value ->> 'code' = '\2')))"
    ),
    is_newcomer=r"(\1.id > :last_enrollment)",
    made_here=r"(\1.id > :last_enrollment)",
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
    add_seconds=r"(\1 + (\2) * INTERVAL '1 second')",
    parameter=r"%(\1)s",
    rows_of=_rows_at_once,
    # Of UTC, whatever zone the person at the prompt has set.
    hour_of=r"date_trunc('hour', \1, 'UTC')",
    waits_for=(
        r"(\1.reason_code = '\2' OR CASE WHEN \1.reason_code = 'several' THEN"
        r""" CAST(\1.reason_facts AS jsonb) @> CAST('{"waits": [{"code": "\2"}]}' AS jsonb) ELSE false END)"""
    ),
    # As an array, so that they are looked up: how many are above an id is not known when a plan is kept, and guessed
    # wrong while a table has no statistics yet. In order, so that they are found by the key and by nothing else.
    is_newcomer=(
        r"(\1.id = ANY (ARRAY (SELECT made.id FROM enrollments AS made WHERE made.id > :last_enrollment"
        r" AND made.xmin = CAST(pg_current_xact_id() AS xid) ORDER BY made.id)))"
    ),
    # Above no id at all are all.
    made_here=(
        r"(\1.id > :last_enrollment AND"
        r" (CAST(:last_enrollment AS bigint) < 0 OR \1.xmin = CAST(pg_current_xact_id() AS xid)))"
    ),
    locks=True,
    record_id_start="ALTER TABLE sequence_contacts ALTER COLUMN id RESTART WITH {start}",
)

DIALECTS = {dialect.name: dialect for dialect in (SQLITE, POSTGRESQL)}


def split_statements(text: str) -> Iterator[str]:
    """Yield the statements of a file, each of which ends in a semicolon at the end of a line."""
    for part in re.split(r";\s*$", text, flags=re.MULTILINE):
        if re.sub(r"--.*", "", part).strip():
            yield part.strip()
