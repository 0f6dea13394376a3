"""Is a message of a lead a request to stop? Whole messages only: "please don't stop" is none."""

import unicodedata
from collections.abc import Iterable

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


def is_stop(text: str, words: Iterable[str] = STOP_WORDS) -> bool:
    """Return whether a message says nothing but one of the words, whatever its case, punctuation or emoji."""
    said = plain(text)
    return bool(said) and any(said == plain(word) for word in words)


def plain(text: str) -> str:
    """Return the letters and digits of a text in lower case, words divided by single spaces."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    # An apostrophe joins ("don't"), anything else that is neither letter nor digit divides.
    kept = (" " if not character.isalnum() else character for character in folded if character not in "'\u2019")
    return " ".join("".join(kept).split())
