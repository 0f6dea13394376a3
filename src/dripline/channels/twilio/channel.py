"""SMS, or WhatsApp, through Twilio: one form post a message.

Accepted is not delivered: Twilio puts messages in a queue, and says later what became of them. It has no key by which
it would know a message again, so that one whose answer got lost stays unknown. What each error code means is in
`twilio_errors`.

Source: Twilio, Messages resource (API version 2010-04-01) and error dictionary, as of 2026-11.
"""

import json
import re
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

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
from dripline.channels.http.foreign_json import answered
from dripline.channels.secret import checked_token, without_secrets
from dripline.channels.twilio.errors import TwilioError, error_text, is_known, outcome_of
from dripline.channels.twilio.webhook import WHATSAPP, TwilioWebhook, events_of
from dripline.core.events.inbound import ProviderEvent
from dripline.core.leads.address import AddressKind
from dripline.core.messages.message import Message
from dripline.core.outcome import Accepted, Outcome, Rejected, RetryLater, Scope, SenderUnavailable, Unknown
from dripline.core.secret import Redactor
from dripline.core.senders.credential import CredentialFact, FactCode, fails, holds, not_known
from dripline.core.sequences.content import MediaKind
from dripline.errors import InvalidSettings

BASE_URL = "https://api.twilio.com"

FREE_TEXT = timedelta(hours=24) - timedelta(minutes=5)
"""How long after somebody wrote to a WhatsApp number it may send them free text: a day, less what a send may take."""

TEXT_LIMIT = 1_600
"""The longest text that Twilio takes, in characters, by SMS as by WhatsApp."""

AT_ONCE = 10
"""How many messages are handed over at once, one for each connection."""

_ACCOUNT = re.compile(r"AC[0-9a-fA-F]{32}")

_NUMBER = re.compile(r"\+?[0-9]{7,15}")

_SMS_NAME = re.compile(r"[0-9]{3,6}|(?=.*[A-Za-z])[A-Za-z0-9 &_+-]{1,11}")
"""What may send SMS beside a number: a short code, or a name of up to 11 characters with a letter in it."""


class TwilioChannel:
    """Sends as the number that is the sender's account, or else `sender`; `is_whatsapp` makes WhatsApp of SMS.

    `auth_token` is the account's; it is in no error. Without a `webhook` nothing that Twilio posts is taken in. Where
    `status_callback` is set, Twilio posts there what becomes of each message. `now` tells the time.

    Raises:
        InvalidSettings: The account's id, the token, the sender or a URL cannot be used.
    """

    def __init__(  # noqa: PLR0913  (the API has as many settings)
        self,
        account_sid: str,
        auth_token: str,
        *,
        now: Callable[[], datetime],
        sender: str | None = None,
        is_whatsapp: bool = False,
        webhook: TwilioWebhook | None = None,
        status_callback: str | None = None,
        base_url: str = BASE_URL,
        timeout: float = TIMEOUT,
    ) -> None:
        account = _checked_account(account_sid)
        token = checked_token(auth_token, "The Twilio auth token cannot be used: write the account's own, one word.")
        login = f"{account}:{token}"
        self._login = "Basic " + b64encode(login.encode()).decode()
        self._hidden = Redactor({token: "the token", login: "the login"})
        self._now = now
        self._is_whatsapp = is_whatsapp
        self._sender = None if sender is None else self._checked_sender(sender)
        self._webhook = webhook
        self.capabilities = Capabilities(
            address_kind=AddressKind.PHONE,
            sends_at_once=AT_ONCE,
            text_limit=TEXT_LIMIT,
            window=FREE_TEXT if is_whatsapp else None,
            media=frozenset(MediaKind),
            receives_events=webhook is not None,
            receipts_by_id=True,
        )
        self._callback = None if status_callback is None else checked_url(status_callback, "Twilio status callback")
        base = checked_url(base_url, "Twilio").rstrip("/")
        self._url = f"{base}/2010-04-01/Accounts/{account}/Messages.json"
        self._connections = Connections("Twilio", timeout=timeout)

    async def send(self, message: Message) -> Outcome:
        """Hand one message to Twilio and say what became of it."""
        sender = self._sender if message.account is None else self._address(message.account)
        if sender is None:
            return SenderUnavailable("the sender has no number that Twilio could send from: give it one as its account")
        if message.template is None and len(message.text) > TEXT_LIMIT:
            return Rejected(f"the text is longer than the {TEXT_LIMIT} characters that Twilio takes")
        answer = await self._connections.post(
            self._url,
            content=urlencode(self._form(message, sender)),
            headers={"authorization": self._login, "content-type": "application/x-www-form-urlencoded"},
        )
        outcome = self._outcome(answer, message) if isinstance(answer, HttpResponse) else answer
        return without_secrets(outcome, self._hidden)

    async def check_credential(self, account: str | None, webhook: str | None) -> list[CredentialFact]:
        """Say whether the login is good. Whose a number is Twilio's Messages do not say: the first message shows it."""
        sender = self._sender if account is None else self._address(account)
        answer = await self._connections.get(f"{self._url}?PageSize=1", headers={"authorization": self._login})
        facts = [
            _login_fact(answer),
            not_known(FactCode.ACCOUNT, "the first message shows whether the number is the account's")
            if sender is not None
            else fails(FactCode.ACCOUNT, "the account is no number that Twilio could send from"),
            not_known(FactCode.WEBHOOK, "set the address at the number, as a webhook for incoming messages")
            if webhook is not None
            else fails(FactCode.WEBHOOK, "where the dashboard is reached is not set (web.url)"),
        ]
        return [replace(fact, text=self._hidden.out_of(fact.text)) for fact in facts]

    def challenge(self, query: Mapping[str, str]) -> str | None:
        """Return None: Twilio never asks whose webhook this is."""
        del query

    def is_genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Return whether Twilio signed a form with the account's token."""
        return self._webhook is not None and self._webhook.is_genuine(headers, body)

    def events(self, body: bytes) -> list[ProviderEvent]:
        """Return the event that Twilio posted, as of now."""
        return events_of(body, self._now())

    async def aclose(self) -> None:
        """Close every kept connection."""
        await self._connections.aclose()

    def _form(self, message: Message, sender: str) -> dict[str, str]:
        form = {"To": f"{self._prefix}+{message.to}", "From": sender} | _content(message)
        if self._callback is not None:
            form["StatusCallback"] = self._callback
        return form

    def _outcome(self, answer: HttpResponse, message: Message) -> Outcome:
        body = answered(answer.body)
        code = body.get("code")
        # A failure of Twilio's own, without a code that we know, may have come after the message was taken.
        if isinstance(code, int) and (is_known(code) or not answer.is_server_error):
            text, is_template = error_text(code, body.get("message")), message.template is not None
            return outcome_of(TwilioError(code, text=text, failures=message.failures, is_template=is_template))
        if answer.is_success:
            sid = body.get("sid")
            return Accepted(sid) if isinstance(sid, str) and sid else Unknown("Twilio answered without an id")
        status = f"Twilio answered {answer.status} and no error code that says more"
        if answer.status == TOO_MANY:
            return RetryLater(status, after=retry_after(answer, self._now()), scope=Scope.SENDER)
        if answer.is_server_error:
            return server_error(answer, status, self._now())
        return SenderUnavailable(f"{status}: check its base URL")

    @property
    def _prefix(self) -> str:
        return WHATSAPP if self._is_whatsapp else ""

    def _address(self, written: str) -> str | None:
        """Return a sender as Twilio writes it; None if none can be called so."""
        name = written.strip().removeprefix(self._prefix)
        if _NUMBER.fullmatch(name):
            return f"{self._prefix}+{name.removeprefix('+')}"
        return name if not self._is_whatsapp and _SMS_NAME.fullmatch(name) else None

    def _checked_sender(self, written: str) -> str:
        address = self._address(written)
        if address is None:
            raise InvalidSettings(f"The Twilio sender {written!r} cannot be used: write a number such as +14155552345.")
        return address


def _login_fact(answer: HttpResponse | RetryLater | Unknown) -> CredentialFact:
    if not isinstance(answer, HttpResponse):
        return not_known(FactCode.LOGIN, answer.error)
    if answer.is_success:
        return holds(FactCode.LOGIN, "Twilio lets us in")
    body = answered(answer.body)
    code = body.get("code")
    text = error_text(code, body.get("message")) if isinstance(code, int) else f"Twilio answered {answer.status}"
    return (not_known if answer.is_server_error or answer.status == TOO_MANY else fails)(FactCode.LOGIN, text)


def _content(message: Message) -> dict[str, str]:
    """Return what to send: a content template by its SID with its variables, counted from 1, or text with a medium."""
    template = message.template
    if template is None:
        body = {"Body": message.text} if message.text else dict[str, str]()
        return body | ({} if message.media is None else {"MediaUrl": message.media.url})
    filled = {str(number): text for number, text in enumerate((*template.parameters, *template.buttons), start=1)}
    return {"ContentSid": template.name} | (
        {"ContentVariables": json.dumps(filled, ensure_ascii=False)} if filled else {}
    )


def _checked_account(account_sid: str) -> str:
    if not _ACCOUNT.fullmatch(account_sid.strip()):
        raise InvalidSettings("The Twilio account SID cannot be used: it is AC and 32 hexadecimal digits.")
    return account_sid.strip()
