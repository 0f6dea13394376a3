"""A zipped file of XML parts of which only so much is unpacked at once, however small it was packed.

A reader of XML holds what it was given until it lets go of it: a megabyte of packed elements may take all memory there
is. Elements are counted besides bytes, since an empty one takes a hundred times as much in memory as in the file.
"""

from functools import cached_property
from typing import IO, Self
from zipfile import ZipFile, ZipInfo

from typing_extensions import override

from dripline.errors import InvalidFile

_CHUNK = 1 << 16

_STRICT = b"http://purl.oclc.org/ooxml/"
_USUAL = b"http://schemas.openxmlformats.org/"
_NAMES = {
    _STRICT + b"spreadsheetml/main": _USUAL + b"spreadsheetml/2006/main",
    _STRICT + b"officeDocument/relationships": _USUAL + b"officeDocument/2006/relationships",
}
"""What Excel calls the same things in a "Strict Open XML Spreadsheet", which openpyxl does not read."""

_LONGEST = max(map(len, _NAMES))


class ZipTooLarge(InvalidFile):
    """More would have to be held at once than a list needs."""


class Bounded:
    """A part that is being read, as long as no more than so many elements and bytes came since the last `forget`."""

    def __init__(self, part: IO[bytes], *, elements: int, size: int, is_strict: bool = False) -> None:
        self._part = part
        self._is_strict = is_strict
        self._begun = b""
        self._elements = elements
        self._bytes = size
        self._held_elements = 0
        self._held_bytes = 0
        self.bytes_read = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, or all that are left."""
        if size >= 0:
            return self._counted(self._next(size))
        chunks: list[bytes] = []
        while chunk := self._counted(self._next(_CHUNK)):
            chunks.append(chunk)
        return b"".join(chunks)

    def _next(self, size: int) -> bytes:
        """Return the next bytes, in the names of the usual form of a workbook where it is in the strict one."""
        chunk = self._part.read(size)
        if not self._is_strict:
            return chunk
        whole = self._begun + chunk
        for strict, usual in _NAMES.items():
            whole = whole.replace(strict, usual)
        # A name may be cut in two, so its length is held back until there is no more.
        end = len(whole) - _LONGEST if chunk else len(whole)
        self._begun = whole[max(0, end) :]
        return whole[:end] if end > 0 or not chunk else self._next(size)

    def forget(self) -> None:
        """Let what came so far count no more: whoever reads has let go of it."""
        self._held_elements = self._held_bytes = 0

    def close(self) -> None:
        """Let go of the part."""
        self._part.close()

    def _counted(self, chunk: bytes) -> bytes:
        self.bytes_read += len(chunk)
        self._held_bytes += len(chunk)
        self._held_elements += chunk.count(b"<")
        if self._held_elements > self._elements or self._held_bytes > self._bytes:
            raise ZipTooLarge
        return chunk


class BoundedZip(ZipFile):
    """A zipped file whose parts are `Bounded` by what its attributes say when each is opened."""

    elements = 0
    bytes_at_once = 0

    @override
    def open(  # pyright: ignore[reportIncompatibleMethodOverride]  (what is read of a part is all that is asked for)
        self, name: str | ZipInfo, mode: str = "r", pwd: bytes | None = None, *, force_zip64: bool = False
    ) -> Bounded:
        """Open a part for reading."""
        return Bounded(super().open(name), elements=self.elements, size=self.bytes_at_once, is_strict=self._is_strict)

    @cached_property
    def _is_strict(self) -> bool:
        books = [name for name in self.namelist() if name.rpartition("/")[2] == "workbook.xml"]
        return any(_STRICT in super(BoundedZip, self).open(name).read(_CHUNK) for name in books[:1])
