"""Telegram, through a bot: one POST a message, to the chat that the lead opened with it, its ``telegram_chat_id``.

A bot cannot begin a chat, nor find one by a phone: a person opens it, by a link that names their lead. Telegram says
nothing of what became of a message, and would not know a second copy of one.

Source: Telegram, Bot API 10.1 (making requests, sendMessage, ResponseParameters), as of 2026-06.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from dripline.channels.capabilities import Capabilities
from dripline.channels.http.client import (
    LONGEST_RETRY_AFTER,
    TIMEOUT,
    TOO_MANY,
    Connections,
    HttpResponse,
    checked_url,
    server_error,
)
from dripline.channels.http.foreign_json import Object, answered, as_object
from dripline.channels.secret import without_secrets
from dripline.channels.telegram.credential_check import bot_facts, webhook_fact
from dripline.channels.telegram.start_link import BotLinks
from dripline.channels.telegram.webhook import TelegramWebhook, events_of
from dripline.core.events.inbound import ProviderEvent
from dripline.core.leads.address import AddressKind
from dripline.core.messages.message import Message
from dripline.core.outcome import Accepted, Outcome, Rejected, RetryLater, Scope, SenderUnavailable, Unknown
from dripline.core.secret import Redactor
from dripline.core.senders.credential import CredentialFact, FactState
from dripline.core.sequences.content import MediaKind
from dripline.errors import InvalidSettings

BASE_URL = "https://api.telegram.org"

CONTACT_KIND = "telegram_chat_id"
"""The kind of address that a chat with the bot is, and the attribute of a lead that holds it."""

TEXT_LIMIT = 4_096
"""The longest text that Telegram takes, in characters."""

CAPTION_LIMIT = 1_024
"""The longest text under a picture, a video or a document, in characters."""

_SHOWN = {
    MediaKind.IMAGE: ("sendPhoto", "photo"),
    MediaKind.VIDEO: ("sendVideo", "video"),
    MediaKind.DOCUMENT: ("sendDocument", "document"),
}
"""The method that shows each, and its field for the address from which Telegram fetches it."""

AT_ONCE = 10
"""How many messages are handed over at once, one for each connection."""

_TOKEN = re.compile(r"([0-9]{1,20}):[A-Za-z0-9_-]{10,100}")

# A person's chat: groups have negative ids, and 52 bits are the most that an id has.
_PERSONS_CHAT = re.compile(r"[1-9][0-9]{0,15}")

_BAD_REQUEST, _UNAUTHORIZED, _FORBIDDEN, _NOT_FOUND = 400, 401, 403, 404


class TelegramChannel:
    """Sends as the bot whose `token` this is; a sender's account, if it has one, has to be that bot's id.

    With a `webhook_secret` it takes in what Telegram posts. With the username of the bot beside it, `bot`, leads have
    links that open their chats. Each bot counts its messages by itself: where it `is_one_of_several`, the keys of its
    events name it.

    The token is in no error and in no log.

    Raises:
        InvalidSettings: The URL, the token, the secret or the name cannot be used, or there is a name and no secret.
    """

    def __init__(
        self,
        token: str,
        *,
        bot: str | None = None,
        webhook_secret: str | None = None,
        base_url: str = BASE_URL,
        timeout: float = TIMEOUT,
        is_one_of_several: bool = False,
    ) -> None:
        written = token.strip()
        found = _TOKEN.fullmatch(written)
        if found is None:
            raise InvalidSettings("The Telegram token cannot be used: write the one that BotFather gave, 123:ABC….")
        self._bot = found[1]
        self._key_prefix = f"{found[1]}:" if is_one_of_several else ""
        self._url = f"{checked_url(base_url, 'Telegram').rstrip('/')}/bot{written}"
        self._hidden = Redactor({written: "the token"})
        self._connections = Connections("Telegram", timeout=timeout)
        self._webhook = None if webhook_secret is None else TelegramWebhook(webhook_secret)
        self.capabilities = Capabilities(
            address_kind=AddressKind.ANY,
            contact_kind=CONTACT_KIND,
            sends_at_once=AT_ONCE,
            text_limit=TEXT_LIMIT,
            media=frozenset(MediaKind),
            receives_events=self._webhook is not None,
            # One secret for both: without what is posted nobody learns whose chat was opened.
            start_links=None if bot is None else BotLinks(bot, webhook_secret or ""),
        )

    async def send(self, message: Message) -> Outcome:
        """Hand one message to Telegram and say what became of it."""
        if message.account not in {None, self._bot}:
            return SenderUnavailable(f"the sender's account is not {self._bot}, the bot that this channel speaks for")
        if not _PERSONS_CHAT.fullmatch(message.to):
            return Rejected(f"the lead's {CONTACT_KIND} is none of a person's chat", scope=Scope.CONTACT)
        limit = TEXT_LIMIT if message.media is None else CAPTION_LIMIT
        if len(message.text) > limit:
            return Rejected(f"the text is longer than the {limit} characters that Telegram takes there")
        method, asked = _request_of(message, int(message.to))
        answer = await self._connections.post(
            f"{self._url}/{method}",
            content=json.dumps(asked, ensure_ascii=False),
            headers={"content-type": "application/json"},
        )
        outcome = _outcome(answer, message.to) if isinstance(answer, HttpResponse) else answer
        return without_secrets(outcome, self._hidden)

    async def check_credential(self, account: str | None, webhook: str | None) -> list[CredentialFact]:
        """Say whether the token is good, which bot it is of, and whether Telegram posts to us."""
        facts = bot_facts(await self._connections.get(f"{self._url}/getMe", headers={}), account)
        if facts[0].state is FactState.HOLDS:
            facts.append(webhook_fact(await self._connections.get(f"{self._url}/getWebhookInfo", headers={}), webhook))
        return [replace(fact, text=self._hidden.out_of(fact.text)) for fact in facts]

    def challenge(self, query: Mapping[str, str]) -> str | None:
        """Return None: Telegram never asks whether this is our webhook."""
        del query

    def is_genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Return whether Telegram posted this: it repeats our secret. `headers` by their lower-case names."""
        del body
        return self._webhook is not None and self._webhook.is_genuine(headers)

    def events(self, body: bytes) -> list[ProviderEvent]:
        """Return the event of a body, if it holds one.

        Raises:
            ValueError: The body is not JSON, or nested too deep.
        """
        return [replace(event, key=f"{self._key_prefix}{event.key}") for event in events_of(body, self._bot)]

    async def aclose(self) -> None:
        """Close every kept connection."""
        await self._connections.aclose()


def _request_of(message: Message, chat: int) -> tuple[str, dict[str, object]]:
    """Return the method that sends a message, and what it is asked."""
    if message.media is None:
        return "sendMessage", {"chat_id": chat, "text": message.text}
    method, field_name = _SHOWN[MediaKind(message.media.kind)]
    return method, {"chat_id": chat, field_name: message.media.url, "caption": message.text}


def _outcome(answer: HttpResponse, chat: str) -> Outcome:
    body = answered(answer.body)
    if answer.is_success:
        number = as_object(body.get("result")).get("message_id")
        # Telegram counts messages by chat.
        return Accepted(f"{chat}:{number}") if isinstance(number, int) else Unknown("Telegram answered without an id")
    if answer.is_server_error:
        return server_error(answer, f"Telegram answered {answer.status}")
    said = body.get("description")
    text = f"Telegram error {answer.status}: {said if isinstance(said, str) and said else 'without a word'}"
    if answer.status == TOO_MANY:
        return RetryLater(text, after=_retry_after(body), scope=Scope.SENDER)
    if not isinstance(said, str) or answer.status in {_UNAUTHORIZED, _NOT_FOUND}:
        return SenderUnavailable(f"{text}: check the token and the base URL")
    # Who blocked the bot, or never opened the chat, may open it again: nothing is suppressed for good.
    if answer.status == _FORBIDDEN or (answer.status == _BAD_REQUEST and "chat not found" in said.lower()):
        return Rejected(text, scope=Scope.CONTACT)
    return Rejected(text)


def _retry_after(body: Object) -> timedelta | None:
    seconds = as_object(body.get("parameters")).get("retry_after")
    if not isinstance(seconds, int) or seconds < 0:
        return None
    return min(timedelta(seconds=min(seconds, 10**6)), LONGEST_RETRY_AFTER)
