"""A macro is written in a statement as a call, ``address_of(s, l)``, and replaced by its text.

Its arguments are texts of SQL themselves, which may hold calls and parentheses. Macros are put in as text and are not
functions of the database, so that both planners see through them.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache

Expansion = Callable[..., str]
"""What makes the text of a macro of the texts of its arguments."""

_MACRO = re.compile(r"^-- macro: (\w+)\(([\w, ]*)\)\n", re.MULTILINE)
_MARK = re.compile(r"'[^']*'|[(),]")
"""A text in quotes, whose parentheses and commas count for nothing, or what an argument ends at."""


@dataclass(frozen=True, slots=True)
class Macro:
    """A macro whose body names its parameters in braces, as in ``{lead}.phone``."""

    name: str
    parameters: tuple[str, ...]
    body: str

    def __call__(self, *arguments: str) -> str:
        """Return the body with the arguments in place of the parameters.

        Raises:
            ValueError: There are more or fewer arguments than parameters.
        """
        text = self.body
        for parameter, argument in zip(self.parameters, arguments, strict=True):
            text = text.replace(f"{{{parameter}}}", argument)
        return text


def macros_in(text: str) -> dict[str, Expansion]:
    """Return the macros of a file by name: a line ``-- macro: name(parameters)``, comments, and the body."""
    _, *parts = _MACRO.split(text)
    return {
        name: Macro(name, tuple(re.findall(r"\w+", parameters)), _without_comments(body))
        for name, parameters, body in zip(parts[::3], parts[1::3], parts[2::3], strict=True)
    }


def expand(text: str, macros: Mapping[str, Expansion]) -> str:
    """Return a statement with the text of every macro that it calls, and that these call.

    Raises:
        ValueError: A call has no end, or another number of arguments than the macro takes.
    """
    calls, parts, end = _calls(tuple(macros)), list[str](), 0
    while call := calls.search(text, end):
        arguments, after = _arguments(text, call.end())
        parts += [text[end : call.start()], expand(macros[call[1]](*arguments), macros)]
        end = after
    return "".join([*parts, text[end:]])


@cache
def _calls(names: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile(rf"\b({'|'.join(names)})\(")


def _arguments(text: str, start: int) -> tuple[list[str], int]:
    """Return the arguments of a call that begin at a place, and the place behind its end."""
    found, depth, begin = list[str](), 1, start
    for mark in _MARK.finditer(text, start):
        depth += {"(": 1, ")": -1}.get(mark[0], 0)
        if depth == 0 or (depth == 1 and mark[0] == ","):
            found.append(text[begin : mark.start()].strip())
            begin = mark.end()
        if depth == 0:
            return [argument for argument in found if argument], begin
    raise ValueError(f"a macro's call has no end: {text[start - 40 : start]!r}")


def _without_comments(body: str) -> str:
    return "\n".join(line for line in body.splitlines() if not line.startswith("--")).strip()
