"""What is exported and imported again changes nothing, whatever a lead holds."""

from collections.abc import Generator, Mapping
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lead_lists import csv_list, leads_of, read_rows

from dripline import Dripline
from dripline.core.leads.attribute import Value
from dripline.importing.leads.upload import ImportOptions, Upload
from dripline.importing.tables.csv_safety import plain, safe

FORMULAS = (
    "=1+1",
    "-50",
    "-",
    "+5%",
    "@Boss",
    "'=1",
    "''-",
    "'",
    "'x",
    "\t=1",
    "\uff1d1",
    "+60123456789",
    "#N/A",
    "N/A",
)
SIGNS = st.sampled_from("=+-@'\t\r\n,;|\"\uff1d\ufeffa 1.")
TEXTS = (
    st.sampled_from(FORMULAS)
    | st.text(SIGNS, max_size=12)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)
    | st.text("\na,;", min_size=150, max_size=2_000)
)
VALUES = (
    TEXTS
    | st.booleans()
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.lists(st.text("ab=-,' ", max_size=5) | st.integers(-5, 5), max_size=4)
)
PHONES = st.sampled_from(["60123456789", "6591234567", "14155552671", "97142345678", "4740612345"])


@given(cell=TEXTS)
def test_a_cell_that_was_made_safe_reads_as_it_was(cell: str) -> None:
    assert plain(safe(cell)) == cell


@pytest.fixture(scope="module")
def drip(tmp_path_factory: pytest.TempPathFactory) -> Generator[Dripline]:
    folder = tmp_path_factory.mktemp("shop")
    with Dripline(f"sqlite:///{folder / 'shop.db'}") as drip:
        yield drip


@given(
    attributes=st.dictionaries(st.sampled_from(["balance", "handle", "note"]), VALUES, max_size=3),
    name=TEXTS.map(lambda text: " ".join(text.split())[:200]),
    phone=PHONES,
)
def test_an_export_that_comes_in_again_changes_nothing(
    drip: Dripline, tmp_path_factory: pytest.TempPathFactory, attributes: Mapping[str, Value], name: str, phone: str
) -> None:
    drip.add_lead(phone=f"+{phone}", name=name, attributes=attributes, triggers=["WARM"])
    before = drip.leads.find().rows
    path = tmp_path_factory.getbasetemp() / "exported.csv"
    path.write_text("".join(drip.leads.export()), encoding="utf-8", newline="")
    upload, options = Upload(path, "mine.csv"), ImportOptions()
    done = drip.imports.run(drip.imports.begin(upload, options), upload, options)

    assert (done.rows, done.refused, done.added, done.updated) == (len(before), 0, 0, 0)
    assert drip.leads.find().rows == before


def test_a_guard_of_another_program_is_taken_off(tmp_path: Path) -> None:
    (lead,) = leads_of(read_rows(csv_list(tmp_path, "phone,handle,id\n'+60123456789,'@aina,'7210448301122\n")))

    assert (lead.phone, lead.attributes) == ("60123456789", {"handle": "@aina", "id": "'7210448301122"})


def test_a_row_of_many_lines_is_one_where_its_cells_are_those_of_a_lead(tmp_path: Path) -> None:
    note = "\n".join("a" for _ in range(900))
    rows = read_rows(csv_list(tmp_path, f'phone,note\n0123456789,"{note}"\n0123456780,b\n'))

    assert [lead.attributes["note"] for lead in leads_of(rows)] == [note, "b"]
