"""Records by hand over the pages: ticked or all that fit, asked first, done, and told in place."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from httpx2 import Response
from site_of import Site, site

from dripline import Dripline, FakeChannel, Outcome, RecordFilter, Rejected, Sequence, VirtualClock, Workspace


@pytest.fixture
def refusals() -> list[Outcome]:
    """What the channel answers before it accepts everything."""
    return []


@pytest.fixture
def fake(refusals: list[Outcome]) -> FakeChannel:
    return FakeChannel(lambda _message: refusals.pop() if refusals else None)


@pytest.fixture
def shop(drip: Dripline, warm: Sequence) -> Iterator[Site]:
    drip.apply(warm)
    for number in range(3):
        drip.add_lead(phone=f"6012345678{number}", name=f"Lead {number}", triggers=["WARMEXAMA"])
    with site(drip) as opened:
        opened.come_in("operator")
        yield opened


def ids(shop: Site, status: str) -> list[int]:
    return sorted(shop.drip.records.find_ids(RecordFilter(standings=[status])))


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, page
    return found[1].replace("&amp;", "&")


def confirmed(shop: Site, asked: Response) -> Response:
    """Press the button of the page that asks."""
    fields = {name: hidden(asked.text, name) for name in ("action", "ids", "filter", "one", "where")}
    if 'name="goes_at"' in asked.text:
        fields["goes_at"] = hidden(asked.text, "goes_at")
    return shop.post("/messages/bulk/do", **fields)


def test_what_is_ticked_is_cancelled_after_a_page_that_asks(shop: Site) -> None:
    first = ids(shop, "active")[0]
    asked = shop.post("/messages/bulk", action="cancel", record=str(first), filter="status=active")
    assert "Cancel: 1 message?" in asked.text
    assert "neither is what comes after them" in asked.text
    assert len(ids(shop, "active")) == 3
    told = confirmed(shop, asked)

    assert str(told.url).endswith("/messages?status=active")
    assert "1 message is cancelled, with what came after." in told.text
    assert (len(ids(shop, "active")), len(ids(shop, "cancelled"))) == (2, 4)


def test_all_that_fit_are_those_to_which_it_can_be_done(shop: Site) -> None:
    assert "12 messages" in shop.page("/messages")
    asked = shop.post("/messages/bulk", action="skip", all="1")
    assert "Skip this step: 3 messages?" in asked.text
    told = confirmed(shop, asked)

    assert "3 messages are skipped." in told.text
    assert [record.current_step for record in shop.drip.records() if record.status == "active"] == [2, 2, 2]


def test_the_filter_of_the_list_says_whom_all_means(shop: Site) -> None:
    asked = shop.post("/messages/bulk", action="cancel", all="1", filter="text=60123456781&order=earliest")
    assert "Cancel: 4 messages?" in asked.text
    confirmed(shop, asked)

    assert {r.status for r in shop.drip.records(phone="60123456781")} == {"cancelled"}
    assert len(ids(shop, "cancelled")) == 4


def test_failed_ones_are_sent_again_and_the_others_told_with_their_reason(shop: Site, refusals: list[Outcome]) -> None:
    refusals.append(Rejected("no such number"))
    shop.drip.tick()
    failed, completed = ids(shop, "failed"), ids(shop, "completed")
    told = shop.post("/messages/bulk/do", action="retry", ids=" ".join(map(str, failed + completed)))
    shop.drip.tick()

    assert "1 message is sent again." in told.text
    assert "2 were left as they are: it has not failed: it is completed (2)." in told.text
    assert ids(shop, "failed") == []


def test_records_are_sent_now_or_at_another_time(shop: Site, clock: VirtualClock) -> None:
    shop.drip.tick()
    late = shop.post("/messages/bulk", action="reschedule", all="1", after="36h", filter="step=2&sequence=Warm EXAMA")
    assert "Fri 2 Jan, 12 pm" in late.text
    assert "3 messages are set for another time." in confirmed(shop, late).text
    clock.advance(timedelta(hours=13))
    assert shop.drip.records.count_due() == 0
    confirmed(shop, shop.post("/messages/bulk", action="send-now", all="1"))

    assert shop.drip.records.count_due() == 3


def test_a_time_is_one_of_the_workspaces_zone(shop: Site) -> None:
    shop.drip.workspace.apply(Workspace(zone="Asia/Kuala_Lumpur"))
    asked = shop.post("/messages/bulk", action="reschedule", all="1", at="2026-01-05T08:00")

    assert "Mon 5 Jan, 8 am" in asked.text


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"action": "cancel"}, "No message was ticked"),
        ({"action": "explode", "all": "1"}, "Nothing was chosen to be done"),
        ({"action": "retry", "all": "1"}, "No message that fits is failed."),
        ({"action": "cancel", "record": "x"}, "Records are named by"),
        ({"action": "reschedule", "all": "1", "at": "soon"}, "is no time"),
        ({"action": "reschedule", "all": "1", "after": "soon"}, "soon"),
        ({"action": "cancel", "all": "1", "filter": "since=yesterday"}, "is no instant"),
        ({"action": "cancel", "all": "1", "filter": "status=lost"}, "There is no status"),
    ],
)
def test_what_cannot_be_done_is_told_where_it_was_asked(shop: Site, fields: dict[str, str], told: str) -> None:
    answer = shop.post("/messages/bulk", **fields)

    assert answer.url.path == "/messages"
    assert told in answer.text or answer.status_code == 422


def test_one_record_is_acted_on_from_its_page(shop: Site) -> None:
    first = ids(shop, "active")[0]
    page = shop.page(f"/messages/{first}")
    assert "Send now" in page
    assert "Retry now" not in page
    assert f'curl -H "Authorization: Bearer $DRIPLINE_TOKEN" http://testserver/api/v1/records/{first}' in page
    told = confirmed(shop, shop.post("/messages/bulk", action="skip", record=str(first), one=str(first)))

    assert told.url.path == f"/messages/{first}"
    assert "1 message is skipped." in told.text


def test_a_viewer_has_no_boxes_and_is_refused_behind_them(shop: Site) -> None:
    first = ids(shop, "active")[0]
    shop.come_in("viewer", "viewer@shop.example")
    assert 'type="checkbox"' not in shop.page("/messages")
    answer = shop.post("/messages/bulk/do", action="cancel", ids=str(first))

    assert len(ids(shop, "active")) == 3
    assert "needs the right records:write" in answer.text


def test_the_records_of_a_filter_are_taken_away_as_a_file(shop: Site) -> None:
    assert "/messages/export.csv?status=pending&amp;sequence=Warm+EXAMA" in shop.page(
        "/messages?status=pending&sequence=Warm+EXAMA"
    )
    shop.drip.tick()
    answer = shop.client.get("/messages/export.csv?status=completed")

    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''records.csv"
    lines = answer.text.removeprefix("\ufeff").splitlines()
    assert lines[0].startswith("record,phone,email,name,sequence")
    assert len(lines) - 1 == shop.drip.records.count(RecordFilter(standings=["completed"])) > 0
    assert shop.client.get("/messages/export.csv?since=yesterday").status_code == 422
    shop.client.cookies.clear()
    assert shop.client.get("/messages/export.csv", follow_redirects=False).status_code == 303
