"""A zipped file of XML parts of which only so much is unpacked at once, however small it was packed.

A reader of XML holds what it was given until it lets go of it: a megabyte of packed elements may take all memory there
is. Elements are counted besides bytes, since an empty one takes a hundred times as much in memory as in the file.
"""

from typing import IO, Self
from zipfile import ZipFile, ZipInfo

from typing_extensions import override

from dripline.errors import InvalidFile

_CHUNK = 1 << 16


class TooMuch(InvalidFile):
    """More would have to be held at once than a list needs."""


class Bounded:
    """A part that is being read, as long as no more than so many elements and bytes came since the last `forget`."""

    def __init__(self, part: IO[bytes], *, elements: int, size: int) -> None:
        self._part = part
        self._elements = elements
        self._bytes = size
        self._held_elements = 0
        self._held_bytes = 0
        self.taken = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, or all that are left."""
        if size >= 0:
            return self._counted(self._part.read(size))
        chunks: list[bytes] = []
        while chunk := self._counted(self._part.read(_CHUNK)):
            chunks.append(chunk)
        return b"".join(chunks)

    def forget(self) -> None:
        """Let what came so far count no more: whoever reads has let go of it."""
        self._held_elements = self._held_bytes = 0

    def close(self) -> None:
        """Let go of the part."""
        self._part.close()

    def _counted(self, chunk: bytes) -> bytes:
        self.taken += len(chunk)
        self._held_bytes += len(chunk)
        self._held_elements += chunk.count(b"<")
        if self._held_elements > self._elements or self._held_bytes > self._bytes:
            raise TooMuch
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
        return Bounded(super().open(name), elements=self.elements, size=self.bytes_at_once)
