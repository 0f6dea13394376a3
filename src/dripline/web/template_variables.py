"""Templates of messages as a person reads them: a variable is a tinted word."""

import re

from markupsafe import Markup, escape

_VARIABLE = re.compile(r"\{\{\s*(\w+)[^{}]{0,200}\}\}")

SHORT = 160
"""How much of a text a row shows, in characters."""


def variables_shown(text: str, length: int | None = SHORT) -> Markup:
    """Return a text with its variables as tinted words: all of it, or as much as a row shows."""
    parts = _VARIABLE.split(text)
    shown: list[Markup] = []
    left = length if length is not None else len(text)
    for at, part in enumerate(parts):
        if left <= 0:
            break
        cut = part[:left]
        shown.append(Markup('<span class="var">{}</span>').format(cut) if at % 2 else escape(cut))
        left -= len(cut)
    return Markup().join(shown)
