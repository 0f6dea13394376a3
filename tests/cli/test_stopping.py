"""Pausing, resuming and leaving at the command line."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dripline import Dripline, FakeChannel, Sequence, Step, SystemClock, VirtualClock
from dripline.cli.support.registry import command_line

LEAD = "60123456789"


@pytest.fixture
def db(tmp_path: Path) -> str:
    """A lead whose second step is a day late."""
    path = str(tmp_path / "shop.db")
    clock = VirtualClock(SystemClock().now() - timedelta(hours=36))
    with Dripline(path, clock=clock, channels={"console": FakeChannel()}) as drip:
        drip.apply(Sequence("Warm", trigger="WARM", steps=[Step("One"), Step("Two", "12h"), Step("Three", "12h")]))
        drip.add_lead(phone=LEAD, triggers=["WARM"])
        drip.tick()
    return path


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(command_line(), [*words])
    return result.exit_code, " ".join(result.output.split())


def test_resuming_tells_first_and_changes_nothing_when_dry(db: str) -> None:
    assert run("pause", "--reason", "new copy", "--db", db) == (0, "Everything is paused.")
    code, told = run("resume", "--dry-run", "--db", db)

    assert code == 0
    assert "1 are late and go at once" in told
    assert "1 steps after late ones move with them" in told
    assert told.endswith("Nothing was changed (--dry-run).")
    assert "Everything is paused: new copy. dripline resume resumes it." in run("tick", "--db", db)[1]
    assert run("resume", "--db", db)[1].endswith("Everything is resumed.")
    assert run("resume", "--db", db)[1].endswith("Nothing was paused.")


@pytest.mark.parametrize(
    ("who", "named"),
    [
        (["--sequence", "Warm"], "The sequence Warm"),
        (["--lead", LEAD], f"The lead {LEAD}"),
        (["--lead", LEAD, "--sequence", "Warm"], f"The lead {LEAD} in the sequence Warm"),
    ],
)
def test_what_is_named_is_paused_and_goes_on(db: str, who: list[str], named: str) -> None:
    assert run("pause", *who, "--db", db) == (0, f"{named} is paused.")
    assert f"Nothing to pause: {named[0].lower()}{named[1:]}" in run("pause", *who, "--db", db)[1]
    assert run("resume", *who, "--db", db)[1].endswith(f"{named} is resumed.")


def test_a_program_reads_the_plan(db: str) -> None:
    shown = json.loads(CliRunner().invoke(command_line(), ["resume", "--json", "--dry-run", "--db", db]).output)

    assert (shown["plan"]["late"], shown["plan"]["moved"]["many"], shown["resumed"]) == (1, 1, 0)


def test_a_sender_is_paused_alone(db: str) -> None:
    code = CliRunner().invoke(command_line(), ["pause", "--sender", "a", "--lead", LEAD, "--db", db])

    assert "leave out --sequence and --lead" in str(code.exception)


def test_who_may_have_asked_to_stop_is_listed_until_that_is_decided(db: str) -> None:
    assert run("maybe-stopped", "--db", db) == (0, "No leads are waiting for a decision.")
    code, told = run("receive", LEAD, "stop msg me", "--db", db)
    assert (code, told) == (
        0,
        "It may ask to stop: see dripline maybe-stopped; 0 enrollments ended, 1 paused.",
    )
    assert f"{LEAD} " in run("maybe-stopped", "--db", db)[1]
    assert [one["said"] for one in json.loads(run("maybe-stopped", "--json", "--db", db)[1])] == ["stop msg me"]
    assert "1 lead may have asked to stop" in run("doctor", "--db", db)[1]

    run("resume", "--lead", LEAD, "--db", db)
    assert run("maybe-stopped", "--db", db) == (0, "No leads are waiting for a decision.")


def test_a_list_is_allowed_at_once_and_it_is_said_who_had_asked_to_stop(db: str, tmp_path: Path) -> None:
    listed = tmp_path / "asked.csv"
    listed.write_text(f"phone\n+{LEAD}\n+60198765432\n+60120000001\n")
    run("receive", LEAD, "STOP", "--db", db)
    run("stop", "60198765432", "--db", db)

    assert run("allow", "--file", str(listed), "--db", db) == (
        0,
        (
            "2 of 3 were suppressed and may be sent to again; 1 of them had asked to stop themselves: make sure that "
            "they have agreed to get messages again."
        ),
    )
    assert run("suppressions", "--db", db) == (0, "No addresses are suppressed.")
    assert run("allow", "--db", db)[0] != 0


def test_stop_allow_and_the_list_of_the_barred(db: str) -> None:
    assert run("receive", LEAD, "Berhenti!", "--db", db)[1].startswith(f"Nothing is sent to {LEAD} any more; 1 enr")
    assert LEAD in run("suppressions", "--db", db)[1]
    assert run("allow", LEAD, "--db", db) == (0, f"{LEAD} may be sent to again.")
    assert run("allow", LEAD, "--db", db) == (0, f"{LEAD} was not suppressed.")
    assert run("suppressions", "--db", db) == (0, "No addresses are suppressed.")
    assert run("stop", LEAD, "--db", db) == (0, f"Nothing is sent to {LEAD} any more; 0 enrollments ended.")


def test_a_lead_is_shown_out_and_forgotten(db: str) -> None:
    assert run("exit", LEAD, "--sequence", "Warm", "--db", db) == (0, f"1 enrollment of {LEAD} ended.")
    assert run("untrigger", LEAD, "warm", "--db", db)[1].startswith(f"{LEAD} no longer has WARM")
    assert run("forget", LEAD, "--db", db) == (0, "1 lead deleted.")
    assert run("forget", LEAD, "--db", db) == (1, "0 leads deleted.")


def test_show_tells_each_condition_of_enrollment(db: str) -> None:
    code, told = run("show", LEAD, "--conditions", "--db", db)

    assert code == 0
    assert "the lead is in it now" in told
    assert "it gained WARM at" in told


def test_a_new_sequence_is_introduced_with_its_rules(tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text(
        "name: A\ntrigger: A\nwindow: Mon-Fri 9-17\nholidays: [2026-12-25]\nwhen_late: skip\nsteps:\n"
        "  - {message: Hi, window: 10-12}\n"
    )

    told = run("apply", str(file), "--db", str(tmp_path / "shop.db"), "--dry-run")[1]
    assert "when_late skip" in told
    assert "window Mon–Fri 09:00–17:00 without 2026-12-25" in told
    assert "step 1 after 0s, in its window 10:00–12:00" in told


def test_the_workspace_is_applied_from_a_file(tmp_path: Path) -> None:
    db, file = str(tmp_path / "shop.db"), tmp_path / "shop.yaml"
    file.write_text("workspace:\n  zone: Asia/Kuala_Lumpur\n  daily_cap: 2\n  min_gap: 1h\n  stop_words: [basta]\n")

    assert "daily_cap none → 2" in run("apply", str(file), "--db", db)[1]
    assert "keep 'workspace'" in run("apply", str(file), "--db", db)[1]
    with Dripline(db, clock=VirtualClock(datetime(2026, 1, 1, tzinfo=UTC))) as drip:
        workspace = drip.workspace.state().workspace
    assert (workspace.zone, workspace.daily_cap, workspace.stop_words) == ("Asia/Kuala_Lumpur", 2, ("basta",))


def test_what_is_written_about_a_lead_is_told_by_show_and_deleted(db: str) -> None:
    assert run("note", LEAD, "Wants the evening class", "--db", db) == (0, "The note is saved.")
    assert "+08: Wants the evening class" in run("show", LEAD, "--db", db)[1]
    assert run("note", LEAD, "--drop", "7", "--db", db)[0] == 1
    assert run("note", LEAD, "--drop", "1", "--db", db) == (0, "The note is deleted.")
    assert "evening class" not in run("show", LEAD, "--db", db)[1]
