"""The calendar: what goes when, by sequence and day."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import date
from typing import Annotated

import typer

from dripline.cli.support.options import Db, Json
from dripline.core.text import counted
from dripline.core.views.calendar import Calendar, CalendarRow
from dripline.errors import InvalidInput

ROWS_SHOWN = 100
"""How many sequences are shown; `--json` has all."""


def calendar(
    first: Annotated[
        str | None, typer.Option("--from", metavar="DAY", help="The first day, as 2026-11-30; else today.")
    ] = None,
    days: Annotated[int, typer.Option("--days", help="How many days.")] = 7,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Show what went and what goes on each day, by sequence, at the times at which it will really go.

    Example: dripline calendar --days 14 --db shop.db
    """
    from dripline.cli.support.session import open_existing, print_json

    begin = _day(first)
    with open_existing(db) as drip:
        found = drip.reports.calendar(begin, days=days)
    if as_json:
        print_json(_as_object(found))
    else:
        _print(found)


def _day(written: str | None) -> date | None:
    try:
        return None if written is None else date.fromisoformat(written)
    except ValueError:
        raise InvalidInput(f"{written!r} is no day: write it as 2026-11-30.") from None


def _print(found: Calendar) -> None:
    from rich.console import Console
    from rich.table import Table

    table = Table("sequence")
    for day in found.days:
        table.add_column(f"{day.day:%a} {day.day.day}", justify="right")
    for row in found.rows[:ROWS_SHOWN]:
        table.add_row(row.sequence, *(f"{cell.count:,}" if cell.count else "" for cell in row.cells))
    table.add_section()
    table.add_row("all", *(f"{day.sent + day.scheduled:,}" for day in found.days))
    if any(day.capacity is not None for day in found.days):
        table.add_row("senders can do", *("" if day.capacity is None else f"{day.capacity:,}" for day in found.days))
    Console(highlight=False, markup=False).print(table)
    for row in found.rows:
        for text in _without_time(row):
            typer.echo(f"{row.sequence}: {text}")
    paused = " Everything is paused." if found.is_paused else ""
    typer.echo(f"Days are those of {found.zone}. {counted(found.later, 'message')} later.{paused}")


def _without_time(row: CalendarRow) -> Iterator[str]:
    """Yield what of a sequence has no time, since somebody has to act first."""
    if row.is_paused:
        yield f"paused, {counted(row.paused, 'message')}."
    yield from (f"step {one.step} is stopped, {counted(one.count, 'message')}." for one in row.stopped)
    if row.without_sender:
        yield f"{counted(row.without_sender, 'message')} behind a sender that is paused."


def _as_object(found: Calendar) -> dict[str, object]:
    return asdict(found)
