"""`dripline sources`: who hands leads in, from its making to its end."""

import json
import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dripline import Dripline
from dripline.cli.support.registry import command_line

MASTER = "what-secrets-are-made-of-" + "0f1e2d3c4b5a"


def run(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(command_line(), list(words))
    assert result.exit_code == code, result.output
    return result.output


@pytest.fixture(autouse=True)
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Dripline("dripline.db").close()


def test_a_source_is_made_listed_and_dropped() -> None:
    assert "There are no lead sources" in run("sources")
    told = run("sources", "add", "Website", "--trigger", "warm", "--keep", "niche", "--keep", "device")
    listed = run("sources")

    assert re.match(r"It posts to /intake/website\?key=[0-9a-f]{64}\n", told)
    assert "Signed posts need DRIPLINE_WEB_SECRET." in told
    assert re.search(r"website.*WARM.*niche device.*0.*never", listed)
    assert run("sources", "drop", "website") == "The source website is deleted; its leads stay.\n"
    assert "There is no source website." in run("sources", "drop", "website", code=1)


def test_what_it_proves_itself_by_is_for_programs_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRIPLINE_WEB_SECRET", MASTER)
    made = json.loads(run("sources", "add", "crm", "--names-triggers", "--json"))

    assert made["secret"].startswith("whsec_")
    assert (made["source"]["name"], made["source"]["names_triggers"]) == ("crm", True)
    assert [one["name"] for one in json.loads(run("sources", "--json"))] == ["crm"]
    with Dripline("dripline.db") as drip:
        assert drip.sources.of_post("crm", key=made["key"], headers={}, body=b"") is not None
