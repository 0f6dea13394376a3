"""Chance for tests: the same for the same seed."""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

Option = TypeVar("Option")


class Chance:
    """A stream of chances, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._drawn = 0

    def share(self) -> float:
        """Return the next number from 0 to 1."""
        self._drawn += 1
        digest = hashlib.blake2b(f"{self._seed}:{self._drawn}".encode(), digest_size=8).digest()
        return int.from_bytes(digest) / 2**64

    def happens(self, probability: float) -> bool:
        """Say whether something of this probability happens."""
        return self.share() < probability

    def pick(self, options: Sequence[Option]) -> Option:
        """Return one of the options."""
        return options[int(self.share() * len(options))]

    def number(self) -> int:
        """Return a large number."""
        return int(self.share() * 2**52)
