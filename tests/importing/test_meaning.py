"""What a person says that columns are goes before their names."""

from pathlib import Path

import pytest
from lead_lists import csv_list, leads_of, refused_of

from dripline.core.leads.lead import NewLead
from dripline.errors import InvalidFile, InvalidLead
from dripline.importing.column_meaning import ColumnMeaning, Meanings
from dripline.importing.leads.leads_file import LeadRow, open_leads
from dripline.importing.leads.mapping import guess


def meanings(*written: str) -> Meanings:
    return tuple(map(ColumnMeaning.read, written))


def read(path: Path, *written: str) -> list[LeadRow]:
    with open_leads(path, allow_no_trigger=True, meanings=meanings(*written)) as leads:
        return list(leads)


@pytest.mark.parametrize(
    "written", ["phone", "email", "name", "trigger", "zone", "opt-out", "attribute target_status", "leave out"]
)
def test_a_meaning_is_written_as_it_is_read(written: str) -> None:
    assert str(ColumnMeaning.read(f" {written} ")) == written


@pytest.mark.parametrize("written", ["", "attribute", "attribute 2nd", "attribute name", "mobile", "phone 2"])
def test_what_a_column_cannot_be_is_refused(written: str) -> None:
    with pytest.raises((InvalidFile, InvalidLead)):
        ColumnMeaning.read(written)


def test_the_importers_own_choice_leaves_out_what_it_cannot_use() -> None:
    names = ("Name", "Phone ", "E-Mail", "email", "Target Status", "target-status", "", "2nd", "TRIGGERS", "Timezone")

    assert [str(meaning) for meaning in guess(names, (), region="MY")] == [
        "name", "phone", "email", "leave out", "attribute target_status", "leave out", "leave out",
        "attribute column_8", "trigger", "zone",
    ]  # fmt: skip


def test_columns_are_what_a_person_says(tmp_path: Path) -> None:
    path = csv_list(tmp_path, "Mobile,Phone,Kelas,,import_error\n0123456789,office,A1,warm,old\n")
    (lead,) = leads_of(read(path, "phone", "attribute Where", "leave out", "trigger"))

    assert lead == NewLead("60123456789", attributes={"where": "office"}, triggers=("WARM",))


def test_what_is_left_out_refuses_no_row_and_comes_back_with_one_that_is(tmp_path: Path) -> None:
    path = csv_list(tmp_path, "phone,note\n0123456789,#N/A\n12,#N/A\n")
    rows = read(path, "phone", "leave out")

    assert len(leads_of(rows)) == 1
    assert [(row.column, row.cells) for row in refused_of(rows)] == [("phone", ("12", "#N/A"))]


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        (("phone",), "has 2 columns, and 1 are spoken of"),
        (("phone", "phone"), "the column phone twice, as 'a' and 'b'"),
        (("attribute x", "name"), "neither a phone nor an email column, only a, b: say which column holds"),
        (("phone", "name"), "no trigger column: say which column it is, give all its leads one .*, or only store"),
    ],
)
def test_what_cannot_be_is_refused_with_what_to_say(tmp_path: Path, written: tuple[str, ...], sentence: str) -> None:
    with pytest.raises(InvalidFile, match=sentence):
        open_leads(csv_list(tmp_path, "a,b\n0123456789,x\n"), meanings=meanings(*written))
