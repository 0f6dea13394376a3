"""What a GOWA gateway keeps of chats: our own messages in them, and what people wrote that no webhook told.

The gateway keeps what passes through it while it runs. It tries a webhook five times within seconds, and then it is
lost: what is read here is written as the body that it would have posted, so that it is taken in as that would be.

Source: GOWA (go-whatsapp-web-multidevice) 9.0.0, its OpenAPI document, as of 2026-08.
"""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime

from dripline.channels.gowa.devices import Link, link_of
from dripline.channels.gowa.gateway import Gateway, segment
from dripline.channels.gowa.webhook import HIDDEN_PERSON, KINDS, PERSON
from dripline.channels.http.foreign_json import Object, as_objects, text_of
from dripline.core.records.trace import Absent, Found, Sent
from dripline.core.senders.health import Unsure

PAGE = 100
"""How many chats or messages are asked for at once: the most there can be."""

PAGES = 50
"""How many such pages are read at most, of chats and of one chat."""


async def find_sent(gateway: Gateway, sent: Sent) -> Found | Absent | Unsure:
    """Look for one of our messages in the chat with its person."""
    wanted = _squeezed(text_of(sent.text))
    async for message in _messages(gateway, sent.account, f"{sent.to}@{PERSON}", sent.since, ours=True):
        if isinstance(message, Unsure):
            return message
        at, provider_id = _instant(message.get("timestamp")), text_of(message.get("id"))
        if at is None or at < sent.since or not provider_id or provider_id in sent.known:
            continue
        if message.get("is_from_me") is True and _squeezed(text_of(message.get("content"))) == wanted:
            return Found(provider_id, at=at)
    # One that is away may have sent it and not have kept it yet.
    link = await link_of(gateway, sent.account)
    if not isinstance(link, Link):
        return link if isinstance(link, Unsure) else Unsure(link.reason)
    return Absent() if link.is_up else Unsure("its device is not connected to WhatsApp")


async def history(gateway: Gateway, device: str, since: datetime) -> list[str] | Unsure:
    """Return what people wrote to a device since then, each as the body that would have been posted for it."""
    bodies: list[str] = []
    async for chat in _chats(gateway, device, since):
        if isinstance(chat, Unsure):
            return chat
        async for message in _messages(gateway, device, chat, since, ours=False):
            if isinstance(message, Unsure):
                return message
            at = _instant(message.get("timestamp"))
            if at is not None and at >= since and _is_written(message):
                bodies.append(_as_posted(device, chat, message))
    return bodies


async def _chats(gateway: Gateway, device: str, since: datetime) -> AsyncIterator[str | Unsure]:
    """Yield the chats with one person in which something was written since then."""
    for page in range(PAGES):
        asked = await gateway.ask("/chats", device=device, query={"limit": PAGE, "offset": page * PAGE})
        if isinstance(asked, Unsure) or not asked.is_success:
            yield asked if isinstance(asked, Unsure) else Unsure(asked.text)
            return
        found = as_objects(asked.results.get("data"))
        recent = [chat for chat in found if (_instant(chat.get("last_message_time")) or since) >= since]
        for jid in (text_of(chat.get("jid")) for chat in recent):
            if jid.partition("@")[2] in {PERSON, HIDDEN_PERSON}:
                yield jid
        # The chats come with the latest first.
        if len(found) < PAGE or not recent:
            return


async def _messages(
    gateway: Gateway, device: str, chat: str, since: datetime, *, ours: bool
) -> AsyncIterator[Object | Unsure]:
    """Yield the messages of a chat since then: ours, or the other's."""
    for page in range(PAGES):
        query: dict[str, str | int] = {
            "limit": PAGE,
            "offset": page * PAGE,
            "start_time": f"{since.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "is_from_me": "true" if ours else "false",
        }
        asked = await gateway.ask(f"/chat/{segment(chat)}/messages", device=device, query=query)
        if isinstance(asked, Unsure) or not asked.is_success:
            yield asked if isinstance(asked, Unsure) else Unsure(asked.text)
            return
        found = as_objects(asked.results.get("data"))
        for message in found:
            yield message
        if len(found) < PAGE:
            return


def _is_written(message: Object) -> bool:
    """Return whether somebody else wrote it: a call is kept among the messages and is none."""
    return message.get("is_from_me") is False and message.get("media_type") != "call"


def _as_posted(device: str, chat: str, message: Object) -> str:
    user, _, server = (text_of(message.get("sender_jid")) or chat).partition("@")
    # "60123456789:12" is the twelfth device of a person.
    written: dict[str, object] = {
        "id": text_of(message.get("id")),
        "chat_id": chat,
        "from": f"{user.partition(':')[0]}@{server}",
        "from_name": text_of(message.get("sender_display_name")),
        "timestamp": text_of(message.get("timestamp")),
        "is_from_me": False,
        "body": text_of(message.get("content")),
    }
    media = text_of(message.get("media_type"))
    if media in KINDS:
        written[media] = {"caption": written["body"]}
    return json.dumps({"event": "message", "session_id": device, "payload": written}, ensure_ascii=False)


def _squeezed(text: str) -> str:
    """Return a text without what is blank more than once, or around it."""
    return " ".join(text.split())


def _instant(written: object) -> datetime | None:
    """Read an instant as RFC 3339 writes it, with its zone."""
    try:
        at = datetime.fromisoformat(text_of(written))
        return None if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
