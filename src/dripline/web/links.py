"""Where things are shown: every number leads to the very rows that it counts."""

from datetime import datetime
from urllib.parse import urlencode

from starlette.datastructures import QueryParams

from dripline.core.queries.filters import StatusGroup
from dripline.core.queries.report import Figure
from dripline.core.views.person import Person
from dripline.web.path_segments import in_address


def person_link(person: Person) -> str:
    """Return where a lead is shown."""
    return f"/leads/{in_address(person.phone or person.email or '')}"


def rows_link(figure: Figure) -> str:
    """Return where the records are listed that a figure counts."""
    of = figure.of
    named = [StatusGroup(one) for one in of.standings]
    every = len(named) == len(StatusGroup)
    asked: list[tuple[str, str | int]] = []
    if of.sequence is not None:
        asked.append(("sequence", of.sequence))
    if of.step is not None:
        asked.append(("step", of.step))
    if of.step_id is not None:
        asked.append(("step_id", of.step_id))
    if of.result is not None:
        asked.append(("result", str(of.result)))
    asked += [("status", one.value) for one in named if not every]
    asked += [(name, _written(at)) for name, at in (("since", of.since), ("until", of.until)) if at is not None]
    return f"/messages?{urlencode(asked)}" if asked else "/messages"


def with_cursor(query: QueryParams, cursor: str) -> str:
    """Return what an address asks for, at another page."""
    parameters = [(name, value) for name, value in query.multi_items() if name != "cursor"]
    return urlencode([*parameters, ("cursor", cursor)])


def ours(address: str) -> str:
    """Return an address where it is a page of ours, else where Today is."""
    # Never //elsewhere, nor /\elsewhere, which browsers take for it.
    is_ours = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if is_ours else "/"


def _written(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
