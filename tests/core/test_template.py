"""What templates may hold and cost: whatever is accepted renders soon, in little memory, or fails with a sentence."""

from contextlib import suppress

import pytest

from dripline.core.leads.lead import Lead
from dripline.core.messages.placeholder import step_placeholders
from dripline.core.messages.render import render_text
from dripline.core.messages.template import TEMPLATE_LIMIT, compiled
from dripline.core.sequences.sequence import Step
from dripline.errors import InvalidTemplate
from support.real_time import least_seconds

MOST_SECONDS = 0.05

AINA = Lead(
    id=1,
    phone="60123456789",
    name="Aina binti Ali",
    attributes={"days": ["Mon", "Wed"], "score": 7, "price": 12.5, "vip": True, "city": "Kuala Lumpur"},
)

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


def render(source: str, lead: Lead = AINA) -> str:
    return render_text(source, lead, sequence="S", step=1, variables={})


TAKEN = {
    "{{ name|upper }}": "AINA BINTI ALI",
    "{{ name|split|first }}": "Aina",
    "{{ name or 'friend' }}": "Aina binti Ali",
    "{{ lost|default('friend') }}": "friend",
    "{{ '%.2f'|format(price) }}": "12.50",
    "{{ days|join(' and ') }}": "Mon and Wed",
    "{% for d in days %}{{ loop.index }}. {{ d }}{% if not loop.last %}, {% endif %}{% endfor %}": "1. Mon, 2. Wed",
    "{% for d in days if d != 'Mon' %}{{ d }}{% else %}none{% endfor %}": "Wed",
    "{% for c in city %}<{{ c }}>{% endfor %}": "<Kuala Lumpur>",
    "{% if score > 5 and city in ['Kuala Lumpur', 'KL'] %}y{% elif vip %}v{% else %}n{% endif %}": "y",
    "{{ 'y' if score is divisibleby 7 else 'n' }}": "y",
    "{{ name ~ ', ' ~ score }}": "Aina binti Ali, 7",
    "{{ price * 2 - 1 }}": "24.0",
    "{{ (score + 1) // 3 }}": "2",
    "{{ name[:4] }}{{ name[0] }}{{ name[-1] }}": "AinaAi",
    "{{ '12'|int + 1 }}|{{ 'x'|int(4) }}|{{ '1.9'|int }}|{{ price|round(0, 'floor') }}": "13|4|1|12.0",
    "{{ city|replace('Kuala ', '')|truncate(20) }}": "Lumpur",
    "https://shop.example/?n={{ name|urlencode }}": "https://shop.example/?n=Aina%20binti%20Ali",
    "{% raw %}{{ x }}{% endraw %}{# a note #}": "{{ x }}",
    "{{ vip }}, {{ not vip }}, {{ days }}": "yes, no, Mon, Wed",
}


@pytest.mark.parametrize("source", TAKEN)
def test_what_shops_write_is_taken(source: str) -> None:
    assert render(source) == TAKEN[source]


REFUSED = [
    "{{ 9**(9**9) }}",
    "{{ ('a'*3*10**9)|length }}",
    "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}",
    "{% for a in days %}{% for b in days %}{% endfor %}{% endfor %}",
    "hi {{ cycler() }}",
    "{{ joiner }}{{ joiner() }}",
    "{{ lipsum(n=10**9) }}",
    "{{ namespace(x=1).x }}",
    "{% macro f(x) %}{{ f(x) }}{% endmacro %}{{ f(1) }}",
    "{% block a %}{{ self.a() }}{% endblock %}",
    "{{ self }}",
    "hello {{ '\\ud83d\\ude00' }}",
    "hello {{ '\\x00' }}",
    "hello \x00",
    "hello \ud83d",
    "{{ " + "(" * 150 + "1" + ")" * 150 + " }}",
    "{{ " + "not " * 900 + "vip }}",
    "{{ " + "- " * 900 + "score }}",
    "{{ name" + "|upper" * 90 + " }}",
    "{{ name.__class__ }}",
    "{{ name['upper'] }}",
    "{{ name.upper() }}",
    "{{ name|attr('upper') }}",
    "{{ name|safe }}",
    "{{ days|map('upper') }}",
    "{{ days|random }}",
    "{{ name|center(10000000) }}",
    "{{ name|upper(*days) }}",
    "{% set x = name %}{{ x }}",
    "{% set x %}{{ name }}{% endset %}",
    "{% filter upper %}{{ name }}{% endfilter %}",
    "{% call name() %}{% endcall %}",
    "{% include 'x' %}",
    "{% extends 'x' %}",
    "{% import 'x' as x %}",
    "{% for a in days recursive %}{{ loop(days) }}{% endfor %}",
    "{% for a, b in days %}{% endfor %}",
    "{% autoescape false %}{{ name }}{% endautoescape %}",
    "{% with x = name %}{{ x }}{% endwith %}",
    "{{ {'a': 1} }}",
    "{{ " + "9" * 5_000 + " }}",
    "{{ _work }}",
    "{{ name|_each(0) }}",
    "{{ name }}" * 500,
    "{a|b}{" * 2_000,
    "{{ name",
    "{% if name %}",
    "x" * (TEMPLATE_LIMIT + 1),
]


@pytest.mark.parametrize("source", REFUSED, ids=range(len(REFUSED)))
def test_what_is_no_template_is_refused_before_it_runs(source: str) -> None:
    def refused() -> None:
        with pytest.raises(InvalidTemplate, match=r"The template (cannot be read: .+|is longer than .+)\."):
            compiled(source)

    assert least_seconds(refused, MOST_SECONDS) < 4 * MOST_SECONDS


TOO_MUCH = [
    "{{ '%999999999d'|format(score) }}",
    "{{ '%*d'|format(999999999, score) }}",
    "{{ text|replace('', text) }}",
    "{{ text|replace('a', 'bbbbbbbbbbbbbbbbbbbbbbbbbbbb') }}",
    "{{ days|join(text) }}",
    "{{ score * score }}",
    "{{ price * price }}",
    "{{ name * 1000000000 }}",
    "{{ days * 1000000000 }}",
    "{{ '%s' % name }}",
    "{{ price|round(999999999, 'ceil') }}",
    "{{ text" + " ~ text" * 30 + " }}",
    "{% for a in days %}" + "{{ text|upper }}" * 100 + "{% endfor %}",
    "{% for a in days %}" + "{{ text }}" * 100 + "{% endfor %}",
    "{% for a in days %}" + "{% if text in text %}{% endif %}" * 60 + "{% endfor %}",
    "{{ 1 // 0 }}",
    "{{ days[200] }}",
    "{{ text[::0] }}",
]


@pytest.mark.parametrize("source", TOO_MUCH, ids=range(len(TOO_MUCH)))
def test_what_would_take_long_or_grow_fails_with_a_reason(source: str) -> None:
    def refused() -> None:
        with pytest.raises(InvalidTemplate, match=r"The te(mplate cannot be rendered for this lead: |xt is longer)"):
            render(source, NASTY)

    assert least_seconds(refused, MOST_SECONDS) < 4 * MOST_SECONDS


@pytest.mark.parametrize("unit", ["{", "{{", "{%", "{#", "{|", "{a|b}{", "[", "%", "<<", "{ ", "{{ a", "|{"])
def test_braces_of_every_kind_are_read_in_the_time_of_a_pass(unit: str) -> None:
    source = unit * (TEMPLATE_LIMIT // len(unit))

    def read() -> None:
        list(step_placeholders(Step(message=source), 1, {"name": "name"}))
        with suppress(InvalidTemplate):
            compiled(source)

    assert least_seconds(read, 0.5) < 1
