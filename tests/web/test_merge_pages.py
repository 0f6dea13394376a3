"""Two leads that are merged over the API and over the pages: who may, what is said before, and what is done once."""

from collections.abc import Iterator

import pytest
from site_of import Site, site

from dripline import Dripline, Sequence

PHONE = "60123456789"
MAIL = "aina@example.com"


@pytest.fixture
def shop(drip: Dripline, warm: Sequence) -> Iterator[Site]:
    drip.apply(warm)
    drip.add_lead(phone=PHONE, name="Aina", triggers=["WARMEXAMA"])
    drip.add_lead(email=MAIL, triggers=["WARMEXAMA"], attributes={"city": "<b>KL</b>"})
    with site(drip) as opened:
        yield opened


def test_the_api_says_what_a_merge_does_and_does_that(shop: Site) -> None:
    headers = shop.token("leads:read", "leads:write")
    asked = {"other": MAIL, "dry_run": True}
    planned = shop.client.post(f"/api/v1/leads/{PHONE}/merge", json=asked, headers=headers)
    assert shop.drip.reports.counts()["leads"] == 2
    done = shop.client.post(f"/api/v1/leads/{PHONE}/merge", json={"other": MAIL}, headers=headers)

    assert planned.json() == done.json()
    assert done.json()["result"]["email"] == MAIL
    assert done.json()["ending"] == ["lead 2 leaves 'Warm EXAMA', at step 1: another run is further on"]
    assert shop.drip.reports.counts()["leads"] == 1
    posted = shop.client.post("/api/v1/leads", json={"email": MAIL, "triggers": ["WARMEXAMA"]}, headers=headers)
    assert posted.json() == {"added": 0, "updated": 0, "enrolled": 0}


def test_a_second_copy_of_a_merge_gets_the_first_answer(shop: Site) -> None:
    headers = {**shop.token("leads:write"), "idempotency-key": "merge-1"}
    first, second = (
        shop.client.post(f"/api/v1/leads/{PHONE}/merge", json={"other": MAIL}, headers=headers) for _ in range(2)
    )

    assert (first.status_code, first.json()) == (200, second.json())


@pytest.mark.parametrize(("other", "status"), [("nobody@example.com", 422), (PHONE, 422), ("12", 422), ("", 422)])
def test_what_cannot_be_merged_is_a_problem(shop: Site, other: str, status: int) -> None:
    answer = shop.client.post(f"/api/v1/leads/{PHONE}/merge", json={"other": other}, headers=shop.token())

    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert shop.drip.reports.counts()["leads"] == 2


def test_who_may_only_read_merges_nobody(shop: Site) -> None:
    headers = shop.token("leads:read")
    answer = shop.client.post(f"/api/v1/leads/{PHONE}/merge", json={"other": MAIL}, headers=headers)

    assert answer.status_code == 403
    shop.come_in("viewer")
    shop.post(f"/leads/{PHONE}/merge", other=MAIL)
    assert shop.drip.reports.counts()["leads"] == 2


def test_a_page_asks_before_two_leads_are_merged(shop: Site) -> None:
    shop.come_in("operator")
    asked = shop.page(f"/leads/{PHONE}/merge?other={MAIL}")

    assert "becomes part of lead 1" in asked
    assert "Lead 2 leaves &#39;Warm EXAMA&#39;, at step 1" in asked
    assert "<b>KL</b>" not in asked
    assert shop.drip.reports.counts()["leads"] == 2
    told = shop.post(f"/leads/{PHONE}/merge", other=MAIL)
    assert "They are one lead now." in told.text
    assert MAIL in told.text
    assert shop.drip.reports.counts()["leads"] == 1


def test_a_page_says_why_two_leads_are_not_merged(shop: Site) -> None:
    shop.come_in("operator")

    assert "No lead has the address" in shop.page(f"/leads/{PHONE}/merge?other=nobody@example.com")
    assert "Both addresses are lead 1 already" in shop.post(f"/leads/{PHONE}/merge", other=PHONE).text


def test_who_merged_whom_is_in_the_log_and_no_address_of_theirs(shop: Site) -> None:
    shop.come_in("operator")
    shop.post(f"/leads/{PHONE}/merge", other=MAIL)
    deed = next(deed for deed in shop.drip.accounts.audit() if deed.deed == "merge_leads")

    assert deed.actor == "user owner@shop.example"
    assert MAIL not in str(deed)
    assert PHONE not in str(deed)
