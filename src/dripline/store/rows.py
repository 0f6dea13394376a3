"""Rows as the database returns them, turned into the values of `core`."""

import json
from collections.abc import Callable, Mapping
from collections.abc import Sequence as Listing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, cast

from dripline.core.enrollments.chain import ChainLink
from dripline.core.explain import words_or_none
from dripline.core.leads.attribute import Value
from dripline.core.leads.lead import LEAD_FIELDS, Lead
from dripline.core.reason import code_of, facts_of
from dripline.core.records.record import StepRecord
from dripline.core.records.rules import Rules
from dripline.core.senders.sender import Pace
from dripline.core.sequences.content import Content
from dripline.core.sequences.policy import Policy, WhenLate
from dripline.core.sequences.sequence import Sequence, Step
from dripline.core.states import Status
from dripline.core.time.hours import step_hours
from dripline.core.time.lead_zone import known_zone, lead_zone, lead_zones
from dripline.core.time.schedule import Wait
from dripline.core.time.send_window import SendWindow
from dripline.errors import InvalidWindow
from dripline.store.content import content_of, read_content
from dripline.store.database.database import Row, instant, instant_or_none
from dripline.store.reasons import reason_in, reason_of
from dripline.store.sequence_columns import policy_of, settings_of
from dripline.store.window_column import window_of

CHANGES, NOTHING, DAY_SECONDS = timedelta(hours=2), timedelta(0), 86_400


def lead_of(row: Row, id_column: str = "id") -> Lead:
    """Read a lead; its id stands in `id_column`."""
    return Lead(row[id_column], **{name: row[name] if read is None else read(row[name]) for name, read in _LEAD})


def record_of(row: Row) -> StepRecord:
    """Read a row of ``sequence_contacts``."""
    reason = reason_of(row)
    return StepRecord(
        row["id"],
        enrollment_id=row["enrollment_id"],
        sequence_id=row["sequence_id"],
        lead_id=row["lead_id"],
        contact_phone=row["contact_phone"],
        sequence_stepid=row["sequence_stepid"],
        current_step=row["current_step"],
        status=Status(row["status"]),
        next_trigger_time=instant(row["next_trigger_time"]),
        planned_time=instant(row["planned_time"]),
        completed_at=instant_or_none(row["completed_at"]),
        ended_at=instant_or_none(row["ended_at"]),
        reason=words_or_none(reason),
        reason_code=code_of(reason),
        reason_facts=facts_of(reason),
        attempt=row["attempt"],
        sender_id=row["sender_id"],
    )


def link_of(row: Row) -> ChainLink:
    """Read a sequence as a part of a chain."""
    return ChainLink(row["name"], trigger=row["trigger"], then=row["then_trigger"], may_loop=bool(row["may_loop"]))


def sequence_of(row: Row, steps: Listing[Step], senders: Listing[str]) -> Sequence:
    """Read a sequence with the steps of one version and the senders it names."""
    return Sequence(
        row["name"],
        trigger=row["archived_trigger"] or row["trigger"],
        channel=row["channel"],
        senders=senders,
        variables=strings_of(row["variables"]),
        policy=policy_of(row),
        steps=steps,
        **settings_of(row),
    )


def steps_of(rows: list[Row]) -> tuple[Step, ...]:
    """Read the steps of one version, in order."""
    return tuple(_step(row, read_content(row["content"])) for row in rows)


def _step(row: Row, content: Content) -> Step:
    return Step(
        row["message"],
        Wait(
            timedelta(seconds=row["after_seconds"]),
            calendar_days=row["after_days"],
            is_written=bool(row["tells_days"]),
        ),
        subject=row["subject"],
        window=window_of(row["time_window"]),
        id=row["step_key"],
        **content_of(content),
    )


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a sequence and the workspace say about every record of a step: within what it may go.

    The zones are as they are stored: only a record with a window is asked where its lead may be.
    """

    policy: Policy
    window: SendWindow | None = field(kw_only=True)
    sequence_zone: str | None = field(kw_only=True)
    workspace_zone: str = field(kw_only=True)
    min_gap: timedelta = field(kw_only=True)
    daily_cap: int | None = field(kw_only=True)
    wait_after: timedelta | None = field(kw_only=True)

    @property
    def is_open(self) -> bool:
        """Whether they turn nothing away, whatever the time and whatever else the lead got."""
        return not (self.asks_of_leads or self.window is not None or self.policy.when_late is WhenLate.SKIP)

    @property
    def asks_of_leads(self) -> bool:
        """Whether a lead's other messages count."""
        return bool(self.min_gap) or self.daily_cap is not None


def bounds_of(row: Row) -> Bounds:
    """Read the bounds of a row that holds what its step, its sequence and the workspace say."""
    own, wait = row["min_gap_seconds"], row["wait_after_seconds"]
    windows = row["step_window"], row["time_window"]
    return Bounds(
        policy_of(row),
        window=None if windows == (None, None) else step_hours(*map(window_of, windows)),
        sequence_zone=row["sequence_zone"],
        workspace_zone=row["workspace_zone"],
        min_gap=timedelta(seconds=row["workspace_gap_seconds"] if own is None else own),
        daily_cap=row["daily_cap"],
        # A day may be an hour or two short where clocks change.
        wait_after=None if wait is None else timedelta(seconds=wait) - (CHANGES if wait >= DAY_SECONDS else NOTHING),
    )


def rules_of(
    row: Row,
    bounds: Bounds,
    recent: Listing[datetime] = (),
    *,
    is_contended: bool = False,
    needs_template: bool = False,
    cold_until: datetime | None = None,
) -> Rules:
    """Read what the rules ask about a record, from its row and its bounds."""
    return Rules(
        row["id"],
        due=instant(row["next_trigger_time"]),
        policy=bounds.policy,
        wait_after=bounds.wait_after,
        lane_free_at=None if row["is_trying"] else instant_or_none(row["free_at"]),
        suppressed=None if row["suppressed"] is None else reason_in(row["suppressed"]),
        leaving_reason=None if row["leaving_code"] is None else reason_of(row, "leaving"),
        pause_reason=None if row["pause_code"] is None else reason_of(row, "pause"),
        window=bounds.window,
        zones=("UTC",) if bounds.window is None else zones_of(row, bounds),
        min_gap=bounds.min_gap,
        daily_cap=bounds.daily_cap,
        recent=recent,
        is_contended=is_contended,
        needs_template=needs_template,
        cold_until=cold_until,
    )


def zone_of(row: Row, bounds: Bounds) -> str:
    """Read where the lead of a row is."""
    return lead_zone(
        lead=zone_or_none(row["zone"]),
        phone=row["phone"],
        sequence=zone_or_none(bounds.sequence_zone),
        workspace=zone_or_none(bounds.workspace_zone) or "UTC",
    )


def zones_of(row: Row, bounds: Bounds) -> tuple[str, ...]:
    """Read where the lead of a row may be."""
    return lead_zones(
        lead=zone_or_none(row["zone"]),
        phone=row["phone"],
        sequence=zone_or_none(bounds.sequence_zone),
        workspace=zone_or_none(bounds.workspace_zone) or "UTC",
    )


def attributes_of(text: str) -> Mapping[str, Value]:
    """Read a lead's attributes; the empty object, by far the commonest, costs nothing."""
    return {} if text == "{}" else cast("Mapping[str, Value]", _object(text))


def strings_of(text: str) -> Mapping[str, str]:
    """Read a JSON object of texts."""
    return {} if text == "{}" else cast("Mapping[str, str]", _object(text))


def _object(text: str) -> Mapping[str, object]:
    """Read a JSON object. What is none holds nothing: somebody wrote it before the database refused that."""
    try:
        read: object = json.loads(text)
    except ValueError:
        return {}
    return cast("Mapping[str, object]", read) if isinstance(read, dict) else {}


@lru_cache(maxsize=1_024)
def zone_or_none(name: str | None) -> str | None:
    """Read the name of a time zone: one that does not exist is as good as none."""
    try:
        return None if name is None else known_zone(name)
    except InvalidWindow:
        return None


@lru_cache(maxsize=4_096)
def pace_of(text: str) -> Pace:
    """Read a pace; senders of one team share theirs."""
    return Pace(**json.loads(text))


def shown_pace_of(text: str) -> Pace:
    """Read a pace to show it; one that a person wrote and nobody can read is as good as none, and its lane says so."""
    try:
        return pace_of(text)
    except (ValueError, TypeError, LookupError, AttributeError):
        return Pace()


def counts_of(text: str) -> dict[int, int]:
    """Read a meter's counts."""
    return {int(bucket): count for bucket, count in json.loads(text).items()}


_READERS: Mapping[str, Callable[[Any], object]] = {"attributes": attributes_of, "zone": zone_or_none}
_LEAD: Listing[tuple[str, Any]] = [(name, _READERS.get(name)) for name in LEAD_FIELDS]
"""The columns of a lead, each with what reads it where it is not the value itself."""
