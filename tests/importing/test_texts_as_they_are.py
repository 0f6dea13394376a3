"""Text files as other programs write them: in any encoding, with any sign between cells, with titles above the list."""

from pathlib import Path

import pytest
from lead_lists import leads_of, read_rows, refused_of

from dripline.errors import InvalidFile
from dripline.importing.leads.leads_file import open_leads
from dripline.importing.leads.upload import ImportOptions, Upload, read_upload
from dripline.importing.reading import Reading

HEADER = "name,phone,trigger\n"


def text(folder: Path, content: str | bytes, encoding: str = "utf-8") -> Path:
    path = folder / "leads.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return path


def names(path: Path, reading: Reading | None = None) -> list[str]:
    with open_leads(path, allow_no_trigger=True, reading=reading) as leads:
        return [lead.name for lead in leads_of(list(leads))]


def listed(*called: str) -> str:
    return HEADER + "".join(f"{name},01234567{number:02d},WARM\n" for number, name in enumerate(called))


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_every_form_of_unicode_is_read(tmp_path: Path, encoding: str, line_end: str, delimiter: str) -> None:
    content = listed("Aina", "王芳", "José").replace(",", delimiter).replace("\n", line_end)

    assert names(text(tmp_path, content, encoding)) == ["Aina", "王芳", "José"]


@pytest.mark.parametrize("mark", [b"\xfe\xff", b"\x00\x00\xfe\xff"])
def test_a_mark_says_which_end_comes_first(tmp_path: Path, mark: bytes) -> None:
    encoding = "utf-16-be" if len(mark) == 2 else "utf-32-be"

    assert names(text(tmp_path, mark + listed("Aina", "王芳").encode(encoding))) == ["Aina", "王芳"]


@pytest.mark.parametrize(
    ("encoding", "said", "called"),
    [
        ("cp1252", "Windows-1252", ["José Peña", "Zoë Müller", "Café São João"]),
        ("cp1252", "Windows-1252", ["José"]),
        ("cp1252", "Windows-1252", ["Noël"]),
        ("cp1252", "Windows-1252", ["D\u2019Amico"]),
        ("latin-1", "Windows-1252", ["François", "Håkon Ødegård"]),
        ("gbk", "GB18030", ["王芳", "李娜", "刘洋"]),
        ("gb18030", "GB18030", ["张三丰", "欧阳娜娜", "陈小明"]),
        ("big5", "Big5", ["陳大文", "李小龍", "黃飛鴻"]),
        ("shift_jis", "Shift-JIS", ["佐藤花子", "鈴木一郎", "ヤマダ タロウ"]),
        ("euc_kr", "EUC-KR", ["이영희", "박지성", "최민호"]),
        ("cp1256", "Windows-1256", ["محمد علي", "فاطمة الزهراء", "سارة"]),
        ("cp1251", "Windows-1251", ["Иван Петров", "Мария Иванова"]),
        ("koi8-r", "KOI8-R", ["Иван Петров", "Мария Иванова"]),
        ("cp1253", "Windows-1253", ["Γιώργος Παπαδόπουλος", "Μαρία"]),
        ("cp1250", "Windows-1250", ["Łukasz Żółć", "Jiří Dvořák"]),
        ("cp1254", "Windows-1254", ["Ayşe Y\u0131ld\u0131z", "Gökhan Öztürk", "İbrahim Şahin"]),
        ("cp1255", "Windows-1255", ["דוד כהן", "שרה לוי"]),
        ("cp874", "Windows-874", ["สมชาย ใจดี", "สมหญิง"]),
        ("iso2022_jp", "ISO2022-JP-2", ["佐藤花子", "鈴木一郎"]),
        ("mac_roman", "Mac Roman", ["José Peña", "Zoë Müller"]),
        ("mac_roman", "Mac Roman", ["José Núñez", "Ángel"]),
        ("cp850", "CP850", ["José Núñez", "Ângela Conceição"]),
    ],
)
def test_other_encodings_are_found_and_said(tmp_path: Path, encoding: str, said: str, called: list[str]) -> None:
    path = text(tmp_path, listed("Aina", *called), encoding)
    shown = read_upload(Upload(path, "mine.csv"), ImportOptions())

    assert names(path) == ["Aina", *called]
    assert said in shown.read_as.notes[0]
    assert shown.rows[1].cells[0].value == called[0]


def test_signs_of_money_are_those_of_windows(tmp_path: Path) -> None:
    assert names(text(tmp_path, listed("Price £5 at 20°C"), "cp1252")) == ["Price £5 at 20°C"]


@pytest.mark.parametrize(
    ("encoding", "name"), [("big5", "陳"), ("cp1254", "Ayşe"), ("cp1256", "سارة"), ("gb18030", "张伟")]
)
def test_too_few_letters_are_asked_about_and_read_when_it_is_said(tmp_path: Path, encoding: str, name: str) -> None:
    path = text(tmp_path, listed(name), encoding)
    with pytest.raises(InvalidFile, match=r"too few letters .*--encoding \w+ or --encoding") as refused:
        names(path)

    assert len(str(refused.value).splitlines()) == 1
    assert names(path, Reading(encoding=encoding)) == [name]


def test_a_wrong_encoding_is_refused_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(InvalidFile, match=r"is not in UTF-8.* to its end; what is not stands in line 1 or soon after"):
        names(text(tmp_path, listed("José"), "cp1252"), Reading(encoding="utf-8"))


def test_a_few_bad_bytes_cost_their_own_rows(tmp_path: Path) -> None:
    content = listed("王芳 李娜 刘洋", "Jos?", "Zoë").encode().replace(b"?", b"\xe9")
    rows = read_rows(text(tmp_path, content))

    assert [lead.name for lead in leads_of(rows)] == ["王芳 李娜 刘洋", "Zoë"]
    (refused,) = refused_of(rows)
    assert (refused.number, refused.value) == (3, "Jos\ufffd")
    assert "no letters in UTF-8" in refused.reason


@pytest.mark.parametrize("said", ["sep=;", '"sep=;"', "sep=;;;"])
def test_the_line_that_excel_writes_for_itself_is_no_row(tmp_path: Path, said: str) -> None:
    rows = read_rows(text(tmp_path, f"\ufeff{said}\r\nname;phone\r\nAina, binti Zul;0123456789\r\n"))

    assert [(row.number, lead.name) for row, lead in zip(rows, leads_of(rows), strict=True)] == [(2, "Aina, binti Zul")]


@pytest.mark.parametrize(
    ("content", "delimiter"),
    [
        ("Nama;Telefon;Baki (RM)\nAina;0123456789;1.234,50\nLim;0167654321;12,5\n", ";"),
        ("name (first, last);phone\nAina;0123456789\n", ";"),
        ("Pelanggan, aktif\nname;phone;note\nAina;0123456789;a\nLim;0167654321;b\n", ";"),
        ("name|phone|note\nAina|0123456789|a, b, c\n", "|"),
        ("phone\n0123456789\n", ","),
        ('name,"phone\r\n(WhatsApp; no calls)",note\nAina,0123456789,x\n', ","),
    ],
)
def test_what_stands_between_cells_is_what_makes_rows_equally_wide(
    tmp_path: Path, content: str, delimiter: str
) -> None:
    with open_leads(text(tmp_path, content), allow_no_trigger=True) as leads:
        assert leads.found.read_as.delimiter == delimiter
        assert leads_of(list(leads))[0].phone == "60123456789"


@pytest.mark.parametrize("said", ["~", "pipe", "|"])
def test_what_stands_between_cells_can_be_said(tmp_path: Path, said: str) -> None:
    sign = "|" if said == "pipe" else said

    assert names(text(tmp_path, listed("a", "d").replace(",", sign)), Reading(delimiter=said)) == ["a", "d"]


@pytest.mark.parametrize(
    ("content", "row"),
    [
        ("Senarai Pelanggan 2026,,\nDicetak: 01/11/2026,,\n,,\nname,phone,trigger\nAina,0123456789,WARM\n", 4),
        ("Senarai\n\nname,phone,trigger\nAina,0123456789,WARM\n", 3),
        ("Pelanggan,,Kempen\nname,phone,trigger\nAina,0123456789,WARM\n", 2),
        ("Senarai,Pelanggan,2026,KL\nname,phone\nAina,0123456789\n", 2),
        ("name,phone,2026-11-01,20261102\nAina,0123456789,x,y\n", 1),
        ("Customer,Customer,Campaign\nname,phone,trigger\nAina,0123456789,WARM\n", 2),
        ("name,phone,trigger\nAina,0123456789,WARM\n", 1),
        ("\n\nname,phone,wants\nAina,0123456789,email\n", 3),
    ],
)
def test_titles_above_the_list_are_found_and_said(tmp_path: Path, content: str, row: int) -> None:
    with open_leads(text(tmp_path, content), allow_no_trigger=True) as leads:
        assert leads.found.read_as.header_row == row
        assert bool(leads.found.read_as.notes) is (row in {2, 4} or content.startswith("Senarai"))
        assert [lead.name for lead in leads_of(list(leads))] == ["Aina"]


@pytest.mark.parametrize(
    ("content", "held"),
    [
        ("Aina,0123456789\nLim,0167654321\nSiti,0198887766\n", "0123456789"),
        ("0123456789\n0167654321\n", "0123456789"),
        ("Aina;+60 12-345 6789;x\nLim;0167654321;y\n", "+60 12-345 6789"),
        ("Laporan\nAina,aina@example.com\nLim,lim@example.com\n", "aina@example.com"),
    ],
)
def test_a_list_without_a_header_loses_nobody(tmp_path: Path, content: str, held: str) -> None:
    with pytest.raises(InvalidFile, match=r"names no columns: row \d holds .* already\. Write a header row") as refused:
        names(text(tmp_path, content))

    assert repr(held) in str(refused.value)


def test_quoted_cells_after_a_space_are_cells(tmp_path: Path) -> None:
    path = text(tmp_path, 'phone, name, note\n"0123456789", "Tan, Aina", "x"\n')
    (lead,) = leads_of(read_rows(path))

    assert (lead.name, lead.attributes) == ("Tan, Aina", {"note": "x"})


def test_the_header_row_can_be_said(tmp_path: Path) -> None:
    path = text(tmp_path, "name,phone\nold,0123456780\nname,phone\nAina,0123456789\n")

    assert names(path, Reading(header_row=3)) == ["Aina"]
    with pytest.raises(InvalidFile, match="has nothing in row 9"):
        names(path, Reading(header_row=9))


def test_a_header_that_comes_again_is_no_lead_and_is_said(tmp_path: Path) -> None:
    rows = read_rows(text(tmp_path, "name,phone\nAina,0123456789\n\ufeffName,Phone \nLim,0167654321\n"))

    assert [lead.name for lead in leads_of(rows)] == ["Aina", "Lim"]
    assert [(row.number, row.reason) for row in refused_of(rows)] == [
        (3, "The row says the names of the columns again: delete it.")
    ]


@pytest.mark.parametrize(
    "wrong",
    [{"encoding": "klingon"}, {"encoding": "base64"}, {"delimiter": ";;"}, {"delimiter": "a"}, {"header_row": 0}],
)
def test_what_cannot_be_a_way_to_read_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(InvalidFile):
        Reading(**wrong)  # pyright: ignore[reportArgumentType]


def test_a_link_to_an_address_is_the_address(tmp_path: Path) -> None:
    (lead,) = leads_of(read_rows(text(tmp_path, "phone,email\ntel:+60123456789,mailto:Aina@example.com\n")))

    assert (lead.phone, lead.email) == ("60123456789", "aina@example.com")
