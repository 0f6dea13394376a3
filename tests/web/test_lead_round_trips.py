"""Every field of a lead goes round: file, plan, store, API, pages, lists, what others post, export, undoing, merging.

The fields are those of `Lead`, so that a field which is forgotten anywhere fails here.
"""

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields
from pathlib import Path
from typing import Any

import pytest
from site_of import Site, site

from dripline import Dripline, FakeChannel, Lead
from dripline.core.leads.lead import LEAD_FIELDS
from dripline.core.views.imports import Import
from dripline.core.views.person import PERSON_FIELDS
from dripline.importing.leads.upload import ImportOptions, Upload

API = "/api/v1"

WITHOUT = ImportOptions(without_trigger=True)


@dataclass(frozen=True)
class Other:
    """A value that is not the default, and how a list, a form and whoever posts a lead write it."""

    value: object
    written: str
    column: str = ""
    input: str = ""
    posted: str = ""


OTHERS: Mapping[str, Other] = {
    "phone": Other("60129998887", "+60129998887"),
    "email": Other("aina@shop.example", "aina@shop.example"),
    "zone": Other("Asia/Tokyo", "Asia/Tokyo"),
    "attributes": Other({"niche": "EXAMA"}, "EXAMA", column="niche", input="more", posted="niche: EXAMA"),
}
"""A value for each field that no text can be made for."""

FIELDS = [one for one in fields(Lead) if one.name in LEAD_FIELDS]

NOT_LISTED = {"attributes", "zone"}
"""The fields that a lead's page shows and lists do not: they would make every row longer for what few look for."""


def other_of(field: Field[Any]) -> Other:
    if field.name not in OTHERS:
        assert field.default in {"", None}, f"give Lead.{field.name} a value in OTHERS"
        return Other(f"Its {field.name}", f"Its {field.name}")
    return OTHERS[field.name]


def default_of(field: Field[Any]) -> object:
    return field.default if field.default_factory is MISSING else field.default_factory()


@pytest.fixture(scope="module")
def shop(new_url: Callable[[str], str]) -> Iterator[Site]:
    with Dripline(new_url("sqlite"), channels={"console": FakeChannel()}) as drip, site(drip) as opened:
        opened.come_in()
        drip.sources.create("site", keeps=["niche"])
        yield opened


@pytest.fixture(params=[pytest.param(one, id=f"Lead.{one.name}") for one in FIELDS])
def field(shop: Site, request: pytest.FixtureRequest) -> Iterator[Field[Any]]:
    """Yield one field, and leave nobody who has it."""
    yield request.param
    for lead in list(shop.drip.leads.find().rows):
        shop.drip.leads.forget(**address_of(lead.person.phone, lead.person.email))


_NUMBERS = itertools.count(60123456001)


def address_of(phone: str | None, email: str | None) -> dict[str, str]:
    return {"phone": phone} if phone else {"email": email or ""}


def somebody(field: Field[Any]) -> dict[str, Any]:
    """Return by what a lead is known that does not have the field yet."""
    return {"email": f"{next(_NUMBERS)}@shop.example"} if field.name == "phone" else {"phone": str(next(_NUMBERS))}


def lead_of(drip: Dripline, known: Mapping[str, str]) -> Lead:
    (lead,) = drip.leads.with_address(phone=known.get("phone"), email=known.get("email"))
    return lead


def saying(known: Mapping[str, str], field: Field[Any]) -> dict[str, Any]:
    """Return a lead that says its address and the field, as `add_lead` takes it."""
    return {**known, field.name: other_of(field).value}


def holds(lead: Lead, known: Mapping[str, str], field: Field[Any]) -> bool:
    """Whether a lead has the value of a field, its address, and nothing else."""
    usual = {one.name: default_of(one) for one in FIELDS}
    wanted = usual | dict(known) | {field.name: other_of(field).value}
    return {name: getattr(lead, name) for name in LEAD_FIELDS} == wanted


def listed(folder: Path, known: Mapping[str, str], field: Field[Any]) -> Upload:
    """Return a list of one lead that says the field."""
    (name, address), other = *known.items(), other_of(field)
    path = folder / "leads.csv"
    written = f"+{address}" if name == "phone" else address
    path.write_text(f"{name},{other.column or field.name}\n{written},{other.written}\n")
    return Upload(path, "leads.csv")


def bring_in(drip: Dripline, upload: Upload) -> Import:
    return drip.imports.run(drip.imports.begin(upload, WITHOUT), upload, WITHOUT)


def test_a_field_is_planned_and_stored_from_a_list_and_taken_back(
    shop: Site, tmp_path: Path, field: Field[Any]
) -> None:
    drip, known = shop.drip, somebody(field)
    drip.add_lead(**known)
    was, upload = lead_of(drip, known), listed(tmp_path, known, field)
    assert drip.imports.plan(upload, WITHOUT).expected.updated == 1, "plan"
    done = bring_in(drip, upload)
    assert done.updated == 1
    assert holds(lead_of(drip, known), known, field), "store"
    assert drip.imports.plan(upload, WITHOUT).expected.unchanged == 1, "what is stored is planned again"
    assert bring_in(drip, upload).updated == 0, "what is stored is brought in again"

    drip.imports.undo(done.id)
    assert lead_of(drip, known) == was, "undoing"


def test_a_field_goes_out_and_comes_in_again(
    shop: Site, tmp_path: Path, new_url: Callable[[str], str], field: Field[Any]
) -> None:
    drip, known = shop.drip, somebody(field)
    bring_in(drip, listed(tmp_path, known, field))
    path = tmp_path / "export.csv"
    path.write_text("".join(drip.leads.export()))

    with Dripline(new_url("sqlite")) as copy:
        bring_in(copy, Upload(path, "export.csv"))
        assert holds(lead_of(copy, known), known, field)


def test_a_field_goes_through_the_api(shop: Site, field: Field[Any]) -> None:
    drip, known, headers = shop.drip, somebody(field), shop.token()
    drip.add_lead(**saying(known, field))
    (told,) = shop.client.get(f"{API}/leads/{next(iter(known.values()))}", headers=headers).json()
    assert told["lead"][field.name] == other_of(field).value, "told"
    drip.leads.forget(**known)
    answer = shop.client.post(f"{API}/leads", json=told["lead"], headers=headers)
    assert answer.status_code == 200, answer.text

    assert holds(lead_of(drip, known), known, field)


def test_a_field_goes_through_the_page(shop: Site, field: Field[Any]) -> None:
    known, other = somebody(field), other_of(field)
    name = other.input or field.name
    assert f'name="{name}"' in shop.page("/leads/new")
    shop.post("/leads/new", **known, **{name: other.posted or other.written})

    assert holds(lead_of(shop.drip, known), known, field)


def test_a_field_is_in_lists_unless_it_is_said_that_it_is_not(shop: Site, field: Field[Any]) -> None:
    shop.drip.add_lead(**saying(somebody(field), field))
    (listed_lead,) = shop.client.get(f"{API}/leads", headers=shop.token()).json()["rows"]
    is_listed = field.name not in NOT_LISTED
    assert (field.name in PERSON_FIELDS) is is_listed

    assert (listed_lead["person"].get(field.name) == other_of(field).value) is is_listed
    assert (str(other_of(field).value) in shop.page("/leads")) is is_listed


def test_a_field_that_others_post_is_taken(shop: Site, field: Field[Any]) -> None:
    known, other = somebody(field), other_of(field)
    headers = shop.token()
    answer = shop.client.post(
        "/intake/site", json={**known, other.column or field.name: other.written}, headers=headers
    )
    assert answer.status_code == 200, answer.text
    assert answer.json()["left_out"] == []

    assert holds(lead_of(shop.drip, known), known, field)


def test_a_field_of_the_other_lead_stays_when_two_become_one(shop: Site, field: Field[Any]) -> None:
    drip, known = shop.drip, somebody(field)
    other = {"email": "gone@shop.example"} if field.name in {"phone", "name"} else {"phone": str(next(_NUMBERS))}
    other = other if field.name != "email" else {"phone": str(next(_NUMBERS))}
    drip.add_lead(**known)
    drip.add_lead(**saying(other, field))
    merged = drip.leads.merge(*(next(iter(one.values())) for one in (known, other)))
    assert getattr(merged.result, field.name) == other_of(field).value, "plan"

    assert lead_of(drip, known) == merged.result, "store"
    assert lead_of(drip, known).id == merged.kept.id
