"""What the API tells of something can be written back as it is: it is taken, and changes nothing."""

from collections.abc import Iterator

import pytest
from everything import EVERYTHING
from site_of import Site, site

from dripline import Dripline, Pace, Sender, Sequence
from dripline.core.accounts.access import Scope
from dripline.core.events.posting import EventSigning

API = "/api/v1"


@pytest.fixture
def shop(url: str, warm: Sequence) -> Iterator[Site]:
    with Dripline(url, posting=EventSigning("a-secret-of-thirty-two-characters", allow_private_targets=True)) as drip:
        for name in ("jb-1", "jb-2"):
            drip.senders.apply(Sender(name, channel="console", pool="pool", pace=Pace(gap="10s-30s", warm_up=[5, 9])))
        drip.apply(warm)
        drip.apply(EVERYTHING)
        with site(drip) as opened:
            yield opened


@pytest.mark.parametrize("name", ["Everything", "Warm EXAMA"])
def test_a_sequence(shop: Site, name: str) -> None:
    shop.drip.pause(sequence=name, reason="Holiday")
    address, headers = f"{API}/sequences/{name}", shop.token()
    read = shop.client.get(address, headers=headers)
    tagged = {**headers, "if-match": read.headers["etag"]}
    planned = shop.client.post(f"{API}/plan", json=read.json(), headers=headers)
    written = shop.client.post(f"{API}/sequences", json=read.json(), headers=tagged)
    again = shop.client.get(address, headers=headers)

    assert read.json()["pause_reason"] == "Holiday"
    assert (written.status_code, planned.json()["action"], planned.json()["changes"]) == (200, "keep", [])
    assert (again.json(), again.headers["etag"]) == (read.json(), read.headers["etag"])


def test_every_sequence_of_the_list(shop: Site) -> None:
    headers = shop.token()
    listed = shop.client.get(f"{API}/sequences", headers=headers).json()
    written = [shop.client.post(f"{API}/sequences", json=one, headers=headers) for one in listed]

    assert [(one.status_code, one.json()["plan"]["action"]) for one in written] == [(200, "keep")] * 2
    assert shop.client.get(f"{API}/sequences", headers=headers).json() == listed


def test_a_sender_active_or_paused(shop: Site) -> None:
    headers = shop.token()
    shop.drip.senders.pause("jb-2", reason="Holiday")
    listed = shop.client.get(f"{API}/senders", headers=headers).json()
    one = shop.client.get(f"{API}/senders/jb-2", headers=headers).json()
    written = [shop.client.post(f"{API}/senders", json=one, headers=headers) for one in listed]

    assert [(one.status_code, one.json()["action"], one.json()["changes"]) for one in written] == [
        (200, "keep", [])
    ] * 2
    assert one in listed
    assert (one["gap"], one["warm_up"], one["status"]) == ("10s-30s", [5, 9], "paused")
    assert shop.client.get(f"{API}/senders", headers=headers).json() == listed


def test_a_lead(shop: Site) -> None:
    headers, address = shop.token(), f"{API}/leads/60123456789"
    attributes = {"niche": "EXAMA", "age": 7, "vip": True, "tags": ["a", "b"]}
    shop.drip.add_lead(
        phone="60123456789", email="a@shop.example", name="Aina", triggers=["WARMEXAMA"], attributes=attributes
    )
    read = shop.client.get(address, headers=headers).json()
    written = shop.client.post(f"{API}/leads", json=read[0]["lead"], headers=headers)
    again = shop.client.get(address, headers=headers).json()

    assert read[0]["lead"]["attributes"] == attributes
    assert read[0]["lead"]["triggers"] == ["WARMEXAMA"]
    assert (written.status_code, written.json()) == (200, {"added": 0, "updated": 0, "enrolled": 0})
    assert [one["lead"] for one in again] == [one["lead"] for one in read]
    assert len(again[0]["enrollments"]) == 1


@pytest.mark.parametrize("paused", [True, False])
def test_a_subscription(shop: Site, *, paused: bool) -> None:
    headers = shop.token(*Scope)
    wanted = {"url": "https://127.0.0.1/events", "types": ["lead.enrolled"], "paused": paused}
    made = shop.client.post(f"{API}/subscriptions", json=wanted, headers=headers)
    read = shop.client.get(f"{API}/subscriptions", headers=headers).json()
    changed = shop.client.patch(f"{API}/subscriptions/{read[0]['id']}", json=read[0], headers=headers)

    assert (made.status_code, made.json()["subscription"]) == (200, read[0])
    assert (changed.status_code, changed.json()) == (200, read[0])
    assert read[0]["paused"] is paused


def test_a_user(shop: Site) -> None:
    shop.come_in()
    shop.come_in("operator", "aina@shop.example")
    headers = shop.token(Scope.ADMIN)
    read = shop.client.get(f"{API}/users", headers=headers).json()
    written = [shop.client.put(f"{API}/users/{one['id']}", json=one, headers=headers) for one in read]

    assert [one.status_code for one in written] == [200, 200]
    assert [sum(map(bool, one.json()["revoked"].values())) for one in written] == [0, 0]
    assert shop.client.get(f"{API}/users", headers=headers).json() == read


def test_a_source_is_made_anew_where_it_is_not(shop: Site) -> None:
    headers = shop.token(Scope.ADMIN)
    wanted = {"name": "website", "triggers": ["WARMEXAMA"], "keeps": ["niche"], "return_url": "https://shop.example/"}
    shop.client.post(f"{API}/sources", json=wanted, headers=headers)
    read = shop.client.get(f"{API}/sources", headers=headers).json()[0]
    twice = shop.client.post(f"{API}/sources", json=read, headers=headers)
    shop.client.delete(f"{API}/sources/website", headers=headers)
    made = shop.client.post(f"{API}/sources", json=read, headers=headers).json()["source"]

    assert (twice.status_code, twice.json()["code"]) == (422, "invalid_source")
    assert {name: made[name] for name in wanted} == wanted
