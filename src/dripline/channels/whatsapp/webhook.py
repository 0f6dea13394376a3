"""What Meta posts to a webhook of the WhatsApp Cloud API: up to a thousand events at once, in any order, some twice.

Whatever cannot be read is passed over, and nothing else is: a new kind of event must not lose the known ones beside it.

Source: Meta, WhatsApp webhooks (signature, batching, fields), as of 2026-09.
"""

import hmac
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

from dripline.channels.http.foreign_json import NOTHING, Object, as_object, as_objects, phone_of, read_json, text_of
from dripline.channels.http.signature import is_signed, signing_secret
from dripline.channels.whatsapp.account import account_events
from dripline.channels.whatsapp.errors import CloudError, error_text, outcome_of
from dripline.core.events.inbound import (
    Delivery,
    MessageKind,
    Named,
    NumberChanged,
    Preference,
    ProviderEvent,
    Receipt,
    Reply,
)

_LARGEST_RECORD_ID = 2**53

_MILLISECONDS = 13
_DIGITS = {*range(1, 11), _MILLISECONDS}
"""How many digits milliseconds since 1970 have, until the year 2286; seconds have ten."""

_STATES = {
    "sent": Delivery.SENT,
    "delivered": Delivery.DELIVERED,
    "read": Delivery.READ,
    # A voice message that was listened to.
    "played": Delivery.READ,
    "failed": Delivery.FAILED,
}


_NO_REPLIES = frozenset({"reaction", "request_welcome", "revoke"})
"""The kinds of messages that a person would not have to read: a thumb up, an opened chat, a deleted message."""

_KINDS = {
    "text": MessageKind.TEXT,
    "button": MessageKind.BUTTON,
    "interactive": MessageKind.BUTTON,
    "image": MessageKind.PICTURE,
    "audio": MessageKind.VOICE,
    "video": MessageKind.VIDEO,
    "document": MessageKind.FILE,
    "sticker": MessageKind.STICKER,
    "location": MessageKind.PLACE,
    "contacts": MessageKind.CONTACT,
}
"""What a person sent, by Meta's type; an order, or what is not supported, is something else."""

_BUTTON = ("payload", "id")
"""What stands behind a pressed button or a chosen row: a template's author chose the one, whoever sent it the other."""


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


def events_of(body: bytes) -> list[ProviderEvent]:
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


def _of_change(entry: Object, change: Object) -> Iterator[ProviderEvent]:
    value, name = as_object(change.get("value")), text_of(change.get("field"))
    if name == "messages":
        statuses = as_objects(value.get("statuses"))
        # First who somebody is: what they wrote beside it is then theirs.
        yield from _names_in(value, statuses)
        yield from _each(statuses, _receipt)
        account, names = text_of(as_object(value.get("metadata")).get("phone_number_id")), _names(value)
        yield from _each(as_objects(value.get("messages")), lambda message: _written(message, account, names))
    elif name == "user_preferences":
        yield from _each(as_objects(value.get("user_preferences")), _preference)
    elif (at := _instant(entry.get("time"))) is not None:
        yield from account_events(name, value, entry, at)


def _each(found: list[Object], read: Callable[[Object], ProviderEvent | None]) -> Iterator[ProviderEvent]:
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
    return CloudError(known, text=error_text(known, error), to=text_of(status.get("recipient_id")), now=at)


def _names_in(value: Object, statuses: list[Object]) -> Iterator[Named]:
    """Yield who has which id beside a phone, once a day: each message tells it three times."""
    names: dict[tuple[str, str], datetime] = {}
    for status in statuses:
        at = _stamp(status)
        if at is not None and not _is_of_group(status):
            names |= dict.fromkeys(_side_by_side(status, "recipient_id", "recipient_user_id"), at)
    dates = [at for one in [*statuses, *as_objects(value.get("messages"))] if (at := _stamp(one)) is not None]
    for one in as_objects(value.get("contacts")) if dates else ():
        names = dict.fromkeys(_side_by_side(one, "wa_id", "user_id"), dates[0]) | names
    for (phone, user_id), at in names.items():
        yield Named(f"named:{phone}:{user_id}:{at:%Y%m%d}", phone=phone, user_id=user_id, at=at)


def _side_by_side(holder: Object, phone_name: str, id_name: str) -> Iterator[tuple[str, str]]:
    phone = phone_of(holder.get(phone_name))
    for name in (id_name, id_name.replace("user_id", "parent_user_id")):
        user_id = text_of(holder.get(name))
        if phone and user_id:
            yield phone, user_id


def _written(message: Object, account: str, names: Mapping[str, str]) -> ProviderEvent | None:
    key, at = text_of(message.get("id")), _stamp(message)
    phone, user_id = phone_of(message.get("from")), _user_id(message, "from_user_id", "from_parent_user_id")
    kind = text_of(message.get("type"))
    if not key or at is None or kind in _NO_REPLIES or _is_of_group(message):
        return None
    if kind == "system":
        return _number_changed(key, message, at)
    if phone is None and not user_id:
        return None
    is_edit = kind == "edit"
    if is_edit:
        message = as_object(as_object(message.get("edit")).get("message"))
        kind = text_of(message.get("type"))
    text, button = _said(message, kind)
    return Reply(
        key,
        account=account,
        phone=phone,
        user_id=user_id or None,
        name=names.get(phone or user_id, ""),
        text=text,
        button=button,
        kind=_KINDS.get(kind, MessageKind.OTHER),
        is_edit=is_edit,
        at=at,
    )


def _user_id(holder: Object, *names: str) -> str:
    """Return the id of a person: the one for our business, else the one for all that belong to it."""
    return next(filter(None, (text_of(holder.get(name)) for name in names)), "")


def _is_of_group(message: Object) -> bool:
    """Return whether it was said in a group, or of a message to one: that is not between us and a person."""
    return bool(text_of(message.get("group_id"))) or text_of(message.get("recipient_type")) == "group"


def _said(message: Object, kind: str) -> tuple[str, str]:
    """Return the words of a message: its text, its caption, or the button that was pressed; and what is behind that."""
    content = as_object(message.get(kind))
    pressed = kind == "button"
    if kind == "interactive":
        content = as_object(content.get(text_of(content.get("type"))))
        pressed = True
    words = next(filter(None, (text_of(content.get(name)) for name in ("body", "caption", "text", "title"))), "")
    behind = next(filter(None, (text_of(content.get(name)) for name in _BUTTON)), "") if pressed else ""
    return words, behind


def _number_changed(key: str, message: Object, at: datetime) -> NumberChanged | None:
    system = as_object(message.get("system"))
    kind = text_of(system.get("type"))
    if kind not in {"user_changed_number", "user_changed_user_id", "customer_changed_number"}:
        return None
    old_phone, new_phone = phone_of(message.get("from")), phone_of(system.get("wa_id") or system.get("new_wa_id"))
    now_id, *ids = map(text_of, (system.get("user_id"), system.get("previous_user_id"), message.get("from_user_id")))
    if kind == "user_changed_user_id":
        old, new = ids[0] or ids[1] or old_phone, now_id
    else:
        old, new = old_phone or ids[0] or ids[1], new_phone
    if not old or not new or old == new:
        return None
    others = dict.fromkeys(name for name in (old_phone, new_phone, now_id, *ids) if name and name not in {old, new})
    return NumberChanged(key, old=old, new=new, also=tuple(others), at=at)


def _preference(preference: Object) -> Preference | None:
    phone, user_id = phone_of(preference.get("wa_id")), _user_id(preference, "user_id", "parent_user_id")
    value, at = text_of(preference.get("value")), _stamp(preference)
    if not (phone or user_id) or value not in {"stop", "resume"} or at is None:
        return None
    key = f"preference:{phone or user_id}:{value}:{int(at.timestamp())}"
    return Preference(key, phone=phone, user_id=user_id or None, is_wanted=value == "resume", at=at)


def _names(value: Object) -> dict[str, str]:
    """Return what the people of a change call themselves, by their phones and their ids."""
    contacts = as_objects(value.get("contacts"))
    return {
        text_of(one.get(known_by)): text_of(as_object(one.get("profile")).get("name"))
        for one in contacts
        for known_by in ("wa_id", "user_id")
    }


def _record_id(written: object) -> int | None:
    text = text_of(written)
    return int(text) if text.isascii() and text.isdecimal() and 0 < int(text[:20]) < _LARGEST_RECORD_ID else None


def _stamp(holder: Object) -> datetime | None:
    return _instant(holder.get("timestamp"))


def _instant(written: object) -> datetime | None:
    """Read seconds since 1970, as a number or as digits; or milliseconds, as other products of Meta tell them."""
    text = str(written) if isinstance(written, int | str) else ""
    if not (text.isascii() and text.isdecimal() and len(text) in _DIGITS):
        return None
    return datetime.fromtimestamp(int(text if len(text) < _MILLISECONDS else text[:-3]), UTC)
