"""What Meta posts to a webhook of the WhatsApp Cloud API: up to a thousand events at once, in any order, some twice.

Whatever cannot be read is passed over, and nothing else is: a new kind of event must not lose the known ones beside it.

Source: Meta, WhatsApp webhooks (signature, batching, fields), as of 2026-09.
"""

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

from dripline.channels.cloud_errors import CloudError, outcome_of, told
from dripline.channels.foreign_json import (
    NOTHING,
    TEXT_LIMIT,
    Object,
    as_object,
    as_objects,
    phone_of,
    read_json,
    text_of,
)
from dripline.channels.signature import is_signed, signing_secret
from dripline.core.inbound import (
    AccountNotice,
    Delivery,
    Event,
    NumberChanged,
    Preference,
    Receipt,
    Reply,
    TemplateChanged,
)
from dripline.core.text import as_text

_LARGEST_RECORD_ID = 2**53

_STATES = {
    "sent": Delivery.SENT,
    "delivered": Delivery.DELIVERED,
    "read": Delivery.READ,
    # A voice message that was listened to.
    "played": Delivery.READ,
    "failed": Delivery.FAILED,
}


class CloudWebhook:
    """Tells Meta from anybody else: by the app's secret when it posts, by our own token when it asks whose this is.

    Raises:
        InvalidSettings: The app's secret is too short to be one.
    """

    def __init__(self, app_secret: str, verify_token: str) -> None:
        self._app_secret = signing_secret(
            app_secret, "The WhatsApp app secret cannot be used: write the one that Meta shows in the app's settings"
        )
        self._verify_token = verify_token.encode()

    def is_genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Return whether Meta signed these very bytes. `headers` by their lower-case names."""
        return is_signed(self._app_secret, headers, body)

    def challenge(self, query: Mapping[str, str]) -> str | None:
        """Return what is to be answered when Meta asks whether this is our webhook; None if it is not Meta who asks."""
        given = query.get("hub.verify_token", "").encode()
        if query.get("hub.mode") == "subscribe" and hmac.compare_digest(given, self._verify_token):
            return query.get("hub.challenge", "")
        return None


def events_of(body: bytes) -> list[Event]:
    """Return every event of a body, in its order.

    Raises:
        ValueError: The body is not JSON, or nested too deep.
    """
    posted = as_object(read_json(body))
    return [
        event
        for entry in as_objects(posted.get("entry"))
        for change in as_objects(entry.get("changes"))
        for event in _of_change(entry, change)
    ]


def _of_change(entry: Object, change: Object) -> Iterator[Event]:
    value, name = as_object(change.get("value")), text_of(change.get("field"))
    if name == "messages":
        yield from _each(as_objects(value.get("statuses")), _receipt)
        account, names = text_of(as_object(value.get("metadata")).get("phone_number_id")), _names(value)
        yield from _each(as_objects(value.get("messages")), lambda message: _written(message, account, names))
    elif name == "user_preferences":
        yield from _each(as_objects(value.get("user_preferences")), _preference)
    else:
        at = _instant(entry.get("time"))
        read = _template if name == "message_template_status_update" else _notice
        yield from _each([value], lambda told_of: read(name, told_of, at))


def _each(found: list[Object], read: Callable[[Object], Event | None]) -> Iterator[Event]:
    for one in found:
        event = read(one)
        if event is not None:
            yield event


def _receipt(status: Object) -> Receipt | None:
    provider_id, state, at = text_of(status.get("id")), _STATES.get(text_of(status.get("status"))), _stamp(status)
    if not provider_id or state is None or at is None:
        return None
    return Receipt(
        f"{provider_id}:{state}:{int(at.timestamp())}",
        provider_id=provider_id,
        record_id=_record_id(status.get("biz_opaque_callback_data")),
        state=state,
        at=at,
        failure=outcome_of(_failure(status, at)) if state is Delivery.FAILED else None,
    )


def _failure(status: Object, at: datetime) -> CloudError:
    error = next(iter(as_objects(status.get("errors"))), NOTHING)
    code = error.get("code")
    known = code if isinstance(code, int) else -1
    return CloudError(known, text=told(known, error), to=text_of(status.get("recipient_id")), now=at)


def _written(message: Object, account: str, names: Mapping[str, str]) -> Event | None:
    key, at = text_of(message.get("id")), _stamp(message)
    phone, user_id = phone_of(message.get("from")), text_of(message.get("from_user_id"))
    kind = text_of(message.get("type"))
    # A thumb up is no answer that a person would have to read.
    if not key or at is None or kind == "reaction" or (phone is None and not user_id):
        return None
    if kind == "system":
        return _number_changed(key, phone, as_object(message.get("system")), at)
    return Reply(
        key,
        account=account,
        phone=phone,
        user_id=user_id or None,
        name=names.get(phone or "", ""),
        text=_said(message, kind),
        at=at,
    )


def _said(message: Object, kind: str) -> str:
    """Return the words of a message: its text, its caption, or the button that was pressed."""
    content = as_object(message.get(kind))
    if kind == "interactive":
        content = as_object(content.get(text_of(content.get("type"))))
    return next(filter(None, (text_of(content.get(name)) for name in ("body", "caption", "text", "title"))), "")


def _number_changed(key: str, old: str | None, system: Object, at: datetime) -> NumberChanged | None:
    new = phone_of(system.get("wa_id"))
    if text_of(system.get("type")) != "user_changed_number" or old is None or new is None:
        return None
    return NumberChanged(key, old=old, new=new, at=at)


def _preference(preference: Object) -> Preference | None:
    phone, value, at = phone_of(preference.get("wa_id")), text_of(preference.get("value")), _stamp(preference)
    if phone is None or value not in {"stop", "resume"} or at is None:
        return None
    key = f"preference:{phone}:{value}:{int(at.timestamp())}"
    return Preference(key, phone=phone, is_wanted=value == "resume", at=at)


def _template(name: str, value: Object, at: datetime | None) -> TemplateChanged | None:
    template, status = text_of(value.get("message_template_name")), text_of(value.get("event"))
    if not template or not status or at is None:
        return None
    return TemplateChanged(
        _key(name, value, at),
        template=template,
        language=text_of(value.get("message_template_language")),
        status=status,
        reason=text_of(value.get("reason")),
        at=at,
    )


def _notice(name: str, value: Object, at: datetime | None) -> AccountNotice | None:
    if not name or at is None:
        return None
    said = as_text(json.dumps(value, ensure_ascii=False, sort_keys=True), TEXT_LIMIT)
    return AccountNotice(_key(name, value, at), what=name, told=said, at=at)


def _key(name: str, value: Object, at: datetime) -> str:
    """Return the key of an event that Meta gives no id."""
    content = hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
    return f"{name}:{int(at.timestamp())}:{content[:16]}"


def _names(value: Object) -> dict[str, str]:
    """Return what the people of a change call themselves, by their phones."""
    contacts = as_objects(value.get("contacts"))
    return {text_of(one.get("wa_id")): text_of(as_object(one.get("profile")).get("name")) for one in contacts}


def _record_id(written: object) -> int | None:
    text = text_of(written)
    return int(text) if text.isascii() and text.isdecimal() and 0 < int(text[:20]) < _LARGEST_RECORD_ID else None


def _stamp(holder: Object) -> datetime | None:
    return _instant(holder.get("timestamp"))


def _instant(written: object) -> datetime | None:
    """Read seconds since 1970, as a number or as digits."""
    text = str(written) if isinstance(written, int | str) else ""
    if not (text.isascii() and text.isdecimal() and len(text) <= 10):  # noqa: PLR2004  (until the year 2286)
        return None
    return datetime.fromtimestamp(int(text), UTC)
