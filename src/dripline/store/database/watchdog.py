"""Finds a statement whose answer never comes, and hangs up, so that whoever waits for it opens a new connection.

A firewall that forgets a connection, or a proxy that goes on acknowledging for a peer that is gone, leaves a statement
waiting for good. How long one may take cannot tell: some take minutes. So the server is asked, over another connection,
once a statement is silent for `ASKED_AFTER`: where it is at work on it, it is waited for; where it has never heard of
it, or waits itself for us, at two looks in a row, nothing will come. Where it answers nobody, that is told, and the
wait goes on until it does, or until the URL leads to another server: there is nothing else to connect to.

A process that is to end asks sooner, and hangs up after `LAST_WORD` whatever the server says.
"""

import logging
import threading
from collections.abc import Iterable, Mapping
from contextlib import suppress
from weakref import WeakSet

import psycopg

from dripline.shutdown import ENDING
from dripline.store.database.database import LOCK_TIMEOUT
from dripline.store.database.wire import (
    CONNECT_SOONER,
    CONNECT_TIMEOUT,
    Wait,
    WatchedConnection,
    count_servers,
    names_several,
    seconds,
)

ASKED_AFTER = 10
"""How long a statement is silent before the server is asked about it, and asked again, in seconds."""

ASKED_SOONER = 3
"""The same in a process that is to end."""

LAST_WORD = LOCK_TIMEOUT + 2
"""How long a statement may take in a process that is to end, in seconds: whoever waits for a lock is answered."""

LOOK_EVERY = 1.0
"""How often it is looked who waits, in seconds."""

LONGEST_ASKING = CONNECT_TIMEOUT + 2
"""How long the server has to answer what it is asked about others, in seconds."""

_STANDING = """
SELECT application_name, state IS NULL OR (state = 'active' AND wait_event_type IS DISTINCT FROM 'Client')
FROM pg_stat_activity WHERE application_name = ANY (%s)
"""
"""Which connections the server has, and whether it is at work on what was asked there. It may not say: then it is."""

_log = logging.getLogger("dripline.store")


class ServerCheck:
    """A question to the server about connections of ours, in a thread of its own: it may get no answer either."""

    def __init__(self, line: WatchedConnection, names: Iterable[str]) -> None:
        self.names = list(names)
        self.standing: Mapping[str, bool] | None = None
        self._beside = line
        self._line: WatchedConnection | None = None
        self._since = seconds()
        self._thread = threading.Thread(target=self._ask, name="dripline-asking", daemon=True)
        self._thread.start()

    def is_over(self) -> bool:
        """Return whether there is an answer, or there will be none."""
        if self._thread.is_alive() and seconds() - self._since < _longest_asking(self._beside.url):
            return False
        line = self._line
        if self._thread.is_alive() and line is not None and line.asked is not None:
            line.hang_up(line.asked)
        return True

    def _ask(self) -> None:
        try:
            with self._beside.another() as line:
                self._line = line
                self.standing = dict(line.execute(_STANDING, [self.names]).fetchall())
        except psycopg.Error as error:
            _log.debug("database.not_asked error=%s", type(error).__name__)
            self._ask_elsewhere()

    def _ask_elsewhere(self) -> None:
        """Ask the server that can be written now, where the URL names several.

        Another one than before knows nothing of these connections, whose names no two servers give; the same one,
        reached another way, says how they stand. A standby is not asked: its primary may only be busy.
        """
        if names_several(self._beside.url):
            with suppress(psycopg.Error), self._beside.elsewhere() as line:
                self._line = line
                self.standing = dict(line.execute(_STANDING, [self.names]).fetchall())


class Watchdog:
    """Looks after the lines of this process, in one thread."""

    def __init__(self) -> None:
        self._lines = WeakSet[WatchedConnection]()
        self._askings = dict[str, ServerCheck]()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def watch(self, line: WatchedConnection) -> None:
        """Look after a connection for as long as anybody has it."""
        with self._lock:
            self._lines.add(line)
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="dripline-silence", daemon=True)
                self._thread.start()

    def _watch(self) -> None:
        never = threading.Event()
        while not never.wait(LOOK_EVERY):
            try:
                self.look()
            except Exception:  # noqa: BLE001  (the edge of a thread, which must not end while anybody waits)
                _log.exception("silence.failed")

    def look(self) -> None:
        """Look once who waits for too long."""
        with self._lock:
            lines = list(self._lines)
        waiting: dict[str, list[tuple[WatchedConnection, Wait]]] = {}
        for line in lines:
            asked = line.asked
            if asked is not None and seconds() - asked.at >= _asked_after():
                waiting.setdefault(line.url, []).append((line, asked))
        for url, waits in waiting.items():
            self._see_to(url, waits)

    def _see_to(self, url: str, waits: list[tuple[WatchedConnection, Wait]]) -> None:
        asking = self._askings.get(url)
        if asking is not None and asking.is_over():
            del self._askings[url]
            self._judge(waits, asking)
        elif asking is None:
            now = seconds()
            unknown = [line for line, asked in waits if now >= asked.again_at]
            if unknown:
                self._askings[url] = ServerCheck(unknown[0], [line.name for line in unknown])
        if ENDING.is_set():
            _hang_up([(line, asked) for line, asked in waits if seconds() - asked.at >= LAST_WORD])

    def _judge(self, waits: list[tuple[WatchedConnection, Wait]], asking: ServerCheck) -> None:
        """Hang up what the server knows nothing of, at the second look in a row."""
        meant = [(line, asked) for line, asked in waits if line.name in asking.names]
        if asking.standing is None:
            _tell(
                "database.silent",
                [(line, asked) for line, asked in meant if not asked.is_reported],
                "it answers nobody",
            )
            return
        lost = [(line, asked) for line, asked in meant if not asking.standing.get(line.name, False)]
        for _, asked in meant:
            asked.again_at = seconds() + ASKED_AFTER
        for _, asked in lost:
            asked.again_at = 0.0
        _hang_up([(line, asked) for line, asked in lost if asked.is_suspect])
        for wait in meant:
            wait[1].is_suspect = wait in lost


def _hang_up(waits: list[tuple[WatchedConnection, Wait]]) -> None:
    hung_up = [(line, asked) for line, asked in waits if line.hang_up(asked)]
    _tell("database.hung_up", hung_up, "the answer is lost on its way, and a new connection is made")


def _tell(event: str, waits: list[tuple[WatchedConnection, Wait]], meaning: str) -> None:
    if waits:
        longest = max(seconds() - asked.at for _, asked in waits)
        values = (event, waits[0][0].label, len(waits), longest, meaning)
        _log.warning("%s database=%s connections=%s seconds=%.0f: %s", *values)
    for _, asked in waits:
        asked.is_reported = True


def _longest_asking(url: str) -> float:
    """Return how long to wait for an answer: each server that is tried, the first one twice, may take its time."""
    servers = count_servers(url)
    return LONGEST_ASKING if servers == 1 else max(LONGEST_ASKING, (1 + servers) * CONNECT_SOONER + 2)


def _asked_after() -> int:
    return ASKED_SOONER if ENDING.is_set() else ASKED_AFTER


SILENCE = Watchdog()
"""Looks after all connections of this process to PostgreSQL."""
