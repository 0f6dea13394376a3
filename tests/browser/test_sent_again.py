"""What failed is sent again, in a real browser."""

import pytest
from playwright.sync_api import Page, expect
from shop_window import Shop

from dripline import FakeChannel, Rejected, Sequence


@pytest.fixture
def fake() -> FakeChannel:
    """A channel that refuses the first three messages."""
    return FakeChannel([Rejected("wrong text")] * 3)


@pytest.fixture
def failed_shop(shop: Shop, warm: Sequence) -> Shop:
    """A shop whose first three messages failed."""
    shop.drip.apply(warm)
    for number in range(3):
        shop.drip.add_lead(phone=f"6012345678{number}", triggers=["WARMEXAMA"])
    shop.tick()
    return shop


def test_what_can_be_retried_is_retried_within_three_clicks_of_the_log_in(
    failed_shop: Shop, fake: FakeChannel, page: Page
) -> None:
    failed_shop.come_in(page)
    page.get_by_role("navigation", name="Main", exact=True).get_by_role("link", name="Messages").click()
    page.get_by_role("navigation", name="State").get_by_role("link", name="Failed").click()
    expect(page.get_by_text("All 3 can still be sent.")).to_be_visible()
    page.get_by_role("button", name="Retry 3").click()
    expect(page.get_by_role("status").first).to_contain_text("3 messages are sent again.")
    expect(page.get_by_role("heading", name="Nothing has failed")).to_be_visible()
    failed_shop.tick()

    assert [message.step for message in fake.accepted] == [1, 1, 1]


def test_one_message_is_retried_beside_its_list(failed_shop: Shop, fake: FakeChannel, page: Page) -> None:
    failed_shop.go(failed_shop.come_in(page), "/messages?state=failed")
    expect(page.locator(".bulk")).to_be_hidden()
    page.locator("#list tbody tr").first.get_by_role("link").click()
    page.get_by_role("dialog").get_by_role("button", name="Retry now").click()

    expect(page.locator("#list tbody tr")).to_have_count(2)
    page.locator("#list tbody tr").first.get_by_role("checkbox").check()
    expect(page.locator(".bulk")).to_contain_text("1 chosen")
    failed_shop.tick()
    assert len(fake.accepted) == 1
