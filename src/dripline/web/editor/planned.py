"""The steps of a sequence on the axis of its calendar, before anybody is in it. Geometry only; templates draw it."""

from collections.abc import Mapping
from collections.abc import Sequence as Listing
from dataclasses import dataclass, field
from datetime import timedelta

from dripline.core.queries.report import Tally
from dripline.core.time.schedule import offsets

WIDTH, MARGIN = 720, 24
"""How wide an axis is, and how much of that is left free at both ends, in SVG units."""

APART = 48
"""How far apart names are, so that none lies on another."""

_DAYS_FROM = timedelta(hours=100)
"""From when on an offset is told in days."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A step on the axis: when it is planned, counted from enrollment, and how many it was sent to."""

    x: float
    step: int = field(kw_only=True)
    label: str = field(kw_only=True)
    sent: int = field(kw_only=True)
    is_named: bool = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Calendar:
    """The stops of a sequence."""

    stops: tuple[Stop, ...]
    width: int = field(default=WIDTH, kw_only=True)


def calendar(waits: Listing[timedelta], tallies: Mapping[int, Tally]) -> Calendar:
    """Place steps on an axis that begins at enrollment and ends with the last of them."""
    planned = offsets(waits)
    span = max(planned[-1].total_seconds(), 1.0) if planned else 1.0
    stops: list[Stop] = []
    named = -APART
    for step, at in enumerate(planned, start=1):
        x = round(MARGIN + (WIDTH - 2 * MARGIN) * at.total_seconds() / span, 1)
        is_named = x - named >= APART
        named = x if is_named else named
        sent = tallies[step].sent.many if step in tallies else 0
        stops.append(Stop(x, step=step, label=offset_text(at), sent=sent, is_named=is_named))
    return Calendar(tuple(stops))


def offset_text(at: timedelta) -> str:
    """Write how long after enrollment something is: ``36 h``, ``5 d 12 h``, ``90 min``."""
    seconds = at // timedelta(seconds=1)
    days, hours, minutes = seconds // 86_400, seconds // 3_600, seconds // 60
    if at >= _DAYS_FROM:
        rest = hours % 24
        return f"{days} d {rest} h" if rest else f"{days} d"
    if seconds % 3_600 == 0:
        return f"{hours} h"
    return f"{minutes} min" if seconds % 60 == 0 else f"{seconds} s"
