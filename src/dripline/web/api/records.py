"""Records, enrollments and tries over the API: listed, explained, decided about; and pauses."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, HTTPException, Query, Request
from pydantic import Field
from starlette.responses import Response

from dripline.core.queries.filters import AttemptFilter, EnrollmentFilter, Order, RecordFilter, StatusGroup, StepResult
from dripline.core.queries.listing import PAGE_SIZE, Page
from dripline.core.reason import ReasonCode
from dripline.core.views.lists import EnrollmentDetail, ListedAttempt, ListedEnrollment, ListedRecord, RecordDetail
from dripline.core.views.records import BulkResult
from dripline.web.api.leads import Cursor, Short, Size, Text, Touched
from dripline.web.api.responses import Id, Instant, Key, RequestBody, ZonedInstant, once
from dripline.web.security.auth import ApiClient

router = APIRouter(tags=["records"])


class Pause(RequestBody):
    """What is paused: a sequence, or everything."""

    sequence: Short | None = None
    reason: Short = "paused by a program"


class Resume(RequestBody):
    """What goes on: a sequence, or everything."""

    sequence: Short | None = None


class RecordSelection(RequestBody):
    """Which records: at most 10,000, by their ids."""

    records: list[Annotated[int, Field(ge=1, le=2**53 - 1)]] = Field(min_length=1, max_length=10_000)


class CancelRecords(RecordSelection):
    """Which records are cancelled, and why."""

    reason: Short = "cancelled by a program"


class SkipRecord(RequestBody):
    """Why a step is passed over."""

    reason: Short = "passed over by a program"


class MoveRecord(RequestBody):
    """When a record is to go."""

    at: ZonedInstant = Field(description="An instant to come, with its zone.")


@router.get("/records")
def list_records(  # noqa: PLR0913, PLR0917  (an address has as many filters)
    drip: ApiClient,
    sequence: Text = None,
    step: Annotated[int | None, Query(ge=1, le=10_000)] = None,
    step_id: Text = None,
    status: Annotated[list[StatusGroup] | None, Query()] = None,
    result: StepResult | None = None,
    sender: Text = None,
    text: Text = None,
    since: Instant | None = None,
    until: Instant | None = None,
    due: bool = False,  # noqa: FBT001, FBT002  (in an address)
    order: Order = Order.LATEST,
    cursor: Cursor = None,
    size: Size = PAGE_SIZE,
) -> Page[ListedRecord]:
    """List step records by when they went or ended, else are due; `due`: what is active and due now, nothing else.

    `result`: those that count as this in what their steps led to.
    """
    wanted = RecordFilter(
        sequence=sequence,
        step=step,
        step_id=step_id,
        result=result,
        standings=[StatusGroup.ACTIVE] if due else status or tuple(StatusGroup),
        sender=sender,
        text=text,
        since=since,
        until=drip.now() + timedelta(seconds=1) if due else until,
        order=order,
    )
    return drip.records.find(wanted, cursor=cursor, size=size)


@router.get("/records/{record_id:int}")
def get_record(drip: ApiClient, record_id: Id) -> RecordDetail:
    """Return a record with its tries, its moves and its why."""
    found = drip.records.get(record_id)
    if found is None:
        raise HTTPException(404, f"There is no record {record_id}.")
    return found


@router.post("/records/{record_id:int}/confirm")
def confirm_record(drip: ApiClient, record_id: Id) -> Touched:
    """Complete an unknown record that is known to have gone; its enrollment goes on."""
    return Touched(touched=int(drip.records.unknown.confirm_sent(record_id)))


@router.post("/records/{record_id:int}/again")
def send_record_again(drip: ApiClient, record_id: Id) -> Touched:
    """Send an unknown record again that is known not to have gone."""
    return Touched(touched=int(drip.records.unknown.send_again(record_id)))


@router.post("/records/retry", response_model=BulkResult)
def retry_records(request: Request, drip: ApiClient, chosen: RecordSelection, key: Key = None) -> Response:
    """Send failed records again whose enrollments have done nothing since; says of every other why it was not."""
    return once(request, drip, key, chosen, lambda: drip.records.retry(chosen.records))


@router.post("/records/send-now", response_model=BulkResult)
def send_records_now(request: Request, drip: ApiClient, chosen: RecordSelection, key: Key = None) -> Response:
    """Let records at which enrollments stand be due now; windows, gaps and pace still hold."""
    return once(request, drip, key, chosen, lambda: drip.records.send_now(chosen.records))


@router.post("/records/cancel", response_model=BulkResult)
def cancel_records(request: Request, drip: ApiClient, chosen: CancelRecords, key: Key = None) -> Response:
    """Cancel records and what comes after them."""
    return once(request, drip, key, chosen, lambda: drip.records.cancel(chosen.records, reason=chosen.reason))


@router.post("/records/{record_id:int}/skip")
def skip_record(drip: ApiClient, record_id: Id, why: SkipRecord) -> BulkResult:
    """Pass over the step at which an enrollment stands; the next one becomes active and waits for its time."""
    return drip.records.skip_one(record_id, reason=why.reason)


@router.post("/records/{record_id:int}/reschedule")
def reschedule_record(drip: ApiClient, record_id: Id, when: MoveRecord) -> BulkResult:
    """Give a record that was not sent yet another time; it never goes before it."""
    return drip.records.reschedule_one(record_id, when.at)


@router.get("/enrollments")
def list_enrollments(
    drip: ApiClient,
    sequence: Text = None,
    live: bool | None = None,  # noqa: FBT001  (in an address)
    end_code: ReasonCode | None = None,
    cursor: Cursor = None,
    size: Size = PAGE_SIZE,
) -> Page[ListedEnrollment]:
    """List enrollments and where each stands; `end_code`: those that ended for this reason."""
    wanted = EnrollmentFilter(sequence, is_live=live, end_code=end_code)
    return drip.records.find_enrollments(wanted, cursor=cursor, size=size)


@router.get("/enrollments/{enrollment_id:int}")
def get_enrollment(drip: ApiClient, enrollment_id: Id) -> EnrollmentDetail:
    """Return an enrollment and its records in step order."""
    found = drip.records.get_enrollment(enrollment_id)
    if found is None:
        raise HTTPException(404, f"There is no enrollment {enrollment_id}.")
    return found


@router.get("/attempts")
def list_attempts(  # noqa: PLR0913, PLR0917  (an address has as many filters)
    drip: ApiClient,
    outcome: Text = None,
    delivery: Text = None,
    sender: Text = None,
    sequence: Text = None,
    cursor: Cursor = None,
    size: Size = PAGE_SIZE,
) -> Page[ListedAttempt]:
    """List tries, the latest first."""
    wanted = AttemptFilter(outcome, delivery=delivery, sender=sender, sequence=sequence)
    return drip.records.find_attempts(wanted, cursor=cursor, size=size)


@router.post("/pause", response_model=Touched)
def pause_sending(request: Request, drip: ApiClient, wanted: Pause, key: Key = None) -> Response:
    """Pause a sequence, or everything, from the next claim on."""
    return once(request, drip, key, wanted, lambda: {"touched": drip.pause(**wanted.model_dump())})


@router.post("/resume", response_model=Touched)
def resume_sending(request: Request, drip: ApiClient, wanted: Resume, key: Key = None) -> Response:
    """Let a sequence, or everything, go on; nothing bursts."""
    return once(request, drip, key, wanted, lambda: {"touched": drip.resume(sequence=wanted.sequence)})
