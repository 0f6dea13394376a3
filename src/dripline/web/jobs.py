"""Background jobs in threads, two at a time, until the server stops."""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from threading import Event, Lock

from dripline.app import Dripline
from dripline.core.safe_errors import wordless
from dripline.errors import DriplineError

JOB_LIMIT = 2
"""How many jobs run at once; further ones wait. Each has a connection while it lasts."""

_STOPPED = "The server was stopped: begin it again, and what was done already is passed over."

_log = logging.getLogger("dripline.web")

Acquire = Callable[[], AbstractContextManager[Dripline]]
"""Acquires a connection until a block ends."""


class JobRunner:
    """Runs jobs by name, each in a thread with a connection of its own. Threads start when the first job comes.

    A job that is under way at `close` ends at its next `check`.
    """

    def __init__(self, acquire: Acquire) -> None:
        self._acquire = acquire
        self._pool: ThreadPoolExecutor | None = None
        self._works: dict[str, Future[None]] = {}
        self._lock = Lock()
        self._closing = Event()

    def begin(self, name: str, work: Callable[[Dripline], object]) -> bool:
        """Begin a job unless one of that name is under way; returns whether it was begun."""
        with self._lock:
            if self._closing.is_set() or name in self._works:
                return False
            if self._pool is None:
                self._pool = ThreadPoolExecutor(JOB_LIMIT, thread_name_prefix="dripline-background")
            doing = self._works[name] = self._pool.submit(self._do, name, work)
        doing.add_done_callback(lambda _: self._forget(name))
        return True

    def is_doing(self, name: str, *, timeout: float = 0.0) -> bool:
        """Return whether a job is under way, after waiting up to `timeout` seconds for its end."""
        doing = self._works.get(name)
        return doing is not None and bool(wait([doing], timeout=timeout).not_done)

    def check(self) -> None:
        """End the calling job if the server is stopping.

        Raises:
            DriplineError: It is.
        """
        if self._closing.is_set():
            raise DriplineError(_STOPPED)

    def close(self) -> None:
        """End the jobs that are under way, and wait for them."""
        self._closing.set()
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def _do(self, name: str, work: Callable[[Dripline], object]) -> None:
        try:
            with self._acquire() as drip:
                work(drip)
        except DriplineError as error:
            _log.warning("background.ended_early work=%s error=%s", name, type(error).__name__)
        except Exception as error:  # noqa: BLE001  (the edge of a thread)
            # Nobody waits for its answer: what it wrote says how far it came, the log says why no further.
            _log.error("background.failed work=%s", name, exc_info=wordless(error))

    def _forget(self, name: str) -> None:
        with self._lock:
            self._works.pop(name, None)
