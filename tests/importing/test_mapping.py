"""What a person says of single columns, what their cells look like, and what was said of an earlier list."""

from pathlib import Path

import pytest
from lead_lists import csv_list, leads_of, refused_of

from dripline import Dripline, NewLead
from dripline.errors import InvalidFile, InvalidLead
from dripline.importing.leads.lead_row import GoodRow
from dripline.importing.leads.leads_file import LeadList, LeadRow, open_leads
from dripline.importing.leads.mapping import read_choice
from dripline.importing.leads.upload import ImportOptions, Upload


def opened(path: Path, *choices: str, region: str = "MY") -> LeadList:
    return open_leads(path, allow_no_trigger=True, choices=tuple(map(read_choice, choices)), region=region)


def read(path: Path, *choices: str, region: str = "MY") -> list[LeadRow]:
    with opened(path, *choices, region=region) as leads:
        return list(leads)


def notes(rows: list[LeadRow]) -> list[tuple[int, str, str]]:
    return [(one.number, one.column, one.text) for row in rows if isinstance(row, GoodRow) for one in row.notes]


def test_a_choice_counts_before_names_and_leaves_the_others_to_them(tmp_path: Path) -> None:
    path = csv_list(tmp_path, "Depan,Belakang,phone,Telefon Ibu,Minat,Nota\nAina,Zul,0167654321,0123456789,EXAMA,x\n")
    (lead,) = leads_of(
        read(path, "phone=telefon ibu", "name=Depan", "name=B", "attribute niche=Minat", "leave out=Nota")
    )

    assert (lead.phone, lead.name, dict(lead.attributes)) == (
        "60123456789", "Aina Zul", {"niche": "EXAMA", "column_3": "0167654321"},
    )  # fmt: skip


@pytest.mark.parametrize(
    ("choices", "sentence"),
    [
        (["phone=Telefn"], "no column 'Telefn': is 'Telefon' meant"),
        (["phone=Kelas"], "no column 'Kelas': there are Telefon, x, x"),
        (["attribute a=x"], "2 columns 'x': name the one that is meant by its letter"),
        (["phone=Telefon", "email=A"], "'A' is said to be phone and email"),
    ],
)
def test_a_choice_that_names_no_column_is_refused(tmp_path: Path, choices: list[str], sentence: str) -> None:
    with pytest.raises(InvalidFile, match=sentence):
        read(csv_list(tmp_path, "Telefon,x,x\n0123456789,,\n"), *choices)


@pytest.mark.parametrize(
    "written", ["phone", "phone=", "mobile=Telefon", "attribute=Minat", "=Minat", "attribute 2nd=x"]
)
def test_what_is_no_choice_is_refused(written: str) -> None:
    with pytest.raises((InvalidFile, InvalidLead)):
        read_choice(written)


LOOKS = {
    "a phone beside an e-mail address": ("Line,email\n0123456789,a@example.com\n012-345 6780,b@example.com\n", 2),
    "an address by its look": ("Kontak,Surat\n0123456789,a@example.com\n0123456780,b@example.com\n", 2),
    "in the row's country": ("Line,country\n(415) 555-2671,US\n98765 43210,IN\n", 2),
    "numbers of another kind": ("order id,Line\n0123456781,0123456789\n0123456782,0123456780\n", 2),
}


@pytest.mark.parametrize("case", LOOKS)
def test_a_column_is_known_by_its_cells(tmp_path: Path, case: str) -> None:
    content, many = LOOKS[case]
    leads = leads_of(read(csv_list(tmp_path, content)))

    assert len({lead.phone for lead in leads if lead.phone}) == many


def test_two_columns_that_look_alike_are_asked_for(tmp_path: Path) -> None:
    path = csv_list(tmp_path, "Ayah,Ibu,email\n0123456789,0123456780,a@example.com\n")
    with pytest.raises(InvalidFile, match=r"look like the phone: 'Ayah' and 'Ibu'.*--map phone=\"Ayah\""):
        read(path)

    assert leads_of(read(path, "phone=Ibu"))[0].phone == "60123456780"


def test_a_column_that_only_numbers_the_rows_is_left_out(tmp_path: Path) -> None:
    assert leads_of(read(csv_list(tmp_path, ",name,phone\n0,Aina,0123456789.0\n1,Budi,60167654321.0\n")))
    with pytest.raises(InvalidFile, match="column A, which has no name"):
        read(csv_list(tmp_path, ",name,phone\n7,Aina,0123456789\n9,Budi,0167654321\n"))


def test_a_header_that_can_name_no_attribute_keeps_its_column(tmp_path: Path) -> None:
    with opened(csv_list(tmp_path, "phone,2026,%,sequence\n0123456789,x,y,z\n")) as leads:
        (lead,) = leads_of(list(leads))
        assert leads.renamed == {"column_2": "2026", "column_3": "%", "column_4": "sequence"}

    assert lead.attributes == {"column_2": "x", "column_3": "y", "column_4": "z"}


COSTS_ITSELF = {
    "N/A,0123456789,,": [],
    "Aina,0123456789,N/A,": [],
    "Aina,0123456789,aina.example,": [],
    "Aina,0123456789,,GMT+8": [],
    "#REF!,0123456789,#N/A,#N/A": [],
    "Aina,n/a,a@example.com,": [],
    "Aina,,n/a,": ["neither a phone nor"],
    "Aina,12,a@example.com,": ["cannot be one"],
    "Aina,0123456789 / 016-765 4321,,": [],
    "Aina,03-7956 1234/5,,": [],
}


@pytest.mark.parametrize("row", COSTS_ITSELF)
def test_a_cell_that_a_lead_can_do_without_costs_itself_and_is_said(tmp_path: Path, row: str) -> None:
    rows = read(csv_list(tmp_path, f"name,phone,email,zone\n{row}\n"))

    refused = [one.reason for one in refused_of(rows)]
    assert [sentence in reason for sentence, reason in zip(COSTS_ITSELF[row], refused, strict=True)] == [True] * len(
        refused
    )
    assert refused or notes(rows)


def test_a_row_without_its_likeliest_phone_has_the_next_one(tmp_path: Path) -> None:
    header = "Email,Phone Number,Mobile Phone Number,Home Phone\n"
    rows = read(csv_list(tmp_path, f"{header}a@example.com,012-345 6789,,\n,,016-765 4321,\nc@example.com,12,,x\n"))

    assert [lead.phone for lead in leads_of(rows)] == ["60123456789", "60167654321", None]
    assert notes(rows) == [(2, "Phone Number", "It is taken as the phone, since 'Mobile Phone Number' is empty.")]
    left_out = read(csv_list(tmp_path, f"{header}a@example.com,012-345 6789,,\n"), "leave out=Phone Number")
    assert [lead.phone for lead in leads_of(left_out)] == [None]


def test_of_several_phones_the_first_is_taken_and_said(tmp_path: Path) -> None:
    rows = read(csv_list(tmp_path, "phone\n+60 12-345 6789 ::: +60 16-765 4321\n"))

    assert [lead.phone for lead in leads_of(rows)] == ["60123456789"]
    assert notes(rows) == [(2, "phone", "It holds several numbers: the first, +60 12-345 6789, is taken.")]


def test_two_rows_of_one_person_are_said(tmp_path: Path) -> None:
    rows = read(csv_list(tmp_path, "phone,name\n0123456789,Aina\n+60 12-345 6789,Aina Z\n"))

    assert notes(rows) == [(3, "phone", "Row 2 names the same person: where they differ, this row counts.")]


def test_a_list_of_another_country_is_said(tmp_path: Path) -> None:
    phones = "\n".join(
        f"{begin}4321{number}" for begin in ("98765 ", "70123 ", "81234 ", "63001 ") for number in range(10)
    )
    with opened(csv_list(tmp_path, f"phone\n{phones}\n")) as leads:
        assert leads.found.question.startswith(
            "40 of 40 phones are no numbers that are given out in Malaysia (MY); 40 of 40 are valid in India (IN)"
        )
        assert not leads_of(list(leads))
    with opened(csv_list(tmp_path, f"phone\n{phones}\n"), region="IN") as leads:
        assert leads.found.question == ""
        assert len(leads_of(list(leads))) == 40


def upload(path: Path) -> Upload:
    return Upload(path, path.name)


def bring_in(drip: Dripline, path: Path, *choices: str) -> int:
    options = ImportOptions(choices=tuple(map(read_choice, choices)), without_trigger=True)
    done = drip.imports.run(drip.imports.begin(upload(path), options), upload(path), options)
    return done.added


def test_what_was_said_is_remembered_for_the_next_list_with_the_same_columns(drip: Dripline, tmp_path: Path) -> None:
    assert bring_in(drip, csv_list(tmp_path, "Ayah,Ibu\n0123456789,0123456780\n"), "phone=Ibu", "leave out=Ayah") == 1
    again = csv_list(tmp_path, "Ayah,Ibu\n0123456789,0123456781\n")

    assert [str(column.meaning) for column in drip.imports.read(upload(again)).columns] == ["leave out", "phone"]
    assert bring_in(drip, again) == 1
    assert drip.leads.with_address(phone="60123456780")
    assert drip.leads.with_address(phone="60123456781")
    with pytest.raises(InvalidFile, match="look like the phone"):
        bring_in(drip, csv_list(tmp_path, "Ayah,Ibu,Nota\n0123456789,0123456781,\n"))


def test_somebody_who_is_there_comes_in_again_whatever_number_they_have(drip: Dripline, tmp_path: Path) -> None:
    drip.add_leads([NewLead("60170000001", name="Aina")])
    path = csv_list(tmp_path, "phone,name\n+60170000001,Aina B\n+60170000002,Chen\n")

    assert bring_in(drip, path) == 0
    assert [lead.name for lead in drip.leads.with_address(phone="60170000001")] == ["Aina B"]
    assert drip.imports.get(1).refused == 1


OPT_OUTS = ["opt-out", "Unsubscribed", "Do Not Contact", "UNSUB_TIME", "Email Opt Out", "退订"]


@pytest.mark.parametrize("column", OPT_OUTS)
def test_who_has_opted_out_in_a_list_is_barred_and_starts_nothing(drip: Dripline, tmp_path: Path, column: str) -> None:
    path = csv_list(tmp_path, f"phone,{column}\n0123456789,yes\n0123456780,No\n0123456781,\n0123456782,2026-11-01\n")
    assert bring_in(drip, path) == 4

    assert {one.address for one in drip.leads.suppressions()} == {"60123456789", "60123456782"}
    assert drip.imports.get(1).opted_out == 2


def test_who_has_not_agreed_to_one_thing_has_not_opted_out(drip: Dripline, tmp_path: Path) -> None:
    bring_in(drip, csv_list(tmp_path, "phone,Accepts Email Marketing\n0123456789,no\n"))

    assert not [*drip.leads.suppressions()]
    assert [dict(lead.attributes) for lead in drip.leads.with_address(phone="60123456789")] == [
        {"accepts_email_marketing": "no"}
    ]
