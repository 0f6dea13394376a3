"""What a GOWA gateway posts to a webhook: replies and receipts are read, whatever else is passed over."""

import hashlib
import hmac
import json
from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dripline.channels.gowa.channel import GowaChannel
from dripline.channels.gowa.webhook import GowaWebhook, events_of
from dripline.core.events.inbound import Delivery, MessageKind, Receipt, Reply
from dripline.errors import InvalidSettings

SECRET = "shhh-" + "0123456789abcdef"
DEVICE = "60198765432@s.whatsapp.net"
PERSON = "60123456789@s.whatsapp.net"
LID = "251556368777322@lid"
GROUP = "120363402106@g.us"
AT = datetime(2026, 1, 1, tzinfo=UTC)
STAMP = "2026-01-01T08:00:00+08:00"
EXAMPLES = Path(__file__).parents[3] / "shared" / "specs" / "gowa-webhook-examples.json"


def posted(event: object, payload: object, **more: object) -> bytes:
    return json.dumps({"event": event, "device_id": DEVICE, "payload": payload, **more}).encode()


def written(**more: object) -> dict[str, Any]:
    known = {"id": "3EB0", "chat_id": PERSON, "from": PERSON, "timestamp": STAMP, "is_from_me": False}
    return known | {"from_name": "Aina", "body": "Hi"} | more


def acknowledged(kind: str = "delivered", **more: object) -> dict[str, Any]:
    return {"ids": ["3EB0A", "3EB0B"], "chat_id": PERSON, "from": PERSON, "receipt_type": kind, **more}


def test_only_what_the_gateway_signed_is_genuine() -> None:
    body = posted("message", written())
    signature = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    gateway = GowaChannel(
        "http://gateway:3000", username="drip", password="word", webhook_secret=SECRET, now=lambda: AT
    )

    assert gateway.is_genuine({"x-hub-signature-256": signature}, body)
    assert not gateway.is_genuine({"x-hub-signature-256": signature}, body + b" ")
    assert not GowaWebhook("other-" + SECRET).is_genuine({"x-hub-signature-256": signature}, body)
    assert not gateway.is_genuine({"x-hub-signature-256": signature.removeprefix("sha256=")}, body)
    assert not gateway.is_genuine({}, body)
    assert gateway.challenge({"hub.mode": "subscribe", "hub.challenge": "1"}) is None
    assert gateway.events(body) == events_of(body)


def test_without_a_secret_nothing_is_genuine() -> None:
    gateway = GowaChannel("http://gateway:3000", username="drip", password="word", now=lambda: AT)
    signature = "sha256=" + hmac.new(b"", b"{}", hashlib.sha256).hexdigest()

    assert not gateway.is_genuine({"x-hub-signature-256": signature}, b"{}")


@pytest.mark.parametrize("secret", ["", " ", "x", "secret", " secret\n", "fifteen letters"])
def test_a_secret_that_is_guessed_is_refused(secret: str) -> None:
    with pytest.raises(InvalidSettings, match="webhook secret"):
        GowaWebhook(secret)


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"body": "STOP"}, "STOP"),
        ({"body": "Taj Mahal", "image": {"path": "statics/1.jpeg", "caption": "Taj Mahal"}}, "Taj Mahal"),
        ({"body": None, "image": "statics/1.jpeg"}, ""),
        ({"body": None, "location": {"degreesLatitude": 1.0}}, ""),
        ({"is_from_me": None}, "Hi"),
        ({"chat_id": None}, "Hi"),
        ({"chat_id": LID, "chat_lid": LID}, "Hi"),
    ],
)
def test_what_a_person_writes_is_a_reply(more: dict[str, Any], text: str) -> None:
    kind = MessageKind.PICTURE if "image" in more else MessageKind.PLACE if "location" in more else MessageKind.TEXT

    assert events_of(posted("message", written(**more))) == [
        Reply("3EB0", account=DEVICE, phone="60123456789", name="Aina", text=text, at=AT, kind=kind)
    ]


@pytest.mark.parametrize(
    ("more", "phone", "user_id"),
    [
        ({"from_lid": LID}, "60123456789", LID),
        ({"from_lid": LID, "from": LID}, None, LID),
        ({"from": LID}, None, LID),
        ({"from_lid": "strange"}, "60123456789", None),
    ],
)
def test_a_person_is_known_by_their_phone_or_by_the_id_that_hides_it(
    more: dict[str, Any], phone: str | None, user_id: str | None
) -> None:
    (reply,) = events_of(posted("message", written(**more)))

    assert isinstance(reply, Reply)
    assert (reply.phone, reply.user_id) == (phone, user_id)


@pytest.mark.parametrize(
    "more",
    [
        {"is_from_me": True}, {"from": DEVICE},
        {"chat_id": GROUP}, {"chat_id": "status@broadcast"}, {"chat_id": "120363123456789@newsletter"},
        {"from": "60123456789"}, {"from": "ab@s.whatsapp.net"}, {"from": None}, {"from": 5}, {"from": "0@new"},
        {"id": ""}, {"id": None},
        {"timestamp": None}, {"timestamp": "yesterday"}, {"timestamp": 1767225600},
        {"timestamp": "2026-01-01T08:00:00"}, {"timestamp": "0001-01-01T00:00:00+14:00"},
    ],
)  # fmt: skip
def test_what_no_person_wrote_to_us_alone_is_passed_over(more: dict[str, Any]) -> None:
    assert events_of(posted("message", written(**more))) == []


@pytest.mark.parametrize(
    "event", ["message.reaction", "message.revoked", "message.deleted", "call.offer", "new", None, 5]
)
def test_any_other_event_is_passed_over(event: object) -> None:
    assert events_of(posted(event, written(**acknowledged()))) == []


def test_a_changed_message_says_what_it_says_now() -> None:
    body = posted("message.edited", written(body="STOP", original_message_id="3EB0"))

    assert events_of(body) == [
        Reply(
            f"3EB0:edited:{int(AT.timestamp())}",
            account=DEVICE, phone="60123456789", name="Aina", text="STOP", is_edit=True, at=AT,
        )
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("told", "state"),
    [("delivered", Delivery.DELIVERED), ("read", Delivery.READ), ("played", Delivery.READ)],
)
def test_a_receipt_says_how_far_each_of_its_messages_has_come(told: str, state: Delivery) -> None:
    assert events_of(posted("message.ack", acknowledged(told), timestamp=STAMP)) == [
        Receipt(f"{known}:{state}:{int(AT.timestamp())}", provider_id=known, state=state, at=AT)
        for known in ("3EB0A", "3EB0B")
    ]


@pytest.mark.parametrize(
    "payload",
    [
        acknowledged("sender"), acknowledged("retry"), acknowledged("read-self"), acknowledged("new"),
        acknowledged("read", **{"from": DEVICE}), acknowledged(ids=None), acknowledged(ids="3EB0"),
        acknowledged(ids=["", None, 5]), {}, None, [], 5,
    ],
)  # fmt: skip
def test_what_our_own_phone_says_of_others_messages_is_no_receipt(payload: object) -> None:
    assert events_of(posted("message.ack", payload, timestamp=STAMP)) == []


def test_a_receipt_without_its_instant_is_none() -> None:
    assert events_of(posted("message.ack", acknowledged())) == []


def test_every_event_that_gowa_shows_is_read_and_only_replies_and_receipts_are_taken() -> None:
    if not EXAMPLES.is_file():
        pytest.skip("the examples gowa-webhook-examples.json are not beside this checkout")
    examples = cast("list[dict[str, Any]]", json.loads(EXAMPLES.read_text())["examples"])
    taken = Counter[str]()
    for example in examples:
        body = cast("dict[str, Any]", example["payload"])
        events = events_of(json.dumps(body).encode())
        taken.update(f"{body.get('event')} {type(event).__name__}" for event in events)

    assert len(examples) == 42
    assert taken == {"message Reply": 18, "message.ack Receipt": 2, "message.edited Reply": 1}


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)
KNOWN = st.sampled_from(["id", "ids", "from", "from_lid", "chat_id", "timestamp", "body", "receipt_type", "is_from_me"])
VALUES = st.sampled_from([PERSON, LID, GROUP, STAMP, "read", "3EB0", ["3EB0"]])
PAYLOADS = ANYTHING | st.dictionaries(KNOWN, ANYTHING | VALUES)
EVENTS = st.sampled_from(["message", "message.ack"])
BODIES = st.fixed_dictionaries({"event": EVENTS, "payload": PAYLOADS, "timestamp": ANYTHING | st.just(STAMP)})


@given(BODIES)
def test_no_payload_is_too_strange(body: dict[str, object]) -> None:
    for event in events_of(json.dumps(body).encode()):
        assert isinstance(event, Reply | Receipt)
        assert event.key
        assert event.at.tzinfo is UTC


@given(st.binary() | ANYTHING.map(lambda value: json.dumps(value).encode()))
def test_a_body_that_is_not_json_is_refused_and_any_other_read(body: bytes) -> None:
    with suppress(json.JSONDecodeError, UnicodeDecodeError):
        assert events_of(body) == []


def test_a_body_that_is_nested_too_deep_is_refused() -> None:
    with pytest.raises(ValueError, match="too deep"):
        events_of(b"[" * 100_000)
