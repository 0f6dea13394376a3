"""Whatever is asked of a page or written into a form: no answer is a failure of ours.

`make fuzz` asks 20,000 times.
"""

import itertools
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import quote

import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from hypothesis import given, settings
from hypothesis import strategies as st
from site_of import Site, site

from dripline import Dripline, Sender, Sequence

CALLS = int(os.environ.get("DRIPLINE_FUZZ", "300"))

NUMBERS = itertools.count()

THERE = ("1", "60123456789", "Warm EXAMA", "jb-1", "WARMEXAMA", "active", "console")

WORDS = (
    *THERE, "", "{{", "{% for", "{a|b", "-1s", "9" * 400, "99999999999999999999", "\x00", "https://[", "yes", "a: b",
    "0", "-1", "2026-02-31", "2026-01-01T00:00", "\r\n", "a@b.c", "12h", "\u202e", "x" * 5_000, "1e9", "nan", "../..",
    "%00", "<img>", "\u0663", "3d 4h", "09:00-12:00", "1" * 17, "image", "text",
)  # fmt: skip

PLACES = (*THERE, *filter(None, WORDS))
"""What stands in an address: what is there more often."""

LEFT = ("/live", "/log", "/welcome", "/api")
"""Streams, the ways in and out, and what schemathesis asks."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A page or a form, and what it takes."""

    method: str
    path: str = field(kw_only=True)
    fields: tuple[str, ...] = field(kw_only=True)
    filters: tuple[str, ...] = field(kw_only=True)


@pytest.fixture
def shop(drip: Dripline, warm: Sequence) -> Iterator[Site]:
    drip.apply(warm)
    drip.senders.apply(Sender("jb-1", channel="console"))
    drip.add_lead(phone="60123456789", triggers=["WARMEXAMA"])
    drip.leads.add_note("Called", phone="60123456789")
    drip.tick()
    with site(drip) as opened:
        opened.come_in()
        yield opened


def test_no_page_and_no_form_is_a_failure_of_ours(shop: Site) -> None:
    everything = list(asked(shop))
    assert len(everything) > 60
    statuses: set[int] = set()

    @settings(max_examples=CALLS, deadline=None)
    @given(data=st.data())
    def ask(data: st.DataObject) -> None:
        one = data.draw(st.sampled_from(everything))
        path = re.sub(r"\{[^}]+\}", lambda _: quote(data.draw(st.sampled_from(PLACES))[:300], safe=""), one.path)
        fields = {name: data.draw(st.sampled_from(WORDS)) for name in one.fields}
        filters = {name: data.draw(st.sampled_from(WORDS))[:300] for name in one.filters}
        form = {"csrf": csrf(shop), **fields} if one.method == "POST" else None
        answer = shop.client.request(one.method, path, params=filters, data=form, follow_redirects=False)
        statuses.add(answer.status_code)

        assert answer.status_code < 500

    ask()
    assert {200, 303, 404, 422} <= statuses


def asked(shop: Site) -> Iterator[Asked]:
    """Yield every page and form of the app."""
    for context in iter_route_contexts(shop.app.routes):
        route = context.original_route
        path = str(context.path)
        if isinstance(route, APIRoute) and route.methods and not path.startswith(LEFT):
            method = "POST" if "POST" in route.methods else "GET"
            fields = tuple(one.alias for one in route.dependant.body_params)
            filters = tuple(one.alias for one in route.dependant.query_params)
            yield Asked(method, path=path, fields=fields, filters=filters)


def csrf(shop: Site) -> str:
    """Return what a form of a page of ours has; whoever locked themselves out comes in again."""
    found = re.search(r'name="csrf" value="(\w+)"', shop.client.get("/").text)
    if found is None:
        shop.come_in(email=f"owner-{next(NUMBERS)}@shop.example")
        found = re.search(r'name="csrf" value="(\w+)"', shop.page("/"))
    assert found is not None
    return found[1]
