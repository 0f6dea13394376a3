"""WhatsApp's Cloud API, against a real HTTP server that answers as scripted."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dripline import (
    Accepted,
    Lead,
    Media,
    Message,
    Outcome,
    Rejected,
    RetryLater,
    SenderUnavailable,
    Template,
    Unknown,
)
from dripline.channels.whatsapp.channel import WhatsAppCloudChannel
from dripline.core.outcome import Scope
from dripline.errors import InvalidSettings
from support.endpoint import Endpoint, serving
from support.sending import sent

TOKEN = "EAAG-" + "0123456789abcdef"
NUMBER = "106540352242922"
NOW = datetime(2026, 1, 1, 8, 30, tzinfo=UTC)
ACCEPTED = {
    "messaging_product": "whatsapp",
    "contacts": [{"input": "60123456789", "wa_id": "60123456789"}],
    "messages": [{"id": "wamid.HBgL", "message_status": "accepted"}],
}


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with serving() as server:
        server.body = json.dumps(ACCEPTED).encode()
        yield server


def message(
    text: str = "Hi 😊",
    to: str = "60123456789",
    *,
    account: str | None = None,
    failures: int = 0,
    media: Media | None = None,
    template: Template | None = None,
) -> Message:
    return Message(
        to,
        text=text,
        record_id=7_000_000_000_001,
        attempt=2,
        failures=failures,
        lead=Lead(1, phone=to),
        sequence="Warm",
        step=3,
        account=account,
        media=media,
        template=template,
    )


def send(endpoint: Endpoint, message: Message, *, number: str | None = NUMBER, timeout: float = 5) -> Outcome:
    base = endpoint.url.removesuffix("/hook")
    channel = WhatsAppCloudChannel(TOKEN, phone_number_id=number, base_url=base, now=lambda: NOW, timeout=timeout)
    return sent(channel, message)[0]


def refuse(endpoint: Endpoint, code: int, *, status: int = 400, **more: object) -> None:
    endpoint.status = status
    endpoint.body = json.dumps({"error": {"message": f"(#{code}) No", "code": code, **more}}).encode()


def test_a_message_is_one_post_that_meta_can_tie_to_its_record(endpoint: Endpoint) -> None:
    assert send(endpoint, message()) == Accepted("wamid.HBgL")

    headers, body = endpoint.requests[0]
    assert endpoint.paths == [f"/v23.0/{NUMBER}/messages"]
    assert headers["authorization"] == f"Bearer {TOKEN}"
    assert json.loads(body) == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "60123456789",
        "type": "text",
        "text": {"body": "Hi 😊"},
        "biz_opaque_callback_data": "7000000000001",
    }


def test_each_sender_has_its_own_number(endpoint: Endpoint) -> None:
    send(endpoint, message(account="222"))
    send(endpoint, message(account="333"), number=None)

    assert endpoint.paths == ["/v23.0/222/messages", "/v23.0/333/messages"]


@pytest.mark.parametrize("account", [None, "../1", "1/2", "1?x=2", "1 2"])
def test_without_a_number_nothing_leaves(endpoint: Endpoint, account: str | None) -> None:
    outcome = send(endpoint, message(account=account), number=None)

    assert isinstance(outcome, SenderUnavailable)
    assert "account" in outcome.error
    assert endpoint.requests == []


PICTURE = Media("image", "https://shop.example.com/a.jpg")
PRICES = Media("document", "https://shop.example.com/a.pdf", filename="Prices.pdf")
LINK = {"link": "https://shop.example.com/a.jpg"}


@pytest.mark.parametrize(
    ("sent", "asked"),
    [
        ({"media": PICTURE}, {"type": "image", "image": LINK | {"caption": "Hi 😊"}}),
        (
            {"media": PRICES},
            {
                "type": "document",
                "document": {"link": PRICES.url, "caption": "Hi 😊", "filename": "Prices.pdf"},
            },
        ),
        (
            {"template": Template("warm_1")},
            {
                "type": "template",
                "template": {
                    "name": "warm_1",
                    "language": {"policy": "deterministic", "code": "en"},
                    "components": [],
                },
            },
        ),
        (
            {"template": Template("warm_1", language="ms", parameters=["A\n  b"], header=PICTURE, buttons=["x"])},
            {
                "type": "template",
                "template": {
                    "name": "warm_1",
                    "language": {"policy": "deterministic", "code": "ms"},
                    "components": [
                        {"type": "header", "parameters": [{"type": "image", "image": LINK}]},
                        {"type": "body", "parameters": [{"type": "text", "text": "A b"}]},
                        {
                            "type": "button",
                            "sub_type": "url",
                            "index": "0",
                            "parameters": [{"type": "text", "text": "x"}],
                        },
                    ],
                },
            },
        ),
    ],
)
def test_media_and_templates_are_what_meta_asks_for(
    endpoint: Endpoint, sent: dict[str, Any], asked: dict[str, Any]
) -> None:
    assert isinstance(send(endpoint, message(**sent)), Accepted)
    common = {"messaging_product", "recipient_type", "to", "biz_opaque_callback_data"}
    body = json.loads(endpoint.requests[0][1])
    assert {key: value for key, value in body.items() if key not in common} == asked


def test_a_text_that_is_too_long_under_a_picture_is_rejected_here(endpoint: Endpoint) -> None:
    outcome = send(endpoint, message("x" * 1_025, media=PICTURE))

    assert outcome == Rejected("the text under the image is longer than the 1024 characters that WhatsApp takes there")
    assert endpoint.requests == []
    # A template has its own words.
    assert isinstance(send(endpoint, message("x" * 5_000, template=Template("warm_1"))), Accepted)


def test_a_template_that_is_told_to_be_free_text_pauses_its_step(endpoint: Endpoint) -> None:
    refuse(endpoint, 131047)
    outcome = send(endpoint, message(template=Template("warm_1")))

    assert isinstance(outcome, Rejected)
    assert outcome.scope == Scope.TEMPLATE


MESSAGE, CONTACT, TEMPLATE = Scope.MESSAGE, Scope.CONTACT, Scope.TEMPLATE
SENDER, ACCOUNT = Scope.SENDER, Scope.ACCOUNT
A_DAY = timedelta(days=1)

TABLE: list[tuple[tuple[int, ...], type[Outcome], dict[str, Any]]] = [
    ((1, 2, 131000, 131016, 133004), RetryLater, {"scope": MESSAGE}),
    ((4, 80007), RetryLater, {"scope": ACCOUNT}),
    ((130429, 131057, 2494100), RetryLater, {"scope": SENDER}),
    ((131056, 131049), RetryLater, {"scope": CONTACT}),
    ((131048, 131064), SenderUnavailable, {"scope": SENDER, "until": NOW + A_DAY}),
    ((130472,), Rejected, {"scope": MESSAGE, "suppress": False}),
    ((131047,), RetryLater, {"scope": Scope.CONVERSATION, "after": timedelta(0)}),
    ((131050, 130403), Rejected, {"scope": CONTACT, "suppress": True}),
    ((131026, 131030, 131021, 130497), Rejected, {"scope": CONTACT, "suppress": False}),
    ((131062, 100, 131008, 131009, 131051, 135000), Rejected, {"scope": MESSAGE}),
    ((33, 131045, 133010, 131037), SenderUnavailable, {"scope": SENDER, "until": None}),
    ((131052, 131053), RetryLater, {"scope": MESSAGE}),
    ((132000, 132005, 132012, 132018, 132001, 132007, 132016, 131063, 132015), Rejected, {"scope": TEMPLATE}),
    ((134101,), RetryLater, {"scope": MESSAGE, "after": timedelta(minutes=10)}),
    ((0, 3, 10, 190, 200, 230, 299, 131005), SenderUnavailable, {"scope": ACCOUNT, "until": None}),
    ((368, 131031, 131042, 134011), SenderUnavailable, {"scope": ACCOUNT, "until": None}),
    ((424242,), RetryLater, {"scope": MESSAGE}),
]
"""Error codes of the Cloud API, and what the first such answer leads to."""


@pytest.mark.parametrize(
    ("code", "kind", "fields"), [(code, kind, fields) for codes, kind, fields in TABLE for code in codes]
)
def test_every_code_means_something(endpoint: Endpoint, code: int, kind: type[Outcome], fields: dict[str, Any]) -> None:
    refuse(endpoint, code, error_data={"details": "because of this"})
    outcome = send(endpoint, message())

    assert isinstance(outcome, kind)
    assert {name: getattr(outcome, name) for name in fields} == fields
    assert not isinstance(outcome, Accepted)
    assert outcome.error == f"WhatsApp error {code}: (#{code}) No; because of this"


LATER = [
    # code, failed tries before, to, and what comes of the next one
    (1, 1, "60123456789", RetryLater),
    (1, 2, "60123456789", Rejected),
    (424242, 1, "60123456789", RetryLater),
    (424242, 2, "60123456789", Rejected),
    (131052, 1, "60123456789", Rejected),
    (131053, 1, "60123456789", Rejected),
    (131049, 1, "60123456789", RetryLater),
    (131049, 2, "60123456789", Rejected),
    (131049, 0, "12125550123", Rejected),
    (131049, 0, "14165550123", RetryLater),
]
"""131049 is never tried again to the United States (+1 212), but is to Canada (+1 416)."""


@pytest.mark.parametrize(("code", "failures", "to", "kind"), LATER)
def test_what_was_tried_before_counts(
    endpoint: Endpoint, code: int, failures: int, to: str, kind: type[Outcome]
) -> None:
    refuse(endpoint, code)

    assert isinstance(send(endpoint, message(to=to, failures=failures)), kind)


@pytest.mark.parametrize(("failures", "seconds"), [(0, 1), (1, 4), (2, 16), (5, 1_024), (6, 3_600), (60, 3_600)])
def test_a_number_that_is_written_to_too_often_waits_longer_each_time(
    endpoint: Endpoint, failures: int, seconds: int
) -> None:
    refuse(endpoint, 131056)
    outcome = send(endpoint, message(failures=failures))

    assert isinstance(outcome, RetryLater)
    assert outcome.wait == timedelta(seconds=seconds)


def test_an_unknown_code_that_may_pass_is_tried_as_often_as_any(endpoint: Endpoint) -> None:
    refuse(endpoint, 424242, is_transient=True)

    assert isinstance(send(endpoint, message(failures=4)), RetryLater)


def test_a_code_counts_whatever_the_status_is(endpoint: Endpoint) -> None:
    refuse(endpoint, 131026, status=500)

    assert isinstance(send(endpoint, message()), Rejected)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, b"{}", Unknown),
        (200, b'{"messages": [{"id": ""}]}', Unknown),
        (200, b'{"messages": "none"}', Unknown),
        (200, b"<html>", Unknown),
        (500, b"<html>", Unknown),
        (502, b"", Unknown),
        (503, b'{"error": "busy"}', Unknown),
        (429, b"", RetryLater),
        (404, b"<html>", SenderUnavailable),
        (302, b"", SenderUnavailable),
        (401, b'{"error": {"code": "190"}}', SenderUnavailable),
    ],
)
def test_an_answer_without_a_code_means_what_its_status_says(
    endpoint: Endpoint, status: int, body: bytes, kind: type[Outcome]
) -> None:
    endpoint.status, endpoint.body = status, body

    assert isinstance(send(endpoint, message()), kind)


def test_a_message_held_for_a_look_at_its_quality_is_accepted(endpoint: Endpoint) -> None:
    endpoint.body = json.dumps(
        ACCEPTED | {"messages": [{"id": "wamid.1", "message_status": "held_for_quality_assessment"}]}
    ).encode()

    assert send(endpoint, message()) == Accepted("wamid.1")


def test_a_token_that_meta_repeats_is_not_told(endpoint: Endpoint) -> None:
    refuse(endpoint, 190)
    endpoint.body = json.dumps({"error": {"message": f"Malformed access token {TOKEN}", "code": 190}}).encode()
    outcome = send(endpoint, message())

    assert isinstance(outcome, SenderUnavailable)
    assert "Malformed access token (the token)" in outcome.error
    assert TOKEN not in repr(outcome)


def test_a_text_that_is_too_long_is_not_sent(endpoint: Endpoint) -> None:
    assert isinstance(send(endpoint, message("x" * 4_096)), Accepted)
    assert isinstance(send(endpoint, message("x" * 4_097)), Rejected)
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"token": ""}, {"token": "two words"}, {"token": "ключ"},
        {"phone_number_id": "../etc"}, {"phone_number_id": ""},
        {"version": "v23/0"}, {"base_url": "graph.facebook.com"}, {"base_url": "https://me:secret@graph.facebook.com"},
    ],
)  # fmt: skip
def test_settings_that_cannot_be_used_are_refused_without_being_told(wrong: dict[str, str]) -> None:
    right = {"token": TOKEN, "phone_number_id": NUMBER, "version": "v23.0", "base_url": "https://graph.facebook.com"}
    given = right | wrong
    with pytest.raises(InvalidSettings) as refused:
        WhatsAppCloudChannel(
            given["token"],
            phone_number_id=given["phone_number_id"],
            version=given["version"],
            base_url=given["base_url"],
            now=lambda: NOW,
        )

    assert TOKEN not in str(refused.value)
    assert "secret" not in str(refused.value)
