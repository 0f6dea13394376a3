"""WhatsApp through Meta's Cloud API: one POST a message.

``biz_opaque_callback_data`` is the record id: Meta repeats it with each status, so that a message whose answer got lost
is known again. Accepted is not delivered: Meta takes messages to numbers that are not on WhatsApp, and says so later.
What each error code means is in `cloud_errors`.

Source: Meta, WhatsApp Cloud API, messages endpoint and error codes, as of 2026-09.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from dripline.channels.capabilities import Capabilities
from dripline.channels.http.client import (
    TIMEOUT,
    TOO_MANY,
    Connections,
    HttpResponse,
    checked_url,
    retry_after,
    server_error,
)
from dripline.channels.http.foreign_json import NOTHING, Object, answered, as_object, as_objects, text_of
from dripline.channels.secret import checked_token, without_secrets
from dripline.channels.whatsapp.credential_check import number_facts, subscription_fact
from dripline.channels.whatsapp.errors import CloudError, error_text, outcome_of
from dripline.channels.whatsapp.message import TEXT_LIMIT, request_of, too_long
from dripline.channels.whatsapp.webhook import CloudWebhook, events_of
from dripline.core.events.inbound import ProviderEvent
from dripline.core.leads.address import AddressKind
from dripline.core.messages.message import Message
from dripline.core.outcome import Accepted, Outcome, Rejected, RetryLater, Scope, SenderUnavailable, Unknown
from dripline.core.secret import Redactor
from dripline.core.senders.credential import CredentialFact, FactCode, fails, not_known
from dripline.core.sequences.content import MediaKind
from dripline.errors import InvalidSettings

BASE_URL = "https://graph.facebook.com"
VERSION = "v23.0"

FREE_TEXT = timedelta(hours=24) - timedelta(minutes=5)
"""For how long after somebody wrote to a number it may send them free text: Meta's day, less what a send may take."""

AT_ONCE = 10
"""How many messages are handed over at once, one for each connection."""


class WhatsAppCloudChannel:
    """Sends as the phone number whose id is the sender's account, or else `phone_number_id`.

    `token` is a system user's access token; it is in no error. Without a `webhook` nothing that Meta posts is taken in.
    With a `business_account_id` it can be checked whether the webhook is subscribed. `now` tells the time.

    Raises:
        InvalidSettings: The URL, the version, the token or an id cannot be used.
    """

    def __init__(  # noqa: PLR0913  (the API has as many settings)
        self,
        token: str,
        *,
        now: Callable[[], datetime],
        phone_number_id: str | None = None,
        business_account_id: str | None = None,
        webhook: CloudWebhook | None = None,
        base_url: str = BASE_URL,
        version: str = VERSION,
        timeout: float = TIMEOUT,
    ) -> None:
        self._token = checked_token(
            token, "The WhatsApp token cannot be used: write the access token of a system user, one word."
        )
        self._hidden = Redactor({self._token: "the token"})
        self._now = now
        self._phone_number_id = None if phone_number_id is None else _checked_part(phone_number_id, "phone number id")
        self._business_account_id = (
            None if business_account_id is None else _checked_part(business_account_id, "business account id")
        )
        self._webhook = webhook
        self.capabilities = Capabilities(
            address_kind=AddressKind.PHONE,
            sends_at_once=AT_ONCE,
            text_limit=TEXT_LIMIT,
            window=FREE_TEXT,
            media=frozenset(MediaKind),
            receives_events=webhook is not None,
        )
        self._base = f"{checked_url(base_url, 'WhatsApp').rstrip('/')}/{_checked_part(version, 'version')}"
        self._connections = Connections("the WhatsApp Cloud API", timeout=timeout)

    async def send(self, message: Message) -> Outcome:
        """Hand one message to Meta and say what became of it."""
        number = message.account or self._phone_number_id
        if number is None or not _is_part(number):
            return SenderUnavailable("the sender has no phone number id: give it one as its account")
        if (problem := too_long(message)) is not None:
            return Rejected(problem)
        answer = await self._connections.post(
            f"{self._base}/{number}/messages",
            content=json.dumps(request_of(message), ensure_ascii=False),
            headers={"authorization": f"Bearer {self._token}", "content-type": "application/json"},
        )
        outcome = self._outcome(answer, message) if isinstance(answer, HttpResponse) else answer
        return without_secrets(outcome, self._hidden)

    async def check_credential(self, account: str | None, webhook: str | None) -> list[CredentialFact]:
        """Say whether the token is good, the number belongs to it, and the webhook is subscribed."""
        del webhook  # Meta says which apps are subscribed, and not where these are posted to.
        number = account or self._phone_number_id or ""
        if not _is_part(number):
            return [fails(FactCode.ACCOUNT, "the sender has no phone number id: give it one as its account")]
        facts = number_facts(await self._get(number))
        if self._business_account_id is None:
            facts.append(not_known(FactCode.WEBHOOK, "give the business account id, and it is asked"))
        else:
            facts.append(subscription_fact(await self._get(f"{self._business_account_id}/subscribed_apps")))
        return [replace(fact, text=self._hidden.out_of(fact.text)) for fact in facts]

    async def _get(self, path: str) -> HttpResponse | RetryLater | Unknown:
        return await self._connections.get(f"{self._base}/{path}", headers={"authorization": f"Bearer {self._token}"})

    def challenge(self, query: Mapping[str, str]) -> str | None:
        """Answer Meta when it asks whether this is our webhook."""
        return self._webhook.challenge(query) if self._webhook else None

    def is_genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Return whether Meta signed a body with the app's secret."""
        return self._webhook is not None and self._webhook.is_genuine(headers, body)

    def events(self, body: bytes) -> list[ProviderEvent]:
        """Return every event that Meta posted."""
        return events_of(body)

    async def aclose(self) -> None:
        """Close every kept connection."""
        await self._connections.aclose()

    def _outcome(self, answer: HttpResponse, message: Message) -> Outcome:
        body = answered(answer.body)
        error = as_object(body.get("error"))
        if isinstance(code := error.get("code"), int):
            return outcome_of(
                CloudError(
                    code,
                    text=error_text(code, error),
                    is_transient=error.get("is_transient") is True,
                    failures=message.failures,
                    is_template=message.template is not None,
                    to=message.to,
                    now=self._now(),
                )
            )
        if answer.is_success:
            message_id = next(iter(as_objects(body.get("messages"))), NOTHING).get("id")
            if isinstance(message_id, str) and message_id:
                return Accepted(message_id, aliases=_aliases(body, message.to))
            return Unknown("the WhatsApp Cloud API answered without an id for the message")
        status = f"the WhatsApp Cloud API answered {answer.status} and no error code"
        if answer.status == TOO_MANY:
            return RetryLater(status, after=retry_after(answer, self._now()), scope=Scope.SENDER)
        if answer.is_server_error:
            return server_error(answer, status, self._now())
        return SenderUnavailable(f"{status}: check its base URL")


def _aliases(body: Object, to: str) -> tuple[str, ...]:
    """Return under which other names Meta knows whom we wrote to: a number in its own writing, an id for us."""
    contact = next(iter(as_objects(body.get("contacts"))), NOTHING)
    names = (text_of(contact.get("wa_id")), text_of(contact.get("user_id")))
    return tuple(name for name in names if name and name != to)


def _checked_part(part: str, what: str) -> str:
    if not _is_part(part.strip()):
        raise InvalidSettings(f"The WhatsApp {what} cannot be used: it is letters, digits and dots.")
    return part.strip()


def _is_part(part: str) -> bool:
    """Return whether this can be one part of a path."""
    return part.replace(".", "").isalnum() and part.isascii()
