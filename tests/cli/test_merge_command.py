"""`dripline merge`: what it says before, what it does, and what it refuses."""

import json
from pathlib import Path

import pytest
from commands import Run, commands_in, done_in

YAML = "name: Mail\ntrigger: T\nchannel: console\nsteps:\n  - message: One\n  - after: 1d\n    message: Two\n"
LEADS = "name,phone,email,trigger\nAina,0123456780,,T\n,,aina@example.com,T\n"


@pytest.fixture
def shop(tmp_path: Path) -> Run:
    """The command in a folder where one person is two leads, both at the first step of one sequence."""
    (tmp_path / "mail.yaml").write_text(YAML)
    (tmp_path / "leads.csv").write_text(LEADS)
    return commands_in(done_in(tmp_path, ("apply", "mail.yaml"), ("import", "leads.csv")))


def test_a_merge_is_said_before_it_is_done(shop: Run) -> None:
    planned = shop("merge", "aina@example.com", "60123456780", "--dry-run")
    leads = [shop("show", address, "--json").stdout for address in ("60123456780", "aina@example.com")]
    done = shop("merge", "aina@example.com", "60123456780")

    assert planned.stdout.splitlines() == [
        "Lead 2 (aina@example.com) would become part of lead 1 (60123456780).",
        "It would have: 60123456780, aina@example.com, Aina",
        "Lead 2 leaves 'Mail', at step 1: another run is further on.",
    ]
    assert leads[0] != leads[1]
    assert done.stdout.startswith("Lead 2 (aina@example.com) became part of lead 1 (60123456780).\nIt has: ")
    assert "Merged with lead 2" in shop("show", "aina@example.com").stdout
    assert shop("doctor").returncode == 0


def test_a_merge_tells_programs_the_same(shop: Run) -> None:
    planned = json.loads(shop("merge", "60123456780", "aina@example.com", "--dry-run", "--json").stdout)
    done = json.loads(shop("merge", "60123456780", "aina@example.com", "--json").stdout)

    assert planned == done
    assert (done["kept"]["id"], done["gone"]["id"], done["result"]["email"]) == (1, 2, "aina@example.com")


@pytest.mark.parametrize(
    ("pair", "told"),
    [
        (("60123456780", "60123456780"), "Both addresses are lead 1 already"),
        (("60123456780", "nobody@example.com"), "No lead has the address nobody@example.com"),
        (("60123456780", "12"), "12"),
    ],
)
def test_what_cannot_be_merged_is_refused_in_a_sentence(shop: Run, pair: tuple[str, str], told: str) -> None:
    refused = shop("merge", *pair)

    assert refused.returncode != 0
    assert told in refused.stderr
    assert "Traceback" not in refused.stderr
