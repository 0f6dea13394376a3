"""A shop in a browser: the app served over real HTTP from this process, so that a test may stop and move its clock."""

import asyncio
import threading
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

from playwright.sync_api import Page, expect

from dripline import Dripline, VirtualClock
from dripline.web.app import application
from dripline.web.connection_pool import ConnectionPool
from dripline.web.server.serve import listening
from dripline.web.server.serve import served as serving

PASSWORD = "correct horse battery"


@dataclass(frozen=True, slots=True)
class Shop:
    """A database, its clock, and where its pages are."""

    drip: Dripline
    clock: VirtualClock
    url: str = field(kw_only=True)

    def tick(self) -> None:
        """Let the processor look once."""
        aside(self.drip.tick)

    def later(self, span: timedelta) -> None:
        """Let time go by, then let the processor look once."""
        self.clock.advance(span)
        self.tick()

    def come_in(self, page: Page, role: str = "admin") -> Page:
        """Log somebody in by a link, as its page asks."""
        page.goto(f"{self.url}/welcome/{self.drip.accounts.invite(role)}")
        page.get_by_label("E-mail").fill(f"{role}{len(self.drip.accounts.users())}@shop.example")
        page.get_by_label("Name").fill("Owner")
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Today")
        page.wait_for_load_state()
        return page

    def go(self, page: Page, path: str) -> Page:
        """Open one of its pages."""
        page.goto(f"{self.url}{path}")
        return page


def aside(act: Callable[[], object]) -> None:
    """Do what runs an event loop: not on this thread, on which the browser's own runs."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(act).result()


@contextmanager
def opened(drip: Dripline, clock: VirtualClock) -> Generator[Shop]:
    """Serve a database on a free port until the block ends."""
    place = listening("127.0.0.1", 0)
    loop, stop = asyncio.new_event_loop(), asyncio.Event()

    async def serve() -> None:
        async with serving(application(drip, pool=pool), place):
            await stop.wait()

    with ConnectionPool(drip) as pool:
        server = threading.Thread(target=loop.run_until_complete, args=[serve()])
        server.start()
        try:
            yield Shop(drip, clock, url=f"http://127.0.0.1:{place.getsockname()[1]}")
        finally:
            loop.call_soon_threadsafe(stop.set)
            server.join()
            loop.close()
