"""A real HTTP server on loopback that keeps what it was sent and answers as told."""

import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from typing_extensions import override


class Endpoint(ThreadingHTTPServer):
    """Keeps what it was sent and answers as told: a status, headers and a body, or something ruder."""

    daemon_threads = True
    # Five, as it is by itself, are fewer than workers connect at once, and the rest would be cut off.
    request_queue_size = 128

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.paths: list[str] = []
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.status = 200
        self.headers: dict[str, str] = {}
        self.body = b"ok"
        self.rude: Callable[[BaseHTTPRequestHandler], None] | None = None
        self.asked: Callable[[BaseHTTPRequestHandler], None] | None = None
        self.released = threading.Event()
        self.connections = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook"


class _Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    @override
    def setup(self) -> None:
        super().setup()
        assert isinstance(self.server, Endpoint)
        self.server.connections += 1

    def do_GET(self) -> None:
        endpoint = self.server
        assert isinstance(endpoint, Endpoint)
        assert endpoint.asked is not None, "nobody said what is answered"
        endpoint.asked(self)

    def do_POST(self) -> None:
        endpoint = self.server
        assert isinstance(endpoint, Endpoint)
        body = self.rfile.read(int(self.headers["content-length"]))
        endpoint.paths.append(self.path)
        endpoint.requests.append(({name.lower(): value for name, value in self.headers.items()}, body))
        if endpoint.rude is not None:
            endpoint.rude(self)
            return
        self.send_response(endpoint.status)
        for name, value in endpoint.headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(endpoint.body)))
        self.end_headers()
        self.wfile.write(endpoint.body)

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def serving() -> Generator[Endpoint]:
    """Serve until the block ends."""
    server = Endpoint()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.released.set()
    server.shutdown()
    server.server_close()
    thread.join()
