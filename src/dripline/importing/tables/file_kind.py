"""What a file is by its content: a text, a workbook, cards of people, or nothing that is read.

What is not read is refused in one sentence that says what to do with it.
"""

import re
from enum import Enum, auto
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from dripline.errors import InvalidFile
from dripline.importing.table import check_is_file, unreadable


class FileKind(Enum):
    """What can be read."""

    TEXT = auto()
    WORKBOOK = auto()
    CARDS = auto()


_START = 2_048
"""How many bytes of a file tell what it is."""

_OLE_START = 4_000_000
"""Among how many bytes of an old workbook the names of what it holds are looked for."""

_SAVE = "open it in Excel, and save it as an Excel workbook (.xlsx) or as CSV UTF-8"

_PICTURE = rb"\x89PNG|\xff\xd8\xff|GIF8|BM....\0\0\0\0|II\*\0|MM\0\*|RIFF....WEBP|....ftyp"
_PAGE = rb"(\xef\xbb\xbf)?\s*<(!doctype html|html|head|table|meta)"

_OTHERS = (
    (rb"%PDF", "is a PDF, which holds no cells: export the list as CSV or Excel where it comes from"),
    (_PICTURE, "is a picture: export the list as CSV or Excel where it comes from"),
    (rb"\x1f\x8b|7z\xbc\xaf|Rar!|BZh|\xfd7zXZ", "is packed: unpack it, and import the list inside"),
    (rb"SQLite format 3|PAR1", "is a database: export its list as CSV"),
    (rb"\{\\rtf", "is a text document: copy its table into Excel, and save that as CSV UTF-8"),
    (_PAGE, f"is a web page, as some programs save lists: {_SAVE}"),
    (rb"(\xef\xbb\xbf)?\s*<\?xml", f"is XML: {_SAVE}"),
    (rb'(\xef\xbb\xbf)?\s*(\{\s*"|\[\s*\{)', "is JSON: export the list as CSV, or post it to the API"),
)
"""What files begin with that hold no list that is read, and what is said of them."""

_BY_NAME = {
    **dict.fromkeys((".xls", ".xlsb", ".xml", ".htm", ".html"), f"is no list that is read: {_SAVE}"),
    **dict.fromkeys((".ods", ".fods", ".numbers"), "is no list that is read: save it as an Excel workbook (.xlsx)"),
    **dict.fromkeys((".zip", ".gz", ".7z", ".rar"), "is packed: unpack it, and import the list inside"),
    **dict.fromkeys(
        (".pdf", ".png", ".jpg", ".jpeg", ".heic", ".doc", ".docx"),
        "holds no cells: export the list as CSV or Excel where it comes from",
    ),
}
"""What is said of files by what their names end in."""

_CARDS = re.compile(rb"\s*BEGIN:VCARD", re.IGNORECASE)


def file_kind(path: Path) -> FileKind:
    """Return what a file is.

    Raises:
        InvalidFile: It is nothing that is read, or cannot be read.
    """
    check_is_file(path)
    try:
        with path.open("rb") as stream:
            start = stream.read(_START)
            if start.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
                raise _old_workbook(path, start + stream.read(_OLE_START))
    except OSError as error:
        raise unreadable(path, error) from error
    if start.startswith(b"PK"):
        return _packed(path)
    for begins, said in _OTHERS:
        if re.match(begins, start, re.IGNORECASE | re.DOTALL):
            raise InvalidFile(f"{path} {said}.")
    plain = start.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe")
    return FileKind.CARDS if _CARDS.match(plain) else FileKind.TEXT


def no_list(path: Path) -> InvalidFile:
    """Return the error for a file whose name ends in nothing that lists end in."""
    said = _BY_NAME.get(path.suffix.lower())
    return InvalidFile(
        f"{path} is neither .csv nor .xlsx: "
        + (f"it {said}." if said else "save it as CSV UTF-8 or as an Excel workbook (.xlsx).")
    )


def _old_workbook(path: Path, content: bytes) -> InvalidFile:
    if "EncryptedPackage".encode("utf-16-le") in content:
        return InvalidFile(
            f"{path} is locked with a password: open it in Excel, take the password off, and save it again."
        )
    return InvalidFile(f"{path} is a workbook of the old kind (.xls), or has a password: {_SAVE}, without a password.")


def _packed(path: Path) -> FileKind:
    try:
        with ZipFile(path) as archive:
            names = archive.namelist()
            kind = archive.open("mimetype").read(100) if "mimetype" in names else b""
    except OSError as error:
        raise unreadable(path, error) from error
    except (BadZipFile, ValueError, NotImplementedError, RuntimeError, EOFError) as error:
        raise InvalidFile(f"{path} is damaged or not readable as an Excel workbook: {_SAVE}.") from error
    if b"opendocument" in kind or "content.xml" in names:
        raise InvalidFile(
            f"{path} is a document of LibreOffice (.ods): save it as an Excel workbook (.xlsx) or as CSV in UTF-8."
        )
    if "xl/workbook.bin" in names:
        raise InvalidFile(f"{path} is a binary workbook (.xlsb): {_SAVE}.")
    if any(name.endswith(".iwa") for name in names):
        raise InvalidFile(f"{path} is a document of Apple's Numbers: export it as Excel (.xlsx) or as CSV in UTF-8.")
    if any(name.startswith("word/") for name in names):
        raise InvalidFile(f"{path} is a document of Word: copy its table into Excel, and save that as CSV UTF-8.")
    if "[Content_Types].xml" in names:
        return FileKind.WORKBOOK
    raise InvalidFile(f"{path} is a zip archive: unpack it, and import the list inside.")
