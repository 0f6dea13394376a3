"""One transaction at a time on one connection: what it holds, and the instant that it writes.

PostgreSQL shows each statement what was committed when that one began. What is decided on is therefore locked first,
read afterwards, and in one order by everybody: leads, then records by their ids, then enrollments, the lanes of
senders, the enrollment lock, and senders' loads. Claims pass over what somebody holds, and wait for nobody.
"""

import logging
import threading
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TypeVar

from dripline.errors import DatabaseContended, DatabaseProblem
from dripline.store.database.database import Database, Row

Now = Callable[[], datetime]
"""Tells the present whole second."""

TRIES = 5
"""How often a transaction is begun that others get in the way of."""

GIVES_WAY_FOR = 0.15
"""How long a batch of many is waited with, in seconds.

Measured while 10,000 unknown records were settled in 11 s: beside that 2 passes came about, the longest of 10.9 s; with
it 31, the longest of 1.1 s, and settling took as long.
"""

LONG_WAIT = timedelta(seconds=2)
"""After how long a wait for the database is logged."""

T = TypeVar("T")

_log = logging.getLogger("dripline.store")


class Transactions:
    """Transactions of one connection. `read_clock` is asked inside each, once it has what it waited for."""

    def __init__(self, database: Database, read_clock: Now) -> None:
        self._database = database
        self._read_clock = read_clock
        self._after: list[Callable[[], None]] = []
        self._held_by: int | None = None
        self._asked_at: datetime | None = None
        self._at: datetime | None = None

    @contextmanager
    def transaction(self) -> Generator[None]:
        """Hold the database for one transaction. One that this thread begins inside another is a part of that one."""
        if self._held_by == threading.get_ident():
            yield
            return
        asked_at = self._read_clock()
        with self._database.transaction():
            self._held_by = threading.get_ident()
            self._asked_at, self._at = asked_at, None
            self._after.clear()
            try:
                self._begin()
                yield
                self._finish()
                after = [*self._after]
            finally:
                self._held_by = None
        for act in after:
            act()

    def together(self, act: Callable[[], T]) -> T:
        """Do what `act` does in one transaction; begin it again when another one got the rows that it waited for.

        Inside a transaction of this thread it is a part of that one.
        """
        if self._held_by == threading.get_ident():
            return act()
        for _ in range(TRIES - 1):
            try:
                with self.transaction():
                    return act()
            except DatabaseContended as problem:
                _log.info("transaction.again error=%s", problem)
        with self.transaction():
            return act()

    def give_way(self) -> None:
        """Let whoever waits for the database have it before the next batch of many, unless all are one transaction.

        SQLite has one writer, and whoever waits looks only every 0.1 s: who begins again at once always has it.
        """
        if not self._database.dialect.locks and self._held_by != threading.get_ident():
            threading.Event().wait(GIVES_WAY_FOR)

    def when_committed(self, act: Callable[[], None]) -> None:
        """Do something once the open transaction is committed; at once where none is open."""
        if self._held_by == threading.get_ident():
            self._after.append(act)
        else:
            act()

    def tell_once_committed(self) -> None:
        """Tell every process that listens, after the open transaction and not in it, that something became due.

        PostgreSQL serializes commits that issue NOTIFY, each with what it writes to disk: eight that enroll would be no
        faster than one. Where that is too late, since this process ends, workers look by themselves.
        """
        if self._tell not in self._after:
            self.when_committed(self._tell)

    def _tell(self) -> None:
        try:
            self._database.notify()
        except DatabaseProblem as problem:
            _log.warning("notify.failed error=%s", problem)

    def now(self) -> datetime:
        """Return the instant of this transaction, no older than whatever it waited for. Call inside it.

        One and the same until more is locked: a message may have gone while that was waited for.
        """
        assert self._held_by == threading.get_ident(), "an instant is read inside the transaction that writes it"
        if self._at is None:
            self._at = self._read_clock()
            if self._asked_at is not None and self._at - self._asked_at >= LONG_WAIT:
                _log.warning("transaction.waited seconds=%d", (self._at - self._asked_at).total_seconds())
            self._asked_at = None
        return self._at

    def hold(self, enrollments: Iterable[int], ended_records: Iterable[object] = ()) -> None:
        """Lock enrollments before anything is read of them that is decided on. Call inside a transaction.

        A claim and a settlement hold the record at which an enrollment stands, and so does whoever holds it here: what
        is read afterwards stays so until the transaction ends. `ended_records` are locked with what is left to send.
        """
        wanted = keys(enrollments)
        if not wanted or not self._database.dialect.locks:
            return
        rows = self._lock("lock_records", enrollments=wanted, records=keys(ended_records))
        held = keys(row["enrollment_id"] for row in rows if row["is_open"])
        ended = {enrollment: None for enrollment in wanted if enrollment not in held}
        if ended:
            # Nothing of these is left to send. Whoever lets one go on again changes its own row as well.
            self._lock("lock_enrollments", enrollments=ended)
            self._lock("lock_records", enrollments=ended, records={})

    def hold_records(self, records: Iterable[int]) -> list[Row]:
        """Hold the enrollments of records, and return how these stand then. Call inside a transaction."""
        wanted = keys(records)
        asked = self._database.run("asked_records", records=wanted)
        if self._database.dialect.locks and asked:
            self.hold({row["enrollment_id"] for row in asked}, wanted)
            asked = self._database.run("asked_records", records=wanted)
        return asked

    def hold_open(self, records: Iterable[int]) -> None:
        """Hold the enrollments of those records that have not ended. Call inside a transaction."""
        wanted = keys(records)
        if wanted and self._database.dialect.locks:
            self.hold({row["enrollment_id"] for row in self._database.run("open_records", records=wanted)})

    def hold_claimed(self, records: Iterable[int]) -> None:
        """Lock records that are being sent before what became of them is written. Call inside a transaction."""
        self.lock("lock_claimed", records=keys(records))

    def hold_leads(self, leads: Iterable[int]) -> None:
        """Wait for whoever writes these leads, and keep others from it. Call inside a transaction."""
        self.lock("hold_leads", leads=keys(leads))

    def lock(self, statement: str, **batch: object) -> None:
        """Run a statement that only locks, where the database has locks and the batch is not empty."""
        if self._database.dialect.locks and all(batch.values()):
            self._at = None
            self._database.change(statement, **batch)

    def _lock(self, statement: str, **parameters: object) -> list[Row]:
        self._at = None
        return self._database.run(statement, **parameters)

    def _begin(self) -> None:
        """Do what each transaction begins with."""

    def _finish(self) -> None:
        """Do what each transaction ends with."""


def keys(values: Iterable[object]) -> dict[str, None]:
    """Return values as the keys of a JSON object: how statements take a set of ids."""
    return {str(value): None for value in values}
