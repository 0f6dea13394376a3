"""PostgreSQL through psycopg 3. This file is imported only when a PostgreSQL URL is opened."""

import logging
import re
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import datetime, timedelta
from operator import attrgetter, methodcaller
from typing import LiteralString, TypeVar, cast

import psycopg
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict
from psycopg.rows import DictRow, dict_row
from psycopg.types.json import Json

from dripline.core.secret import Redactor, passwords_in
from dripline.errors import (
    DatabaseContended,
    DatabaseFull,
    DatabaseLocked,
    DatabaseProblem,
    DatabaseReadOnly,
    DatabaseUnreachable,
    InvalidInput,
    InvalidSettings,
)
from dripline.store.database.database import LARGEST, Row, too_large
from dripline.store.database.dialect import POSTGRESQL
from dripline.store.database.listening import listen
from dripline.store.database.pooler import Shared
from dripline.store.database.server_time import Machine, ServerTime
from dripline.store.database.session import EndlessLoader, connected, options_refused, settle, takes_no_options
from dripline.store.database.statements import compiled_on_use, is_prepared
from dripline.store.database.wire import WatchedConnection, seconds

SNAPSHOT: LiteralString = "REPEATABLE READ, READ ONLY"

_OF_EACH = re.compile(r"^- host: .*?, hostaddr: (?:None|'[^']*'): (?:connection failed: )?(.*)$", re.MULTILINE)
"""How the driver lists the servers that a URL names, where none of them would do."""

PLANS_LAST = 10.0
"""How long plans are kept, in seconds: what is planned on an empty table may be read from a full one soon after."""

PREPARED_LIMIT = 500
"""How many statements are prepared on one connection; there are fewer that say so."""

NEVER_BY_ITSELF = 2**62
"""After how many times the driver prepares what nobody said should be."""

T = TypeVar("T")

_ROWS, _COUNT = methodcaller("fetchall"), attrgetter("rowcount")
"""What is wanted of a statement."""

_log = logging.getLogger("dripline.store")


class PostgresDatabase:
    """A PostgreSQL database, one connection; instants are timestamptz in UTC.

    Statements are planned each time, unless they say that their plan is kept (`statements.is_prepared`): such a
    plan fits the tables as they were when it was made, and a worker that started on an empty database would read all of
    a big one until statistics are next taken. Those that are kept are made again after `PLANS_LAST`.
    """

    dialect = POSTGRESQL

    def __init__(self, url: str, machine: Machine | None = None, direct: str | None = None) -> None:
        self.label, self._hidden = _read(url)
        self._direct = direct
        self._shared: Shared | None = None
        self._role, self._schema = "", ""
        self._url = url
        self._in_transaction = False
        self._is_given_back = False
        self._was_writable = self._is_demoted = False
        self._lock = threading.RLock()
        self._statements = cast("dict[str, LiteralString]", compiled_on_use(POSTGRESQL))
        self._time = None if machine is None else ServerTime(machine, self._server_time)
        with self._problems():
            self._open()
            self._keep_time()

    @contextmanager
    def _problems(self) -> Generator[None]:
        try:
            yield
        except psycopg.Error as error:
            raise self._failed(error) from error

    def _failed(self, error: psycopg.Error) -> Exception:
        if self._was_writable and isinstance(error, errors.ReadOnlySqlTransaction):
            # Until it is connected to again, whatever else fails meanwhile.
            self._is_demoted = True
        return self.problem(error)

    def _open(self) -> None:
        self._connection = self._connect()
        self._connection.adapters.register_loader("timestamptz", EndlessLoader)
        try:
            standing = settle(self._connection)
        except BaseException:
            self._connection.close()
            raise
        self._role, self._schema, self._shared = standing.role, standing.schema, standing.shared
        self._was_writable = self._was_writable or standing.is_writable
        self._cursor = self._connection.cursor(row_factory=dict_row)
        if self._shared is None:
            # Over a pool the next statement may be another session's, which knows of nothing that was prepared.
            self._connection.prepare_threshold, self._connection.prepared_max = NEVER_BY_ITSELF, PREPARED_LIMIT
        self._planned_at = seconds()

    def _connect(self) -> WatchedConnection:
        if self._shared is None:
            try:
                return connected(self._url, self.label, is_shared=False)
            except psycopg.OperationalError as error:
                if not takes_no_options(error):
                    raise
        return connected(self._url, self.label, is_shared=True)

    @contextmanager
    def _connected(self) -> Generator[None]:
        """Take a turn; a connection that was lost is made again, but never in the middle of a transaction."""
        with self._lock, self._problems():
            self._be_connected()
            yield

    def _be_connected(self) -> None:
        if self._in_transaction:
            return
        if not self._is_given_back:
            self._keep_open()
        self._keep_time()

    def _keep_open(self) -> None:
        """Connect again where the connection was lost, or leads to a server that is the primary no more."""
        if self._is_demoted:
            self._connection.close()
        if self._connection.closed:
            self._open()
            self._is_demoted = False

    def clock_behind(self) -> timedelta:
        """Return what to add to the machine's clock to have the server's."""
        return timedelta(0) if self._time is None else self._time.behind

    def _keep_time(self) -> None:
        if self._time is not None and not self._connection.closed:
            self._time.keep()

    def _server_time(self) -> datetime:
        return cast("datetime", self._cursor.execute("SELECT clock_timestamp() AS at").fetchall()[0]["at"])

    def run(self, name: str, /, **parameters: object) -> list[Row]:
        """Run a named statement and return its rows."""
        with self._lock:
            return cast("list[Row]", self._run(name, parameters, _ROWS))

    def change(self, name: str, /, **parameters: object) -> int:
        """Run a named statement and return how many rows it wrote."""
        with self._lock:
            return self._run(name, parameters, _COUNT)

    def _run(self, name: str, parameters: dict[str, object], take: Callable[[psycopg.Cursor[DictRow]], T]) -> T:
        """Run a named statement, in its turn: without another manager of contexts, for there are many of these."""
        try:
            self._be_connected()
            prepare = is_prepared(name)
            if prepare and self._shared is None and seconds() - self._planned_at > PLANS_LAST:
                self._cursor.execute("DISCARD PLANS", prepare=False)
                self._planned_at = seconds()
            return take(self._asked(self._statements[name], _bound(parameters), prepare=prepare))
        except psycopg.Error as error:
            raise self._failed(error) from error

    def _asked(
        self, text: LiteralString, parameters: dict[str, object] | None = None, *, prepare: bool = False
    ) -> psycopg.Cursor[DictRow]:
        if self._shared is None:
            return self._cursor.execute(text, parameters, prepare=prepare)
        self._shared.alone(self._cursor, text, parameters)
        return self._cursor

    def prepare_writing(self) -> None:
        """Do nothing: PostgreSQL is always ready."""

    def script(self, text: str, /, **parameters: object) -> list[Row]:
        """Run one statement written for PostgreSQL alone."""
        with self._connected():
            if self._shared is not None and text == "BEGIN":
                self._shared.begin()
                return []
            # Without parameters a % is nothing but itself.
            result = self._asked(cast("LiteralString", text), _bound(parameters) or None)
            return cast("list[Row]", result.fetchall() if result.description else [])

    @contextmanager
    def transaction(self) -> Generator[None]:
        """Hold the connection for one transaction; one inside another is a part of it."""
        with self._connected():
            if self._in_transaction:
                yield
                return
            with self._one_transaction():
                yield

    @contextmanager
    def _one_transaction(self) -> Generator[None]:
        held = self._connection.transaction() if self._shared is None else self._shared.transaction()
        with held, self._inside():
            yield

    @contextmanager
    def _inside(self) -> Generator[None]:
        self._in_transaction = True
        try:
            yield
        finally:
            self._in_transaction = False

    @contextmanager
    def snapshot(self) -> Generator[None]:
        """Read as of one instant; inside a transaction, as it sees things."""
        with self._connected():
            if self._in_transaction:
                yield
            elif self._shared is not None:
                with self._shared.transaction(SNAPSHOT), self._inside():
                    yield
            else:
                with self._one_transaction():
                    self._cursor.execute(f"SET TRANSACTION ISOLATION LEVEL {SNAPSHOT}")
                    yield

    def notify(self) -> None:
        """Tell every process that listens, once the open transaction is committed; at once where none is open."""
        with self._connected():
            self._cursor.execute("NOTIFY dripline", prepare=False)

    def tidy(self) -> None:
        """Do nothing: the server's own upkeep clears away what was deleted."""

    async def listen(self, wake: Callable[[], None]) -> None:
        """Call `wake` for every `notify` from any process, on a connection of its own, until cancelled.

        Returns at once where a pool has the sessions, and no way past it is known.

        Raises:
            DatabaseUnreachable: The connection was lost.
        """
        if self._direct is None and self._shared is not None:
            _log.warning("listen.not: a pool is in the way, name PostgreSQL itself in DRIPLINE_DB_DIRECT")
            return
        label, hidden = (self.label, self._hidden) if self._direct is None else _read(self._direct)
        try:
            await listen(self._direct or self._url, wake)
        except psycopg.Error as error:
            raise _postgres_problem(label, error, hidden.out_of(_error_text(error))) from error

    def problem(self, error: BaseException) -> Exception:
        """Return what an error of the driver means for a person."""
        if not isinstance(error, psycopg.Error):
            return DatabaseProblem(f"{self.label}: {error}.")
        text = self._hidden.out_of(_error_text(error))
        if isinstance(error, errors.InsufficientPrivilege):
            return DatabaseReadOnly(
                f"The role {self._role} may not do this in {self.label} ({text}): GRANT USAGE, CREATE ON SCHEMA "
                f"{self._schema} and ALL ON ALL TABLES IN SCHEMA {self._schema} to it, or make it the database's owner."
            )
        if takes_no_options(error):
            return DatabaseUnreachable(options_refused(self.label))
        if self._was_writable and isinstance(error, errors.ReadOnlySqlTransaction):
            return DatabaseUnreachable(
                f"{self.label} cannot be written any more ({text}): its primary is a standby now or closed for writing."
            )
        return _postgres_problem(self.label, error, text)

    def raw(self) -> psycopg.Connection:
        """Return the driver's connection."""
        return self._connection

    def close(self) -> None:
        """Give the connection back, once nobody is at it: a thread whose task was cut off may be."""
        with self._lock:
            self._is_given_back = True
            self._connection.close()


def _error_text(error: psycopg.Error) -> str:
    """Return the first line of an error; where several servers were tried, what each of them said."""
    text = str(error).strip()
    return "; ".join(_OF_EACH.findall(text)) or text.partition("\n")[0]


def _bound(parameters: dict[str, object]) -> dict[str, object]:
    return {name: _value(value) for name, value in parameters.items()}


def _value(value: object) -> object:
    if isinstance(value, dict | list):
        return Json(value)
    # As SQLite does: PostgreSQL would compare it as another type, and say no more than that there is no such row.
    if isinstance(value, int) and abs(value) > LARGEST:
        raise too_large()
    return value


def _read(url: str) -> tuple[str, Redactor]:
    """Return what a database is called, without its login, and what leaves its password out of what is told.

    Raises:
        InvalidSettings: The URL cannot be read as one thing: what was meant as the password would be told as a host.
    """
    try:
        given = conninfo_to_dict(url)
    except psycopg.ProgrammingError:
        # Its own words would repeat a part of the URL.
        given = {"port": "unreadable"}
    place = url.partition("://")[2].partition("?")[0]
    authority, slash, name = place.partition("/")
    has_port = str(given.get("port", "0")).replace(",", "").isdecimal()
    if authority.count("@") > 1 or "@" in name or not has_port:
        raise InvalidSettings(
            "The database URL cannot be read: write postgresql://user:password@host:port/name, with % and two "
            "hexadecimal digits for each sign of the password that is none of letters and digits, such as %40 for @."
        )
    passwords = {str(given.get(key, "")): "the password" for key in ("password", "sslpassword")}
    passwords |= dict.fromkeys(passwords_in(url), "the password")
    return f"postgresql://{authority.rpartition('@')[2]}{slash}{name}", Redactor(passwords)


def _postgres_problem(label: str, error: psycopg.Error, text: str) -> Exception:
    if isinstance(error, psycopg.IntegrityError) and not isinstance(error, errors.ForeignKeyViolation):
        return error
    if isinstance(error, errors.NumericValueOutOfRange):
        return too_large()
    if isinstance(error, errors.UntranslatableCharacter) or (
        isinstance(error, psycopg.DataError) and "NUL" in str(error)
    ):
        return InvalidInput("A text holds a NUL character, which is no text: remove it.")
    problems: dict[type[psycopg.Error], DatabaseProblem] = {
        errors.DeadlockDetected: DatabaseContended(f"Another program wanted the same rows of {label}: try again."),
        errors.SerializationFailure: DatabaseContended(f"Another program wanted the same rows of {label}: try again."),
        errors.ForeignKeyViolation: DatabaseContended(
            f"Another program was writing the same rows of {label}: try again."
        ),
        errors.LockNotAvailable: DatabaseLocked(f"Another program holds {label}: try again when it has finished."),
        errors.ReadOnlySqlTransaction: DatabaseReadOnly(
            f"{label} cannot be written, it is a standby or closed for writing ({text}): name the primary server, or "
            "take back default_transaction_read_only from the database and the role."
        ),
        errors.DiskFull: DatabaseFull(f"There is no room left to write {label}: free some space and try again."),
        psycopg.OperationalError: DatabaseUnreachable(f"{label} cannot be reached: {text}."),
        psycopg.InterfaceError: DatabaseUnreachable(f"{label} cannot be reached: {text}."),
    }
    return next(
        (problem for kind, problem in problems.items() if isinstance(error, kind)), DatabaseProblem(f"{label}: {text}.")
    )
