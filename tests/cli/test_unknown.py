"""ManualSettlement at the command line about messages of which nobody knows whether they went."""

import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from dripline import Dripline, FakeChannel, Policy, RecordFilter, Sequence, Step, Unknown
from dripline.cli.support.registry import command_line

HOLD = Policy(on_unknown="hold", unknown_after="0s")


@pytest.fixture
def db(tmp_path: Path) -> str:
    """Two leads whose first step nobody knows of."""
    path = str(tmp_path / "shop.db")
    fake = FakeChannel(script=[Unknown("hung up"), Unknown("hung up")])
    with Dripline(f"sqlite:///{path}", channels={"console": fake}) as drip:
        drip.apply(Sequence("Warm", trigger="WARM", steps=[Step("Hi"), Step("Two", "12h")], policy=HOLD))
        for number in (1, 2):
            drip.add_lead(phone=f"6012345678{number}", triggers=["WARM"])
        drip.tick()
        drip.tick()
    return path


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(command_line(), ["unknown", *words])
    return result.exit_code, " ".join(result.output.split())


def test_a_record_is_named_in_full_in_a_narrow_window(db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    with Dripline(f"sqlite:///{db}") as drip:
        ids = [str(record.record_id) for record in drip.records.unknown.all()]

    shown = run("--db", db)[1]
    assert [one for one in ids if one not in shown] == []


def test_an_unknown_message_is_listed_and_decided_about(db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Where the window is narrow, the reason goes over several lines.
    monkeypatch.setenv("COLUMNS", "160")
    with Dripline(f"sqlite:///{db}") as drip:
        second, first = (record.record_id for record in drip.records.unknown.all())

    assert "hung up" in run("--db", db)[1]
    assert run("sent", str(first), "--db", db) == (0, f"Record {first} is completed.")
    assert run("resend", str(second), "--db", db) == (0, f"Record {second} is due again.")
    assert run("--db", db) == (0, "No messages are unknown.")
    assert run("sent", str(first), "--db", db)[0] == 1
    with Dripline(f"sqlite:///{db}") as drip:
        assert [record.status for record in drip.records()] == ["completed", "active", "active", "pending"]


def test_a_filter_is_previewed_and_then_settled_alike(db: str) -> None:
    code, told = run("resend", "--sequence", "Warm", "--lead", "60123456781", "--dry-run", "--db", db)
    assert code == 0
    assert told == "1: Warm, step 1: due again 1 record would be due again. Nothing was changed (--dry-run)."

    assert run("resend", "--sequence", "Warm", "--lead", "60123456781", "--db", db)[1].endswith(
        "1 record is due again."
    )
    assert run("skip", "--all", "--db", db)[1].endswith("1 record is skipped: the sequence goes on without it.")
    with Dripline(f"sqlite:///{db}") as drip:
        assert sorted(record.status for record in drip.records()) == ["active", "active", "pending", "unknown"]


def test_a_list_of_leads_says_whose(db: str, tmp_path: Path) -> None:
    leads = tmp_path / "leads.csv"
    leads.write_text("name,phone\nAina,012-345 6782\n")
    shown = json.loads(
        CliRunner().invoke(command_line(), ["unknown", "sent", "--leads", str(leads), "--db", db, "--json"]).output
    )

    assert (shown["dry_run"], shown["records"], shown["left"]) == (False, 1, [])
    assert shown["groups"][0]["effect"] == "completed"
    with Dripline(f"sqlite:///{db}") as drip:
        (record,) = drip.records.find_ids(RecordFilter(standings=["completed"]))
        found = drip.records.get(record)
        assert found is not None
        assert found.record.person.phone == "60123456782"
        assert found.settlements[0].by.endswith("at the command line")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--all", "--sequence", "Wram"], "There is no sequence 'Wram'"),
        (["--sequence", "Warm", "--step", "7"], "has no step 7"),
        (["--lead", "60111111111"], "No lead has the address 60111111111"),
        (["--since", "yesterday"], "'yesterday' is no instant"),
        ([], "Name one record by its id, or those of a filter"),
        (["12345678901234", "--all"], "Name one record by its id, or those of a filter"),
    ],
)
def test_what_is_not_there_is_refused(db: str, words: list[str], told: str) -> None:
    result = CliRunner().invoke(command_line(), ["unknown", "sent", *words, "--db", db])

    assert told in str(result.exception)
    assert "2 records would be" in run("sent", "--all", "--dry-run", "--db", db)[1]


def test_a_list_that_names_nobody_is_refused_by_its_row(db: str, tmp_path: Path) -> None:
    leads = tmp_path / "leads.csv"
    leads.write_text("name,phone\nAina,12\n")
    result = CliRunner().invoke(command_line(), ["unknown", "sent", "--leads", str(leads), "--db", db])

    assert "Row 2 of" in str(result.exception)


def test_an_export_of_the_provider_settles_what_it_proves(db: str, tmp_path: Path) -> None:
    with Dripline(f"sqlite:///{db}") as drip:
        at = drip.records.unknown.all()[0].tried_at.astimezone(ZoneInfo("Asia/Kuala_Lumpur"))
    log = tmp_path / "log.csv"
    log.write_text(f"sid,to,date_sent,status\nSM1,012-345 6781,{at:%Y-%m-%d %H:%M:%S},delivered\nSM2,nobody,,sent\n")
    refused = CliRunner().invoke(command_line(), ["unknown", "match", str(log), "--db", db])
    assert "without a zone" in str(refused.exception)

    words = ["match", str(log), "--zone", "Asia/Kuala_Lumpur", "--db", db]
    assert "Nothing was changed" in run(*words, "--dry-run")[1]
    code, told = run(*words)
    assert code == 0
    assert told.endswith("1 record is completed.")
    assert "60123456782, Warm, step 1: the evidence says nothing of it" in told
    with Dripline(f"sqlite:///{db}") as drip:
        assert sorted(record.status for record in drip.records()) == ["active", "completed", "pending", "unknown"]
