"""What a lead's message asks of us: to stop, perhaps to stop, to begin again, or nothing of that.

Only whole messages stop anybody for good: "please don't stop" does not. What has such words in it and may mean it waits
for a person.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache

from dripline.core.events.inbound import Keyword
from dripline.core.replies.stop_phrases import (
    HELPS,
    NO_STOP,
    PROMOTIONS,
    SIGNS,
    STARTS,
    STRONG,
    UNSPACED,
    WEAK,
    WEAK_WORDS,
)

STOP_WORDS = (
    "stop",
    "stop all",
    "stopall",
    "unsubscribe",
    "quit",
    "end",
    "cancel",
    "revoke",
    "opt out",
    "optout",
    "berhenti",
    "henti",
    "hentikan",
    "batal",
    "tak nak",
    "taknak",
    "tidak mahu",
    "jangan hantar",
)
"""What means "stop" unless the workspace says otherwise, in English and Malay. The English ones are those that carriers
and providers honour (CTIA Messaging Principles; Twilio's default opt-out keywords)."""

WORDS_LIMIT = 200
"""The most words a workspace may have."""

_MORE_WORDS = 3
"""How many words may stand beside a workspace's own word for it to be heeded."""

BEGINNING = 400
"""How much of a message is looked through for what may ask to stop, in characters."""

_INVISIBLE = {*map(chr, (0xAD, 0x180E, 0x200B, 0x200E, 0x200F, 0x2060, 0xFEFF, *range(0x202A, 0x202F)))} | {
    *map(chr, range(0x2066, 0x206A))
}
"""Marks that some keyboards and programs put between letters; joiners are none, since they divide Persian words."""

_ACCENTS = {*map(chr, (*range(0x300, 0x370), *range(0x64B, 0x656), 0x670, 0x640))}
"""Accents that people leave out: those of Latin, Greek and Cyrillic letters, and of Arabic."""


class Wish(StrEnum):
    """What a message asks of us."""

    STOP = "stop"
    MAYBE_STOP = "maybe_stop"
    START = "start"
    HELP = "help"
    NOTHING = "nothing"


def wish_of(text: str, words: Iterable[str] = STOP_WORDS, *, button: str = "", keyword: Keyword | None = None) -> Wish:
    """Return what a message asks of us.

    `words`: the workspace's stop words. `button`: what stands behind a button that was pressed; `text` is its label.
    `keyword`: what the provider took it for, which counts.
    """
    if keyword is not None:
        return Wish(keyword.value)
    known = [*words]
    if is_stop(text, known) or is_stop_button(button, known):
        return Wish.STOP
    if near_stop_in(text, known) or near_stop_in(button, known):
        return Wish.MAYBE_STOP
    said = "" if button else plain(text)
    if said in STARTS:
        return Wish.START
    return Wish.HELP if said in HELPS else Wish.NOTHING


def is_stop(text: str, words: Iterable[str] = STOP_WORDS) -> bool:
    """Return whether a message says nothing but one of the words, whatever its case, punctuation or emoji.

    So does the label of Meta's own button for it, whatever the words are.
    """
    said = plain(text)
    return bool(said) and (any(said == plain(word) for word in words) or _bare(text) in _phrases(PROMOTIONS))


def plain(text: str) -> str:
    """Return the letters and digits of a text in lower case, words divided by single spaces."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("i\u0307", "i").replace("\u0131", "i")
    # An apostrophe joins ("don't"), anything else that is neither letter nor digit divides.
    characters = (
        " " if not character.isalnum() else character
        for character in folded
        if character not in "'\u2019" and character not in _INVISIBLE
    )
    return " ".join("".join(characters).split())


def is_stop_button(button: str, words: Iterable[str] = STOP_WORDS) -> bool:
    """Return whether a button is one that stops. "cancel" behind one may be about an appointment."""
    return is_stop(button, words) and _bare(button) not in _phrases(WEAK)


@dataclass(frozen=True, slots=True)
class NearStop:
    """The phrase in a message that may ask to stop, and how many words stand beside it."""

    phrase: str
    others: int = field(kw_only=True)


def near_stop_in(text: str, words: Iterable[str] = STOP_WORDS) -> NearStop | None:
    """Return what in a message may ask to stop, the longest where there are several; None if nothing may."""
    said = _bare(_own_words(text))
    if not said:
        sign = next((sign for sign in SIGNS if sign in text), None)
        return None if sign is None else NearStop(sign, others=0)
    for other in _phrases(NO_STOP):
        said = f" {said} ".replace(f" {other} ", " ").strip()
    phrase = max(_near_stops(said, words), key=lambda found: (len(found), found), default=None)
    return None if phrase is None else NearStop(phrase, others=max(0, _length(said) - _length(phrase)))


def _near_stops(said: str, words: Iterable[str]) -> Iterator[str]:
    length, squeezed = _length(said), said.replace(" ", "")
    yield from (phrase for phrase in _phrases(STRONG) if _has(said, phrase))
    yield from (phrase for phrase in _phrases(UNSPACED) if phrase.replace(" ", "") in squeezed)
    if length <= WEAK_WORDS:
        yield from (phrase for phrase in _phrases(WEAK) if _has(said, phrase))
    known = ((word, word.count(" ")) for word in map(_bare, words))
    yield from (word for word, spaces in known if _has(said, word) and length - spaces <= 1 + _MORE_WORDS)


def _length(said: str) -> int:
    return said.count(" ") + 1


def _own_words(text: str) -> str:
    """Return how a message begins, without what it quotes: a mail repeats ours, where "unsubscribe" stands."""
    return "\n".join(line for line in text.splitlines() if not line.lstrip().startswith(">"))[:BEGINNING]


def _has(said: str, phrase: str) -> bool:
    return f" {phrase} " in f" {said} "


@cache
def _phrases(written: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(_bare, written))


def _bare(text: str) -> str:
    """Return a text as it is compared with phrases of ours: plain, and without the accents that people leave out."""
    apart = unicodedata.normalize("NFKD", plain(unicodedata.normalize("NFC", text)))
    return unicodedata.normalize("NFC", "".join(mark for mark in apart if mark not in _ACCENTS))
