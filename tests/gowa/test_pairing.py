"""A device is linked to a phone: what to do is shown, and its sender goes on when it is done."""

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from gowa_shop import Shop, open_shop
from typer.testing import CliRunner

from dripline import Dripline, FakeChannel, Sender, VirtualClock
from dripline.channels.accounts import Pairing
from dripline.cli.support.registry import command_line
from dripline.engine.clock import SystemClock
from dripline.errors import ChannelNotConfigured, InvalidPhone, InvalidSender, PairingFailed
from support.gateway import Device, GatewayDouble, serving

MINUTE = timedelta(minutes=1)

QR = b"\x89PNG\r\n\x1a\n and what it shows"


@pytest.fixture
def shop(url: str, clock: VirtualClock) -> Iterator[Shop]:
    with open_shop(url, clock) as opened:
        opened.set_up()
        yield opened


def pair(
    shop: Shop, show: Callable[[Pairing], None], *, phone: str | None = None, patience: timedelta = MINUTE
) -> bool:
    """Pair while the clock goes on by itself."""
    over = threading.Event()

    def go_on() -> None:
        while not over.wait(0.01):
            shop.clock.advance(timedelta(seconds=1))

    ticking = threading.Thread(target=go_on)
    ticking.start()
    try:
        return asyncio.run(shop.drip.senders.pair("jb-1", phone=phone, patience=patience, on_pairing=show))
    finally:
        over.set()
        ticking.join()


def test_a_device_is_made_and_linked_by_a_code_and_its_sender_goes_on(shop: Shop) -> None:
    shop.gateway.devices.clear()
    shop.drip.tick()

    assert shop.sender.status == "paused"

    shown: list[Pairing] = []

    def on_the_phone(pairing: Pairing) -> None:
        shown.append(pairing)
        shop.gateway.devices["dev-1"] = Device()

    assert pair(shop, on_the_phone, phone="012-345 6789")
    assert shown == [Pairing(code="ABCD-6789")]
    assert shop.gateway.asked["POST /devices"] == 1
    assert shop.sender.status == "active"


def test_a_picture_that_runs_out_is_followed_by_another(shop: Shop) -> None:
    shop.gateway.devices["dev-1"] = Device(is_linked=False, is_connected=False)
    shown: list[Pairing] = []

    def on_the_phone(pairing: Pairing) -> None:
        shown.append(pairing)
        if len(shown) == 3:
            shop.gateway.devices["dev-1"] = Device()

    assert pair(shop, on_the_phone, patience=10 * MINUTE)
    assert [pairing.lasts for pairing in shown] == [timedelta(seconds=30)] * 3
    assert shop.gateway.asked["POST /devices"] == 0


@pytest.mark.parametrize(("answered", "shown"), [(QR, QR), (b"<html>", None), (QR + b" " * 300_000, None)])
def test_a_picture_is_fetched_where_it_is_one(shop: Shop, answered: bytes, shown: bytes | None) -> None:
    shop.gateway.devices["dev-1"] = Device(is_linked=False, is_connected=False)
    shop.gateway.pictures["dev-1.png"] = answered
    seen: list[Pairing] = []

    def on_the_phone(pairing: Pairing) -> None:
        seen.append(pairing)
        shop.gateway.devices["dev-1"] = Device()

    assert pair(shop, on_the_phone)
    assert [pairing.qr_png for pairing in seen] == [shown]


def test_what_is_linked_already_is_left_alone(shop: Shop) -> None:
    shown: list[Pairing] = []

    assert not pair(shop, shown.append)
    assert not shown


def test_a_phone_that_is_never_linked_is_said_to_be_so(shop: Shop) -> None:
    shop.gateway.devices["dev-1"] = Device(is_linked=False, is_connected=False)

    with pytest.raises(PairingFailed, match="'dev-1' of 'jb-1' was not linked within 60 s"):
        pair(shop, lambda _pairing: None)


def test_a_gateway_that_is_down_is_said_to_be_so(shop: Shop) -> None:
    shop.gateway.is_down = True

    with pytest.raises(PairingFailed, match=r"DOWN \(503\)"):
        pair(shop, lambda _pairing: None)


def test_what_cannot_be_paired_is_refused(shop: Shop, url: str) -> None:
    shop.drip.senders.apply(Sender("bare", channel="gowa"))
    with pytest.raises(InvalidSender, match="no account"):
        asyncio.run(shop.drip.senders.pair("bare"))
    with pytest.raises(InvalidSender, match="'nobody'"):
        asyncio.run(shop.drip.senders.pair("nobody"))
    with pytest.raises(InvalidPhone):
        asyncio.run(shop.drip.senders.pair("jb-1", phone="12"))
    with (
        Dripline(url, channels={"gowa": FakeChannel()}) as other,
        pytest.raises(ChannelNotConfigured, match="links no"),
    ):
        asyncio.run(other.senders.pair("jb-1"))


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[GatewayDouble]:
    monkeypatch.chdir(tmp_path)
    with serving(SystemClock().now) as double:
        for name, value in {"BASE_URL": double.url, "USERNAME": "drip", "PASSWORD": "word"}.items():
            monkeypatch.setenv(f"DRIPLINE_GOWA_{name}", value)
        with Dripline("sqlite:///shop.db", channels={"gowa": FakeChannel()}) as drip:
            drip.senders.apply(Sender("jb-1", channel="gowa", account="dev-1"))
        yield double


def test_the_command_says_what_to_do_and_that_it_is_done(gateway: GatewayDouble) -> None:
    gateway.links_at_once = True
    told = CliRunner().invoke(command_line(), ["senders", "pair", "jb-1", "--phone", "60123456789", "--db", "shop.db"])

    assert told.exit_code == 0, told.output
    assert "Link with phone number instead, and write ABCD-6789" in told.output
    assert "jb-1 is linked." in told.output


def test_the_command_tells_programs(gateway: GatewayDouble) -> None:
    gateway.links_at_once = True
    told = CliRunner().invoke(command_line(), ["senders", "pair", "jb-1", "--json", "--db", "shop.db"])
    link = f"{gateway.url}/dev-1.png"

    assert json.loads(told.stdout) == {"sender": "jb-1", "linked": True, "code": None, "qr_link": link}
    assert f"scan the picture at {link}" in told.stderr


def test_the_command_gives_up_with_a_sentence(gateway: GatewayDouble) -> None:
    gateway.devices["dev-1"] = Device(is_linked=False, is_connected=False)
    command = ["senders", "pair", "jb-1", "--wait", "1", "--db", "shop.db"]
    told = CliRunner().invoke(command_line(), command)

    assert isinstance(told.exception, PairingFailed)
    assert "was not linked within 1 s: pair it again" in str(told.exception)
