"""A pool between dripline and PostgreSQL, which may hand each transaction to another session of the server.

Such a pool (PgBouncer with pool_mode = transaction) takes no `options` when a connection begins, and what is set in a
session meets whoever has it next. So each transaction sets what it depends on for itself alone, in the round trip that
begins it. Nothing else stays in a session either: no prepared statement, no lock, and no LISTEN, for which PostgreSQL
is spoken to past the pool, where a URL for that is given.
"""

from collections.abc import Generator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, LiteralString, cast

import psycopg
from psycopg import sql

from dripline.store.database.wire import WatchedConnection

FOLLOWED = frozenset({"datestyle", "timezone", "standard_conforming_strings", "application_name"})
"""What a pool gives back to whoever set it, whichever session it has: PostgreSQL tells every change of these.

The driver reads answers by them, and PostgreSQL does not tell it what holds within a transaction alone.
"""

PARTS: LiteralString = """
SELECT given.key, given.value
FROM json_each_text(%s) AS given JOIN pg_settings AS known ON lower(known.name) = given.key
UNION ALL
SELECT 'synchronous_commit', 'on' WHERE current_setting('synchronous_commit') IN ('off', 'local', 'remote_write')
UNION ALL
SELECT 'search_path', quote_ident(s.nspname) || ', ' || current_setting('search_path')
FROM pg_class AS c JOIN pg_namespace AS s ON s.oid = c.relnamespace
WHERE c.oid = to_regclass('sequence_contacts') AND s.nspname <> current_schema()
"""
"""What each transaction sets; as `session.SETTLE`, which sets it for a session."""


class Shared:
    """Transactions over a pool, each of which sets for itself what is given."""

    def __init__(self, line: WatchedConnection, settings: Mapping[str, str]) -> None:
        self._line = line
        setting = sql.SQL(", ").join(
            sql.SQL("set_config({}, {}, true)").format(sql.Literal(name), sql.Literal(value))
            for name, value in sorted(settings.items())
        )
        self._sets = (sql.SQL("SELECT ") + setting).as_string(line)

    @contextmanager
    def transaction(self, kind: str = "READ COMMITTED") -> Generator[None]:
        """Hold a session for one transaction."""
        self.begin(kind)
        try:
            yield
        except BaseException:
            # Where the line is dead nothing is left to be undone.
            with suppress(psycopg.Error):
                self._line.execute("ROLLBACK")
            raise
        self._line.execute("COMMIT")

    def begin(self, kind: str = "READ COMMITTED") -> None:
        """Begin a transaction, in one round trip with what it sets."""
        self._line.execute(cast("LiteralString", f"BEGIN ISOLATION LEVEL {kind}; {self._sets}"))

    def alone(self, cursor: psycopg.Cursor[Any], text: LiteralString, parameters: Mapping[str, object] | None) -> None:
        """Run one statement, in one round trip with what it needs to be set: what is sent together is one transaction.

        One inside a transaction finds it set already.
        """
        if self._line.info.transaction_status != psycopg.pq.TransactionStatus.IDLE:
            cursor.execute(text, parameters, prepare=False)
            return
        with self._line.pipeline():
            self._line.execute(cast("LiteralString", self._sets))
            cursor.execute(text, parameters, prepare=False)
