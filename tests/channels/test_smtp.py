"""Mail, against a real SMTP server that answers as scripted."""

import asyncio
import contextlib
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from smtp_servers import NOW, Doorkeeper, Mailbox, free_port, guarded, mail_to

from dripline import Accepted, Outcome, Rejected, RetryLater, SenderUnavailable
from dripline.channels.smtp.channel import CONNECTIONS, Security, SmtpChannel
from dripline.channels.smtp.session import REFUSED_FOR
from dripline.core.messages.unsubscribe_links import UnsubscribeLinks
from dripline.errors import InvalidSettings
from support.sending import sent


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def server(mailbox: Mailbox) -> Iterator[Controller]:
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield controller
    controller.stop()


def channel(
    server: Controller,
    *,
    timeout: float = 5,
    links: UnsubscribeLinks | None = None,
    username: str | None = None,
    password: str | None = None,
    reply_to: str | None = None,
) -> SmtpChannel:
    return SmtpChannel(
        "127.0.0.1",
        server.port,
        sender="Kak Lina <shop@example.com>",
        now=lambda: NOW,
        security=Security.NONE,
        timeout=timeout,
        links=links,
        username=username,
        password=password,
        reply_to=reply_to,
    )


def test_a_mail_can_be_unsubscribed_with_one_click(server: Controller, mailbox: Mailbox) -> None:
    links = UnsubscribeLinks("https://drip.example.com", secret="0123456789abcdef")
    sent(channel(server, links=links), mail_to("aina@example.com"))
    sent(channel(server), mail_to("aina@example.com"))

    first, second = mailbox.mails
    assert first["List-Unsubscribe"] == f"<{links.url('aina@example.com')}>"
    assert first["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert second["List-Unsubscribe"] is None


def test_a_mail_has_what_a_mailbox_needs(server: Controller, mailbox: Mailbox) -> None:
    outcome = sent(channel(server), mail_to("aina@example.com", subject="Selamat pagi, Aïna", text="Hi Aïna 😊\n"))

    mail = mailbox.mails[0]
    assert outcome == [Accepted("<7000000000001.dripline@example.com>")]
    assert (mail["From"], mail["To"]) == ("Kak Lina <shop@example.com>", "aina@example.com")
    assert (mail["Subject"], mail["Date"]) == ("Selamat pagi, Aïna", "Thu, 01 Jan 2026 08:30:00 +0000")
    assert mail["Message-ID"] == "<7000000000001.dripline@example.com>"
    assert mail.get_content().splitlines() == ["Hi Aïna 😊"]


def test_html_stands_beside_the_plain_text(server: Controller, mailbox: Mailbox) -> None:
    long_line = "<p>" + "Aïna &lt;3 " * 500 + "</p>"
    sent(channel(server), mail_to("aina@example.com", html=long_line), mail_to("aina@example.com"))
    both, plain = sorted(mailbox.mails, key=EmailMessage.get_content_type)

    assert (both.get_content_type(), plain.get_content_type()) == ("multipart/alternative", "text/plain")
    assert [part.get_content_type() for part in both.iter_parts()] == ["text/plain", "text/html"]
    assert contents_of(both) == ["Hi Aina", long_line]


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<p>Hi</p>", "<p>Hi</p>{}"),
        ("<html><BODY>Hi</Body ></html>", "<html><BODY>Hi{}</Body ></html>"),
        ("<body>İ</body>İ<body></body>", "<body>İ</body>İ<body>{}</body>"),
    ],
)
def test_the_unsubscribe_link_is_in_both_parts(server: Controller, mailbox: Mailbox, html: str, expected: str) -> None:
    links = UnsubscribeLinks("https://drip.example.com/a'b", secret="0123456789abcdef")
    sent(channel(server, links=links), mail_to("aina@example.com", html=html))
    url = links.url("aina@example.com")
    text, rich = contents_of(mailbox.mails[0])

    assert text == f"Hi Aina\n\nUnsubscribe: {url}"
    assert rich == expected.format(f'<p><a href="{url.replace(chr(39), "&#x27;")}">Unsubscribe</a></p>')


def contents_of(mail: EmailMessage) -> list[str]:
    parts = [part for part in mail.iter_parts() if isinstance(part, EmailMessage)]
    return ["\n".join(part.get_content().splitlines()) for part in parts]


def test_without_a_subject_the_sequence_is_the_subject(server: Controller, mailbox: Mailbox) -> None:
    sent(channel(server), mail_to("aina@example.com"))

    assert mailbox.mails[0]["Subject"] == "Warm"


def test_a_subject_cannot_add_a_header(server: Controller, mailbox: Mailbox) -> None:
    sent(channel(server), mail_to("aina@example.com", subject="Hi\r\nBcc: all@example.com"))

    assert mailbox.mails[0]["Subject"] == "Hi Bcc: all@example.com"
    assert mailbox.mails[0]["Bcc"] is None


@pytest.mark.parametrize(
    ("phase", "reply", "expected", "scope"),
    [
        ("mail", "421 4.3.2 shutting down", RetryLater, "sender"),
        ("mail", "550 5.7.1 sender not allowed", SenderUnavailable, "sender"),
        ("rcpt", "450 4.2.1 try later", RetryLater, "contact"),
        ("rcpt", "451 4.7.1 greylisted", RetryLater, "contact"),
        ("rcpt", "452 4.2.2 full", RetryLater, "contact"),
        ("rcpt", "552 5.2.2 full", RetryLater, "contact"),
        ("rcpt", "550 5.1.1 no such user", Rejected, "contact"),
        ("rcpt", "550 no such user", Rejected, "contact"),
        ("rcpt", "551 5.1.6 moved", Rejected, "contact"),
        ("rcpt", "553 5.1.3 bad address", Rejected, "contact"),
        ("rcpt", "550 5.7.1 policy", Rejected, "message"),
        ("rcpt", "554 5.7.1 spam", Rejected, "message"),
        ("data", "451 4.3.0 try later", RetryLater, "message"),
        ("data", "554 5.7.1 spam", Rejected, "message"),
    ],
)
def test_every_reply_means_something(
    server: Controller, mailbox: Mailbox, phase: str, reply: str, expected: type[Outcome], scope: str | None
) -> None:
    mailbox.replies[phase] = reply
    (outcome,) = sent(channel(server), mail_to("aina@example.com"))

    assert type(outcome) is expected
    assert getattr(outcome, "scope", None) == scope
    assert reply[:3] in getattr(outcome, "error", "")
    assert getattr(outcome, "suppress", False) == (scope == "contact" and expected is Rejected)


@pytest.mark.parametrize(
    "refusal", ["535 5.7.8 Authentication credentials invalid", "534 5.7.9 Application-specific password required"]
)
def test_a_refused_login_waits_for_a_person_and_tells_no_password(mailbox: Mailbox, refusal: str) -> None:
    with guarded(mailbox, Doorkeeper(refusal)) as controller:
        (outcome,) = sent(channel(controller, username="shop", password="s3cret"), mail_to("aina@example.com"))

    assert isinstance(outcome, SenderUnavailable)
    assert f"correct the username and password of this account ({refusal})" in outcome.error
    assert "s3cret" not in outcome.error


def test_a_wrong_password_is_tried_once_however_many_mails_wait(mailbox: Mailbox) -> None:
    keeper = Doorkeeper()
    with guarded(mailbox, keeper) as controller:
        through = channel(controller, username="shop", password="s3cret")
        messages = [mail_to(f"lead{number}@example.com", record_id=number) for number in range(100)]
        outcomes = sent(through, *messages)

        assert {type(outcome) for outcome in outcomes} == {SenderUnavailable}
        assert keeper.tries == 1


def test_a_login_that_is_put_right_lets_everything_go(mailbox: Mailbox) -> None:
    keeper = Doorkeeper()

    async def twice(through: SmtpChannel) -> list[Outcome]:
        refused = await through.send(mail_to("aina@example.com"))
        keeper.refusal = None
        await asyncio.sleep(REFUSED_FOR)  # noqa: TID251  (the server's own clock)
        outcomes = await asyncio.gather(*(through.send(mail_to("aina@example.com")) for _ in range(9)))
        await through.aclose()
        return [refused, *outcomes]

    with guarded(mailbox, keeper) as controller:
        outcomes = asyncio.run(twice(channel(controller, username="shop", password="s3cret")))

    assert [type(outcome) for outcome in outcomes] == [SenderUnavailable, *[Accepted] * 9]


def test_a_login_that_fails_for_now_is_tried_later(mailbox: Mailbox) -> None:
    with guarded(mailbox, Doorkeeper("454 4.7.0 Temporary authentication failure")) as controller:
        (outcome,) = sent(channel(controller, username="shop", password="s3cret"), mail_to("aina@example.com"))

    assert isinstance(outcome, RetryLater)
    assert outcome.scope == "sender"


def test_a_server_that_takes_no_login_says_what_to_set(server: Controller) -> None:
    (outcome,) = sent(channel(server, username="shop", password="s3cret"), mail_to("aina@example.com"))

    assert isinstance(outcome, SenderUnavailable)
    assert "offers no login here: set security" in outcome.error


@pytest.mark.parametrize(
    ("greeting", "expected"),
    [("554 5.7.1 blocked using zen.example", SenderUnavailable), ("421 too many connections", RetryLater)],
)
def test_a_greeting_that_refuses_us_is_of_the_sender(greeting: str, expected: type[Outcome]) -> None:
    async def one() -> Outcome:
        async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(f"{greeting}\r\n".encode())
            await reader.read(1_000)
            writer.close()
            await writer.wait_closed()
            has_gone.set()

        has_gone = asyncio.Event()
        async with await asyncio.start_server(refuse, "127.0.0.1", 0) as refusing:
            port = refusing.sockets[0].getsockname()[1]
            mail = SmtpChannel("127.0.0.1", port, sender="shop@example.com", now=lambda: NOW, security=Security.NONE)
            outcome = await mail.send(mail_to("aina@example.com"))
            await has_gone.wait()
            return outcome

    outcome = asyncio.run(one())
    assert isinstance(outcome, expected)
    assert getattr(outcome, "scope", None) == "sender"
    assert greeting in getattr(outcome, "error", "")


def test_what_refuses_us_for_now_rests_the_sender(server: Controller, mailbox: Mailbox) -> None:
    mailbox.replies["rcpt"] = "450 4.7.1 Client host rejected: cannot find your reverse hostname"
    (outcome,) = sent(channel(server), mail_to("aina@example.com"))

    assert isinstance(outcome, RetryLater)
    assert outcome.scope == "sender"


def test_answers_go_where_they_are_wanted(server: Controller, mailbox: Mailbox) -> None:
    sent(channel(server, reply_to="Lina <lina@example.com>"), mail_to("aina@example.com"))

    assert mailbox.mails[0]["Reply-To"] == "Lina <lina@example.com>"
    assert mailbox.mails[0]["From"] == "Kak Lina <shop@example.com>"


def test_a_server_without_starttls_is_not_spoken_to_in_the_clear(server: Controller, mailbox: Mailbox) -> None:
    careful = SmtpChannel("127.0.0.1", server.port, sender="shop@example.com", now=lambda: NOW)

    assert isinstance(sent(careful, mail_to("aina@example.com"))[0], SenderUnavailable)
    assert mailbox.mails == []


def test_two_hundred_mails_go_over_a_few_connections(server: Controller, mailbox: Mailbox) -> None:
    messages = [mail_to(f"lead{number}@example.com", record_id=number) for number in range(200)]
    outcomes = sent(channel(server), *messages)

    assert all(isinstance(outcome, Accepted) for outcome in outcomes)
    assert len({mail["To"] for mail in mailbox.mails}) == 200
    assert mailbox.connections <= CONNECTIONS


@pytest.mark.parametrize("answers", [[], [b"220 hi\r\n", b"250 hi\r\n"]])
def test_a_send_that_is_given_up_leaves_no_connection_open(answers: list[bytes]) -> None:
    """The engine gives up a send that takes too long, before or after the greeting."""

    async def give_up() -> bool:
        hung_up = asyncio.Event()

        async def go_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            for answer in answers:
                writer.write(answer)
            while await reader.read(1_000):
                pass
            hung_up.set()
            writer.close()

        async with await asyncio.start_server(go_silent, "127.0.0.1", 0) as silent:
            port = silent.sockets[0].getsockname()[1]
            through = SmtpChannel("127.0.0.1", port, sender="shop@example.com", now=lambda: NOW, security=Security.NONE)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.3):
                    await through.send(mail_to("aina@example.com"))
            async with asyncio.timeout(5):
                return await hung_up.wait()

    assert asyncio.run(give_up())


def test_an_address_no_server_takes_is_rejected(server: Controller) -> None:
    assert isinstance(sent(channel(server), mail_to("aïna@example.com"))[0], Rejected)


@pytest.mark.parametrize(
    ("host", "port", "sender", "sentence"),
    [
        ("", 25, "shop@example.com", "cannot be a mail server"),
        ("mail.example.com", 0, "shop@example.com", "cannot be a mail server"),
        ("mail.example.com", 70_000, "shop@example.com", "cannot be a mail server"),
        ("mail.example.com", 25, "shop", "The mail sender cannot be used"),
    ],
)
def test_bad_settings_are_refused(host: str, port: int, sender: str, sentence: str) -> None:
    with pytest.raises(InvalidSettings, match=sentence):
        SmtpChannel(host, port, sender=sender, now=lambda: NOW)


@pytest.mark.parametrize(
    ("phase", "reply"), [("rcpt", "451 4.7.1 greylisted"), ("rcpt", "552 5.2.2 full"), ("data", "451 4.3.0 later")]
)
def test_a_mailbox_that_refuses_is_left_alone_the_longer_the_oftener(
    server: Controller, mailbox: Mailbox, phase: str, reply: str
) -> None:
    mailbox.replies[phase] = reply
    tries = [mail_to("aina@example.com", failures=failures) for failures in range(7)]
    waits = [outcome.wait for outcome in sent(channel(server), *tries) if isinstance(outcome, RetryLater)]

    assert [wait and wait // timedelta(minutes=1) for wait in waits] == [5, 15, 60, 240, 720, 720, 720]


def test_one_refused_mailbox_says_nothing_of_the_others(server: Controller, mailbox: Mailbox) -> None:
    mailbox.refused["gone@example.com"] = "550 5.1.1 no such user"
    outcomes = sent(channel(server), *(mail_to(f"{who}@example.com") for who in ("aina", "gone", "farah")))

    assert [type(outcome) for outcome in outcomes] == [Accepted, Rejected, Accepted]
    assert {mail["To"] for mail in mailbox.mails} == {"aina@example.com", "farah@example.com"}


def test_a_connection_is_kept_for_the_next_mail_and_made_anew_where_the_server_closed_it(
    server: Controller, mailbox: Mailbox
) -> None:
    through = channel(server)

    async def one_after_the_other() -> list[Outcome]:
        outcomes = [await through.send(mail_to("aina@example.com")) for _ in range(2)]
        assert mailbox.connections == 1
        mailbox.hang_up()
        outcomes.append(await through.send(mail_to("aina@example.com")))
        await through.aclose()
        return outcomes

    assert [type(outcome) for outcome in asyncio.run(one_after_the_other())] == [Accepted] * 3
    assert (mailbox.connections, len(mailbox.mails)) == (2, 3)
