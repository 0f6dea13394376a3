"""A real Chromium for every test, and a page that fails its test when it logs an error or asks for anything outside."""

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from looking import watched
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from shop_window import Shop, opened

from dripline import Dripline, FakeChannel, Sequence, VirtualClock

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")

FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave out, and say so, what needs a browser where there is none."""
    for item in items:
        if CHROMIUM is None and Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.skip(reason="there is no Chromium: apt-get install chromium fonts-dejavu"))


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser, which is gone with its module: while it is there a loop runs on this thread, that others want."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        yield started
        started.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser without a past."""
    context = browser.new_context()
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page that may log no error, break no policy, and ask for nothing outside."""
    page = context.new_page()
    wrong = watched(page)
    yield page
    assert wrong == []


@pytest.fixture
def clock() -> VirtualClock:
    """A clock that stands."""
    return VirtualClock(datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture
def shop(new_url: Callable[[str], str], clock: VirtualClock, fake: FakeChannel) -> Iterator[Shop]:
    """An empty shop."""
    with (
        Dripline(new_url("sqlite"), clock=clock, channels={"console": fake}) as drip,
        opened(drip, clock) as served,
    ):
        yield served


@pytest.fixture
def warm_shop(shop: Shop, warm: Sequence) -> Shop:
    """A shop with the mission's sequence, and a lead that has its first message."""
    shop.drip.apply(warm)
    shop.drip.add_lead(phone="60123456789", name="Aina", triggers=["WARMEXAMA"])
    shop.tick()
    return shop
