"""Where things are shown: every number leads to the very rows that it counts."""

from datetime import datetime
from urllib.parse import quote, urlencode

from starlette.datastructures import QueryParams

from dripline.core.report import Figure, Standing
from dripline.core.states import Status
from dripline.store.listed import Person


def person_link(person: Person) -> str:
    """Return where a lead is shown."""
    return f"/lead/{quote(person.phone or person.email or '', safe='@')}"


def rows_link(figure: Figure) -> str:
    """Return where the records are listed that a figure counts."""
    of = figure.of
    every = len(of.standings) == len(Standing)
    asked: list[tuple[str, str | int]] = []
    if of.sequence is not None:
        asked.append(("sequence", of.sequence))
    if of.step is not None:
        asked.append(("step", of.step))
    asked += [("status", one.value) for one in of.standings if not every]
    asked += [(name, _written(at)) for name, at in (("since", of.since), ("until", of.until)) if at is not None]
    return f"/records?{urlencode(asked)}" if asked else "/records"


def with_cursor(query: QueryParams, cursor: str) -> str:
    """Return what an address asks for, at another page."""
    kept = [(name, value) for name, value in query.multi_items() if name not in {"cursor", "done", "refused"}]
    return urlencode([*kept, ("cursor", cursor)])


def statuses_of(standings: list[str]) -> tuple[list[Status], bool | None]:
    """Return the statuses of a filter, and which of the unknown ones it means: held, given up, or None for both.

    A list of both held ones and others means only what is held of the unknown, if the given-up are not named too.
    """
    named = dict.fromkeys(standings)
    held, given_up = Standing.HELD in named, Standing.UNKNOWN in named
    is_held = None if held == given_up else held
    statuses = [Status(one) for one in named if one in set(Status)]
    return ([*statuses, Status.UNKNOWN] if held and not given_up else statuses), is_held


def _written(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
