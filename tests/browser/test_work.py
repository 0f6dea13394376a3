"""Whole pieces of work in a real browser, as the people do them whom the dashboard is for."""

import re
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import Page, expect
from shop_window import Shop

from dripline import FakeChannel

EXAMPLES = Path(__file__).parents[2] / "examples"


def test_from_nothing_to_the_first_message_by_what_the_pages_say(shop: Shop, fake: FakeChannel, page: Page) -> None:
    shop.come_in(page)
    page.get_by_role("link", name="Use the example").click()
    page.get_by_role("button", name="Review changes").click()
    page.get_by_role("button", name="Publish exactly this").click()
    page.get_by_role("link", name="Today").click()
    page.get_by_role("link", name="Add myself").click()
    page.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("link", name="Today").click()
    expect(page.get_by_text("goes at the next pass")).to_be_visible()
    shop.tick()

    expect(page.get_by_role("heading", name="The first message was sent")).to_be_visible()
    assert len(fake.accepted) == 1


def test_a_sequence_is_written_beside_what_a_lead_would_get(warm_shop: Shop, page: Page) -> None:
    shop = warm_shop
    shop.go(shop.come_in(page), "/sequences/new")
    page.get_by_label("Name", exact=True).fill("Hot EXAMA")
    page.get_by_label("Starts on").fill("HOTEXAMA")
    page.get_by_label("Preview for").fill("60123456789")
    page.get_by_label("Message", exact=True).first.fill("Dear {{ name }}, tonight")
    expect(page.get_by_text("Dear Aina, tonight")).to_be_visible()
    page.get_by_role("button", name="Add a step", exact=True).click()
    page.locator("#step-2").get_by_label("Wait", exact=True).fill("12h")
    page.locator("#step-2").get_by_label("Message", exact=True).fill("{{ nme }}")
    expect(page.locator("#shown-2 .bad")).to_be_visible()
    page.locator("#step-2").get_by_label("Message", exact=True).fill("Last call, {{ name }}")
    expect(page.get_by_text("Last call, Aina")).to_be_visible()
    page.get_by_role("button", name="Review changes").click()
    page.get_by_role("button", name="Publish exactly this").click()

    expect(page.get_by_role("heading", name="Hot EXAMA")).to_be_visible()
    assert [step.wait for step in shop.drip.sequences.get("Hot EXAMA").sequence.steps] == [
        timedelta(0),
        timedelta(hours=12),
    ]


def test_a_change_is_published_for_those_under_way_as_it_was_planned(warm_shop: Shop, page: Page) -> None:
    shop = warm_shop
    shop.go(shop.come_in(page), "/sequences/Warm EXAMA/edit")
    page.locator("#step-2").get_by_label("Wait", exact=True).fill("6h")
    page.get_by_role("button", name="Review changes").click()
    page.get_by_label("also those under way who are not yet at a change").check()
    page.get_by_role("button", name="Show the plan for this choice").click()
    page.get_by_label("everybody under way").check()
    page.get_by_role("button", name="Show the plan for this choice").click()
    expect(page.get_by_text("1 enrollment goes over to version 2")).to_be_visible()
    page.get_by_role("button", name="Publish exactly this").click()
    expect(page.get_by_role("status").first).to_be_visible()
    shop.later(timedelta(hours=6))

    assert shop.drip.reports.counts()["completed"] == 2


def test_a_draft_waits_for_its_day(warm_shop: Shop, page: Page) -> None:
    shop = warm_shop
    shop.go(shop.come_in(page), "/sequences/new?example=warm")
    page.get_by_label("Name", exact=True).fill("Next week")
    page.get_by_role("button", name="Save draft").click()
    page.get_by_role("navigation", name="Main").get_by_role("link", name="Sequences").click()
    expect(page.get_by_text("Draft", exact=True)).to_be_visible()

    assert [state.sequence.name for state in shop.drip.sequences.all()] == ["Warm EXAMA"]


def test_a_list_with_bad_rows_comes_in_and_is_taken_back(warm_shop: Shop, page: Page) -> None:
    shop = warm_shop
    shop.go(shop.come_in(page), "/leads")
    page.get_by_role("link", name="Import").first.click()
    page.get_by_label("File: CSV or Excel").set_input_files(EXAMPLES / "leads.csv")
    page.get_by_role("button", name="Upload and check").click()
    expect(page.get_by_label("phone", exact=True)).to_have_value("phone")
    page.get_by_role("button", name="Next: preview").click()
    expect(page.get_by_text("972", exact=True).first).to_be_visible()
    page.get_by_role("button", name=re.compile(r"Import \d+ rows")).click()
    expect(page.get_by_text("finished")).to_be_visible(timeout=30_000)
    with page.expect_download() as taken:
        page.get_by_role("link", name="Download as CSV").click()
    assert Path(taken.value.path()).read_text("utf-8-sig").count("\n") == 4
    assert shop.drip.reports.overview().leads == 973
    page.get_by_role("link", name="Undo this import").click()
    page.get_by_role("main").get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Deleted by undo")).to_be_visible(timeout=30_000)

    assert shop.drip.reports.overview().leads == 1
