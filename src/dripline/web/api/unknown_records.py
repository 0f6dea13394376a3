"""Unknown records over the API: settled by a filter or by what their provider says, planned first if one likes."""

from dataclasses import asdict
from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field

from dripline.core.records.evidence import Evidence, EvidenceLine
from dripline.core.records.unknown import Effect, Group, Resolution, Settled, UnknownFilter, Unsettled
from dripline.web.api.leads import Short
from dripline.web.api.responses import RequestBody, ZonedInstant, shown
from dripline.web.security.auth import ApiClient

SETTLED_LIMIT = 10_000
"""How many records one request settles; the next one goes on."""

LINES_LIMIT = 10_000
"""How many lines of evidence one request brings."""

router = APIRouter(tags=["records"], prefix="/unknown")

Number = Annotated[int, Field(ge=1, le=2**53 - 1)]


class SettleRecords(RequestBody):
    """Which unknown records are settled, and as what; all filters that are given combine."""

    model_config = RequestBody.model_config | shown({"resolution": "resend", "sequence": "Warm EXAMA", "step": 2})

    resolution: Resolution
    sequence: Short | None = None
    step: Annotated[int, Field(ge=1, le=10_000)] | None = None
    channel: Short | None = None
    sender: Short | None = None
    worker: Short | None = None
    since: ZonedInstant | None = Field(None, description="Those whose last try began then or later.")
    until: ZonedInstant | None = Field(None, description="Those whose last try began before.")
    leads: list[Short] | None = Field(None, max_length=10_000, description="Phones or e-mail addresses.")
    with_ended: bool = Field(default=False, description="Also those that their sequences went on without.")

    @property
    def wanted(self) -> UnknownFilter:
        """The filter."""
        return UnknownFilter(**self.model_dump(exclude={"resolution"}))


class EvidenceLineBody(RequestBody):
    """What the provider says of one message: named by its record, its id there, or its address and time."""

    status: Annotated[str, Field(max_length=100)]
    record_id: Number | None = None
    provider_id: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    phone: Short | None = None
    email: Short | None = None
    at: ZonedInstant | None = None


class EvidenceBody(RequestBody):
    """What the provider says, of one channel or all."""

    model_config = RequestBody.model_config | shown(
        {"lines": [{"phone": "60123456789", "at": "2026-11-28T08:24:06Z", "status": "delivered", "provider_id": "SM1"}]}
    )

    lines: list[EvidenceLineBody] = Field(max_length=LINES_LIMIT)
    channel: Short | None = None
    within_seconds: Annotated[int, Field(ge=1, le=86_400)] = 600


class SettledView(RequestBody):
    """How many records are settled, how many of each step and sender became what, and which are left as they are."""

    records: int
    effects: dict[Effect, int]
    groups: list[Group]
    left: list[Unsettled]


@router.post("/plan")
def plan_settling(drip: ApiClient, asked: SettleRecords) -> SettledView:
    """Say what settling would do; nothing is changed."""
    return _answer(drip.records.unknown.plan_settle(asked.resolution, asked.wanted))


@router.post("/settle")
def settle_unknown(drip: ApiClient, asked: SettleRecords) -> SettledView:
    """Settle unknown records, at most 10,000: twice is as once, and a second request goes on where there are more."""
    return _answer(drip.records.unknown.settle(asked.resolution, asked.wanted, most=SETTLED_LIMIT))


@router.post("/evidence/plan")
def plan_settling_by_evidence(drip: ApiClient, words: EvidenceBody) -> SettledView:
    """Say what settling by what the provider says would do; nothing is changed."""
    return _answer(drip.records.unknown.plan_settle_by_evidence(_evidence(words)))


@router.post("/evidence")
def settle_by_evidence(drip: ApiClient, words: EvidenceBody) -> SettledView:
    """Settle what is proved: completed where it went, due again where it did not; the rest is left and named."""
    return _answer(drip.records.unknown.settle_by_evidence(_evidence(words)))


def _evidence(words: EvidenceBody) -> Evidence:
    lines = [
        EvidenceLine(
            number,
            status=word.status,
            record_id=word.record_id,
            provider_id=word.provider_id,
            address=word.phone or word.email,
            at=word.at,
        )
        for number, word in enumerate(words.lines, 1)
    ]
    return Evidence(lines, channel=words.channel, within=timedelta(seconds=words.within_seconds))


def _answer(settled: Settled) -> SettledView:
    effects = {effect: settled.count(effect) for effect in Effect if settled.count(effect)}
    return SettledView(records=settled.records, effects=effects, **asdict(settled))
