"""Lists of people who opted out: read whole or not at all, as other programs and dripline itself write them."""

import json
from pathlib import Path

import pytest
from openpyxl import Workbook
from typer.testing import CliRunner

from dripline import Dripline, OptOut, Sequence, Step
from dripline.cli.support.registry import command_line
from dripline.errors import InvalidFile, InvalidInput
from dripline.importing.leads.opt_outs_file import read_opt_outs

PHONE, OTHER, MAIL = "60123456789", "60198765432", "aina@example.com"


def listed(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("one.txt", "012-345 6789\n+60 19 876 5432\naina@example.com\n"),
        ("one.txt", "\ufeff0123456789\r\n\r\n0198765432\r\nAina@Example.com\r\n"),
        ("twice.csv", "0123456789\n60123456789\n60198765432\naina@example.com\n"),
        ("headed.csv", "name,Phone,Email\nAina,0123456789,aina@example.com\nSiti,0198765432,\n"),
        ("headed.csv", "address;reason\n60123456789;said so\n0198765432;\naina@example.com;\n"),
        (
            "mailchimp.csv",
            "Email Address,Phone Number,UNSUB_TIME,UNSUB_REASON\naina@example.com,0123456789,x,y\n,0198765432,,\n",
        ),
        ("malay.csv", "Nama,No. Telefon,E-mel\nAina,012-345 6789,aina@example.com\nSiti,019-876 5432,\n"),
        ("two.csv", "Mobile;Home Phone;Email\n0123456789;0198765432;aina@example.com\n"),
        ("texts.json", json.dumps([PHONE, "0198765432", MAIL])),
        ("numbers.json", json.dumps([60123456789, {"phone": 60198765432, "email": MAIL}])),
        ("objects.json", json.dumps([{"address": one, "reason": "said so"} for one in (PHONE, OTHER, MAIL)])),
        ("printed.txt", "\n".join(f"{one}  2026-11-28 03:00 UTC  said so, twice" for one in (PHONE, OTHER, MAIL))),
    ],
)
def test_a_list_is_read_in_each_of_its_forms(tmp_path: Path, name: str, text: str) -> None:
    found = read_opt_outs(listed(tmp_path, name, text), region="MY")

    assert {one.address for one in found} == {PHONE, OTHER, MAIL}
    assert len(found) == 3


def test_a_workbook_is_read(tmp_path: Path) -> None:
    book = Workbook()
    book.active.append(["Name", "Phone"])  # type: ignore[union-attr]
    book.active.append(["Aina", "0123456789"])  # type: ignore[union-attr]
    book.save(tmp_path / "barred.xlsx")

    assert [one.address for one in read_opt_outs(tmp_path / "barred.xlsx", region="MY")] == [PHONE]


def test_a_reason_that_is_written_is_taken_over(tmp_path: Path) -> None:
    found = read_opt_outs(listed(tmp_path, "a.csv", f"phone,reason\n{PHONE},complained\n{OTHER},\n"), region="MY")

    assert [one.reason for one in found] == ["complained", ""]
    theirs = listed(
        tmp_path, "b.csv", f"Email Address,UNSUB_TIME,UNSUB_REASON\n{MAIL},2026-11-01,no longer interested\n"
    )
    assert [one.reason for one in read_opt_outs(theirs, region="MY")] == ["no longer interested"]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.txt", f"{PHONE}\nnot a phone\n", "entry 2: "),
        ("a.csv", f"phone\n{PHONE}\n12\n", "entry 3: "),
        ("a.json", '["0123456789", null]', "entry 2: "),
        ("a.json", '[{"name": "Aina"}]', "entry 1: "),
        ("a.json", '{"address": "0123456789"}', "holds no list"),
        ("a.json", "[", "is no JSON"),
        ("a.json", "[]", "holds no addresses"),
        ("a.csv", "phone,name\n,Aina\n", "holds no addresses"),
        ("a.csv", "", "is empty"),
        ("a.pdf", "0123456789", "is neither"),
    ],
)
def test_a_list_with_anything_that_cannot_be_read_is_refused_whole(
    tmp_path: Path, name: str, text: str, told: str
) -> None:
    with pytest.raises(InvalidFile, match=told):
        read_opt_outs(listed(tmp_path, name, text), region="MY")


def test_no_more_than_a_few_entries_are_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidFile, match=r"entry 5: .* And 95 more\. Correct or delete these\.$"):
        read_opt_outs(listed(tmp_path, "a.txt", "no\n" * 100), region="MY")


def shop(folder: Path) -> str:
    path = str(folder / "shop.db")
    with Dripline(path) as drip:
        drip.apply(Sequence("Warm", trigger="W", steps=[Step("One"), Step("Two", "1h")]))
        drip.add_lead(phone=PHONE, email=MAIL, triggers=["W"])
        drip.add_lead(phone=OTHER, triggers=["W"])
    return path


def run(*words: str) -> str:
    done = CliRunner().invoke(command_line(), [*words])
    assert done.exit_code == 0, done.output
    return " ".join(done.output.split())


def test_a_list_is_barred_by_one_command_with_every_address_of_its_people(tmp_path: Path) -> None:
    path = shop(tmp_path)
    barred = listed(tmp_path, "barred.csv", f"email,reason\n{MAIL},complained\nsomebody@example.com,\n")

    assert "the 2 addresses in" in (told := run("stop", "--file", str(barred), "--reason", "moved over", "--db", path))
    assert "1 enrollment ended" in told
    with Dripline(path) as drip:
        assert {(one.address, one.reason_facts.get("said")) for one in drip.leads.suppressions()} == {
            (MAIL, "complained"),
            (PHONE, "complained"),
            ("somebody@example.com", "moved over"),
        }
        assert drip.verify() == []
    assert "0 enrollments ended" in run("stop", "--file", str(barred), "--db", path)


def test_what_a_copy_of_the_database_prints_bars_the_same_people_again(tmp_path: Path) -> None:
    path = shop(tmp_path)
    with Dripline(path) as drip:
        drip.opt_out(phone=PHONE, reason="complained")
        wanted = {(one.address, one.reason) for one in drip.leads.suppressions()}
    kept = listed(
        tmp_path, "barred.json", CliRunner().invoke(command_line(), ["suppressions", "--json", "--db", path]).stdout
    )
    with Dripline(path) as drip:
        drip.opt_in(phone=PHONE)
        drip.opt_in(email=MAIL)
    dry = run("restored", "--opt-outs", str(kept), "--dry-run", "--db", path)
    with Dripline(path) as drip:
        assert not list(drip.leads.suppressions())
    told = run("restored", "--opt-outs", str(kept), "--db", path)

    assert "2 addresses would be barred first" in dry
    assert "Nothing is sent to 2 addresses any more" in told
    with Dripline(path) as drip:
        assert {(one.address, one.reason) for one in drip.leads.suppressions()} == wanted


@pytest.mark.parametrize("more", [[], ["--dry-run"]])
def test_a_backup_that_is_still_to_come_is_refused_before_anybody_is_barred(tmp_path: Path, more: list[str]) -> None:
    path = shop(tmp_path)
    some = listed(tmp_path, "late.txt", "60129990001")
    words = ["restored", "--since", "2999-01-01T00:00", "--opt-outs", str(some), "--db", path, *more]
    with Dripline(path) as drip:
        before = list(drip.leads.suppressions())
        done = CliRunner().invoke(command_line(), words)

        assert isinstance(done.exception, InvalidInput)
        assert list(drip.leads.suppressions()) == before


def test_one_address_that_cannot_be_one_bars_nobody(drip: Dripline) -> None:
    many = [OptOut(f"6012345{number:04}") for number in range(1_500)]

    with pytest.raises(InvalidInput):
        drip.leads.opt_out_all([*many, OptOut("12")])
    assert not list(drip.leads.suppressions())


@pytest.mark.parametrize("words", [["stop"], ["stop", PHONE, "--file", "barred.csv"]])
def test_one_person_or_a_list_and_not_both_or_neither(tmp_path: Path, words: list[str]) -> None:
    done = CliRunner().invoke(command_line(), [*words, "--db", shop(tmp_path)])

    assert isinstance(done.exception, InvalidInput)


def test_many_people_are_barred_at_once(drip: Dripline, tmp_path: Path) -> None:
    drip.apply(Sequence("Warm", trigger="W", steps=[Step("One")]))
    for number in range(3):
        drip.add_lead(phone=f"6012345000{number}", triggers=["W"])
    some = listed(tmp_path, "many.txt", "\n".join(f"6012345{number:04}" for number in range(2_500)))

    assert drip.leads.opt_out_all(read_opt_outs(some, region="MY")) == 3
    assert len(list(drip.leads.suppressions())) == 2_500
