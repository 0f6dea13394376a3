"""`dripline today` and `dripline calendar` tell what the dashboard shows."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dripline import Dripline, FakeChannel, Sequence, Step
from dripline.cli.support.registry import command_line


@pytest.fixture
def db(tmp_path: Path) -> str:
    """Two leads who got the first of two steps, and one of a sequence that is paused."""
    path = str(tmp_path / "shop.db")
    with Dripline(f"sqlite:///{path}", channels={"console": FakeChannel()}) as drip:
        drip.apply(Sequence("Warm", trigger="WARM", steps=[Step("Hi"), Step("Two", "12h")]))
        drip.apply(Sequence("Cold", trigger="COLD", steps=[Step("Hi")]))
        for number in (1, 2):
            drip.add_lead(phone=f"6012345678{number}", triggers=["WARM"])
        drip.tick()
        drip.pause(sequence="Cold", reason="stock count")
        drip.add_lead(phone="60123456783", triggers=["COLD"])
    return path


def told(*words: str) -> str:
    return CliRunner().invoke(command_line(), [*words]).output


def test_today_says_what_went_what_waits_and_what_comes_next(db: str) -> None:
    lines = told("today", "--db", db).splitlines()

    assert lines[:3] == [
        "2 messages sent in 24 hours, 0 failed.",
        "1 message waiting, none late.",
        "  1  Cold is paused: stock count",
    ]
    assert lines[3].startswith("Next: Warm, step 2, to 2, ")


def test_the_calendar_has_a_row_for_each_sequence_and_says_what_has_no_day(db: str) -> None:
    shown = told("calendar", "--db", db, "--days", "2")

    assert [line.split("│")[1].strip() for line in shown.splitlines() if line.startswith("│")] == [
        "Cold",
        "Warm",
        "all",
    ]
    assert "Cold: paused, 1 message." in shown


def test_programs_read_the_same(db: str) -> None:
    calendar = json.loads(told("calendar", "--db", db, "--json"))
    today = json.loads(told("today", "--db", db, "--json"))

    assert sum(cell["scheduled"] + cell["sent"] for row in calendar["rows"] for cell in row["cells"]) == 4
    assert today["waiting"]["groups"][0]["cause"] == "sequence_paused"


def test_a_day_that_is_none_is_refused(db: str) -> None:
    ran = CliRunner().invoke(command_line(), ["calendar", "--db", db, "--from", "Tuesday"])

    assert "'Tuesday' is no day: write it as 2026-11-30." in str(ran.exception)
