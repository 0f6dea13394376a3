"""What looks like a variable and is none: ``{name}``, ``[name]``, ``%name%``. It would go out as written."""

import re
from collections.abc import Iterable, Iterator

from dripline.core.messages.braces import outside
from dripline.core.sequences.sequence import Sequence, Step
from dripline.core.text import is_text

# Each repetition has its most: what somebody pastes must take no longer than it is long.
_LOOKS_LIKE_ONE = re.compile(
    r"\$?\{{1,4}\s{0,4}(?:\{\s{0,4})?(\w{1,100})\s{0,4}\}{1,4}(?:\s{0,4}\})?"
    r"|\{{1,4}\s{0,4}(\w{1,100})\b(?![^{}]{0,200}[|}])"
    r"|\[{1,4}\s{0,4}(\w{1,100})\s{0,4}\]{1,4}|%{1,4}(\w{1,100})%{1,4}|<<\s{0,4}(\w{1,100})\s{0,4}>>"
)


def doubtful_placeholders(sequence: Sequence, known: Iterable[str]) -> tuple[str, ...]:
    """Say of each step what in it looks like a variable and would go out as it is written."""
    names = {name.casefold(): name for name in known}
    found = (
        note
        for position, step in enumerate(sequence.steps, start=1)
        for note in step_placeholders(step, position, names)
    )
    return tuple(dict.fromkeys(found))


def step_placeholders(step: Step, position: int, names: dict[str, str]) -> Iterator[str]:
    """Yield what in one step looks like one of some names, which are keyed by their small letters."""
    sources = [*step.sources(), *([] if step.html is None else [step.html])]
    for source in filter(is_text, sources):
        rest = outside(source)
        yield from _named(rest, position, names)
        if source is not step.html and (stray := _stray(rest)) is not None:
            yield f"step {position} has {stray}: a variable is written {{{{ name }}}}"


def _named(rest: str, position: int, names: dict[str, str]) -> Iterator[str]:
    for match in _LOOKS_LIKE_ONE.finditer(rest):
        name = names.get(next(filter(None, match.groups())).casefold())
        if name is not None:
            yield f"step {position} says {' '.join(match[0].split())}: write {{{{ {name} }}}}"


def _stray(rest: str) -> str | None:
    """Return which doubled braces stand alone, if any do."""
    for pair, other in (("{{", "}}"), ("}}", "{{"), ("{%", "%}"), ("%}", "{%")):
        if pair in rest and other not in rest:
            return f"{pair} without {other}"
    return None
