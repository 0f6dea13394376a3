"""Senders over the API."""

import asyncio
from dataclasses import asdict, fields
from datetime import datetime
from functools import partial
from typing import Annotated, Self

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, Field

from dripline.app.trying import TEST_MESSAGE
from dripline.core.leads.who import who
from dripline.core.outcome import Accepted
from dripline.core.planning.settings_plan import SettingsPlan
from dripline.core.reason import ReasonCode
from dripline.core.senders.sender import COUNT_LIMIT, Pace, Sender, SenderStatus
from dripline.core.views.senders import SenderEvent, SenderState
from dripline.web.api.leads import Short, Touched
from dripline.web.api.responses import NO_NUL, TOLD, Written, shown
from dripline.web.api.sequences import Name
from dripline.web.security.auth import Calling

router = APIRouter(tags=["senders"], prefix="/senders")


Count = Annotated[int | None, Field(ge=1, le=COUNT_LIMIT)]


class WrittenSender(Written):
    """A sender, known by its name, and its pace. What is read may be written back as it is."""

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
    status: SenderStatus | None = Field(default=None, json_schema_extra=TOLD)
    reason: str | None = Field(default=None, json_schema_extra=TOLD)
    reason_code: ReasonCode | None = Field(default=None, json_schema_extra=TOLD)
    reason_facts: dict[str, object] = Field(default={}, json_schema_extra=TOLD)
    replaced_by: str | None = Field(default=None, json_schema_extra=TOLD)
    live: int | None = Field(default=None, json_schema_extra=TOLD)
    due: int | None = Field(default=None, json_schema_extra=TOLD)
    sent_today: int | None = Field(default=None, json_schema_extra=TOLD)
    free_at: datetime | None = Field(default=None, json_schema_extra=TOLD)
    wait_reason: str | None = Field(default=None, json_schema_extra=TOLD)
    wait_code: ReasonCode | None = Field(default=None, json_schema_extra=TOLD)
    wait_facts: dict[str, object] = Field(default={}, json_schema_extra=TOLD)
    is_broken: bool | None = Field(default=None, json_schema_extra=TOLD)
    first_sent_at: datetime | None = Field(default=None, json_schema_extra=TOLD)
    cold_until: datetime | None = Field(default=None, json_schema_extra=TOLD)

    @classmethod
    def told(cls, state: SenderState) -> Self:
        """Return a sender as it stands, in the form in which it is written."""
        told = asdict(state)
        sender = told.pop("sender")
        pace = sender.pop("pace")
        return cls(**sender, **pace, **told)

    def sender(self) -> Sender:
        """Return the sender that is written.

        Raises:
            InvalidInput: It cannot be one.
        """
        pace = Pace(**{one.name: getattr(self, one.name) for one in fields(Pace)})
        return Sender(**{one.name: getattr(self, one.name) for one in fields(Sender) if one.name != "pace"}, pace=pace)


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
def list_senders(drip: Calling) -> list[WrittenSender]:
    """Return every sender, its load, and what its lane waits for."""
    return [WrittenSender.told(state) for state in drip.senders()]


@router.get("/{name}")
def get_sender(drip: Calling, name: Name) -> WrittenSender:
    """Return a sender, its load, and what its lane waits for."""
    found = next((state for state in drip.senders() if state.sender.name == name), None)
    if found is None:
        raise HTTPException(404, f"There is no sender {name}: look at the list of senders.")
    return WrittenSender.told(found)


@router.post("")
def apply_sender(drip: Calling, wanted: WrittenSender) -> SettingsPlan:
    """Create or update a sender."""
    return drip.apply_sender(wanted.sender())


@router.get("/{name}/events")
def list_sender_events(drip: Calling, name: Name) -> list[SenderEvent]:
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
