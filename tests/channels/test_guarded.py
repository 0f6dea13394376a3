"""A URL that a person wrote leads nowhere but where it was checked: against a real server, by resolvers that lie."""

import asyncio
import ssl
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import httpx
import pytest

from dripline.channels.http.client import HttpResponse
from dripline.channels.http.guarded import GuardedConnections, GuardedTransport, Resolve, resolved
from dripline.core.outcome import RetryLater, Unknown
from support.endpoint import Endpoint, serving

NAMED = "crm.example.com"


def hang(request: BaseHTTPRequestHandler) -> None:
    assert isinstance(request.server, Endpoint)
    request.server.released.wait()


Said = HttpResponse | RetryLater | Unknown


class Resolver:
    """Answers as told, and counts how often it was asked."""

    def __init__(self, *answers: list[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(f"{host}:{port}")
        return self.answers.pop(0)


async def unknown(host: str, port: int) -> list[str]:
    raise OSError(f"{host}:{port} leads nowhere")


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with serving() as server:
        yield server


def posted(url: str, resolve: Resolve, *, allow_private: bool = False, timeout: float = 5) -> Said:
    async def once() -> Said:
        connections = GuardedConnections(allow_private=allow_private, timeout=timeout, resolve=resolve)
        try:
            return await connections.post(url, "{}", {})
        finally:
            await connections.aclose()

    return asyncio.run(once())


def test_a_name_that_leads_to_ones_own_network_is_not_posted_to(endpoint: Endpoint) -> None:
    answer = posted(f"http://{NAMED}:{endpoint.server_port}/", Resolver(["127.0.0.1"]))

    assert answer == RetryLater(
        "the receiver was not posted to: its name leads to an address that is not public", scope="sender"
    )
    assert endpoint.connections == 0


def test_one_private_address_among_public_ones_is_enough(endpoint: Endpoint) -> None:
    answer = posted(f"http://{NAMED}:{endpoint.server_port}/", Resolver(["8.8.8.8", "::ffff:127.0.0.1"]))

    assert isinstance(answer, RetryLater)
    assert endpoint.connections == 0


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1"])
def test_an_address_in_disguise_is_seen_when_it_is_resolved(endpoint: Endpoint, host: str) -> None:
    """The machine's own resolver reads these as 127.0.0.1."""
    answer = posted(f"http://{host}:{endpoint.server_port}/", resolved)

    assert isinstance(answer, RetryLater)
    assert endpoint.connections == 0


def test_a_name_is_asked_once_for_each_post_and_what_it_said_then_is_connected_to(endpoint: Endpoint) -> None:
    """A name that leads elsewhere the second time has nobody ask it a second time (DNS rebinding)."""
    resolver = Resolver(["127.0.0.1"], ["127.0.0.9"])
    answer = posted(f"http://{NAMED}:{endpoint.server_port}/hook", resolver, allow_private=True)

    assert isinstance(answer, HttpResponse)
    assert answer.status == 200
    assert resolver.asked == [f"{NAMED}:{endpoint.server_port}"]
    assert endpoint.requests[0][0]["host"] == f"{NAMED}:{endpoint.server_port}"


def test_a_name_that_turns_private_after_it_was_public_is_refused_from_then_on(endpoint: Endpoint) -> None:
    resolver = Resolver(["203.0.114.1"], ["127.0.0.1"])

    async def twice() -> list[Said]:
        connections = GuardedConnections(allow_private=False, timeout=0.2, resolve=resolver)
        url = f"http://{NAMED}:{endpoint.server_port}/"
        return [await connections.post(url, "{}", {}) for _ in range(2)]

    second = asyncio.run(twice())[1]

    assert isinstance(second, RetryLater)
    assert "not public" in second.error
    assert endpoint.connections == 0


def test_a_redirect_is_not_followed(endpoint: Endpoint) -> None:
    endpoint.status, endpoint.headers = 302, {"location": f"{endpoint.url}/elsewhere"}
    answer = posted(endpoint.url, Resolver(["127.0.0.1"]), allow_private=True)

    assert isinstance(answer, HttpResponse)
    assert (answer.status, len(endpoint.requests)) == (302, 1)


def test_an_address_that_takes_no_connection_gives_way_to_the_next(endpoint: Endpoint) -> None:
    resolver = Resolver(["127.0.0.2", "127.0.0.1"])
    answer = posted(f"http://{NAMED}:{endpoint.server_port}/", resolver, allow_private=True)

    assert isinstance(answer, HttpResponse)


def test_a_name_that_leads_nowhere_says_so() -> None:
    assert posted(f"http://{NAMED}/", unknown) == RetryLater(
        "the receiver was not posted to: its name leads nowhere", scope="sender"
    )


def test_a_receiver_has_so_long_for_everything(endpoint: Endpoint) -> None:
    """One byte now and then keeps a connection alive, not a post."""
    endpoint.rude = hang
    answer = posted(endpoint.url, Resolver(["127.0.0.1"]), allow_private=True, timeout=0.2)

    assert isinstance(answer, Unknown)


def test_the_name_stays_in_tls(endpoint: Endpoint) -> None:
    """The server is asked for its certificate by name, and that name must be in it."""
    seen: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.sni_callback = lambda _socket, name, _context: seen.append(name)
    endpoint.socket = context.wrap_socket(endpoint.socket, server_side=True, do_handshake_on_connect=False)

    async def once() -> None:
        transport = GuardedTransport(allow_private=True, resolve=Resolver(["127.0.0.1"]))
        async with httpx.AsyncClient(transport=transport) as client:
            await client.post(f"https://{NAMED}:{endpoint.server_port}/")

    with pytest.raises(httpx.ConnectError):  # without a certificate it goes no further
        asyncio.run(once())

    assert seen == [NAMED]
