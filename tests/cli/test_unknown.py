"""Deciding at the command line about messages of which nobody knows whether they went."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from dripline import Dripline, FakeChannel, Policy, Sequence, Step, Unknown
from dripline.cli.commands import command_line

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


def test_an_unknown_message_is_listed_and_decided_about(db: str) -> None:
    with Dripline(f"sqlite:///{db}") as drip:
        second, first = (record.record_id for record in drip.unknown())

    assert "hung up" in run("--db", db)[1]
    assert run("sent", str(first), "--db", db) == (0, f"Record {first} is completed.")
    assert run("resend", str(second), "--db", db) == (0, f"Record {second} is due again.")
    assert run("--db", db) == (0, "Nothing is unknown.")
    assert run("sent", str(first), "--db", db)[0] == 1
    with Dripline(f"sqlite:///{db}") as drip:
        assert [record.status for record in drip.records()] == ["completed", "active", "active", "pending"]
