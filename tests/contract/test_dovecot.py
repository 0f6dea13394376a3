"""Answers and returned mails, read from a mailbox at Debian's Dovecot on loopback.

It runs as root alone, from a folder of its own; nothing of the machine's own mail server is touched.
"""

import imaplib
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from mail_server import USER, free_port, listens, program

from dripline import Dripline, NewLead, Sequence, Step, VirtualClock
from dripline.channels.smtp.channel import Security, SmtpChannel
from dripline.channels.smtp.imap import ImapMailbox
from support.mails import Mails
from support.real_time import eventually

DOVECOT = program("dovecot")

CONFIGURATION = """
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
mail_location = maildir:{folder}/mail/%u
first_valid_uid = 1
auth_failure_delay = 0
passdb {{
  driver = static
  args = password=right-word
}}
userdb {{
  driver = static
  args = uid={user} gid={user} home={folder}/home/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
"""


@dataclass(frozen=True, slots=True)
class MailStore:
    """A Dovecot that runs."""

    port: int
    folder: Path

    def mailbox(self, password: str = "right-word") -> ImapMailbox:  # noqa: S107  (the server's own)
        return ImapMailbox("127.0.0.1", self.port, username="lina", password=password, security=Security.NONE)

    def client(self) -> imaplib.IMAP4:
        client = imaplib.IMAP4("127.0.0.1", self.port, timeout=20)
        client.login("lina", "right-word")
        return client

    def deliver(self, *mails: str) -> None:
        with self.client() as client:
            for mail in mails:
                client.append("INBOX", "", "", mail.replace("\n", "\r\n").encode())

    def flags(self) -> list[bytes]:
        """Return the flags of each mail that is there."""
        with self.client() as client:
            client.select("INBOX", readonly=True)
            found: list[bytes] = client.fetch("1:*", "(FLAGS)")[1]  # type: ignore[assignment]
            return [flags.partition(b"FLAGS (")[2] for flags in found]

    def logged(self, word: str) -> int:
        return sum(word in line for line in (self.folder / "log").read_text().splitlines())


@pytest.fixture
def store() -> Iterator[MailStore]:
    if DOVECOT is None:
        pytest.skip("Dovecot is not there, or not ours to start (apt-get install dovecot-imapd, as root): nothing read")
    port = free_port()
    # Not in pytest's own temporary folder: its processes run as another user, who may not look into that.
    with tempfile.TemporaryDirectory(prefix="dripline-dovecot-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        for made in ("run", "mail", "home"):
            (folder / made).mkdir()
            shutil.chown(folder / made, USER, USER)
        (folder / "conf").write_text(CONFIGURATION.format(folder=folder, port=port, user=USER))
        process = subprocess.Popen([DOVECOT, "-F", "-c", str(folder / "conf")], stderr=subprocess.DEVNULL)
        try:
            eventually(lambda: listens(port))
            yield MailStore(port, folder)
        finally:
            process.terminate()
            process.wait()


@dataclass
class Shop:
    """A shop with a run of three mails for each of two leads, the first of which has gone."""

    drip: Dripline
    clock: VirtualClock
    mails: Mails

    def look(self) -> None:
        """Read the mailbox, and take in what was read."""
        self.clock.advance(timedelta(minutes=1))
        self.drip.tick()
        self.drip.tick()

    def sent_to(self, who: str) -> str:
        """Return the Message-ID of what went to somebody."""
        return next(str(mail["Message-ID"]) for mail in self.mails.taken if mail["To"] == who)

    def statuses(self, who: str) -> list[str]:
        return [record.status for record in self.drip.records(email=who)]

    def barred(self) -> list[str]:
        return [barred.address for barred in self.drip.leads.suppressions()]


Open = Callable[..., Shop]


@pytest.fixture
def open_shop(store: MailStore, url: str) -> Iterator[Open]:
    mails, clock = Mails(), VirtualClock(datetime.now(UTC).replace(microsecond=0))  # noqa: TID251  (the mailbox's own)
    controller = Controller(mails, hostname="127.0.0.1", port=free_port())
    controller.start()
    opened: list[Dripline] = []

    def begin(**settings: str) -> Shop:
        channel = SmtpChannel(
            "127.0.0.1", controller.port, sender="lina@shop.test", now=clock.now, security=Security.NONE,
            inboxes={"lina": store.mailbox(**settings)},
        )  # fmt: skip
        drip = Dripline(url, clock=clock, channels={"smtp": channel})
        opened.append(drip)
        steps = [Step("One"), Step("Two", "1d"), Step("Three", "1d")]
        drip.apply(Sequence("Warm", trigger="WARM", channel="smtp", steps=steps))
        leads = [NewLead(None, email=f"{who}@example.com", triggers=("WARM",)) for who in ("aina", "farah")]
        drip.add_leads(leads)
        drip.tick()
        return Shop(drip, clock, mails)

    yield begin
    for drip in opened:
        drip.close()
    controller.stop()


@pytest.fixture
def shop(open_shop: Open) -> Shop:
    return open_shop()


AINA, FARAH = "aina@example.com", "farah@example.com"


def answer(text: str, *, who: str = AINA, to: str = "", key: str = "a1", more: str = "") -> str:
    in_reply_to = f"In-Reply-To: {to}\n" if to else ""
    return (
        f"From: Aina <{who}>\nTo: lina@shop.test\nSubject: Re: Warm\nMessage-ID: <{key}@example.com>\n"
        f"{in_reply_to}{more}Content-Type: text/plain; charset=utf-8\n\n{text}\n"
    )


def returned(status: str, diagnostic: str, *, to: str = FARAH, message_id: str = "", action: str = "failed") -> str:
    original = f"--b\nContent-Type: message/rfc822\n\nMessage-ID: {message_id}\nTo: {to}\n\nOne\n" if message_id else ""
    return (
        f"From: Mail Delivery System <MAILER-DAEMON@mail.shop.test>\nReturn-Path: <>\nTo: lina@shop.test\n"
        f"Subject: Undelivered Mail Returned to Sender\nMessage-ID: <r{hash(diagnostic)}@mail.shop.test>\n"
        "Auto-Submitted: auto-replied\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nI could not deliver it.\n"
        "--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mail.shop.test\n\n"
        f"Final-Recipient: rfc822; {to}\nAction: {action}\nStatus: {status}\nDiagnostic-Code: smtp; {diagnostic}\n\n"
        f"{original}--b--\n"
    )


@pytest.mark.parametrize("by", ["its mail", "its address", "its mail from another address"])
def test_an_answer_ends_the_run_of_whoever_wrote(store: MailStore, shop: Shop, by: str) -> None:
    to = "" if by == "its address" else shop.sent_to(AINA)
    store.deliver(answer("Yes please!", to=to, who="work@elsewhere.test" if "another" in by else AINA))
    shop.look()

    assert shop.statuses(AINA) == ["completed", "cancelled", "cancelled"]
    assert shop.statuses(FARAH) == ["completed", "active", "pending"]
    assert shop.barred() == []


def test_a_stop_in_an_answer_bars_whatever_it_quotes(store: MailStore, shop: Shop) -> None:
    quoted = "STOP\n\nOn Thu, 1 Jan 2026 at 08:30, Lina <lina@shop.test> wrote:\n> Please write back!"
    store.deliver(answer(quoted, to=shop.sent_to(AINA)))
    shop.look()

    assert shop.barred() == [AINA]


def test_a_quoted_stop_is_nobodys_word(store: MailStore, shop: Shop) -> None:
    quoted = "Sounds good.\n\nOn Thu, 1 Jan 2026 at 08:30, Lina <lina@shop.test> wrote:\n> STOP\n"
    store.deliver(answer(quoted, to=shop.sent_to(AINA)))
    shop.look()

    assert shop.statuses(AINA) == ["completed", "cancelled", "cancelled"]
    assert shop.barred() == []


@pytest.mark.parametrize(
    "more",
    ["Auto-Submitted: auto-replied\n", "Precedence: bulk\n", "X-Autoreply: yes\n", "Return-Path: <>\n"],
)
def test_what_a_program_answers_is_no_answer(store: MailStore, shop: Shop, more: str) -> None:
    store.deliver(answer("I am away. STOP", to=shop.sent_to(AINA), more=more))
    shop.look()

    assert shop.statuses(AINA) == ["completed", "active", "pending"]
    assert shop.barred() == []


@pytest.mark.parametrize("names_it", [True, False])
def test_a_mail_that_came_back_for_a_missing_mailbox_bars_it(store: MailStore, shop: Shop, *, names_it: bool) -> None:
    message_id = shop.sent_to(FARAH) if names_it else ""
    store.deliver(returned("5.1.1", "550 5.1.1 <farah@example.com>: User unknown", message_id=message_id))
    shop.look()

    assert shop.barred() == [FARAH]
    assert shop.statuses(FARAH) == ["completed", "cancelled", "cancelled"]
    assert shop.statuses(AINA) == ["completed", "active", "pending"]


@pytest.mark.parametrize(
    ("status", "diagnostic", "action"),
    [
        ("5.7.1", "550 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.example", "failed"),
        ("5.2.2", "552 5.2.2 mailbox full", "failed"),
        ("5.0.0", "550 relay not permitted", "failed"),
        ("4.4.1", "451 4.4.1 no answer from host", "delayed"),
    ],
)
def test_a_mail_that_came_back_for_anything_else_bars_nobody(
    store: MailStore, shop: Shop, status: str, diagnostic: str, action: str
) -> None:
    store.deliver(returned(status, diagnostic, message_id=shop.sent_to(FARAH), action=action))
    shop.look()

    assert shop.barred() == []
    assert shop.statuses(FARAH) == ["completed", "active", "pending"]


def test_a_mailbox_is_read_once_and_left_as_it_is(store: MailStore, shop: Shop) -> None:
    store.deliver(*(answer(f"Answer {key}", to=shop.sent_to(AINA), key=f"a{key}") for key in range(3)))
    for _ in range(3):
        shop.look()
    store.deliver(answer("STOP", who=FARAH, to=shop.sent_to(FARAH), key="b"))
    shop.look()

    assert len(store.flags()) == 4
    assert not any(b"Seen" in flags or b"Deleted" in flags for flags in store.flags())
    assert shop.barred() == [FARAH]
    assert shop.drip.inbox.process() == 0


def test_a_processor_that_starts_again_takes_nothing_twice(store: MailStore, open_shop: Open) -> None:
    shop = open_shop()
    store.deliver(answer("Hello", to=shop.sent_to(AINA)))
    shop.look()
    shop.drip.add_lead(email=AINA, triggers=["AGAIN"])
    again = open_shop()
    again.drip.apply(Sequence("Again", trigger="AGAIN", channel="smtp", steps=[Step("1"), Step("2", "1d")]))
    again.look()

    assert again.statuses(AINA)[-2:] == ["completed", "active"]


def test_a_wrong_password_of_a_mailbox_is_said_and_not_tried_again_at_once(
    store: MailStore, open_shop: Open, caplog: pytest.LogCaptureFixture
) -> None:
    shop = open_shop(password="wrong-word")
    for _ in range(5):
        shop.look()

    assert store.logged("auth failed") == 1
    (told,) = [record.getMessage() for record in caplog.records if "mailbox.unsure" in record.getMessage()]
    (line,) = [one.told for one in shop.drip.alerts.all() if one.name == "lina"]
    assert line.startswith("The mailbox lina cannot be read, and nobody hears what people answer")
    assert "correct its username and password ([AUTHENTICATIONFAILED] Authentication failed.)" in line
    assert shop.drip.inbox.channels() == []
    assert "correct its username and password" in told
    assert "wrong-word" not in told
