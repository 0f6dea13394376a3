"""The command line as a person uses it: each command in a process of its own."""

import json
import platform
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from commands import Run, commands_in, done_in

EXAMPLES = Path(__file__).parents[2] / "examples"

YAML = """
name: Warm EXAMA
trigger: WARMEXAMA
steps:
  - message: "Hi {{ name }}"
  - after: 12h
    message: "Two"
"""


@pytest.fixture
def dripline(tmp_path: Path) -> Run:
    """Runs the command in an empty folder."""
    return commands_in(tmp_path)


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder where one lead is enrolled."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "warm.yaml").write_text(YAML)
    (folder / "leads.csv").write_text("name,phone,trigger\nAina,0123456789,warmexama\n")
    return done_in(folder, ("apply", "warm.yaml"), ("import", "leads.csv"))


@pytest.fixture
def shop(begun: Path, tmp_path: Path) -> Run:
    """The command in a folder where one lead is enrolled."""
    shutil.copytree(begun, tmp_path, dirs_exist_ok=True)
    return commands_in(tmp_path)


def test_the_demo_goes_right_and_the_doctor_passes_on_its_file(dripline: Run) -> None:
    shown = dripline("demo", "--db", "demo.db")

    assert shown.returncode == 0
    for hour in (0, 12, 24, 36):
        assert f"Hour {hour}: due is step {hour // 12 + 1}" in shown.stdout
    assert dripline("doctor", "--db", "demo.db").returncode == 0


def test_the_demo_fails_when_the_engine_does(dripline: Run, tmp_path: Path) -> None:
    """The demo's check can fail: here every step is due at once, as in the system that this one replaces."""
    (tmp_path / "sitecustomize.py").write_text(
        "from dripline.store.database.macros.files import macros_of\n"
        "macros_of('sqlite')['add_seconds'] = lambda instant, seconds: instant\n"
    )
    shown = dripline("demo", PYTHONPATH=str(tmp_path))

    assert shown.returncode == 1
    assert "✗ The flow went wrong." in shown.stdout


def test_the_demo_leaves_a_database_with_leads_alone(shop: Run) -> None:
    refused = shop("demo", "--db", "dripline.db")

    assert refused.returncode == 2
    assert "holds leads already: name a new file for the demo" in refused.stderr


def test_a_lead_goes_from_file_to_message(shop: Run) -> None:
    ticked = shop("tick")

    assert (ticked.returncode, ticked.stdout.splitlines()[-1]) == (0, "sent 1")
    assert "→ 60123456789  Warm EXAMA, step 1: Hi Aina" in ticked.stdout
    assert shop("tick").stdout == "sent 0\n"


def test_doing_it_all_again_changes_nothing(shop: Run) -> None:
    shop("tick")
    before = shop("show", "60123456789", "--json").stdout

    assert "keep 'Warm EXAMA'" in shop("apply", "warm.yaml").stdout
    assert "0 leads added, 0 updated, 0 enrolled" in shop("import", "leads.csv").stdout
    assert shop("tick").stdout == "sent 0\n"
    assert shop("show", "60123456789", "--json").stdout == before


def test_show_tells_past_and_future_with_their_why(shop: Run) -> None:
    shop("tick")
    shown = shop("show", "012-345 6789").stdout

    assert "accepted at" in shown
    assert "waits for" in shown
    assert "Hi Aina" in shown


def test_json_is_one_object_with_nothing_around_it(shop: Run) -> None:
    assert json.loads(shop("tick", "--json").stdout)["sent"] == 1
    assert json.loads(shop("show", "60123456789", "--json").stdout)[0]["records"][0]["status"] == "completed"
    assert json.loads(shop("doctor", "--json").stdout)["healthy"] is True
    assert json.loads(shop("apply", "warm.yaml", "--json").stdout)[0]["action"] == "keep"
    assert json.loads(shop("import", "leads.csv", "--json").stdout)["good"] == 1


def test_the_doctor_exits_1_and_names_what_is_broken(shop: Run, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "dripline.db")) as connection, connection:
        connection.execute("UPDATE sequence_contacts SET status = 'pending' WHERE status = 'active'")
    checked = shop("doctor")

    assert checked.returncode == 1
    assert "✗ A live enrollment stands at exactly one record" in checked.stdout


def test_the_doctor_mends_what_is_safe_and_says_what_it_did(shop: Run, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "dripline.db")) as connection, connection:
        connection.execute("UPDATE sequence_contacts SET status = 'pending' WHERE status = 'active'")
    mended = shop("doctor", "--repair")

    assert mended.returncode == 0
    assert mended.stdout.startswith("mended: activated, its enrollment stood nowhere: record ")
    assert json.loads(shop("doctor", "--repair", "--json").stdout)["repairs"] == []


def test_the_doctor_says_what_waits_for_a_person(shop: Run, tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "dripline.db")) as connection, connection:
        connection.execute("UPDATE steps SET message = '{% set x = 1 %}Hi' WHERE position = 1")
        connection.execute(
            "INSERT INTO channel_rests (channel, failures, trips, rest_until, reason_code, reason_facts)"
            " VALUES ('sms', 0, 1, '2099-01-01T00:00:00Z', 'refused_in_a_row', '{\"tries\": 5, \"error\": \"no\"}')"
        )
    checked = shop("doctor")

    assert checked.returncode == 0
    assert "! The channel sms takes nothing: " in checked.stdout
    assert "! 'Warm EXAMA' has a text that is not taken: The template of step 1 " in checked.stdout
    assert checked.stdout.splitlines()[-1].startswith("Every promise holds; 2 things need attention: ")
    assert len(json.loads(shop("doctor", "--json").stdout)["troubles"]) == 2


def test_refused_rows_can_be_corrected_and_imported(shop: Run, tmp_path: Path) -> None:
    (tmp_path / "more.csv").write_text("name,phone,trigger\nSiti,6.01E+10,WARMEXAMA\nMei,0123456780,WARMEXAMA\n")
    imported = shop("import", "more.csv")
    refused = tmp_path / "more.refused.csv"
    refused.write_text(refused.read_text(encoding="utf-8-sig").replace("6.01E+10", "0123456781"))

    assert imported.returncode == 0
    assert "1 rows refused" in imported.stdout
    assert "1 leads added" in shop("import", refused).stdout
    assert shop("import", "more.csv", "--strict").returncode == 1


def test_an_import_says_which_triggers_no_sequence_starts_on(shop: Run, tmp_path: Path) -> None:
    """Nobody was enrolled and nobody was told why."""
    (tmp_path / "more.csv").write_text("name,phone,trigger\nSiti,0123456780,COLDVITAC\n")

    assert "No sequence starts on COLDVITAC: apply one" in shop("import", "more.csv").stdout


def test_a_dry_run_writes_nothing(shop: Run, tmp_path: Path) -> None:
    (tmp_path / "more.csv").write_text("name,phone,trigger\nSiti,12,WARMEXAMA\nMei,0123456780,WARMEXAMA\n")
    before = sorted(tmp_path.iterdir())

    assert "1 good row," in shop("import", "more.csv", "--dry-run").stdout
    assert sorted(tmp_path.iterdir()) == before
    assert shop("show", "0123456780").returncode == 1
    assert "Nothing was changed" in shop("apply", "warm.yaml", "--dry-run").stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("import", "none.csv"), "does not exist"),
        (("apply", "none.yaml"), "none.yaml"),
        (("show", "12"), "cannot be one"),
        (("tick", "--db", "mysql://x"), "use a path, sqlite:///FILE or postgresql://"),
        (("tick", "--db", "no/such/folder.db"), "its folder does not exist"),
        (("doctor", "--db", "none.db"), "There is no database at none.db"),
        (("show", "60123456789", "--db", "none.db"), "There is no database at none.db"),
        (("import", "leads.csv", "--trigger", " "), "A trigger is empty"),
        (("apply", "mail.yaml"), "which is not configured here"),
        (("apply", "typo.yaml"), "which no lead has"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_2_and_nothing_changes(
    shop: Run, tmp_path: Path, arguments: tuple[str, ...], sentence: str
) -> None:
    (tmp_path / "mail.yaml").write_text("name: Mail\ntrigger: MAIL\nchannel: smtp\nsteps: [{message: Hi}]\n")
    (tmp_path / "typo.yaml").write_text("name: Typo\ntrigger: TYPO\nsteps: [{message: 'Hi {{ nmae }}'}]\n")
    before = dumped(tmp_path / "dripline.db")
    refused = shop(*arguments)

    assert refused.returncode == 2
    assert sentence in refused.stderr
    assert refused.stderr.startswith("dripline: ")
    assert refused.stderr.count("\n") == 1
    assert dumped(tmp_path / "dripline.db") == before


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"DRIPLINE_REGION": "XX"}, "There is no region 'XX'"),
        ({"DRIPLINE_SMTP_HOST": "mail.example.com"}, "The setting smtp.sender"),
        ({"DRIPLINE_SMTP_HOST": "m", "DRIPLINE_SMTP_SENDER": "a@b.c", "DRIPLINE_SMTP_PORT": "x"}, "smtp.port"),
        ({"DRIPLINE_WEBHOOK_URL": "https://x.example", "DRIPLINE_WEBHOOK_SECRET": "s3cret"}, "secret"),
    ],
)
def test_a_bad_setting_is_named_without_its_value(shop: Run, environment: dict[str, str], sentence: str) -> None:
    refused = shop("tick", **environment)

    assert refused.returncode == 2
    assert sentence in refused.stderr
    assert "s3cret" not in refused.stderr


def test_settings_come_from_the_file_and_the_environment_wins(shop: Run, tmp_path: Path) -> None:
    (tmp_path / "dripline.toml").write_text('db = "other.db"\n')
    shop("tick", "--create")
    assert (tmp_path / "other.db").exists()

    assert shop("tick", "--create", DRIPLINE_DB="third.db").stdout == "sent 0\n"
    assert (tmp_path / "third.db").exists()


@pytest.mark.parametrize("command", ["demo", "apply", "import", "run", "worker", "tick", "show", "doctor"])
def test_every_command_has_help_with_an_example(dripline: Run, command: str) -> None:
    shown = dripline(command, "--help")

    assert shown.returncode == 0
    assert f"Example: dripline {command}" in shown.stdout


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_run_sends_what_is_due_at_once_and_stops_when_asked(shop: Run, tmp_path: Path, number: signal.Signals) -> None:
    log = tmp_path / "log.txt"
    with log.open("w") as stream:
        running = subprocess.Popen(
            [sys.executable, "-m", "dripline", "run", "--port", "0"],
            cwd=tmp_path,
            stdout=subprocess.DEVNULL,
            stderr=stream,
        )
        _wait_for(log, "pass.done sent 1")
        running.send_signal(number)

        assert running.wait(timeout=10) == 0
    assert "processor.stopped" in log.read_text()
    assert shop("doctor").returncode == 0


def test_a_second_run_on_the_same_file_is_harmless_and_says_so(shop: Run, tmp_path: Path) -> None:
    logs = [tmp_path / "first.txt", tmp_path / "second.txt"]
    started: list[subprocess.Popen[bytes]] = []
    for log in logs:
        with log.open("w") as stream:
            command = [sys.executable, "-m", "dripline", "run", "--poll", "0.2", "--port", "0"]
            started.append(subprocess.Popen(command, cwd=tmp_path, stdout=stream, stderr=stream))
        _wait_for(log, "processor.started")
        _wait_for(logs[0], "pass.done sent 1")
    _wait_for(logs[1], f"processor.not_alone host={platform.node()} process_id={started[0].pid}")
    for process in started:
        process.terminate()

    assert [process.wait(timeout=10) for process in started] == [0, 0]
    assert sum(log.read_text().count("→ 60123456789") for log in logs) == 1
    assert shop("doctor").returncode == 0


def dumped(database: Path) -> list[str]:
    """Return all that is stored."""
    with closing(sqlite3.connect(database)) as connection:
        return list(connection.iterdump())


def _wait_for(log: Path, text: str) -> None:
    for _ in range(800):
        if text in log.read_text():
            return
        time.sleep(0.05)  # noqa: TID251  (another process is to write it, on real time)
    pytest.fail(f"{text!r} never came: {log.read_text()}")
