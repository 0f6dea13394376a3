"""The API keeps to its own description, whatever it is sent: schemathesis, with all of its checks, over real HTTP."""

import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from dripline import Dripline, Sequence
from dripline.core.accounts.access import Scope
from support.served import served

HERE = Path(__file__).parent

SECONDS = int(os.environ.get("DRIPLINE_SCHEMA", "20"))
"""How long it is looked for faults; `make schema` takes half an hour."""

REVOKING = "/api/v1/tokens/{token_id}"
"""Tried apart: whatever revokes every token that it sees revokes its own, and tests nothing from then on."""


@pytest.fixture
def shop(tmp_path: Path, warm: Sequence) -> str:
    place = str(tmp_path / "shop.db")
    with Dripline(place) as drip:
        drip.apply(warm)
        for number in range(60, 100):
            drip.add_lead(phone=f"601234567{number:02}", name="Aina", triggers=["WARMEXAMA"])
    return place


def test_no_call_breaks_the_description(shop: str, tmp_path: Path) -> None:
    with served(shop, tmp_path / "server.log") as url:
        done = fuzzed(url, shop, tmp_path, "--exclude-path", REVOKING)
    with Dripline(shop) as drip:
        is_still_let_in = next(token for token in drip.accounts.tokens() if token.name == "schema").revoked_at is None

    assert done.returncode == 0, done.stdout[-60_000:]
    assert is_still_let_in, "it was turned away from some time on, and tested nothing"


def test_no_token_that_is_revoked_breaks_the_description(shop: str, tmp_path: Path) -> None:
    with served(shop, tmp_path / "server.log") as url:
        done = fuzzed(url, shop, tmp_path, "--include-path", REVOKING, seconds=5 + SECONDS // 20)

    assert done.returncode == 0, done.stdout[-60_000:]


def test_an_answer_that_is_not_as_described_is_found(shop: str, tmp_path: Path) -> None:
    with served(shop, tmp_path / "server.log") as url:
        done = fuzzed(url, shop, tmp_path, "--include-path", "/api/v1/reports/overview", lie=True, seconds=10)

    assert done.returncode == 1, done.stdout
    assert "Response violates schema" in done.stdout


def fuzzed(
    url: str, shop: str, folder: Path, *options: str, lie: bool = False, seconds: int = SECONDS
) -> "subprocess.CompletedProcess[str]":
    """Let schemathesis loose on a server, by the description that it gives of itself; or by one that is wrong."""
    with Dripline(shop) as drip:
        _, secret = drip.accounts.create_token("schema", scopes=list(Scope))
    header = {"authorization": f"Bearer {secret}"}
    described = httpx.get(f"{url}/api/v1/openapi.json", headers=header, timeout=60).json()
    if lie:
        described["components"]["schemas"]["OverviewFigures"]["properties"]["leads"] = {"type": "string"}
    (folder / "openapi.json").write_text(json.dumps(described))
    command = [sys.executable, "-m", "schemathesis.cli", "--config-file", str(HERE / "schemathesis.toml"), "--no-color"]
    command += ["run", str(folder / "openapi.json"), "--url", url, "--checks", "all", "--max-time", str(seconds)]
    command += ["--header", f"Authorization: Bearer {secret}"]
    command += ["--continue-on-failure", "--suppress-health-check", "all", "--request-timeout", "60", *options]
    return subprocess.run(command, cwd=folder, text=True, capture_output=True, timeout=seconds + 120, check=False)
