"""Lists over the API: handed over, planned, brought in, taken back."""

from collections.abc import Iterator

import pytest
from httpx2 import Response
from site_of import Site, site

from dripline import Dripline, Sequence
from dripline.web.api.imports import COLUMNS_LIMIT
from dripline.web.security.body_limits import LIST_LIMIT

Fields = dict[str, str | list[str]]

IMPORTS = "/api/v1/imports"
LIST = b"phone,name,trigger\n60123456789,Aina,WARMEXAMA\n60123456780,Badrul,\n12,Nobody,WARMEXAMA\n"


@pytest.fixture
def shop(drip: Dripline, warm: Sequence) -> Iterator[Site]:
    drip.apply(warm)
    with site(drip) as opened:
        yield opened


def hand_over(
    shop: Site,
    path: str = IMPORTS,
    content: bytes = LIST,
    *,
    name: str = "leads.csv",
    scopes: tuple[str, ...] = ("leads:read", "leads:write"),
    fields: Fields | None = None,
) -> Response:
    data = {"without_trigger": "true", **(fields or {})}
    return shop.client.post(path, files={"file": (name, content)}, data=data, headers=shop.token(*scopes))


def test_a_list_is_planned_and_nothing_changes(shop: Site) -> None:
    planned = hand_over(shop, f"{IMPORTS}/plan").json()

    assert (planned["good"], planned["refused"], planned["expected"]["new"]) == (2, 1, 2)
    assert planned["expected"]["enrolled"] == {"Warm EXAMA": 1}
    assert shop.drip.reports.counts()["leads"] == 0
    assert shop.drip.imports.latest() == []


def test_a_list_comes_in_and_twice_is_once(shop: Site) -> None:
    first, second = hand_over(shop).json(), hand_over(shop).json()

    assert (first["state"], first["added"], first["enrolled"], first["refused"]) == ("finished", 2, 1, 1)
    assert (second["state"], second["added"], second["updated"], second["enrolled"]) == ("finished", 0, 0, 0)
    assert first["who"] == "token test"
    assert first["name"] == "leads.csv"


def test_who_writes_leads_alone_plans_imports_and_takes_back(shop: Site) -> None:
    token = shop.token("leads:write")
    planned = hand_over(shop, f"{IMPORTS}/plan", scopes=("leads:write",))
    done = hand_over(shop, scopes=("leads:write",)).json()
    foretold = shop.client.post(f"{IMPORTS}/{done['id']}/undo/plan", headers=token).json()
    undone = shop.client.post(f"{IMPORTS}/{done['id']}/undo", headers=token).json()

    assert planned.status_code == 200
    assert (foretold["removed"], undone["state"], undone["removed"]) == (2, "undone", 2)
    assert shop.drip.reports.counts()["leads"] == 0


def test_who_only_reads_leads_brings_nothing_in(shop: Site) -> None:
    answer = hand_over(shop, scopes=("leads:read",))

    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert shop.drip.reports.counts()["leads"] == 0


def test_it_is_said_what_each_column_is(shop: Site) -> None:
    content = b"a,b,c\n60123456789,Aina,7\n"
    fields: Fields = {"columns": ["phone", "name", "attribute age"], "trigger": "WARMEXAMA"}
    done = hand_over(shop, content=content, fields=fields).json()

    assert (done["added"], done["enrolled"]) == (1, 1)
    assert shop.drip.leads.with_address(phone="60123456789")[0].attributes == {"age": "7"}


def test_a_phone_without_its_country_is_one_of_the_region(shop: Site) -> None:
    hand_over(shop, content=b"phone\n98765 43210\n", fields={"region": "in"})

    assert shop.drip.leads.with_address(phone="+919876543210")


def test_imports_are_listed_and_what_they_refused(shop: Site) -> None:
    token, done = shop.token(), hand_over(shop).json()
    rows = shop.client.get(f"{IMPORTS}/{done['id']}/refused", headers=token).json()
    behind = shop.client.get(f"{IMPORTS}/{done['id']}/refused?after={rows[-1]['number']}", headers=token).json()

    assert shop.client.get(IMPORTS, headers=token).json() == [done]
    assert shop.client.get(f"{IMPORTS}?before={done['id']}", headers=token).json() == []
    assert shop.client.get(f"{IMPORTS}/{done['id']}", headers=token).json() == done
    assert [(row["number"], row["cells"][1]) for row in rows] == [(4, "Nobody")]
    assert behind == []


@pytest.mark.parametrize(
    ("method", "path"), [("GET", ""), ("GET", "/refused"), ("POST", "/undo"), ("POST", "/undo/plan")]
)
def test_an_import_that_is_not_there_is_said_to_be_so(shop: Site, method: str, path: str) -> None:
    answer = shop.client.request(method, f"{IMPORTS}/7{path}", headers=shop.token())

    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


@pytest.mark.parametrize(
    ("name", "content", "fields", "status", "said"),
    [
        ("leads.pdf", LIST, {}, 422, "leads.pdf"),
        ("leads.csv", b"", {}, 422, "leads.csv is empty"),
        ("leads.csv", b"niche\nEXAMA\n", {}, 422, "leads.csv"),
        (
            "leads.csv",
            LIST,
            {"regin": "MY"},
            400,
            "There is no field 'regin' in the body: known there are file, trigger",
        ),
        ("leads.csv", LIST, {"region": "XX"}, 422, "XX"),
        ("leads.csv", LIST, {"columns": ["fone", "name", "trigger"]}, 422, "fone"),
        ("leads.csv", b"x" * (LIST_LIMIT + 1), {}, 413, "larger than"),
    ],
)
def test_a_list_that_cannot_come_in_is_refused_in_words(
    shop: Site, name: str, content: bytes, fields: Fields, status: int, said: str
) -> None:
    answer = hand_over(shop, content=content, name=name, fields=fields)

    assert answer.status_code == status
    assert said in answer.json()["detail"]
    assert shop.drip.reports.counts()["leads"] == 0


def test_a_list_that_is_not_handed_over_as_a_form_is_refused(shop: Site) -> None:
    answer = shop.client.post(IMPORTS, json={"file": "phone\n60123456789\n"}, headers=shop.token())

    assert (answer.status_code, answer.json()["code"]) == (400, "not_as_described")


def test_a_list_of_somebody_without_a_token_is_not_read(shop: Site) -> None:
    answer = shop.client.post(IMPORTS, files={"file": ("leads.csv", LIST)})

    assert (answer.status_code, answer.json()["code"]) == (401, "no_token")


def test_as_many_columns_as_are_described_are_read(shop: Site) -> None:
    every: Fields = {"columns": ["leave out"] * COLUMNS_LIMIT, "trigger": "WARMEXAMA", "region": "MY"}

    assert "3 columns, and 900 are spoken of" in hand_over(shop, fields=every).json()["detail"]
