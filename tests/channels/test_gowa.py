"""A GOWA gateway, against a real HTTP server that answers as scripted."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dripline import Accepted, Lead, Media, Message, Outcome, Rejected, RetryLater, SenderUnavailable, Unknown
from dripline.channels.capabilities import takes_in
from dripline.channels.gowa.channel import GowaChannel
from dripline.core.outcome import Scope
from dripline.errors import InvalidSettings
from support.endpoint import Endpoint, serving
from support.sending import sent

USERNAME, PASSWORD = "drip", "pass-" + "0123456789"
LOGIN = base64.b64encode(f"{USERNAME}:{PASSWORD}".encode()).decode()
DEVICE = "jb-1"
NOW = datetime(2026, 1, 1, 8, 30, tzinfo=UTC)
ACCEPTED = {"status": 200, "code": "SUCCESS", "message": "Message sent", "results": {"message_id": "3EB0C127"}}


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with serving() as server:
        server.body = json.dumps(ACCEPTED).encode()
        yield server


def message(
    text: str = "Hi 😊", *, account: str | None = DEVICE, failures: int = 0, media: Media | None = None
) -> Message:
    to = "60123456789"
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
    )


def channel_at(url: str, *, webhook_secret: str | None = None, timeout: float = 5) -> GowaChannel:
    return GowaChannel(
        url,
        username=USERNAME,
        password=PASSWORD,
        webhook_secret=webhook_secret,
        now=lambda: NOW,
        timeout=timeout,
    )


def send(endpoint: Endpoint, message: Message, *, timeout: float = 5) -> Outcome:
    return sent(channel_at(endpoint.url.removesuffix("/hook"), timeout=timeout), message)[0]


def refuse(endpoint: Endpoint, status: int, code: object, said: str = "No") -> None:
    endpoint.status = status
    endpoint.body = json.dumps({"status": status, "code": code, "message": said, "results": None}).encode()


def test_a_message_is_one_post_by_the_senders_device(endpoint: Endpoint) -> None:
    assert send(endpoint, message()) == Accepted("3EB0C127")

    headers, body = endpoint.requests[0]
    assert endpoint.paths == ["/send/message"]
    assert headers["authorization"] == f"Basic {LOGIN}"
    assert headers["x-device-id"] == DEVICE
    assert json.loads(body) == {"phone": "60123456789", "message": "Hi 😊"}


def test_a_device_may_go_by_its_number_and_a_gateway_stand_in_a_folder(endpoint: Endpoint) -> None:
    (outcome,) = sent(channel_at(f"{endpoint.url}/"), message(account="60198765432@s.whatsapp.net"))

    assert isinstance(outcome, Accepted)
    assert endpoint.paths == ["/hook/send/message"]
    assert endpoint.requests[0][0]["x-device-id"] == "60198765432@s.whatsapp.net"


@pytest.mark.parametrize("account", [None, "", " ", "jb-1\r\nx: y", "ключ", "a\tb"])
def test_without_a_device_nothing_leaves(endpoint: Endpoint, account: str | None) -> None:
    outcome = send(endpoint, message(account=account))

    assert isinstance(outcome, SenderUnavailable)
    assert "account" in outcome.error
    assert endpoint.requests == []


MESSAGE, CONTACT, SENDER, ACCOUNT = Scope.MESSAGE, Scope.CONTACT, Scope.SENDER, Scope.ACCOUNT
A_DAY = timedelta(days=1)
A_DAY_LATER = NOW + A_DAY

TABLE: list[tuple[int, object, type[Outcome], dict[str, Any]]] = [
    (429, "WA_REACHOUT_TIMELOCK", SenderUnavailable, {"scope": SENDER, "until": A_DAY_LATER}),
    (401, "AUTHENTICATION_ERROR", SenderUnavailable, {"scope": SENDER, "until": None}),
    (404, "DEVICE_NOT_FOUND", SenderUnavailable, {"scope": SENDER, "until": None}),
    (400, "DEVICE_ID_REQUIRED", SenderUnavailable, {"scope": SENDER, "until": None}),
    (400, "INVALID_JID", RetryLater, {"scope": CONTACT, "after": A_DAY}),
    (400, "VALIDATION_ERROR", Rejected, {"scope": MESSAGE, "suppress": False}),
    (400, "INVALID_REQUEST", Rejected, {"scope": MESSAGE, "suppress": False}),
    (500, "UPLOAD_MEDIA_ERROR", RetryLater, {"scope": MESSAGE, "after": None}),
    (500, "INTERNAL_SERVER_ERROR", Unknown, {}),
    (500, "INVALID_WA_CLI", Unknown, {}),
    (503, "DEVICE_MANAGER_UNAVAILABLE", RetryLater, {"scope": SENDER}),
    (504, "GATEWAY_TIMEOUT", Unknown, {}),
    # The gateway's own document shows the status in place of the code.
    (400, 400, Rejected, {"scope": MESSAGE}),
    (400, "400", Rejected, {"scope": MESSAGE}),
    (401, 401, SenderUnavailable, {"scope": ACCOUNT, "until": None}),
    (422, 422, Rejected, {"scope": MESSAGE}),
    (429, "SLOW_DOWN", SenderUnavailable, {"scope": SENDER, "until": A_DAY_LATER}),
    (503, 503, RetryLater, {"scope": SENDER}),
    (500, "SOMETHING_NEW", Unknown, {}),
    (404, "SOMETHING_NEW", SenderUnavailable, {"scope": SENDER, "until": None}),
]
"""What a gateway answers, and what the first such answer leads to."""


@pytest.mark.parametrize(("status", "code", "kind", "fields"), TABLE)
def test_every_code_means_something(
    endpoint: Endpoint, status: int, code: object, kind: type[Outcome], fields: dict[str, Any]
) -> None:
    refuse(endpoint, status, code, "because of this")
    outcome = send(endpoint, message())

    assert isinstance(outcome, kind)
    assert {name: getattr(outcome, name) for name in fields} == fields
    assert not isinstance(outcome, Accepted)
    assert outcome.error.startswith(f"GOWA error {code} ({status}): because of this")


@pytest.mark.parametrize("status", [200, 500])
def test_a_code_counts_whatever_the_status_is_and_however_it_is_written(endpoint: Endpoint, status: int) -> None:
    refuse(endpoint, status, " validation_error ")

    assert isinstance(send(endpoint, message()), Rejected)


@pytest.mark.parametrize(("status", "code"), [(500, "INTERNAL_SERVER_ERROR"), (400, 400), (400, "INVALID_JID")])
def test_a_refusal_to_start_a_chat_is_known_by_its_number(endpoint: Endpoint, status: int, code: object) -> None:
    refuse(endpoint, status, code, "server returned error 463")
    outcome = send(endpoint, message())

    assert isinstance(outcome, SenderUnavailable)
    assert outcome.until == A_DAY_LATER


@pytest.mark.parametrize("said", ["server returned error 4631", "Phone 60146312345 failed", "trace 0x1463"])
def test_a_number_that_only_holds_463_is_none(endpoint: Endpoint, said: str) -> None:
    refuse(endpoint, 500, "INTERNAL_SERVER_ERROR", said)

    assert isinstance(send(endpoint, message()), Unknown)


LATER = [
    # code, status, failed tries before, and what comes of the next one
    ("INVALID_JID", 400, 1, RetryLater),
    ("INVALID_JID", 400, 2, Rejected),
    ("UPLOAD_MEDIA_ERROR", 500, 1, RetryLater),
    ("UPLOAD_MEDIA_ERROR", 500, 2, Rejected),
    ("WA_REACHOUT_TIMELOCK", 429, 5, SenderUnavailable),
    ("INTERNAL_SERVER_ERROR", 500, 5, Unknown),
]


@pytest.mark.parametrize(("code", "status", "failures", "kind"), LATER)
def test_what_was_tried_before_counts(
    endpoint: Endpoint, code: str, status: int, failures: int, kind: type[Outcome]
) -> None:
    refuse(endpoint, status, code)

    assert isinstance(send(endpoint, message(failures=failures)), kind)


def test_who_is_not_on_whatsapp_three_times_is_not(endpoint: Endpoint) -> None:
    """A lookup that failed says the same, so that once is not enough."""
    refuse(endpoint, 400, "INVALID_JID", "Phone 60123456789@s.whatsapp.net is not on whatsapp")
    outcome = send(endpoint, message(failures=2))

    assert isinstance(outcome, Rejected)
    assert (outcome.scope, outcome.suppress) == (CONTACT, False)


@pytest.mark.parametrize(
    ("status", "body", "kind"),
    [
        (200, b"{}", Unknown),
        (200, b'{"code": "SUCCESS", "results": {"message_id": ""}}', Unknown),
        (200, b'{"code": "SUCCESS", "results": "none"}', Unknown),
        (200, b'{"results": {"message_id": "3EB0"}}', Accepted),
        (200, b"<html>", Unknown),
        (200, b"[" * 50_000, Unknown),
        (500, b"<html>", Unknown),
        (502, b"", Unknown),
        (503, b"<html>", RetryLater),
        (504, b"", Unknown),
        (400, b"<html>", Rejected),
        (400, b'{"code": null, "message": 5}', Rejected),
        (401, b"Unauthorized", SenderUnavailable),
        (404, b"Cannot POST /send/message", SenderUnavailable),
        (302, b"", SenderUnavailable),
    ],
)
def test_an_answer_without_a_code_means_what_its_status_says(
    endpoint: Endpoint, status: int, body: bytes, kind: type[Outcome]
) -> None:
    endpoint.status, endpoint.body = status, body

    assert isinstance(send(endpoint, message()), kind)


def test_a_login_that_is_refused_stops_every_device_until_a_person_corrects_it(endpoint: Endpoint) -> None:
    endpoint.status, endpoint.body = 401, b"Unauthorized"
    outcome = send(endpoint, message())

    assert isinstance(outcome, SenderUnavailable)
    assert (outcome.scope, outcome.until) == (ACCOUNT, None)
    assert "username and password" in outcome.error


@pytest.mark.parametrize("repeated", [PASSWORD, LOGIN])
def test_a_password_that_is_repeated_is_not_told(endpoint: Endpoint, repeated: str) -> None:
    refuse(endpoint, 500, "INTERNAL_SERVER_ERROR", f"upstream refused {repeated}")
    outcome = send(endpoint, message())

    assert isinstance(outcome, Unknown)
    assert "upstream refused (the " in outcome.error
    assert repeated not in repr(outcome)


def test_a_second_copy_is_not_dropped_and_only_with_a_secret_is_anything_taken_in() -> None:
    channel = channel_at("http://127.0.0.1:3000")

    can = channel.capabilities
    assert (can.idempotent, can.sends_at_once, takes_in(channel)) == (False, 10, False)
    assert takes_in(channel_at("http://127.0.0.1:3000", webhook_secret="of our own, at random"))


@pytest.mark.parametrize(
    "wrong",
    [
        {"username": ""}, {"username": "a:b"}, {"username": "a\r\nb"}, {"password": ""}, {"password": "a\nb"},
        {"base_url": "gateway:3000"}, {"base_url": f"https://me:{PASSWORD}@gateway"},
        {"webhook_secret": "secret"}, {"webhook_secret": " secret "}, {"webhook_secret": ""}, {"webhook_secret": "x"},
    ],
)  # fmt: skip
def test_settings_that_cannot_be_used_are_refused_without_being_told(wrong: dict[str, str]) -> None:
    right = {
        "base_url": "http://gateway:3000",
        "username": USERNAME,
        "password": PASSWORD,
        "webhook_secret": "of our own, at random",
    }
    given = right | wrong
    with pytest.raises(InvalidSettings) as refused:
        GowaChannel(
            given["base_url"],
            username=given["username"],
            password=given["password"],
            webhook_secret=given["webhook_secret"],
            now=lambda: NOW,
        )

    assert PASSWORD not in str(refused.value)


def test_a_picture_is_a_form_that_says_where_it_is(endpoint: Endpoint) -> None:
    picture = Media("image", "https://shop.example.com/a.jpg")
    assert isinstance(send(endpoint, message("Look", media=picture)), Accepted)

    headers, body = endpoint.requests[0]
    assert endpoint.paths == ["/send/image"]
    assert headers["content-type"].startswith("multipart/form-data; boundary=")
    wanted = (b'"phone"', b"60123456789", b'"caption"', b"Look", b'"image_url"', picture.url.encode())
    assert [part for part in wanted if part not in body] == []
