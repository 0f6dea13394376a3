"""Pages: templates filled in, with nothing in them that a name could turn into markup or a script."""

from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from jinja2 import Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse, RedirectResponse

from dripline.core.leads.attribute import written
from dripline.core.records.why import by_clock_of
from dripline.core.text import counted, span_text
from dripline.core.time.schedule import format_delay
from dripline.version import __version__
from dripline.web.clock_words import clock, day_clock, gap, sentence, time_span
from dripline.web.layout.avatars import initials, tone
from dripline.web.layout.icons import drop, icon, ticks
from dripline.web.layout.navigation import PLACES, place_of
from dripline.web.layout.status_words import status_words
from dripline.web.layout.toasts import RedirectWithToasts, Toast, forget, toasts_of
from dripline.web.links import person_link, rows_link, with_cursor
from dripline.web.path_segments import in_address
from dripline.web.security.auth import PageContext
from dripline.web.template_variables import variables_shown

STYLES = ("tokens", "shell", "components", "figures", "conversation", "pages", "narrow", "basic")
"""The style sheets of every page, in the order in which a later one wins."""

STATIC = Path(__file__).with_name("static")


def page(
    request: Request,
    template: str,
    values: Mapping[str, object] | None = None,
    *,
    context: PageContext | None = None,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """Return a page; one for somebody who is logged in has the shell around it."""
    shell = {
        "context": context,
        "path": request.url.path,
        "query": request.query_params,
        "places": PLACES,
        "here": place_of(request.url.path),
        "address": f"{request.url.path}?{request.url.query}" if request.url.query else request.url.path,
        "toasts": toasts_of(request) if context else [],
    }
    text = environment().get_template(template).render({**shell, **(values or {})})
    answer = HTMLResponse(text, status, headers)
    if shell["toasts"]:
        forget(answer)
    return answer


def back(where: str, *, done: str = "", refused: str = "", undo: str = "") -> RedirectResponse:
    """Lead to a page after a form, which shows what came of it; `undo` is where a post takes it back."""
    toasts = [Toast(done, undo=undo)] if done else []
    return RedirectWithToasts(where, [*toasts, *([Toast(refused, is_bad=True)] if refused else [])])


@cache
def environment() -> Environment:
    """Return what fills templates in: everything is escaped, and a name that is missing is an error."""
    made = Environment(
        loader=PackageLoader("dripline.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    shared: dict[str, Any] = {"version": __version__, "styles": STYLES, "icon": icon, "drop": drop, "ticks": ticks}
    filters: dict[str, Any] = {"ago": ago, "number": number, "exact": exact, "delay": format_delay, "counted": counted}
    filters |= {"rows": rows_link, "person": person_link, "with_cursor": with_cursor}
    filters |= {"base64": base64, "in_address": in_address, "written": written}
    filters |= {"clock": clock, "day_clock": day_clock, "time_span": time_span, "gap": gap, "sentence": sentence}
    filters |= {"initials": initials, "tone": tone, "status_words": status_words, "variables_shown": variables_shown}
    made.globals.update(shared)
    made.filters.update(filters)
    return made


def base64(content: bytes) -> str:
    """Write bytes as an address of the kind ``data:`` holds them."""
    return b64encode(content).decode()


def number(value: float) -> str:
    """Write a number with its thousands apart."""
    return f"{value:,}"


def exact(at: datetime | None, zone: str = "UTC") -> str:
    """Write an instant to the second by the clock of a zone, UTC unless one is named."""
    return "" if at is None else by_clock_of(zone, at)


def ago(at: datetime, now: datetime) -> str:
    """Write how far an instant is from now, in one unit: ``in 12 h``, ``3 min ago``."""
    span = at - now
    if abs(span) < timedelta(seconds=1):
        return "now"
    return f"in {span_text(span)}" if span > timedelta(0) else f"{span_text(-span)} ago"
