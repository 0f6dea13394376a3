"""The dashboard over 10^6 leads with 4 × 10^6 records: how long the server takes, when a page is seen, what it keeps.

`dripline serve` in a process of its own. A page's time is what the server itself says that it took until it began to
answer, the middle one of nine requests over HTTP. First paint is Chromium's own, of the overview, the middle one of
nine, on the cores that the server has as well. Memory is the most that the server ever had resident, when nine tabs of
one browser have been live for half a minute.
"""

import re
import shutil
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from statistics import median

import httpx
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from benchmarks.bench import Bench
from benchmarks.figure import AtMost, Figure, Part
from benchmarks.places import KINDS, bare
from benchmarks.stored import Stock, stored
from benchmarks.watched import DRIPLINE, Watched, pause, watched
from dripline import Dripline, Sender
from dripline.core.time.schedule import whole_second
from dripline.engine.clock import SystemClock
from dripline.web.server.serve import listening

STOCK = Stock(4 * 10**6, due=10**4)

SENDERS = 30

TIMES, TABS, LIVE = 9, 9, 30

CHROMIUM = shutil.which("chromium")

FLAGS = "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-sync"

LISTS = (
    "/leads",
    "/leads?text=60155",
    "/leads?text=ai",
    "/leads?trigger=WARMEXAMA",
    "/leads?sequence=Warm+EXAMA",
    "/records",
    "/records?due=1",
    "/records?order=earliest",
    "/records?status=completed",
    "/records?status=failed",
    "/records?status=pending&order=earliest",
    "/records?sequence=Warm+EXAMA&step=3",
    "/records?sequence=Warm+EXAMA&step=3&status=completed",
    "/records?sequence=Warm+EXAMA&step=3&order=earliest",
    "/records?sender=sales-7",
    "/records?sender=sales-7&sequence=Warm+EXAMA&step=3",
    "/records?text=60155",
    "/activity",
    "/senders",
    "/sequences",
)
"""Every list, by what it is most often narrowed to; each is asked for its second page as well, where it has one."""

PASSWORD = "correct horse battery"  # noqa: S105  (of a database that is gone with the run)


@dataclass(frozen=True, slots=True)
class Served:
    """A server, and somebody who is logged in."""

    url: str
    server: Watched = field(kw_only=True)
    client: httpx.Client = field(kw_only=True)

    def milliseconds(self, path: str) -> float:
        """Return how long the server takes until it begins to answer."""
        return median(self._once(path) for _ in range(TIMES))

    def _once(self, path: str) -> float:
        answer = self.client.get(path)
        assert answer.is_success, (path, answer.status_code)
        assert answer.url.path == path.partition("?")[0], "nobody is logged in"
        return float(answer.headers["server-timing"].rpartition("dur=")[2])

    def second_page(self, path: str) -> str | None:
        """Return the address of the page after a list's first, if there is one."""
        link = re.search(r'rel="next" href="([^"]*)"', self.client.get(path).text)
        return link and path.partition("?")[0] + unescape(link[1])


def full(bench: Bench) -> Iterator[Figure]:
    """Measure on each database."""
    for kind in KINDS:
        yield from figures(bench, kind, STOCK)


def figures(bench: Bench, kind: str, stock: Stock) -> Iterator[Figure]:
    """Measure on one database."""
    with stored(bench, kind, stock, now=whole_second(SystemClock().now()), channel="console") as url:
        bench.tell(f"pages: {kind}, giving it failures, leavers and senders")
        _live_in(url)
        with serving(url) as served:
            bench.tell(f"pages: {kind}, server time")
            overview = served.milliseconds("/")
            yield _figure("overview", f"overview, {kind}", overview, "ms", AtMost(150))
            lists = {path: served.milliseconds(path) for path in _with_second_pages(served)}
            slowest = sorted(lists, key=lambda path: -lists[path])[:3]
            beside = tuple(Part(re.sub("cursor=.*", "…", path), lists[path], "ms") for path in slowest)
            yield _figure("lists", f"the slowest list page, {kind}", lists[slowest[0]], "ms", AtMost(100), beside)
            yield from _seen(bench, kind, served)


def _seen(bench: Bench, kind: str, served: Served) -> Iterator[Figure]:
    """Measure what takes a browser."""
    if CHROMIUM is None:
        for name, unit in (("paint", "ms"), ("memory", "MB")):
            yield Figure(f"pages.{name}.{kind}", of=name, value=None, unit=unit, note="there is no Chromium here")
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS.split())
        bench.tell(f"pages: {kind}, first paint")
        yield _figure("paint", f"first paint of the overview, {kind}", _painted(browser, served), "ms", AtMost(500))
        bench.tell(f"pages: {kind}, {TABS} tabs live for {LIVE} s")
        context = logged_in(browser, served)
        for _ in range(TABS):
            context.new_page().goto(served.url)
        pause(LIVE)
        peak = served.server.peak_megabytes()
        yield _figure("memory", f"memory of the server, {TABS} tabs live, {kind}", peak, "MB", AtMost(250))
        browser.close()


def _painted(browser: Browser, served: Served) -> float:
    """Return when the overview is first seen, in milliseconds after it was asked for, with nothing kept before."""
    times: list[float] = []
    for _ in range(TIMES):
        context = logged_in(browser, served)
        page = context.new_page()
        page.goto(served.url)
        page.wait_for_timeout(200)
        times.append(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime"))
        context.close()
    return median(times)


def _with_second_pages(served: Served) -> Iterator[str]:
    for path in LISTS:
        yield path
        second = served.second_page(path)
        if second:
            yield second


def _live_in(url: str) -> None:
    """Spread the leads over senders, let some records fail and some leads leave, and count everything anew."""
    with Dripline(url) as drip:
        for number in range(1, SENDERS + 1):
            drip.senders.apply(Sender(f"sales-{number}", channel="console"))
    with bare(url) as plain:
        plain.run(
            f"UPDATE enrollments SET sender_id = 1 + id % {SENDERS}",
            f"""
            UPDATE sequence_contacts SET sender_id = 1 + enrollment_id % {SENDERS},
              status = CASE WHEN status = 'completed' AND enrollment_id % 50 = 3 AND current_step = 3 THEN 'failed'
                WHEN status = 'pending' AND enrollment_id % 20 = 7 THEN 'cancelled' ELSE status END,
              ended_at = CASE WHEN status = 'completed' AND enrollment_id % 50 = 3 AND current_step = 3
                THEN completed_at WHEN status = 'pending' AND enrollment_id % 20 = 7 THEN planned_time END,
              reason_code = CASE WHEN status = 'completed' AND enrollment_id % 50 = 3 AND current_step = 3
                THEN 'provider_rejected'
                WHEN status = 'pending' AND enrollment_id % 20 = 7 THEN 'left' END,
              completed_at = CASE WHEN enrollment_id % 50 = 3 AND current_step = 3 THEN NULL ELSE completed_at END
            """,
        )
        plain.tidy()
    with Dripline(url) as drip:
        drip.records.repair()


@contextmanager
def serving(url: str) -> Generator[Served]:
    """Start a server of a database in a process of its own, and log somebody in."""
    place = listening("127.0.0.1", 0)
    port = place.getsockname()[1]
    place.close()
    address = f"http://127.0.0.1:{port}"
    with watched(*DRIPLINE, "serve", "--db", url, "--port", str(port)) as server:
        server.wait_until(lambda: _is_up(address))
        with Dripline(url) as drip:
            secret = drip.accounts.invite("admin")
        told = {"email": "owner@shop.example", "name": "Owner", "password": PASSWORD}
        with httpx.Client(base_url=address, follow_redirects=True, timeout=60) as client:
            client.post(f"/welcome/{secret}", data=told)
            yield Served(address, server=server, client=client)


def _is_up(address: str) -> bool:
    try:
        return httpx.get(f"{address}/healthz").is_success
    except httpx.TransportError:
        return False


def logged_in(browser: Browser, served: Served) -> BrowserContext:
    """Return a browser without a past, in which somebody is logged in."""
    context = browser.new_context()
    context.add_cookies(
        [{"name": name, "value": value, "url": served.url} for name, value in served.client.cookies.items()]
    )
    return context


def _figure(name: str, of: str, value: float, unit: str, goal: AtMost, beside: tuple[Part, ...] = ()) -> Figure:
    kind = of.rpartition(", ")[2]
    return Figure(f"pages.{name}.{kind}", of=f"{of}, 10^6 leads", value=value, unit=unit, goal=goal, beside=beside)
