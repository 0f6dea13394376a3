"""Senders over the API."""

import asyncio
from functools import partial
from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field

from dripline.app.trying import TEST_MESSAGE
from dripline.core.outcome import Accepted
from dripline.core.sender import COUNT_LIMIT, Pace, Sender
from dripline.core.settings_plan import SettingsPlan
from dripline.core.who import who
from dripline.store.senders import SenderEvent, SenderState
from dripline.web.api.answers import NO_NUL, Written, shown
from dripline.web.api.leads import Short, Touched
from dripline.web.api.sequences import Name
from dripline.web.gate import Calling

router = APIRouter(tags=["senders"], prefix="/senders")


Count = Annotated[int | None, Field(ge=1, le=COUNT_LIMIT)]


class WrittenSender(Written):
    """A sender, known by its name, and its pace."""

    model_config = shown({"name": "sales-1", "channel": "console", "gap": "20s", "daily_cap": 200})

    name: Short
    channel: Short
    account: Short | None = None
    pool: Short | None = None
    gap: Short = "0s"
    burst: int = Field(default=1, ge=1, le=COUNT_LIMIT, description="Messages that go together before each rest.")
    hourly_cap: Count = None
    daily_cap: Count = None
    warm_up: list[Annotated[int, Field(ge=1, le=COUNT_LIMIT)]] = Field(
        default=[], max_length=100, description="The daily caps of the first days."
    )
    quiet: Short | None = Field(default=None, description="Local hours of silence: 21:00-08:00.")
    zone: Short | None = Field(default=None, description="Such as Asia/Kuala_Lumpur.")


class Reason(Written):
    """Why."""

    reason: Short = "paused by a program"


class Trial(Written):
    """A message to oneself, as it is written. It waits for no pace, and counts against no cap."""

    to: Short = Field(description="Your own phone, or e-mail address.")
    text: Annotated[str, Field(max_length=4_096, pattern=NO_NUL)] = TEST_MESSAGE


class Answered(BaseModel):
    """What the provider answered to a message: its id, or what was wrong."""

    is_accepted: bool
    provider_id: str | None = None
    error: str | None = None


class Successor(Written):
    """Who takes over the leads."""

    to: Short | None = None


@router.get("")
def list_senders(drip: Calling) -> list[SenderState]:
    """Return every sender, its load, and what its lane waits for."""
    return drip.senders()


@router.post("")
def apply_sender(drip: Calling, wanted: WrittenSender) -> SettingsPlan:
    """Create or update a sender."""
    pace = Pace(**wanted.model_dump(exclude={"name", "channel", "account", "pool"}))
    sender = Sender(wanted.name, channel=wanted.channel, account=wanted.account, pool=wanted.pool, pace=pace)
    return drip.apply_sender(sender)


@router.get("/{name}/events")
def sender_events(drip: Calling, name: Name) -> list[SenderEvent]:
    """Return what happened to a sender, the latest first."""
    return drip.sender_events(name)


@router.post("/{name}/pause")
def pause_sender(drip: Calling, name: Name, why: Reason) -> Touched:
    """Keep a sender from sending."""
    return Touched(touched=int(drip.pause_sender(name, reason=why.reason)))


@router.post("/{name}/resume")
def resume_sender(drip: Calling, name: Name) -> Touched:
    """Let a sender go on, slowly at first."""
    return Touched(touched=int(drip.resume_sender(name)))


@router.post("/{name}/try")
async def try_sender(drip: Calling, name: Name, trial: Trial) -> Answered:
    """Send one message at once, to see that it arrives; return what the provider answered."""
    # Whether that may be done is asked, and logged, in the database: not on the loop, to which connections belong.
    asked = await asyncio.to_thread(partial(drip.try_sender, name, trial.text, **who(trial.to)))
    outcome = await asked
    if isinstance(outcome, Accepted):
        return Answered(is_accepted=True, provider_id=outcome.provider_id)
    return Answered(is_accepted=False, error=outcome.error)


@router.post("/{name}/archive")
def archive_sender(drip: Calling, name: Name, successor: Successor) -> Touched:
    """Retire a sender for good; its leads go over to others."""
    return Touched(touched=drip.archive_sender(name, to=successor.to))
