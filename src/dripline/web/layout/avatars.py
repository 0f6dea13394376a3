"""Avatars: two letters of a name on one of five colours, where there is no picture of a person."""

from zlib import crc32

BETWEEN = frozenset({"binti", "bin", "bt", "b", "a/l", "a/p", "anak", "al", "ap", "@"})
"""Words between a person's own name and their father's, as names are written in Malaysia."""

TONES = "abcde"
"""The classes of the five colours."""


def initials(name: str | None) -> str:
    """Return the first letters of the first two names; nothing where no name begins with a letter."""
    words = [word for word in (name or "").split() if word.lower().rstrip(".") not in BETWEEN and word[0].isalpha()]
    return "".join(word[0] for word in words[:2]).upper()


def tone(identity: object) -> str:
    """Return the colour of whoever has an id: the same on every page, whatever they are called by then."""
    return TONES[crc32(str(identity).encode()) % len(TONES)]
