"""What a run prints: the table on standard output, how far it is on standard error."""

from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager

from rich.console import Console
from rich.table import Table

from benchmarks.figure import Figure, Verdict, digits
from benchmarks.ratios import Compared

WIDTH = 160
"""How wide the table is where there is no terminal to fit it to."""

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


def print_figures(figures: Iterable[Figure], title: str) -> None:
    """Print what was measured."""
    table = Table("what", "goal", "figure", "beside what", "", title=title, title_justify="left")
    for figure in figures:
        verdict = f"[{_STYLES[figure.verdict]}]{figure.verdict}[/]"
        table.add_row(figure.of, figure.written_goal, figure.written, figure.written_beside, verdict)
    _console().print(table)


def print_ratios(compared: Iterable[Compared], title: str) -> None:
    """Print ratios beside what was recorded."""
    table = Table("what", "ratio recorded", "ratio now", "beside what", "", title=title, title_justify="left")
    for one in compared:
        recorded = "–" if one.recorded is None else digits(one.recorded)
        verdict = "[bold red]not recorded[/]" if one.recorded is None else "[bold red]FELL[/]"
        verdict = verdict if one.has_fallen else "[green]kept[/]"
        table.add_row(one.figure.of, recorded, digits(one.now), one.figure.written_beside, verdict)
    _console().print(table)


def _console() -> Console:
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=WIDTH)
