"""Connecting senders in a real browser, in few clicks, against providers as they are outside."""

import json
import socket
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler

import httpx
import pytest
from aiosmtpd.controller import Controller
from looking import barriers
from playwright.sync_api import Page, expect
from shop_window import PASSWORD, Shop, opened

from dripline import Dripline, FakeChannel, Pace, Sequence, Step, VirtualClock
from dripline.core.senders.sender import SenderStatus
from support.connecting import settings
from support.endpoint import serving
from support.gateway import GatewayDouble
from support.gateway import serving as gateway
from support.mails import Mails
from support.prism import serving as prism
from support.secrets_of_tests import APP_SECRET, GOWA, META

LOOK = timedelta(seconds=2)
"""How often it is asked whether a phone is linked."""

CLOUD = "whatsapp-cloud-business-messaging-api_v23.0.yaml"


@pytest.fixture
def connecting(new_url: Callable[[str], str], clock: VirtualClock, fake: FakeChannel) -> Iterator[Shop]:
    """A shop that keeps credentials."""
    with (
        Dripline(new_url("sqlite"), clock=clock, channels={"console": fake}, credentials=settings()) as drip,
        opened(drip, clock) as served,
    ):
        yield served


@contextmanager
def relayed(spec: str) -> Generator[str]:
    """Hand requests to Prism without the one field that the specification lacks, and its answers back."""

    def answer(request: BaseHTTPRequestHandler, found: httpx.Response) -> None:
        request.send_response(found.status_code)
        request.send_header("content-length", str(len(found.content)))
        request.end_headers()
        request.wfile.write(found.content)

    def posted(request: BaseHTTPRequestHandler) -> None:
        headers, body = endpoint.requests[-1]
        known = {name: value for name, value in json.loads(body).items() if name != "biz_opaque_callback_data"}
        answer(request, httpx.post(spec + endpoint.paths[-1], json=known, headers=_proof(headers["authorization"])))

    with serving() as endpoint:
        endpoint.rude = posted
        endpoint.asked = lambda request: answer(
            request, httpx.get(spec + request.path, headers=_proof(request.headers["authorization"]))
        )
        yield endpoint.url.removesuffix("/hook")


def _proof(authorization: str) -> dict[str, str]:
    return {"authorization": authorization}


def clicks(page: Page) -> int:
    """How often somebody has clicked on these pages."""
    return int(page.evaluate("Number(sessionStorage.getItem('clicks') || 0)"))


def log_in(shop: Shop, page: Page) -> None:
    """Log in as somebody who has an account, with every click counted from here on."""
    secret = shop.drip.accounts.invite("admin")
    page.add_init_script(
        "addEventListener('click', (event) => { if (event.isTrusted && event.detail) sessionStorage.setItem('clicks',"
        " Number(sessionStorage.getItem('clicks') || 0) + 1); }, true)"
    )
    page.goto(f"{shop.url}/welcome/{secret}")
    page.get_by_label("E-mail").fill("owner@shop.example")
    page.get_by_label("Name").fill("Owner")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Today")
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Senders").click()


def is_fine(page: Page) -> None:
    """See that nothing keeps anybody from using a page, and that it fits a small phone."""
    assert barriers(page) == []
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.set_viewport_size({"width": 1440, "height": 900})


def test_an_official_number_is_connected_in_eight_clicks(connecting: Shop, page: Page) -> None:
    with prism(CLOUD) as spec, relayed(spec) as meta:
        log_in(connecting, page)
        page.get_by_role("link", name="Connect a number").first.click()
        page.get_by_text("More about the account").click()
        page.get_by_label("API address").fill(meta)
        page.get_by_label("Name here").fill("Front desk")
        page.get_by_label("Phone number ID").fill("106853218861309")
        page.get_by_label("App secret").fill(APP_SECRET)
        page.get_by_label("WhatsApp Business account ID").fill("1234567890123456")
        page.get_by_label("Access token").fill(META)
        expect(page.locator("#checks .good")).to_have_count(3, timeout=20_000)
        is_fine(page)
        page.get_by_role("button", name="Connect", exact=True).click()
        expect(page.get_by_text("No call has arrived yet")).to_be_visible(timeout=20_000)
        is_fine(page)
        assert META not in page.content()
        words = page.get_by_label("Verify token", exact=True).input_value()
        page.get_by_role("button", name="Copy: Callback address").click()
        page.get_by_role("button", name="Copy: Verify token").click()
        path = connecting.drip.senders.webhook("Front desk").path
        called = page.request.get(
            f"{connecting.url}{path}", params={"hub.mode": "subscribe", "hub.challenge": "7", "hub.verify_token": words}
        )
        assert called.text() == "7"
        expect(page.get_by_text("Calls arrive")).to_be_visible(timeout=10_000)
        page.get_by_label("Send a test message to").fill("60123456789")
        page.get_by_role("button", name="Send test").click()
        expect(page.get_by_text("Taken by the provider")).to_be_visible(timeout=10_000)

    assert clicks(page) <= 8


def test_a_phone_is_linked_by_its_picture_in_eight_clicks(connecting: Shop, clock: VirtualClock, page: Page) -> None:
    with gateway(clock.now) as double:
        double.pictures["jb-1.png"] = b"\x89PNG\r\n\x1a\n"
        log_in(connecting, page)
        page.get_by_role("link", name="Connect a number").first.click()
        page.get_by_role("link", name="WhatsApp by phone").click()
        page.get_by_label("Name here").fill("JB branch")
        page.get_by_label("Device ID").fill("jb-1")
        page.get_by_label("Gateway address").fill(double.url)
        page.get_by_label("User name").fill("drip")
        page.get_by_label("Password").fill(GOWA)
        expect(page.get_by_text("the device is not there yet: pair it")).to_be_visible(timeout=20_000)
        page.get_by_role("button", name="Connect", exact=True).click()
        page.get_by_role("button", name="Link the phone").click()
        expect(page.get_by_role("img", name="The QR code that links JB branch")).to_be_visible(timeout=10_000)
        is_fine(page)
        _scanned(double, clock)
        expect(page.get_by_text("JB branch is linked")).to_be_visible(timeout=20_000)
        page.get_by_label("Send a test message to").fill("60123456789")
        page.get_by_role("button", name="Send test").click()
        expect(page.get_by_text("Taken by the provider")).to_be_visible(timeout=10_000)
        assert [phone for phone, _ in double.sent] == ["60123456789"]

    assert clicks(page) <= 8


def _scanned(double: GatewayDouble, clock: VirtualClock) -> None:
    device = double.devices["jb-1"]
    device.is_linked = device.is_connected = True
    for _ in range(3):
        clock.advance(LOOK)


def test_a_mailbox_is_connected_in_six_clicks(connecting: Shop, page: Page) -> None:
    taken = Mails()
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    server = Controller(taken, hostname="127.0.0.1", port=port)
    server.start()
    log_in(connecting, page)
    page.get_by_role("link", name="Connect a number").first.click()
    page.get_by_role("link", name="Mailbox").click()
    page.get_by_label("Name here").fill("Enrolment desk")
    page.get_by_label("From").fill("Lina <lina@shop.example>")
    page.get_by_label("Port", exact=True).fill(str(port))
    page.get_by_label("Security", exact=True).select_option("none")
    page.get_by_label("Mail server").fill("127.0.0.1")
    expect(page.locator("#checks .good")).to_have_count(1, timeout=20_000)
    page.get_by_role("button", name="Connect", exact=True).click()
    page.get_by_label("Send a test message to").fill("owner@shop.example")
    page.get_by_role("button", name="Send test").click()
    expect(page.get_by_text("Taken by the provider")).to_be_visible(timeout=10_000)
    server.stop()

    assert [mail["to"] for mail in taken.taken] == ["owner@shop.example"]
    assert clicks(page) <= 6


def test_a_banned_number_is_replaced_in_six_clicks(connecting: Shop, clock: VirtualClock, page: Page) -> None:
    drip = connecting.drip
    with gateway(clock.now) as double:
        fields = {"base_url": double.url, "username": "drip", "password": GOWA}
        drip.senders.connect("JB branch", "gowa", fields, account="jb-1", pace=Pace(gap="20s-40s", daily_cap=400))
        drip.apply(Sequence("Warm", trigger="WARM", steps=[Step("One")], senders=["JB branch"], cold=True))
        drip.add_lead(phone="60123456789", triggers=["WARM"])
        log_in(connecting, page)
        page.get_by_role("button", name="More for JB branch").click()
        page.get_by_role("link", name="Replace this number").click()
        page.get_by_label("Name here").fill("JB branch 2")
        page.get_by_label("Device ID").fill("jb-2")
        page.get_by_label("Gateway address").fill(double.url)
        page.get_by_label("User name").fill("drip")
        page.get_by_label("Password").fill(GOWA)
        page.get_by_role("button", name="Replace and move what waits").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("JB branch 2", timeout=20_000)
        page.get_by_role("link", name="Done").click()
        expect(page.get_by_role("link", name="1 waiting")).to_be_visible()
        is_fine(page)

    assert clicks(page) <= 6
    assert [(one.sender.pace.daily_cap, one.status) for one in drip.senders.all()] == [
        (400, SenderStatus.ARCHIVED),
        (400, SenderStatus.ACTIVE),
    ]
