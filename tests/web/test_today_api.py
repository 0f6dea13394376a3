"""Today and the calendar over the API."""

from collections.abc import Iterator

import pytest
from site_of import Site, site

from dripline import Dripline, Sequence
from dripline.core.accounts.access import Scope


@pytest.fixture
def shop(drip: Dripline, warm: Sequence) -> Iterator[Site]:
    drip.apply(warm)
    drip.add_lead(phone="60123456789", triggers=["WARMEXAMA"])
    drip.tick()
    drip.pause(sequence="Warm EXAMA", reason="stock count")
    drip.add_lead(phone="60123456788", triggers=["WARMEXAMA"])
    with site(drip) as opened:
        yield opened


def test_a_program_reads_today(shop: Site) -> None:
    told = shop.client.get("/api/v1/today", headers=shop.token(Scope.REPORTS_READ)).json()
    (group,) = told["waiting"]["groups"]

    assert (told["results"]["sent"], told["waiting"]["late"]) == (1, 0)
    assert (group["cause"], group["count"], group["reason"]) == ("sequence_paused", 1, "stock count")
    assert len(told["week"]["days"]) == 7


def test_a_program_reads_the_calendar_of_days_that_it_names(shop: Site) -> None:
    day = f"{shop.drip.now():%Y-%m-%d}"
    headers = shop.token(Scope.REPORTS_READ)
    told = shop.client.get("/api/v1/calendar", params={"from": day, "days": 2}, headers=headers).json()

    assert told["days"][0]["day"] == day
    assert (told["sequences"][0]["paused"], len(told["sequences"][0]["days"])) == (4 + 3, 2)


@pytest.mark.parametrize(("asked", "status"), [("days=99", 400), ("from=Tuesday", 400), ("from=2001-01-01", 422)])
def test_days_that_no_calendar_shows_are_refused(shop: Site, asked: str, status: int) -> None:
    answer = shop.client.get(f"/api/v1/calendar?{asked}", headers=shop.token(Scope.REPORTS_READ))

    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
