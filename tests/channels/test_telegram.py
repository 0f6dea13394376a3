"""Telegram, against a real HTTP server that answers as scripted."""

import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from dripline import (
    Accepted,
    Dripline,
    Lead,
    Message,
    Outcome,
    Rejected,
    RetryLater,
    SenderUnavailable,
    Sequence,
    Step,
    Unknown,
    VirtualClock,
)
from dripline.channels.telegram.channel import TelegramChannel
from dripline.core.outcome import Scope
from dripline.errors import InvalidSettings
from support.endpoint import Endpoint, serving
from support.sending import sent

TOKEN = "110201543:" + "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
NOW = datetime(2026, 1, 1, 8, 30, tzinfo=UTC)
ACCEPTED = {"ok": True, "result": {"message_id": 17, "chat": {"id": 424242, "type": "private"}}}


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with serving() as server:
        server.body = json.dumps(ACCEPTED).encode()
        yield server


def message(text: str = "Hi 😊", *, chat: str = "424242", account: str | None = None) -> Message:
    return Message(
        chat,
        text=text,
        record_id=7,
        attempt=1,
        lead=Lead(1, phone="60123456789"),
        sequence="Warm",
        step=1,
        account=account,
    )


def base(endpoint: Endpoint) -> str:
    return endpoint.url.removesuffix("/hook")


def send(url: str, message: Message, *, timeout: float = 5) -> Outcome:
    channel = TelegramChannel(TOKEN, base_url=url, timeout=timeout)
    return sent(channel, message)[0]


def refuse(endpoint: Endpoint, status: int, description: str, **more: object) -> None:
    endpoint.status = status
    told = {"ok": False, "error_code": status, "description": description, **more}
    endpoint.body = json.dumps(told).encode()


def test_a_message_is_one_post_to_the_leads_chat(endpoint: Endpoint) -> None:
    assert send(base(endpoint), message()) == Accepted("424242:17")

    headers, body = endpoint.requests[0]
    assert endpoint.paths == [f"/bot{TOKEN}/sendMessage"]
    assert headers["content-type"] == "application/json"
    assert json.loads(body) == {"chat_id": 424242, "text": "Hi 😊"}


@pytest.mark.parametrize("chat", ["", "-1001234", "@channel", "0", "1.5", "1e5", "٣", "9" * 17])
def test_what_is_no_chat_of_a_person_cannot_be_reached(endpoint: Endpoint, chat: str) -> None:
    """A group's id is negative, a channel has a name: what is meant for one person goes to neither."""
    outcome = send(base(endpoint), message(chat=chat))

    assert isinstance(outcome, Rejected)
    assert (outcome.scope, outcome.suppress) == (Scope.CONTACT, False)
    assert "telegram_chat_id" in outcome.error
    assert endpoint.requests == []


def test_a_sender_of_another_bot_is_not_sent_for(endpoint: Endpoint) -> None:
    assert isinstance(send(base(endpoint), message(account="110201543")), Accepted)
    assert isinstance(send(base(endpoint), message(account="5")), SenderUnavailable)
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize(
    ("status", "description", "kind", "fields"),
    [
        (403, "Forbidden: bot was blocked by the user", Rejected, {"scope": Scope.CONTACT, "suppress": False}),
        (403, "Forbidden: user is deactivated", Rejected, {"scope": Scope.CONTACT}),
        (400, "Bad Request: chat not found", Rejected, {"scope": Scope.CONTACT, "suppress": False}),
        (400, "Bad Request: message is too long", Rejected, {"scope": Scope.MESSAGE}),
        (401, "Unauthorized", SenderUnavailable, {"until": None}),
        (404, "Not Found", SenderUnavailable, {"until": None}),
        (429, "Too Many Requests: retry after 5", RetryLater, {"scope": Scope.SENDER, "wait": None}),
        (500, "Internal Server Error", Unknown, {}),
    ],
)
def test_every_refusal_means_something(
    endpoint: Endpoint, status: int, description: str, kind: type[Outcome], fields: dict[str, Any]
) -> None:
    refuse(endpoint, status, description)
    outcome = send(base(endpoint), message())

    assert isinstance(outcome, kind)
    assert {name: getattr(outcome, name) for name in fields} == fields


@pytest.mark.parametrize(
    ("told", "wait"),
    [(5, timedelta(seconds=5)), (10**30, timedelta(days=1)), (-1, None), ("5", None), (None, None)],
)
def test_telegram_says_how_long_the_bot_is_to_rest(endpoint: Endpoint, told: object, wait: timedelta | None) -> None:
    refuse(endpoint, 429, "Too Many Requests", parameters={"retry_after": told})
    outcome = send(base(endpoint), message())

    assert isinstance(outcome, RetryLater)
    assert outcome.wait == wait


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, b"{}", Unknown),
        (200, b'{"result": {"message_id": "17"}}', Unknown),
        (200, b"<html>", Unknown),
        (200, b"[" * 60_000, Unknown),
        (502, b"<html>", Unknown),
        (400, b"<html>", SenderUnavailable),
        (302, b"", SenderUnavailable),
        (429, b"", RetryLater),
    ],
)
def test_an_answer_that_is_not_telegrams_means_what_its_status_says(
    endpoint: Endpoint, status: int, body: bytes, kind: type[Outcome]
) -> None:
    endpoint.status, endpoint.body = status, body

    assert isinstance(send(base(endpoint), message()), kind)


def test_a_text_that_is_too_long_is_not_sent(endpoint: Endpoint) -> None:
    assert isinstance(send(base(endpoint), message("x" * 4_096)), Accepted)
    assert isinstance(send(base(endpoint), message("x" * 4_097)), Rejected)
    assert len(endpoint.requests) == 1


def test_the_token_is_in_no_error_and_in_no_log(endpoint: Endpoint, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    refuse(endpoint, 404, f"No bot {TOKEN}")
    outcome = send(base(endpoint), message())

    assert TOKEN not in repr(outcome)
    assert "/sendMessage" not in caplog.text
    assert TOKEN.partition(":")[2] not in caplog.text


def test_what_a_program_asks_itself_over_http_is_logged_as_before(
    endpoint: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    send(base(endpoint), message())
    httpx.post(f"{base(endpoint)}/mine")

    assert [record.message.split()[3].endswith("/mine") for record in caplog.records] == [True]


@pytest.mark.parametrize(
    ("token", "url"),
    [("", "https://x.example"), ("a b", "https://x.example"), ("1:../../x", "https://x.example"), (TOKEN, "x.example")],
)
def test_settings_that_cannot_be_used_are_refused_without_being_told(token: str, url: str) -> None:
    with pytest.raises(InvalidSettings) as refused:
        TelegramChannel(token, base_url=url)

    assert TOKEN not in str(refused.value)
    assert "../.." not in str(refused.value)


def test_who_opened_a_chat_is_sent_to_and_who_did_not_leaves(endpoint: Endpoint, tmp_path: Path) -> None:
    clock = VirtualClock(NOW)
    channel = TelegramChannel(TOKEN, base_url=base(endpoint))
    with Dripline(str(tmp_path / "shop.db"), clock=clock, channels={"telegram": channel}) as drip:
        drip.apply(Sequence("Warm", trigger="WARM", channel="telegram", steps=[Step("One"), Step("Two", "12h")]))
        drip.add_lead(phone="60123456789", triggers=["WARM"], attributes={"telegram_chat_id": "424242"})
        drip.add_lead(email="nobody@example.com", triggers=["WARM"])
        drip.tick()

        assert [json.loads(body)["chat_id"] for _, body in endpoint.requests] == [424242]
        assert [record.status for record in drip.records(phone="60123456789")] == ["completed", "active"]
        assert [record.status for record in drip.records(email="nobody@example.com")] == ["failed", "cancelled"]
