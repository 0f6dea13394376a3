"""Senders over the API."""

from fastapi import APIRouter
from starlette.responses import Response

from dripline.core.sender import Pace, Sender
from dripline.store.senders import SenderEvent
from dripline.web.api.answers import Written, answer, plain
from dripline.web.api.leads import Short, Touched
from dripline.web.api.sequences import Name
from dripline.web.gate import Calling

router = APIRouter(tags=["senders"], prefix="/senders")


class WrittenSender(Written):
    """A sender, known by its name, and its pace."""

    name: Short
    channel: Short
    account: Short | None = None
    pool: Short | None = None
    gap: Short = "0s"
    hourly_cap: int | None = None
    daily_cap: int | None = None


class Reason(Written):
    """Why."""

    reason: Short = "paused by a program"


class Successor(Written):
    """Who takes over the leads."""

    to: Short | None = None


@router.get("")
def list_senders(drip: Calling) -> Response:
    """Return every sender, its load, and what its lane waits for."""
    return answer([plain(state) for state in drip.senders()])


@router.post("")
def apply_sender(drip: Calling, wanted: WrittenSender) -> Response:
    """Create or update a sender."""
    pace = Pace(gap=wanted.gap, hourly_cap=wanted.hourly_cap, daily_cap=wanted.daily_cap)
    sender = Sender(wanted.name, channel=wanted.channel, account=wanted.account, pool=wanted.pool, pace=pace)
    return answer(plain(drip.apply_sender(sender)))


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
