"""A provider that speaks HTTP, on a real server on loopback."""

import threading
from abc import abstractmethod
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from typing_extensions import override

from dripline.channels.http.client import HttpResponse
from dripline.conformance.provider import Behaviour, Provider

SILENCE = 10.0
"""How long silence lasts at most, in seconds: a channel that never gives up must not hold its tests for ever."""


@dataclass(frozen=True, slots=True)
class Request:
    """What a channel sent: `headers` by their lower-case names."""

    path: str
    headers: Mapping[str, str] = field(kw_only=True)
    body: bytes = field(kw_only=True)

    @property
    def repeated(self) -> str:
        """All of it as one text: what a proxy may put into its answer."""
        return " ".join([self.path, *self.headers.values(), self.body.decode("utf-8", "replace")])


class HttpProvider(Provider):
    """A server at `url` while it is entered; `requests` holds what came to it.

    Say at least what it answers when it accepts. Its other answers are as any HTTP server might give them.
    """

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self._behaviour = Behaviour.ACCEPT
        self._open = 0
        self._lock = threading.Lock()
        self._server = _Server(self)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def url(self) -> str:
        """Where the server is, without a path."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    @abstractmethod
    def accepted(self, number: int) -> HttpResponse:
        """Return what it answers to the message that it accepts, the so-manyth that came to it; each has its own id."""

    def refused(self, request: Request) -> HttpResponse:
        """Return what it answers to a message that it refuses."""
        return HttpResponse(400, headers={}, body=request.repeated.encode())

    def busy(self) -> HttpResponse:
        """Return what it answers when it wants to be asked less often."""
        return HttpResponse(429, headers={"retry-after": "7"}, body=b"")

    def broken(self) -> HttpResponse:
        """Return what it answers to a message that it stumbles over."""
        return HttpResponse(500, headers={"content-type": "text/html"}, body=b"<html>")

    def nonsense(self) -> HttpResponse:
        """Return a success that nobody can read."""
        return HttpResponse(200, headers={"content-type": "text/html"}, body=b"<html>" + b"[" * 60_000)

    def aside(self, request: Request) -> HttpResponse | None:
        """Answer what is no message, such as a login; None if it is one."""
        del request

    @override
    def play(self, behaviour: Behaviour) -> None:
        self._behaviour = behaviour
        if behaviour is Behaviour.BE_AWAY:
            self._end()

    @override
    def taken(self) -> int:
        return len(self.requests)

    @override
    def open_connections(self) -> int:
        return self._open

    def connected(self, change: int) -> None:
        """Count a connection that begins or ends."""
        with self._lock:
            self._open += change

    def answer(self, request: Request) -> HttpResponse | Behaviour:
        """Return what to answer a request, or what to do in place of an answer."""
        beside = self.aside(request)
        if beside is not None:
            return beside
        with self._lock:
            self.requests.append(request)
            number = len(self.requests)
        answers: dict[Behaviour, Callable[[], HttpResponse]] = {
            Behaviour.ACCEPT: lambda: self.accepted(number),
            Behaviour.REFUSE: lambda: self.refused(request),
            Behaviour.BE_BUSY: self.busy,
            Behaviour.BREAK_DOWN: self.broken,
            Behaviour.ANSWER_NONSENSE: self.nonsense,
        }
        answer = answers.get(self._behaviour)
        return self._behaviour if answer is None else answer()

    def _end(self) -> None:
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
        self._server.server_close()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 200

    def __init__(self, provider: HttpProvider) -> None:
        self.provider = provider
        super().__init__(("127.0.0.1", 0), _Exchange)

    @override
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: who is given up on hangs up."""


class _Exchange(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @property
    def _provider(self) -> HttpProvider:
        assert isinstance(self.server, _Server)
        return self.server.provider

    @override
    def setup(self) -> None:
        super().setup()
        self._provider.connected(1)

    @override
    def finish(self) -> None:
        self._provider.connected(-1)
        with suppress(OSError):
            super().finish()

    def do_POST(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = self.rfile.read(int(headers.get("content-length", "0")))
        answer = self._provider.answer(Request(self.path, headers=headers, body=body))
        if isinstance(answer, HttpResponse):
            self._write(answer)
            return
        if answer is Behaviour.BE_SILENT:
            self.connection.settimeout(SILENCE)
            with suppress(OSError):
                self.connection.recv(1)
        self.close_connection = True

    do_PUT = do_PATCH = do_GET = do_DELETE = do_POST  # noqa: N815  (the server library's names)

    def _write(self, answer: HttpResponse) -> None:
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(answer.body)))
        self.end_headers()
        self.wfile.write(answer.body)

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
