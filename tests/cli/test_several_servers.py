"""A URL that names several servers, in commands: the one that answers is used, and the password is told nowhere."""

from collections.abc import Callable
from pathlib import Path

import pytest
from commands import commands_in
from psycopg.conninfo import conninfo_to_dict

PASSWORD = "hunter2" * 2


@pytest.fixture
def several(new_url: Callable[[str], str]) -> str:
    there = conninfo_to_dict(new_url("postgresql"))
    hosts = f"host=/nowhere/gone,{there['host']}&target_session_attrs=read-write"
    return f"postgresql://{there['user']}:{PASSWORD}@/{there['dbname']}?{hosts}"


@pytest.mark.parametrize("command", [("doctor",), ("migrate", "--dry-run"), ("report",), ("export",), ("tick",)])
def test_commands_use_the_server_that_answers(tmp_path: Path, several: str, command: tuple[str, ...]) -> None:
    asked = commands_in(tmp_path)(*command, DRIPLINE_DB=several)

    assert asked.returncode == 0, asked.stderr
    assert PASSWORD not in asked.stdout + asked.stderr


@pytest.mark.parametrize("command", ["doctor", "migrate", "worker"])
def test_where_none_answers_each_says_why_and_the_password_is_told_nowhere(tmp_path: Path, command: str) -> None:
    url = f"postgresql://shop:{PASSWORD}@127.0.0.1:1,127.0.0.1:2/shop"
    asked = commands_in(tmp_path)(command, DRIPLINE_DB=url)

    assert asked.returncode == 2
    assert asked.stderr.startswith("dripline: postgresql://127.0.0.1:1,127.0.0.1:2/shop cannot be reached: ")
    assert asked.stderr.count("Connection refused") == 2
    assert PASSWORD not in asked.stdout + asked.stderr


def test_a_report_says_how_far_the_standby_was_behind(tmp_path: Path, several: str) -> None:
    asked = commands_in(tmp_path)("report", DRIPLINE_DB=several, DRIPLINE_DB_REPLICA=several)

    assert asked.returncode == 0, asked.stderr
    assert "Read from a replica, 0.0 s behind." in asked.stdout
