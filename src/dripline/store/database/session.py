"""What every session on PostgreSQL has, whatever its server, database or role was set to.

No setting that somebody made for other programs changes what dripline does. What makes a database unusable is refused
when it is opened, in one sentence.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import LiteralString

import psycopg
from psycopg.abc import Buffer
from psycopg.rows import dict_row
from psycopg.types.datetime import TimestamptzLoader
from psycopg.types.json import Json
from typing_extensions import override

from dripline.errors import DatabaseForeign, DatabaseUnreachable
from dripline.store.database.database import LOCK_TIMEOUT
from dripline.store.database.pooler import FOLLOWED, PARTS, Shared
from dripline.store.database.watchdog import SILENCE
from dripline.store.database.wire import WatchedConnection, given

FIRST, LAST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)

SETTINGS = {
    "client_encoding": "UTF8",
    "datestyle": "ISO, YMD",
    "intervalstyle": "postgres",
    "standard_conforming_strings": "on",
    "bytea_output": "hex",
    "array_nulls": "on",
    "transform_null_equals": "off",
    "default_transaction_isolation": "read committed",
    "default_transaction_deferrable": "off",
    "transaction_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "idle_session_timeout": "0",
}
"""What is set for each session, where this version of PostgreSQL knows it.

`default_transaction_read_only` is none of them: whoever closed a database for writing meant it.
"""

# To compile a plan takes longer than any of these statements runs: a list of 10^6 leads took twice as long.
OPTIONS = {"timezone": "UTC", "statement_timeout": "0", "lock_timeout": f"{LOCK_TIMEOUT}s", "jit": "off"}
"""What holds from the first statement on."""

MARK = "dripline.options"
"""What says that they were heard."""

SET: LiteralString = "SELECT set_config(key, value, false) FROM json_each_text(%s)"

SETTLE: LiteralString = """
SELECT set_config(given.key, given.value, false)
FROM json_each_text(%s) AS given JOIN pg_settings AS known ON lower(known.name) = given.key
UNION ALL
SELECT set_config('synchronous_commit', 'on', false)
WHERE current_setting('synchronous_commit') IN ('off', 'local', 'remote_write')
UNION ALL
SELECT set_config('search_path', quote_ident(s.nspname) || ', ' || current_setting('search_path'), false)
FROM pg_class AS c JOIN pg_namespace AS s ON s.oid = c.relnamespace
WHERE c.oid = to_regclass('sequence_contacts') AND s.nspname <> current_schema()
"""
"""Sets them. Also: a commit that is answered is on disk, and on that of a synchronous standby where there is one, else
a crash or a failover could forget what was sent; and new tables go beside those that are there, where these are not in
the first schema of the search path."""

STANDING: LiteralString = """
SELECT current_user AS role, current_schema() AS schema, current_setting('search_path') AS path,
  current_setting('dripline.options', true) AS heard, current_setting('server_encoding') AS encoding,
  pg_backend_pid() || '.' || to_hex(CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)) AS place,
  to_regclass('sequence_contacts') IS NULL AS is_new,
  NOT pg_is_in_recovery() AND current_setting('transaction_read_only') = 'off' AS is_writable
"""


class EndlessLoader(TimestamptzLoader):
    """Reads a time that Python has none for, such as infinity, as the last or the first that it has."""

    @override
    def load(self, data: Buffer) -> datetime:
        text = bytes(data)
        if text.endswith(b"+00"):
            try:
                # Sessions are asked for UTC, and Python reads that nine times as fast as the driver does.
                return datetime.fromisoformat(text.decode())
            except ValueError:
                pass  # a year of five digits
        try:
            return super().load(data)
        except psycopg.DataError:
            return FIRST if text.startswith(b"-") or text.endswith(b"BC") else LAST


def options(url: str) -> str:
    """Return what a connection is asked for at its start: what the URL or PGOPTIONS say, and then our own."""
    own = " ".join(f"-c {key}={value}" for key, value in (OPTIONS | {MARK: "yes"}).items())
    return f"{given(url, 'options')} {own}".strip()


def connected(url: str, label: str, *, is_shared: bool) -> WatchedConnection:
    """Connect as every session is asked for; as any is, where a pool is known to take no such wishes."""
    line = (
        WatchedConnection.to(url, client_encoding="UTF8")
        if is_shared
        else WatchedConnection.to(url, options=options(url))
    )
    line.url, line.label = url, label
    SILENCE.watch(line)
    return line


@dataclass(frozen=True, slots=True)
class ConnectionState:
    """What a new connection is: its role, the schema that it works in, and how it begins over a pool that is shared.

    `is_writable`: no standby, nor closed for writing.
    """

    role: str
    schema: str
    shared: Shared | None
    is_writable: bool


def settle(line: WatchedConnection) -> ConnectionState:
    """Give a new connection the settings of every session, and return how it stands.

    Raises:
        DatabaseUnreachable: It sees no schema to work in.
        DatabaseForeign: A new one would keep its texts in another encoding than UTF-8.
    """
    label = line.label
    found = line.cursor(row_factory=dict_row).execute(STANDING).fetchall()[0]
    role, schema, path = found["role"], found["schema"], found["path"]
    if found["is_new"] and found["encoding"] != "UTF8":
        raise DatabaseForeign(
            f"{label} keeps its texts in {found['encoding']}, which has no sign for most of what people write: name a "
            "database that was made with ENCODING 'UTF8'."
        )
    if schema is None:
        raise DatabaseUnreachable(
            f"{label} has no schema for the role {role}: its search_path is {path or 'empty'}, so make one of those "
            f"with CREATE SCHEMA, GRANT USAGE, CREATE on it to {role}, or set another search_path."
        )
    name = f"{(given(line.url, 'application_name') or 'dripline')[:30]} {found['place']}"
    settings = SETTINGS | {"application_name": name}
    # A pool that takes our wishes and leaves them aside shares its sessions as well.
    is_shared = found["heard"] != "yes"
    if is_shared:
        line.execute(SET, [Json({key: value for key, value in (settings | OPTIONS).items() if key in FOLLOWED})])
        settings = dict(line.execute(PARTS, [Json(settings | OPTIONS)]).fetchall())
    else:
        line.execute(SETTLE, [Json(settings)])
    line.name = name
    return ConnectionState(role, schema, Shared(line, settings) if is_shared else None, found["is_writable"])


def takes_no_options(error: psycopg.Error) -> bool:
    """Return whether a pool refused what every session is asked for."""
    return "unsupported startup parameter" in str(error)


def options_refused(label: str) -> str:
    """Return the sentence for a pool that is asked for more than it takes, by the URL itself."""
    return (
        f"{label} is behind a pool that takes no options: take options out of the URL, and PGOPTIONS away, and set "
        "what they say for the role, with ALTER ROLE … SET."
    )
