"""A signed HTTP POST to an endpoint of yours, after the Standard Webhooks specification.

``webhook-id`` is the record id, the same on every try: the receiver drops what it has seen, so that a message whose
answer got lost may be sent again.
"""

import json
from base64 import b64decode
from collections.abc import Callable
from datetime import datetime

from standardwebhooks.webhooks import Webhook

from dripline.channels.capabilities import Capabilities
from dripline.channels.http.client import (
    CONNECTIONS,
    TIMEOUT,
    TOO_MANY,
    Connections,
    HttpResponse,
    checked_url,
    retry_after,
)
from dripline.channels.http.signing import signed_headers
from dripline.core.messages.message import Message
from dripline.core.outcome import Accepted, Outcome, Rejected, RetryLater, Scope, SenderUnavailable
from dripline.core.sequences.content import MediaKind
from dripline.errors import InvalidSettings

_ENDPOINT_IS_WRONG = frozenset({401, 403, 404, 410})
_SECRET_PREFIX = "whsec_"  # noqa: S105  (what every secret begins with)
_SECRET_BYTES = range(24, 65)


class WebhookChannel:
    """Posts each message to `url`, signed with `secret`. `now` tells the time for the signature.

    Raises:
        InvalidSettings: The URL or the secret cannot be used; the sentence never holds either.
    """

    capabilities = Capabilities(idempotent=True, media=frozenset(MediaKind), sends_at_once=CONNECTIONS)

    def __init__(self, url: str, secret: str, *, now: Callable[[], datetime], timeout: float = TIMEOUT) -> None:
        self._url = checked_url(url, "webhook")
        self._webhook = _signer(secret)
        self._now = now
        self._connections = Connections("the endpoint", timeout=timeout)

    async def send(self, message: Message) -> Outcome:
        """Post one message and say what became of it."""
        body = json.dumps(_body(message), ensure_ascii=False)
        answer = await self._connections.post(self._url, content=body, headers=self._headers(message, body))
        return self._outcome(answer, message) if isinstance(answer, HttpResponse) else answer

    async def aclose(self) -> None:
        """Close every kept connection."""
        await self._connections.aclose()

    def _headers(self, message: Message, body: str) -> dict[str, str]:
        return signed_headers(str(message.record_id), body, self._now(), [self._webhook])

    def _outcome(self, answer: HttpResponse, message: Message) -> Outcome:
        text = f"the endpoint answered {answer.status}"
        if answer.is_success:
            return Accepted(f"{message.record_id}:{answer.status}")
        if answer.is_redirect or answer.status in _ENDPOINT_IS_WRONG:
            return SenderUnavailable(f"{text}: correct the webhook's URL or secret")
        if answer.is_server_error or answer.status == TOO_MANY:
            return RetryLater(text, after=retry_after(answer, self._now()), scope=Scope.SENDER)
        return Rejected(text)


def _signer(secret: str) -> Webhook:
    encoded = secret.strip().removeprefix(_SECRET_PREFIX)
    try:
        usable = secret.strip().startswith(_SECRET_PREFIX) and len(b64decode(encoded, validate=True)) in _SECRET_BYTES
    except ValueError:
        usable = False
    if not usable:
        raise InvalidSettings(
            "The webhook secret cannot be used: it is whsec_ and 24 to 64 bytes in base64, as Standard Webhooks has it."
        )
    return Webhook(secret.strip())


def _body(message: Message) -> dict[str, object]:
    lead = message.lead
    return {
        "record_id": message.record_id,
        "attempt": message.attempt,
        "to": message.to,
        "text": message.text,
        "subject": message.subject,
        "html": message.html,
        "media": None
        if (media := message.media) is None
        else {"kind": media.kind, "url": media.url, "filename": media.filename},
        "sequence": message.sequence,
        "step": message.step,
        "lead": {
            "name": lead.name,
            "phone": lead.phone,
            "email": lead.email,
            "attributes": dict(lead.attributes),
        },
    }
