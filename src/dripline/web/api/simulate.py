"""A simulation over the API: what is there, or drafted, played before its launch."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from dripline.simulate.result import Ending, Lateness, Result
from dripline.web.api.leads import Short
from dripline.web.api.responses import Instant, RequestBody
from dripline.web.security.auth import ApiClient
from dripline.web.simulation_request import LEADS_LIMIT, SimulationRequest, played

router = APIRouter(tags=["reports"])


class SimulationBody(RequestBody):
    """What is played. Without a `sequence`: all of them. `drafts`: they play instead of what is published."""

    sequence: Short | None = None
    drafts: bool = False
    leads: Annotated[int, Field(ge=1, le=LEADS_LIMIT)] = 300
    start: Instant | None = Field(default=None, description="When it begins; now, unless given.")
    over: Short = Field(default="0s", description="Leads arrive evenly over this, as 8h.")
    seed: Annotated[int, Field(ge=0, le=2**31 - 1)] = 1


@dataclass(frozen=True, slots=True)
class PlayedSender:
    """A sender: how many messages it sent in each hour, and why it cannot keep up, if it cannot."""

    name: str
    sends: int = field(kw_only=True)
    by_hour: tuple[int, ...] = field(kw_only=True)
    cannot_keep_up: str | None = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class PlayedStep:
    """A step: how many it reached in each hour, and when it had reached everyone, if it has."""

    sequence: str
    step: int = field(kw_only=True)
    reached: int = field(kw_only=True)
    open: int = field(kw_only=True)
    by_hour: tuple[int, ...] = field(kw_only=True)
    first_at: datetime | None = field(kw_only=True)
    complete_at: datetime | None = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class SimulationView:
    """What a run came to. Hours are counted from its start."""

    start: datetime
    hours: int = field(kw_only=True)
    arrived: int = field(kw_only=True)
    enrolled: int = field(kw_only=True)
    sends: int = field(kw_only=True)
    by_hour: tuple[int, ...] = field(kw_only=True)
    senders: tuple[PlayedSender, ...] = field(kw_only=True)
    steps: tuple[PlayedStep, ...] = field(kw_only=True)
    lateness: Lateness | None = field(kw_only=True)
    endings: tuple[Ending, ...] = field(kw_only=True)


@router.post("/simulate")
def simulate_sequences(drip: ApiClient, run: SimulationBody) -> SimulationView:
    """Play sequences over made-up leads, with the senders and limits of the database; nothing is sent or changed."""
    begins = run.start or drip.now()
    start = begins if begins.tzinfo else begins.replace(tzinfo=UTC)
    asked = SimulationRequest(
        run.sequence, with_drafts=run.drafts, leads=run.leads, start=start, over=run.over, seed=run.seed
    )
    return _view(played(drip, asked))


def _view(result: Result) -> SimulationView:
    return SimulationView(
        result.scenario.start,
        hours=result.hours,
        arrived=result.arrived,
        enrolled=result.enrolled,
        sends=result.sends,
        by_hour=result.by_hour,
        senders=tuple(
            PlayedSender(one.name, sends=one.sends, by_hour=one.hours, cannot_keep_up=one.behind)
            for one in result.senders
        ),
        steps=tuple(
            PlayedStep(
                one.sequence,
                step=one.step,
                reached=one.reached,
                open=one.open,
                by_hour=one.hours,
                first_at=one.first_at,
                complete_at=one.complete_at,
            )
            for one in result.steps
        ),
        lateness=result.lateness,
        endings=result.endings,
    )
