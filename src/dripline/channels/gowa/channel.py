"""WhatsApp through a GOWA gateway, which speaks as devices that are linked to a phone: one POST a message.

Meta's terms forbid unofficial tools, and a number that uses one may be banned for good. The gateway neither queues nor
paces, and repeats no id of ours: a message whose answer got lost is looked for in the chat (`gowa_history`). What each
error code means is in `gowa_errors`, how devices are asked after and linked in `gowa_devices`.

Source: GOWA (go-whatsapp-web-multidevice) 9.0.0, its OpenAPI document, as of 2026-08.
"""

from collections.abc import Callable, Mapping
from datetime import datetime

from dripline.channels.accounts import Pairing
from dripline.channels.capabilities import Capabilities
from dripline.channels.gowa.credential_check import facts_of
from dripline.channels.gowa.devices import Link, health_of, link_of, pair
from dripline.channels.gowa.errors import GATEWAY_IS_DOWN, GowaError, code_of, error_text, is_known, outcome_of
from dripline.channels.gowa.gateway import Gateway, is_device
from dripline.channels.gowa.history import find_sent, history
from dripline.channels.gowa.webhook import GowaWebhook, events_of
from dripline.channels.http.client import TIMEOUT, HttpResponse, server_error
from dripline.channels.http.foreign_json import answered, as_object, text_of
from dripline.channels.secret import without_secrets
from dripline.core.events.inbound import ProviderEvent
from dripline.core.leads.address import AddressKind
from dripline.core.messages.message import Message
from dripline.core.outcome import Accepted, Outcome, SenderUnavailable, Unknown
from dripline.core.records.trace import Absent, Found, Sent
from dripline.core.senders.credential import CredentialFact, FactCode, fails
from dripline.core.senders.health import Health, Unsure
from dripline.core.sequences.content import MediaKind

AT_ONCE = 10
"""How many messages are handed over at once, one for each connection."""

NO_DEVICE = "its account is no device id"


class GowaChannel:
    """Sends as the device whose id is the sender's account.

    `username` and `password` are the gateway's own login; the password is in no error. Without a `webhook_secret`
    nothing that the gateway posts is taken in. `now` tells the time.

    Raises:
        InvalidSettings: The URL, the login or the secret cannot be used.
    """

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
        self._gateway = Gateway(base_url, username=username, password=password, timeout=timeout)
        self._now = now
        self._webhook = None if webhook_secret is None else GowaWebhook(webhook_secret)
        self.capabilities = Capabilities(
            address_kind=AddressKind.PHONE,
            sends_at_once=AT_ONCE,
            invited_only=True,
            receipts_by_id=True,
            media=frozenset(MediaKind),
            receives_events=self._webhook is not None,
        )

    async def send(self, message: Message) -> Outcome:
        """Hand one message to the gateway and say what became of it."""
        device = message.account
        # Without one, a gateway that has a single device sends as that.
        if device is None or not is_device(device):
            return SenderUnavailable("the sender has no device id: give it one as its account")
        if message.media is None:
            answer = await self._gateway.send(device, message.to, message.text)
        else:
            answer = await self._gateway.show(device, message.to, message.media, message.text)
        outcome = self._outcome(answer, message) if isinstance(answer, HttpResponse) else answer
        return without_secrets(outcome, self._gateway.hidden)

    async def check_account(self, account: str) -> Health:
        """Say whether a device can send; one that lost its connection is asked to reconnect, once."""
        return await health_of(self._gateway, account) if is_device(account) else Unsure(NO_DEVICE)

    async def is_paired(self, account: str) -> bool | Unsure:
        """Return whether a device is linked to a phone and connected; False if it is not there."""
        link = await link_of(self._gateway, account) if is_device(account) else Unsure(NO_DEVICE)
        return link if isinstance(link, Unsure) else isinstance(link, Link) and link.is_up

    async def pair(self, account: str, phone: str | None = None) -> Pairing | Unsure:
        """Begin to link a device to a phone; one that is not there is made."""
        return await pair(self._gateway, account, phone) if is_device(account) else Unsure(NO_DEVICE)

    async def check_credential(self, account: str | None, webhook: str | None) -> list[CredentialFact]:
        """Say whether the gateway lets us in, the device is linked, and it posts to us."""
        if account is None or not is_device(account):
            return [fails(FactCode.ACCOUNT, NO_DEVICE)]
        return await facts_of(self._gateway, account, webhook)

    async def find_sent(self, sent: Sent) -> Found | Absent | Unsure:
        """Look for a message in the chat with its person."""
        return await find_sent(self._gateway, sent) if is_device(sent.account) else Unsure(NO_DEVICE)

    async def history(self, account: str, since: datetime) -> list[str] | Unsure:
        """Return what people wrote to a device since then, each as the body that would have been posted for it."""
        return await history(self._gateway, account, since) if is_device(account) else Unsure(NO_DEVICE)

    def challenge(self, query: Mapping[str, str]) -> str | None:
        """Answer nobody: the gateway never asks whose webhook this is."""
        del query
        return None

    def is_genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Return whether the gateway signed a body with the webhook's secret."""
        return self._webhook is not None and self._webhook.is_genuine(headers, body)

    def events(self, body: bytes) -> list[ProviderEvent]:
        """Return every event that the gateway posted."""
        return events_of(body)

    async def aclose(self) -> None:
        """Close every kept connection."""
        await self._gateway.aclose()

    def _outcome(self, answer: HttpResponse, message: Message) -> Outcome:
        body = answered(answer.body)
        code = code_of(body)
        if answer.is_success and not is_known(code):
            message_id = text_of(as_object(body.get("results")).get("message_id"))
            return Accepted(message_id) if message_id else Unknown("the GOWA gateway answered without a message id")
        if answer.is_server_error and not answer.body.strip() and answer.status != GATEWAY_IS_DOWN:
            return server_error(answer, error_text(code, answer.status, body), self._now())
        error = GowaError(
            code,
            status=answer.status,
            text=error_text(code, answer.status, body),
            failures=message.failures,
            now=self._now(),
        )
        return outcome_of(error)
