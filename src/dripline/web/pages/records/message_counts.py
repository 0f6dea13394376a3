"""How many messages are in which state, as far as that is told cheaply: from the tallies, else up to 10,001 of each."""

from collections.abc import Mapping
from dataclasses import replace

from dripline.app import Dripline
from dripline.core.queries.filters import RecordFilter, StatusGroup
from dripline.core.queries.report import Overview, Tally
from dripline.web.pages.records.message_filter import DELIVERED, READ, SCHEDULED, SECOND, STATES, WAITING, State

COUNT_LIMIT = 10_000
"""More messages of a state are not counted on."""

Counts = Mapping[str, int | None]
"""How many there are by a state's word; None where that is not told cheaply."""


def counts_of(drip: Dripline, report: Overview, base: RecordFilter) -> Counts:
    """Return how many messages of each state there are. `base`: what is asked for beside a state."""
    tally = _tally(report, base)
    counts: dict[str, int | None] = {}
    for state in STATES:
        if state.delivery is None and state.is_due is None:
            counts[state.word] = _counted(drip, state, base) if tally is None else tally.figure(*state.standings).many
    counts[WAITING.word] = waiting = _waiting(drip, report, base)
    counts[SCHEDULED.word] = _scheduled(drip, tally, base, waiting)
    # No index has what arrived: it is counted only where there is little to look through.
    is_little = (counts["sent"] or 0) <= COUNT_LIMIT
    for state in (one for one in STATES if one.delivery is not None):
        is_counted = is_little or state not in {DELIVERED, READ}
        counts[state.word] = _counted(drip, state, base) if is_counted else None
    return counts


def limited(count: int | None) -> str | int | None:
    """Write a count: more than 10,000 are ``10,000+``."""
    return "10,000+" if count is not None and count > COUNT_LIMIT else count


def _tally(report: Overview, base: RecordFilter) -> Tally | None:
    """Return the tally of what is asked for; None where there is none."""
    if base != RecordFilter(sequence=base.sequence, step=base.step, order=base.order):
        return None
    if base.sequence is None:
        return report.tally
    own = next((one for one in report.sequences if one.sequence == base.sequence), None)
    if own is None or base.step is None:
        return None if own is None else own.tally
    return next((one for one in own.steps if one.of.step == base.step), None)


def _waiting(drip: Dripline, report: Overview, base: RecordFilter) -> int:
    is_all = base == RecordFilter(order=base.order)
    return report.due.many if is_all else _counted(drip, WAITING, base)


def _scheduled(drip: Dripline, tally: Tally | None, base: RecordFilter, waiting: int) -> int:
    if tally is None or waiting > COUNT_LIMIT:
        return _counted(drip, SCHEDULED, base)
    return tally.figure(StatusGroup.PENDING, StatusGroup.ACTIVE).many - waiting


def _counted(drip: Dripline, state: State, base: RecordFilter) -> int:
    now = drip.now()
    wanted = replace(base, standings=state.standings, delivery=state.delivery)
    if state.is_due is not None:
        later = now + SECOND
        ends = later if base.until is None else min(base.until, later)
        wanted = replace(wanted, until=ends) if state.is_due else replace(wanted, due_after=later)
    return drip.records.count(wanted)
