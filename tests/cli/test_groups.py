"""Options before the name of a command of a group: they are the command's, or refused."""

import json
from pathlib import Path

import pytest
import typer.main
from commands import Run, commands_in, done_in
from typer.core import TyperGroup

from dripline.cli.support.registry import command_line

YAML = "name: Warm\ntrigger: WARM\nsteps:\n  - message: hi\n"


def commands() -> list[tuple[str, str]]:
    """Every command of every group."""
    everything = typer.main.get_command(command_line())
    assert isinstance(everything, TyperGroup)
    groups = {name: group for name, group in everything.commands.items() if isinstance(group, TyperGroup)}
    return [(name, command) for name, group in groups.items() for command in group.commands]


@pytest.fixture
def shop(tmp_path: Path) -> Run:
    """Two databases with one import each; none of the name that is taken without --db."""
    (tmp_path / "warm.yaml").write_text(YAML)
    (tmp_path / "leads.csv").write_text("phone,trigger\n0123456789,WARM\n")
    for database in ("one.db", "other.db"):
        done_in(tmp_path, ("apply", "warm.yaml", "--db", database), ("import", "leads.csv", "--db", database))
    return commands_in(tmp_path)


def removed(shop: Run, database: str) -> int:
    (told,) = json.loads(shop("imports", "--db", database, "--json").stdout)
    return told["removed"]


def test_a_command_of_a_group_works_on_the_database_named_before_it(shop: Run, tmp_path: Path) -> None:
    undone = shop("imports", "--db", "other.db", "undo", "1")

    assert undone.returncode == 0, undone.stderr
    assert (removed(shop, "one.db"), removed(shop, "other.db")) == (0, 1)
    assert not (tmp_path / "dripline.db").exists()


def test_what_a_command_is_given_itself_stands(shop: Run) -> None:
    shop("imports", "--db", "one.db", "undo", "1", "--db", "other.db")

    assert (removed(shop, "one.db"), removed(shop, "other.db")) == (0, 1)


def test_what_a_command_does_not_take_is_refused(shop: Run) -> None:
    refused = shop("sequences", "--archived", "--db", "one.db", "rename", "Warm", "Hot")

    assert refused.returncode == 2
    assert refused.stderr == "dripline: sequences rename takes no --archived: leave it out.\n"


@pytest.mark.parametrize(("group", "command"), commands())
def test_every_command_of_a_group_takes_the_database(group: str, command: str) -> None:
    everything = typer.main.get_command(command_line([group]))
    assert isinstance(everything, TyperGroup)
    found = everything.commands.get(group, everything)
    assert isinstance(found, TyperGroup)
    assert "db" in {parameter.name for parameter in found.commands[command].params}
