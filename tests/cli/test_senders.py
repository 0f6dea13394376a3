"""Senders from a file, and what a person does to them at the command line."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dripline import Dripline
from dripline.cli.support.registry import command_line
from dripline.errors import InvalidFile
from dripline.importing.setup.setup_file import read_setup

FILE = """\
sender: jb-1
pool: sales
gap: 10s-30s
hourly_cap: 60
warm_up: [20, 40]
quiet: 21:00-08:00
zone: Asia/Kuala_Lumpur
---
sender: jb-2
pool: sales
---
name: Warm
trigger: WARM
senders: sales
steps:
  - message: Hi {{ name }}
  - after: 12h
    message: Two
"""


def run(*words: str) -> str:
    result = CliRunner().invoke(command_line(), list(words))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.output
    return result.output


@pytest.fixture
def db(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop.yaml").write_text(FILE)
    return str(tmp_path / "shop.db")


def test_senders_and_their_sequence_are_applied_from_one_file(db: str) -> None:
    first = run("apply", "shop.yaml", "--db", db)
    again = run("apply", "shop.yaml", "--db", db)

    assert "create 'jb-1'" in first
    assert "gap 10s-30s" in first
    assert "quiet hours 21:00-08:00" in first
    assert "goes through console by sales" in first
    assert again.count("keep") == 3


def test_a_plan_of_senders_changes_nothing(db: str) -> None:
    Dripline(f"sqlite:///{db}").close()
    assert "create 'jb-1'" in run("apply", "shop.yaml", "--dry-run", "--db", db)
    assert "There are no senders" in run("senders", "--db", db)


def test_a_sender_is_listed_paused_resumed_and_archived(db: str) -> None:
    run("apply", "shop.yaml", "--db", db)
    with Dripline(f"sqlite:///{db}") as drip:
        for number in range(4):
            drip.add_lead(phone=f"6012345678{number}", name="Aina", triggers=["WARM"])

    assert "jb-1 is paused" in run("senders", "pause", "jb-1", "--reason", "on leave", "--db", db)
    assert "was paused already" in run("senders", "pause", "jb-1", "--db", db)
    assert "paused: on leave" in " ".join(run("senders", "--db", db).split())
    assert "is resumed" in run("senders", "resume", "jb-1", "--db", db)
    assert "jb-1 was not paused" in run("senders", "resume", "jb-1", "--db", db)
    assert "2 live enrollments moved to other senders" in run("senders", "archive", "jb-1", "--to", "jb-2", "--db", db)
    listed = json.loads(run("senders", "--json", "--db", db))
    assert [(state["sender"]["name"], state["live"]) for state in listed] == [("jb-1", 0), ("jb-2", 4)]
    history = json.loads(run("senders", "history", "jb-1", "--json", "--db", db))
    assert [event["event"] for event in history] == ["archived", "resumed", "paused"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("sender: a\ngapp: 10s", "There is no key 'gapp': write gap"),
        ("sender: a\nhourly_cap: many", "hourly_cap holds the wrong kind of value: write hourly_cap: 60"),
        ("sender: a\ngap: 30s-10s", "ends below its beginning"),
        ("sender: a\nquiet: 21:00-08:00", "need a time zone"),
        ("sender: a\nquiet: 21:00-08:00\nzone: Mars/Base", "There is no time zone 'Mars/Base'"),
        ("sender:", "The key sender is empty"),
        ("sender: a\n---\nsender: a", "two senders named 'a'"),
        ("sender: a\npool: a", "has the name of its pool"),
    ],
)
def test_a_sender_that_cannot_be_used_is_refused_in_one_sentence(tmp_path: Path, text: str, words: str) -> None:
    path = tmp_path / "senders.yaml"
    path.write_text(text)

    with pytest.raises(InvalidFile, match=words) as refused:
        read_setup(path)
    assert str(path) in str(refused.value)


def test_a_sender_is_tried(db: str) -> None:
    run("apply", "shop.yaml", "--db", db)
    told = run("senders", "try", "jb-1", "60123456789", "Hi there", "--db", db)

    assert "60123456789  Test message, step 1: Hi there" in told
    assert told.endswith("Accepted for 60123456789: check whether it has arrived.\n")
