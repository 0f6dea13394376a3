"""Mail of several senders, each with an account of its own, and runs that are conversations."""

import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword
from test_smtp import Mailbox, free_port, mail_to

from dripline import Dripline, NewLead, Sender, SenderUnavailable, Sequence, Step, VirtualClock
from dripline.channels.smtp.account import SmtpAccount
from dripline.channels.smtp.channel import CONNECTIONS, Security, SmtpChannel
from dripline.config.channels import configured_channels
from dripline.config.settings import Settings
from dripline.errors import InvalidSettings
from support.sending import sent

NOW = datetime(2026, 1, 1, 8, 30, tzinfo=UTC)
PASSWORDS = {b"lina": b"s3cret-" + b"lina", b"omar": b"s3cret-" + b"omar"}


@pytest.fixture
def logins() -> list[str]:
    return []


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def server(mailbox: Mailbox, logins: list[str]) -> Iterator[Controller]:
    def let_in(server: object, session: object, envelope: object, mechanism: str, login: LoginPassword) -> AuthResult:
        del server, session, envelope, mechanism
        logins.append(login.login.decode())
        return AuthResult(success=PASSWORDS.get(login.login) == login.password, handled=False)

    controller = Controller(
        mailbox, hostname="127.0.0.1", port=free_port(), authenticator=let_in, auth_require_tls=False
    )
    controller.start()
    yield controller
    controller.stop()


def account(server: Controller, name: str, *, password: str | None = None) -> SmtpAccount:
    return SmtpAccount(
        "127.0.0.1",
        server.port,
        sender=f"{name.title()} <{name}@example.com>",
        username=name,
        password=password or PASSWORDS[name.encode()].decode(),
        security=Security.NONE,
        name=name,
    )


def channel(server: Controller, *accounts: SmtpAccount) -> SmtpChannel:
    return SmtpChannel(
        "127.0.0.1", server.port, sender="shop@example.com", now=lambda: NOW, security=Security.NONE, accounts=accounts
    )


def test_each_sender_goes_by_its_own_account(server: Controller, mailbox: Mailbox, logins: list[str]) -> None:
    through = channel(server, account(server, "lina"), account(server, "omar"))
    sent(through, *(mail_to("aina@example.com", account=one) for one in ("lina", "omar", None)))

    assert sorted(mail["From"] for mail in mailbox.mails) == [
        "Lina <lina@example.com>",
        "Omar <omar@example.com>",
        "shop@example.com",
    ]
    assert sorted(logins) == ["lina", "omar"]
    assert through.capabilities.sends_at_once == 3 * CONNECTIONS


def test_a_wrong_password_of_one_holds_that_one_alone(server: Controller, url: str) -> None:
    through = channel(server, account(server, "lina", password="wrong-word"), account(server, "omar"))
    with Dripline(url, clock=VirtualClock(NOW), channels={"smtp": through}) as drip:
        for name in ("lina", "omar"):
            drip.senders.apply(Sender(name, channel="smtp", account=name))
            drip.apply(Sequence(name, trigger=name, channel="smtp", senders=[name], steps=[Step("Hi")]))
        drip.add_leads([NewLead(None, email=f"{one}@example.com", triggers=("lina", "omar")) for one in ("a", "b")])
        drip.tick()
        statuses = sorted(record.status for record in drip.records())
        told = [one.told for one in drip.alerts.all() if one.name in {"lina", "omar"}]

    assert statuses == ["active", "active", "completed", "completed"]
    (line,) = told
    assert "The sender lina cannot send" in line
    assert "correct the username and password" in line
    assert "wrong-word" not in line


def test_an_account_that_nobody_set_sends_nothing_by_another(server: Controller, mailbox: Mailbox) -> None:
    (outcome,) = sent(channel(server), mail_to("aina@example.com", account="lina"))

    assert isinstance(outcome, SenderUnavailable)
    assert "mailboxes.lina" in outcome.error
    assert mailbox.mails == []


@pytest.mark.parametrize("senders", [[], ["lina"]])
def test_one_receiver_who_refuses_us_holds_up_nobody_for_good(
    server: Controller, mailbox: Mailbox, url: str, senders: list[str]
) -> None:
    clock = VirtualClock(NOW)
    mailbox.refused["odd@example.com"] = "550 Sender denied by the rule of this receiver"
    with Dripline(url, clock=clock, channels={"smtp": channel(server, account(server, "lina"))}) as drip:
        drip.senders.apply(Sender("lina", channel="smtp", account="lina"))
        drip.apply(Sequence("Warm", trigger="WARM", channel="smtp", senders=senders, steps=[Step("One")]))
        people = ["odd", *(f"lead{number}" for number in range(20))]
        drip.add_leads([NewLead(None, email=f"{one}@example.com", triggers=("WARM",)) for one in people])
        for _ in range(2 * 60):
            drip.tick()
            clock.advance(timedelta(minutes=2))
        statuses = [str(record.status) for record in drip.records()]

        assert statuses.count("completed") == 20
        assert [barred.address for barred in drip.leads.suppressions()] == []


@pytest.mark.parametrize("senders", [[], ["lina"]])
def test_the_mails_of_a_run_are_one_conversation(
    server: Controller, mailbox: Mailbox, url: str, senders: list[str]
) -> None:
    clock = VirtualClock(NOW)
    through = channel(server, account(server, "lina"))
    steps = [Step("One", subject="Hello"), Step("Two", "1h"), Step("Three", "1h")]
    with Dripline(url, clock=clock, channels={"smtp": through}) as drip:
        drip.senders.apply(Sender("lina", channel="smtp", account="lina"))
        drip.apply(Sequence("Warm", trigger="WARM", channel="smtp", senders=senders, steps=steps))
        drip.add_leads([NewLead(None, email=f"{one}@example.com", triggers=("WARM",)) for one in ("aina", "farah")])
        for _ in steps:
            drip.tick()
            clock.advance(timedelta(hours=1))

    for who in ("aina@example.com", "farah@example.com"):
        first, second, third = (mail for mail in mailbox.mails if mail["To"] == who)
        assert first["In-Reply-To"] is None
        assert second["In-Reply-To"] == first["Message-ID"]
        assert second["References"] == first["Message-ID"]
        assert third["In-Reply-To"] == second["Message-ID"]
        assert third["References"].split() == [first["Message-ID"], second["Message-ID"]]
        assert [mail["Subject"] for mail in (first, second, third)] == ["Hello", "Re: Hello", "Re: Hello"]


MAILBOX = """
[smtp]
host = "127.0.0.1"
port = {port}
sender = "shop@example.com"
security = "none"

[mailboxes.lina]
sender = "Lina <lina@example.com>"
username = "lina"
password = "env:LINAS_WORD"
reply_to = "answers@example.com"
imap_host = "imap.example.com"
"""


def test_a_mailbox_is_set_in_the_file_or_the_environment(
    server: Controller, mailbox: Mailbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "dripline.toml").write_text(MAILBOX.format(port=server.port))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LINAS_WORD", PASSWORDS[b"lina"].decode())
    monkeypatch.setenv("DRIPLINE_MAILBOXES_OMAR_SENDER", "omar@example.com")
    monkeypatch.setenv("DRIPLINE_MAILBOXES_OMAR_USERNAME", "omar")
    monkeypatch.setenv("DRIPLINE_MAILBOXES_OMAR_PASSWORD", PASSWORDS[b"omar"].decode())
    settings = Settings.load()
    sent(configured_channels(settings)["smtp"], *(mail_to("aina@example.com", account=one) for one in ("lina", "omar")))

    assert {mail["From"]: mail["Reply-To"] for mail in mailbox.mails} == {
        "Lina <lina@example.com>": "answers@example.com",
        "omar@example.com": None,
    }
    mail = configured_channels(settings)["smtp"]
    assert isinstance(mail, SmtpChannel)
    assert mail.mailboxes == ["lina"]
    assert {"mailboxes.lina.password", "mailboxes.omar.password"} <= {name for name, _ in settings.secrets()}


def test_a_mailbox_needs_the_server_of_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "dripline.toml").write_text('[mailboxes.lina]\nsender = "lina@example.com"\n')
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InvalidSettings, match=r"set smtp\.host too"):
        configured_channels(Settings.load())


def test_a_password_that_everybody_can_read_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory(prefix="dripline-mailboxes-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        written = folder / "dripline.toml"
        written.write_text('[mailboxes.lina]\nsender = "lina@example.com"\npassword = "a-word"\n')
        written.chmod(0o644)
        monkeypatch.chdir(folder)
        with pytest.raises(InvalidSettings, match=r"holds the secret mailboxes\.lina\.password"):
            Settings.load()
        monkeypatch.undo()
