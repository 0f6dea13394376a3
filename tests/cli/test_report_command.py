"""`dripline report` tells the whole of it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dripline import Dripline, FakeChannel, Sequence, Step
from dripline.cli.support.registry import command_line


@pytest.fixture
def db(tmp_path: Path) -> str:
    """Two leads who got the first of two steps."""
    path = str(tmp_path / "shop.db")
    with Dripline(f"sqlite:///{path}", channels={"console": FakeChannel()}) as drip:
        drip.apply(Sequence("Warm", trigger="WARM", steps=[Step("Hi"), Step("Two", "12h")]))
        for number in (1, 2):
            drip.add_lead(phone=f"6012345678{number}", triggers=["WARM"])
        drip.tick()
    return path


def report(*words: str) -> str:
    return CliRunner().invoke(command_line(), ["report", *words]).output


def test_the_table_has_a_row_for_each_step(db: str) -> None:
    rows = [[cell.strip() for cell in line.split("│")[1:-1]] for line in report("--db", db).splitlines()]

    assert ["Warm", "1", "2", "2", "0", "0", "0", "0", "0"] in rows
    assert ["Warm", "2", "2", "0", "0", "0", "0", "0", "2"] in rows
    assert ["Warm", "all", "4", "2", "0", "0", "0", "0", "2"] in rows
    assert "2 leads. 0 due now. 2 sent in 24 hours." in report("--db", db)


def test_programs_read_the_same(db: str) -> None:
    told = json.loads(report("--db", db, "--json"))

    assert told["records"]["should"] == 4
    assert told["sequences"][0]["enrollments"] == {"in_progress": 2, "finished": 0, "left": 0}
    assert [step["remaining"] for step in told["sequences"][0]["steps"]] == [0, 2]
    assert len(told["hours"]) == 97


def test_an_empty_database_is_told_as_such(tmp_path: Path) -> None:
    Dripline(f"sqlite:///{tmp_path}/empty.db").close()

    assert report("--db", f"{tmp_path}/empty.db") == "0 leads. 0 due now. 0 sent in 24 hours.\n"


def test_what_each_step_of_a_sequence_led_to_fits_a_narrow_screen(db: str) -> None:
    with Dripline(f"sqlite:///{db}", channels={"console": FakeChannel()}) as drip:
        drip.inbox.receive("How much?", phone="+60123456781")
    told = report("Warm", "--db", db)
    rows = [line.split() for line in told.splitlines()]

    assert ["1", "2", "—", "—", "—", "1", "0", "0", "1"] in rows
    assert ["50%", "0%", "0%", "50%"] in rows
    assert max(map(len, told.splitlines())) <= 80
    assert "1 enrollment in progress, 0 finished, 1 left." in told


def test_programs_read_what_each_step_led_to(db: str) -> None:
    told = json.loads(report("Warm", "--db", db, "--json"))

    assert [(step["step"], step["sent"], step["delivered"], step["replied"]) for step in told["steps"]] == [
        (1, 2, None, 0), (2, 0, None, 0),
    ]  # fmt: skip
    assert told["all"]["shares"]["replied"] == 0
    refused = CliRunner().invoke(command_line(), ["report", "Cold", "--db", db]).exception
    assert "There is no sequence 'Cold'" in str(refused)
