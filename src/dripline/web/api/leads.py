"""Leads over the API: added with their triggers, listed, stopped, barred, forgotten."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, HTTPException, Path, Query, Request
from pydantic import AfterValidator, BaseModel, Field
from starlette.responses import Response

from dripline.core.leads.attribute import ATTRIBUTES_LIMIT, NUMBER_LIMIT, VALUE_LIMIT
from dripline.core.leads.lead_ref import lead_ref
from dripline.core.leads.merge import Merge
from dripline.core.leads.note import NOTE_LIMIT, Note
from dripline.core.messages.preview import Preview
from dripline.core.queries.filters import LeadFilter, SuppressionFilter
from dripline.core.queries.listing import PAGE_LIMIT, PAGE_SIZE, Page
from dripline.core.reason import ReasonCode
from dripline.core.records.record import StepRecord
from dripline.core.views.leads import LeadResult, MaybeStopped, ReplyResult, Suppression
from dripline.core.views.lists import ListedLead
from dripline.core.views.thread import LeadThread
from dripline.core.views.timeline import Attempt, Enrollment, NotEnrolled, Timeline
from dripline.schema.base import NO_NUL, NO_OTHER_KEYS
from dripline.web.api.responses import READ_ONLY, Id, Key, RequestBody, once, shown
from dripline.web.path_segments import name_in
from dripline.web.security.auth import ApiClient

router = APIRouter(tags=["leads"])

TRIGGERS_AT_ONCE = 50
"""The most triggers that one call gives a lead."""

PHONE = "60123456789"

Text = Annotated[str | None, Query(max_length=200, pattern=NO_NUL)]
Cursor = Annotated[str | None, Query(max_length=1_000, description="`next` or `previous` of a page.")]
Size = Annotated[int, Query(ge=1, le=PAGE_LIMIT)]
Address = Annotated[
    str,
    Path(max_length=320, pattern=NO_NUL, description="A phone, or an e-mail address.", examples=[PHONE]),
    AfterValidator(name_in),
]
Named = Annotated[str, Path(max_length=201, pattern=NO_NUL), AfterValidator(name_in)]
Short = Annotated[str, Field(max_length=500, pattern=NO_NUL)]
Whole = Annotated[int, Field(gt=-NUMBER_LIMIT, lt=NUMBER_LIMIT)]
Plain = Annotated[str, Field(max_length=VALUE_LIMIT, pattern=NO_NUL)] | bool | Whole | float
Values = dict[Short, Plain | list[Plain | None] | None]


class LeadBody(RequestBody):
    """A lead, known by its phone or, without one, by its e-mail address; what is left out stays as it is."""

    model_config = shown({"phone": PHONE, "name": "Aina", "triggers": ["WARMEXAMA"]})

    phone: Short | None = Field(default=None, description="However it is written: 012-345 6789, +60123456789.")
    email: Short | None = None
    name: Short | None = None
    triggers: list[Short] = Field(
        default=[], max_length=TRIGGERS_AT_ONCE, description="Each starts what starts on it, at once."
    )
    attributes: Values = Field(
        default={},
        max_length=ATTRIBUTES_LIMIT,
        json_schema_extra=NO_OTHER_KEYS,
        description="Text, numbers, true or false, and lists of these keep their type; null says nothing.",
    )
    zone: Short | None = Field(default=None, description="Such as Asia/Kuala_Lumpur.")
    id: int | None = Field(default=None, json_schema_extra=READ_ONLY)

    @classmethod
    def of(cls, timeline: Timeline) -> Self:
        """Return a lead as it is, in the form in which it is written."""
        return cls.model_construct(**asdict(timeline.lead), triggers=[trigger for trigger, _ in timeline.triggers])


class AddTriggers(RequestBody):
    """The triggers that a lead gains; each starts what starts on it, at once."""

    triggers: list[Short] = Field(min_length=1, max_length=TRIGGERS_AT_ONCE)


class PauseLead(RequestBody):
    """What of a lead waits, and why: one sequence, or everything it is in."""

    sequence: Short | None = None
    reason: Short = "paused by a program"


class ResumeLead(RequestBody):
    """What of a lead goes on: one sequence, or everything it is in."""

    sequence: Short | None = None


class StopLead(RequestBody):
    """What ends, and why."""

    sequence: Short | None = None
    reason: Short = "ended by a program"


class Reply(RequestBody):
    """What a lead wrote."""

    text: Annotated[str, Field(max_length=4_096, pattern=NO_NUL)]


class NewNote(RequestBody):
    """What is written down about a lead."""

    text: Annotated[str, Field(min_length=1, max_length=NOTE_LIMIT, pattern=NO_NUL)]


class MergeLeads(RequestBody):
    """The other lead, which is the same person, by its phone or e-mail address."""

    model_config = shown({"other": "aina@example.com"})

    other: Short
    dry_run: bool = Field(default=False, description="Say what would be merged, and change nothing.")


class Touched(RequestBody):
    """How many enrollments or leads something touched."""

    touched: int


class LeadTrigger(BaseModel):
    """A trigger of a lead, and since when it has it."""

    trigger: str
    gained_at: datetime


class ExplainedRecord(BaseModel):
    """A record, why it has not gone out, or when and how it ended, and when an open one is expected to go."""

    record: StepRecord
    why: str
    expected_at: datetime | None = None


class LeadView(BaseModel):
    """Everything about a lead: its records are those of all its enrollments, past and to come.

    `lead` may be written back as it is.
    """

    lead: LeadBody
    triggers: list[LeadTrigger]
    enrollments: list[Enrollment]
    records: list[ExplainedRecord]
    attempts: list[Attempt]
    not_enrolled: list[NotEnrolled]
    notes: list[Note]


@router.post("/leads", response_model=LeadResult)
def add_lead(request: Request, drip: ApiClient, lead: LeadBody, key: Key = None) -> Response:
    """Add a lead, or say more of one that is there; it is enrolled at once in what its triggers start."""
    return once(request, drip, key, lead, lambda: drip.add_lead(**lead.model_dump(exclude={"id"})))


@router.get("/leads")
def list_leads(  # noqa: PLR0913, PLR0917  (an address has as many filters)
    drip: ApiClient,
    text: Text = None,
    trigger: Text = None,
    sequence: Text = None,
    barred: bool | None = None,  # noqa: FBT001  (in an address)
    cursor: Cursor = None,
    size: Size = PAGE_SIZE,
) -> Page[ListedLead]:
    """List leads, the newest first, or those that a text begins."""
    wanted = LeadFilter(text, trigger=trigger, sequence=sequence, is_barred=barred)
    return drip.leads.find(wanted, cursor=cursor, size=size)


@router.get("/leads/{address}")
def get_lead(drip: ApiClient, address: Address) -> list[LeadView]:
    """Return everything about a lead: its triggers, enrollments, records with their why, and tries."""
    timelines = drip.leads.timelines(**lead_ref(address))
    if not timelines:
        raise HTTPException(404, "Nobody has that address: add the lead first.")
    return [_lead_view(one, drip.now()) for one in timelines]


@router.get("/leads/{address}/messages")
def list_messages(drip: ApiClient, address: Address, cursor: Cursor = None, size: Size = PAGE_SIZE) -> list[LeadThread]:
    """Return what a lead was sent, what it wrote, what happened and what is planned: the latest page, or one before."""
    threads = drip.leads.thread(**lead_ref(address), cursor=cursor, size=size)
    if not threads:
        raise HTTPException(404, "Nobody has that address: add the lead first.")
    return threads


@router.post("/leads/{address}/messages/handled")
def mark_messages_handled(drip: ApiClient, address: Address) -> Touched:
    """Say that nobody has to look any more at what a lead has written so far."""
    return Touched(touched=drip.leads.mark_handled(**lead_ref(address)))


@router.get("/leads/{address}/preview/{sequence}")
def preview_sequence(drip: ApiClient, address: Address, sequence: Named) -> list[Preview]:
    """Return exactly what each step of a sequence would send to a lead now."""
    return list(drip.preview(sequence, **lead_ref(address)))


@router.post("/leads/{address}/triggers", response_model=LeadResult)
def add_triggers(
    request: Request, drip: ApiClient, address: Address, gaining: AddTriggers, key: Key = None
) -> Response:
    """Give a lead triggers; it is enrolled at once in what they start."""
    return once(request, drip, key, gaining, lambda: drip.add_lead(**lead_ref(address), triggers=gaining.triggers))


@router.post("/leads/{address}/merge", response_model=Merge)
def merge_leads(request: Request, drip: ApiClient, address: Address, merging: MergeLeads, key: Key = None) -> Response:
    """Make a lead and another one: the older stays, with the triggers, runs, notes and messages of both."""
    act = drip.leads.plan_merge if merging.dry_run else drip.leads.merge
    return once(request, drip, key, merging, lambda: act(address, merging.other))


@router.delete("/leads/{address}/triggers/{trigger}")
def remove_trigger(drip: ApiClient, address: Address, trigger: Named) -> Touched:
    """Take a trigger back; what it started ends or goes on, as its sequence says."""
    return Touched(touched=drip.leads.remove_trigger(trigger, **lead_ref(address)))


@router.post("/leads/{address}/pause", response_model=Touched)
def pause_lead(request: Request, drip: ApiClient, address: Address, pausing: PauseLead, key: Key = None) -> Response:
    """Let a lead wait, from the next claim on."""
    options = pausing.model_dump()
    return once(request, drip, key, pausing, lambda: {"touched": drip.pause(**lead_ref(address), **options)})


@router.post("/leads/{address}/resume", response_model=Touched)
def resume_lead(request: Request, drip: ApiClient, address: Address, going: ResumeLead, key: Key = None) -> Response:
    """Let a lead go on; nothing bursts."""
    return once(
        request, drip, key, going, lambda: {"touched": drip.resume(**lead_ref(address), sequence=going.sequence)}
    )


@router.post("/leads/{address}/exit", response_model=Touched)
def exit_lead(request: Request, drip: ApiClient, address: Address, leaving: StopLead, key: Key = None) -> Response:
    """End what a lead is in, or one sequence of it."""
    options = leaving.model_dump()
    return once(request, drip, key, leaving, lambda: {"touched": drip.leads.exit(**lead_ref(address), **options)})


@router.post("/leads/{address}/reply", response_model=ReplyResult)
def receive_reply(request: Request, drip: ApiClient, address: Address, reply: Reply, key: Key = None) -> Response:
    """Take in what a lead wrote: a stop word bars it, anything else ends or pauses as its sequences say."""
    return once(request, drip, key, reply, lambda: drip.inbox.receive(reply.text, **lead_ref(address)))


@router.post("/leads/{address}/opt-out", response_model=Touched)
def opt_out_lead(request: Request, drip: ApiClient, address: Address, leaving: StopLead, key: Key = None) -> Response:
    """Bar a person for good."""
    options = {"reason": leaving.reason}
    return once(request, drip, key, leaving, lambda: {"touched": drip.opt_out(**lead_ref(address), **options)})


@router.post("/leads/{address}/opt-in")
def opt_in_lead(drip: ApiClient, address: Address) -> Touched:
    """Let a person be sent to again who asked for it."""
    return Touched(touched=int(drip.opt_in(**lead_ref(address))))


@router.post("/leads/{address}/notes", response_model=Touched)
def add_note(request: Request, drip: ApiClient, address: Address, note: NewNote, key: Key = None) -> Response:
    """Write something down about a lead, for whoever asks later."""
    return once(request, drip, key, note, lambda: {"touched": drip.leads.add_note(note.text, **lead_ref(address))})


@router.delete("/notes/{note_id}")
def delete_note(drip: ApiClient, note_id: Id) -> Touched:
    """Delete a note."""
    return Touched(touched=int(drip.leads.drop_note(note_id)))


@router.delete("/leads/{address}")
def forget_lead(drip: ApiClient, address: Address) -> Touched:
    """Delete a person and all that is stored of them; what bars them stays."""
    return Touched(touched=drip.leads.forget(**lead_ref(address)))


@router.get("/maybe-stopped")
def list_maybe_stopped(drip: ApiClient) -> list[MaybeStopped]:
    """Return the leads that may have asked to stop, the oldest first: opt-out bars one, resume lets it go on."""
    return drip.leads.maybe_stopped()


@router.get("/suppressions")
def list_suppressions(
    drip: ApiClient,
    address: Text = None,
    reason_code: ReasonCode | None = None,
    cursor: Cursor = None,
    size: Size = PAGE_SIZE,
) -> Page[Suppression]:
    """List the addresses that nothing is sent to."""
    return drip.leads.find_suppressions(SuppressionFilter(address, reason_code=reason_code), cursor=cursor, size=size)


def _lead_view(timeline: Timeline, now: datetime) -> LeadView:
    return LeadView(
        lead=LeadBody.of(timeline),
        triggers=[LeadTrigger(trigger=trigger, gained_at=at) for trigger, at in timeline.triggers],
        enrollments=list(timeline.enrollments),
        records=[
            ExplainedRecord(record=record, why=timeline.why(record, now), expected_at=timeline.expected(record).at)
            for record in timeline.records
        ],
        attempts=list(timeline.attempts),
        not_enrolled=list(timeline.not_enrolled),
        notes=list(timeline.notes),
    )
