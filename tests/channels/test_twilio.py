"""SMS and WhatsApp through Twilio, against a real HTTP server that answers as scripted."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qsl

import pytest

from dripline import Accepted, Lead, Message, Outcome, Rejected, RetryLater, SenderUnavailable, Unknown
from dripline.channels.twilio.channel import TwilioChannel
from dripline.core.outcome import Scope
from dripline.errors import InvalidSettings
from support.endpoint import Endpoint, serving
from support.sending import sent

ACCOUNT_SID = "AC" + "0123456789abcdef" * 2
TOKEN = "token-" + "0123456789abcdef"
NUMBER = "+14155552345"
SID = "SM" + "a" * 32
NOW = datetime(2026, 1, 1, 8, 30, tzinfo=UTC)
ACCEPTED = {"sid": SID, "status": "queued", "error_code": None, "error_message": None}


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with serving() as server:
        server.status, server.body = 201, json.dumps(ACCEPTED).encode()
        yield server


def message(text: str = "Hi 😊 & bye", *, account: str | None = None, failures: int = 0) -> Message:
    return Message(
        "60123456789",
        text=text,
        record_id=7_000_000_000_001,
        attempt=2,
        failures=failures,
        lead=Lead(1, phone="60123456789"),
        sequence="Warm",
        step=3,
        account=account,
    )


def send(endpoint: Endpoint, message: Message, *, timeout: float = 5, **settings: Any) -> Outcome:  # noqa: ANN401  (any of the channel's own)
    base = endpoint.url.removesuffix("/hook")
    given: dict[str, Any] = {"sender": NUMBER, "base_url": base, "timeout": timeout, **settings}
    channel = TwilioChannel(ACCOUNT_SID, TOKEN, now=lambda: NOW, **given)
    return sent(channel, message)[0]


def form(endpoint: Endpoint) -> dict[str, str]:
    return dict(parse_qsl(endpoint.requests[-1][1].decode(), keep_blank_values=True, strict_parsing=True))


def refuse(endpoint: Endpoint, code: int, *, status: int = 400, message: str = "No") -> None:
    endpoint.status = status
    endpoint.body = json.dumps({"code": code, "message": message, "status": status}).encode()


def test_a_message_is_one_form_post_under_the_accounts_login(endpoint: Endpoint) -> None:
    assert send(endpoint, message()) == Accepted(SID)

    headers, _ = endpoint.requests[0]
    assert endpoint.paths == [f"/2010-04-01/Accounts/{ACCOUNT_SID}/Messages.json"]
    assert headers["content-type"] == "application/x-www-form-urlencoded"
    assert base64.b64decode(headers["authorization"].removeprefix("Basic ")).decode() == f"{ACCOUNT_SID}:{TOKEN}"
    assert form(endpoint) == {"To": "+60123456789", "From": NUMBER, "Body": "Hi 😊 & bye"}


def test_over_whatsapp_both_numbers_say_so(endpoint: Endpoint) -> None:
    assert send(endpoint, message(), is_whatsapp=True) == Accepted(SID)

    assert form(endpoint)["To"] == "whatsapp:+60123456789"
    assert form(endpoint)["From"] == f"whatsapp:{NUMBER}"


def test_twilio_is_asked_to_tell_what_becomes_of_a_message(endpoint: Endpoint) -> None:
    send(endpoint, message(), status_callback="https://example.com/hooks/sms")

    assert form(endpoint)["StatusCallback"] == "https://example.com/hooks/sms"


@pytest.mark.parametrize(
    ("account", "is_whatsapp", "sent_as"),
    [
        ("+60300000001", False, "+60300000001"),
        (" 60300000001 ", False, "+60300000001"),
        ("60300000001", True, "whatsapp:+60300000001"),
        ("whatsapp:+60300000001", True, "whatsapp:+60300000001"),
        ("36777", False, "36777"),
        ("EXAMA Shop", False, "EXAMA Shop"),
    ],
)
def test_each_sender_has_its_own_number(endpoint: Endpoint, account: str, *, is_whatsapp: bool, sent_as: str) -> None:
    send(endpoint, message(account=account), is_whatsapp=is_whatsapp)

    assert form(endpoint)["From"] == sent_as


@pytest.mark.parametrize(
    ("account", "is_whatsapp"),
    [(None, False), ("", False), ("whatsapp:+60300000001", False), ("+6030/1", False), ("a name too long", False),
     ("36777", True), ("EXAMA Shop", True)],
)  # fmt: skip
def test_without_a_number_nothing_leaves(endpoint: Endpoint, account: str | None, *, is_whatsapp: bool) -> None:
    sender = None if account is None else NUMBER
    outcome = send(endpoint, message(account=account), sender=sender, is_whatsapp=is_whatsapp)

    assert isinstance(outcome, SenderUnavailable)
    assert "account" in outcome.error
    assert endpoint.requests == []


MESSAGE, CONTACT, TEMPLATE = Scope.MESSAGE, Scope.CONTACT, Scope.TEMPLATE
SENDER, ACCOUNT = Scope.SENDER, Scope.ACCOUNT

TABLE: list[tuple[tuple[int, ...], type[Outcome], dict[str, Any]]] = [
    ((20003, 20404), SenderUnavailable, {"scope": ACCOUNT, "until": None}),
    ((21212, 21659, 21660, 21661, 63007), SenderUnavailable, {"scope": SENDER, "until": None}),
    ((20429, 30001, 63018), RetryLater, {"scope": SENDER}),
    ((21610, 63014), Rejected, {"scope": CONTACT, "suppress": True}),
    ((21211, 21614, 21635, 30005, 30006), Rejected, {"scope": CONTACT, "suppress": False}),
    ((30003, 30007, 12345), RetryLater, {"scope": MESSAGE}),
    ((63032,), Rejected, {"scope": MESSAGE, "suppress": False}),
    ((63016,), RetryLater, {"scope": Scope.CONVERSATION, "after": timedelta(0)}),
]
"""Twilio's error codes, and what the first such answer leads to."""


@pytest.mark.parametrize(
    ("code", "kind", "fields"), [(code, kind, fields) for codes, kind, fields in TABLE for code in codes]
)
def test_every_code_means_something(endpoint: Endpoint, code: int, kind: type[Outcome], fields: dict[str, Any]) -> None:
    refuse(endpoint, code)
    outcome = send(endpoint, message())

    assert isinstance(outcome, kind)
    assert {name: getattr(outcome, name) for name in fields} == fields
    assert not isinstance(outcome, Accepted)
    assert outcome.error == f"Twilio error {code}: No"


@pytest.mark.parametrize(
    ("code", "failures", "kind"),
    [
        (30003, 1, RetryLater),
        (30003, 2, Rejected),
        (12345, 1, RetryLater),
        (12345, 2, Rejected),
        (30007, 1, SenderUnavailable),
        (20429, 9, RetryLater),
    ],
)
def test_what_was_tried_before_counts(endpoint: Endpoint, code: int, failures: int, kind: type[Outcome]) -> None:
    refuse(endpoint, code)

    assert isinstance(send(endpoint, message(failures=failures)), kind)


@pytest.mark.parametrize(("code", "kind"), [(21211, Rejected), (20500, Unknown), (20503, Unknown)])
def test_a_failure_of_twilios_own_is_unknown_unless_its_code_says_more(
    endpoint: Endpoint, code: int, kind: type[Outcome]
) -> None:
    refuse(endpoint, code, status=500)

    assert isinstance(send(endpoint, message()), kind)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (201, b"{}", Unknown),
        (201, b'{"sid": ""}', Unknown),
        (201, b"<html>", Unknown),
        (201, b"[" * 60_000, Unknown),
        (500, b"<html>", Unknown),
        (502, b"", Unknown),
        (429, b"", RetryLater),
        (404, b"<html>", SenderUnavailable),
        (302, b"", SenderUnavailable),
        (401, b'{"code": "20003"}', SenderUnavailable),
        (400, b"[]", SenderUnavailable),
    ],
)
def test_an_answer_without_a_code_means_what_its_status_says(
    endpoint: Endpoint, status: int, body: bytes, kind: type[Outcome]
) -> None:
    endpoint.status, endpoint.body = status, body

    assert isinstance(send(endpoint, message()), kind)


def test_twilio_may_say_how_long_the_sender_is_to_rest(endpoint: Endpoint) -> None:
    endpoint.status, endpoint.body, endpoint.headers = 429, b"", {"retry-after": "7"}
    outcome = send(endpoint, message())

    assert isinstance(outcome, RetryLater)
    assert (outcome.wait, outcome.scope) == (timedelta(seconds=7), SENDER)


def test_a_token_that_twilio_repeats_is_not_told(endpoint: Endpoint) -> None:
    refuse(endpoint, 20003, status=401, message=f"Authenticate: {TOKEN} is wrong")
    outcome = send(endpoint, message())

    assert isinstance(outcome, SenderUnavailable)
    assert "(the token) is wrong" in outcome.error
    assert TOKEN not in repr(outcome)


def test_a_text_that_is_too_long_is_not_sent(endpoint: Endpoint) -> None:
    assert isinstance(send(endpoint, message("x" * 1_600)), Accepted)
    assert isinstance(send(endpoint, message("x" * 1_601)), Rejected)
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"account_sid": ""}, {"account_sid": "AC123"}, {"account_sid": "../" + "0" * 31},
        {"auth_token": ""}, {"auth_token": "two words"}, {"auth_token": "ключ"},
        {"sender": "x/y"}, {"sender": ""},
        {"base_url": "api.twilio.com"}, {"base_url": "https://me:secret@api.twilio.com"},
        {"status_callback": "example.com"},
    ],
)  # fmt: skip
def test_settings_that_cannot_be_used_are_refused_without_being_told(wrong: dict[str, str]) -> None:
    given: dict[str, Any] = {"account_sid": ACCOUNT_SID, "auth_token": TOKEN, "sender": NUMBER, **wrong}
    with pytest.raises(InvalidSettings) as refused:
        TwilioChannel(**given, now=lambda: NOW)

    assert TOKEN not in str(refused.value)
    assert "secret" not in str(refused.value)
