"""What Telegram posts to a bot's webhook: what people write, open and block is read, whatever else is passed over."""

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dripline import Lead
from dripline.channels.capabilities import takes_in
from dripline.channels.telegram.channel import TelegramChannel
from dripline.channels.telegram.start_link import BotLinks
from dripline.channels.telegram.webhook import events_of
from dripline.core.events.inbound import ChatBlocked, ChatMoved, ChatStarted, Reply
from dripline.errors import InvalidSettings

TOKEN = "110201543:" + "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
BOT = "110201543"
SECRET = "a-secret-of_ours-1"
AT = datetime(2026, 1, 1, tzinfo=UTC)
STAMP = int(AT.timestamp())
CHAT = {"id": 424242, "type": "private", "first_name": "Aina"}
GROUP = {"id": -1001234567890, "type": "supergroup", "title": "Shop"}
LEAD = Lead(7, phone="60123456789")


def written(**more: object) -> bytes:
    person = {"id": 424242, "is_bot": False, "first_name": "Aina"}
    known: dict[str, object] = {"message_id": 17, "from": person, "chat": CHAT, "date": STAMP, "text": "Hi"}
    return json.dumps({"update_id": 10_000, "message": known | more}).encode()


def membership(status: object, **more: object) -> bytes:
    told: dict[str, object] = {"chat": CHAT, "date": STAMP, "new_chat_member": {"status": status}}
    return json.dumps({"update_id": 10_001, "my_chat_member": told | more}).encode()


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({}, "Hi"),
        ({"text": None, "photo": [], "caption": "Taj"}, "Taj"),
        ({"text": None, "voice": {}}, ""),
        ({"text": "/stop"}, "/stop"),
        ({"text": "/started"}, "/started"),
        ({"text": "let us /start abc"}, "let us /start abc"),
        ({"text": "/start a b"}, "/start a b"),
        ({"from": None}, "Hi"),
    ],
)
def test_what_a_person_writes_is_a_reply(more: dict[str, Any], text: str) -> None:
    assert events_of(written(**more), BOT) == [
        Reply("424242:17", account=BOT, phone=None, user_id="424242", text=text, at=AT)
    ]


@pytest.mark.parametrize(
    ("text", "token"),
    [
        ("/start", ""), ("/start ", ""), ("/start abc_-9", "abc_-9"), ("/start@ShopBot  abc\n", "abc"),
        ("/start " + "x" * 64, "x" * 64),
    ],
)  # fmt: skip
def test_who_opens_a_chat_tells_what_their_link_held(text: str, token: str) -> None:
    assert events_of(written(text=text), BOT) == [ChatStarted("424242:17", chat="424242", token=token, at=AT)]


def test_who_blocks_the_bot_is_called_kicked() -> None:
    assert events_of(membership("kicked"), BOT) == [ChatBlocked(f"424242:blocked:{STAMP}", chat="424242", at=AT)]


@pytest.mark.parametrize(
    "body", [membership("member"), membership("left"), membership(None), membership("kicked", chat=GROUP)]
)
def test_any_other_standing_is_passed_over(body: bytes) -> None:
    assert events_of(body, BOT) == []


def test_a_chat_that_got_another_id_is_known_by_that() -> None:
    body = written(chat={"id": -5, "type": "group"}, migrate_to_chat_id=-1001234567890, text=None)

    assert events_of(body, BOT) == [ChatMoved("-5:17", old="-5", new="-1001234567890", at=AT)]


@pytest.mark.parametrize(
    "more",
    [
        {"chat": GROUP}, {"chat": None}, {"chat": {"id": "424242", "type": "private"}},
        {"chat": {"id": True, "type": "private"}}, {"chat": {"id": 2**60, "type": "private"}},
        {"chat": {"id": -4, "type": "private"}}, {"chat": {"id": 424242}},
        {"message_id": None}, {"message_id": "17"}, {"date": None}, {"date": "2026"}, {"date": 10**15}, {"date": -1},
        {"from": {"is_bot": True}},
    ],
)  # fmt: skip
def test_what_no_person_wrote_to_us_alone_is_passed_over(more: dict[str, Any]) -> None:
    assert events_of(written(**more), BOT) == []


@pytest.mark.parametrize("what", ["edited_message", "channel_post", "callback_query", "poll", "new"])
def test_any_other_update_is_passed_over(what: str) -> None:
    body = json.loads(written())

    assert events_of(json.dumps({"update_id": 1, what: body["message"]}).encode(), BOT) == []
    service = {"message_id": 17, "chat": CHAT, "date": STAMP, "pinned_message": {}}
    assert events_of(json.dumps({"message": service}).encode(), BOT) == []


def test_a_changed_message_says_what_it_says_now() -> None:
    message = json.loads(written(text="STOP", edit_date=STAMP + 10))["message"]
    (reply,) = events_of(json.dumps({"update_id": 1, "edited_message": message}).encode(), BOT)

    assert isinstance(reply, Reply)
    assert (reply.key, reply.text, reply.is_edit) == (f"424242:17:edited:{STAMP + 10}", "STOP", True)


def test_a_pressed_button_is_a_reply() -> None:
    pressed = {"id": "7", "data": "STOP", "message": {"message_id": 17, "date": STAMP, "chat": CHAT}}
    group = pressed | {"message": {"message_id": 17, "date": STAMP, "chat": GROUP}}

    assert events_of(json.dumps({"callback_query": pressed}).encode(), BOT) == [
        Reply("button:7", account=BOT, phone=None, user_id="424242", text="", button="STOP", at=AT)
    ]
    assert events_of(json.dumps({"callback_query": group}).encode(), BOT) == []


def test_only_what_repeats_our_secret_is_genuine() -> None:
    channel = TelegramChannel(TOKEN, webhook_secret=f" {SECRET} ")

    assert takes_in(channel)
    assert channel.challenge({}) is None
    assert channel.is_genuine({"x-telegram-bot-api-secret-token": SECRET}, b"{}")
    for given_secret in ("", SECRET[:-1], SECRET + "x", "ключ"):
        assert not channel.is_genuine({"x-telegram-bot-api-secret-token": given_secret}, b"{}")
    assert not channel.is_genuine({}, b"{}")
    without = TelegramChannel(TOKEN)
    assert not takes_in(without)
    assert not without.is_genuine({"x-telegram-bot-api-secret-token": ""}, b"{}")


@pytest.mark.parametrize(
    ("bot", "secret"),
    [
        (None, ""), (None, "short"), (None, "x" * 257), (None, "sixteen chars & more"),
        ("ShopBot", None), ("", SECRET), ("shop bot", SECRET), ("https://t.me/ShopBot", SECRET),
    ],
)  # fmt: skip
def test_a_secret_or_a_name_that_cannot_be_used_is_refused_without_being_told(
    bot: str | None, secret: str | None
) -> None:
    with pytest.raises(InvalidSettings) as refused:
        TelegramChannel(TOKEN, bot=bot, webhook_secret=secret)

    assert not secret or secret not in str(refused.value)


def test_a_link_is_what_telegram_takes_and_names_one_person_only() -> None:
    links = BotLinks("@ShopBot", SECRET)
    url, _, token = links.url(LEAD).partition("?start=")

    assert url == "https://t.me/ShopBot"
    assert len(token) <= 64
    assert events_of(written(text=f"/start {token}"), BOT)[0] == ChatStarted(
        "424242:17", chat="424242", token=token, at=AT
    )
    assert links.lead_id(token) == 7
    assert links.is_of(token, LEAD)
    assert links.is_of(
        links.url(Lead(7, email="a@b.example")).partition("=")[2], Lead(7, phone="6012", email="a@b.example")
    )
    assert not links.is_of(token, Lead(8, phone=LEAD.phone))
    # SQLite gives the id of a lead that was forgotten to the next one.
    assert not links.is_of(token, Lead(7, phone="60199999999"))
    assert not BotLinks("ShopBot", SECRET + "x").is_of(token, LEAD)
    assert SECRET not in repr(links)


@pytest.mark.parametrize("token", ["", "a", "abc", "-" * 64, "_" * 32, "A" * 31, "ключ"])
def test_a_token_that_we_did_not_write_names_nobody(token: str) -> None:
    links = BotLinks("ShopBot", SECRET)

    assert links.lead_id(token) is None
    assert not links.is_of(token, LEAD)


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
KNOWN = st.sampled_from(["message_id", "chat", "date", "text", "caption", "from", "migrate_to_chat_id", "photo"])
VALUES = st.sampled_from([CHAT, GROUP, STAMP, 17, "/start abc", {"status": "kicked"}])
MESSAGES = st.dictionaries(KNOWN, ANYTHING | VALUES) | ANYTHING


@given(st.fixed_dictionaries({}, optional={"message": MESSAGES, "my_chat_member": MESSAGES}))
def test_no_update_is_too_strange(body: dict[str, object]) -> None:
    for event in events_of(json.dumps(body).encode(), BOT):
        assert isinstance(event, Reply | ChatStarted | ChatBlocked | ChatMoved)
        assert event.key


@given(st.binary() | ANYTHING.map(lambda value: json.dumps(value).encode()))
def test_a_body_that_is_not_json_is_refused_and_any_other_read(body: bytes) -> None:
    with suppress(json.JSONDecodeError, UnicodeDecodeError):
        assert events_of(body, BOT) == []
