"""Connections for whoever asks over the web: each question has one of its own, so that none waits for a processor."""

from collections.abc import Generator
from contextlib import contextmanager
from queue import Empty, LifoQueue
from threading import Lock
from types import TracebackType
from typing import Self

from dripline.app import Dripline
from dripline.errors import DatabaseLocked
from dripline.web.jobs import Background
from dripline.web.uploads.uploads import Uploads

MOST = 8
"""How many questions are answered at once; each has a connection while it lasts."""

PATIENCE = 10
"""How long a question waits for its turn, in seconds."""


class Desk:
    """Up to `MOST` connections beside one that is open already; made as they are needed, closed with the desk.

    `background` does what takes long, `uploads` are the lists that wait to be imported; both end with the desk.
    """

    def __init__(self, drip: Dripline) -> None:
        self._drip = drip
        self._free: LifoQueue[Dripline] = LifoQueue()
        self._all: list[Dripline] = []
        self._lock = Lock()
        self.background = Background(self.taken)
        self.uploads = Uploads()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.background.close()
        self.uploads.close()
        for drip in self._all:
            drip.close()

    @contextmanager
    def taken(self) -> Generator[Dripline]:
        """Take a connection until the block ends.

        Raises:
            DatabaseLocked: All are taken, and none came free in time.
        """
        drip = self._take()
        try:
            yield drip
        finally:
            self._free.put(drip)

    def _take(self) -> Dripline:
        try:
            return self._free.get_nowait()
        except Empty:
            pass
        with self._lock:
            if len(self._all) < MOST:
                self._all.append(self._drip.connect())
                return self._all[-1]
        try:
            return self._free.get(timeout=PATIENCE)
        except Empty:
            raise DatabaseLocked("Too many questions at once: ask again in a moment.") from None
