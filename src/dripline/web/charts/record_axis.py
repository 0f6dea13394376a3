"""Records on a true time axis: where each stands, and where now is. Geometry only; templates draw it."""

from collections.abc import Sequence as Listing
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dripline.core.records.record import StepRecord
from dripline.core.views.timeline import Timeline

WIDTH, MARGIN = 720, 24
"""How wide an axis is, and how much of that is left free at both ends, in SVG units."""


@dataclass(frozen=True, slots=True)
class Dot:
    """A record on the axis: when it went, ended, or is due."""

    x: float
    step: int = field(kw_only=True)
    status: str = field(kw_only=True)
    at: datetime = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Axis:
    """Where the records of a run stand, and where now is; None where it lies beyond what is drawn."""

    dots: tuple[Dot, ...]
    now: float | None = field(kw_only=True)
    width: int = field(default=WIDTH, kw_only=True)


def moment(record: StepRecord, expected_at: datetime | None) -> datetime:
    """Return when a record went or ended, else when it is expected to go, or is due."""
    return record.completed_at or record.ended_at or expected_at or record.next_trigger_time


def axis(timeline: Timeline, records: Listing[StepRecord], now: datetime) -> Axis:
    """Place records of a lead on an axis that begins with the first and ends with the last of them, or with now."""
    moments = [moment(record, timeline.expected(record).at) for record in records]
    first, last = min([*moments, now]), max([*moments, now])
    if moments and now - max(moments) > max(timedelta(days=1), max(moments) - min(moments)):
        last = max(moments)
    span = max((last - first).total_seconds(), 1.0)

    def place(at: datetime) -> float:
        return round(MARGIN + (WIDTH - 2 * MARGIN) * (at - first).total_seconds() / span, 1)

    dots = (
        Dot(place(at), step=record.current_step, status=record.status, at=at)
        for record, at in zip(records, moments, strict=True)
    )
    return Axis(tuple(dots), now=place(now) if now <= last else None)
