"""Reads a mailbox over IMAP: what is new in it since it was last read. Nothing in it is changed, marked or deleted."""

import imaplib
import re
import ssl
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeVar, cast

from dripline.channels.smtp.account import Security
from dripline.channels.smtp.mail_reading import StoredMail, stored_mail
from dripline.core.events.mailbox import LastRead, NewMail
from dripline.errors import InvalidSettings

IMAPS, IMAP = 993, 143

READ_AT_ONCE = 200
"""How many mails are read at once; the others follow at the next look."""

SIZE_LIMIT = 1_000_000
"""How much of a mail is read, in bytes: the rest is of attachments."""

Answer = TypeVar("Answer")

_UID_VALIDITY = re.compile(rb"\d+")
_INTERNAL_DATE = re.compile(rb'INTERNALDATE "([^"]+)"')


class MailboxClosed(Exception):
    """A mailbox could not be read; the words say why and what a person can do."""


@dataclass(frozen=True, slots=True)
class ImapMailbox:
    """Where a mailbox is, and how one logs in to it.

    Raises:
        InvalidSettings: The host or the port cannot be used.
    """

    host: str
    port: int | None = None
    username: str = field(kw_only=True)
    password: str = field(kw_only=True, repr=False)
    security: Security = field(default=Security.TLS, kw_only=True)
    folder: str = field(default="INBOX", kw_only=True)
    timeout: float = field(default=20.0, kw_only=True)

    def __post_init__(self) -> None:
        if not self.host.strip() or not self.username:
            raise InvalidSettings("A mailbox that is read needs imap_host, and a username: set both.")

    def read(self, seen: LastRead | None, since: datetime) -> NewMail[StoredMail]:
        """Return what came in after what was seen; where that is not known, or void, what came in since an instant.

        Raises:
            MailboxClosed: It could not be read.
        """
        return self._asked(lambda client: _read(client, self.folder, seen, since))

    def check(self) -> None:
        """Log in and look whether the folder is there; nothing is read.

        Raises:
            MailboxClosed: It could not be read.
        """
        self._asked(lambda client: _select(client, self.folder))

    def _asked(self, question: Callable[[imaplib.IMAP4], Answer]) -> Answer:
        try:
            with self._opened() as client:
                return question(client)
        except imaplib.IMAP4.error as error:
            raise MailboxClosed(f"the IMAP server refuses it ({_words(error)})") from None
        except (OSError, ssl.SSLError) as error:
            raise MailboxClosed(f"the IMAP server cannot be reached ({type(error).__name__})") from None

    def _opened(self) -> imaplib.IMAP4:
        port = self.port or (IMAPS if self.security is Security.TLS else IMAP)
        context = ssl.create_default_context()
        if self.security is Security.TLS:
            client: imaplib.IMAP4 = imaplib.IMAP4_SSL(self.host, port, ssl_context=context, timeout=self.timeout)
        else:
            client = imaplib.IMAP4(self.host, port, timeout=self.timeout)
            if self.security is Security.STARTTLS:
                client.starttls(context)
        try:
            client.login(self.username, self.password)
        except imaplib.IMAP4.error as error:
            client.shutdown()
            raise MailboxClosed(
                f"the IMAP server refuses our login: correct its username and password ({_words(error)})"
            ) from None
        return client


def _select(client: imaplib.IMAP4, folder: str) -> None:
    status, said = client.select('"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"', readonly=True)
    if status != "OK":
        raise MailboxClosed(f"there is no folder {folder!r} in the mailbox: correct imap_folder ({_words(said)})")


def _read(client: imaplib.IMAP4, folder: str, seen: LastRead | None, since: datetime) -> NewMail[StoredMail]:
    _select(client, folder)
    validity, following = _number(client, "UIDVALIDITY"), _number(client, "UIDNEXT")
    known = seen.last if seen is not None and seen.validity == validity else None
    asked = f"UID {known + 1}:*" if known is not None else f"SINCE {since:%d-%b-%Y}"
    found = client.uid("SEARCH", asked)[1]
    # "5:*" also names the last mail where that is older than 5.
    new = sorted(uid for uid in map(int, b" ".join(filter(None, found)).split()) if uid > (known or 0))
    now, later = new[:READ_AT_ONCE], new[READ_AT_ONCE:]
    mails = [one for uid in now if (one := _fetched(client, uid, since)) is not None]
    last = now[-1] if now and later else max([*now, known or 0, following - 1])
    return NewMail(mails, seen=LastRead(validity, last), is_more=bool(later))


def _fetched(client: imaplib.IMAP4, uid: int, since: datetime) -> StoredMail | None:
    answers = client.uid("FETCH", str(uid), f"(INTERNALDATE BODY.PEEK[]<0.{SIZE_LIMIT}>)")[1]
    for answer in cast("list[object]", answers):
        if isinstance(answer, tuple):
            head, raw = cast("tuple[bytes, bytes]", answer)
            return stored_mail(raw, _instant(head, since))
    return None


def _instant(head: bytes, since: datetime) -> datetime:
    found = _INTERNAL_DATE.search(head)
    if found is None:
        return since
    return datetime.strptime(found[1].decode("ascii").strip(), "%d-%b-%Y %H:%M:%S %z")


def _number(client: imaplib.IMAP4, name: str) -> int:
    values = cast("list[bytes | None]", client.response(name)[1])
    found = _UID_VALIDITY.search(values[0]) if values and values[0] else None
    return int(found[0]) if found else 0


def _words(error: object) -> str:
    said: object = error.args[0] if isinstance(error, Exception) and error.args else error
    if isinstance(said, list):
        said = next(iter(cast("list[object]", said)), "")
    return " ".join((said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)).split())[:200]
