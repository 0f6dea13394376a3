"""Spintax: which words a lead gets. Rendered by the same function that sending uses."""

import json

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dripline import Lead
from dripline.core.messages.render import render
from dripline.core.messages.spintax import parse, shortest, spun

TEXTS = st.text(alphabet="{}|ab %#\n", max_size=60)


def said(source: str, lead: int = 1, step: int = 1, **attributes: str) -> str:
    return render(source, Lead(lead, name="Aina", attributes=attributes), sequence="Warm", step=step, variables={})


@pytest.mark.parametrize(
    ("source", "options"),
    [
        ("{Hi|Hello|Hey} there", {"Hi there", "Hello there", "Hey there"}),
        ("{Hi {{ name }}|Hello}!", {"Hi Aina!", "Hello!"}),
        ("{a|{b|c}}x", {"ax", "bx", "cx"}),
        ("{a|{{ name }}}", {"a", "Aina"}),
        ("so{|!|!!}", {"so", "so!", "so!!"}),
        ("a {x} b {{ name|upper }} {# {c|d} #}{", {"a {x} b AINA {"}),
        ("a|b }{", {"a|b }{"}),
        ("{a|b", {"{a|b"}),
        ("{x {a|b}", {"{x a", "{x b"}),
        ("{x}|y", {"{x}|y"}),
        ("{% if name %}{a|b}{% else %}c{% endif %}", {"a", "b"}),
    ],
)
def test_every_option_and_nothing_else_comes_up(source: str, options: set[str]) -> None:
    assert {said(source, lead) for lead in range(200)} == options


def test_the_choice_is_the_same_whenever_it_is_made_and_each_groups_own() -> None:
    source = "{a|b|c} {a|b|c}"
    assert [said(source, lead) for lead in range(50)] == [said(source, lead) for lead in range(50)]
    assert len({said(source, lead) for lead in range(200)}) == 9
    # Nor is it the same in every step.
    assert any(said("{a|b}", lead, 1) != said("{a|b}", lead, 2) for lead in range(20))


def test_the_options_are_taken_equally_often() -> None:
    counts = [sum(said("{a|b|c|d}", lead) == option for lead in range(4_000)) for option in "abcd"]
    assert min(counts) > 900


def test_what_a_lead_is_called_is_no_spintax() -> None:
    assert said("{{ town }}", town="{KL|JB}") == "{KL|JB}"


@given(TEXTS)
@example("{" * 3_000 + "a|b" + "}" * 3_000)
@example("{|" * 1_500)
@example("{a|" * 3_000 + "}" * 3_000)
def test_whatever_is_written_can_be_read(source: str) -> None:
    parse(source)
    if "|" not in source:
        assert spun(source) is source


@given(st.lists(st.text(alphabet="ab \n", min_size=1, max_size=5), min_size=2, max_size=4), st.integers(1, 9))
def test_what_comes_out_is_one_of_the_options(options: list[str], lead: int) -> None:
    source = "<{" + "|".join(options) + "}>"
    assert said(source, lead) in {f"<{option}>" for option in options}
    assert shortest(parse(source)) == 2 + min(map(len, options))


@pytest.mark.parametrize(
    ("source", "fewest"),
    [
        ("abc", 3),
        ("abc {{ name }}!", 5),
        ("{abc|a|ab}{{ x }}", 1),
        ("{a{b|cc}|dddd}", 2),
        ("{# a long remark #}a", 1),
        ("{% if name %}a long text{% endif %}", 0),
        ("{x}", 3),
    ],
)
def test_the_fewest_characters_are_known(source: str, fewest: int) -> None:
    assert shortest(parse(source)) == fewest


def test_json_in_a_text_stays_as_it_is() -> None:
    text = json.dumps({"a": [1, {"b": 2}]})
    assert said(text) == text
