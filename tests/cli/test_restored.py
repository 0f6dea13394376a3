"""A backup that is put back: nothing that went since is sent a second time unless a person says so."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from commands import commands_in
from typer.testing import CliRunner

from dripline import Dripline, FakeChannel, NewLead, Sequence, Step, UnknownFilter, VirtualClock
from dripline.cli.support.registry import command_line
from dripline.errors import InvalidSequence

LEADS = 40
HOUR = timedelta(hours=1)


def shop(path: Path, clock: VirtualClock, fake: FakeChannel) -> Dripline:
    return Dripline(str(path), clock=clock, channels={"console": fake})


def enrolled(drip: Dripline) -> None:
    drip.apply(Sequence("Warm", trigger="W", steps=[Step("One"), Step("Two", "1h"), Step("Three", "1h")]))
    drip.add_leads([NewLead(f"601234{number:05d}", triggers=("W",)) for number in range(LEADS)])


@pytest.fixture
def put_back(tmp_path: Path, clock: VirtualClock) -> tuple[Path, FakeChannel]:
    """A database that was backed up before two steps went, and put back after that."""
    path, backup, fake = tmp_path / "shop.db", tmp_path / "backup.db", FakeChannel()
    with shop(path, clock, fake) as drip:
        enrolled(drip)
    shutil.copy(path, backup)
    with shop(path, clock, fake) as drip:
        drip.tick()
        clock.advance(HOUR)
        drip.tick()
    for name in ("shop.db-wal", "shop.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    shutil.copy(backup, path)
    clock.advance(HOUR / 2)
    return path, fake


def test_a_backup_that_is_put_back_sends_nothing_until_a_person_decides(
    put_back: tuple[Path, FakeChannel], clock: VirtualClock
) -> None:
    path, fake = put_back
    with shop(path, clock, fake) as drip:
        assert drip.tick().sent == 0
        assert "backup that was put back" in str(drip.workspace.state().pause_reason)
        assert drip.tick().sent == 0

    assert len(fake.accepted) == LEADS * 2


def test_what_went_since_the_backup_is_settled_in_bulk_and_never_sent_again(
    put_back: tuple[Path, FakeChannel], clock: VirtualClock
) -> None:
    path, fake = put_back
    with shop(path, clock, fake) as drip:
        drip.tick()
        assert (drip.records.plan_restored().records, drip.records.plan_restored().current) == (LEADS * 2, LEADS)
        assert drip.records.restored() == LEADS
        assert drip.workspace.state().pause_reason is None
        assert drip.tick().sent == 0
        clock.advance(HOUR)
        assert drip.tick().sent == 0
        assert drip.verify() == []
        # The first step, and the second, which is unknown as soon as the first is settled.
        assert drip.records.unknown.settle("sent").records == LEADS * 2
        clock.advance(HOUR * 3)
        assert drip.tick().sent == LEADS
        assert drip.verify() == []

    assert [message.text for message in fake.accepted[-LEADS:]] == ["Three"] * LEADS


def test_what_had_not_gone_is_sent_on_a_person_s_word(put_back: tuple[Path, FakeChannel], clock: VirtualClock) -> None:
    path, fake = put_back
    with shop(path, clock, fake) as drip:
        drip.records.restored()
        with pytest.raises(InvalidSequence, match="There is no sequence 'Other'"):
            drip.records.unknown.settle("resend", UnknownFilter("Other"))
        assert drip.records.unknown.settle("resend", UnknownFilter("Warm")).records == LEADS
        assert drip.tick().sent == LEADS
        assert drip.verify() == []


def test_a_restart_a_move_and_a_vacuum_are_no_copies(tmp_path: Path, clock: VirtualClock) -> None:
    path, elsewhere, fake = tmp_path / "shop.db", tmp_path / "moved.db", FakeChannel()
    with shop(path, clock, fake) as drip:
        enrolled(drip)
        drip.tick()
    with shop(path, clock, fake) as drip, shop(path, clock, fake) as beside:
        clock.advance(HOUR)
        assert drip.tick().sent == LEADS
        beside.tick()
        drip.tick()
        drip._session.database.script("VACUUM")  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # as a person would
    path.rename(elsewhere)
    clock.advance(HOUR)
    with shop(elsewhere, clock, fake) as drip:
        assert drip.tick().sent == LEADS
    with shop(path, clock, fake) as drip:
        # Another database where one was before.
        enrolled(drip)
        assert drip.tick().sent == LEADS


def test_the_manual_way_works_on_both_databases(url: str, clock: VirtualClock, ask: Callable[[str], object]) -> None:
    with Dripline(url, clock=clock, channels={"console": FakeChannel()}) as drip:
        enrolled(drip)
        drip.tick()
        clock.advance(HOUR * 2)
        assert drip.records.restored() == LEADS
        assert drip.tick().sent == 0
        assert drip.records.unknown.settle("sent").records == LEADS * 2
        assert drip.verify() == []
    assert ask("SELECT count(*) FROM sequence_contacts WHERE status = 'completed'") == [(LEADS * 3,)]


def test_a_pause_that_a_person_gave_before_the_backup_stands_again(tmp_path: Path, clock: VirtualClock) -> None:
    path, fake = tmp_path / "shop.db", FakeChannel()
    with shop(path, clock, fake) as drip:
        enrolled(drip)
        drip.tick()
        drip.pause(reason="stock-taking")
    shutil.copy(path, tmp_path / "backup.db")
    with shop(path, clock, fake) as drip:
        drip.resume()
        clock.advance(HOUR)
        drip.tick()
    for name in ("shop.db-wal", "shop.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    shutil.copy(tmp_path / "backup.db", path)
    with shop(path, clock, fake) as drip:
        assert drip.tick().sent == 0
        seen = str(drip.workspace.state().pause_reason)
        drip.records.restored()
        assert drip.tick().sent == 0
        assert drip.workspace.state().pause_reason == "stock-taking"
        assert len(drip.records.unknown.all()) == LEADS

    assert "a backup that was put back" in seen
    assert seen.endswith("Everything was paused before: stock-taking")


def test_a_copy_that_was_seen_is_paused_whatever_happens_to_who_saw_it(
    put_back: tuple[Path, FakeChannel], clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, fake = put_back
    with shop(path, clock, fake) as drip, monkeypatch.context() as patch:
        patch.setattr(drip._processing, "_prepare", lambda: 1 / 0)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # the machine stops there
        with pytest.raises(ZeroDivisionError):
            drip.tick()
    with shop(path, clock, fake) as drip:
        assert drip.tick().sent == 0
    assert len(fake.accepted) == LEADS * 2


def test_what_began_when_a_sequence_ended_after_the_backup_is_not_sent_again(
    tmp_path: Path, clock: VirtualClock
) -> None:
    path, fake = tmp_path / "shop.db", FakeChannel()
    with shop(path, clock, fake) as drip:
        hot = [Step("hot 1"), Step("hot 2", "1h"), Step("hot 3", "1d")]
        drip.apply(Sequence("Hot", trigger="HOT", steps=hot))
        drip.apply(Sequence("Cold", trigger="COLD", steps=[Step("cold 1"), Step("cold 2", "1h")], then="HOT"))
        drip.add_lead(phone="60123456789", triggers=["COLD"])
        drip.tick()
    shutil.copy(path, tmp_path / "backup.db")
    with shop(path, clock, fake) as drip:
        for _ in range(3):
            clock.advance(HOUR)
            drip.tick()
            drip.tick()
    for name in ("shop.db-wal", "shop.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    shutil.copy(tmp_path / "backup.db", path)
    with shop(path, clock, fake) as drip:
        drip.tick()
        drip.records.restored()
        # Cold's last step first, then what its end let begin.
        assert [drip.records.unknown.settle("sent").records for _ in range(2)] == [1, 2]
        assert drip.records.unknown.all() == []
        for _ in range(30):
            clock.advance(HOUR)
            drip.tick()
        assert drip.verify() == []

    assert [message.text for message in fake.accepted] == ["cold 1", "cold 2", "hot 1", "hot 2", "hot 3"]


def test_what_follows_by_a_chain_waits_for_a_person_on_both_databases(url: str, clock: VirtualClock) -> None:
    fake = FakeChannel()
    with Dripline(url, clock=clock, channels={"console": fake}) as drip:
        drip.apply(Sequence("Hot", trigger="HOT", steps=[Step("hot 1"), Step("hot 2", "1h"), Step("hot 3", "1d")]))
        drip.apply(Sequence("Cold", trigger="COLD", steps=[Step("cold 1")], then="HOT"))
        drip.add_lead(phone="60123456789", triggers=["COLD"])
        clock.advance(HOUR * 2)
        drip.records.restored()

        assert [drip.records.unknown.settle("sent").records for _ in range(2)] == [1, 2]
        assert [str(record.status) for record in drip.records()] == ["completed", "completed", "completed", "active"]
        assert drip.verify() == []
    assert fake.accepted == []


@pytest.mark.parametrize(("how", "sent"), [("resend", ["cold 1", "hot 1", "hot 2"]), ("skip", []), ("sent", [])])
def test_what_follows_by_a_chain_is_sent_only_where_it_cannot_have_begun(
    url: str, clock: VirtualClock, how: str, sent: list[str]
) -> None:
    fake = FakeChannel()
    with Dripline(url, clock=clock, channels={"console": fake}) as drip:
        drip.apply(Sequence("Hot", trigger="HOT", steps=[Step("hot 1"), Step("hot 2", "1h")]))
        drip.apply(Sequence("Cold", trigger="COLD", steps=[Step("cold 1")], then="HOT"))
        drip.add_lead(phone="60123456789", triggers=["COLD"])
        clock.advance(HOUR * 2)
        drip.records.restored()
        drip.records.unknown.settle(how)
        for _ in range(6):
            drip.tick()
            clock.advance(HOUR)

        assert [message.text for message in fake.accepted] == sent
        assert sum(record.waits for record in drip.records.unknown.all()) == (0 if sent else 1)
        assert drip.verify() == []


def test_the_command_counts_first_and_says_where_to_decide(put_back: tuple[Path, FakeChannel]) -> None:
    def run(*words: str) -> str:
        done = CliRunner().invoke(command_line(), [*words, "--db", str(put_back[0])])
        assert done.exit_code == 0, done.output
        return " ".join(done.output.split())

    assert "Nothing was changed" in run("restored", "--dry-run")
    assert "are unknown now and wait for you" in run("restored")
    assert "records are completed" in run("unknown", "sent", "--all")


def test_the_order_of_the_page_holds_from_the_backup_to_the_next_pass(tmp_path: Path) -> None:
    """Backed up, sent, two opted out, lost, put back, barred, decided: nobody gets anything a second time."""
    run, path = commands_in(tmp_path), tmp_path / "shop.db"

    def dripline(*words: str, code: int = 0) -> str:
        done = run(*words, DRIPLINE_DB="shop.db")
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    with Dripline(str(path)) as drip:
        enrolled(drip)
    with closing(sqlite3.connect(path)) as database, closing(sqlite3.connect(tmp_path / "backup.db")) as backup:
        database.backup(backup)
    assert dripline("tick").count("One") == LEADS
    dripline("stop", "60123400001")
    dripline("stop", "60123400002")
    (tmp_path / "barred.json").write_text(dripline("suppressions", "--json"))

    for name in ("shop.db-wal", "shop.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    shutil.copy(tmp_path / "backup.db", path)
    since = f"{datetime.now(UTC) - HOUR:%Y-%m-%dT%H:%M}"  # noqa: TID251  (commands go by the machine's clock)
    words = ("restored", "--since", since, "--opt-outs", "barred.json")
    assert "Nothing was changed" in dripline(*words, "--dry-run")
    assert "One" not in dripline("tick")
    dripline(*words)
    assert [one["address"] for one in json.loads(dripline("suppressions", "--json"))] == ["60123400001", "60123400002"]
    assert "One" not in dripline("tick")
    dripline("unknown", "sent", "--all")

    assert dripline("tick").count("One") == 0
    assert dripline("doctor").splitlines()[-1].startswith("All ")
    with closing(sqlite3.connect(path)) as database:
        found = database.execute(
            "SELECT current_step, status, count(*) FROM sequence_contacts GROUP BY 1, 2 ORDER BY 1, 3"
        ).fetchall()
    assert found == [
        (step, status, many)
        for step in (1, 2, 3)
        for status, many in (("cancelled", 2), (_AFTERWARDS[step], LEADS - 2))
    ]


_AFTERWARDS = {1: "completed", 2: "active", 3: "pending"}
