"""Connections of strangers, over real sockets: they end where nobody gets on, and leave room and files for others."""

import asyncio
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import httpx
import pytest
from site_of import site
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from dripline import Dripline, EventSigning, FakeChannel, Sequence
from dripline.web.security.auth import COOKIE
from dripline.web.security.client_address import PROVED, prove
from dripline.web.server import connection, serve
from dripline.web.server.connection import BODY_PIECE, REST_LIMIT, WITHIN
from dripline.web.server.connection_limit import CONNECTIONS_LIMIT, Room, connections_allowed
from dripline.web.server.serve import listening, served
from support.real_time import eventually, pause

SOON = 0.4
HEAD = b"GET / HTTP/1.1\r\nHost: x\r\n"
POST = "POST {} HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n"


async def answering(scope: Scope, receive: Receive, send: Send) -> None:
    """Tell how long a body was; of /refused nothing is read, what is asked for at /large is large, /proves proves."""
    request = Request(scope, receive)
    if request.url.path == "/proves":
        prove(request)
    told: Response = PlainTextResponse("refused", 413)
    if request.url.path == "/large":
        told = PlainTextResponse(b"x" * 2**25)
    elif request.url.path != "/refused":
        told = PlainTextResponse(str(len(await request.body())))
    await told(scope, receive, send)


@contextmanager
def server() -> Generator[int]:
    """Serve on a loop in a thread of its own; yields the port."""
    place, loop, ended = listening("127.0.0.1", 0), asyncio.new_event_loop(), asyncio.Event()
    port: int = place.getsockname()[1]

    async def serve() -> None:
        async with served(answering, place):
            await ended.wait()

    serving = threading.Thread(target=loop.run_until_complete, args=[serve()])
    serving.start()
    try:
        yield port
    finally:
        loop.call_soon_threadsafe(ended.set)
        serving.join()
        loop.close()


def connected(port: int, sent: bytes = b"", source: str = "127.0.0.1") -> socket.socket:
    made = socket.create_connection(("127.0.0.1", port), timeout=10, source_address=(source, 0))
    made.sendall(sent)
    return made


def is_ended(client: socket.socket, within: float = 10.0) -> bool:
    client.settimeout(within)
    try:
        return client.recv(1) == b""
    except ConnectionError:
        return True
    except TimeoutError:
        return False


def asked(client: socket.socket) -> int:
    client.sendall(HEAD + b"\r\n")
    answer = b""
    while not answer.endswith(b"\r\n\r\n0"):
        piece = client.recv(1)
        if not piece:
            return 0
        answer += piece
    return int(answer.split()[1])


@pytest.fixture
def _soon(monkeypatch: pytest.MonkeyPatch) -> None:
    for phase in WITHIN:
        monkeypatch.setitem(WITHIN, phase, SOON)
    monkeypatch.setattr(connection, "UNREAD_WITHIN", SOON)


@pytest.mark.usefixtures("_soon")
@pytest.mark.parametrize(
    "sent",
    [
        b"",
        HEAD,
        POST.format("/", 9).encode() + b"12",
        b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
    ],
)
def test_a_connection_that_does_not_get_on_is_ended(sent: bytes) -> None:
    with server() as port, connected(port, sent) as client:
        assert is_ended(client)


@pytest.mark.usefixtures("_soon")
@pytest.mark.parametrize("begun", [HEAD + b"X-A: ", POST.format("/", 99).encode()])
def test_a_byte_at_a_time_holds_no_connection(begun: bytes) -> None:
    with server() as port, connected(port, begun) as client:

        def drip() -> None:
            for _ in range(20):
                client.sendall(b"a")
                pause(SOON / 5)

        with pytest.raises(ConnectionError):
            drip()


@pytest.mark.usefixtures("_soon")
def test_a_second_request_has_its_time_and_a_slow_one_is_ended() -> None:
    with server() as port, connected(port) as client:
        assert asked(client) == 200
        pause(2 * SOON)
        assert asked(client) == 200
        client.sendall(HEAD)
        assert is_ended(client)


@pytest.mark.usefixtures("_soon")
def test_a_body_that_comes_in_time_may_take_long() -> None:
    with server() as port, connected(port, POST.format("/", 6 * BODY_PIECE).encode()) as client:
        for _ in range(6):
            pause(SOON / 3)
            client.sendall(b"x" * BODY_PIECE)
        answer = b""
        while str(6 * BODY_PIECE).encode() not in answer:
            piece = client.recv(1_024)
            assert piece
            answer += piece


@pytest.mark.usefixtures("_soon")
def test_an_answer_that_nobody_reads_is_not_held() -> None:
    with server() as port, connected(port, b"GET /large HTTP/1.1\r\nHost: x\r\n\r\n") as client:
        pause(3 * SOON)

        def read() -> int:
            size = 0
            while piece := client.recv(2**20):
                size += len(piece)
            return size

        with suppress(ConnectionError):
            assert read() < 2**25


def test_of_a_refused_body_no_more_is_read_than_its_client_needs_to_get_the_answer() -> None:
    size = 50 * REST_LIMIT
    with server() as port, connected(port, POST.format("/refused", size).encode()) as client:
        assert b" 413 " in client.recv(1_024)

        def send() -> None:
            for _ in range(size // 2**16):
                client.sendall(b"x" * 2**16)

        with pytest.raises(ConnectionError):
            send()


def test_where_there_is_no_room_the_idlest_of_the_client_with_the_most_gives_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(serve, "connections_allowed", lambda: 8)
    with server() as port, ExitStack() as stack:
        own = stack.enter_context(connected(port, source="127.0.0.2"))
        assert asked(own) == 200
        crowd = [stack.enter_context(connected(port, HEAD)) for _ in range(30)]
        pause(SOON)
        other = stack.enter_context(connected(port, source="127.0.0.3"))
        assert [asked(other), asked(own)] == [200, 200]
        assert [is_ended(one, 0.05) for one in crowd] == [True] * 26 + [False] * 4


class Guest:
    """A connection that is told to give way."""

    is_open = True

    def give_way(self) -> None:
        self.is_open = False


def test_what_is_being_answered_gives_way_to_nobody() -> None:
    async def test() -> None:
        room, guests = Room(2), [Guest() for _ in range(4)]
        assert room.enter(guests[0], "proxy", is_proxy=True)
        assert room.enter(guests[1], "proxy", is_proxy=True)
        room.got_on(guests[0], waits=False)
        assert room.enter(guests[2], "proxy", is_proxy=True)
        assert [one.is_open for one in guests] == [True, False, True, True]
        room.got_on(guests[2], waits=False)
        assert not room.enter(guests[3], "other")
        room.leave(guests[0])
        room.leave(guests[0])
        assert room.enter(guests[3], "other")
        assert room.open == 2

    asyncio.run(test())


@contextmanager
def running(folder: Path, files: int) -> Generator[tuple[str, Path, int]]:
    """Run `dripline run` with so many files; yields its address, its log and its process."""
    log = folder / "log"
    command = f"ulimit -n {files}; exec {sys.executable} -m dripline run --db shop.db --port 0"
    with log.open("wb") as written, subprocess.Popen(["/bin/sh", "-c", command], cwd=folder, stderr=written) as process:
        try:
            eventually(lambda: "serving url=" in log.read_text())
            found = re.search(r"serving url=(\S+)", log.read_text())
            assert found is not None
            yield found[1], log, process.pid
        finally:
            process.terminate()


@pytest.mark.skipif(sys.platform != "linux", reason="counts files in /proc")
def test_more_connections_than_files_stop_neither_answers_nor_the_log(tmp_path: Path) -> None:
    with Dripline(str(tmp_path / "shop.db")) as drip:
        assert not drip.accounts.has_users()
    with running(tmp_path, 256) as (url, log, pid), ExitStack() as stack:
        for _ in range(700):
            stack.enter_context(connected(int(url.rpartition(":")[2]), HEAD))
        assert httpx.get(f"{url}/healthz").status_code == 200
        assert httpx.get(f"{url}/login").status_code == 200
        assert len(list(Path(f"/proc/{pid}/fd").iterdir())) < 256 - 64
        told = log.read_text()
    assert "web.connections_full" in told
    assert len(told) < 10_000, told[-2_000:]


def test_connections_are_bounded_where_files_are_not() -> None:
    assert 1 <= connections_allowed() <= CONNECTIONS_LIMIT


def test_who_has_proved_itself_keeps_its_connections_while_strangers_have_some() -> None:
    async def test() -> None:
        room, provider, strangers = Room(8), [Guest() for _ in range(4)], [Guest() for _ in range(20)]
        for one in provider:
            assert room.enter(one, "provider")
        room.prove("provider")
        for number, one in enumerate(strangers):
            assert room.enter(one, f"stranger {number}")
        assert all(one.is_open for one in provider)
        assert sum(one.is_open for one in strangers) == 4

    asyncio.run(test())


@pytest.mark.parametrize("path", ["/proves", "/refused"])
def test_a_request_that_was_let_in_proves_its_client(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    proved = list[str]()

    def noted(_: Room, client: str) -> None:
        proved.append(client)

    monkeypatch.setattr(Room, "prove", noted)
    with server() as port, connected(port, source="127.0.0.9") as client:
        client.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        client.recv(1_024)
        pause(0.1)
    assert proved == (["127.0.0.9"] if path == "/proves" else [])


def test_tokens_sessions_and_keys_prove_and_wrong_ones_do_not(sqlite_path: Path, warm: Sequence) -> None:
    posting = EventSigning("what-secrets-are-made-of-" + "0f1e2d3c4b5a")
    with Dripline(str(sqlite_path), channels={"console": FakeChannel()}, posting=posting) as drip:
        drip.apply(warm)
        key = drip.sources.create("website", triggers=["WARMEXAMA"]).key
        with site(drip) as shop:
            shop.come_in()
            token, states = shop.token(), list[dict[str, object]]()
            session = {"cookie": f"{COOKIE}={shop.client.cookies[COOKIE]}"}

            async def seen(scope: Scope, receive: Receive, send: Send) -> None:
                states.append(scope.setdefault("state", {}))
                await shop.app(scope, receive, send)

            def has_proved(path: str, headers: dict[str, str], lead: dict[str, str] | None = None) -> bool:
                asking = TestClient(seen, follow_redirects=False)
                asking.request("POST" if lead else "GET", path, headers=headers, json=lead)
                return bool(states[-1].get(PROVED))

            lead = {"phone": "60123456789"}
            assert has_proved("/api/v1/leads", token)
            assert has_proved("/api/v1/leads", token, lead)
            assert has_proved("/", session)
            assert has_proved(f"/intake/website?key={key}", {}, lead)
            assert not has_proved("/api/v1/leads", {"authorization": "Bearer drip_0"})
            assert not has_proved("/", {"cookie": f"{COOKIE}={'0' * 64}"})
            assert not has_proved("/intake/website?key=0", {}, lead)
            assert not has_proved("/login", {})
