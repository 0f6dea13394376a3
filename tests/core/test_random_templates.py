"""Random templates of the grammar, and of what lies beside it: each is refused, or renders soon and in little."""

import os
import tracemalloc
from collections.abc import Callable
from collections.abc import Sequence as Listing

import pytest

from dripline.core.leads.lead import Lead
from dripline.core.messages import template
from dripline.core.messages.render import render_html, render_text
from dripline.core.messages.template_filters import NAMES
from dripline.core.messages.template_grammar import TESTS
from dripline.errors import InvalidTemplate
from support.chance import Chance
from support.real_time import least_seconds

MOST_SECONDS = 0.05
MOST_BYTES = 5_000_000
Render = Callable[..., object]
RENDERS: tuple[Render, ...] = (render_text, render_html)

PARTS = 8
"""Into how many tests they are parted, for as many processes."""

MANY = int(os.environ.get("DRIPLINE_TEMPLATES", "500"))

FILTERS = sorted(NAMES)
QUESTIONS = sorted(test for test in TESTS if test.isidentifier())
PLAIN = ["Hi ", "a" * 50, "😀", "}}", "{", "|", "%", "\\", "<b>", "\n"]
NUMBERS = ["0", "-1", "9" * 18, "9" * 400, "1e308", "0.1", "true", "none"]
TEXTS = ["''", "'%s'", "'%99.99f'", "'a'", repr("x" * 300)]
VARIABLES = ["name", "days", "score", "price", "vip", "city", "text"] * 6
VALUES = [*VARIABLES, *NUMBERS, *TEXTS * 3, "x", "lost", "'\\ud83d'", "'\\x00'"]
OPERATORS = ["+", "-", "*", "/", "//", "%", "~", "==", "<", "in", "not in", "and", "or"]
PLACES = ["0", "-1", ":9", "::2", "::-1", "99", ":-1"]
WRONG = ["", "{{", "%}", "{% set x = x %}", "\x00", "|", "**9", "()"]

NASTY = Lead(
    id=2,
    phone="60123456780",
    name="😀%s{{ name }}<b>" * 10,
    attributes={
        "days": ["%(x)s" * 3] * 100,
        "score": 2**63 - 1,
        "price": -1.7e308,
        "vip": False,
        "city": "😀" * 2_000,
        "text": "a" * 2_000,
    },
)


class Writer:
    """Writes random templates."""

    def __init__(self, seed: int) -> None:
        self._chance = Chance(seed)

    def template(self) -> str:
        """Write a template, one in ten of which is spoilt by something that does not belong there."""
        many = self._chance.pick([1, 1, 2, 4, 8, 30])
        source = "".join(self._part() for _ in range(many)) * self._chance.pick([1, 1, 1, 1, 1, 1, 2, 20])
        if self._chance.happens(0.9):
            return source
        place = int(self._chance.share() * len(source))
        return source[:place] + self._chance.pick(WRONG) + source[place:]

    def _part(self, depth: int = 0) -> str:
        kinds = [self._plain, self._plain, self._variable, self._variable]
        kinds += [] if depth > 3 else [self._condition, self._loop, self._group]
        return self._chance.pick(kinds)(depth + 1)

    def _plain(self, _: int) -> str:
        return self._chance.pick(PLAIN)

    def _variable(self, _: int) -> str:
        return "{{ " + self._value() + " }}"

    def _condition(self, depth: int) -> str:
        other = "{% else %}" + self._part(depth) if self._chance.happens(0.5) else ""
        return "{% if " + self._value() + " %}" + self._part(depth) + other + "{% endif %}"

    def _loop(self, depth: int) -> str:
        body = "".join(self._part(depth) for _ in range(self._chance.pick([1, 2, 12])))
        return "{% for x in " + self._value(2) + " %}" + body + "{% endfor %}"

    def _group(self, depth: int) -> str:
        return "{ " + "|".join(self._part(depth) for _ in range(self._chance.pick([1, 2, 3, 5]))) + "}"

    def _value(self, depth: int = 0) -> str:
        pick = self._chance.pick
        if depth > 4 or self._chance.happens(0.4):
            return pick(VALUES)
        one = self._value(depth + 1)
        match pick(["filter", "filter", "filter", "operator", "question", "place"]):
            case "filter":
                given = ", ".join(self._value(5) for _ in range(pick([0, 1, 2, 3])))
                return f"{one}|{pick(FILTERS)}" + pick(["", "", f"({given})"])
            case "operator":
                return f"({one} {pick(OPERATORS)} {self._value(depth + 1)})"
            case "question":
                return f"({one} if {self._value(depth + 1)} is {pick(QUESTIONS)} else {one})"
            case _:
                return f"({one})[{pick(PLACES)}]"


def taken(source: str, renders: Listing[Render] = RENDERS) -> int:
    """Return how many texts a template makes."""
    made = 0
    try:
        for render in renders:
            render(source, NASTY, sequence="S", step=1, variables={})
            made += 1
    except InvalidTemplate:
        pass
    return made


def cost(source: str, render: Render) -> float:
    """Return how many seconds a template that is new takes at best."""

    def work() -> None:
        template.forget()
        taken(source, [render])

    return least_seconds(work, MOST_SECONDS)


def most_bytes(source: str) -> int:
    """Return the most memory that a template that is new takes."""
    template.forget()
    tracemalloc.start()
    try:
        taken(source)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_each_is_refused_or_renders_soon_and_in_little(part: int) -> None:
    """DRIPLINE_TEMPLATES says how many there are."""
    slowest, widest, made = 0.0, 0, 0
    seeds = range(part, MANY, PARTS)
    for seed in seeds:
        source = Writer(seed).template()
        made += taken(source)
        widest = max(widest, most_bytes(source))
        slowest = max(slowest, *(cost(source, render) for render in RENDERS))
    print(f"{len(seeds)} templates, {made} texts; slowest {slowest * 1e3:.0f} ms, widest {widest / 1e6:.1f} MB")
    assert slowest < MOST_SECONDS
    assert widest < MOST_BYTES
    assert made > len(seeds) / 6
