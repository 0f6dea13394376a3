"""Users, tokens and open links over pages, API and command line: seen before they are revoked, and after."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from site_of import Site, site
from typer.testing import CliRunner

from dripline import Dripline
from dripline.cli.support.registry import command_line

BAD = "b@shop.example"


@pytest.fixture
def at(tmp_path: Path) -> Iterator[Site]:
    with Dripline(f"sqlite:///{tmp_path}/shop.db") as drip, site(drip) as made:
        made.come_in(email=BAD)
        bad = drip.accounts.users()[0]
        theirs = drip.as_actor(bad.actor)
        theirs.accounts.create_token("of b", scopes=["leads:read"])
        theirs.accounts.invite("operator")
        made.come_in()
        yield made


def number_of(at: Site, email: str) -> int:
    return next(user.id for user in at.drip.accounts.users() if user.email == email)


def test_a_page_says_first_what_is_theirs(at: Site) -> None:
    address = f"/settings/users/{number_of(at, BAD)}"
    asked = at.post(address, role="admin", disabled="1").text

    words = ("of b", "leads:read", "a new user as operator", "1 open session")
    assert [word for word in words if word not in asked] == []
    assert at.drip.accounts.users()[0].disabled_at is None
    told = at.post(address, role="admin", disabled="1", sure="1").text
    assert "disabled. Revoked: 1 token, 1 link, 1 session." in told
    assert at.drip.accounts.invitations() == []


def test_a_page_shows_open_links_and_takes_them_back(at: Site) -> None:
    link = at.drip.accounts.invitations()[0]

    assert f"user {BAD}" in at.page("/settings")
    assert "no longer works" in at.post(f"/settings/invitations/{link.id}/revoke").text
    assert "used already or is over" in at.post(f"/settings/invitations/{link.id}/revoke").text


def test_the_api_says_what_it_revokes_and_what_it_revoked(at: Site) -> None:
    headers = at.token("admin")
    address = f"/api/v1/users/{number_of(at, BAD)}"
    wanted = {"role": "admin", "is_disabled": True}

    planned = at.client.post(f"{address}/plan", json=wanted, headers=headers).json()
    done = at.client.put(address, json=wanted, headers=headers).json()

    assert [token["name"] for token in planned["tokens"]] == ["of b"]
    assert done["revoked"] == planned
    assert done["disabled_at"] is not None


def test_the_api_lists_open_links_and_takes_them_back(at: Site) -> None:
    headers = at.token("admin")
    listed = at.client.get("/api/v1/invitations", headers=headers).json()

    assert [(one["role"], one["created_by"]) for one in listed] == [("operator", f"user {BAD}")]
    for touched in (1, 0):
        answer = at.client.delete(f"/api/v1/invitations/{listed[0]['id']}", headers=headers)
        assert answer.json() == {"touched": touched}


def run(*words: str) -> tuple[int, str]:
    result = CliRunner().invoke(command_line(["users"]), list(words))
    return result.exit_code, result.output


@pytest.mark.usefixtures("at")
def test_the_command_line_says_first_what_is_theirs(tmp_path: Path) -> None:
    db = ("--db", f"{tmp_path}/shop.db")

    assert "a new user as operator, made by user b@shop.example" in run("users", *db)[1]
    planned = run("users", "disable", BAD, *db)[1]
    assert "would be revoked: the token of b" in planned
    assert "add --yes" in planned
    assert run("users", "disable", BAD, "--yes", *db)[1].endswith(f"{BAD} is disabled.\n")
    assert "disabled" in run("users", *db)[1]
    assert run("users", "enable", BAD, *db) == (0, f"{BAD} is enabled.\n")
    assert run("users", "revoke", "0" * 16, *db)[0] == 1
