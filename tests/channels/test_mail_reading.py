"""Mails that come in: what is new in them, who wrote them, and what came back, as programs and servers write it."""

from base64 import b64encode
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dripline.channels.smtp.mail_reading import events_of, stored_mail, written
from dripline.channels.smtp.mail_text import TEXT_LIMIT, new_text
from dripline.core.events.inbound import AutomaticReply, MailReturned, Receipt, Reply
from dripline.core.outcome import Rejected

AT = datetime(2026, 1, 1, 9, 0, tzinfo=UTC)
OURS = "<7000000000001.dripline@shop.test>"

TEXTS = [
    ("Yes", "Yes"),
    (
        "STOP\r\n\r\nOn Thu, 1 Jan 2026 at 08:30, Lina <lina@shop.test> wrote:\r\n> Hi\r\n> Reply STOP to end\r\n",
        "STOP",
    ),
    ("Yes\n\nOn Thu, 1 Jan 2026 at 08:30,\nLina of Our Shop <lina@shop.test>\nwrote:\n\nHi Aina\n", "Yes"),
    ("Ya\n\nPada Kha, 1 Jan 2026 pada 8:30 PG Lina <lina@shop.test> menulis:\n> Hai", "Ya"),
    ("Ja\n\nAm 01.01.2026 um 08:30 schrieb Lina <lina@shop.test>:\n> Hallo", "Ja"),
    ("Oui\n\nLe jeu. 1 janv. 2026 à 08:30, Lina <lina@shop.test> a écrit :\n> Bonjour", "Oui"),
    ("Sí\n\nEl jue, 1 ene 2026 a las 8:30, Lina (<lina@shop.test>) escribió:\n> Hola", "Sí"),
    ("Sim\n\nEm qui., 1 de jan. de 2026 às 08:30, Lina <lina@shop.test> escreveu:\n> Oi", "Sim"),
    ("好\n\n在 2026年1月1日 08:30 Lina <lina@shop.test> 写道\uff1a\n> 你好", "好"),
    ("Yes\n\n-----Original Message-----\nFrom: Lina\nSent: Thursday\n\nHi", "Yes"),
    ("Yes\n\n________________________________\nFrom: Lina <lina@shop.test>\nSent: Thursday\nTo: Aina\n\nHi", "Yes"),
    ("Yes\n\nFrom: Lina <lina@shop.test>\nSent: Thursday, 1 January 2026\nTo: Aina\nSubject: Warm\n\nHi", "Yes"),
    ("Ya\n\nDaripada: Lina <lina@shop.test>\nDihantar: Khamis\nKepada: Aina\n\nHai", "Ya"),
    ("Yes\n-- \nAina\nShop assistant", "Yes"),
    ("STOP\n\nSent from my iPhone", "STOP"),
    ("Get Outlook for Android\n\nSTOP", "STOP"),
    ("On Thu, Lina <lina@shop.test> wrote:\n> When?\nTomorrow\n> Where?\nHere", "Tomorrow\nHere"),
    ("From: what I saw it is fine", "From: what I saw it is fine"),
    ("Only one thing: when?", "Only one thing: when?"),
    ("> only quoted", ""),
    ("", ""),
]


@pytest.mark.parametrize(("text", "new"), TEXTS)
def test_only_what_is_new_is_what_somebody_wrote(text: str, new: str) -> None:
    assert new_text(text) == new


def mail(*headers: str, body: str | bytes = "Hi", kind: str = "text/plain; charset=utf-8") -> bytes:
    head = "\r\n".join(
        ["From: Aina <Aina@Example.com>", "Message-ID: <a1@example.com>", *headers, f"Content-Type: {kind}"]
    )
    return head.encode() + b"\r\n\r\n" + (body.encode() if isinstance(body, str) else body)


def reply(raw: bytes) -> Reply:
    kept = stored_mail(raw, AT)
    assert kept is not None
    (event,) = events_of(written(kept).encode())
    assert isinstance(event, Reply)
    return event


@pytest.mark.parametrize(
    ("headers", "body", "kind", "text"),
    [
        ((), "Selamat ünd 好", "text/plain; charset=utf-8", "Selamat ünd 好"),
        ((), "Grüße".encode("cp1252"), "text/plain; charset=windows-1252", "Grüße"),
        ((), "Grüße".encode("cp1252"), "text/plain", "Grüße"),
        ((), "好的".encode("gb18030"), "text/plain; charset=gb2312", "好的"),
        ((), "Grüße", "text/plain; charset=x-nobody-knows", "Grüße"),
        ((), "Gr\x00üße", "text/plain; charset=utf-8", "Grüße"),
        (("Content-Transfer-Encoding: base64",), b64encode(b"STOP"), "text/plain", "STOP"),
        (("Content-Transfer-Encoding: quoted-printable",), b"Gr=C3=BC=C3=9Fe=\r\n!", "text/plain", "Grüße!"),
        ((), "<p>STOP</p><blockquote>Hi, write STOP2</blockquote>", "text/html; charset=utf-8", "STOP"),
        ((), "<div>Yes<br>please</div><div class='gmail_quote'><div>On</div>Hi</div>", "text/html", "Yes\nplease"),
        ((), "<style>p{}</style><p>Yes &amp; no</p><div id='appendonsend'></div><p>Old</p>", "text/html", "Yes & no"),
        (
            (),
            "--x\r\nContent-Type: text/html\r\n\r\nrich\r\n--x\r\nContent-Type: text/plain\r\n\r\nplain\r\n--x--",
            "multipart/alternative; boundary=x",
            "plain",
        ),
        ((), "--x\r\nContent-Type: image/png\r\n\r\nzzz\r\n--x--", "multipart/mixed; boundary=x", ""),
        ((), "no boundary", "multipart/mixed", ""),
    ],
)  # fmt: skip
def test_words_are_read_in_whatever_shape_they_come(
    headers: tuple[str, ...], body: str | bytes, kind: str, text: str
) -> None:
    assert reply(mail(*headers, body=body, kind=kind)).text == text


def test_a_long_mail_is_cut_and_the_record_that_it_answers_is_known() -> None:
    event = reply(mail(f"References: <x@y> {OURS}", f"In-Reply-To:\r\n {OURS}", body="word " * 100_000))

    assert (event.record_id, event.email, event.name) == (7_000_000_000_001, "aina@example.com", "Aina")
    assert len(event.text) <= TEXT_LIMIT
    assert event.at == AT


@pytest.mark.parametrize(
    "headers",
    [
        ("Auto-Submitted: auto-generated",),
        ("Auto-Submitted: auto-replied; owner-email=aina@example.com",),
        ("Precedence: auto_reply",),
        ("X-Autorespond: yes",),
        ("Return-Path: <>",),
        ("Subject: Automatic reply: Warm",),
        ("Subject: Out of Office: back on Monday",),
        ("Subject: =?utf-8?b?6Ieq5Yqo5Zue5aSN?=",),
        ("Subject: Balasan automatik: Warm",),
    ],
)
def test_what_a_program_answers_is_no_reply_and_is_kept(headers: tuple[str, ...]) -> None:
    kept = stored_mail(mail(*headers, f"In-Reply-To: {OURS}", body="STOP"), AT)
    assert kept is not None
    event = events_of(written(kept).encode())[0]

    assert isinstance(event, AutomaticReply)
    assert (event.text, event.record_id, event.email) == ("STOP", 7_000_000_000_001, "aina@example.com")
    assert event.sign
    assert stored_mail(mail(*headers, body="STOP"), AT) is None


@pytest.mark.parametrize("header", ["Precedence: list", "List-Unsubscribe: <https://example.com>"])
def test_a_newsletter_answers_nothing(header: str) -> None:
    assert stored_mail(mail(header, f"In-Reply-To: {OURS}", body="STOP"), AT) is None


@pytest.mark.parametrize("headers", [("Auto-Submitted: no",), ("Precedence: normal",), ("Subject: Re: Automation",)])
def test_a_person_does(headers: tuple[str, ...]) -> None:
    assert reply(mail(*headers)).text == "Hi"


@pytest.mark.parametrize(
    "raw",
    [
        mail().replace(b"<a1@example.com>", OURS.encode()),
        mail().replace(b"Aina@Example.com", b"no-reply@example.com"),
        mail().replace(b"Aina <Aina@Example.com>", b"nobody"),
        b"",
    ],
)
def test_what_nobody_wrote_to_us_is_passed_over(raw: bytes) -> None:
    assert stored_mail(raw, AT) is None


def report(status: str, diagnostic: str, *, original: str = f"Message-ID: {OURS}", action: str = "failed") -> bytes:
    return mail(
        "Return-Path: <>",
        kind="multipart/report; report-type=delivery-status; boundary=b",
        body=(
            "--b\r\nContent-Type: text/plain\r\n\r\nSorry\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
            "Reporting-MTA: dns; mail.test\r\n\r\n"
            f"Final-Recipient: rfc822;Farah@Example.com\r\nAction: {action}\r\nStatus: {status}\r\n{diagnostic}\r\n"
            f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\n{original}\r\nSubject: Warm\r\n\r\n--b--\r\n"
        ),
    )


@pytest.mark.parametrize(
    ("status", "diagnostic", "bars"),
    [
        ("5.1.1", "Diagnostic-Code: smtp; 550 5.1.1 <farah@example.com>: User unknown", True),
        ("5.1.1", "Diagnostic-Code: smtp;550-5.1.1 The email account that you tried to reach does\r\n not exist", True),
        ("5.1.10", "Diagnostic-Code: smtp; 550 5.1.10 RESOLVER.ADR.RecipientNotFound", True),
        ("5.0.0", "Diagnostic-Code: smtp; 550 Unrouteable address", True),
        ("5.1.1", "Remote-MTA: dns; mx.example.com", True),
        ("5.0.0", "Remote-MTA: dns; mx.example.com", False),
        ("5.7.1", "Diagnostic-Code: smtp; 550 5.7.1 blocked using zen.example", False),
        ("5.0.0", "Diagnostic-Code: smtp; 550 relay not permitted", False),
        ("5.1.8", "Diagnostic-Code: smtp; 550 5.1.8 Sender address rejected", False),
        ("5.2.2", "Diagnostic-Code: smtp; 552 5.2.2 mailbox full", False),
        ("4.4.7", "Diagnostic-Code: smtp; 451 4.4.7 message expired", False),
    ],
)
def test_a_returned_mail_bars_by_the_same_words_as_a_refused_one(status: str, diagnostic: str, *, bars: bool) -> None:
    kept = stored_mail(report(status, diagnostic), AT)
    assert kept is not None
    (event,) = events_of(written(kept).encode())

    assert isinstance(event, Receipt)
    assert (event.record_id, event.provider_id) == (7_000_000_000_001, OURS)
    assert isinstance(event.failure, Rejected)
    assert event.failure.suppress is bars


def test_a_returned_mail_that_names_none_of_ours_is_known_by_its_address() -> None:
    kept = stored_mail(report("5.1.1", "", original="Message-ID: <x@y>"), AT)
    assert kept is not None
    (event,) = events_of(written(kept).encode())

    assert isinstance(event, MailReturned)
    assert event.email == "farah@example.com"


@pytest.mark.parametrize("action", ["delayed", "relayed", "delivered", "expanded"])
def test_a_report_of_no_failure_is_nothing(action: str) -> None:
    assert stored_mail(report("4.4.1", "", action=action), AT) is None


@given(st.binary(max_size=2_000), st.integers(min_value=0, max_value=2_000))
def test_no_mail_is_too_broken_to_be_passed_over(junk: bytes, place: int) -> None:
    whole = report("5.1.1", "Diagnostic-Code: smtp; 550 5.1.1 unknown")
    for raw in (junk, whole[:place] + junk + whole[place:], mail(body=junk, kind="text/html")):
        kept = stored_mail(raw, AT)
        if kept is not None:
            assert len(events_of(written(kept).encode())) == 1


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"null", b'{"kind": "reply"}', b"\xff", b'{"at": 1, "kind": ""}'])
def test_what_was_not_kept_of_a_mail_has_no_events(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        events_of(body)
