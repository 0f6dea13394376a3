"""What the list of messages shows: its rail, its rows or its groups by reason, and what can be chosen."""

from collections.abc import Mapping
from dataclasses import replace

from starlette.datastructures import QueryParams

from dripline.app import Dripline
from dripline.core.queries.filters import RecordFilter
from dripline.core.queries.listing import Page
from dripline.core.queries.report import Overview
from dripline.core.views.failures import FailureGroup
from dripline.core.views.lists import ListedRecord
from dripline.errors import InvalidFilter
from dripline.web.pages.records.message_counts import Counts, counts_of, limited
from dripline.web.pages.records.message_filter import (
    ALL,
    FAILED,
    STATES,
    State,
    is_filtered,
    record_filter,
    state_of,
    written_filter,
)
from dripline.web.record_actions import ACTIONS, actions_for

SAMPLE = 4
"""How many messages of the largest group are shown with it."""

OF_A_STATE = ("state", "by", "reason", "status", "due")
"""What an address asks for that belongs to its state: the rail counts without it."""

NOTHING: Mapping[str, object] = {
    "state": ALL,
    "rail": [(state, None) for state in STATES],
    "found": Page(()),
    "count": 0,
    "excerpts": {},
    "groups": None,
    "actions": [],
    "is_filtered": True,
}
"""What is shown where an address cannot be read."""


def shown(drip: Dripline, asked: QueryParams, report: Overview, cursor: str | None, zone: str) -> Mapping[str, object]:
    """Return what an address asks for.

    Raises:
        InvalidInput: It cannot be used.
    """
    now, state = drip.now(), state_of(asked)
    wanted = record_filter(asked, now, zone)
    _check_names(drip, wanted, report)
    base = record_filter(QueryParams(written_filter(asked, without=OF_A_STATE)), now, zone)
    counts = counts_of(drip, report, base)
    groups = drip.records.failures(wanted) if state is FAILED and asked.get("by") == "reason" else None
    found = drip.records.find(wanted, cursor=cursor) if groups is None else _sample(drip, wanted, groups)
    return {
        "state": state,
        "rail": [(one, limited(counts.get(one.word))) for one in STATES if _is_shown(one, state, counts)],
        "found": found,
        "count": _count(drip, asked, wanted, found, counts.get(state.word)),
        "excerpts": drip.records.excerpts(row.id for row in found.rows),
        "groups": groups,
        "actions": [one for one in ACTIONS if any(one in actions_for(row.status) for row in found.rows)],
        "is_filtered": is_filtered(asked),
    }


def choices(drip: Dripline, asked: QueryParams, report: Overview) -> Mapping[str, object]:
    """Return what can be chosen: the sequences, the steps of the chosen one, and the senders."""
    chosen = next((one for one in report.sequences if one.sequence == asked.get("sequence")), None)
    steps = [] if chosen is None else [(number, f"Step {number}") for number in range(1, len(chosen.steps) + 1)]
    senders = sorted(state.sender.name for state in drip.senders.all())
    return {
        "sequences": [("", "Any sequence"), *((one.sequence, one.sequence) for one in report.sequences)],
        "steps": [("", "Any step"), *steps],
        "senders": [("", "Any sender"), *((name, name) for name in senders)],
    }


def _is_shown(one: State, chosen: State, counts: Counts) -> bool:
    """Return whether a state stands in the rail: what is being sent, which takes seconds, only while it is."""
    return one.word != "sending" or one is chosen or bool(counts.get(one.word))


def _sample(drip: Dripline, wanted: RecordFilter, groups: list[FailureGroup]) -> Page[ListedRecord]:
    """Return the latest messages of the largest group."""
    if not groups:
        return Page(())
    return Page(drip.records.find(replace(wanted, reason_code=groups[0].reason_code), size=SAMPLE).rows)


def _count(
    drip: Dripline, asked: QueryParams, wanted: RecordFilter, found: Page[ListedRecord], of_state: int | None
) -> int | None:
    """Return how many messages the list has, up to 10,001; None where that is not told cheaply."""
    if not found.next and not found.previous:
        return len(found.rows)
    return None if asked.get("reason") else drip.records.count(wanted) if asked.getlist("status") else of_state


def _check_names(drip: Dripline, wanted: RecordFilter, report: Overview) -> None:
    if wanted.sequence is not None and wanted.sequence not in {one.sequence for one in report.sequences}:
        raise InvalidFilter(f"There is no sequence {wanted.sequence[:80]!r}: choose one of the list.")
    if wanted.sender is not None and wanted.sender not in {one.sender.name for one in drip.senders.all()}:
        raise InvalidFilter(f"There is no sender {wanted.sender[:80]!r}: choose one of the list.")
