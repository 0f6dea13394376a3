"""Providers that repeat all they were sent, and do as they are told beside that: on loopback, as real servers."""

import json
import socketserver
import threading
from base64 import b64decode
from collections.abc import Generator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote, unquote

from typing_extensions import override

BEHAVIOURS = {"accepts": 200, "refuses the login": 401, "refuses the message": 400, "breaks down": 500, "hangs up": 0}
"""What the providers may do, and the status with which they say so."""


class Repeating(ThreadingHTTPServer):
    """Every provider over HTTP at once: answers hold what any of them would call an error, or an id."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.status = 200
        self.heard = ""
        """All that came, logins in clear."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        server = self.server
        assert isinstance(server, Repeating)
        body = self.rfile.read(int(self.headers.get("content-length", "0")))
        header = self.headers.get("authorization", "")
        login = b64decode(header.removeprefix("Basic ")).decode() if header.startswith("Basic ") else ""
        said = " ".join([unquote(self.path), login, *self.headers.values(), quote(header, safe=""), quote(login)])
        server.heard += f"{said} {body.decode()}\n"
        if server.status == 0:
            self.close_connection = True
            return
        answer = json.dumps(_accepted(said) if server.status == 200 else _refused(said)).encode()
        self.send_response(server.status)
        self.send_header("x-repeated", header)
        self.send_header("content-length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    do_GET = do_POST  # noqa: N815  (the server library's name)

    @override
    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


def _accepted(said: str) -> object:
    return {
        "messages": [{"id": said}],
        "ok": True,
        "result": {"message_id": 7},
        "sid": said,
        "code": "SUCCESS",
        "results": {"message_id": said},
    }


def _refused(said: str) -> object:
    return {
        "error": {"code": 190, "message": said, "error_data": {"details": said}},
        "ok": False,
        "description": said,
        "code": 20003,
        "message": said,
    }


class _Mail(socketserver.StreamRequestHandler):
    """A mail server that wants a login, and repeats the one that it is given, packed and unpacked."""

    @override
    def handle(self) -> None:
        self.wfile.write(b"220 mail\r\n")
        while line := self.rfile.readline().strip():
            verb, _, given = line.partition(b" ")
            if verb == b"EHLO":
                self.wfile.write(b"250-mail\r\n250 AUTH PLAIN\r\n")
            elif verb == b"AUTH":
                packed = given.partition(b" ")[2]
                clear = b64decode(packed).replace(b"\0", b" ")
                self.server.__dict__["heard"] = clear.decode()
                self.wfile.write(b"535 5.7.8 " + b" ".join([b"x" * 150, clear, packed, line]) + b"\r\n")
            else:
                self.wfile.write(b"250 ok " + line + b"\r\n")


@contextmanager
def _running(server: socketserver.BaseServer) -> Generator[None]:
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        with suppress(RuntimeError):
            thread.join()


@contextmanager
def repeating() -> Generator[tuple[Repeating, socketserver.ThreadingTCPServer]]:
    """Serve HTTP and mail until the block ends."""
    http = Repeating()
    mail = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Mail)
    mail.daemon_threads = True
    with _running(http), _running(mail):
        yield http, mail
