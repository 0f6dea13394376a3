"""The webhook, against a real HTTP server that answers as scripted."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks.webhooks import Webhook

from dripline import Accepted, Lead, Message, Outcome, Rejected, RetryLater, SenderUnavailable, SystemClock
from dripline.channels.http.client import CONNECTIONS, LONGEST_RETRY_AFTER
from dripline.channels.webhook.channel import WebhookChannel
from dripline.errors import InvalidSettings
from support.endpoint import Endpoint, serving
from support.sending import sent

SECRET = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NOW = datetime(2026, 1, 1, 8, 30, tzinfo=UTC)


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with serving() as server:
        yield server


def message(record_id: int = 7_000_000_000_001) -> Message:
    lead = Lead(1, phone="60123456789", name="Aina", attributes={"niche": "EXAMA"})
    return Message("60123456789", text="Hi 😊", record_id=record_id, attempt=2, lead=lead, sequence="Warm", step=3)


def send(endpoint: Endpoint, *messages: Message, timeout: float = 5) -> list[Outcome]:
    return sent(WebhookChannel(endpoint.url, SECRET, now=lambda: NOW, timeout=timeout), *messages)


def test_a_message_is_one_signed_post(endpoint: Endpoint) -> None:
    channel = WebhookChannel(endpoint.url, SECRET, now=SystemClock().now)
    sent(channel, message())
    headers, body = endpoint.requests[0]

    assert headers["webhook-id"] == "7000000000001"
    assert Webhook(SECRET).verify(body, headers) == {
        "record_id": 7_000_000_000_001, "attempt": 2, "to": "60123456789", "text": "Hi 😊", "subject": None,
        "html": None, "media": None,
        "sequence": "Warm", "step": 3,
        "lead": {"name": "Aina", "phone": "60123456789", "email": None, "attributes": {"niche": "EXAMA"}},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (200, Accepted), (201, Accepted), (204, Accepted),
        (301, SenderUnavailable), (307, SenderUnavailable),
        (400, Rejected), (401, SenderUnavailable), (403, SenderUnavailable), (404, SenderUnavailable),
        (409, Rejected), (410, SenderUnavailable), (422, Rejected), (429, RetryLater),
        (500, RetryLater), (502, RetryLater), (503, RetryLater), (504, RetryLater),
    ],
)  # fmt: skip
def test_every_status_means_something(endpoint: Endpoint, status: int, expected: type[Outcome]) -> None:
    endpoint.status, endpoint.headers = status, {"location": "http://127.0.0.1:1/elsewhere"}
    endpoint.body = b"" if status == 204 else b"ok"
    (outcome,) = send(endpoint, message())

    assert type(outcome) is expected
    assert len(endpoint.requests) == 1


@pytest.mark.parametrize(
    ("written", "wait"),
    [
        ("120", timedelta(seconds=120)),
        ("Thu, 01 Jan 2026 08:31:00 GMT", timedelta(minutes=1)),
        ("Thu, 01 Jan 2026 08:00:00 GMT", timedelta(0)),
        ("99999999999", LONGEST_RETRY_AFTER),
        ("soon", None),
        ("-5", None),
        ("Thu, 01 Jan 2026 08:31:00", None),
    ],
)
def test_retry_after_is_read_within_reason(endpoint: Endpoint, written: str, wait: timedelta | None) -> None:
    endpoint.status, endpoint.headers = 503, {"retry-after": written}
    (outcome,) = send(endpoint, message())

    assert isinstance(outcome, RetryLater)
    assert outcome.after == wait


def test_a_huge_answer_is_cut_off(endpoint: Endpoint) -> None:
    endpoint.body = b"x" * 5_000_000

    assert isinstance(send(endpoint, message())[0], Accepted)


def test_a_hundred_at_once_go_over_a_few_connections(endpoint: Endpoint) -> None:
    outcomes = send(endpoint, *(message(number) for number in range(100)))

    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert {json.loads(body)["record_id"] for _, body in endpoint.requests} == set(range(100))
    assert endpoint.connections <= CONNECTIONS


@pytest.mark.parametrize(
    "url", ["", "ftp://example.com", "example.com/hook", "https://", "https://user:pw@example.com/", "http://[::1"]
)
def test_a_url_that_cannot_be_used_is_refused(url: str) -> None:
    with pytest.raises(InvalidSettings, match="The webhook URL cannot be used"):
        WebhookChannel(url, SECRET, now=lambda: NOW)


@pytest.mark.parametrize("secret", ["", "s3cret", "whsec_", "whsec_!!!", "whsec_c2hvcnQ="])
def test_a_secret_that_cannot_be_used_is_refused_and_not_told(secret: str) -> None:
    with pytest.raises(InvalidSettings, match="The webhook secret cannot be used") as caught:
        WebhookChannel("https://example.com/hook", secret, now=lambda: NOW)

    assert "s3cret" not in str(caught.value)
