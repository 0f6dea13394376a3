"""Connecting senders over the pages: asked about, kept, replaced; secrets go in and never come out."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler

import httpx2
import pytest
from site_of import Site, site

from dripline import Sequence, Step, VirtualClock
from dripline.core.senders.sender import SenderStatus
from support.connecting import ACCOUNT, accepting, opened, sender_of
from support.endpoint import Endpoint, serving
from support.secrets_of_tests import APP_SECRET, META, secrets_in

NUMBER = b'{"id": "106540352242922", "display_phone_number": "+60 17-010 0106", "data": []}'


def answer(endpoint: Endpoint, request: BaseHTTPRequestHandler) -> None:
    """Say of the number what the endpoint is told to answer."""
    request.send_response(endpoint.status)
    request.send_header("content-length", str(len(endpoint.body)))
    request.end_headers()
    request.wfile.write(endpoint.body)


@pytest.fixture
def meta() -> Iterator[Endpoint]:
    with serving() as endpoint:
        endpoint.body = NUMBER
        endpoint.asked = lambda request: answer(endpoint, request)
        yield endpoint


@pytest.fixture
def shop(url: str, clock: VirtualClock) -> Iterator[Site]:
    with opened(url, clock) as drip, site(drip) as served:
        served.come_in()
        yield served


def written(meta: Endpoint, **more: str) -> dict[str, str]:
    """What somebody writes who connects a number at Meta."""
    base = meta.url.removesuffix("/hook")
    fields = {"field-token": META, "field-app_secret": APP_SECRET, "field-base_url": base}
    return {"kind": "whatsapp", "name": "Front desk", "account": ACCOUNT, "limits": "official"} | fields | more


def connect(shop: Site, path: str = "/senders/new/connect", **fields: str) -> httpx2.Response:
    """Post the form; no secret is in the answer."""
    answer = shop.post(path, **fields)
    assert secrets_in(answer.content) == []
    assert secrets_in(str(answer.url).encode()) == []
    return answer


def refusing(meta: Endpoint) -> None:
    meta.status, meta.body = 401, b'{"error": {"code": 190, "message": "expired"}}'


def test_a_number_is_connected_with_its_limits_and_says_what_its_provider_is_given(shop: Site, meta: Endpoint) -> None:
    told = connect(shop, **written(meta))
    webhook = shop.drip.senders.webhook("Front desk")

    assert told.url.path == "/senders/Front desk/connect"
    assert sender_of(shop.drip, "Front desk").pace.daily_cap == 1_000
    assert f'value="{webhook.url}"' in told.text
    assert f'value="{webhook.secrets["verify_token"]}"' in told.text
    assert "No call has arrived yet" in told.text


def test_a_number_that_its_provider_refuses_is_not_kept_and_what_is_no_secret_stays(shop: Site, meta: Endpoint) -> None:
    refusing(meta)
    told = connect(shop, **written(meta))

    assert told.status_code == 422
    assert 'value="Front desk"' in told.text
    assert shop.drip.senders.all() == []
    later = connect(shop, **written(meta, later="1"))
    assert "sends nothing yet" in later.text
    assert shop.drip.senders.all()[0].status is SenderStatus.PAUSED


def test_what_is_being_written_is_asked_about_and_not_kept(shop: Site, meta: Endpoint) -> None:
    told = connect(shop, "/senders/new/connect/check", **written(meta))

    assert "the number is +60 17-010 0106" in told.text
    assert shop.drip.senders.all() == []
    assert "it is needed, so give it" in connect(shop, "/senders/new/connect/check", kind="whatsapp").text


def test_a_name_that_is_taken_is_not_connected_anew(shop: Site, meta: Endpoint) -> None:
    connect(shop, **written(meta))
    told = connect(shop, **written(meta, account="2"))

    assert "There is a sender Front desk already" in told.text
    assert sender_of(shop.drip, "Front desk").account == ACCOUNT


def test_a_call_turns_the_page_green_without_a_look_at_the_secrets(shop: Site, meta: Endpoint) -> None:
    connect(shop, **written(meta))
    webhook = shop.drip.senders.webhook("Front desk")
    looked = len(shop.drip.accounts.audit())
    asked = {"hub.mode": "subscribe", "hub.challenge": "7", "hub.verify_token": webhook.secrets["verify_token"]}
    assert shop.client.get(webhook.path, params=asked).text == "7"
    told = shop.client.get("/senders/Front desk/connect", headers={"x-live": "1"}).text

    assert "Calls arrive" in told
    assert webhook.secrets["verify_token"] not in told
    assert len(shop.drip.accounts.audit()) == looked


def test_a_number_that_was_banned_is_replaced_with_its_limits_and_what_waits(shop: Site, meta: Endpoint) -> None:
    connect(shop, **written(meta, limits="warm"))
    shop.drip.apply(Sequence("Warm", trigger="WARM", steps=[Step("One")], senders=["Front desk"]))
    shop.drip.add_lead(phone="60123456789", triggers=["WARM"])
    assert "The limits of Front desk stay" in shop.page("/senders/new/connect?replaces=Front+desk")
    connect(shop, **written(meta, name="Front desk 2", account="2", limits="as-now", replaces="Front desk"))
    old, new = shop.drip.senders.all()

    assert (old.status, old.replaced_by, old.due) == (SenderStatus.ARCHIVED, "Front desk 2", 0)
    assert (new.sender.account, new.due, new.sender.pace) == ("2", 1, old.sender.pace)
    assert "1 archived sender" in shop.page("/senders")
    assert "Front desk 2" in shop.page("/senders?archived=1")


def test_a_replacement_that_cannot_be_leaves_everything_as_it_was(shop: Site, meta: Endpoint) -> None:
    connect(shop, **written(meta))
    connect(shop, **written(meta, name="Front desk", replaces="Front desk"))

    assert [state.status for state in shop.drip.senders.all()] == [SenderStatus.ACTIVE]


def test_a_test_message_tells_on_the_page_what_came_of_it(shop: Site, meta: Endpoint) -> None:
    connect(shop, **written(meta))
    accepting(meta)
    told = shop.post("/senders/Front desk/try", to="60123456789", text="Hi", then="connect")
    assert "Taken by the provider" in told.text
    assert "60123456789" not in str(told.url)
    refusing(meta)

    assert "Not taken" in shop.post("/senders/Front desk/try", to="60123456789", text="Hi", then="connect").text


def test_an_account_is_given_anew_and_taken_away(shop: Site, meta: Endpoint) -> None:
    connect(shop, **written(meta, limits="warm"))
    assert f'value="{ACCOUNT}"' in shop.page("/senders/new/connect?sender=Front+desk")
    connect(shop, **written(meta, known="Front desk", limits="as-now", account="2"))
    assert (sender_of(shop.drip, "Front desk").account, sender_of(shop.drip, "Front desk").pace.daily_cap) == ("2", 400)
    shop.post("/senders/Front desk/disconnect")

    assert shop.drip.senders.credentials() == []


def test_whoever_is_no_administrator_connects_nothing(shop: Site, meta: Endpoint) -> None:
    shop.come_in("operator", "operator@shop.example")
    assert "Only an administrator connects accounts" in shop.page("/senders/new/connect")
    assert connect(shop, **written(meta)).status_code == 403
    assert connect(shop, "/senders/new/connect/check", **written(meta)).status_code == 403

    assert meta.requests == []


@pytest.mark.parametrize("kind", ["whatsapp", "gowa", "smtp", "sms", "telegram", "twilio_whatsapp", "webhook"])
def test_every_kind_asks_for_its_own_fields(shop: Site, kind: str) -> None:
    told = shop.page(f"/senders/new/connect?kind={kind}")
    channel = next(one for one in shop.drip.senders.connectable_channels() if one.name == kind)

    assert all((f'name="field-{one.name}"' in told) is not one.is_generated for one in channel.fields)
    assert shop.page("/senders/new/connect?kind=pigeon", 422)
