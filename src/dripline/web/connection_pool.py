"""Database connections for requests: each has one of its own, so that none waits for a processor."""

from collections.abc import Generator
from contextlib import contextmanager
from queue import Empty, LifoQueue
from threading import Lock
from types import TracebackType
from typing import Self

from dripline.app import Dripline
from dripline.errors import DatabaseLocked
from dripline.web.jobs import JobRunner
from dripline.web.uploads.uploads import Uploads

CONNECTION_LIMIT = 8
"""How many requests use the database at once; each has a connection while it lasts."""

ACQUIRE_TIMEOUT = 10
"""How long a request waits for a connection, in seconds."""


class ConnectionPool:
    """Up to `CONNECTION_LIMIT` connections besides one that is open already; made when needed, closed with the pool.

    `jobs` runs what takes long, `uploads` are the lists that wait to be imported; both end with the pool.
    """

    def __init__(self, drip: Dripline) -> None:
        self._drip = drip
        self._free: LifoQueue[Dripline] = LifoQueue()
        self._all: list[Dripline] = []
        self._lock = Lock()
        self.jobs = JobRunner(self.acquire)
        self.uploads = Uploads()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.jobs.close()
        self.uploads.close()
        for drip in self._all:
            drip.close()

    @contextmanager
    def acquire(self) -> Generator[Dripline]:
        """Acquire a connection until the block ends.

        Raises:
            DatabaseLocked: All are in use, and none came free in time.
        """
        drip = self._acquire()
        try:
            yield drip
        finally:
            self._free.put(drip)

    def _acquire(self) -> Dripline:
        try:
            return self._free.get_nowait()
        except Empty:
            pass
        with self._lock:
            if len(self._all) < CONNECTION_LIMIT:
                self._all.append(self._drip.connect())
                return self._all[-1]
        try:
            return self._free.get(timeout=ACQUIRE_TIMEOUT)
        except Empty:
            raise DatabaseLocked("The server is busy: try again in a moment.") from None
