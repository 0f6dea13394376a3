"""A mail that came in: whether a person wrote it, a program did, or a server says that one of ours came back.

What is of use of it is kept as a small JSON, in place of the mail, and read as events when it is taken in.
"""

import hashlib
import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.utils import getaddresses
from typing import TypedDict, cast

from dripline.channels.smtp.mail_text import Mail, written_in
from dripline.channels.smtp.replies import RefusalKind, meaning
from dripline.core.events.inbound import AutomaticReply, Delivery, MailReturned, ProviderEvent, Receipt, Reply
from dripline.core.leads.address import normalize_email
from dripline.core.outcome import Rejected, Scope
from dripline.errors import InvalidEmail

_OURS = re.compile(r"<?(\d{1,19})\.dripline@([^\s<>]+)>?")
_STATUS = re.compile(r"\b([45])\.(\d{1,3})\.(\d{1,3})\b")
_CODE = re.compile(r"\b([45]\d\d)[ -]")
_NEWSLETTERS = frozenset({"bulk", "junk", "list"})
_BULK = _NEWSLETTERS | {"auto_reply", "auto-reply"}
_SAID_BY_PROGRAMS = ("x-autoreply", "x-autorespond", "x-autoresponder", "list-id", "list-unsubscribe", "feedback-id")
_ROBOTS = re.compile(r"(?:mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?)(?:[+.-].*)?@", re.IGNORECASE)
_OUT_OF_OFFICE = re.compile(
    r"\s*(?:auto(?:matic(?:ally)?)?[ -]?(?:reply|response|generated)|auto:|autoreply|out of (?:the )?office|away from"
    r"|on (?:annual )?leave|abwesen|réponse automatique|respuesta automática|resposta automática|balasan automat"
    r"|jawapan automatik|di luar pejabat|自动回复|自動回覆|自动答复)",
    re.IGNORECASE,
)


class StoredMail(TypedDict):
    """What is kept of a mail."""

    kind: str
    key: str
    record: int | None
    message: str
    email: str
    name: str
    code: int
    text: str
    at: str


def stored_mail(raw: bytes, at: datetime) -> StoredMail | None:
    """Return what is of use of a mail that came in at an instant; None where that is nothing."""
    mail = message_from_bytes(raw)
    message = _header(mail, "message-id")
    if _OURS.search(message):
        return None  # a copy of what we sent
    key = message or f"mail:{hashlib.sha256(raw).hexdigest()}"
    return _returned(mail, raw, key, at) or _reply(mail, key, at)


def written(stored: StoredMail) -> str:
    """Return what was kept as the body that is taken in."""
    return json.dumps(stored, ensure_ascii=False)


def events_of(body: bytes) -> list[ProviderEvent]:
    """Return the events of what was kept of a mail.

    Raises:
        ValueError: It is nothing of that kind.
    """
    try:
        stored: StoredMail = json.loads(body)
        at = datetime.fromisoformat(stored["at"])
        return [_READERS[stored["kind"]](stored, at)]
    except (KeyError, TypeError) as error:
        raise ValueError(f"this is nothing that was kept of a mail: {type(error).__name__}") from None


def _reply_of(stored: StoredMail, at: datetime) -> Reply:
    return Reply(
        stored["key"],
        account="",
        phone=None,
        email=stored["email"],
        record_id=stored["record"],
        name=stored["name"],
        text=stored["text"],
        at=at,
    )


def _automatic_of(stored: StoredMail, at: datetime) -> AutomaticReply:
    return AutomaticReply(
        stored["key"],
        account="",
        email=stored["email"],
        record_id=stored["record"],
        text=stored["text"],
        sign=stored["message"],
        at=at,
    )


def _return_of(stored: StoredMail, at: datetime) -> Receipt | MailReturned:
    is_gone = meaning(stored["code"], stored["text"]) is RefusalKind.MAILBOX
    said = f"the mail came back ({stored['code']} {stored['text']})"
    failure = Rejected(said, scope=Scope.CONTACT, suppress=True) if is_gone else Rejected(said)
    if stored["record"] is None:
        return MailReturned(stored["key"], email=stored["email"], failure=failure, at=at)
    return Receipt(
        stored["key"],
        provider_id=stored["message"],
        record_id=stored["record"],
        state=Delivery.FAILED,
        at=at,
        failure=failure,
    )


_READERS = {"reply": _reply_of, "automatic": _automatic_of, "returned": _return_of}


def _reply(mail: Mail, key: str, at: datetime) -> StoredMail | None:
    """Return what a person wrote; of what a program wrote what answers a mail of ours, with the sign of that."""
    name, address = _from(mail)
    if not address or _ROBOTS.match(address):
        return None
    answered = f"{_header(mail, 'in-reply-to')} {_header(mail, 'references')}"
    record, message = _ours(answered)
    sign = _sign_of_program(mail)
    if sign is None:
        return _as_stored(
            "reply", key, at, record=record, message=message, email=address, name=name, text=written_in(mail)
        )
    if record is None or _is_list(mail):
        return None
    return _as_stored("automatic", key, at, record=record, message=sign, email=address, text=written_in(mail))


def _returned(mail: Mail, raw: bytes, key: str, at: datetime) -> StoredMail | None:
    """Return what a server says of one of our mails that it could not deliver; a delay is nothing."""
    fields = next((fields for fields in _reports(mail) if fields.get("action", "failed").lower() == "failed"), None)
    if fields is None:
        return None
    status = _STATUS.search(fields.get("status", ""))
    diagnostic = (
        fields.get("diagnostic-code", "").partition(";")[2].strip() or fields.get("diagnostic-code", "").strip()
    )
    code = _CODE.match(diagnostic)
    words = diagnostic[4:].strip() if code else diagnostic
    if status and not _STATUS.match(words) and status[0] not in {"5.0.0", "4.0.0"}:
        words = f"{status[0]} {words}".strip()
    to = fields.get("original-recipient") or fields.get("final-recipient", "")
    record, message = _ours(raw.decode("latin-1"))
    return _as_stored(
        "returned",
        key,
        at,
        record=record,
        message=message,
        email=_address(to.rpartition(";")[2]),
        code=int(code[1]) if code else (450 if status and status[1] == "4" else 550),
        text=" ".join(words.split())[:400],
    )


def _as_stored(  # noqa: PLR0913  (a mail has as many parts)
    kind: str,
    key: str,
    at: datetime,
    *,
    record: int | None,
    message: str,
    email: str,
    text: str,
    name: str = "",
    code: int = 0,
) -> StoredMail:
    return StoredMail(
        kind=kind, key=key, record=record, message=message, email=email, name=name, code=code, text=text,
        at=at.astimezone(UTC).isoformat(),
    )  # fmt: skip


def _reports(mail: Mail) -> Iterator[dict[str, str]]:
    """Yield the fields of each receiver of a report (RFC 3464), by their lower-case names."""
    for part in mail.walk():
        if part.get_content_type() == "message/delivery-status":
            for block in cast("list[Mail]", part.get_payload()) if part.is_multipart() else ():
                if block.get("final-recipient"):
                    yield {name.lower(): " ".join(str(value).split()) for name, value in block.items()}


def _sign_of_program(mail: Mail) -> str | None:
    """Return by what it is seen that a program wrote a mail (RFC 3834), which answers for nobody; None if none did."""
    submitted = _header(mail, "auto-submitted").partition(";")[0].strip().lower()
    precedence = _header(mail, "precedence").strip().lower()
    signs = (
        (submitted not in {"", "no"}, f"Auto-Submitted: {submitted}"),
        (precedence in _BULK, f"Precedence: {precedence}"),
        *((bool(_header(mail, name)), f"it has the header {name}") for name in _SAID_BY_PROGRAMS),
        (_header(mail, "return-path").strip() == "<>", "nobody is to be answered (Return-Path: <>)"),
        (mail.get_content_type() == "multipart/report", "it is a report"),
        (bool(_OUT_OF_OFFICE.match(_header(mail, "subject"))), "its subject says so"),
    )
    return next((sign for holds, sign in signs if holds), None)


def _is_list(mail: Mail) -> bool:
    """Return whether a mail went to many: a newsletter answers nothing, whatever it refers to."""
    precedence = _header(mail, "precedence").strip().lower()
    return precedence in _NEWSLETTERS or any(_header(mail, name) for name in ("list-id", "list-unsubscribe"))


def _ours(text: str) -> tuple[int | None, str]:
    """Return the record that a text names by a Message-ID of ours, the last one, and that id."""
    found = [*_OURS.finditer(text)]
    if not found:
        return None, ""
    return int(found[-1][1]), f"<{found[-1][1]}.dripline@{found[-1][2]}>"


def _from(mail: Mail) -> tuple[str, str]:
    for name, address in getaddresses([_header(mail, "from")]):
        if known := _address(address):
            return name.strip(), known
    return "", ""


def _address(written_: str) -> str:
    try:
        return normalize_email(written_.strip().strip("<>"))
    except InvalidEmail:
        return ""


def _header(mail: Mail, name: str) -> str:
    """Return a header as it is meant; one that cannot be decoded as it stands."""
    raw = mail.get(name)
    if raw is None:
        return ""
    try:
        return str(make_header(decode_header(raw)))
    except (LookupError, ValueError, TypeError):
        return str(raw)
