"""Mail through Debian's Exim on loopback: what it refuses us, and what dripline makes of that.

It runs as root alone, from a folder of its own; nothing of the machine's own mail server is touched.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from mail_server import USER, free_port, listens, program

from dripline import Dripline, NewLead, Sender, Sequence, Step, VirtualClock
from dripline.channels.smtp.channel import Security, SmtpChannel
from support.real_time import eventually

NOW = datetime(2026, 1, 1, 8, 30, tzinfo=UTC)
EXIM = program("exim4", user="Debian-exim")
"""Debian builds in the name of its user, and Exim ends at its start where nobody is called that."""

MANY = 1_000

CONFIGURATION = """
primary_hostname = mail.shop.test
spool_directory = {folder}/spool
log_file_path = {folder}/%slog
pid_file_path = {folder}/pid
exim_user = {user}
exim_group = {user}
never_users =
keep_environment =
local_interfaces = 127.0.0.1
daemon_smtp_ports = {port}
tls_advertise_hosts =
smtp_accept_queue_per_connection = 0
acl_smtp_rcpt = rcpt
acl_smtp_mail = mail
acl_smtp_connect = connect

begin acl
connect:
{connect}
  accept
mail:
{mail}
  accept
rcpt:
{rcpt}
  deny domains = shop.test
       !verify = recipient
  accept domains = shop.test
  accept authenticated = *
  deny message = relay not permitted

begin routers
known:
  driver = accept
  local_parts = aina : farah
  transport = kept

begin transports
kept:
  driver = appendfile
  directory = {folder}/mail/$local_part
  maildir_format
  user = {user}

begin authenticators
plain:
  driver = plaintext
  public_name = PLAIN
  server_prompts = :
  server_condition = ${{if and{{{{eq{{$auth2}}{{shop}}}}{{eq{{$auth3}}{{right-word}}}}}}}}
  server_set_id = $auth2
login:
  driver = plaintext
  public_name = LOGIN
  server_prompts = Username:: : Password::
  server_condition = ${{if and{{{{eq{{$auth1}}{{shop}}}}{{eq{{$auth2}}{{right-word}}}}}}}}
  server_set_id = $auth1
"""


@dataclass(frozen=True, slots=True)
class Exim:
    """An Exim that runs."""

    port: int
    folder: Path

    def channel(self, username: str | None = None, password: str | None = None) -> SmtpChannel:
        return SmtpChannel(
            "127.0.0.1", self.port, sender="Kak Lina <shop@mail.test>", now=lambda: NOW, security=Security.NONE,
            username=username, password=password,
        )  # fmt: skip

    def logged(self, word: str) -> int:
        """Return how many lines of its log hold a word."""
        return sum(word in line for line in (self.folder / "mainlog").read_text().splitlines())


Start = Callable[..., Exim]


@pytest.fixture
def exim() -> Iterator[Start]:
    """Starts an Exim, whose ACLs begin with what is given for `connect`, `mail` and `rcpt`."""
    if EXIM is None:
        pytest.skip("Exim or its user Debian-exim is not there, or we are not root (.ci/run makes both)")
    started: list[subprocess.Popen[bytes]] = []
    # Not in pytest's own temporary folder: its processes run as another user, who may not look into that.
    with tempfile.TemporaryDirectory(prefix="dripline-exim-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "spool").mkdir()
        shutil.chown(folder / "spool", USER)
        shutil.chown(folder, USER)

        def start(*, connect: str = "", mail: str = "", rcpt: str = "") -> Exim:
            port, written = free_port(), folder / "conf"
            acls = {"connect": connect, "mail": mail, "rcpt": rcpt}
            written.write_text(CONFIGURATION.format(folder=folder, user=USER, port=port, **acls))
            started.append(subprocess.Popen([str(EXIM), "-bdf", "-C", str(written)], stderr=subprocess.DEVNULL))
            eventually(lambda: listens(port))
            return Exim(port, folder)

        yield start
        for process in started:
            process.terminate()
            process.wait()


@dataclass
class Run:
    """A list that was enrolled and a day of passes over it."""

    drip: Dripline
    clock: VirtualClock

    def passes(self, hours: int) -> None:
        self.drip.tick()
        for _ in range(hours * 4):
            self.clock.advance(timedelta(minutes=15))
            self.drip.tick()

    def barred(self) -> list[str]:
        return [barred.address for barred in self.drip.leads.suppressions()]

    def statuses(self) -> set[str]:
        return {record.status for record in self.drip.records()}

    def told(self) -> list[str]:
        return [one.told for one in self.drip.alerts.all() if one.name in {"smtp", "lina"}]


@pytest.fixture
def run(url: str) -> Iterator[Callable[..., Run]]:
    opened: list[Dripline] = []

    def begin(mail: SmtpChannel, leads: list[str], *, has_sender: bool) -> Run:
        clock = VirtualClock(NOW)
        drip = Dripline(url, clock=clock, channels={"smtp": mail})
        opened.append(drip)
        if has_sender:
            drip.senders.apply(Sender("lina", channel="smtp"))
        senders = ["lina"] if has_sender else []
        drip.apply(
            Sequence("Warm", trigger="WARM", channel="smtp", senders=senders, steps=[Step("Hi"), Step("2", "1h")])
        )
        drip.add_leads([NewLead(None, email=lead, triggers=("WARM",)) for lead in leads])
        return Run(drip, clock)

    yield begin
    for drip in opened:
        drip.close()


STRANGERS = [f"lead{number}@elsewhere.test" for number in range(MANY)]
NEIGHBOURS = [f"lead{number}@shop.test" for number in range(MANY)]


@pytest.mark.parametrize("has_sender", [True, False])
@pytest.mark.parametrize(
    ("acls", "leads", "remedied"),
    [
        ({}, STRANGERS, "username and password"),
        (
            {"rcpt": "  deny message = rejected because $sender_host_address is in a black list at zen.example"},
            NEIGHBOURS,
            "taken off it",
        ),
        ({"connect": "  drop message = 192.0.2.1 is listed at zen.example"}, NEIGHBOURS, "operator"),
        ({"mail": "  deny message = Sender verify failed"}, NEIGHBOURS, "From address"),
    ],
    ids=["no login", "listed", "greeting", "sender"],
)
def test_a_server_that_refuses_us_bars_nobody_of_a_thousand(
    exim: Start, run: Callable[..., Run], acls: dict[str, str], leads: list[str], remedied: str, *, has_sender: bool
) -> None:
    world = run(exim(**acls).channel(), leads, has_sender=has_sender)
    world.passes(3)

    (told,) = world.told()
    assert world.barred() == []
    assert world.statuses() == {"active", "pending"}
    assert remedied in told
    assert "\n" not in told


REPLIES = (
    "relay not permitted",
    "rejected because 192.0.2.1 is in a black list at zen.example",
    "Access denied - Invalid HELO name (See RFC2821 4.1.1.1)",
    "Sender rate overlimit - 120.0 / 1h",
    "Sender verify failed",
    "Please turn on SMTP Authentication in your mail client",
    "553 Relaying disallowed as shop@mail.test",
    "5.1.7 Bad sender address",
    "5.1.8 Sender address rejected",
    "5.4.5 Daily user sending limit exceeded",
    "5.4.6 Unusual sending rate detected",
    "530 5.7.0 Authentication required",
    "503 AUTH first",
    "Administrative prohibition",
    "Go away",
)


@pytest.mark.parametrize("reply", REPLIES)
def test_no_refusal_of_us_ends_anybodys_run(exim: Start, run: Callable[..., Run], reply: str) -> None:
    world = run(exim(rcpt=f"  deny message = {reply}").channel(), NEIGHBOURS[:50], has_sender=True)
    world.drip.tick()

    assert world.barred() == []
    assert world.statuses() == {"active", "pending"}
    assert len(world.told()) == 1


@pytest.mark.parametrize("has_sender", [True, False])
def test_a_wrong_password_is_tried_once_a_pass(exim: Start, run: Callable[..., Run], *, has_sender: bool) -> None:
    server = exim()
    world = run(server.channel("shop", "wrong-word"), STRANGERS, has_sender=has_sender)
    world.drip.tick()

    (told,) = world.told()
    assert server.logged("authenticator failed") == 1
    assert world.barred() == []
    assert world.statuses() == {"active", "pending"}
    assert "refuses our login: correct the username and password" in told
    assert "wrong-word" not in told


def test_a_right_password_sends_and_a_mailbox_that_is_not_there_is_barred(exim: Start, run: Callable[..., Run]) -> None:
    server = exim()
    world = run(
        server.channel("shop", "right-word"), ["aina@shop.test", "gone@shop.test", "farah@shop.test"], has_sender=True
    )
    world.drip.tick()

    assert world.barred() == ["gone@shop.test"]
    (failed,) = [record for record in world.drip.records() if record.status == "failed"]
    assert "Unrouteable address" in (failed.reason or "")
    eventually(lambda: server.logged("<= shop@mail.test") == 2)


@pytest.mark.parametrize("reply", ["5.1.1 no such user", "Unknown user", "No such user here"])
def test_the_words_of_a_missing_mailbox_bar_that_one(exim: Start, run: Callable[..., Run], reply: str) -> None:
    server = exim(rcpt=f"  deny local_parts = gone\n       message = {reply}")
    world = run(server.channel(), ["aina@shop.test", "gone@shop.test", "farah@shop.test"], has_sender=False)
    world.drip.tick()

    assert world.barred() == ["gone@shop.test"]
