"""The picture before the launch: who would send what when, played by the very engine on virtual time."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from dripline.errors import ChannelNotConfigured, InvalidInput, InvalidScenario
from dripline.simulate.picture import drawings
from dripline.simulate.result import Result
from dripline.simulate.scenario import parse_start
from dripline.web.errors import status_of
from dripline.web.render import page
from dripline.web.security.auth import CurrentUser
from dripline.web.simulation_request import LEADS_LIMIT, SimulationRequest, playable, played

HOURS_SHOWN = 200
"""How many hours are listed, those in which nothing goes left out."""

USUAL_LEADS = "300"

Text = Annotated[str, Query(max_length=300)]

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Hour:
    """An hour in which something goes: how many messages in all, and by step."""

    number: int
    at: datetime = field(kw_only=True)
    count: int = field(kw_only=True)
    steps: tuple[tuple[str, int], ...] = field(kw_only=True)


@router.get("/simulate")
def simulate(  # noqa: PLR0913, PLR0917  (an address has as many parts)
    request: Request,
    context: CurrentUser,
    sequence: Text = "",
    leads: Text = "",
    start: Text = "",
    over: Text = "",
    seed: Text = "",
    drafts: Text = "",
) -> Response:
    """Show the form; with a number of leads, what came of playing them."""
    drip = context.drip
    result, refused, status = None, "", 200
    try:
        # A page that is shown asks for itself anew whenever something changes: that plays nothing.
        if leads.strip() and "x-live" not in request.headers:
            asked = SimulationRequest(
                sequence or None,
                with_drafts=bool(drafts),
                leads=_number(leads, "leads"),
                start=parse_start(start) if start.strip() else drip.now(),
                over=over,
                seed=_number(seed or "1", "seed"),
            )
            result = played(drip, asked)
    except (InvalidInput, ChannelNotConfigured) as error:
        refused, status = str(error), status_of(error)
    written = {"sequence": sequence, "leads": leads or USUAL_LEADS, "over": over or "0s", "seed": seed or "1"}
    hours = list(_hours(result)) if result else []
    values = {
        "written": {**written, "start": start or f"{drip.now():%Y-%m-%dT%H:%M}", "drafts": drafts},
        "names": playable(drip),
        "has_drafts": bool(drip.sequences.drafts.all()),
        "most": LEADS_LIMIT,
        "result": result,
        "hours": hours[:HOURS_SHOWN],
        "hours_left_out": max(0, len(hours) - HOURS_SHOWN),
        "drawn": drawings(result) if result else None,
        "refused": refused,
    }
    return page(request, "simulate/simulate.html", values, context=context, status=status)


def _hours(result: Result) -> Iterator[Hour]:
    for number, count in enumerate(result.by_hour):
        if count:
            reached = ((f"{step.sequence}, step {step.step}", step.hours[number]) for step in result.steps)
            steps = tuple((name, went) for name, went in reached if went)
            yield Hour(number, at=result.scenario.start + timedelta(hours=number), count=count, steps=steps)


def _number(written: str, what: str) -> int:
    """Read a number.

    Raises:
        InvalidScenario: It is none.
    """
    text = written.strip().replace(",", "")
    if not text.isdecimal() or len(text) > len(str(2**31)):
        raise InvalidScenario(f"The {what} {written[:40]!r} is no number: write one such as {USUAL_LEADS}.")
    return int(text)
