"""A channel whose provider posts as Meta does, for tests that are about what comes back."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from dripline import Dripline, FakeChannel
from dripline.channels.whatsapp.webhook import CloudWebhook, events_of
from dripline.core.events.inbound import ProviderEvent

SECRET = "shhh-" + "0123456789abcdef"


class MetaDouble(FakeChannel):
    """Takes messages as scripted, and reads what is posted as WhatsApp's own channel does."""

    def challenge(self, query: Mapping[str, str]) -> str | None:
        return CloudWebhook(SECRET, "mine").challenge(query)

    def is_genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        return CloudWebhook(SECRET, "mine").is_genuine(headers, body)

    def events(self, body: bytes) -> list[ProviderEvent]:
        return events_of(body)


def posted(*values: dict[str, Any], field: str = "messages", at: int = 0) -> bytes:
    """Return a body that tells values, each a change of a field, at a second."""
    changes = [{"field": field, "value": value} for value in values]
    return json.dumps({"entry": [{"time": at, "changes": changes}]}).encode()


def signed(body: bytes) -> str:
    """Return what Meta signs a body with."""
    return "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()


def take(drip: Dripline, body: bytes, *, channel: str = "whatsapp") -> bool:
    """Post a body as Meta does."""
    return drip.inbox.receive_webhook(channel, {"x-hub-signature-256": signed(body)}, body)
