"""The page of messages over HTTP: states with their counts, filters that cannot be read, reasons, the unconfirmed."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from site_of import Site, site

from dripline import Dripline, FakeChannel, RecordFilter, Rejected, Sequence, Unknown, VirtualClock, Workspace
from dripline.web.pages.records import message_counts


@pytest.fixture
def fake() -> FakeChannel:
    return FakeChannel([Rejected("wrong text"), Rejected("wrong text"), Unknown("hung up")])


@pytest.fixture
def shop(drip: Dripline, warm: Sequence) -> Iterator[Site]:
    drip.apply(warm)
    for number in range(4):
        drip.add_lead(phone=f"6012345678{number}", name=f"Lead {number}", triggers=["WARMEXAMA"])
    drip.tick()
    with site(drip) as opened:
        opened.come_in("operator")
        yield opened


def rail(page: str) -> dict[str, str]:
    """Return what stands in the rail: the count of each state."""
    found = re.findall(r"</span>([A-Z][a-z ]+)<span class=\"n(?: zero)?\">([\d,+]+)<", page)
    return dict(found)


def rows(page: str) -> int:
    return len(re.findall(r"<tr role=\"row\"[^>]*>(?:<td|\n)", page))


def test_the_rail_counts_what_its_lists_show(shop: Site, clock: VirtualClock) -> None:
    clock.advance(timedelta(hours=12))
    page = shop.page("/messages")
    states = {
        "Scheduled": "scheduled",
        "Waiting to send": "waiting",
        "Sent": "sent",
        "Delivered": "delivered",
        "Failed": "failed",
        "Not delivered": "undelivered",
        "Not confirmed": "unconfirmed",
    }
    counts = rail(page)

    assert counts["Waiting to send"] != "0"
    assert counts["Failed"] == "2"
    assert counts["Not confirmed"] == "1"
    for name, word in states.items():
        for beside in (
            "",
            "&sequence=Warm+EXAMA",
            "&sequence=Warm+EXAMA&step=1",
            "&when=dates&from=2025-01-01",
            "&text=Lead",
        ):
            found = shop.page(f"/messages?state={word}{beside}")
            assert int(rail(found)[name]) == rows(found), (word, beside)


def test_more_than_so_many_are_not_counted_on(shop: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(message_counts, "COUNT_LIMIT", 1)

    assert rail(shop.page("/messages"))["Failed"] == "10,000+"


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        ("sequence=warm", "There is no sequence"),
        ("sender=nobody", "There is no sender"),
        ("sequence=Warm+EXAMA&step=x", "is no step"),
        ("state=lost", "There is no state"),
        ("status=lost", "There is no status"),
        ("when=whenever", "There is no time"),
        ("when=dates&from=2026-02-31", "is no date"),
        ("since=yesterday", "is no instant"),
        ("since=2026-01-01", "has no zone"),
        ("reason=bad_luck", "There is no reason"),
        ("order=sideways", "There is no order"),
        ("cursor=x", "cursor"),
    ],
)
def test_what_cannot_be_read_is_answered_in_place(shop: Site, asked: str, problem: str) -> None:
    page = shop.page(f"/messages?{asked}")

    assert problem in page
    assert "Clear filters" in page
    assert "Unprocessable" not in page


def test_nothing_yet_and_nothing_found_are_told_apart(shop: Site) -> None:
    assert "No message matches" in shop.page("/messages?when=dates&from=2020-01-01&to=2020-01-02")
    assert "Nothing is cancelled now." in shop.page("/messages?state=cancelled")


def test_before_the_first_lead_there_is_nothing_yet(drip: Dripline) -> None:
    with site(drip) as opened:
        opened.come_in("operator")

        assert "No messages yet" in opened.page("/messages")


def test_days_are_those_of_the_workspace(shop: Site) -> None:
    shop.drip.workspace.apply(Workspace(zone="Asia/Kuala_Lumpur"))

    assert rows(shop.page("/messages?state=failed&when=dates&from=2026-01-01&to=2026-01-01")) == 2
    assert "8 am" in shop.page("/messages?state=failed")
    assert "No message matches" in shop.page("/messages?state=failed&when=dates&to=2025-12-31")


def test_failures_are_grouped_by_reason_and_those_that_can_be_are_retried(shop: Site) -> None:
    page = shop.page("/messages?state=failed&by=reason")
    assert "The provider refused the message" in page
    assert "All 2 can still be sent." in page
    first = shop.drip.records.find_ids(RecordFilter(standings=["failed"]))[0]
    lead = shop.drip.records.get(first)
    assert lead is not None
    shop.drip.leads.opt_out(phone=lead.lead.phone)
    assert "1 can still be sent; 1 of these people has moved on." in shop.page("/messages?state=failed&by=reason")
    answer = shop.post("/messages/failed/retry", filter="state=failed&by=reason", reason="provider_rejected")

    assert "1 message is sent again. 1 of these people has moved on." in answer.text
    assert shop.drip.records.count(RecordFilter(standings=["failed"])) == 1
    assert "Nothing to do" in answer.text


def test_what_is_not_confirmed_is_settled_where_it_stands(shop: Site) -> None:
    page = shop.page("/messages?state=unconfirmed")
    assert "It is not known whether these arrived" in page
    (record,) = shop.drip.records.find_ids(RecordFilter(standings=["held", "unknown"]))
    told = shop.post("/messages/settle", resolution="sent", record=str(record), filter="state=unconfirmed")

    assert "Settled as arrived: 1 message." in told.text
    assert shop.drip.records.count(RecordFilter(standings=["held", "unknown"])) == 0


def test_a_message_opens_beside_its_list_and_on_a_page_of_its_own(shop: Site) -> None:
    failed = shop.drip.records.find_ids(RecordFilter(standings=["failed"]))[0]
    beside = shop.page(f"/messages?state=failed&by=reason&message={failed}")

    assert 'data-drawer="/messages?state=failed&amp;by=reason"' in beside
    for page in (beside, shop.page(f"/messages/{failed}")):
        assert "Message to Lead" in page
        assert "What happened" in page
        assert "Retry now" in page
    assert "data-drawer" not in shop.page("/messages?message=9999999999999999999999")
