"""A shop that sends through a GOWA gateway, on real HTTP and both databases."""

import hashlib
import hmac
import json
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta

from dripline import Dripline, Sender, Sequence, Step, VirtualClock
from dripline.channels.gowa.channel import GowaChannel
from dripline.core.views.senders import SenderState
from support.gateway import Device, GatewayDouble, serving

SECRET = "of our own, at random"


class Shop:
    """One device, one sender, one sequence of two steps that may write to strangers."""

    def __init__(self, url: str, clock: VirtualClock, gateway: GatewayDouble) -> None:
        self.url, self.clock, self.gateway = url, clock, gateway
        gateway.devices["dev-1"] = Device()
        self.drip = self.opened()

    def opened(self) -> Dripline:
        return Dripline(self.url, clock=self.clock, channels={"gowa": self.channel()})

    def channel(self, timeout: float = 5) -> GowaChannel:
        return GowaChannel(
            self.gateway.url,
            username="drip",
            password="word",
            webhook_secret=SECRET,
            now=self.clock.now,
            timeout=timeout,
        )

    def set_up(self) -> None:
        self.drip.senders.apply(Sender("jb-1", channel="gowa", account="dev-1"))
        steps = [Step("Hi {{ name or 'you' }}"), Step("Two", "12h")]
        self.drip.apply(Sequence("Warm", trigger="WARM", senders=["jb-1"], steps=steps, cold=True))

    @property
    def sender(self) -> SenderState:
        return self.drip.senders.all()[0]

    def enroll(self, *phones: str) -> None:
        for phone in phones:
            self.drip.add_lead(phone=phone, triggers=["WARM"])

    def pass_time(self, span: timedelta) -> None:
        self.clock.advance(span)
        self.drip.tick()

    def write(self, phone: str, text: str, message_id: str = "", *, device: str = "dev-1") -> int:
        """Let a person write, as the gateway posts it."""
        at = self.clock.now()
        payload = {
            "id": message_id or f"in-{phone}-{at.timestamp():.0f}-{text}",
            "chat_id": f"{phone}@s.whatsapp.net",
            "from": f"{phone}@s.whatsapp.net",
            "timestamp": f"{at:%Y-%m-%dT%H:%M:%SZ}",
            "is_from_me": False,
            "body": text,
        }
        posted = {"event": "message", "device_id": "6019@s.whatsapp.net", "session_id": device, "payload": payload}
        body = json.dumps(posted).encode()
        signature = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        assert self.drip.inbox.receive_webhook("gowa", {"x-hub-signature-256": signature}, body)
        return self.drip.inbox.process()

    def statuses(self, phone: str) -> list[str]:
        return [record.status.value for record in self.drip.records(phone=phone)]

    def why(self, phone: str, step: int = 1) -> str:
        timeline = self.drip.leads.timelines(phone=phone)[0]
        return timeline.why(timeline.records[step - 1], self.drip.now())


@contextmanager
def open_shop(url: str, clock: VirtualClock) -> Generator[Shop]:
    """Open a shop beside a gateway of its own."""
    with serving(clock.now) as gateway:
        shop = Shop(url, clock, gateway)
        with shop.drip:
            yield shop
