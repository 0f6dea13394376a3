"""Editing a live sequence from the command line: who gets what is shown before it is done."""

import json
import re
import shutil
from pathlib import Path

import pytest
from commands import Run, commands_in, done_in

YAML = """
name: Warm EXAMA
trigger: WARMEXAMA
steps:
  - message: "Hi {{ name }}"
  - after: 12h
    message: "Two"
  - after: 12h
    message: "Three"
"""


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder where one lead waits for step 2."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "warm.yaml").write_text(YAML)
    (folder / "leads.csv").write_text("name,phone,trigger\nAina,0123456789,warmexama\n")
    return done_in(folder, ("apply", "warm.yaml"), ("import", "leads.csv"), ("tick",))


@pytest.fixture
def dripline(begun: Path, tmp_path: Path) -> Run:
    """The command in a folder where one lead waits for step 2, and the file has a longer wait before it."""
    shutil.copytree(begun, tmp_path, dirs_exist_ok=True)
    (tmp_path / "warm.yaml").write_text(YAML.replace("12h", "20h", 1))
    return commands_in(tmp_path)


def test_the_plan_says_who_goes_over_and_a_dry_run_changes_nothing(dripline: Run) -> None:
    before = dripline("show", "60123456789", "--json").stdout
    shown = dripline("apply", "warm.yaml", "--reach", "all", "--dry-run").stdout

    assert "  step 2: wait 12h → 20h: 0 before, 1 at it, 0 past\n" in shown
    assert re.search(r"  1 enrollment goes over to version 2: next step at [-\d]+ [:\d]+ UTC\n", shown)
    assert dripline("show", "60123456789", "--json").stdout == before


def test_it_does_what_it_showed(dripline: Run) -> None:
    applied = dripline("apply", "warm.yaml", "--reach", "all").stdout

    assert applied.endswith("Applied. 0 leads enrolled. 1 enrollment moved to the new version.\n")
    assert "went over to version 2" in dripline("show", "60123456789").stdout
    assert dripline("doctor").returncode == 0


def test_in_flight_they_keep_theirs_unless_one_asks(dripline: Run) -> None:
    assert "new enrollments get version 2, the 1 in flight keep theirs" in dripline("apply", "warm.yaml").stdout


def test_for_programs_the_plan_names_every_move(dripline: Run) -> None:
    (planned,) = json.loads(dripline("apply", "warm.yaml", "--reach", "not-yet", "--json", "--dry-run").stdout)
    (wide,) = json.loads(dripline("apply", "warm.yaml", "--reach", "all", "--json", "--dry-run").stdout)

    assert (planned["moves"], planned["version"], planned["moved"]) == ([], 2, 0)
    assert planned["affected"] == [{"change": "step 2: wait 12h → 20h", "version": 1, "before": 0, "at": 1, "past": 0}]
    assert [(move["address"], move["step"]) for move in wide["moves"]] == [("60123456789", 2)]


def test_a_reach_that_nobody_knows_is_one_plain_sentence(dripline: Run) -> None:
    refused = dripline("apply", "warm.yaml", "--reach", "everyone")

    assert refused.returncode == 2
    assert refused.stderr == "dripline: The reach is 'everyone': write new, not-yet, all or finished.\n"


def test_a_file_renames_its_sequence_and_a_command_does(dripline: Run, tmp_path: Path) -> None:
    (tmp_path / "warm.yaml").write_text(YAML.replace("name: Warm EXAMA", "name: Warm\nwas: Warm EXAMA"))
    shown = dripline("apply", "warm.yaml", "--dry-run").stdout
    applied = dripline("apply", "warm.yaml").stdout

    assert "  renamed from 'Warm EXAMA'\n" in shown
    assert shown.replace("Nothing was changed (--dry-run).\n", "") == applied.replace(
        "Applied. 0 leads enrolled.\n", ""
    )
    assert dripline("sequences", "rename", "Warm", "Hot").stdout == "Warm is now called Hot: no lead moves.\n"
    refused = dripline("sequences", "archive", "Hot")
    assert (refused.returncode, "1 lead is still in 'Hot'" in refused.stderr) == (2, True)
    assert dripline("sequences", "archive", "Hot", "--finish").stdout.startswith("Hot is archived: 1 lead ")
    assert dripline("sequences").stdout.startswith("There are no sequences")
    assert dripline("sequences", "--archived").stdout.startswith("Hot: starts on WARMEXAMA")


def test_two_files_with_one_trigger_are_refused_by_the_dry_run_as_well(dripline: Run, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(f"name: {name}\ntrigger: NEW\nsteps:\n  - message: Hi\n")
    dry, wet = dripline("apply", "one.yaml", "two.yaml", "--dry-run"), dripline("apply", "one.yaml", "two.yaml")

    assert (dry.returncode, dry.stderr) == (wet.returncode, wet.stderr)
    assert "The trigger NEW starts the sequence 'one' already" in dry.stderr
    assert "one" not in dripline("sequences").stdout


def test_a_plan_names_who_leaves_since_another_channel_makes_two_addresses_one(dripline: Run, tmp_path: Path) -> None:
    (tmp_path / "warm.yaml").write_text(YAML)
    rows = "".join(f"{phone},shop@example.com,warmexama\n" for phone in ("60123456701", "60123456702"))
    (tmp_path / "more.csv").write_text(f"phone,email,trigger\n{rows}")
    assert dripline("import", "more.csv").returncode == 0
    (tmp_path / "warm.yaml").write_text(f"{YAML}channel: smtp\n")
    smtp = {"DRIPLINE_SMTP_HOST": "mail.example.com", "DRIPLINE_SMTP_SENDER": "shop@example.com"}
    shown = dripline("apply", "warm.yaml", "--dry-run", **smtp)
    told = json.loads(dripline("apply", "warm.yaml", "--json", **smtp).stdout)

    assert "  leaving for another lead of the same address: 60123456702\n" in shown.stdout
    assert [ending["address"] for ending in told[0]["same_address"]] == ["60123456702"]
