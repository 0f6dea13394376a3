"""Progress bars: drawn on a terminal, nothing elsewhere."""

from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from rich.progress import Progress

Item = TypeVar("Item")

REDRAW_EVERY = 500
"""After how many rows a bar is moved."""


@contextmanager
def sending(total: int) -> Generator[Callable[[int], None]]:
    """Draw a bar of messages, if there are any; yields what to call with each number that was settled."""
    if not total:
        yield lambda _count: None
        return
    with _progress() as progress:
        task = progress.add_task("Sending", total=total)

        def advance(count: int) -> None:
            progress.advance(task, count)

        yield advance


def reading(rows: Iterable[Item], name: str, share: Callable[[], float]) -> Iterator[Item]:
    """Yield rows and draw how much of the file has been read; `share` tells it, from 0 to 1."""
    with _progress() as progress:
        task = progress.add_task(f"Reading {name}", total=1.0)
        for number, row in enumerate(rows):
            if number % REDRAW_EVERY == 0:
                progress.update(task, completed=share())
            yield row


@contextmanager
def filling(what: str) -> Generator[Callable[[float], None]]:
    """Draw a bar of something that is read; yields what to call with how much of it was, from 0 to 1."""
    with _progress() as progress:
        task = progress.add_task(what, total=1.0)
        yield lambda share: progress.update(task, completed=share)


@contextmanager
def counting(what: str) -> Generator[Callable[[int, int], None]]:
    """Draw a bar of what is done batch by batch; yields what to call with how many are done, and of how many."""
    with _progress() as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, of: progress.update(task, completed=done, total=of)


@contextmanager
def playing() -> Generator[Callable[[int, int], None]]:
    """Draw a bar of a simulation; yields what to call with the hours that were played, and how many there are."""
    with _progress() as progress:
        task = progress.add_task("Playing", total=None)
        yield lambda done, of: progress.update(task, completed=done, total=of)


@contextmanager
def waiting(what: str) -> Generator[None]:
    """Draw that something is waited for, and for how long already."""
    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        progress.add_task(what, total=None)
        yield


def _progress() -> "Progress":
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
