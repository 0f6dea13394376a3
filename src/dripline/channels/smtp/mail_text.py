"""What somebody wrote in a mail: the new words alone, without what they quote, sign or were sent before."""

import codecs
import re
from collections.abc import Iterator
from email.message import Message
from html.parser import HTMLParser
from typing import TypeAlias, cast

from typing_extensions import override

Mail: TypeAlias = "Message[str, str]"

TEXT_LIMIT = 4_000
"""How much of what somebody wrote is kept, in characters."""

_QUOTED = re.compile(r"\s*[>|]")
_ATTRIBUTION = re.compile(
    r"\s*(?:(?:on|pada|am|le|el|em|il|op|den|dne|w dniu)\s|[在于於]).{4,200}"
    r"(?:wrote|menulis|tulis|schrieb|a écrit|escribió|escreveu|ha scritto|schreef|skrev|napisał|写道|寫道|写的?)"
    r"[^\n]{0,80}[:\uff1a]\s*$",
    re.IGNORECASE,
)
_DIVIDER = re.compile(
    r"\s*(?:-{2,}\s*(?:original message|forwarded message|mesej asal|pesan asli|ursprüngliche nachricht"
    r"|message d.origine|mensaje original|mensagem original|原始邮件|原始郵件|邮件原件).{0,20}|_{10,}|-{10,})\s*$",
    re.IGNORECASE,
)
_HEADING = re.compile(
    r"\s*\*?(?:from|dari|daripada|von|de|da|van|发件人|寄件者)\*?\s*[:\uff1a]\*?\s*\S.{0,200}$", re.IGNORECASE
)
_HEADINGS = re.compile(
    r"\s*\*?(?:sent|date|dihantar|tarikh|dikirim|tanggal|gesendet|datum|envoyé|date|enviado|fecha|data|inviato|verzonden"
    r"|to|kepada|an|à|para|subject|perkara|subjek|betreff|objet|asunto|assunto|发送时间|主题|收件人)\*?\s*[:\uff1a]",
    re.IGNORECASE,
)
_SIGNED = re.compile(
    r"\s*(?:sent from (?:my|mail for|yahoo|outlook)|get outlook for|dihantar dari|dikirim dari"
    r"|von meinem .{0,20} gesendet"
    r"|envoyé de mon|enviado d[eo]s?d?e? m[ie]|outlook for (?:ios|android)|发自我的).{0,80}$",
    re.IGNORECASE,
)
_LOOKED_AHEAD = 4

_SKIPPED = frozenset({"head", "script", "style", "title", "blockquote"})
_QUOTES = ("gmail_quote", "yahoo_quoted", "moz-cite-prefix", "protonmail_quote", "moz-signature")
_ENDS = ("divrplyfwdmsg", "appendonsend", "mail-editor-reference-message-container")
_VOID = frozenset({"br", "img", "hr", "meta", "link", "input", "area", "base", "col", "embed", "source", "wbr"})
_BREAKS = frozenset({"br", "p", "div", "tr", "li", "h1", "h2", "h3", "table", "ul", "ol"})


def written_in(mail: Mail) -> str:
    """Return the new text of a mail; empty where that is nothing, or a picture."""
    plain = next(_texts(mail, "text/plain"), "")
    lines = plain if plain.strip() else "\n".join(map(_text_of, _texts(mail, "text/html")))
    return new_text(lines)[:TEXT_LIMIT]


def new_text(text: str) -> str:
    """Return the new words of a text, without quotes, the mail that it answers, and a signature."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").replace("\xa0", " ").replace("\x00", "").split("\n")
    written: list[str] = []
    place = 0
    while place < len(lines):
        line = lines[place]
        ends = _attribution(lines, place)
        if ends and not _is_quote_next(lines, place + ends):
            break
        if ends:
            place += ends
            continue
        if line.rstrip() == "--" or _DIVIDER.match(line) or _is_heading(lines, place):
            break
        if not _QUOTED.match(line) and not _SIGNED.match(line):
            written.append(line.rstrip())
        place += 1
    return re.sub(r"\n{3,}", "\n\n", "\n".join(written)).strip()


def decoded(part: Mail) -> str:
    """Return the text of a part, in whatever charset it is, or says that it is."""
    payload = part.get_payload(decode=True)
    if not isinstance(payload, bytes):
        return ""
    named = str(part.get_content_charset() or "utf-8")
    for charset in ({"gb2312": "gb18030"}.get(named, named), "utf-8"):
        try:
            return codecs.decode(payload, charset)
        except (LookupError, ValueError, TypeError):
            continue
    return payload.decode("cp1252", "replace")


def _texts(mail: Mail, kind: str) -> Iterator[str]:
    """Yield the texts of a kind that are no attachment, and of no mail within the mail."""
    if mail.get_content_type() == "message/rfc822":
        return
    if mail.is_multipart():
        for part in cast("list[Mail]", mail.get_payload()):
            yield from _texts(part, kind)
    elif mail.get_content_type() == kind and mail.get_content_disposition() != "attachment":
        yield decoded(mail)


def _attribution(lines: list[str], place: int) -> int:
    """Return how many lines say who wrote what follows: mail programs break that line where it is long."""
    for count in (1, 2, 3):
        joined = " ".join(line.strip() for line in lines[place : place + count])
        if _ATTRIBUTION.match(joined):
            return count
    return 0


def _is_quote_next(lines: list[str], place: int) -> bool:
    """Return whether what follows is marked line by line, so that answers may stand between."""
    following = next((line for line in lines[place:] if line.strip()), "")
    return bool(_QUOTED.match(following))


def _is_heading(lines: list[str], place: int) -> bool:
    following = lines[place + 1 : place + 1 + _LOOKED_AHEAD]
    return bool(_HEADING.match(lines[place])) and any(_HEADINGS.match(line) for line in following)


def _text_of(html: str) -> str:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    return "".join(reader.said)


class _Reader(HTMLParser):
    """Reads the words of HTML up to where another mail begins, without what is quoted."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self._skipped = 0
        self._is_over = False

    @override
    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        marks = " ".join(value or "" for name, value in attrs if name in {"class", "id"}).lower()
        self._is_over = self._is_over or any(end in marks for end in _ENDS)
        if tag not in _VOID and (self._skipped or tag in _SKIPPED or any(quote in marks for quote in _QUOTES)):
            self._skipped += 1
        self._break(tag)

    @override
    def handle_endtag(self, tag: str) -> None:
        if self._skipped and tag not in _VOID:
            self._skipped -= 1
        self._break(tag)

    @override
    def handle_data(self, data: str) -> None:
        if not self._skipped and not self._is_over:
            self.said.append(" ".join(data.split()) if data.strip() else " ")

    def _break(self, tag: str) -> None:
        if tag in _BREAKS and not self._skipped:
            self.said.append("\n")
