"""What a run prints: the table on standard output, how far it is on standard error."""

from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager

from rich.box import SIMPLE_HEAD
from rich.console import Console, Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from benchmarks.figure import Figure, Verdict, digits
from benchmarks.ratios import Compared

WIDTH = 80
"""How wide a table is, so that it fits any terminal, a mail and a page."""

_STYLES = {
    Verdict.MET: "green",
    Verdict.MISSED: "bold red",
    Verdict.BROKE: "bold red",
    Verdict.NOT_MEASURED: "yellow",
    Verdict.NO_GOAL: "dim",
}


@contextmanager
def telling() -> Generator[Callable[[str], None]]:
    """Yield what to call with a few words about what is being done: one line that changes, or a line for each."""
    console = Console(stderr=True, highlight=False)
    if not console.is_terminal:
        yield lambda text: console.print(text, soft_wrap=True)
        return
    with console.status("") as status:
        yield status.update


def print_figures(figures: Iterable[Figure], title: str, console: Console | None = None) -> None:
    """Print what was measured, and under each what it stands beside."""
    table = _table("what", "goal", "figure", "", title=title)
    for figure in figures:
        verdict = f"[{_STYLES[figure.verdict]}]{figure.verdict}[/]"
        table.add_row(_what(figure), str(figure.goal or "–"), figure.written, verdict)
    (console or _console()).print(table)


def print_ratios(compared: Iterable[Compared], title: str, console: Console | None = None) -> None:
    """Print ratios beside what was recorded."""
    table = _table("what", "recorded", "now", "", title=title)
    for one in compared:
        recorded = "–" if one.recorded is None else digits(one.recorded)
        verdict = "[bold red]not recorded[/]" if one.recorded is None else "[bold red]FELL[/]"
        verdict = verdict if one.has_fallen else "[green]kept[/]"
        table.add_row(_what(one.figure), recorded, digits(one.now), verdict)
    (console or _console()).print(table)


def _table(what: str, *columns: str, title: str) -> Table:
    table = Table(title=title, title_justify="left", box=SIMPLE_HEAD, pad_edge=False)
    table.add_column(what, ratio=1)
    for column in columns:
        table.add_column(column, justify="right", max_width=16)
    return table


def _what(figure: Figure) -> Group:
    beside = Padding(Text(figure.written_beside, style="dim"), (0, 0, 0, 2))
    return Group(Text(figure.of), *([beside] if figure.written_beside else []))


def _console() -> Console:
    return Console(highlight=False, width=WIDTH)
