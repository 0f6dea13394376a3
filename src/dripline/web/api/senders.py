"""Senders over the API."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from dripline.core.sender import COUNT_LIMIT, Pace, Sender
from dripline.core.settings_plan import SettingsPlan
from dripline.store.senders import SenderEvent, SenderState
from dripline.web.api.answers import Written, shown
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


@router.post("/{name}/archive")
def archive_sender(drip: Calling, name: Name, successor: Successor) -> Touched:
    """Retire a sender for good; its leads go over to others."""
    return Touched(touched=drip.archive_sender(name, to=successor.to))
