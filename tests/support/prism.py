"""Providers as their own specifications say, served by Prism: what is wrong by the contract gets 4xx."""

import shutil
import socket
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from support.real_time import eventually

ROOT = Path(__file__).parents[2]
PRISM = Path(__file__).parents[1] / "contract" / "node" / "node_modules" / ".bin" / "prism"
SPECS = ROOT.parent / "shared" / "specs"


@contextmanager
def serving(spec: str) -> Generator[str]:
    """Serve a specification on loopback, and yield where; skips, and says why, where that cannot be done."""
    if not PRISM.is_file() or shutil.which("node") is None:
        pytest.skip("Prism is not installed (make contracts), so no request was held against its specification")
    if not (SPECS / spec).is_file():
        pytest.skip(f"the specification {spec} is not beside this checkout")
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    command = [str(PRISM), "mock", "-h", "127.0.0.1", "-p", str(port), str(SPECS / spec)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            eventually(lambda: _is_up(f"http://127.0.0.1:{port}", process))
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _is_up(url: str, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, "Prism ended at once"
    try:
        httpx.get(url, timeout=5)
    except httpx.HTTPError:
        return False
    return True
