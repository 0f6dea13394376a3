"""Hosts as network namespaces, joined by a bridge, on one machine: each has an address, and a link that can be cut."""

import os
import shutil
import subprocess
from collections.abc import Generator, Iterable, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

IP, TC = (shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") or name for name in ("ip", "tc"))

OUTSIDE = "254"
"""The machine's own place on the bridge."""


@dataclass(frozen=True, slots=True)
class Program:
    """A program that runs in the foreground on a host."""

    name: str
    process: "subprocess.Popen[bytes]"
    log: Path

    def kill(self) -> None:
        """End it at once, as a lost power supply does: it and whatever it started."""
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, 9)
        self.process.wait()

    def ask_to_end(self) -> None:
        """Ask it to end, and wait until it has."""
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.kill()

    def logged(self) -> str:
        """What it has logged so far."""
        return self.log.read_text(errors="replace")


@dataclass(frozen=True, slots=True)
class Host:
    """One host: a namespace with a link to the bridge."""

    name: str
    address: str
    namespace: str
    link: str
    folder: Path
    programs: dict[str, Program] = field(default_factory=dict[str, Program], hash=False)

    def start(
        self, name: str, *words: object, user: str = "", env: Mapping[str, str] | None = None, cwd: Path | None = None
    ) -> Program:
        """Start a program here, as another user than root where it refuses to be that."""
        as_user = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"] if user else []
        log = self.folder / f"{name}.log"
        with log.open("ab") as opened:
            process = subprocess.Popen(
                [IP, "netns", "exec", self.namespace, *as_user, *(str(word) for word in words)],
                stdin=subprocess.DEVNULL,
                stdout=opened,
                stderr=opened,
                env=dict(env) if env is not None else {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"},
                cwd=cwd or self.folder,
                start_new_session=True,
            )
        self.programs[name] = made = Program(name, process, log)
        return made

    def cut(self) -> None:
        """Take the link down: nobody is reached from here, nor reaches it."""
        run(IP, "link", "set", self.link, "down")

    def join(self) -> None:
        """Take the link up again."""
        run(IP, "link", "set", self.link, "up")

    def slow_down(self, rate: str) -> None:
        """Let no more than so much reach this host in a second."""
        words = (TC, "qdisc", "replace", "dev", self.link, "root", "tbf")
        run(*words, "rate", rate, "burst", "16kbit", "latency", "2s")

    def speed_up(self) -> None:
        """Let everything reach it again."""
        run(TC, "qdisc", "del", "dev", self.link, "root")


def run(*words: str) -> None:
    """Run a program of the system, and fail with what it says."""
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(words)}: {done.stderr}"


def refused() -> str:
    """Why no hosts can be made here; empty where they can, as on most machines whose root one is."""
    name = f"fo{os.getpid() % 0xFFFF:04x}x"
    tried = (
        f"{IP} netns add {name}",
        f"{IP} -n {name} link add name bridge0 type bridge",
        f"{IP} -n {name} link add name veth0 type veth peer name veth1",
        f"{TC} -n {name} qdisc add dev veth0 root tbf rate 1mbit burst 16kbit latency 1s",
    )
    try:
        for command in tried:
            done = subprocess.run(command.split(), capture_output=True, text=True, check=False)
            if done.returncode:
                return f"{command}: {done.stderr.strip()}"
        return ""
    finally:
        subprocess.run([IP, "netns", "del", name], check=False, capture_output=True)


@contextmanager
def network(names: Iterable[str], folder: Path) -> Generator[tuple[list[Host], str]]:
    """Make hosts on a bridge; yields them and the machine's own address there. Everything is gone at the end."""
    own = f"{os.getpid() % 0xFFFF:04x}"
    bridge, subnet = f"fo{own}", f"10.{os.getpid() % 90 + 100}.{os.getpid() // 90 % 250}"
    hosts = list[Host]()
    try:
        run(IP, "link", "add", bridge, "type", "bridge", "stp_state", "0", "forward_delay", "0")
        run(IP, "addr", "add", f"{subnet}.{OUTSIDE}/24", "dev", bridge)
        run(IP, "link", "set", bridge, "up")
        for number, name in enumerate(names, start=1):
            host = Host(name, f"{subnet}.{number}", f"fo{own}{name}", f"fo{own}{number}", folder / name)
            host.folder.mkdir()
            hosts.append(host)
            _connect(host, bridge)
        yield hosts, f"{subnet}.{OUTSIDE}"
    finally:
        for host in hosts:
            for program in host.programs.values():
                program.kill()
            _end_rest(host)
            subprocess.run([IP, "netns", "del", host.namespace], check=False, capture_output=True)
        subprocess.run([IP, "link", "del", bridge], check=False, capture_output=True)


def _connect(host: Host, bridge: str) -> None:
    inside = (IP, "-n", host.namespace)
    run(IP, "netns", "add", host.namespace)
    run(IP, "link", "add", host.link, "type", "veth", "peer", "name", "eth0", "netns", host.namespace)
    run(IP, "link", "set", host.link, "master", bridge, "up")
    run(*inside, "addr", "add", f"{host.address}/24", "dev", "eth0")
    run(*inside, "link", "set", "eth0", "up")
    run(*inside, "link", "set", "lo", "up")


def _end_rest(host: Host) -> None:
    """End what the programs left behind in a namespace, such as a server whose parent was killed."""
    kill_all(pids(host))


def pids(host: Host) -> list[int]:
    """The processes that run on a host."""
    found = subprocess.run([IP, "netns", "pids", host.namespace], capture_output=True, text=True, check=False)
    return [int(word) for word in found.stdout.split()]


def kill_all(processes: Iterable[int]) -> None:
    """End processes at once."""
    for one in processes:
        with suppress(ProcessLookupError):
            os.kill(one, 9)
