"""Events over the web: subscribed to, tested, listed and told again, by the pages and by the API."""

import json
import re
from collections.abc import Iterator

import pytest
from site_of import Site, site
from standardwebhooks.webhooks import Webhook

from dripline import Dripline, EventSigning, FakeChannel, Sequence, SystemClock, VirtualClock
from dripline.core.events.event import EventType
from dripline.web.pages.settings.events import MEANINGS
from support.endpoint import Endpoint, serving

POSTING = EventSigning("what-secrets-are-made-of-" + "0f1e2d3c4b5a", allow_private_targets=True)
TARGET = "https://crm.example.com/drip?key=of-their-own"


@pytest.fixture
def shop(url: str, warm: Sequence) -> Iterator[Site]:
    """A shop that signs events, by the clock of whoever verifies them."""
    clock = VirtualClock(SystemClock().now())
    with Dripline(url, clock=clock, channels={"console": FakeChannel()}, posting=POSTING) as drip:
        drip.apply(warm)
        with site(drip) as opened:
            yield opened


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with serving() as served:
        yield served


def subscribed(shop: Site, url: str, *types: str) -> int:
    return shop.drip.events.subscribe(url, types or ("lead.enrolled",)).subscription.id


def test_a_program_subscribes_by_a_form_and_its_secret_is_shown_this_once(shop: Site, endpoint: Endpoint) -> None:
    shop.come_in()
    shown = shop.post("/settings/events", url=endpoint.url, types="lead.enrolled").text
    secret = re.search(r"whsec_[\w+/=]+", shown)
    shop.drip.add_lead(phone="60123456789", triggers=["WARMEXAMA"])
    shop.drip.tick()

    assert secret is not None
    headers, body = endpoint.requests[0]
    assert Webhook(secret[0]).verify(body, headers)["type"] == "lead.enrolled"
    page = shop.page("/settings/events")
    assert "whsec_" not in page
    assert "delivered" in page
    deed = shop.drip.accounts.audit()[0]
    assert (deed.deed, dict(deed.details)) == ("subscribe", {"types": "['lead.enrolled']"})


def test_a_url_that_cannot_be_used_is_refused_in_words_and_kept_in_the_form(shop: Site) -> None:
    shop.come_in()
    answer = shop.post("/settings/events", url="ftp://shop.example/x", types="lead.enrolled")

    assert answer.status_code == 422
    assert "The URL of a subscription cannot be used" in answer.text
    assert 'value="ftp://shop.example/x"' in answer.text


def test_a_test_says_what_the_receiver_answered(shop: Site, endpoint: Endpoint) -> None:
    shop.come_in()
    told = f"/settings/events/{subscribed(shop, endpoint.url)}/test"
    taken = shop.post(told).text
    endpoint.status, endpoint.body = 500, b"no room"
    refused = shop.post(told).text

    assert "the receiver answered 204" in taken or "the receiver answered 200" in taken
    assert "the receiver answered 500: no room" in refused
    assert [json.loads(body)["type"] for _, body in endpoint.requests] == ["ping", "ping"]


def test_a_subscription_is_paused_goes_on_and_is_ended(shop: Site) -> None:
    shop.come_in()
    one = subscribed(shop, TARGET)
    shop.post(f"/settings/events/{one}/pause")
    assert [found.status for found in shop.drip.events.subscriptions()] == ["paused"]
    shop.post(f"/settings/events/{one}/resume")
    assert [found.status for found in shop.drip.events.subscriptions()] == ["active"]
    shop.post(f"/settings/events/{one}/end")

    assert shop.drip.events.subscriptions() == []
    assert "No subscriptions yet" in shop.page("/settings/events")
    assert "There is no subscription" in shop.post(f"/settings/events/{one}/pause").text


def test_another_secret_is_shown_once_as_well(shop: Site) -> None:
    shop.come_in()
    one = subscribed(shop, TARGET)

    assert "whsec_" in shop.post(f"/settings/events/{one}/rotate").text
    assert "whsec_" not in shop.page("/settings/events")


def test_an_event_is_told_again_by_a_button(shop: Site, endpoint: Endpoint) -> None:
    shop.come_in()
    subscribed(shop, endpoint.url)
    shop.drip.add_lead(phone="60123456789", triggers=["WARMEXAMA"])
    shop.drip.tick()
    one = shop.drip.events.deliveries()[0].id
    assert "It is told again" in shop.post(f"/settings/events/deliveries/{one}/redeliver").text
    shop.drip.tick()

    assert [headers["webhook-id"] for headers, _ in endpoint.requests] == [
        shop.drip.events.deliveries()[0].webhook_id
    ] * 2
    assert "is not there any more" in shop.post(f"/settings/events/deliveries/{one + 1}/redeliver").text


def test_the_list_of_what_was_told_goes_by_pages(shop: Site) -> None:
    shop.come_in()
    subscribed(shop, TARGET)
    for number in range(51):
        shop.drip.add_lead(phone=f"60123456{number:03}", triggers=["WARMEXAMA"])
    first = shop.page("/settings/events?state=waiting")
    after = re.search(r'rel="next" href="\?(\S+)"', first)

    assert first.count('id="delivery-') == 50
    assert after is not None
    assert shop.page(f"/settings/events?{after[1].replace('&amp;', '&')}").count('id="delivery-') == 1


def test_where_there_is_no_secret_the_page_says_what_to_set(drip: Dripline) -> None:
    with site(drip) as opened:
        opened.come_in()
        page = opened.page("/settings/events")
        answer = opened.post("/settings/events", url=TARGET, types="lead.enrolled")

    assert "set DRIPLINE_WEB_SECRET" in page
    assert answer.status_code == 422


@pytest.mark.parametrize("role", ["viewer", "operator"])
def test_only_who_lets_others_in_sees_where_events_go(shop: Site, role: str) -> None:
    subscribed(shop, TARGET)
    shop.come_in(role)

    assert "of-their-own" not in shop.page("/settings/events", 403)
    assert "/settings/events" not in shop.page("/settings")


def test_every_type_of_event_is_explained() -> None:
    assert [*MEANINGS] == [*EventType]


def test_a_program_subscribes_over_the_api_and_reads_what_was_told(shop: Site, endpoint: Endpoint) -> None:
    headers = shop.token("admin")
    wanted = {"url": endpoint.url, "types": ["lead.enrolled"]}
    made = shop.client.post("/api/v1/subscriptions", json=wanted, headers=headers).json()
    shop.drip.add_lead(phone="60123456789", triggers=["WARMEXAMA"])
    shop.drip.tick()
    listed = shop.client.get("/api/v1/subscriptions", headers=headers)
    (told,) = shop.client.get("/api/v1/deliveries", headers=headers).json()["rows"]

    assert made["secret"].startswith("whsec_")
    assert made["secret"] not in listed.text
    assert (told["subscription_id"], told["state"], told["status_code"]) == (
        made["subscription"]["id"],
        "delivered",
        200,
    )
    assert endpoint.requests[0][0]["webhook-id"] == told["webhook_id"]


def test_a_subscription_is_changed_tested_and_ended_over_the_api(shop: Site, endpoint: Endpoint) -> None:
    headers, one = shop.token("admin"), subscribed(shop, TARGET)
    where = f"/api/v1/subscriptions/{one}"
    changed = shop.client.patch(where, json={"url": endpoint.url, "paused": True}, headers=headers).json()
    tested = shop.client.post(f"{where}/test", headers=headers).json()
    rotated = shop.client.post(f"{where}/rotate", headers=headers).json()
    ended = shop.client.delete(where, headers=headers).json()

    assert (changed["url"], changed["status"], changed["types"]) == (endpoint.url, "paused", ["lead.enrolled"])
    assert (tested["type"], tested["state"]) == ("ping", "delivered")
    assert rotated["secret"].startswith("whsec_")
    assert ended == {"touched": 1}
    assert shop.client.post(f"{where}/test", headers=headers).status_code == 404


def test_deliveries_come_a_page_at_a_time_over_the_api(shop: Site) -> None:
    headers = shop.token("admin")
    subscribed(shop, TARGET)
    for number in range(3):
        shop.drip.add_lead(phone=f"6012345678{number}", triggers=["WARMEXAMA"])
    first = shop.client.get("/api/v1/deliveries?size=2", headers=headers).json()
    second = shop.client.get(f"/api/v1/deliveries?size=2&after={first['next']}", headers=headers).json()

    assert [len(first["rows"]), len(second["rows"]), second["next"]] == [2, 1, None]
    assert shop.client.post(f"/api/v1/deliveries/{first['next']}/redeliver", headers=headers).json() == {"touched": 0}


@pytest.mark.parametrize(
    ("wanted", "status"),
    [
        ({"url": "http://127.0.0.1/x", "types": ["lead.enrolled"]}, 422),
        ({"url": TARGET, "types": []}, 400),
        ({"url": TARGET, "types": ["lead.sneezed"]}, 400),
        ({"url": TARGET}, 400),
    ],
)
def test_what_cannot_be_a_subscription_is_a_problem(drip: Dripline, wanted: dict[str, object], status: int) -> None:
    with site(drip) as opened:
        answer = opened.client.post("/api/v1/subscriptions", json=wanted, headers=opened.token("admin"))

    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
