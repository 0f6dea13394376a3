"""A result as a picture: one HTML file with drawings in it, no scripts, nothing from outside."""

from collections.abc import Iterator
from collections.abc import Sequence as Listing
from dataclasses import dataclass, field, fields
from functools import cache
from itertools import accumulate
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from dripline.errors import InvalidFile
from dripline.simulate.result import Result, StepReach

COLUMNS = 96
"""The most columns of the calendar: longer runs show several hours in one."""

ROWS = 60
"""The most senders in the calendar, the busiest ones."""

CURVES = 8
"""The most curves of steps, the first ones."""

NAME = 20
"""How much of a sender's name is shown, in characters."""

CELL, ROW, HEIGHT, WIDTH = 14, 18, 160, 640
SHADES = 5
"""How many shades the calendar has, besides that of nothing."""


@dataclass(frozen=True, slots=True)
class Mark:
    """A rectangle with what it stands for, in words."""

    x: float
    y: float = field(kw_only=True)
    width: float = field(kw_only=True)
    height: float = field(kw_only=True)
    shade: int = field(default=SHADES, kw_only=True)
    label: str = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Label:
    """A text at a place."""

    x: float
    y: float = field(kw_only=True)
    text: str = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Curve:
    """A line through points, as SVG takes them, and its name."""

    name: str
    number: int = field(kw_only=True)
    points: str = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Drawing:
    """What one drawing holds, and how large it is."""

    width: float
    height: float = field(kw_only=True)
    marks: tuple[Mark, ...] = field(default=(), kw_only=True)
    labels: tuple[Label, ...] = field(default=(), kw_only=True)
    curves: tuple[Curve, ...] = field(default=(), kw_only=True)


@dataclass(frozen=True, slots=True)
class Drawings:
    """The drawings of a result. `each`: how many hours a column is; `left_out`: how many senders have no row."""

    each: int
    left_out: int = field(kw_only=True)
    calendar: Drawing = field(kw_only=True)
    bars: Drawing = field(kw_only=True)
    curves: Drawing = field(kw_only=True)
    late: Drawing = field(kw_only=True)


def drawings(result: Result) -> Drawings:
    """Draw a result. Geometry only; templates draw it."""
    each = -(-result.hours // COLUMNS)
    return Drawings(
        each,
        left_out=max(0, len(result.senders) - ROWS),
        calendar=_calendar(result, each),
        bars=_bars(grouped(result.by_hour, each), each),
        curves=_curves(result),
        late=_late(result),
    )


def draw(result: Result) -> str:
    """Return the picture of a result as an HTML document."""
    drawn = drawings(result)
    return _template().render(
        result=result,
        scenario=result.scenario.as_json(),
        sequences=sorted({step.sequence for step in result.steps}),
        **{one.name: getattr(drawn, one.name) for one in fields(drawn)},
    )


def write_picture(result: Result, path: Path) -> None:
    """Write the picture of a result.

    Raises:
        InvalidFile: It cannot be written there.
    """
    try:
        path.write_text(draw(result), encoding="utf-8")
    except OSError as error:
        raise InvalidFile(f"{path} cannot be written: {error.strerror}. Name another file.") from error


def grouped(hours: Listing[int], each: int) -> tuple[int, ...]:
    """Return the sums of so many hours together."""
    return tuple(sum(hours[first : first + each]) for first in range(0, len(hours), each))


def span_of(column: int, each: int) -> str:
    """Name the hours of a column."""
    return f"hour {column}" if each == 1 else f"hours {column * each}–{(column + 1) * each - 1}"


def _calendar(result: Result, each: int) -> Drawing:
    busiest = sorted(result.senders, key=lambda sender: (-sender.sends, sender.name))[:ROWS]
    shown = sorted(busiest, key=lambda sender: sender.name)
    rows = [(sender.name, grouped(sender.hours, each)) for sender in shown]
    highest = max((max(hours, default=0) for _, hours in rows), default=0)
    columns = -(-result.hours // each)
    left = 8 * min(NAME, max((len(name) for name, _ in rows), default=0)) + 12
    marks = tuple(
        Mark(
            left + column * CELL,
            y=20 + place * ROW,
            width=CELL - 2,
            height=ROW - 2,
            shade=shade(sends, highest),
            label=f"{name}, {span_of(column, each)}: {sends:,} sent",
        )
        for place, (name, hours) in enumerate(rows)
        for column, sends in enumerate(hours)
    )
    names = [Label(0, y=33 + place * ROW, text=_shortened(name)) for place, (name, _) in enumerate(rows)]
    ticks = [Label(left + column * CELL, y=12, text=str(column * each)) for column in range(0, columns, 6)]
    size = left + columns * CELL + 16
    return Drawing(size, height=24 + len(rows) * ROW, marks=marks, labels=(*names, *ticks))


def shade(sends: int, highest: int) -> int:
    """Return the shade of a cell: 0 of nothing, then evenly up to the busiest one."""
    return -(-sends * SHADES // highest) if sends else 0


def _shortened(name: str) -> str:
    return name if len(name) <= NAME else f"{name[: NAME - 1]}…"


def _bars(sends: Listing[int], each: int) -> Drawing:
    highest = max(sends, default=0) or 1
    wide = WIDTH / max(1, len(sends))
    marks = tuple(
        Mark(
            round(column * wide, 2),
            y=round(20 + HEIGHT * (1 - count / highest), 2),
            width=round(max(1.0, wide - 1), 2),
            height=round(HEIGHT * count / highest, 2),
            label=f"{span_of(column, each)}: {count:,} sent",
        )
        for column, count in enumerate(sends)
    )
    step = max(1, len(sends) // 12)
    ticks = [
        Label(round(column * wide, 2), y=HEIGHT + 36, text=str(column * each)) for column in range(0, len(sends), step)
    ]
    return Drawing(WIDTH, height=HEIGHT + 42, marks=marks, labels=(Label(0, y=12, text=f"{highest:,}"), *ticks))


def _curves(result: Result) -> Drawing:
    """Draw, for each step, what share of those it reached it had reached by the end of each hour."""
    curves = tuple(_curve(number, step, result.hours) for number, step in enumerate(result.steps[:CURVES], start=1))
    ticks = [
        Label(round(WIDTH * hour / result.hours, 2), y=HEIGHT + 36, text=str(hour))
        for hour in range(0, result.hours, max(1, result.hours // 12))
    ]
    return Drawing(WIDTH, height=HEIGHT + 42, curves=curves, labels=(Label(0, y=12, text="100 %"), *ticks))


def _curve(number: int, step: StepReach, hours: int) -> Curve:
    everyone = step.reached + step.open or 1
    so_far = accumulate(step.hours, initial=0)
    points = (
        f"{WIDTH * hour / hours:.1f},{20 + HEIGHT * (1 - reached / everyone):.1f}"
        for hour, reached in enumerate(so_far)
    )
    return Curve(f"{step.sequence}, step {step.step}", number=number, points=" ".join(points))


def _late(result: Result) -> Drawing:
    bands = () if result.lateness is None else result.lateness.bands
    highest = max((count for _, count in bands), default=0) or 1
    return Drawing(
        WIDTH, height=len(bands) * 24 + 4, marks=tuple(_late_marks(bands, highest)), labels=_late_labels(bands)
    )


def _late_marks(bands: Listing[tuple[str, int]], highest: int) -> Iterator[Mark]:
    for place, (name, count) in enumerate(bands):
        text = f"{count:,} messages: {name}" if name in {"at once", "later"} else f"{count:,} messages: within {name}"
        yield Mark(70, y=place * 24 + 4, width=round(480 * count / highest, 2), height=18, label=text)


def _late_labels(bands: Listing[tuple[str, int]]) -> tuple[Label, ...]:
    names = (Label(0, y=place * 24 + 18, text=name) for place, (name, _) in enumerate(bands))
    counts = (Label(560, y=place * 24 + 18, text=f"{count:,}") for place, (_, count) in enumerate(bands))
    return (*names, *counts)


@cache
def _template() -> Template:
    loader = PackageLoader("dripline.simulate", "templates")
    environment = Environment(
        loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.get_template("picture.html")
