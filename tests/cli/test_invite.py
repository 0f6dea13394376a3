"""A link into the dashboard, at the command line."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from dripline import Dripline
from dripline.cli.support.registry import command_line
from dripline.core.accounts.access import Role

PASSWORD = "correct horse battery"


def invited(*words: str) -> str:
    result = CliRunner().invoke(command_line(), ["invite", *words])
    assert result.exit_code == 0, result.output
    return result.output.rpartition("/welcome/")[2].strip()


@pytest.fixture
def db(tmp_path: Path) -> str:
    path = tmp_path / "shop.db"
    Dripline(f"sqlite:///{path}").close()
    return str(path)


def test_an_invitation_lets_somebody_in_by_its_role(db: str) -> None:
    secret = invited("--role", "viewer", "--db", db)
    with Dripline(db) as drip:
        session = drip.accounts.accept_link(secret, email="v@shop.example", name="V", password=PASSWORD)
        user = drip.accounts.user_of_session(session)

    assert user is not None
    assert user.role is Role.VIEWER


def test_a_user_who_lost_the_password_gets_another(db: str) -> None:
    secret = invited("--db", db)
    with Dripline(db) as drip:
        drip.accounts.accept_link(secret, email="a@shop.example", name="A", password=PASSWORD)
    again = invited("--user", "A@shop.example", "--db", db)
    with Dripline(db) as drip:
        drip.accounts.accept_link(again, email="", name="", password="another good one")

        assert drip.accounts.log_in("a@shop.example", "another good one", origin="here")


def test_nobody_is_invited_under_another_users_name(db: str) -> None:
    result = CliRunner().invoke(command_line(), ["invite", "--user", "nobody@shop.example", "--db", db])

    assert "There is no user nobody@shop.example" in str(result.exception)
