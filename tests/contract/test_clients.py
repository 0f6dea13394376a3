"""Clients that generators of other people make of our description, in Python and in TypeScript, call a real server."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from dripline import Dripline
from dripline.core.accounts.access import Scope
from support.served import served

HERE = Path(__file__).parent
PYTHON = Path(sys.prefix) / "clients" / "bin"
NODE = HERE / "node" / "node_modules"

CAME_OF_IT: dict[str, object] = {
    "made": 1,
    "written": [1, "keep", []],
    "is_the_same": True,
    "sequences": ["Warm"],
    "added": {"added": 1, "updated": 0, "enrolled": 1},
    "lead": ["60123456789", "Aina", ["WARM"], ["active", "pending"]],
    "added_again": {"added": 0, "updated": 0, "enrolled": 0},
    "listed": ["60123456789"],
    "refused": [True, 422, "invalid_phone"],
    "imported": ["finished", 1, 1, 1],
    "found": True,
    "rows": [3],
    "undone": ["undone"],
}
"""What either client is told of what it does: a sequence, a lead and a list there and back."""


@pytest.fixture
def token(tmp_path: Path) -> str:
    with Dripline(str(tmp_path / "shop.db")) as drip:
        return drip.accounts.create_token("client", scopes=list(Scope))[1]


@pytest.fixture
def server(tmp_path: Path, token: str) -> Iterator[str]:
    with served(str(tmp_path / "shop.db"), tmp_path / "server.log") as url:
        headers = {"authorization": f"Bearer {token}"}
        described = httpx.get(f"{url}/api/v1/openapi.json", headers=headers, timeout=60)
        (tmp_path / "openapi.json").write_bytes(described.content)
        yield url


def test_a_client_in_python(server: str, token: str, tmp_path: Path) -> None:
    if not (PYTHON / "openapi-python-client").is_file():
        pytest.skip("openapi-python-client is not installed (make contracts), so no client in Python was made")
    (tmp_path / "config.yaml").write_text("post_hooks: []\n", encoding="utf-8")
    made = run(
        tmp_path,
        *(str(PYTHON / "openapi-python-client"), "generate", "--path", "openapi.json", "--config", "config.yaml"),
        *("--output-path", "made_client", "--meta", "none", "--fail-on-warning"),
    )
    assert "arning" not in made
    shutil.copy(HERE / "clients" / "client.py", tmp_path)

    assert json.loads(run(tmp_path, str(PYTHON / "python"), "client.py", server, token)) == CAME_OF_IT


def test_a_client_in_typescript(server: str, token: str, tmp_path: Path) -> None:
    if not (NODE / "openapi-typescript").is_dir() or shutil.which("node") is None:
        pytest.skip("openapi-typescript is not installed (make contracts), so no client in TypeScript was made")
    (tmp_path / "node_modules").symlink_to(NODE)
    (tmp_path / "package.json").write_text('{"type": "module"}', encoding="utf-8")
    shutil.copy(HERE / "clients" / "client.ts", tmp_path)
    # A field with a default may be left out by whoever writes it.
    run(tmp_path, tool("openapi-typescript"), "openapi.json", "-o", "schema.d.ts", "--default-non-nullable=false")
    checks = ("--strict", "--noUncheckedIndexedAccess", "--skipLibCheck", "--target", "es2022")
    run(tmp_path, tool("tsc"), *checks, "--module", "nodenext", "--lib", "es2022,dom,dom.iterable", "client.ts")

    assert json.loads(run(tmp_path, "node", "client.js", server, token)) == CAME_OF_IT


def tool(name: str) -> str:
    return str(NODE / ".bin" / name)


def run(folder: Path, *command: str) -> str:
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=300, check=False, env={**os.environ}
    )
    assert done.returncode == 0, done.stdout[-3_000:] + done.stderr[-3_000:]
    return done.stdout
