"""What lists show: a row of each, as values."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime

from dripline.core.explain import words_or_none
from dripline.core.reason import code_of, facts_of
from dripline.core.records.expected import Expected
from dripline.core.records.unknown import Resolution, Settlement
from dripline.core.states import Status
from dripline.core.views.lists import (
    ListedAttempt,
    ListedEnrollment,
    ListedLead,
    ListedRecord,
    Result,
    StandsAt,
)
from dripline.core.views.person import PERSON_FIELDS, Person
from dripline.core.views.records import Excerpt
from dripline.store.database.database import Row, instant, instant_or_none
from dripline.store.queries.timeline import attempt_of
from dripline.store.reasons import reason_in, reason_of

LAST = datetime.max.replace(tzinfo=UTC)
"""Later than anything is expected."""


def person_of(row: Row, id_column: str = "lead_id") -> Person:
    """Read whose a row is."""
    return Person(row[id_column], **{name: row[name] for name in PERSON_FIELDS})


def listed_lead(
    row: Row, triggers: Iterable[Row], standing: Iterable[Row], expected: Mapping[int, Expected]
) -> ListedLead:
    """Read a lead with its triggers, the records of its enrollments, and what is expected of those."""
    records = list(standing)
    over = [_result(record) for record in records if record["over_at"] is not None]
    live = [record for record in records if record["is_live"]]
    to_come = [expected[record["id"]] for record in live if record["id"] in expected]
    goes = [one for one in to_come if one.at is not None]
    first = min(goes, key=lambda one: one.at or LAST, default=next(iter(to_come), None))
    return ListedLead(
        person_of(row, "id"),
        created_at=instant(row["created_at"]),
        triggers=tuple(trigger["trigger"] for trigger in triggers),
        sequences=tuple(dict.fromkeys(record["sequence"] for record in live)),
        next_send_at=None if first is None else first.at,
        waits_for=() if first is None else first.waits_for,
        last_result=max(over, key=lambda result: result.at, default=None),
        barred=words_or_none(reason_in(row["barred"])),
    )


def _result(row: Row) -> Result:
    reason = reason_of(row)
    return Result(
        Status(row["status"]),
        at=instant(row["over_at"]),
        reason=words_or_none(reason),
        reason_code=code_of(reason),
        reason_facts=facts_of(reason),
    )


def listed_record(row: Row) -> ListedRecord:
    """Read a record."""
    reason = reason_of(row)
    return ListedRecord(
        row["id"],
        enrollment_id=row["enrollment_id"],
        person=person_of(row),
        sequence=row["sequence"],
        version=row["version"],
        step=row["current_step"],
        status=Status(row["status"]),
        next_trigger_time=instant(row["next_trigger_time"]),
        planned_time=instant(row["planned_time"]),
        completed_at=instant_or_none(row["completed_at"]),
        ended_at=instant_or_none(row["ended_at"]),
        reason=words_or_none(reason),
        reason_code=code_of(reason),
        reason_facts=facts_of(reason),
        attempts=row["attempt"],
        failures=row["failures"],
        sender=row["sender"],
    )


def listed_enrollment(row: Row, expected: Mapping[int, Expected]) -> ListedEnrollment:
    """Read an enrollment, with what is expected of the record at which it stands."""
    stands = row["ended_at"] is None and row["record_id"] is not None
    end, pause = reason_of(row, "end"), reason_of(row, "pause")
    return ListedEnrollment(
        row["id"],
        person=person_of(row),
        sequence=row["sequence"],
        version=row["version"],
        steps=row["steps"],
        enrolled_at=instant(row["enrolled_at"]),
        ended_at=instant_or_none(row["ended_at"]),
        end_reason=words_or_none(end),
        end_code=code_of(end),
        end_facts=facts_of(end),
        pause_reason=words_or_none(pause),
        pause_code=code_of(pause),
        pause_facts=facts_of(pause),
        stands=_standing(row, expected) if stands else None,
    )


def listed_attempt(row: Row) -> ListedAttempt:
    """Read a try."""
    return ListedAttempt(
        attempt_of(row),
        person=person_of(row),
        sequence=row["sequence"],
        step=row["current_step"],
        status=Status(row["status"]),
        sender=row["sender"],
    )


def excerpt_of(row: Row) -> Excerpt:
    """Read what a record says."""
    return Excerpt(
        row["text"] or row["message"],
        is_sent=row["text"] is not None,
        delivery=row["delivery"],
        error=row["delivery_error"],
    )


def settlement_of(row: Row) -> Settlement:
    """Read as what a record was settled."""
    return Settlement(
        Resolution(row["resolution"]),
        attempt=row["attempt"],
        at=instant(row["settled_at"]),
        by=row["settled_by"],
        proof=row["proof"],
    )


def _standing(row: Row, forecasts: Mapping[int, Expected]) -> StandsAt:
    expected = forecasts.get(row["record_id"])
    return StandsAt(
        row["record_id"],
        step=row["current_step"],
        status=Status(row["status"]),
        next_trigger_time=instant(row["next_trigger_time"]),
        expected_at=None if expected is None else expected.at,
        waits_for=() if expected is None else expected.waits_for,
    )
