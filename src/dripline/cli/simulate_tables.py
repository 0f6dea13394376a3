"""What `dripline simulate` prints of a result."""

from datetime import datetime, timedelta

from rich.console import Console
from rich.table import Table
from rich.text import Text

from dripline.simulate.picture import grouped, shade
from dripline.simulate.result import Result, SenderUse

COLUMNS = 48
"""The most columns of the calendar on a terminal: longer runs show several hours in one."""

NAME = 20
"""How much of a sender's name is shown, in characters."""

BESIDE = 38
"""How many characters stand beside a sender's name and its hours: its figures, and the lines of the table."""

SENDERS_SHOWN = 40
"""The most senders on a terminal, the busiest ones."""

_SHADES = (" ", "░", "▒", "▓", "█", "█")


def print_result(result: Result) -> None:
    """Print who sends when, when each step has reached everyone, how late messages were, and how it ended."""
    console = Console(highlight=False, markup=False)
    peak = max(result.by_hour, default=0)
    console.print(
        f"{result.arrived:,} leads, {result.enrolled:,} enrolled, {result.sends:,} messages in {result.hours} hours; "
        f"{peak:,} in the busiest, hour {result.by_hour.index(peak)}.",
        soft_wrap=True,
    )
    if result.refused:
        console.print(f"{result.refused:,} rows of the list were refused: dripline import --dry-run says why.")
    console.print()
    _print_calendar(console, result)
    _print_steps(console, result)
    _print_late(console, result)
    _print_ends(console, result)
    for sender in result.behind:
        console.print(f"✗ {sender.name} cannot keep up: {sender.behind}.", soft_wrap=True)
    if not result.behind and any(sender.waiting for sender in result.senders):
        console.print("✓ Every sender keeps up.")


def _print_calendar(console: Console, result: Result) -> None:
    """Print a row for each sender and a shade for each hour, or each so many hours."""
    busiest = sorted(result.senders, key=lambda sender: (-sender.sends, sender.name))[:SENDERS_SHOWN]
    room = console.width - BESIDE - min(NAME, max((len(sender.name) for sender in busiest), default=0))
    each = -(-result.hours // max(12, min(COLUMNS, room)))
    highest = max((max(grouped(sender.hours, each), default=0) for sender in busiest), default=0)
    unit = "each character an hour" if each == 1 else f"each character {each} hours"
    table = Table(title=f"Who sends when: {unit}, █ is {highest:,}", title_justify="left", title_style="bold")
    table.add_column("sender", max_width=NAME, no_wrap=True)
    table.add_column(_ruler(result.hours, each), no_wrap=True)
    for name in ("sent", "peak", "at"):
        table.add_column(name, justify="right", no_wrap=True)
    for sender in sorted(busiest, key=lambda sender: sender.name):
        table.add_row(Text(sender.name), _strip(sender, each, highest), *_use(sender))
    if len(result.senders) > 1:
        whole = SenderUse("all", hours=result.by_hour, waiting=(), behind=None)
        table.add_section()
        table.add_row("all", _strip(whole, each, max(grouped(whole.hours, each), default=0)), *_use(whole))
    console.print(table)
    if len(result.senders) > len(busiest):
        console.print(f"{len(result.senders) - len(busiest)} less busy senders are left out; --json has them all.")


def _ruler(hours: int, each: int) -> str:
    """Return a line with the number of an hour at every sixth column."""
    columns = -(-hours // each)
    ruler = "".join(str(column * each).ljust(6) for column in range(0, columns, 6))
    return ruler[:columns].ljust(columns)


def _strip(sender: SenderUse, each: int, highest: int) -> Text:
    return Text("".join(_SHADES[shade(sends, highest)] for sends in grouped(sender.hours, each)))


def _use(sender: SenderUse) -> tuple[str, str, str]:
    return f"{sender.sends:,}", f"{sender.peak.sends:,}", str(sender.peak.hour)


def _print_steps(console: Console, result: Result) -> None:
    table = Table("step", title="When each step has reached everyone", title_justify="left", title_style="bold")
    for name in ("reached", "open", "first", "everyone"):
        table.add_column(name, justify="right")
    for step in result.steps:
        table.add_row(
            Text(f"{step.sequence}, step {step.step}"),
            f"{step.reached:,}",
            f"{step.open:,}",
            _since(result, step.first_at),
            _since(result, step.complete_at),
        )
    console.print(table)


def _since(result: Result, at: datetime | None) -> str:
    """Write an instant as hours, minutes and seconds since the start."""
    if at is None:
        return "–"
    seconds = (at - result.scenario.start) // timedelta(seconds=1)
    return f"{seconds // 3_600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def _print_late(console: Console, result: Result) -> None:
    late = result.lateness
    if late is None:
        return
    table = Table(title="How late messages were", title_justify="left", title_style="bold")
    for name in ("within", "messages"):
        table.add_column(name, justify="right")
    table.add_column("")
    highest = max(count for _, count in late.bands)
    for name, count in late.bands:
        table.add_row(name, f"{count:,}", "█" * -(-count * 30 // highest))
    console.print(table)
    spread = (
        ("at least", late.least),
        ("half", late.half),
        ("95 %", late.p95),
        ("99 %", late.p99),
        ("most", late.longest),
    )
    console.print("In seconds: " + ", ".join(f"{name} {seconds:,}" for name, seconds in spread) + ".", soft_wrap=True)


def _print_ends(console: Console, result: Result) -> None:
    table = Table("records", title="How it ended", title_justify="left", title_style="bold")
    table.add_column("many", justify="right")
    table.add_column("reason")
    for ending in result.endings:
        table.add_row(ending.status, f"{ending.count:,}", Text(ending.reason or ""))
    console.print(table)
    limit, zone = result.scenario.daily_limit, result.scenario.zone
    console.print(
        f"{result.crowded:,} leads had more than {limit} in one day ({zone}), at most {result.daily_peak}; "
        f"{result.replies:,} replied, {result.opt_outs:,} opted out.",
        soft_wrap=True,
    )
