"""Macros of SQL: what a call is replaced by, and what is refused."""

import pytest

from dripline.store.database.macros.expand import expand, macros_in
from dripline.store.database.macros.files import macros_of
from dripline.store.database.statements import statements

TWO = """-- macro: later(instant, seconds)
-- A comment is none of its text.
({instant} + {seconds})

-- macro: due(record, now)
{record}.time <= later({now}, 60)
"""


@pytest.mark.parametrize(
    ("call", "text"),
    [
        ("later(a, b)", "(a + b)"),
        ("SELECT later(coalesce(a, b), c), 1", "SELECT (coalesce(a, b) + c), 1"),
        ("later(later(a, 1), 2)", "((a + 1) + 2)"),
        ("due(r, :now) AND x", "r.time <= (:now + 60) AND x"),
        ("later('a,(b', c)", "('a,(b' + c)"),
        ("later(\n    a,\n    b\n)", "(a + b)"),
        ("is_later(a, b)", "is_later(a, b)"),
    ],
)
def test_a_call_is_replaced_by_its_text(call: str, text: str) -> None:
    assert expand(call, macros_in(TWO)) == text


@pytest.mark.parametrize("call", ["later(a)", "later(a, b, c)", "later(a, b"])
def test_a_call_that_cannot_be_meant_is_refused(call: str) -> None:
    with pytest.raises(ValueError, match=r"zip\(\)|no end"):
        expand(call, macros_in(TWO))


def test_both_databases_know_the_same_macros() -> None:
    assert macros_of("sqlite").keys() == macros_of("postgresql").keys()


def test_no_macro_is_there_for_nothing() -> None:
    texts = [statement.text for statement in statements().values()]
    texts += [
        str(getattr(macro, "body", "")) for name in ("sqlite", "postgresql") for macro in macros_of(name).values()
    ]

    assert [name for name in macros_of("sqlite") if not any(f"{name}(" in text for text in texts)] == []
