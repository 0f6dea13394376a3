"""Unknown messages over the pages and the API: filtered, previewed, settled, by whoever may and in their name."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from site_of import Site, site

from dripline import Dripline, FakeChannel, Policy, Sequence, Step, Unknown, VirtualClock

PHONES = [f"6012345678{number}" for number in range(3)]
HOLD = Policy(on_unknown="hold", unknown_after="1h")


@pytest.fixture
def fake() -> FakeChannel:
    return FakeChannel([Unknown("hung up")] * 3)


@pytest.fixture
def shop(drip: Dripline) -> Iterator[Site]:
    drip.apply(Sequence("Warm", trigger="W", steps=[Step("One"), Step("Two", "12h")], policy=HOLD))
    for phone in PHONES:
        drip.add_lead(phone=phone, triggers=["W"])
    drip.tick()
    with site(drip) as opened:
        opened.come_in("operator", "aina@shop.example")
        yield opened
    assert drip.verify() == []


def standing(shop: Site) -> list[str]:
    return [str(shop.drip.records(phone=phone)[0].status) for phone in PHONES]


def test_what_a_filter_finds_is_previewed_and_settled_as_previewed(shop: Site) -> None:
    assert "What became of all 3?" in shop.page("/unknown?sequence=Warm")
    assert "What became of it?" in shop.page(f"/unknown?leads={PHONES[0]}")
    previewed = shop.post("/unknown/plan", resolution="resend", filter=f"leads={PHONES[0]}").text
    assert "Settle 1 unknown message?" in previewed
    assert "due again" in previewed
    assert standing(shop) == ["unknown"] * 3

    told = shop.post("/unknown/settle", resolution="resend", filter=f"leads={PHONES[0]}")
    assert "1 record is due again." in told.text
    assert standing(shop) == ["active", "unknown", "unknown"]
    record = shop.drip.records(phone=PHONES[0])[0].id
    assert "Settled as resend by " in shop.page(f"/messages/{record}")
    assert "settle_unknown" in [deed.deed for deed in shop.drip.accounts.audit()]
    assert PHONES[0] not in str([deed.details for deed in shop.drip.accounts.audit()])


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ("sequence=Wram", "There is no sequence"),
        ("sequence=Warm&step=9", "has no step 9"),
        ("sequence=Warm&step=x", "is no step"),
        ("since=yesterday", "is no time"),
        ("since=0001-01-01T00:00", "out of all time"),
        ("channel=%00", "not text"),
        ("leads=60111111111", "No lead has the address"),
    ],
)
def test_a_filter_that_cannot_be_used_says_why(shop: Site, asked: str, told: str) -> None:
    assert told in shop.page(f"/unknown?{asked}")
    assert told in shop.post("/unknown/settle", resolution="sent", filter=asked).text
    assert standing(shop) == ["unknown"] * 3


def test_the_lists_of_unknown_records_lead_there(shop: Site) -> None:
    assert 'href="/unknown?sequence=Warm">Settle all …' in shop.page("/messages?status=held&sequence=Warm")
    assert "Settle all" not in shop.page("/messages")


def test_a_viewer_sees_and_settles_nothing(shop: Site) -> None:
    shop.come_in("viewer", "viewer@shop.example")

    assert "You know what became" not in shop.page("/unknown")
    assert shop.post("/unknown/settle", resolution="sent", filter="").status_code == 403
    assert standing(shop) == ["unknown"] * 3


def test_an_export_of_the_provider_is_previewed_and_settles_what_it_proves(shop: Site, clock: VirtualClock) -> None:
    at = clock.now() + timedelta(seconds=5)
    rows = [(PHONES[0], "delivered"), (PHONES[1], "failed")]
    log = "to,sent at,status\n" + "".join(f"{phone},{at:%Y-%m-%d %H:%M:%S},{word}\n" for phone, word in rows)
    csrf = re.search(r'name="csrf" value="(\w+)"', shop.page("/unknown"))
    assert csrf
    fields = {"csrf": csrf[1], "zone": "UTC", "channel": "", "minutes": "10"}
    previewed = shop.client.post("/unknown/evidence", data=fields, files={"file": ("log.csv", log.encode())})
    assert "Settle 2 unknown messages?" in previewed.text
    assert "the evidence says nothing of it" in previewed.text

    told = shop.post(previewed.url.path, zone="UTC", channel="", minutes="10").text
    assert "1 record is completed. 1 record is due again." in told
    assert standing(shop) == ["completed", "active", "unknown"]
    assert "not here any more" in shop.post(previewed.url.path, zone="UTC").text


def test_phones_of_an_export_are_those_of_the_shops_own_country(
    clock: VirtualClock, fake: FakeChannel, url: str
) -> None:
    with Dripline(url, clock=clock, channels={"console": fake}, region="SG") as drip:
        drip.apply(Sequence("Warm", trigger="W", steps=[Step("One")], policy=HOLD))
        drip.add_lead(phone="+6581234567", triggers=["W"])
        drip.tick()
        with site(drip) as opened:
            opened.come_in("operator", "aina@shop.example")
            csrf = re.search(r'name="csrf" value="(\w+)"', opened.page("/unknown"))
            assert csrf
            log = f"to,sent at,status\n8123 4567,{clock.now():%Y-%m-%d %H:%M:%S},delivered\n"
            fields = {"csrf": csrf[1], "zone": "UTC", "channel": "", "minutes": "10"}
            shown = opened.client.post("/unknown/evidence", data=fields, files={"file": ("log.csv", log.encode())})

    assert "Settle 1 unknown message?" in shown.text


def test_a_program_settles_by_filter_and_says_who_it_is(shop: Site) -> None:
    token = shop.token("records:write", "records:read")
    asked = {"resolution": "skip", "sequence": "Warm", "leads": PHONES[:2]}
    planned = shop.client.post("/api/v1/unknown/plan", json=asked, headers=token).json()
    done = shop.client.post("/api/v1/unknown/settle", json=asked, headers=token).json()

    assert planned == done
    assert (done["records"], done["effects"]) == (2, {"skipped": 2})
    record = shop.drip.records(phone=PHONES[0])[0].id
    shown = shop.client.get(f"/api/v1/records/{record}", headers=token).json()
    assert [(one["resolution"], one["by"]) for one in shown["settlements"]] == [("skip", "token test")]
    assert shop.client.post("/api/v1/unknown/settle", json=asked, headers=token).json()["records"] == 0


def test_a_program_settles_by_evidence(shop: Site, clock: VirtualClock) -> None:
    token = shop.token("records:write", "records:read")
    at = (clock.now() + timedelta(seconds=5)).isoformat()
    lines = [{"phone": "012-345 6780", "at": at, "status": "delivered", "provider_id": "SM1"}]
    planned = shop.client.post("/api/v1/unknown/evidence/plan", json={"lines": lines}, headers=token).json()
    done = shop.client.post("/api/v1/unknown/evidence", json={"lines": lines}, headers=token).json()

    assert planned == done
    assert done["effects"] == {"completed": 1}
    assert len(done["left"]) == 2


@pytest.mark.parametrize("way", ["settle", "evidence"])
def test_reading_is_no_right_to_settle(shop: Site, way: str) -> None:
    body: dict[str, object] = {"resolution": "sent"} if way == "settle" else {"lines": []}
    refused = shop.client.post(f"/api/v1/unknown/{way}", json=body, headers=shop.token("records:read"))

    assert refused.status_code == 403
    assert standing(shop) == ["unknown"] * 3


def test_a_sequence_that_is_not_there_is_a_problem(shop: Site) -> None:
    body = {"resolution": "sent", "sequence": "Wram"}
    answer = shop.client.post("/api/v1/unknown/settle", json=body, headers=shop.token())

    assert answer.status_code == 422
    assert "There is no sequence 'Wram'" in answer.json()["detail"]
