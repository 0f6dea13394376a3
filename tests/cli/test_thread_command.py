"""`dripline thread`: one lead as a conversation, for people and for programs."""

import json
from pathlib import Path

import pytest
from commands import Run, commands_in, done_in

PHONE = "60123456780"
YAML = """
name: Warm
trigger: T
channel: console
on_reply: continue
steps:
  - message: One
  - after: 1d
    message: Two
"""


@pytest.fixture
def shop(tmp_path: Path) -> Run:
    """The command in a folder where a lead got a message and answered it."""
    (tmp_path / "warm.yaml").write_text(YAML)
    (tmp_path / "leads.csv").write_text(f"name,phone,trigger\nAina,{PHONE},T\n")
    done = done_in(
        tmp_path, ("apply", "warm.yaml"), ("import", "leads.csv"), ("tick",), ("receive", PHONE, "How much?")
    )
    return commands_in(done)


def test_a_thread_reads_as_a_conversation(shop: Run) -> None:
    lines = [line.strip() for line in shop("thread", PHONE).stdout.splitlines()]

    assert lines[0] == f"Aina · {PHONE}"
    # What was written in the second in which "One" went stands before it: it may have been what "One" answers.
    assert [line for line in lines if line in {"One", "Two"}] == ["One", "Two"]
    assert any(line.startswith("<") and line.endswith("  How much?") for line in lines)
    assert any(line.startswith("…") and "Warm, step 2 (waiting" in line for line in lines)


def test_programs_get_the_same_and_the_pages_before(shop: Run) -> None:
    latest = json.loads(shop("thread", PHONE, "--size", "1", "--json").stdout)[0]
    before = json.loads(shop("thread", PHONE, "--before", latest["earlier"], "--json").stdout)[0]

    # What went and what was answered may be of one second here.
    assert len(latest["entries"]) == 1
    shown = [entry["text"] or entry["what"] for entry in before["entries"] + latest["entries"]]
    assert sorted(shown) == ["How much?", "One", "enrolled", "gained_trigger"]


def test_a_thread_of_nobody_is_said_in_a_sentence(shop: Run) -> None:
    nobody = shop("thread", "60199999999")

    assert nobody.returncode == 1
    assert "No lead has the address 60199999999" in nobody.stderr
