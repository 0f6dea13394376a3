"""How a file of rows is to be read, where a person knows better than what can be told from the file itself."""

import codecs
from dataclasses import dataclass, field

from dripline.errors import InvalidFile

_DELIMITERS = {"tab": "\t", "\\t": "\t", "comma": ",", "semicolon": ";", "pipe": "|", "space": " "}
_ENCODINGS = {"ansi": "cp1252", "gbk": "gb18030", "gb2312": "gb18030", "latin1": "cp1252", "iso-8859-1": "cp1252"}
"""Encodings that are read by one that holds all their letters, and is what programs of Windows write by that name."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a file is to be read; what is None is found out.

    `encoding` and `delimiter` are those of a text, `sheet` is the name of a workbook's sheet, or its place from 1 on,
    and `header_row` the number of the row that names the columns, as the spreadsheet numbers it.

    Raises:
        InvalidFile: There is no such encoding, or the others cannot be what they are for.
    """

    encoding: str | None = field(default=None, kw_only=True)
    delimiter: str | None = field(default=None, kw_only=True)
    sheet: str | None = field(default=None, kw_only=True)
    header_row: int | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        if self.encoding is not None:
            object.__setattr__(self, "encoding", _encoding(self.encoding))
        if self.delimiter is not None:
            object.__setattr__(self, "delimiter", _delimiter(self.delimiter))
        if self.header_row is not None and self.header_row < 1:
            raise InvalidFile(f"There is no row {self.header_row}: the first one is row 1.")


@dataclass(frozen=True, slots=True)
class ReadAs:
    """How a file was read. `notes` are sentences that a person should see before the file comes in.

    `sheets` are the names of the sheets that can be read; a text has none.
    """

    encoding: str | None = field(default=None, kw_only=True)
    delimiter: str | None = field(default=None, kw_only=True)
    sheet: str | None = field(default=None, kw_only=True)
    sheets: tuple[str, ...] = field(default=(), kw_only=True)
    header_row: int | None = field(default=None, kw_only=True)
    notes: tuple[str, ...] = field(default=(), kw_only=True)


def _encoding(name: str) -> str:
    wanted = name.strip().casefold()
    wanted = _ENCODINGS.get(wanted.replace("_", "-"), wanted)
    try:
        found = codecs.lookup(wanted)
        "".encode(found.name)
    except (LookupError, ValueError):
        raise InvalidFile(
            f"{name[:40]!r} is no encoding of text: write one such as utf-8, windows-1252, gb18030 or shift_jis."
        ) from None
    return found.name


def _delimiter(written: str) -> str:
    found = _DELIMITERS.get(written.strip().casefold(), written)
    if len(found) != 1 or found in '"\r\n\0' or found.isalnum():
        raise InvalidFile(
            f"{written[:40]!r} cannot stand between two cells: write one sign such as , or ; or |, or the word tab."
        )
    return found
