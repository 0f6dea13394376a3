"""What takes longer than an answer may: done beside the answers, a few things at once, until the server stops."""

import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager
from threading import Event, Lock

from dripline.app import Dripline
from dripline.core.safe_errors import wordless
from dripline.errors import DriplineError

MOST_AT_ONCE = 2
"""How many things are done at once; what comes after them waits. Each has a connection while it lasts."""

_STOPPED = "The server was stopped: begin it again, and what was done already is passed over."

_log = logging.getLogger("dripline.web")

Taken = Callable[[], AbstractContextManager[Dripline]]
"""Takes a connection until a block ends."""


class Background:
    """Does things by their names, each in a thread with a connection of its own. Threads are made when one is needed.

    What is under way when it is closed ends at its next `check`.
    """

    def __init__(self, taken: Taken) -> None:
        self._taken = taken
        self._pool: ThreadPoolExecutor | None = None
        self._works: dict[str, Future[None]] = {}
        self._lock = Lock()
        self._closing = Event()

    def begin(self, name: str, work: Callable[[Dripline], object]) -> bool:
        """Begin something unless it is being done already; returns whether it was begun."""
        with self._lock:
            if self._closing.is_set() or name in self._works:
                return False
            if self._pool is None:
                self._pool = ThreadPoolExecutor(MOST_AT_ONCE, thread_name_prefix="dripline-background")
            doing = self._works[name] = self._pool.submit(self._do, name, work)
        doing.add_done_callback(lambda _: self._forget(name))
        return True

    def is_doing(self, name: str, *, patience: float = 0.0) -> bool:
        """Return whether something is not done yet, once so many seconds have passed or it is."""
        doing = self._works.get(name)
        return doing is not None and bool(wait([doing], timeout=patience).not_done)

    def check(self) -> None:
        """End what calls this, if the server stops.

        Raises:
            DriplineError: It does.
        """
        if self._closing.is_set():
            raise DriplineError(_STOPPED)

    def close(self) -> None:
        """End what is under way, and wait until it has ended."""
        self._closing.set()
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)

    def _do(self, name: str, work: Callable[[Dripline], object]) -> None:
        try:
            with self._taken() as drip:
                work(drip)
        except DriplineError as error:
            _log.warning("background.ended_early work=%s error=%s", name, type(error).__name__)
        except Exception as error:  # noqa: BLE001  (the edge of a thread)
            # Nobody waits for its answer: what it wrote says how far it came, the log says why no further.
            _log.error("background.failed work=%s", name, exc_info=wordless(error))

    def _forget(self, name: str) -> None:
        with self._lock:
            self._works.pop(name, None)
