"""A real PgBouncer before the tests' PostgreSQL, where one is installed."""

import os
import select
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

PGBOUNCER = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin")

needs_pgbouncer = pytest.mark.skipif(PGBOUNCER is None, reason="there is no pgbouncer on this machine")


@contextmanager
def pool(url: str, mode: str, *, ignored: str = "", size: int = 20) -> Generator[str]:
    """Start a pool before the server of a URL; yields the URL of the same database through it."""
    # Not in pytest's own folder, which nobody else may read: a pool refuses to be root.
    folder = Path(tempfile.mkdtemp(prefix="dripline-pool-"))
    try:
        with _pool(url, folder, mode, ignored, size) as through:
            yield through
    finally:
        shutil.rmtree(folder)


@contextmanager
def _pool(url: str, folder: Path, mode: str, ignored: str, size: int) -> Generator[str]:
    assert PGBOUNCER is not None
    there = conninfo_to_dict(url)
    port = _free_port()
    settings = {
        "listen_addr": "127.0.0.1",
        "listen_port": port,
        "unix_socket_dir": "",
        "auth_type": "trust",
        "auth_file": folder / "users",
        "pool_mode": mode,
        "default_pool_size": size,
        "max_client_conn": 200,
        **({"ignore_startup_parameters": ignored} if ignored else {}),
    }
    server = f"host={there.get('host', '127.0.0.1')} port={there.get('port', 5432)}"
    lines = ["[databases]", f"* = {server}", "[pgbouncer]", *(f"{key} = {value}" for key, value in settings.items())]
    (folder / "pgbouncer.ini").write_text("\n".join(lines))
    (folder / "users").write_text(f'"{there.get("user", "postgres")}" ""\n')
    for path in (folder, *folder.iterdir()):
        path.chmod(0o755)
    host = Path(str(there.get("host", "/")))
    user = host.stat().st_uid if os.geteuid() == 0 and host.is_absolute() else os.geteuid()
    words = [PGBOUNCER, "-q", folder / "pgbouncer.ini"]
    with (folder / "pgbouncer.log").open("w") as log:
        process = subprocess.Popen(words, user=user, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    through = f"postgresql://{there.get('user', 'postgres')}@127.0.0.1:{port}/{there['dbname']}"
    try:
        _wait_for(through, process, folder / "pgbouncer.log")
        yield through
    finally:
        process.terminate()
        process.wait()


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        return door.getsockname()[1]


def _wait_for(url: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    for _ in range(100):
        assert process.poll() is None, log.read_text()
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            select.select([], [], [], 0.05)
        else:
            return
    raise AssertionError(log.read_text())
