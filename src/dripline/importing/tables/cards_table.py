"""Cards of people (vCard 2.1, 3.0 and 4.0, .vcf), as phones and address books export them: a row for each card."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import TextIOWrapper
from pathlib import Path
from quopri import decodestring

from dripline.errors import InvalidFile
from dripline.importing.reading import ReadAs, Reading
from dripline.importing.table import Row, check_is_file, unreadable
from dripline.importing.tables.encoding import Encoding, find_encoding, said

COLUMNS = ("name", "phone", "email", "other phones", "organization", "birthday", "labels", "note")
"""The columns of a row. A card has one phone: the mobile one, or the first."""

VALUE_LIMIT = 100_000
"""How many characters of a line of a card are kept; pictures are longer, and are passed over."""

_LINE = re.compile(r"(?:[^.:;\s]+\.)?([A-Za-z-]+)((?:;(?:\"[^\"]*\"|[^\":;])*)*):(.*)", re.DOTALL)
_PARAMETER = re.compile(r';((?:"[^"]*"|[^";])*)')
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_NOT_ENDED = "The card is not ended: write END:VCARD below it."


@dataclass(frozen=True, slots=True)
class _Line:
    """One fact of a card; `kinds` are the words beside its name, in lower case."""

    name: str
    value: str = field(kw_only=True)
    kinds: frozenset[str] = field(kw_only=True)


class CardsTable:
    """Cards opened for one reading; their columns are `COLUMNS`."""

    delimiter = ","

    def __init__(self, path: Path, reading: Reading | None = None) -> None:
        check_is_file(path)
        self._path = path
        wanted = reading.encoding if reading else None
        try:
            self._size = path.stat().st_size
            self._bytes = path.open("rb")
        except OSError as error:
            raise unreadable(path, error) from error
        try:
            self._encoding = Encoding(wanted) if wanted else find_encoding(path, self._bytes)
            self._bytes.seek(0)
        except (OSError, InvalidFile) as error:
            self._bytes.close()
            raise unreadable(path, error) from error
        errors = "replace" if self._encoding.is_damaged else "strict"
        self._stream = TextIOWrapper(self._bytes, encoding=self._encoding.name, errors=errors)

    @property
    def progress(self) -> float:
        """How much has been read, from 0 to 1, in steps of the reading buffer."""
        return min(1.0, self._bytes.tell() / self._size)

    @property
    def read_as(self) -> ReadAs:
        """The encoding, as it was said or found out."""
        return ReadAs(encoding=self._encoding.name, notes=tuple(filter(None, (self._encoding.note,))))

    def rows(self) -> Iterator[Row]:
        """Yield the names of the columns, then a row for each card."""
        yield Row(1, cells=COLUMNS)
        number, card = 1, list[_Line]()
        for line in self._lines():
            if line.name == "begin":
                if card:
                    number += 1
                    yield Row(number, cells=_cells(card), broken=_NOT_ENDED)
                card = [line]
            elif line.name == "end" and card:
                number += 1
                yield Row(number, cells=_cells(card))
                card = []
            elif card:
                card.append(line)
        if card:
            yield Row(number + 1, cells=_cells(card), broken=_NOT_ENDED)

    def close(self) -> None:
        """Let go of the file."""
        self._stream.close()

    def _lines(self) -> Iterator[_Line]:
        try:
            for written in _whole_lines(self._stream):
                line = _read(written)
                if line is not None:
                    yield line
        except UnicodeError as error:
            raise InvalidFile(
                f"{self._path} is not in {said(self._encoding.name)} to its end: name another."
            ) from error
        except (OSError, ValueError, LookupError) as error:
            raise unreadable(self._path, error) from error


def _whole_lines(stream: TextIOWrapper) -> Iterator[str]:
    """Yield lines with what was broken off them: what begins with a space, and what follows a quoted line's `=`."""
    held = ""
    while piece := stream.readline(VALUE_LIMIT):
        text = piece.rstrip("\r\n")
        if held.endswith("=") and "QUOTED-PRINTABLE" in held.upper():
            held = held[:-1] + text
        elif piece[0] in " \t":
            held += text[1:]
        else:
            if held:
                yield held
            held = text
        held = held[:VALUE_LIMIT]
    if held:
        yield held


def _read(written: str) -> _Line | None:
    found = _LINE.fullmatch(written)
    if found is None:
        return None
    parameters: list[str] = [one.strip('"').casefold() for one in _PARAMETER.findall(found[2])]
    named = {name: value for name, _, value in (one.partition("=") for one in parameters)}
    words = [word for one in parameters for word in one.rpartition("=")[2].strip('"').split(",")]
    value = found[3]
    if "quoted-printable" in words:
        value = decodestring(value.encode("ascii", "ignore")).decode(named.get("charset", "utf-8"), "replace")
    words += ["waid"] if "waid" in named else []
    return _Line(found[1].casefold(), value=value, kinds=frozenset(words))


def _cells(card: list[_Line]) -> tuple[str, ...]:
    phones = [line.value.strip() for line in sorted(_of(card, "tel"), key=_rank) if line.value.strip()]
    emails = sorted(_of(card, "email"), key=lambda line: "pref" not in line.kinds)
    first = {
        name: " ".join(filter(None, _parts(found[0].value))) if (found := _of(card, name)) else ""
        for name in ("org", "bday", "note")
    }
    labels = ", ".join(_plain(line.value) for line in _of(card, "categories"))
    email = emails[0].value.strip().removeprefix("mailto:") if emails else ""
    others = ", ".join(phones[1:])
    return (_name(card), phones[0] if phones else "", email, others, first["org"], first["bday"], labels, first["note"])


def _of(card: list[_Line], name: str) -> list[_Line]:
    return [line for line in card if line.name == name]


def _rank(line: _Line) -> tuple[bool, bool, bool, bool]:
    """Order phones: one of WhatsApp, a mobile one, the preferred one, any other, a fax."""
    is_mobile = bool(line.kinds & {"cell", "mobile", "iphone"})
    is_other = bool(line.kinds & {"fax", "pager"}) and not is_mobile
    return "waid" not in line.kinds, is_other, not is_mobile, "pref" not in line.kinds


def _name(card: list[_Line]) -> str:
    full = next((_plain(line.value).strip() for line in _of(card, "fn") if line.value.strip()), "")
    if full:
        return full
    parts = next((_parts(line.value) for line in _of(card, "n")), list[str]())
    family, given, middle, prefix, suffix = (*parts, "", "", "", "", "")[:5]
    return " ".join(filter(None, (prefix, given, middle, family, suffix)))


def _parts(value: str) -> list[str]:
    return [_plain(part).strip() for part in re.split(r"(?<!\\);", value)]


def _plain(value: str) -> str:
    return _ESCAPED.sub(lambda found: "\n" if found[1] in "nN" else found[1], value)
