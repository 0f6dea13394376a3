"""A shop to which providers post what people say, each in its own form."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from dripline import Dripline, FakeChannel, Sequence, Step, VirtualClock
from dripline.channels.gowa import webhook as gowa_webhook
from dripline.channels.telegram import webhook as telegram_webhook
from dripline.channels.twilio import webhook as twilio_webhook
from dripline.core.events.inbound import ProviderEvent
from support.meta import MetaDouble, posted, signed

START = datetime(2026, 11, 28, 8, tzinfo=UTC)
STAMP = int(START.timestamp())
PHONE = "60123456789"
BSUID = "MY.13491208655302741918"
CHAT = "777001"


class Posting(FakeChannel):
    """A channel that is posted to by anybody, and reads as another does."""

    def __init__(self, read: Callable[[bytes], list[ProviderEvent]]) -> None:
        super().__init__()
        self._read = read

    def challenge(self, query: Mapping[str, str]) -> str | None:
        del query

    def is_genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        del headers, body
        return True

    def events(self, body: bytes) -> list[ProviderEvent]:
        return self._read(body)


class Cloud(MetaDouble):
    """Takes free text at any time."""

    window = None


class Shop:
    """A lead whose first step was sent, on a channel."""

    def __init__(self, url: str, channel: str) -> None:
        self.clock = VirtualClock(START)
        self.channels = {
            "whatsapp": Cloud(),
            "gowa": Posting(gowa_webhook.events_of),
            "telegram": Posting(lambda body: telegram_webhook.events_of(body, "712345678")),
            "sms": Posting(lambda body: twilio_webhook.events_of(body, START)),
            "twilio_whatsapp": Posting(lambda body: twilio_webhook.events_of(body, START)),
        }
        self.channels["telegram"].contact_kind = "telegram_chat_id"  # type: ignore[attr-defined]
        self.channel = channel
        self.drip = Dripline(url, clock=self.clock, channels=self.channels)
        steps = [Step("One"), Step("Two", "12h")]
        self.drip.apply(Sequence("Warm", trigger="WARM", channel=channel, steps=steps))
        self.drip.add_lead(phone=PHONE, triggers=["WARM"], attributes={"telegram_chat_id": CHAT})
        self.drip.tick()

    def post(self, body: bytes) -> None:
        headers = {"x-hub-signature-256": signed(body)}
        assert self.drip.inbox.receive_webhook(self.channel, headers, body)
        self.drip.inbox.process()

    @property
    def statuses(self) -> list[str]:
        return [record.status.value for record in self.drip.records(phone=PHONE)]

    @property
    def barred(self) -> list[str]:
        return [one.address for one in self.drip.leads.suppressions()]


def message(kind: str = "text", *, number: int = 1, content: object = None, **more: object) -> dict[str, Any]:
    who = {"id": f"wamid.{number}", "from": PHONE, "timestamp": str(STAMP), "type": kind}
    value = {"contacts": [{"wa_id": PHONE, "profile": {"name": "Aina"}}], "messages": [who | {kind: content} | more]}
    return {"messaging_product": "whatsapp", "metadata": {"phone_number_id": "1065"}} | value


def cloud(kind: str = "text", content: object = None, *, number: int = 1, **more: object) -> bytes:
    return posted(message(kind, number=number, content=content, **more), at=STAMP)


def gowa(event: str, **more: object) -> bytes:
    person = f"{PHONE}@s.whatsapp.net"
    payload = {"id": "D6", "chat_id": person, "from": person, "timestamp": "2026-11-28T16:00:00+08:00"}
    return json.dumps({"event": event, "device_id": "jb", "payload": payload | {"is_from_me": False} | more}).encode()


def telegram(kind: str, **more: object) -> bytes:
    chat = {"id": int(CHAT), "type": "private"}
    told = {"message_id": 2, "from": {"id": int(CHAT), "is_bot": False}, "chat": chat, "date": STAMP, **more}
    return json.dumps({"update_id": 1, kind: told}).encode()


def sms(**more: str) -> bytes:
    return urlencode({"MessageSid": "SM1", "NumMedia": "0", "From": f"+{PHONE}", "To": "+14155552345"} | more).encode()


def edit(text: str) -> dict[str, Any]:
    return {"original_message_id": "wamid.X", "message": {"type": "text", "text": {"body": text}}}


def interactive(kind: str, row: str, title: str) -> dict[str, Any]:
    return {"type": kind, kind: {"id": row, "title": title}}
