"""What failed is sent again, in a real browser."""

import pytest
from playwright.sync_api import Page, expect
from shop_window import Shop

from dripline import FakeChannel, Rejected, Sequence


@pytest.fixture
def fake() -> FakeChannel:
    """A channel that refuses the first three messages."""
    return FakeChannel([Rejected("wrong number")] * 3)


def test_what_failed_is_sent_again_in_bulk(shop: Shop, fake: FakeChannel, warm: Sequence, page: Page) -> None:
    shop.drip.apply(warm)
    for number in range(3):
        shop.drip.add_lead(phone=f"6012345678{number}", triggers=["WARMEXAMA"])
    shop.tick()
    shop.go(shop.come_in(page), "/")
    page.locator("#figures .card").filter(has_text="Failed").get_by_role("link").click()
    expect(page.locator("#list tbody tr")).to_have_count(3)
    page.get_by_label("that match this filter").check()
    page.get_by_role("button", name="Send again").click()
    page.get_by_role("main").get_by_role("button", name="3 records").click()
    expect(page.get_by_role("status").first).to_contain_text("3")
    shop.tick()

    assert [message.step for message in fake.accepted] == [1, 1, 1]
    expect(page.get_by_role("heading", name="No matching records")).to_be_visible()
