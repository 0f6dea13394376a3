"""The stream that tells pages of a change, over a real connection."""

import asyncio
from pathlib import Path

import httpx

from dripline import Dripline
from dripline.web.app import application
from dripline.web.connection_pool import ConnectionPool
from dripline.web.security.auth import COOKIE
from dripline.web.server.serve import listening, served

PATIENCE = 20
"""How long a change may take to be told, in seconds."""


async def told(drip: Dripline, pool: ConnectionPool, session: str) -> list[str]:
    """Listen, add a lead once the first event has come, end the session after the second; return the events."""
    place, events = listening("127.0.0.1", 0), list[str]()
    url = f"http://127.0.0.1:{place.getsockname()[1]}/live"
    async with (
        served(application(drip, pool=pool), place),
        asyncio.timeout(PATIENCE),
        httpx.AsyncClient(cookies={COOKIE: session}, timeout=PATIENCE) as client,
        client.stream("GET", url) as answer,
    ):
        async for line in answer.aiter_lines():
            if line.startswith("event: "):
                events.append(line.removeprefix("event: "))
                if len(events) == 1:
                    await asyncio.to_thread(drip.add_lead, phone="60123456789")
                elif len(events) == 2:
                    await asyncio.to_thread(drip.accounts.log_out, session)
    return events


def test_a_change_is_told_and_the_stream_ends_with_its_session(url: str) -> None:
    with Dripline(url) as drip, ConnectionPool(drip) as pool:
        link = drip.accounts.setup_link()
        assert link is not None
        session = drip.accounts.accept_link(link, email="o@shop.example", name="O", password="correct horse battery")

        assert asyncio.run(told(drip, pool, session)) == ["changed", "changed", "over"]


async def asked(drip: Dripline, pool: ConnectionPool) -> int:
    transport = httpx.ASGITransport(application(drip, pool=pool))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        return (await client.get("/live")).status_code


def test_nobody_listens_without_a_session(tmp_path: Path) -> None:
    with Dripline(f"sqlite:///{tmp_path}/drip.db") as drip, ConnectionPool(drip) as pool:
        assert asyncio.run(asked(drip, pool)) == 401
