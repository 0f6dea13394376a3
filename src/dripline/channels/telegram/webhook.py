"""What Telegram posts to a bot's webhook: one update a body, tried again for a day until it is answered.

What a person writes to the bot and how they change it, the buttons that they press, opening a chat by a start link,
blocking the bot, and a chat that got another id are read; whatever else happens is passed over: groups, channels,
reactions.

Source: Telegram, Bot API 10.1 (setWebhook, Update, Message, ChatMemberUpdated), as of 2026-06.
"""

import hmac
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime

from dripline.channels.http.foreign_json import Object, as_object, read_json, text_of
from dripline.channels.telegram.start_link import checked_secret
from dripline.core.events.inbound import ChatBlocked, ChatMoved, ChatStarted, MessageKind, ProviderEvent, Reply

SECRET_HEADER = "x-telegram-bot-api-secret-token"  # noqa: S105  (a header's name)
"""The header in which Telegram repeats the secret that it was given with the webhook."""

CONTENT = frozenset({
    "text", "photo", "voice", "video", "video_note", "audio", "document", "animation", "sticker", "location", "venue",
    "contact", "poll", "dice", "story",
})  # fmt: skip
"""What a person can send; other messages are Telegram's own: a pinned message, a changed timer."""

_KINDS = {
    "text": MessageKind.TEXT,
    "photo": MessageKind.PICTURE,
    "voice": MessageKind.VOICE,
    "audio": MessageKind.VOICE,
    "video": MessageKind.VIDEO,
    "video_note": MessageKind.VIDEO,
    "animation": MessageKind.VIDEO,
    "document": MessageKind.FILE,
    "sticker": MessageKind.STICKER,
    "location": MessageKind.PLACE,
    "venue": MessageKind.PLACE,
    "contact": MessageKind.CONTACT,
}
"""What a person sent, by the field in which Telegram tells it; a poll, a dice or a story is something else."""

_START = re.compile(r"/start(?:@\w+)?(?:\s+([A-Za-z0-9_-]{1,64}))?\s*")

_LARGEST_CHAT = 2**52

_END_OF_TIME = 253_402_300_800
"""The first second of the year 10000, which no datetime can tell."""


class TelegramWebhook:
    """Tells Telegram from anybody else, by the secret that it was given with the webhook.

    Raises:
        InvalidSettings: The secret is too short, or holds what Telegram does not take.
    """

    def __init__(self, secret: str) -> None:
        self._secret = checked_secret(secret).encode()

    def is_genuine(self, headers: Mapping[str, str]) -> bool:
        """Return whether Telegram posted with these headers, by their lower-case names. Bodies are not signed."""
        return hmac.compare_digest(headers.get(SECRET_HEADER, "").encode(), self._secret)


def events_of(body: bytes, bot: str) -> list[ProviderEvent]:
    """Return the event of a body, if it holds one; `bot` is the bot's id.

    Raises:
        ValueError: The body is not JSON, or nested too deep.
    """
    update = as_object(read_json(body))
    found = (
        _of_message(as_object(update.get("message")), bot)
        or _of_edit(as_object(update.get("edited_message")), bot)
        or _of_button(as_object(update.get("callback_query")), bot)
        or _of_member(as_object(update.get("my_chat_member")))
    )
    return [] if found is None else [found]


def _of_message(message: Object, bot: str) -> ProviderEvent | None:
    chat, at, number = as_object(message.get("chat")), _instant(message.get("date")), message.get("message_id")
    new_id, old_id = _id(message.get("migrate_to_chat_id")), _id(chat.get("id"))
    if at is None or old_id is None or not isinstance(number, int):
        return None
    key = f"{old_id}:{number}"
    if new_id is not None:
        return ChatMoved(key, old=str(old_id), new=str(new_id), at=at)
    if not _is_persons(chat) or as_object(message.get("from")).get("is_bot") is True or not CONTENT & message.keys():
        return None
    text = text_of(message.get("text")) or text_of(message.get("caption"))
    start = _START.fullmatch(text)
    if start is not None:
        return ChatStarted(key, chat=str(old_id), token=start[1] or "", at=at)
    kind = next((kind for field, kind in _KINDS.items() if field in message), MessageKind.OTHER)
    return Reply(key, account=bot, phone=None, user_id=str(old_id), text=text, kind=kind, at=at)


def _of_edit(message: Object, bot: str) -> ProviderEvent | None:
    """Return what a person made of words that they had written before."""
    edited_at = _instant(message.get("edit_date"))
    written = _of_message(message, bot)
    if edited_at is None or not isinstance(written, Reply):
        return None
    return replace(written, key=f"{written.key}:edited:{int(edited_at.timestamp())}", is_edit=True, at=edited_at)


def _of_button(pressed: Object, bot: str) -> ProviderEvent | None:
    """Return that a person pressed a button under a message of the bot's, which tells no time but the message's."""
    message, key = as_object(pressed.get("message")), text_of(pressed.get("id"))
    chat, at = as_object(message.get("chat")), _instant(message.get("date"))
    chat_id, button = _id(chat.get("id")), text_of(pressed.get("data"))
    if at is None or chat_id is None or not key or not button or not _is_persons(chat):
        return None
    return Reply(f"button:{key}", account=bot, phone=None, user_id=str(chat_id), text="", button=button, at=at)


def _of_member(update: Object) -> ProviderEvent | None:
    """Return that a person blocked the bot: in their own chat it is then called kicked."""
    chat, at = as_object(update.get("chat")), _instant(update.get("date"))
    chat_id, status = _id(chat.get("id")), text_of(as_object(update.get("new_chat_member")).get("status"))
    if at is None or chat_id is None or status != "kicked" or not _is_persons(chat):
        return None
    return ChatBlocked(f"{chat_id}:blocked:{int(at.timestamp())}", chat=str(chat_id), at=at)


def _is_persons(chat: Object) -> bool:
    number = _id(chat.get("id"))
    return chat.get("type") == "private" and number is not None and number > 0


def _id(value: object) -> int | None:
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if 0 < abs(value) < _LARGEST_CHAT else None


def _instant(value: object) -> datetime | None:
    if not isinstance(value, int) or not 0 < value < _END_OF_TIME:
        return None
    return datetime.fromtimestamp(value, UTC)
