"""The sample's chance: a hash of a seed and of what it is about, hence the same on every replay."""

import hashlib
from collections.abc import Sequence as Listing
from typing import TypeVar

Option = TypeVar("Option")


def share(seed: int, *about: object) -> float:
    """Return a number from 0 to 1."""
    digest = hashlib.blake2b(":".join(map(str, (seed, *about))).encode(), digest_size=8).digest()
    return int.from_bytes(digest) / 2**64


def pick(options: Listing[Option], seed: int, *about: object) -> Option:
    """Return one of the options."""
    return options[int(share(seed, *about) * len(options))]
