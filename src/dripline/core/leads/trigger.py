"""Triggers: tokens such as ``WARMEXAMA``, trimmed, upper-cased, never empty, matched whole."""

import re
from functools import lru_cache

from dripline.core.text import is_text
from dripline.errors import InvalidTrigger

TRIGGER_LIMIT = 100
"""The longest trigger, in characters."""

_TOKEN = re.compile(r"[^\s,;]+")
_BETWEEN = re.compile(r"[,;|\n]|\s/\s")


@lru_cache(maxsize=1_024)
def normalize_trigger(raw: str) -> str:
    """Return the one form in which a trigger is stored and compared.

    Raises:
        InvalidTrigger: It is empty, too long, or holds a space, comma or semicolon.
    """
    token = raw.strip().upper()
    if not token:
        raise InvalidTrigger(
            "A trigger is empty: write a word such as WARMEXAMA, since an empty one would match nobody."
        )
    if len(token) > TRIGGER_LIMIT:
        raise InvalidTrigger(f"The trigger {token[:20]}… is longer than {TRIGGER_LIMIT} characters: shorten it.")
    if not is_text(token):
        raise InvalidTrigger("The trigger holds a character that is not text: remove it.")
    if not _TOKEN.fullmatch(token):
        raise InvalidTrigger(f"The trigger {token!r} holds a space, comma or semicolon: write it as one word.")
    return token


def split_triggers(cell: str) -> tuple[str, ...]:
    """Read a cell such as ``COLDVITAC, warmexama`` as triggers, in order, each once; an empty cell holds none.

    Between them stand commas, semicolons, upright strokes, line ends, or slashes with a space on either side.

    Raises:
        InvalidTrigger: One of the words cannot be a trigger.
    """
    words = (word for word in _BETWEEN.split(cell) if word.strip())
    return tuple(dict.fromkeys(normalize_trigger(word) for word in words))
