"""Credentials over the API: they go in, and none comes out; providers post to each sender's own address."""

from collections.abc import Iterator
from typing import Any

import pytest
from site_of import Site, site

from dripline import Dripline, VirtualClock
from support.connecting import ACCOUNT, Keys, accepting, cloud, opened
from support.endpoint import Endpoint, serving
from support.secrets_of_tests import META, secrets_in


@pytest.fixture
def meta() -> Iterator[Endpoint]:
    with serving() as endpoint:
        yield accepting(endpoint)


@pytest.fixture
def shop(url: str, clock: VirtualClock) -> Iterator[Dripline]:
    with opened(url, clock) as drip:
        yield drip


@pytest.fixture
def at(shop: Dripline) -> Iterator[Site]:
    with site(shop) as served:
        yield served


def asked(at: Site, method: str, path: str, body: dict[str, Any] | None = None, status: int = 200) -> Any:  # noqa: ANN401  (JSON)
    """Ask as an administrator; no answer holds a secret."""
    answer = at.client.request(
        method, f"/api/v1{path}", json=body, headers=at.token("admin", "senders:read", "senders:write")
    )
    assert answer.status_code == status, answer.text
    assert secrets_in(answer.content) == []
    return answer.json()


def test_a_credential_goes_in_is_seen_without_its_secrets_and_deleted(at: Site, meta: Endpoint) -> None:
    body = {"channel": "whatsapp", "fields": cloud(meta), "account": ACCOUNT}
    made = asked(at, "PUT", "/senders/jb-1/credential", body)

    assert asked(at, "GET", "/senders/jb-1/credential") == made == asked(at, "GET", "/credentials")[0]
    assert made["secrets"] == {"verify_token": "stored", "token": "stored", "app_secret": "stored"}
    assert asked(at, "POST", "/credentials/rotate")["changed"] == 0
    assert asked(at, "DELETE", "/senders/jb-1/credential") == {"touched": 1}
    assert asked(at, "GET", "/senders/jb-1/credential", status=422)["code"] == "invalid_credential"


@pytest.mark.parametrize(
    "fields",
    [
        {"token": f"{META} {META}"},
        {"token": META, META: "x"},
        {"token": META, "base_url": META},
        {"token": META, "app_secret": "file:/etc/passwd"},
    ],
)
def test_what_cannot_be_used_is_refused_without_it(at: Site, fields: dict[str, Any]) -> None:
    asked(at, "PUT", "/senders/jb-1/credential", {"channel": "whatsapp", "fields": fields, "account": ACCOUNT}, 422)


def test_what_is_not_as_described_is_not_repeated(at: Site) -> None:
    asked(at, "PUT", "/senders/jb-1/credential", {"channel": "whatsapp", "fields": {"token": [META]}}, 400)
    asked(at, "PUT", "/senders/jb-1/credential", {"channel": "whatsapp", "token": META}, 400)


def test_a_credential_is_asked_about_before_anybody_has_it(at: Site, meta: Endpoint) -> None:
    fields = cloud(meta) | {"base_url": "http://127.0.0.1:1"}
    facts = asked(at, "POST", "/credentials/try", {"channel": "whatsapp", "fields": fields, "account": ACCOUNT})

    assert (facts[0]["code"], facts[0]["state"]) == ("login", "unknown")
    assert asked(at, "GET", "/credentials") == []


def test_forms_are_made_of_what_channels_ask_for(at: Site) -> None:
    channels = {one["name"]: one for one in asked(at, "GET", "/channels")}
    token = next(one for one in channels["whatsapp"]["fields"] if one["name"] == "token")

    assert sorted(channels) == ["gowa", "sms", "smtp", "telegram", "twilio_whatsapp", "webhook", "whatsapp"]
    assert (token["is_secret"], token["is_required"], token["title"]) == (True, True, "Access token")
    assert all(one["where"] or not one["is_required"] for channel in channels.values() for one in channel["fields"])


def test_who_only_writes_senders_connects_none(at: Site, meta: Endpoint) -> None:
    body = {"channel": "whatsapp", "fields": cloud(meta), "account": ACCOUNT}
    answer = at.client.put("/api/v1/senders/jb-1/credential", json=body, headers=at.token("senders:write"))

    assert answer.status_code == 403


def test_meta_asks_whose_address_it_is(at: Site, shop: Dripline, meta: Endpoint) -> None:
    shop.senders.connect("jb-1", "whatsapp", cloud(meta), account=ACCOUNT)
    webhook = shop.senders.webhook("jb-1")
    query = {"hub.mode": "subscribe", "hub.challenge": "42", "hub.verify_token": webhook.secrets["verify_token"]}
    answers = [
        at.client.get(webhook.path, params=query),
        at.client.get(f"{webhook.path}x", params=query),
        at.client.get("/hooks/whatsapp", params=query),
        at.client.post(webhook.path, content=b"{}", headers={"x-hub-signature-256": "sha256=0"}),
    ]

    assert [answer.status_code for answer in answers] == [200, 404, 403, 401]
    assert answers[0].text == "42"


def test_what_is_posted_to_a_sender_whose_key_is_lost_is_to_be_posted_again(
    url: str, shop: Dripline, clock: VirtualClock, meta: Endpoint, caplog: pytest.LogCaptureFixture
) -> None:
    shop.senders.connect("jb-1", "whatsapp", cloud(meta), account=ACCOUNT)
    path = shop.senders.webhook("jb-1").path
    with opened(url, clock, Keys("")) as locked, site(locked) as served:
        locked.tick()
        answers = [served.client.post(path, content=b"{}"), served.client.get(path), served.client.post(f"{path}x")]

    assert [answer.status_code for answer in answers] == [503, 503, 404]
    assert "webhook.not_kept channel=whatsapp error=The credential of the sender 'jb-1' cannot be used" in caplog.text


def test_limits_come_with_a_credential_and_stay_when_they_are_not_given(at: Site, meta: Endpoint) -> None:
    body = {"channel": "whatsapp", "fields": cloud(meta), "account": ACCOUNT}
    pace = {"gap": "20s-40s", "daily_cap": 400, "quiet": "21:00-08:00", "zone": "Asia/Kuala_Lumpur"}
    asked(at, "PUT", "/senders/jb-1/credential", body | {"pace": pace})
    asked(at, "PUT", "/senders/jb-1/credential", body)
    found = asked(at, "GET", "/senders/jb-1")

    assert {name: found[name] for name in pace} == pace
    asked(at, "PUT", "/senders/jb-1/credential", body | {"pace": {"quiet": "21:00-08:00"}}, 422)
    asked(at, "PUT", "/senders/jb-1/credential", body | {"pace": {"speed": 1}}, 400)


def test_what_a_provider_is_to_be_given_is_told_to_an_administrator_alone(at: Site, meta: Endpoint) -> None:
    asked(at, "PUT", "/senders/jb-1/credential", {"channel": "whatsapp", "fields": cloud(meta), "account": ACCOUNT})
    told = asked(at, "GET", "/senders/jb-1/webhook")

    assert told["url"] == f"https://drip.example.com{told['path']}"
    assert set(told["secrets"]) == {"verify_token"}
    assert told["called_at"] is None
    other = at.client.get("/api/v1/senders/jb-1/webhook", headers=at.token("senders:read", "senders:write"))
    assert other.status_code == 403
