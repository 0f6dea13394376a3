"""What Twilio posts: forms, one event each; what people write, and how far messages have come.

Twilio signs the address that it posts to together with the form, so we have to be told our own public address. It
tells no time: an event is as old as our taking it in.

Source: Twilio, webhooks security, incoming message and status callback parameters, as of 2026-11.
"""

import base64
import hmac
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from urllib.parse import SplitResult, parse_qsl, urlsplit

from dripline.channels.http.client import checked_url
from dripline.channels.twilio.errors import TwilioError, error_text, outcome_of
from dripline.core.events.inbound import Delivery, Keyword, MessageKind, ProviderEvent, Receipt, Reply
from dripline.core.text import as_text

SIGNATURE = "x-twilio-signature"
"""The header that proves that Twilio wrote the form: the HMAC-SHA1, in base64, of our address and the sorted fields."""

TEXT_LIMIT = 8_192
"""How much of a text is kept, in characters: several times what Twilio itself takes."""

FIELD_LIMIT = 1_000
"""How many fields a form may have. Twilio's have some thirty, and may grow without notice."""

WHATSAPP = "whatsapp:"
"""What stands before a number where it is one on WhatsApp."""

_STATES = {
    "sent": Delivery.SENT,
    "delivered": Delivery.DELIVERED,
    "read": Delivery.READ,
    "undelivered": Delivery.FAILED,
    "failed": Delivery.FAILED,
}

_PORTS = {"http": 80, "https": 443}

_KEYWORDS = {"STOP": Keyword.STOP, "START": Keyword.START, "HELP": Keyword.HELP}
"""What Twilio's Advanced Opt-Out took the words for, in whatever language they were set up there."""

_BUTTON = ("ButtonPayload", "ListId")
"""What stands behind a pressed button or a chosen row, as whoever made the template chose it."""

_MEDIA = {"image": MessageKind.PICTURE, "audio": MessageKind.VOICE, "video": MessageKind.VIDEO}
"""What a person sent, by how the type of its first medium begins; anything else is a file."""

_CARDS = frozenset({"vcard", "x-vcard", "directory"})

_USER_ID = re.compile(r"[A-Z]{2}\.(?:ENT\.)?[A-Za-z0-9]{1,128}")

_CODE = re.compile(r"[0-9]{1,9}")

_UNKNOWN_CODE = -1


class TwilioWebhook:
    """Tells Twilio from anybody else. `url` is the address that Twilio was given, as it was given.

    Raises:
        InvalidSettings: The URL cannot be used.
    """

    def __init__(self, auth_token: str, url: str) -> None:
        self._auth_token = auth_token.strip().encode()
        self._addresses = sorted(set(_spellings(checked_url(url, "Twilio webhook"))))

    def is_genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Return whether Twilio signed this form for our address. `headers` by their lower-case names."""
        try:
            fields = "".join(name + value for name, value in sorted(set(_fields(body))))
        except ValueError:
            return False
        given = headers.get(SIGNATURE, "").encode()
        return any(hmac.compare_digest(given, self._signature(address + fields)) for address in self._addresses)

    def _signature(self, signed: str) -> bytes:
        return base64.b64encode(hmac.digest(self._auth_token, signed.encode(errors="replace"), "sha1"))


def events_of(body: bytes, now: datetime) -> list[ProviderEvent]:
    """Return the event of a form, if it is one that we know; it is taken as happening now.

    Raises:
        ValueError: The body is not a form.
    """
    form = {name: as_text(value, TEXT_LIMIT) for name, value in _fields(body)}
    if not form:
        raise ValueError("The body is not a form.")
    event = _receipt(form, now) if "MessageStatus" in form else _written(form, now)
    return [] if event is None else [event]


def _fields(body: bytes) -> list[tuple[str, str]]:
    text = body.decode("utf-8", "replace")
    return parse_qsl(text, keep_blank_values=True, max_num_fields=FIELD_LIMIT)


def _receipt(form: Mapping[str, str], now: datetime) -> Receipt | None:
    provider_id, state = form.get("MessageSid", ""), _STATES.get(form["MessageStatus"])
    if not provider_id or state is None:
        return None
    return Receipt(
        f"{provider_id}:{state}",
        provider_id=provider_id,
        state=state,
        at=now,
        failure=outcome_of(_failure(form)) if state is Delivery.FAILED else None,
    )


def _failure(form: Mapping[str, str]) -> TwilioError:
    written = form.get("ErrorCode", "")
    code = int(written) if _CODE.fullmatch(written) else _UNKNOWN_CODE
    return TwilioError(code, text=error_text(code, form.get("ErrorMessage")))


def _written(form: Mapping[str, str], now: datetime) -> Reply | None:
    key, phone, user_id = form.get("MessageSid", ""), _phone(form.get("From", "")), _user_id(form)
    # Without a body it is no message, such as what Twilio says of calls.
    if not key or (phone is None and user_id is None) or "Body" not in form:
        return None
    # A thumb up is no answer that a person would have to read.
    if form.get("MessageType", "").casefold() == "reaction":
        return None
    return Reply(
        key,
        account=form.get("To", "").removeprefix(WHATSAPP),
        phone=phone,
        user_id=user_id,
        name=form.get("ProfileName", ""),
        text=form["Body"],
        button=next(filter(None, (form.get(name, "") for name in _BUTTON)), ""),
        kind=_kind(form),
        keyword=_KEYWORDS.get(form.get("OptOutType", "").strip().upper()),
        at=now,
    )


def _kind(form: Mapping[str, str]) -> MessageKind:
    if form.get("Latitude"):
        return MessageKind.PLACE
    if form.get("NumMedia", "0") in {"", "0"}:
        return MessageKind.TEXT
    written = form.get("MediaContentType0", "").partition("/")
    return MessageKind.CONTACT if written[2] in _CARDS else _MEDIA.get(written[0], MessageKind.FILE)


def _phone(written: str) -> str | None:
    digits = written.removeprefix(WHATSAPP).removeprefix("+")
    return digits if digits.isascii() and digits.isdecimal() else None


def _user_id(form: Mapping[str, str]) -> str | None:
    """Return the id of a person on WhatsApp who has a username: beside their number, or in its place."""
    written = form.get("From", "")
    ids = (form.get("ExternalUserId", ""), written.removeprefix(WHATSAPP) if written.startswith(WHATSAPP) else "")
    return next((one for one in ids if _USER_ID.fullmatch(one)), None)


def _spellings(url: str) -> Iterator[str]:
    """Yield an address as it was given, with its port and without: Twilio signs now one, now the other."""
    yield url
    parts = urlsplit(url)
    yield _at(parts, "")
    yield _at(parts, f":{parts.port or _PORTS[parts.scheme]}")


def _at(parts: SplitResult, port: str) -> str:
    host = parts.netloc if parts.port is None else parts.netloc.rpartition(":")[0]
    return parts._replace(netloc=host + port).geturl()
