"""``python -m benchmarks charts``: what stands in ``results.json``, drawn as bars into ``docs/images``.

Plain SVG without scripts or fonts of its own, light or dark as the reader's screen is; each picture has a title and
says its numbers in words for who hears it read.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from xml.sax.saxutils import escape

from benchmarks.figure import Part, digits
from benchmarks.results import Kept

FOLDER = Path(__file__).parents[1] / "docs" / "images"

WIDTH, LABELS, VALUES = 720, 200, 130
"""Of the whole picture, of the names left of the bars, of the numbers right of them, in pixels."""

OURS = "dripline"

LINE, BAR, TOP = 26, 16, 52
"""Height of a line, of the bar on it, and of what stands above them."""

STYLE = """
text { font: 13px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600; font-size: 15px }
.group { font-weight: 600 }
.ours { fill: #0969da }
.other { fill: #8c959f }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .ours { fill: #4493f8 }
  .other { fill: #6e7681 }
}
"""


@dataclass(frozen=True, slots=True)
class Chart:
    """A picture: which figures it groups, and how it calls each group."""

    file: str
    title: str = field(kw_only=True)
    groups: Mapping[str, str] = field(kw_only=True, hash=False)


CHARTS = (
    Chart(
        "enrollment.svg",
        title="Enrollment beside bare SQL, rows per second",
        groups={"enrollment.sqlite": "SQLite", "enrollment.postgresql": "PostgreSQL"},
    ),
    Chart(
        "processing.svg",
        title="Processing beside bare SQL, steps per second",
        groups={
            "processing.sqlite.1": "SQLite, one process",
            "processing.postgresql.1": "PostgreSQL, one process",
            "processing.postgresql.2": "PostgreSQL, two processes",
        },
    ),
    Chart(
        "peers.svg",
        title="Processing beside job queues, steps per second",
        groups={"peers.sqlite": "SQLite", "peers.postgresql": "PostgreSQL"},
    ),
    Chart(
        "due-scan.svg",
        title="Due scan and claim of 500 by stored records, p95 in milliseconds",
        groups={"due_scan.sqlite": "SQLite", "due_scan.postgresql": "PostgreSQL"},
    ),
)


def draw(kept: Mapping[str, Kept], folder: Path = FOLDER) -> None:
    """Draw every chart of which all figures are there, and name the others."""
    folder.mkdir(parents=True, exist_ok=True)
    for chart in CHARTS:
        groups = {called: kept[name].beside for name, called in chart.groups.items() if name in kept}
        if len(groups) < len(chart.groups):
            print(f"{chart.file} not drawn: measure {', '.join(chart.groups.keys() - kept.keys())} first")
            continue
        (folder / chart.file).write_text(svg(chart.title, groups), encoding="utf-8")
        print(f"{chart.file} drawn")


def svg(title: str, groups: Mapping[str, tuple[Part, ...]]) -> str:
    """Return a picture of groups of bars, all to one scale."""
    lines = sum(len(parts) + 1 for parts in groups.values())
    height = TOP + lines * LINE
    most = max(part.value for parts in groups.values() for part in parts)
    told = "; ".join(f"{group}: {', '.join(map(str, parts))}" for group, parts in groups.items())
    size = f'viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img" aria-labelledby="title told">',
            f'<title id="title">{escape(title)}</title>',
            f'<desc id="told">{escape(told)}</desc>',
            f"<style>{STYLE}</style>",
            f'<text class="title" x="0" y="24">{escape(title)}</text>',
            *_lines(groups, most),
            "</svg>\n",
        ]
    )


def _lines(groups: Mapping[str, tuple[Part, ...]], most: float) -> Iterator[str]:
    y = TOP
    for group, parts in groups.items():
        yield f'<text class="group" x="0" y="{y + BAR - 3}">{escape(group)}</text>'
        has_rivals = any(part.label == OURS for part in parts)
        for part in parts:
            y += LINE
            yield _bar(part, y, most, "other" if has_rivals and part.label != OURS else "ours")
        y += LINE


def _bar(part: Part, y: int, most: float, kind: str) -> str:
    long = max(1.0, (WIDTH - LABELS - VALUES) * part.value / most)
    return (
        f'<text x="{LABELS - 8}" y="{y + BAR - 3}" text-anchor="end">{escape(part.label)}</text>'
        f'<rect class="{kind}" x="{LABELS}" y="{y}" width="{long:.1f}" height="{BAR}" rx="2"/>'
        f'<text x="{LABELS + long + 8:.1f}" y="{y + BAR - 3}">{digits(part.value)} {escape(part.unit)}</text>'
    )
