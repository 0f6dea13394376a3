"""`dripline demo --serve` as a person uses it."""

import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from dripline import Dripline, NewLead, Sequence, Step
from dripline.cli.support.registry import command_line
from dripline.cli.support.session import open_dripline
from dripline.errors import InvalidInput


def test_it_fills_a_database_serves_it_and_ends_with_one_signal(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "dripline", "demo", "--serve", "--leads", "200", "--db", "shop.db", "--port", "0"]
    with subprocess.Popen(command, cwd=tmp_path, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        assert running.stderr is not None
        seen = next(line for line in running.stderr if "serving url=http://127.0.0.1:" in line)
        answer = httpx.get(f"{seen.strip().rpartition('url=')[2]}/hooks/nobody")
        running.send_signal(signal.SIGINT)
        shown, _ = running.communicate(timeout=60)

    assert answer.status_code == 404
    assert "200 leads" in shown
    assert "Nothing reaches anybody" in shown
    assert running.returncode == 0


def test_a_database_that_has_leads_is_refused(tmp_path: Path) -> None:
    path = str(tmp_path / "shop.db")
    with Dripline(path) as drip:
        drip.add_lead(phone="60123456789")
    done = CliRunner().invoke(command_line(["demo"]), ["demo", "--serve", "--db", path])

    assert isinstance(done.exception, InvalidInput)
    assert "holds leads already" in str(done.exception)


@pytest.mark.parametrize("option", ["--leads", "--seed"])
def test_the_example_takes_no_size(option: str) -> None:
    done = CliRunner().invoke(command_line(["demo"]), ["demo", option, "5"])

    assert isinstance(done.exception, InvalidInput)
    assert "are for dripline demo --serve" in str(done.exception)


def test_a_processor_has_the_sample_channel_for_a_sequence_that_names_it(tmp_path: Path) -> None:
    with open_dripline(str(tmp_path / "shop.db")) as drip:
        drip.apply(Sequence("Warm EXAMA", trigger="WARMEXAMA", channel="sample", steps=[Step("Hi")]))
        drip.add_leads([NewLead("60170100000", triggers=("WARMEXAMA",))])

        assert drip.tick().sent == 1
        assert drip.inbox.channels() == []
