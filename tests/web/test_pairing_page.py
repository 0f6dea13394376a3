"""Linking a sender's account to a phone over the pages, with what to do on it."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from site_of import Site, site

from dripline import Dripline, FakeChannel, Sender, VirtualClock
from dripline.channels.accounts import Pairing
from dripline.core.senders.health import Unsure
from dripline.web.pages.senders import pairing


class Gateway(FakeChannel):
    """A channel whose accounts are linked to phones."""

    is_linked = False
    png: bytes | None = None

    async def is_paired(self, account: str) -> bool | Unsure:
        return self.is_linked if account == "7" else Unsure("the gateway does not answer")

    async def pair(self, account: str, phone: str | None = None) -> Pairing | Unsure:
        del account
        return Pairing(code="ABCD-1234") if phone else Pairing(qr_link="http://gateway.example/qr.png", qr_png=self.png)


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


@pytest.fixture
def shop(url: str, clock: VirtualClock, gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(pairing, "AT_FIRST", 0.3)
    channels = {"gateway": gateway, "console": FakeChannel()}
    with Dripline(url, clock=clock, channels=channels) as drip, site(drip) as opened:
        drip.senders.apply(Sender("jb-1", channel="gateway", account="7"))
        drip.senders.apply(Sender("jb-2", channel="gateway", account="8"))
        drip.senders.apply(Sender("jb-3", channel="console", account="9"))
        opened.come_in("operator")
        yield opened


def test_a_qr_that_the_gateway_has_is_drawn_on_the_page(shop: Site, gateway: Gateway) -> None:
    gateway.png = b"a picture"
    shown = shop.post("/senders/jb-1/pair", phone="").text

    assert 'src="data:image/png;base64,YSBwaWN0dXJl"' in shown
    assert "http://gateway.example" not in shown


def test_a_code_is_shown_until_the_phone_is_linked(shop: Site, gateway: Gateway, clock: VirtualClock) -> None:
    assert "/senders/jb-1/pair" in shop.page("/senders/jb-1")
    shown = shop.post("/senders/jb-1/pair", phone="60123456789")
    assert "ABCD-1234" in shown.text
    assert "data-progress" in shown.text
    gateway.is_linked = True
    clock.advance(timedelta(seconds=2))
    link: pairing.Link = shop.app.state.pairings["jb-1"]
    for _ in range(100):
        if not link.is_busy:
            break
        shop.page("/senders/jb-1/pair")

    assert "jb-1 is linked." in shop.page("/senders/jb-1/pair")


def test_without_a_phone_there_is_a_picture_to_scan(shop: Site, gateway: Gateway, clock: VirtualClock) -> None:
    shown = shop.post("/senders/jb-1/pair").text
    gateway.is_linked = True
    clock.advance(timedelta(seconds=2))

    assert 'href="http://gateway.example/qr.png"' in shown


@pytest.mark.parametrize(
    ("name", "phone", "told"),
    [("jb-2", "", "the gateway does not answer"), ("jb-3", "", "links no phones"), ("jb-1", "12", "12")],
)
def test_what_cannot_be_linked_is_told(shop: Site, name: str, phone: str, told: str) -> None:
    answer = shop.post(f"/senders/{name}/pair", phone=phone).text

    assert told in answer.split('role="alert"')[1].split("</div>")[0]


def test_a_viewer_links_nothing(shop: Site) -> None:
    shop.come_in("viewer", "viewer@shop.example")

    assert shop.post("/senders/jb-1/pair").status_code == 403
    assert shop.app.state.pairings == {}
