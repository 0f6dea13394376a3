"""The histogram of the overview: what went and what is to go, hour by hour. Geometry only; the template draws it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from dripline.core.queries.report import OPEN, Figure, Overview, StatusGroup, Tally

WIDTH, HEIGHT, TOP = 960, 120, 14
"""How large the drawing is, and how much of that is left free above, in SVG units."""

PARTS = (
    ("done", "sent", (StatusGroup.COMPLETED,)),
    ("bad", "failed or unknown", (StatusGroup.FAILED, StatusGroup.UNKNOWN)),
    ("open", "to go", OPEN),
)
"""What is stacked in a bar: its colour, its name, and the records that it counts."""


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of an hour's bar."""

    x: float
    y: float = field(kw_only=True)
    width: float = field(kw_only=True)
    height: float = field(kw_only=True)
    kind: str = field(kw_only=True)
    label: str = field(kw_only=True)
    figure: Figure = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Chart:
    """The bars, where now is, the hours that are named, and how many the tallest bar counts."""

    bars: tuple[Bar, ...]
    now: float = field(kw_only=True)
    ticks: tuple[tuple[float, datetime], ...] = field(kw_only=True)
    highest: int = field(kw_only=True)
    width: int = field(default=WIDTH, kw_only=True)
    height: int = field(default=HEIGHT + TOP + 18, kw_only=True)
    base: int = field(default=HEIGHT + TOP, kw_only=True)


def chart(overview: Overview) -> Chart:
    """Draw the hours of an overview."""
    hours = overview.hours
    figures = [[tally.figure(*of) for _, _, of in PARTS] for tally in hours]
    highest = max((sum(figure.many for figure in parts) for parts in figures), default=0)
    each = WIDTH / max(1, len(hours))
    bars = tuple(bar for place, parts in enumerate(figures) for bar in _bars(place, parts, highest, each))
    begins = [_begins(tally) for tally in hours]
    ticks = tuple((round(place * each, 1), at) for place, at in enumerate(begins) if at.hour % 12 == 0)
    place = sum(at <= overview.at for at in begins)
    return Chart(bars, now=round(max(0, place - 0.5) * each, 1), ticks=ticks, highest=highest)


def _bars(place: int, parts: list[Figure], highest: int, each: float) -> Iterator[Bar]:
    floor = float(TOP + HEIGHT)
    for (kind, name, _), figure in zip(PARTS, parts, strict=True):
        if figure.many:
            height = max(1.0, HEIGHT * figure.many / highest)
            floor -= height
            yield Bar(
                round(place * each, 1),
                y=round(floor, 1),
                width=round(max(1.0, each - 1.5), 1),
                height=round(height, 1),
                kind=kind,
                label=f"{figure.of.since:%d %b %H:00} UTC: {figure.many:,} {name}",
                figure=figure,
            )


def _begins(tally: Tally) -> datetime:
    assert tally.of.since is not None
    return tally.of.since
