"""A sequence is renamed, archived, brought back and deleted over the API and the pages."""

import re
from collections.abc import Iterator

import pytest
from site_of import Site, site

from dripline import Dripline, Sequence, Step

LEAD = "60123456789"


@pytest.fixture
def shop(drip: Dripline) -> Iterator[Site]:
    drip.apply(Sequence("COLD/WARM", trigger="T", steps=[Step("Hi"), Step("Bye", "1d")]))
    drip.add_lead(phone=LEAD, triggers=["T"])
    with site(drip) as opened:
        opened.come_in()
        yield opened


def press(shop: Site, where: str, verb: str, **fields: str) -> str:
    """Post a form of a sequence's page, and return the page that it leads to."""
    (token,) = {*re.findall(r'name="csrf" value="([^"]+)"', shop.page(where))}
    answer = shop.client.post(f"{where}/{verb}", data={"csrf": token, **fields})
    assert answer.status_code == 200, answer.text
    return answer.text


def test_a_program_renames_archives_and_deletes_a_sequence(shop: Site) -> None:
    token, at = shop.token(), "/api/v1/sequences"
    renamed = shop.client.post(f"{at}/COLD%2FWARM/rename", headers=token, json={"to": "Warm"})
    refused = shop.client.post(f"{at}/Warm/archive", headers=token, json={})
    archived = shop.client.post(f"{at}/Warm/archive", headers=token, json={"in_flight": "finish"})

    assert (renamed.json(), archived.json()) == ({"renamed": True}, {"touched": 1})
    assert "1 lead is still in 'Warm'" in refused.json()["detail"]
    assert shop.client.get(at, headers=token).json() == []
    assert [one["name"] for one in shop.client.get(f"{at}?archived=1", headers=token).json()] == ["Warm"]
    assert shop.client.post(f"{at}/Warm/unarchive", headers=token).json() == {"touched": 0}
    deleted = shop.client.delete(f"{at}/Warm?in_flight=end", headers=token)
    assert deleted.json() == {"has_history": True}
    assert shop.client.get(f"{at}/Warm", headers=token).status_code == 404


def test_a_program_renames_a_trigger(shop: Site) -> None:
    answer = shop.client.post("/api/v1/triggers/t/rename", headers=shop.token(), json={"to": "warm"})

    assert answer.json() == {"sequences": 1, "leads": 1, "sources": 0, "enrolled": 0}


def test_whoever_only_reads_changes_nothing(shop: Site) -> None:
    token = shop.token("sequences:read")

    assert shop.client.delete("/api/v1/sequences/COLD%2FWARM", headers=token).status_code == 403


def test_a_person_renames_archives_brings_back_and_deletes_a_sequence(shop: Site) -> None:
    assert "Warm now" in press(shop, "/sequences/COLD%2FWARM", "rename", to="Warm")
    assert "A sequence needs a name" in press(shop, "/sequences/Warm", "rename", to=" ")
    assert "archived" in press(shop, "/sequences/Warm", "archive", in_flight="finish")
    assert "Archived: 1" in shop.page("/sequences")
    assert "Warm is back" in press(shop, "/sequences/Warm", "unarchive")
    assert "Warm is deleted" in press(shop, "/sequences/Warm", "delete", in_flight="end")
    assert 'href="/sequences/Warm"' not in shop.page("/sequences")
