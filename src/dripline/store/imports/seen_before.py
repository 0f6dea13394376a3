"""Whether something came before, for millions of things: 8 to 16 bytes for each, whatever it is."""

from array import array
from collections.abc import Hashable

_FIRST_SIZE = 1 << 12


class SeenBefore:
    """A set of which only the hashes are kept, in a table of machine numbers that doubles as it fills.

    Two things of one hash, of 2**64, count as the same: of a million leads, once in thirty million lists.
    """

    def __init__(self) -> None:
        self._slots = array("q", bytes(8 * _FIRST_SIZE))
        self._count = 0

    def __contains__(self, thing: Hashable) -> bool:
        mark = hash(thing) or 1
        return self._slots[self._place(mark)] == mark

    def add(self, thing: Hashable) -> bool:
        """Remember a thing; returns whether it is new."""
        mark = hash(thing) or 1
        place = self._place(mark)
        if self._slots[place] == mark:
            return False
        self._slots[place] = mark
        self._count += 1
        if 2 * self._count > len(self._slots):
            self._grow()
        return True

    def _place(self, mark: int) -> int:
        """Return where a hash is, or would be: at the first slot from its own on that is free."""
        slots, last = self._slots, len(self._slots) - 1
        place = mark & last
        while slots[place] not in {0, mark}:
            place = (place + 1) & last
        return place

    def _grow(self) -> None:
        before = self._slots
        self._slots = array("q", bytes(16 * len(before)))
        for mark in before:
            if mark:
                self._slots[self._place(mark)] = mark
