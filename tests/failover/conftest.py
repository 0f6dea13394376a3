"""One cluster for all tests of this room, where the machine has what it takes; `make failover` installs that."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from network_hosts import network, refused
from patroni_cluster import Cluster, missing

SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  (each run has a folder of its own there)
ROOM_FOR_DATABASES = 4 << 30


def memory_or_disk() -> Path | None:
    """Where the servers keep their files. What is killed are processes and not the machine: memory keeps it."""
    has_room = SHARED_MEMORY.is_dir() and shutil.disk_usage(SHARED_MEMORY).free > ROOM_FOR_DATABASES
    return SHARED_MEMORY if has_room else None


@pytest.fixture(scope="session")
def room() -> Iterator[tuple[Cluster, Path, str]]:
    """A running cluster, a folder, and the machine's own address beside the hosts."""
    if lacking := missing():
        pytest.skip(f"not on this machine: {', '.join(lacking)}")
    if why := refused():
        pytest.skip(f"this machine makes no hosts of network namespaces: {why}")
    folder = Path(tempfile.mkdtemp(prefix="dripline-failover-", dir=memory_or_disk()))
    try:
        with network(["a", "b", "c"], folder) as (hosts, outside):
            cluster = Cluster(hosts)
            cluster.start()
            yield cluster, folder, outside
    finally:
        if "DRIPLINE_FAILOVER_KEEP" not in os.environ:
            shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def cluster(room: tuple[Cluster, Path, str]) -> Cluster:
    """The cluster, once it is whole."""
    room[0].until_whole()
    return room[0]


@pytest.fixture
def place(room: tuple[Cluster, Path, str]) -> tuple[Path, str]:
    """A folder, and the machine's own address."""
    return room[1:]
