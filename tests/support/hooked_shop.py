"""A shop on virtual time that sends through the real Cloud API channel, and whose webhooks are served over HTTP."""

import asyncio
import hashlib
import hmac
import json
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from dripline import Dripline, Sequence, Step, Template, VirtualClock
from dripline.channels.whatsapp.channel import WhatsAppCloudChannel
from dripline.channels.whatsapp.webhook import CloudWebhook
from dripline.web.app import application
from dripline.web.server.serve import listening, served
from support.faulty_provider import NUMBER

START = datetime(2026, 1, 1, tzinfo=UTC)
PHONE = "60123456789"
SECRET = "app-" + "secret-0123456789"
HALF_A_DAY = timedelta(hours=12)
PATIENCE = 1.0
"""How long the channel waits for an answer, in seconds."""


class HookedShop:
    """One sequence of four steps, each with its template; `hook` is where Meta posts."""

    def __init__(self, drip: Dripline, clock: VirtualClock, hook: str) -> None:
        self.drip, self.clock, self.hook = drip, clock, hook

    @property
    def statuses(self) -> list[str]:
        return [record.status.value for record in self.drip.records(phone=PHONE)]

    @property
    def deliveries(self) -> list[str | None]:
        return [attempt.delivery for attempt in self.drip.leads.timelines(phone=PHONE)[0].attempts]

    @property
    def stamp(self) -> str:
        """The present second as Meta tells it."""
        return str(int(self.clock.now().timestamp()))

    def pass_half_a_day(self) -> None:
        self.clock.advance(HALF_A_DAY)
        self.drip.tick()

    def post(self, value: dict[str, Any], *, secret: str = SECRET) -> httpx.Response:
        """Post a value as Meta does."""
        body = json.dumps({"entry": [{"changes": [{"field": "messages", "value": value}]}]}).encode()
        signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        return httpx.post(self.hook, content=body, headers={"X-Hub-Signature-256": f"sha256={signature}"})


class FaultyProvider:
    """The provider's process, from the test's side."""

    def __init__(self, url: str) -> None:
        self.url = url

    def script(self, *acts: dict[str, object], to: str = PHONE) -> None:
        """Say what to do with the next messages to a number: ``code``, ``status``, ``delay`` (seconds), ``drop``."""
        self._ask("script", {"to": to, "acts": acts})

    def accepted(self, to: str = PHONE) -> list[dict[str, Any]]:
        """Return what it was asked to send to a number, and took."""
        answer = httpx.get(f"{self.url}/control/accepted", params={"to": to})
        return [message["asked"] for message in answer.json()]

    def tell(self, shop: HookedShop, *states: str, to: str = PHONE, secret: str = SECRET, **how: object) -> list[int]:
        """Post statuses of every message to a number, a second apart; returns how each post was answered."""
        return self._ask("statuses", {"to": to, "states": states, **_to(shop, secret), **how}).json()

    def write(self, shop: HookedShop, text: str, *, secret: str = SECRET, **more: object) -> list[int]:
        """Let the lead write."""
        told = {"from": PHONE, "text": text, "id": f"wamid.in.{shop.stamp}.{text}"}
        return self._ask("text", told | _to(shop, secret) | more).json()

    def _ask(self, what: str, told: dict[str, object]) -> httpx.Response:
        return httpx.post(f"{self.url}/control/{what}", json=told, timeout=60).raise_for_status()


def _to(shop: HookedShop, secret: str) -> dict[str, object]:
    return {"hook": shop.hook, "secret": secret, "at": shop.stamp}


@contextmanager
def faulty_provider() -> Generator[FaultyProvider]:
    """Run the provider's process."""
    command = [sys.executable, str(Path(__file__).with_name("faulty_provider.py"))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield FaultyProvider(f"http://127.0.0.1:{process.stdout.readline().strip()}")
        finally:
            process.kill()


@contextmanager
def hooked_shop(url: str, provider_url: str) -> Generator[HookedShop]:
    """Open a shop on a database, and serve its webhooks."""
    clock = VirtualClock(START)
    channel = WhatsAppCloudChannel(
        "token",
        phone_number_id=NUMBER,
        base_url=provider_url,
        webhook=CloudWebhook(SECRET, "ours"),
        now=clock.now,
        timeout=PATIENCE,
    )
    steps = [
        Step(f"Step {number} for {{{{ name }}}}", after, template=Template(f"warm_{number}", parameters=["{{ name }}"]))
        for number, after in enumerate(("0s", "12h", "12h", "12h"), start=1)
    ]
    with Dripline(url, clock=clock, channels={"whatsapp": channel}) as drip:
        drip.apply(Sequence("Warm EXAMA", trigger="WARMEXAMA", channel="whatsapp", steps=steps))
        with _hooks(drip) as hook:
            yield HookedShop(drip, clock, hook)


@contextmanager
def _hooks(drip: Dripline) -> Generator[str]:
    place, stop = listening("127.0.0.1", 0), threading.Event()

    async def serve() -> None:
        async with served(application(drip), place):
            await asyncio.to_thread(stop.wait)

    thread = threading.Thread(target=asyncio.run, args=(serve(),))
    thread.start()
    try:
        yield f"http://127.0.0.1:{place.getsockname()[1]}/hooks/whatsapp"
    finally:
        stop.set()
        thread.join()
