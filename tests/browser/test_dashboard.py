"""The dashboard in a real browser: what a person sees, and what comes of what they do."""

from datetime import timedelta

from playwright.sync_api import BrowserContext, Page, expect
from shop_window import PASSWORD, Shop


def account_menu(page: Page) -> None:
    """Open the menu of whoever is logged in."""
    page.get_by_role("navigation", name="Main", exact=True).get_by_role("button", name="Owner").click()


def test_a_record_moves_while_one_looks(warm_shop: Shop, page: Page) -> None:
    warm_shop.go(warm_shop.come_in(page), "/leads/60123456789")
    sent = page.locator(".life li.completed")
    expect(sent).to_have_count(1)
    warm_shop.later(timedelta(hours=12))

    expect(sent).to_have_count(2)


def test_nothing_moves_while_live_is_off(warm_shop: Shop, page: Page) -> None:
    warm_shop.go(warm_shop.come_in(page), "/leads/60123456789")
    sent = page.locator(".life li.completed")
    page.keyboard.press("r")
    account_menu(page)
    expect(page.get_by_role("button", name="Live updates: off")).to_be_visible()
    page.keyboard.press("Escape")
    warm_shop.later(timedelta(hours=12))
    page.wait_for_timeout(2_500)  # longer than a change takes to be seen
    expect(sent).to_have_count(1)
    page.keyboard.press("r")

    expect(sent).to_have_count(2)


def test_nine_tabs_are_live_at_once(warm_shop: Shop, page: Page, context: BrowserContext) -> None:
    warm_shop.come_in(page)
    tabs = [page, *(context.new_page() for _ in range(8))]
    for tab in tabs:
        warm_shop.go(tab, "/leads/60123456789")
    warm_shop.later(timedelta(hours=12))

    for tab in tabs:
        tab.bring_to_front()
        expect(tab.locator(".life li.completed")).to_have_count(2)


def test_a_record_says_why_it_has_not_gone(warm_shop: Shop, page: Page) -> None:
    warm_shop.go(warm_shop.come_in(page), "/messages?status=pending")
    page.locator("#list tbody tr").first.get_by_role("link").click()
    drawer = page.get_by_role("dialog")
    expect(drawer.get_by_role("heading", name="Message to Aina")).to_be_visible()
    drawer.get_by_text("For developers").click()
    expect(drawer.get_by_text("waits for step")).to_be_visible()
    page.keyboard.press("Escape")

    expect(drawer).to_have_count(0)
    expect(page.locator("#list tbody tr")).to_have_count(2)


def test_a_number_of_today_opens_the_records_it_counts(warm_shop: Shop, page: Page) -> None:
    warm_shop.come_in(page)
    page.get_by_role("link", name="1 message sent").click()

    expect(page.locator("#list tbody tr")).to_have_count(1)
    expect(page.locator("#list tbody tr").get_by_role("img", name="Sent")).to_be_visible()


def test_what_goes_next_tuesday_is_one_click_away(warm_shop: Shop, page: Page) -> None:
    warm_shop.come_in(page)
    page.get_by_role("navigation", name="Main", exact=True).get_by_role("link", name="Calendar").click()
    tuesday = page.get_by_role("columnheader", name="Tue")

    expect(tuesday).to_have_count(1)
    expect(page.get_by_role("row", name="Warm EXAMA").get_by_role("link", name="1").first).to_be_visible()


def test_everything_is_paused_two_clicks_from_where_one_comes_in(warm_shop: Shop, page: Page) -> None:
    warm_shop.come_in(page)
    page.get_by_role("button", name="Pause all sending …").click()
    page.get_by_role("dialog").get_by_role("button", name="Pause all sending").click()

    expect(page.get_by_text("All sending is paused:", exact=True)).to_be_visible()
    assert warm_shop.drip.workspace.state().paused_at is not None


def test_all_is_paused_and_goes_on_with_its_foresight(warm_shop: Shop, page: Page) -> None:
    warm_shop.go(warm_shop.come_in(page), "/leads")
    page.get_by_role("button", name="Pause all sending …").click()
    page.get_by_label("Reason").fill("a wrong price")
    page.get_by_role("dialog").get_by_role("button", name="Pause all sending").click()
    expect(page.get_by_text("All sending is paused:", exact=True)).to_be_visible()
    warm_shop.later(timedelta(hours=13))
    page.get_by_role("link", name="Resume …").first.click()
    expect(page.get_by_text("When sending resumes:")).to_be_visible()
    page.get_by_role("main").get_by_role("button", name="Resume").click()

    expect(page.get_by_text("All sending is paused:", exact=True)).to_be_hidden()
    assert warm_shop.drip.workspace.state().pause_reason is None


def test_what_cannot_be_taken_back_asks_and_no_means_no(warm_shop: Shop, page: Page) -> None:
    warm_shop.go(warm_shop.come_in(page), "/leads")
    page.get_by_role("button", name="Pause all sending …").click()
    page.get_by_role("dialog").get_by_role("button", name="Keep sending").click()

    expect(page.get_by_role("dialog")).to_have_count(0)
    assert warm_shop.drip.workspace.state().pause_reason is None


def test_what_a_lead_wrote_is_two_clicks_from_the_log_in(warm_shop: Shop, page: Page) -> None:
    warm_shop.drip.inbox.receive("How much is it?", phone="60123456789")
    warm_shop.come_in(page)
    page.get_by_role("navigation", name="Main", exact=True).get_by_role("link", name="Leads").click()
    page.get_by_role("main").get_by_role("link", name="Aina").first.click()
    conversation = page.get_by_role("list", name="Conversation with Aina")

    expect(conversation.get_by_text("How much is it?")).to_be_visible()
    expect(conversation.get_by_text("Warm EXAMA ended: the lead replied")).to_be_visible()


def test_why_she_did_not_get_it_is_two_clicks_from_the_log_in(warm_shop: Shop, page: Page) -> None:
    warm_shop.drip.pause(phone="60123456789", reason="she is on leave")
    warm_shop.come_in(page)
    page.get_by_role("navigation", name="Main", exact=True).get_by_role("link", name="Leads").click()
    page.get_by_role("main").get_by_role("link", name="Aina").first.click()

    expect(page.locator(".msg.planned").first).to_contain_text("she is on leave")


def test_a_lead_is_stopped(warm_shop: Shop, page: Page) -> None:
    warm_shop.go(warm_shop.come_in(page), "/leads/60123456789")
    page.get_by_role("link", name="Stop this sequence").click()
    page.get_by_role("main").get_by_label("Reason").fill("she bought in the shop")
    page.get_by_role("main").get_by_role("button").click()

    expect(page.locator(".life li.cancelled")).to_have_count(3)


def test_a_viewer_sees_everything_and_is_offered_nothing_to_change(warm_shop: Shop, page: Page) -> None:
    warm_shop.come_in(page, "viewer")
    for path in ("/leads/60123456789", "/settings/system", "/leads", "/senders"):
        warm_shop.go(page, path)
        expect(page.get_by_role("main").locator("form[method=post]")).to_have_count(0)


def test_whoever_is_not_known_comes_no_further_than_the_log_in(warm_shop: Shop, page: Page) -> None:
    warm_shop.come_in(page)
    account_menu(page)
    page.get_by_role("button", name="Log out").click()
    warm_shop.go(page, "/leads/60123456789")
    page.get_by_label("E-mail").fill("admin0@shop.example")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Aina")


def test_the_theme_is_chosen_and_kept(warm_shop: Shop, page: Page) -> None:
    warm_shop.come_in(page)
    page.emulate_media(color_scheme="light")
    page.keyboard.press("t")
    page.keyboard.press("t")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    warm_shop.go(page, "/leads")

    account_menu(page)
    expect(page.get_by_role("button", name="Theme: dark")).to_be_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == dark
    assert sum(map(int, dark.removeprefix("rgb(").removesuffix(")").split(","))) < 3 * 64


def test_a_patch_takes_nothing_from_under_a_hand(warm_shop: Shop, page: Page) -> None:
    warm_shop.go(warm_shop.come_in(page), "/leads/60123456789")
    page.locator("[id^=details-] > summary").first.click()
    summary = page.locator("#runs-1 summary, [id^=runs-] summary").first
    summary.focus()
    page.keyboard.press("Enter")
    warm_shop.later(timedelta(hours=12))
    page.wait_for_timeout(2_500)  # longer than a change takes to be seen
    is_kept = summary.evaluate("one => one === document.activeElement && one.parentElement.open")
    page.get_by_role("button", name="Owner").focus()
    warm_shop.later(timedelta(hours=12))

    assert is_kept
    expect(page.locator(".life li.completed")).to_have_count(3)
