"""Mail through Debian's postfix on loopback: what it delivers to a mailbox, and what dripline makes of its refusal.

It runs as root alone, from a folder of its own; nothing of the machine's own mail server is touched.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest
from mail_server import USER, free_port, greets, program

from dripline import Dripline, Sequence, Step, VirtualClock
from dripline.channels.smtp.channel import Security, SmtpChannel
from dripline.core.messages.unsubscribe_links import UnsubscribeLinks
from support.real_time import eventually

NOW = datetime(2026, 1, 1, 8, 30, tzinfo=UTC)
POSTFIX = program("postfix")
DOMAIN = "shop.test"
MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
mail_spool_directory = {folder}/mail/
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
mail_owner = postfix
setgid_group = postdrop
myhostname = mail.{domain}
mydestination = {domain}
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
alias_maps =
alias_database =
biff = no
"""

MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
pickup   unix n - n 60 1 pickup
cleanup  unix n - n -  0 cleanup
qmgr     unix n - n 300 1 qmgr
rewrite  unix - - n -  - trivial-rewrite
bounce   unix - - n -  0 bounce
defer    unix - - n -  0 bounce
trace    unix - - n -  0 bounce
proxymap unix - - n -  - proxymap
error    unix - - n -  - error
retry    unix - - n -  - error
local    unix - n n -  - local
anvil    unix - - n -  1 anvil
postlog  unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True, slots=True)
class MailServer:
    """A postfix, and where it delivers."""

    port: int
    folder: Path

    def delivered(self) -> list[EmailMessage]:
        """Return what is in the user's mailbox."""
        files = sorted((self.folder / "mail" / USER / "new").glob("*"))
        return [message_from_bytes(file.read_bytes(), policy=policy.default) for file in files]


@pytest.fixture
def server() -> Iterator[MailServer]:
    if POSTFIX is None:
        pytest.skip(
            "postfix is not installed, or not ours to start (apt-get install postfix, as root): no mail went by it"
        )
    port = free_port()
    # Not in pytest's own temporary folder: its processes run as another user, who may not look into that.
    with tempfile.TemporaryDirectory(prefix="dripline-postfix-") as name:
        folder = Path(name)
        prepare(folder, port)
        command = [POSTFIX, "-c", str(folder / "etc")]
        subprocess.run([*command, "start"], check=True, capture_output=True)
        try:
            eventually(lambda: greets(port))
            yield MailServer(port, folder)
        finally:
            subprocess.run([*command, "stop"], check=True, capture_output=True)


def prepare(folder: Path, port: int) -> None:
    """Write the configuration and make the folders that postfix wants, as it wants them."""
    folder.chmod(0o755)
    for made in ("etc", "queue", "data", "mail"):
        (folder / made).mkdir()
    (folder / "mail").chmod(0o1777)
    shutil.chown(folder / "data", "postfix")
    (folder / "etc" / "main.cf").write_text(MAIN.format(folder=folder, domain=DOMAIN))
    (folder / "etc" / "master.cf").write_text(MASTER.format(port=port))


def test_a_mail_is_delivered_and_an_unknown_user_is_barred(server: MailServer, url: str) -> None:
    links = UnsubscribeLinks("https://drip.example.com", secret="0123456789abcdef")
    mail = SmtpChannel(
        "127.0.0.1",
        server.port,
        sender=f"Kak Lina <lina@{DOMAIN}>",
        now=lambda: NOW,
        security=Security.NONE,
        links=links,
    )
    known, unknown = f"{USER}@{DOMAIN}", f"nobody.there@{DOMAIN}"
    step = Step("Hi {{ name }} 😊", subject="Untuk {{ name }}", html="<body><p>Hi <b>{{ name }}</b></p></body>")
    with Dripline(url, clock=VirtualClock(NOW), channels={"smtp": mail}) as drip:
        drip.apply(Sequence("Warm", trigger="WARM", channel="smtp", steps=[step, Step("Two", "12h")]))
        for address in (known, unknown):
            drip.add_lead(email=address, name="Aïna <3", triggers=["WARM"])
        drip.tick()
        refused = drip.records(email=unknown)
        accepted = drip.records(email=known)

        assert [record.status for record in accepted] == ["completed", "active"]
        assert [record.status for record in refused] == ["failed", "cancelled"]
        assert "550 5.1.1" in (refused[0].reason or "")
        assert [barred.address for barred in drip.leads.suppressions()] == [unknown]
    eventually(lambda: len(server.delivered()) == 1)
    (delivered,) = server.delivered()
    text, html = (part for part in delivered.iter_parts() if isinstance(part, EmailMessage))

    assert delivered.get_content_type() == "multipart/alternative"
    assert (delivered["To"], delivered["Subject"]) == (known, "Untuk Aïna <3")
    assert delivered["Message-ID"] == f"<{accepted[0].id}.dripline@{DOMAIN}>"
    assert delivered["List-Unsubscribe"] == f"<{links.url(known)}>"
    assert text.get_content().split() == ["Hi", "Aïna", "<3", "😊", "Unsubscribe:", links.url(known)]
    assert "<p>Hi <b>Aïna &lt;3</b></p>" in html.get_content()
    assert links.url(known) in html.get_content()
