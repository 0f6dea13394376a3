"""`dripline simulate` as a person uses it."""

import json
import logging
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dripline.cli.support.registry import command_line
from dripline.errors import DriplineError, InvalidInput
from dripline.simulate.scenario import Scenario, parse_latency, parse_outage, parse_start

YAML = """
sender: jb-1
channel: whatsapp
gap: 5s-15s
---
name: Warm EXAMA
trigger: WARMEXAMA
senders: [jb-1]
steps:
  - message: "Hi {{ name }}, {{ target }}"
  - after: 12h
    message: "Two"
"""


@pytest.fixture
def warm(tmp_path: Path) -> Path:
    path = tmp_path / "warm.yaml"
    path.write_text(YAML)
    return path


def run(*arguments: str | Path) -> tuple[int, str, str]:
    """Run the command here, which is faster than in a process of its own; errors end it as `main` would."""
    done = CliRunner().invoke(command_line(), ["simulate", *map(str, arguments)])
    if isinstance(done.exception, DriplineError):
        return 2, done.stdout, str(done.exception)
    return done.exit_code, done.stdout, done.stderr


def test_the_text_says_who_sends_when_and_whether_all_keep_up(warm: Path) -> None:
    code, shown, aside = run(warm, "--leads", "20")

    assert code == 0
    assert "20 leads, 20 enrolled, 40 messages in 13 hours" in shown
    assert "✓ Every sender keeps up." in shown
    assert aside.startswith("Played 13 hours")


def test_json_is_the_same_byte_for_byte_and_holds_no_time_of_the_machine(warm: Path) -> None:
    first, second = (run(warm, "--leads", "20", "--fail", "0.1", "--json")[1] for _ in range(2))

    assert first == second
    assert json.loads(first)["leads"] == {"arrived": 20, "enrolled": 20, "refused_rows": 0}


def test_a_kept_result_is_expected_and_a_change_exits_1(warm: Path, tmp_path: Path) -> None:
    golden = tmp_path / "golden.json"
    kept = run(warm, "--leads", "20", "--keep", golden)[0]
    same = run(warm, "--leads", "20", "--expect", golden)[0]
    warm.write_text(YAML.replace("12h", "6h"))
    code, _, differs = run(warm, "--leads", "20", "--expect", golden)

    assert (kept, same, code) == (0, 0, 1)
    assert "hours: 13 → 7" in differs
    assert differs.count("→") <= 20


def test_a_list_is_played_with_its_columns_and_its_refused_rows(warm: Path, tmp_path: Path) -> None:
    leads = tmp_path / "leads.csv"
    leads.write_text("name,phone,target\nAina,0123456789,July\nBad,12,July\nDevi,0123456780,May\n")
    code, shown, _ = run(warm, "--csv", leads, "--json", "--over", "2h")

    assert code == 0
    assert json.loads(shown)["leads"] == {"arrived": 2, "enrolled": 2, "refused_rows": 1}
    assert json.loads(shown)["sends"] == 4


def test_a_list_without_a_templates_column_is_refused(warm: Path, tmp_path: Path) -> None:
    leads = tmp_path / "leads.csv"
    leads.write_text("name,phone\nAina,0123456789\n")
    code, _, sentence = run(warm, "--csv", leads)

    assert code == 2
    assert "target" in sentence


def test_a_picture_is_written(warm: Path, tmp_path: Path) -> None:
    assert run(warm, "--leads", "5", "--html", tmp_path / "run.html")[0] == 0
    assert "jb-1" in (tmp_path / "run.html").read_text()


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (["--leads", "0"], "0 leads"),
        (["--leads", "5", "--csv", "leads.csv"], "--leads or --csv"),
        (["--outage", "40h-10h"], "40h-10h ends before it begins"),
        (["--outage", "10h"], "as in 10h-40h"),
        (["--outage", "1h-5h", "--outage", "4h-6h"], "overlap"),
        (["--fail", "1.5"], "--fail is 1.5"),
        (["--opt-out", "-0.1"], "--opt-out is -0.1"),
        (["--reply", "nan"], "--reply is nan"),
        (["--fail", "0.6", "--retry", "0.6"], "more than 1"),
        (["--for", "soon"], "--for 'soon'"),
        (["--for", "0s"], "--for 36h"),
        (["--over", "9999d"], "--over"),
        (["--start", "tomorrow"], "2026-01-05T08:00Z"),
        (["--provider-latency", "1h"], "25 s is the most"),
        (["--provider-latency", "fast"], "300ms or 2s"),
        (["--most-per-day", "0"], "--most-per-day"),
        (["--zone", "Mars/Base"], "Mars/Base"),
        (["--expect", "nowhere.json"], "--keep nowhere.json"),
        (["--leads", "5", "--html", "/nowhere/run.html"], "/nowhere/run.html"),
        (["--csv", "nowhere.csv"], "nowhere.csv"),
    ],
)
def test_what_cannot_be_played_is_refused_with_one_sentence(warm: Path, options: list[str], named: str) -> None:
    code, shown, sentence = run(warm, *options)

    assert (code, shown) == (2, "")
    assert named in sentence
    assert "\n" not in sentence


def test_a_file_without_a_sequence_is_refused(tmp_path: Path) -> None:
    (tmp_path / "senders.yaml").write_text("sender: jb-1\nchannel: console\n")

    assert "no sequence" in run(tmp_path / "senders.yaml")[2]


def test_what_is_written_is_read() -> None:
    assert str(parse_outage(" 10h – 40H ")) == "10h-40h"
    assert parse_start("2026-01-05T08:00+08:00") == Scenario().start
    assert parse_latency("300ms").total_seconds() == 0.3


def test_a_scenario_without_a_zone_in_its_start_is_refused() -> None:
    with pytest.raises(InvalidInput, match="tzinfo"):
        Scenario(start=Scenario().start.replace(tzinfo=None))


def test_what_is_logged_afterwards_is_logged_as_before(warm: Path) -> None:
    before = logging.getLogger("dripline").level
    run(warm, "--leads", "5")

    assert logging.getLogger("dripline").level == before != logging.CRITICAL
