"""A device that was logged out says nothing: its sender is held within a minute, and goes on when it is back."""

import asyncio
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from gowa_shop import Shop, open_shop

from dripline import Sender, VirtualClock
from dripline.core.senders.health import Health, Unsure, Unwell, Well
from support.gateway import Device
from support.real_time import eventually

PHONE = "60123456789"
MINUTE = timedelta(minutes=1)
STATUS = "GET /devices/dev-1/status"
TO_PAIR = "needs to be paired again: dripline senders pair jb-1"


@pytest.fixture
def shop(url: str, clock: VirtualClock) -> Iterator[Shop]:
    with open_shop(url, clock) as opened:
        yield opened


def health(shop: Shop, device: str = "dev-1") -> Health:
    async def once() -> Health:
        channel = shop.channel(timeout=1)
        try:
            return await channel.check_account(device)
        finally:
            await channel.aclose()

    return asyncio.run(once())


def test_a_device_that_was_logged_out_holds_its_sender_and_one_that_is_back_lets_it_go(shop: Shop) -> None:
    shop.set_up()
    shop.drip.tick()
    shop.gateway.devices["dev-1"] = Device(is_linked=False, is_connected=False)
    shop.pass_time(MINUTE)
    held = shop.sender
    shop.enroll(PHONE)
    shop.pass_time(MINUTE)

    assert (held.status, held.reason) == ("paused", TO_PAIR)
    assert shop.gateway.sent == []
    assert TO_PAIR in shop.why(PHONE)

    shop.gateway.devices["dev-1"] = Device()
    shop.pass_time(MINUTE)
    shop.drip.tick()

    assert (shop.sender.status, shop.sender.reason) == ("active", None)
    assert shop.gateway.sent == [(PHONE, "Hi you")]
    assert [event.event for event in shop.drip.senders.events("jb-1")] == ["resumed", "paused"]


def test_it_is_asked_once_a_minute_whoever_asks(shop: Shop) -> None:
    shop.set_up()
    with shop.opened() as another:
        for _ in range(9):
            shop.drip.tick()
            another.tick()
            shop.clock.advance(timedelta(seconds=20))

    assert shop.gateway.asked[STATUS] == 3


def test_a_lost_connection_is_asked_back_once_a_check(shop: Shop) -> None:
    shop.set_up()
    device = shop.gateway.devices["dev-1"] = Device(is_connected=False)
    shop.drip.tick()

    assert (device.reconnects, shop.sender.status) == (1, "active")

    shop.gateway.devices["dev-1"] = device = Device(is_connected=False, comes_back=False)
    shop.pass_time(MINUTE)

    assert device.reconnects == 1
    assert shop.sender.status == "paused"
    assert "not connected to WhatsApp" in (shop.sender.reason or "")

    device.comes_back = True
    shop.pass_time(MINUTE)

    assert shop.sender.status == "active"


def test_who_was_paused_by_a_person_stays_so_whatever_the_device_does(shop: Shop) -> None:
    shop.set_up()
    shop.gateway.devices["dev-1"] = Device(is_linked=False, is_connected=False)
    shop.drip.tick()

    assert shop.drip.senders.pause("jb-1", reason="on leave")

    shop.pass_time(MINUTE)
    shop.gateway.devices["dev-1"] = Device()
    shop.pass_time(MINUTE)

    assert (shop.sender.status, shop.sender.reason) == ("paused", "on leave")


def test_a_gateway_that_is_down_changes_nothing(shop: Shop) -> None:
    shop.set_up()
    shop.gateway.is_down = True
    shop.drip.tick()

    assert isinstance(health(shop), Unsure)
    assert shop.sender.status == "active"


@pytest.mark.parametrize(
    ("device", "kind"),
    [
        (Device(), Well),
        (None, Unwell),
        (Device(is_linked=False), Unwell),
        (Device(is_connected=False), Well),
        (Device(is_connected=False, comes_back=False), Unwell),
    ],
)
def test_every_state_of_a_device_means_something(shop: Shop, device: Device | None, kind: type[Health]) -> None:
    shop.gateway.devices = {} if device is None else {"dev-1": device}
    found = health(shop)

    assert isinstance(found, kind)
    if isinstance(found, Unwell):
        assert found.needs_pairing == (device is None or not device.is_linked)


def test_a_gateway_that_hangs_on_its_devices_holds_up_no_message(shop: Shop) -> None:
    shop.set_up()
    shop.enroll(PHONE)
    shop.gateway.held.add("/devices/dev-1/status")
    running = threading.Thread(target=shop.drip.run)
    running.start()
    try:
        eventually(lambda: shop.gateway.asked[STATUS] == 1)
        eventually(lambda: shop.gateway.sent == [(PHONE, "Hi you")])
    finally:
        shop.gateway.released.set()
        shop.drip.stop()
        running.join()


def test_a_running_processor_asks_again_by_its_own_clock(shop: Shop) -> None:
    shop.set_up()
    running = threading.Thread(target=shop.drip.run)
    running.start()
    try:
        eventually(lambda: shop.gateway.asked[STATUS] == 1)
        shop.gateway.devices["dev-1"] = Device(is_linked=False, is_connected=False)

        def moved() -> bool:
            shop.clock.advance(timedelta(seconds=15))
            return shop.sender.status == "paused"

        eventually(moved)
    finally:
        shop.drip.stop()
        running.join()


def test_a_sender_without_an_account_is_not_asked_after(shop: Shop) -> None:
    shop.drip.senders.apply(Sender("nobody", channel="gowa"))
    shop.drip.tick()

    assert not shop.gateway.asked
