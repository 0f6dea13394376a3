"""For everybody: by keys alone, without scripts, on a small screen, in both themes, with any name."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import pytest
from looking import AXE, SCREENS, barriers, tab_to, watched
from playwright.sync_api import Browser, Page, expect
from shop_window import Shop, aside, opened

from dripline import Dripline, Sender, VirtualClock
from dripline.core.queries.filters import RecordFilter, StatusGroup
from dripline.simulate.demo_shop.channel import SampleChannel
from dripline.simulate.demo_shop.fill import fill_sample

MARKUP = "<img src=x onerror=alert(1)>"

SCREENSHOTS = Path(__file__).parents[2] / ".screenshots"
"""Every screen as it was seen in the last run."""

NOW = datetime(2026, 3, 5, 9, 30, tzinfo=UTC)

LOOKS: list[tuple[str, Literal["light", "dark"], int]] = [
    ("light", "light", 1_440),
    ("dark", "dark", 1_440),
    ("small", "light", 390),
]


@pytest.fixture(scope="module")
def sample(new_url: Callable[[str], str]) -> Iterator[Shop]:
    """The sample shop: every screen has something to show."""
    url, clock = new_url("sqlite"), VirtualClock(NOW)
    aside(lambda: fill_sample(url, NOW, leads=200))
    channel = SampleChannel(clock, seed=1, secret=b"sample")
    with Dripline(url, clock=clock, channels={"sample": channel}) as drip, opened(drip, clock) as served:
        yield served


def screens(shop: Shop) -> Iterator[tuple[str, str]]:
    """Yield every screen's name and address."""
    for path in SCREENS:
        yield path.strip("/").replace("/", "-") or "today", path
    record = shop.drip.records.find(RecordFilter(standings=[StatusGroup.FAILED])).rows[0]
    for state in ("failed", "failed&by=reason", "unconfirmed", "undelivered", "waiting"):
        yield f"messages-{state.partition('=')[2] or state}", f"/messages?state={state}"
    yield "messages-message", f"/messages?state=failed&by=reason&message={record.id}"
    yield "record", f"/messages/{record.id}"
    yield "lead", f"/leads/{record.person.phone}"
    yield "sequence", f"/sequences/{record.sequence}"
    yield "sender", f"/senders/{shop.drip.senders.all()[0].sender.name}"


def test_what_waits_for_a_person_leads_to_where_it_is_dealt_with(sample: Shop, page: Page) -> None:
    sample.go(sample.come_in(page), "/settings/system")
    ways = page.locator("#troubles li a")
    expect(ways).to_have_count(page.locator("#troubles li").count())
    many = ways.count()
    for at in range(many):
        sample.go(page, "/settings/system")
        ways.nth(at).click()
        expect(page.get_by_role("heading", level=1)).not_to_have_text("System")
        assert page.locator("main").locator(".empty").count() == 0
    assert many > 1


def test_a_lead_is_enrolled_by_keys_alone(warm_shop: Shop, page: Page) -> None:
    warm_shop.come_in(page)
    page.keyboard.press("g")
    page.keyboard.press("l")
    expect(page.get_by_role("heading", level=1)).to_have_text("Leads")
    tab_to(page, "Add a lead")
    page.keyboard.press("Enter")
    tab_to(page, "Phone", exact=True)
    page.keyboard.type("60199999999")
    tab_to(page, "Trigger", exact=True)
    page.keyboard.type("WARMEXAMA")
    page.keyboard.press("Enter")

    expect(page.locator(".life li")).to_have_count(4)


def test_keys_do_nothing_while_somebody_writes(warm_shop: Shop, page: Page) -> None:
    warm_shop.come_in(page)
    page.keyboard.press("/")
    page.keyboard.type("gl?r")

    expect(page.get_by_role("heading", level=1)).to_have_text("Today")
    assert page.locator("#find").input_value() == "gl?r"


def test_lists_filters_and_forms_need_no_script(warm_shop: Shop, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = warm_shop.come_in(context.new_page())
    warm_shop.go(page, "/messages")
    page.get_by_label("Sequence", exact=True).select_option("Warm EXAMA")
    page.get_by_role("button", name="Apply").click()
    page.get_by_label("Step", exact=True).select_option("2")
    page.get_by_role("button", name="Apply").click()
    expect(page.locator("#list tbody tr")).to_have_count(1)
    warm_shop.go(page, "/leads/60123456789")
    page.get_by_role("link", name="Stop this sequence").click()
    page.get_by_role("main").get_by_role("button").first.click()

    expect(page.locator(".life li.cancelled")).to_have_count(3)
    context.close()


def test_a_name_that_is_markup_is_text_on_every_screen(warm_shop: Shop, page: Page) -> None:
    drip = warm_shop.drip
    drip.senders.apply(Sender("sales-1", channel="console", account=MARKUP))
    drip.add_lead(phone="60123456789", name=MARKUP, attributes={"niche": MARKUP})
    drip.pause(reason=MARKUP)
    drip.senders.pause("sales-1", reason=MARKUP)
    warm_shop.come_in(page)
    record = drip.records()[0].id
    shown = 0
    for path in (*SCREENS, "/leads/60123456789", f"/messages/{record}", "/sequences/Warm EXAMA", "/senders/sales-1"):
        warm_shop.go(page, path)
        shown += page.get_by_text(MARKUP).count() > 0
        assert page.locator("img").count() == 0, path

    assert shown > len(SCREENS)


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: make contracts")
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_keeps_anybody_from_using_a_screen(
    sample: Shop, browser: Browser, theme: Literal["light", "dark"]
) -> None:
    context = browser.new_context(bypass_csp=True, color_scheme=theme)
    page = sample.come_in(context.new_page())
    found: list[str] = []
    for _, path in screens(sample):
        found += barriers(sample.go(page, path))
    context.close()

    assert found == []


TOO_WIDE = """[...document.querySelectorAll("main *")]
  .filter(one => one.getBoundingClientRect().right > innerWidth + 1)
  .slice(0, 3).map(one => one.outerHTML.slice(0, 90))"""
"""What stands out of the page."""


@pytest.mark.skipif(not AXE.exists(), reason="axe-core is not installed: make contracts")
def test_what_would_keep_somebody_out_is_found(sample: Shop, browser: Browser) -> None:
    context = browser.new_context(bypass_csp=True)
    page = sample.come_in(context.new_page())
    page.evaluate("document.documentElement.removeAttribute('lang')")
    found = barriers(page)
    context.close()

    assert "html-has-lang" in "".join(found)


@pytest.mark.parametrize(("look", "theme", "width"), LOOKS)
def test_every_screen_fits_and_logs_no_error(
    sample: Shop, browser: Browser, look: str, theme: Literal["light", "dark"], width: int
) -> None:
    context = browser.new_context(color_scheme=theme, viewport={"width": width, "height": 900})
    page = context.new_page()
    wrong = watched(page)
    sample.come_in(page)
    for name, path in screens(sample):
        sample.go(page, path)
        page.screenshot(path=SCREENSHOTS / look / f"{name}.png", full_page=True)
        if page.evaluate("document.documentElement.scrollWidth") > width:
            wrong.append(f"{path} scrolls sideways: {page.evaluate(TOO_WIDE)}")
    context.close()

    assert wrong == []
