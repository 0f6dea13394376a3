"""The filters that a template may use. Each is paid for out of what one rendering may do, before it makes anything.

They are Jinja's own under Jinja's own names, bounded. Not here are those that call, build or look into objects (`map`,
`attr`, `groupby`), that answer differently each time (`random`), and that would let a lead's words into HTML as they
are (`safe`).
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Final, cast
from urllib.parse import quote

from jinja2 import filters as jinja
from jinja2 import pass_context
from jinja2.runtime import Context, Undefined, markup_join, str_join
from markupsafe import Markup, escape

from dripline.core.leads.attribute import ATTRIBUTE_LIMIT, NUMBER_LIMIT, written

WORK_LIMIT: Final = 500_000
"""What rendering one template may cost: a character that a filter reads or makes is 1, see also the costs below."""

WIDEST: Final = 20_000
"""The longest value inside a template, in characters: what a filter or an operator makes."""

CALL_COST: Final = 50
"""What it costs to use a filter, whatever it is given."""

NODE_COST: Final = 20
"""What each part of a loop's body costs, each time around."""

WORK: Final = "_work"
"""Where a template's context holds what it may still do."""

EACH: Final = "_each"
"""The filter that every loop goes through."""

TOGETHER: Final = "_together"
"""The filter that `~` is turned into."""

_PLACES = re.compile(r"%(?:[-+ 0#]{0,5}\d{0,2}(?:\.\d{0,2})?[sdfgei]|%)|%")
_PLACES_LIMIT = 30
_DECIMALS_LIMIT = 15

Filter = Callable[..., object]


class TooCostly(Exception):
    """Rendering costs more than a template may, or makes a value that is too long."""


class Work:
    """What one rendering may still do."""

    __slots__ = ("_left",)

    def __init__(self) -> None:
        self._left = WORK_LIMIT

    def take(self, cost: int) -> None:
        """Pay for something that is about to be done.

        Raises:
            TooMuch: There is not enough left.
        """
        self._left -= cost
        if self._left < 0:
            raise TooCostly("it does too much for one message: use fewer filters, or a shorter loop")


def _size(value: object) -> int:
    """Return about how many characters a value has; one that is missing raises what it raises when it is shown."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, list | tuple):
        return sum(map(_size, cast("Iterable[object]", value)))
    return len(str(value)) if isinstance(value, Undefined) else 1


def _fits(length: int) -> None:
    if length > WIDEST:
        raise TooCostly(f"it makes a text of more than {WIDEST:,} characters: shorten it")


def _text(value: object) -> str:
    """Return a value as text; what is safe in HTML stays so."""
    return value if isinstance(value, str) else str(value) if isinstance(value, Undefined) else written(value)


def _default(value: object, instead: object = "", boolean: object = None) -> object:
    return jinja.do_default(value, instead, bool(boolean))


def _replace(value: object, old: object, new: object, count: int | None = None) -> object:
    text, old_text, new_text = _text(value), _text(old), _text(new)
    times = text.count(old_text) if count is None else min(text.count(old_text), max(count, 0))
    _fits(len(text) + times * max(len(new_text) - len(old_text), 0))
    if isinstance(text, Markup):
        return text.replace(escape(old_text), escape(new_text), times)
    return text.replace(old_text, new_text, times)


def _truncate(value: object, length: int = 255, killwords: object = None, end: str = "...", leeway: int = 5) -> object:
    text = _text(value)
    if len(text) <= length + max(leeway, 0):
        return text
    if length < len(end):
        raise ValueError(f"a text is cut to {len(end)} characters or more, as its end takes so many")
    beginning = text[: length - len(end)]
    return (beginning if killwords else beginning.rsplit(" ", 1)[0]) + end


def _split(value: object, by: str | None = None) -> object:
    parts = _text(value).split(by or None, ATTRIBUTE_LIMIT)
    return parts[:ATTRIBUTE_LIMIT]


@pass_context
def _join(context: Context, value: object, between: object = "") -> object:
    parts = [_text(part) for part in _listed(value)]
    between_text = _text(between)
    _fits(sum(map(len, parts)) + len(parts) * len(between_text))
    if context.eval_ctx.autoescape:
        return escape(between_text).join(parts)
    return between_text.join(parts)


@pass_context
def _together(context: Context, parts: object) -> object:
    texts = [_text(part) for part in _listed(parts)]
    _fits(sum(map(len, texts)))
    return markup_join(texts) if context.eval_ctx.autoescape else str_join(texts)


def _listed(value: object) -> list[object]:
    """Return the values of a list; a single value counts as a list of it, and text is a single value."""
    if isinstance(value, list | tuple):
        return list(cast("Iterable[object]", value))
    return [value] if value is not None and not isinstance(value, Undefined) else list(cast("Iterable[object]", value))


@pass_context
def _each(context: Context, value: object, body: int) -> object:
    """Return what a loop goes around, paid for by the size of its body."""
    values = _listed(value)[:ATTRIBUTE_LIMIT]
    cast("Work", context[WORK]).take(len(values) * body * NODE_COST)
    return values


def _at(value: object, place: int) -> object:
    """Return one value of a list or sign of a text; an empty one has none, and a missing value says so itself."""
    if isinstance(value, Undefined):
        return value
    parts = value if isinstance(value, str) else _listed(value)
    return parts[place] if parts else ""


def _first(value: object) -> object:
    return _at(value, 0)


def _last(value: object) -> object:
    return _at(value, -1)


def _length(value: object) -> int:
    return len(cast("str", value))


def _round(value: float, precision: int = 0, method: str = "common") -> float:
    if abs(precision) > _DECIMALS_LIMIT:
        raise ValueError(f"a number is rounded to {_DECIMALS_LIMIT} places at most")
    match method:
        case "common":
            return round(value, precision)
        case "ceil" | "floor":
            return float(getattr(math, method)(value * 10.0**precision) / 10.0**precision)
        case _:
            raise ValueError("a number is rounded by 'common', 'ceil' or 'floor'")


def _int(value: object, instead: int = 0) -> int:
    try:
        number = float(cast("str", value))
        whole = int(cast("str", value)) if abs(number) < NUMBER_LIMIT and not _has_fraction(value) else int(number)
    except (TypeError, ValueError, OverflowError):
        return instead
    return whole if abs(whole) < NUMBER_LIMIT else instead


def _has_fraction(value: object) -> bool:
    return isinstance(value, str) and not value.strip().lstrip("+-").isdigit()


def _float(value: object, instead: float = 0.0) -> float:
    try:
        return float(cast("str", value))
    except (TypeError, ValueError, OverflowError):
        return instead


def _format(pattern: object, *values: object) -> object:
    text = _text(pattern)
    places = _PLACES.findall(text)
    if "%" in places or len(places) > _PLACES_LIMIT:
        raise ValueError("`format` takes %s, %d and %f, with up to 99 places, such as '%.2f'")
    _fits(len(text) + 500 * len(places) + sum(map(_size, values)))
    return text % tuple(value if isinstance(value, int | float) else _text(value) for value in values)


def _urlencode(value: object) -> str:
    return quote(_text(value), safe="/")


_FILTERS: Mapping[str, Filter] = {
    "abs": cast("Filter", abs),
    "capitalize": jinja.do_capitalize,
    "count": _length,
    "d": _default,
    "default": _default,
    "e": escape,
    "escape": escape,
    "first": _first,
    "float": _float,
    "format": _format,
    "int": _int,
    "join": _join,
    "last": _last,
    "length": _length,
    "lower": jinja.do_lower,
    "replace": _replace,
    "round": _round,
    "split": _split,
    "string": _text,
    "title": jinja.do_title,
    "trim": jinja.do_trim,
    "truncate": _truncate,
    "upper": jinja.do_upper,
    "urlencode": _urlencode,
}

NAMES: Final = frozenset(_FILTERS)
"""The filters that a template may name."""


def _paid(name: str, function: Filter) -> Filter:
    """Return a filter that pays before it works, and for what it made."""
    wants_context = function in {_join, _together, _each}

    @pass_context
    def pay(context: Context, value: object, *args: object, **options: object) -> object:
        work = cast("Work", context[WORK])
        is_missing = isinstance(value, Undefined)
        work.take(CALL_COST + (0 if is_missing else _size(value)) + sum(map(_size, args)))
        try:
            made = function(context, value, *args, **options) if wants_context else function(value, *args, **options)
        except TypeError as error:
            raise TypeError(f"the filter {name!r} cannot take this value, or what stands in its brackets") from error
        if isinstance(made, str):
            _fits(len(made))
            work.take(len(made))
        return made

    return pay


def filters() -> dict[str, Filter]:
    """Return the filters of an environment, by name, with the two that loops and `~` are turned into."""
    return {name: _paid(name, function) for name, function in {**_FILTERS, EACH: _each, TOGETHER: _together}.items()}


def calculated(operator: str, left: object, right: object) -> object:
    """Return what an operator makes of two numbers.

    Raises:
        TypeError: One of them is no number.
        TooMuch: The result is too large.
    """
    for number in (left, right):
        _size(number)  # one that is missing says so
    if not (isinstance(left, int | float) and isinstance(right, int | float)):
        raise TypeError(f"{operator} takes numbers: join texts by writing one after the other")
    result = _OPERATORS[operator](left, right)
    if not math.isfinite(result) or abs(result) >= NUMBER_LIMIT:
        raise TooCostly(f"{operator} makes a number that is too large")
    return result


_OPERATORS: Mapping[str, Callable[[float, float], float]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "/": lambda left, right: left / right,
    "//": lambda left, right: left // right,
    "%": lambda left, right: left % right,
}
