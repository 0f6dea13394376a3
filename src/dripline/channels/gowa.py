"""WhatsApp through a GOWA gateway, which speaks as devices that are linked to a phone: one POST a message.

Meta's terms forbid unofficial tools, and a number that uses one may be banned for good. The gateway neither queues nor
paces, and repeats no id of ours: a message whose answer got lost stays unknown until a person decides. What each error
code means is in `gowa_errors`.

Source: GOWA (go-whatsapp-web-multidevice) 9.0.0, its OpenAPI document, as of 2026-08.
"""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime

from dripline.channels.foreign_json import answered, as_object, text_of
from dripline.channels.gowa_errors import GowaError, code_of, is_known, outcome_of, told
from dripline.channels.gowa_webhook import GowaWebhook, events_of
from dripline.channels.http import TIMEOUT, Answer, Connections, checked_url
from dripline.core.address import AddressKind
from dripline.core.inbound import Event
from dripline.core.model import Message
from dripline.core.outcome import Accepted, Outcome, SenderUnavailable, Unknown
from dripline.errors import InvalidSettings

AT_ONCE = 10
"""How many messages are handed over at once, one for each connection."""


class GowaChannel:
    """Sends as the device whose id is the sender's account.

    `username` and `password` are the gateway's own login; the password is in no error. Without a `webhook_secret`
    nothing that the gateway posts is taken in. `now` tells the time.

    Raises:
        InvalidSettings: The URL, the login or the secret cannot be used.
    """

    address_kind = AddressKind.PHONE
    idempotent = False
    sends_at_once = AT_ONCE

    def __init__(
        self,
        base_url: str,
        *,
        username: str,
        password: str,
        now: Callable[[], datetime],
        webhook_secret: str | None = None,
        timeout: float = TIMEOUT,
    ) -> None:
        self._url = f"{checked_url(base_url, 'GOWA').rstrip('/')}/send/message"
        self._login = _checked_login(username, password)
        self._password = password
        self._now = now
        self._webhook = None if webhook_secret is None else GowaWebhook(webhook_secret)
        self.is_posted_to = self._webhook is not None
        self._connections = Connections("the GOWA gateway", timeout=timeout)

    async def send(self, message: Message) -> Outcome:
        """Hand one message to the gateway and say what became of it."""
        device = message.account
        # Without one, a gateway that has a single device sends as that.
        if device is None or not _is_device(device):
            return SenderUnavailable("the sender has no device id: give it one as its account")
        answer = await self._connections.post(
            self._url,
            content=json.dumps({"phone": message.to, "message": message.text}, ensure_ascii=False),
            headers={
                "authorization": f"Basic {self._login}",
                "content-type": "application/json",
                "x-device-id": device,
            },
        )
        outcome = self._outcome(answer, message) if isinstance(answer, Answer) else answer
        return outcome if isinstance(outcome, Accepted) else replace(outcome, error=self._without_login(outcome.error))

    def challenge(self, query: Mapping[str, str]) -> str | None:
        """Answer nobody: the gateway never asks whose webhook this is."""
        del query
        return None

    def is_genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Return whether the gateway signed a body with the webhook's secret."""
        return self._webhook is not None and self._webhook.is_genuine(headers, body)

    def events(self, body: bytes) -> list[Event]:
        """Return every event that the gateway posted."""
        return events_of(body)

    async def aclose(self) -> None:
        """Close every kept connection."""
        await self._connections.aclose()

    def _outcome(self, answer: Answer, message: Message) -> Outcome:
        body = answered(answer.body)
        code = code_of(body)
        if answer.is_success and not is_known(code):
            message_id = text_of(as_object(body.get("results")).get("message_id"))
            return Accepted(message_id) if message_id else Unknown("the GOWA gateway answered without a message id")
        error = GowaError(
            code,
            status=answer.status,
            text=told(code, answer.status, body),
            failures=message.failures,
            now=self._now(),
        )
        return outcome_of(error)

    def _without_login(self, error: str) -> str:
        """A proxy may repeat what it was sent."""
        return error.replace(self._login, "(the login)").replace(self._password, "(the password)")


def _checked_login(username: str, password: str) -> str:
    """Return a login as HTTP writes it (RFC 7617)."""
    written = f"{username}:{password}"
    if not username.strip() or ":" in username or not password.strip() or not written.isprintable():
        raise InvalidSettings(
            "The GOWA login cannot be used: write the gateway's username, without a colon, and its password."
        )
    return base64.b64encode(written.encode()).decode()


def _is_device(account: str) -> bool:
    """Return whether this can be a header: a name of one's own, or ``60123456789@s.whatsapp.net``."""
    return account.isascii() and account.isprintable() and bool(account.strip())
