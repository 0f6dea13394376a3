"""Spintax: `{Hi|Hello|Hey}` in a text, one option of which each lead gets; turned into Jinja, the one template engine.

Groups nest. What stands in Jinja's own braces is left to Jinja, and braces that hold no bar, or are never closed, are
plain text. Which option a lead gets is for whoever renders to say, by the number of the group.
"""

from dataclasses import dataclass
from itertools import pairwise

from dripline.core.messages.braces import Braces

CHOICE = "_choice"
"""The function that a rendered text asks which option to take: by the number of the group and how many there are."""

DEEPEST = 20
"""How deep groups may nest; braces below that are plain text."""


@dataclass(frozen=True, slots=True)
class Group:
    """Options, each of which is a text of its own."""

    options: tuple["Text", ...]


Text = tuple[str | Group, ...]
"""A text in its parts: plain ones with Jinja in them, and groups."""


def spun(source: str) -> str:
    """Return a text as Jinja source in which each group asks `CHOICE`; one without groups as it is."""
    if "|" not in source or "{" not in source:
        return source
    parts = parse(source)
    return _Writer().written(parts) if any(isinstance(part, Group) for part in parts) else source


def parse(source: str) -> Text:
    """Return a text in its parts. Whatever is written can be read."""
    return _Reader(source).text()


def shortest(text: Text) -> int:
    """Return the fewest characters that a text can have, Jinja left out; 0 where Jinja decides what stands in it."""
    if _has_statement(text):
        return 0
    return sum(min(map(shortest, part.options)) if isinstance(part, Group) else _plain(part) for part in text)


def _has_statement(text: Text) -> bool:
    return any(any(map(_has_statement, part.options)) if isinstance(part, Group) else "{%" in part for part in text)


def _plain(part: str) -> int:
    """Count the characters of a part outside Jinja's braces."""
    braces, count, at = Braces(part), 0, 0
    while at < len(part):
        end = braces.end_of(at)
        count, at = (count + 1, at + 1) if end is None else (count, end)
    return count


class _Reader:
    """Reads a text from left to right. Where each brace closes is found once, so that this takes no longer than it."""

    def __init__(self, source: str) -> None:
        self._source, self._braces = source, Braces(source)
        self._closes, self._bars = _pairs(source, self._braces)

    def text(self) -> Text:
        return self._between(0, len(self._source))

    def _between(self, start: int, end: int) -> Text:
        parts: list[str | Group] = []
        at = plain_from = start
        while at < end:
            bars = self._bars.get(at)
            if bars is None:
                at = self._braces.end_of(at) or at + 1
                continue
            if at > plain_from:
                parts.append(self._source[plain_from:at])
            edges = [at, *bars, self._closes[at]]
            parts.append(Group(tuple(self._between(one + 1, other) for one, other in pairwise(edges))))
            at = plain_from = self._closes[at] + 1
        if end > plain_from:
            parts.append(self._source[plain_from:end])
        return tuple(parts)


def _pairs(source: str, braces: Braces) -> tuple[dict[int, int], dict[int, list[int]]]:
    """Return where each brace outside Jinja's closes, and the bars of each that has any; by where it opens."""
    closes: dict[int, int] = {}
    bars: dict[int, list[int]] = {}
    waiting: list[tuple[int, list[int]]] = []
    at = 0
    while at < len(source):
        end = braces.end_of(at)
        if end is not None:
            at = end
            continue
        match source[at]:
            case "{":
                waiting.append((at, []))
            case "|" if waiting:
                waiting[-1][1].append(at)
            case "}" if waiting:
                opened, found = waiting.pop()
                closes[opened] = at
                if found and len(waiting) < DEEPEST:
                    bars[opened] = found
            case _:
                pass
        at += 1
    return closes, bars


class _Writer:
    """Writes a text as Jinja, numbering its groups as they open."""

    def __init__(self) -> None:
        self._groups = 0

    def written(self, text: Text) -> str:
        return "".join(self._group(part) if isinstance(part, Group) else _plainly(part) for part in text)

    def _group(self, group: Group) -> str:
        self._groups += 1
        asked = f"{CHOICE}({self._groups}, {len(group.options)})"
        parts = [
            f"{{% {'elif' if place else 'if'} {asked} == {place} %}}{self.written(option)}"
            for place, option in enumerate(group.options)
        ]
        return "".join(parts) + "{% endif %}"


def _plainly(part: str) -> str:
    """Keep a last brace from being taken together with that of the Jinja that may come next."""
    rest = part.rstrip("{")
    return part if rest == part else f"{rest}{{{{ '{part[len(rest) :]}' }}}}"
