"""What a GOWA gateway posts to a webhook: one event a body, five tries within seconds, and then it is lost.

Replies, their changed words and receipts are read; whatever else happens on the phone is passed over: groups, calls,
typing, channels.

Source: GOWA (go-whatsapp-web-multidevice) 9.0.0, its page on webhook payloads, as of 2026-08.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

from dripline.channels.http.foreign_json import Object, as_list, as_object, phone_of, read_json, text_of
from dripline.channels.http.signature import is_signed, signing_secret
from dripline.core.events.inbound import Delivery, MessageKind, ProviderEvent, Receipt, Reply

PERSON = "s.whatsapp.net"
"""The server of a person whose phone is told."""

HIDDEN_PERSON = "lid"
"""The server of a person whose phone is not."""

_STATES = {
    "delivered": Delivery.DELIVERED,
    "read": Delivery.READ,
    # A voice message that was listened to.
    "played": Delivery.READ,
}


KINDS = {
    "image": MessageKind.PICTURE,
    "audio": MessageKind.VOICE,
    "video": MessageKind.VIDEO,
    "video_note": MessageKind.VIDEO,
    "document": MessageKind.FILE,
    "sticker": MessageKind.STICKER,
    "location": MessageKind.PLACE,
    "live_location": MessageKind.PLACE,
    "contact": MessageKind.CONTACT,
    "contacts_array": MessageKind.CONTACT,
}
"""What a person sent, by the field in which the gateway tells it."""


class GowaWebhook:
    """Tells the gateway from anybody else, by the secret of its webhook.

    Raises:
        InvalidSettings: The secret is too short, as the default is that everybody knows.
    """

    def __init__(self, secret: str) -> None:
        self._secret = signing_secret(
            secret,
            "The GOWA webhook secret cannot be used: it is guessed, as the gateway's default. Start the gateway with "
            "one of your own at random, and write the same here",
        )

    def is_genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Return whether the gateway signed these very bytes. `headers` by their lower-case names."""
        return is_signed(self._secret, headers, body)


def events_of(body: bytes) -> list[ProviderEvent]:
    """Return every event of a body, in its order.

    Raises:
        ValueError: The body is not JSON, or nested too deep.
    """
    posted = as_object(read_json(body))
    device, payload = text_of(posted.get("device_id")), as_object(posted.get("payload"))
    # The gateway says "from" of its own phone too: what was written or read on it.
    if payload.get("is_from_me") is True or (device and text_of(payload.get("from")) == device):
        return []
    match text_of(posted.get("event")):
        case "message":
            # What the device was named, which is what a sender calls it, beside the number that it is linked to.
            return _replies(text_of(posted.get("session_id")) or device, payload)
        case "message.edited":
            return _replies(text_of(posted.get("session_id")) or device, payload, is_edit=True)
        case "message.ack":
            return _receipts(payload, _instant(posted.get("timestamp")))
        case _:
            return []


def _replies(device: str, message: Object, *, is_edit: bool = False) -> list[ProviderEvent]:
    key, at = text_of(message.get("id")), _instant(message.get("timestamp"))
    phone, user_id = _phone(message), _user_id(message)
    if not key or at is None or not _is_between_two(message) or (phone is None and user_id is None):
        return []
    name, text = text_of(message.get("from_name")), text_of(message.get("body"))
    if is_edit:
        # Its id may be that of the words that it changes, and they may be changed again.
        key = f"{key}:edited:{int(at.timestamp())}"
    kind = next((kind for field, kind in KINDS.items() if message.get(field)), MessageKind.TEXT)
    return [
        Reply(
            key, account=device, phone=phone, user_id=user_id, name=name, text=text, kind=kind, is_edit=is_edit, at=at
        )
    ]


def _receipts(payload: Object, at: datetime | None) -> list[ProviderEvent]:
    """Return a receipt for each message. The gateway repeats no id of ours: they name it by its own."""
    state = _STATES.get(text_of(payload.get("receipt_type")))
    if state is None or at is None:
        return []
    return [
        Receipt(f"{provider_id}:{state}:{int(at.timestamp())}", provider_id=provider_id, state=state, at=at)
        for provider_id in map(text_of, as_list(payload.get("ids")))
        if provider_id
    ]


def _is_between_two(message: Object) -> bool:
    """Return whether it was written to us alone: to no group, no channel, no list."""
    return _server(text_of(message.get("chat_id"))) in {"", PERSON, HIDDEN_PERSON}


def _phone(message: Object) -> str | None:
    user, _, server = text_of(message.get("from")).partition("@")
    return phone_of(user) if server == PERSON else None


def _user_id(message: Object) -> str | None:
    """Return who wrote, by the id that stands for a phone: beside it, or in its place."""
    ids = (text_of(message.get(name)) for name in ("from_lid", "from"))
    return next((one for one in ids if _server(one) == HIDDEN_PERSON), None)


def _server(jid: str) -> str:
    return jid.partition("@")[2]


def _instant(written: object) -> datetime | None:
    """Read an instant as RFC 3339 writes it, with its zone."""
    try:
        at = datetime.fromisoformat(text_of(written))
        return None if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
