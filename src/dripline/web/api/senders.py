"""Senders over the API."""

import asyncio
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Annotated, Self

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, Field

from dripline.app.senders import TEST_MESSAGE
from dripline.core.leads.lead_ref import lead_ref
from dripline.core.outcome import Accepted
from dripline.core.planning.settings_plan import SettingsPlan
from dripline.core.reason import ReasonCode
from dripline.core.senders.sender import SenderStatus
from dripline.core.views.senders import SenderEvent, SenderState
from dripline.schema.base import NO_NUL
from dripline.schema.sender import SenderSchema
from dripline.web.api.leads import Short, Touched
from dripline.web.api.responses import READ_ONLY, RequestBody, shown
from dripline.web.api.sequences import Name
from dripline.web.security.auth import ApiClient

router = APIRouter(tags=["senders"], prefix="/senders")


class SenderBody(SenderSchema):
    """A sender, known by its name, and its pace. What is read may be written back as it is."""

    model_config = shown({"name": "sales-1", "channel": "console", "gap": "20s", "daily_cap": 200})

    status: SenderStatus | None = Field(default=None, json_schema_extra=READ_ONLY)
    reason: str | None = Field(default=None, json_schema_extra=READ_ONLY)
    reason_code: ReasonCode | None = Field(default=None, json_schema_extra=READ_ONLY)
    reason_facts: dict[str, object] = Field(default={}, json_schema_extra=READ_ONLY)
    replaced_by: str | None = Field(default=None, json_schema_extra=READ_ONLY)
    live: int | None = Field(default=None, json_schema_extra=READ_ONLY)
    due: int | None = Field(default=None, json_schema_extra=READ_ONLY)
    sent_today: int | None = Field(default=None, json_schema_extra=READ_ONLY)
    free_at: datetime | None = Field(default=None, json_schema_extra=READ_ONLY)
    wait_reason: str | None = Field(default=None, json_schema_extra=READ_ONLY)
    wait_code: ReasonCode | None = Field(default=None, json_schema_extra=READ_ONLY)
    wait_facts: dict[str, object] = Field(default={}, json_schema_extra=READ_ONLY)
    is_broken: bool | None = Field(default=None, json_schema_extra=READ_ONLY)
    first_sent_at: datetime | None = Field(default=None, json_schema_extra=READ_ONLY)
    cold_until: datetime | None = Field(default=None, json_schema_extra=READ_ONLY)

    @classmethod
    def of(cls, state: SenderState) -> Self:
        """Return a sender as it stands, in the form in which it is written."""
        beside = asdict(state)
        del beside["sender"]
        return cls.from_core(state.sender, **beside)


class Reason(RequestBody):
    """Why."""

    reason: Short = "paused by a program"


class Trial(RequestBody):
    """A message to oneself, as it is written. It waits for no pace, and counts against no cap."""

    to: Short = Field(description="Your own phone, or e-mail address.")
    text: Annotated[str, Field(max_length=4_096, pattern=NO_NUL)] = TEST_MESSAGE


class Answered(BaseModel):
    """What the provider answered to a message: its id, or what was wrong."""

    is_accepted: bool
    provider_id: str | None = None
    error: str | None = None


class Successor(RequestBody):
    """Who takes over the leads."""

    to: Short | None = None


@router.get("")
def list_senders(drip: ApiClient) -> list[SenderBody]:
    """Return every sender, its load, and what its lane waits for."""
    return [SenderBody.of(state) for state in drip.senders.all()]


@router.get("/{name}")
def get_sender(drip: ApiClient, name: Name) -> SenderBody:
    """Return a sender, its load, and what its lane waits for."""
    found = next((state for state in drip.senders.all() if state.sender.name == name), None)
    if found is None:
        raise HTTPException(404, f"There is no sender {name}: look at the list of senders.")
    return SenderBody.of(found)


@router.post("")
def apply_sender(drip: ApiClient, wanted: SenderBody) -> SettingsPlan:
    """Create or update a sender."""
    return drip.senders.apply(wanted.to_core())


@router.get("/{name}/events")
def list_sender_events(drip: ApiClient, name: Name) -> list[SenderEvent]:
    """Return what happened to a sender, the latest first."""
    return drip.senders.events(name)


@router.post("/{name}/pause")
def pause_sender(drip: ApiClient, name: Name, why: Reason) -> Touched:
    """Keep a sender from sending."""
    return Touched(touched=int(drip.senders.pause(name, reason=why.reason)))


@router.post("/{name}/resume")
def resume_sender(drip: ApiClient, name: Name) -> Touched:
    """Let a sender go on, slowly at first."""
    return Touched(touched=int(drip.senders.resume(name)))


@router.post("/{name}/try")
async def try_sender(drip: ApiClient, name: Name, trial: Trial) -> Answered:
    """Send one message at once, to see that it arrives; return what the provider answered."""
    # Whether that may be done is asked, and logged, in the database: not on the loop, to which connections belong.
    asked = await asyncio.to_thread(partial(drip.senders.send_test, name, trial.text, **lead_ref(trial.to)))
    outcome = await asked
    if isinstance(outcome, Accepted):
        return Answered(is_accepted=True, provider_id=outcome.provider_id)
    return Answered(is_accepted=False, error=outcome.error)


@router.post("/{name}/archive")
def archive_sender(drip: ApiClient, name: Name, successor: Successor) -> Touched:
    """Retire a sender for good; its leads go over to others."""
    return Touched(touched=drip.senders.archive(name, to=successor.to))
