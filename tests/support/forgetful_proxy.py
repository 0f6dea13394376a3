"""A proxy before PostgreSQL that forgets connections: it goes on taking what comes, and passes nothing on any more."""

import selectors
import socket
import threading
from collections.abc import Generator
from contextlib import contextmanager
from urllib.parse import quote

from psycopg.conninfo import conninfo_to_dict

PIECE = 65_536


class ForgetfulProxy:
    """Passes on what comes on a free port, in a thread of its own."""

    def __init__(self, url: str) -> None:
        self._there = conninfo_to_dict(url)
        self._door = socket.create_server(("127.0.0.1", 0))
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._door, selectors.EVENT_READ)
        self._ends: dict[socket.socket, socket.socket] = {}
        self._forgotten = set[socket.socket]()
        self._is_over = threading.Event()
        self._unread = set[socket.socket]()
        self.takes_new_ones_in = True
        self.accepted = 0
        self._thread = threading.Thread(target=self._pass_on, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """The database, as it is reached through here."""
        user, name = self._there.get("user", "postgres"), self._there["dbname"]
        return f"postgresql://{quote(str(user))}@127.0.0.1:{self._door.getsockname()[1]}/{name}"

    def forget(self) -> None:
        """Pass nothing on of the connections that there are; others are passed on."""
        self._forgotten |= set(self._ends)

    def stop_reading(self) -> None:
        """Leave what comes for the connections that there are where it is."""
        self._unread |= set(self._ends)

    def forget_everything(self) -> None:
        """Pass nothing on of any connection, new ones included."""
        self.takes_new_ones_in = False
        self.forget()

    def close(self) -> None:
        """End every connection."""
        self._is_over.set()
        self._thread.join()
        for one in [*self._ends, self._door]:
            one.close()

    def _pass_on(self) -> None:
        while not self._is_over.is_set():
            for key, _ in self._selector.select(timeout=0.05):
                one = key.fileobj
                assert isinstance(one, socket.socket)
                if one is self._door:
                    self._take_in()
                elif one in self._ends and one not in self._unread:
                    self._take(one)

    def _take_in(self) -> None:
        one, _ = self._door.accept()
        self.accepted += 1
        host, port = str(self._there.get("host", "127.0.0.1")), self._there.get("port", 5432)
        if host.startswith("/"):
            other = socket.socket(socket.AF_UNIX)
            other.connect(f"{host}/.s.PGSQL.{port}")
        else:
            other = socket.create_connection((host, int(port or 5432)))
        self._ends |= {one: other, other: one}
        if not self.takes_new_ones_in:
            self._forgotten |= {one, other}
        for end in (one, other):
            self._selector.register(end, selectors.EVENT_READ)

    def _take(self, one: socket.socket) -> None:
        other = self._ends[one]
        try:
            piece = one.recv(PIECE)
            if one in self._forgotten and piece:
                return
            if piece:
                other.sendall(piece)
                return
        except OSError:
            pass
        # Who was forgotten hears not even that the other one has gone.
        for end in (one,) if one in self._forgotten else (one, other):
            if self._ends.pop(end, None) is not None:
                self._selector.unregister(end)
                end.close()


@contextmanager
def forgetful_proxy(url: str) -> Generator[ForgetfulProxy]:
    """A proxy before the database of a URL."""
    proxy = ForgetfulProxy(url)
    try:
        yield proxy
    finally:
        proxy.close()
