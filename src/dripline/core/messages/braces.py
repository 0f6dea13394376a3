"""Jinja's own braces in a text: where they close, and what stands outside them. One pass, however they are written."""

_CLOSINGS = {"{{": "}}", "{%": "%}", "{#": "#}"}


class Braces:
    """Answers where Jinja's braces close in one text."""

    __slots__ = ("_last", "_source")

    def __init__(self, source: str) -> None:
        self._source = source
        # Braces that never close are asked about again and again: each search to the end would be a pass of its own.
        self._last = {closing: source.rfind(closing) for closing in _CLOSINGS.values()}

    def end_of(self, at: int) -> int | None:
        """Return where Jinja's braces that open at a place close; None if none open there, or they never close."""
        closing = _CLOSINGS.get(self._source[at : at + 2])
        if closing is None or self._last[closing] < at + 2:
            return None
        return self._source.find(closing, at + 2) + 2


def outside(source: str) -> str:
    """Return a text with a line break in place of whatever stands in Jinja's braces."""
    braces, parts, at, plain_from = Braces(source), list[str](), 0, 0
    while (at := source.find("{", at)) >= 0:
        end = braces.end_of(at)
        if end is None:
            at += 1
            continue
        parts += [source[plain_from:at], "\n"]
        at = plain_from = end
    return "".join([*parts, source[plain_from:]])
