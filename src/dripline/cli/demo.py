"""The mission's example on virtual time: what the database holds at Hour 0, 12, 24 and 36, and what was sent."""

import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from dripline.app import Dripline
from dripline.channels.fake import FakeChannel
from dripline.cli.support.options import Host, Port
from dripline.core.records.record import StepRecord
from dripline.core.sequences.sequence import Sequence, Step
from dripline.core.text import counted
from dripline.engine.clock import VirtualClock
from dripline.errors import InvalidInput

START = datetime(2026, 1, 1, tzinfo=UTC)
PHONE = "60123456789"
GAP = timedelta(hours=12)
BETWEEN = timedelta(minutes=5)
"""How often the demo looks between two steps. (In real time the processor looks every 15 seconds.)"""

WARM = Sequence(
    "Warm EXAMA",
    trigger="WARMEXAMA",
    steps=[
        Step("Hi {{ name }}, thank you for asking about EXAMA!"),
        Step("{{ name }}, this is how EXAMA works.", GAP),
        Step("What other mothers say about EXAMA, {{ name }}.", GAP),
        Step("{{ name }}, your EXAMA offer ends tonight.", GAP),
    ],
)

Serve = Annotated[bool, typer.Option("--serve", help="Instead: fill it with the life of a whole shop, and serve that.")]


def demo(
    db: Annotated[str | None, typer.Option("--db", metavar="FILE", help="Keep the database; it must be new.")] = None,
    serve: Serve = False,
    leads: Annotated[int | None, typer.Option("--leads", metavar="N", help="With --serve: so many; else 3000.")] = None,
    seed: Annotated[int | None, typer.Option("--seed", metavar="N", help="With --serve: another shop.")] = None,
    host: Host = "127.0.0.1",
    port: Port = 8000,
) -> None:
    """Play the mission's example on virtual time and print the table at Hour 0, 12, 24 and 36.

    Exits 0 only if every step went at its hour and nothing went in between.

    With --serve, the last five days of a tuition centre are played into the database, and it goes on living and is
    served until Ctrl-C. Nothing reaches anybody.

    Example: dripline demo --db demo.db
    """
    if serve:
        from dripline.cli.sample_server import serve_sample
        from dripline.simulate.demo_shop.fill import LEADS

        with _place(db) as url:
            serve_sample(
                url, leads=LEADS if leads is None else leads, seed=1 if seed is None else seed, at=(host, port)
            )
    elif leads is not None or seed is not None:
        raise InvalidInput("The example has one lead: --leads and --seed are for dripline demo --serve.")
    else:
        _play(db)


def _play(db: str | None) -> None:
    """Play the mission's example, and exit 1 if the flow went wrong."""
    console = Console(highlight=False)
    clock, channel = VirtualClock(START), FakeChannel()
    with _place(db) as url, Dripline(url, clock=clock, channels={"console": channel}, migrate=False) as drip:
        if drip.reports.counts().get("leads"):
            raise InvalidInput(f"{db} holds leads already: name a new file for the demo.")
        drip.apply(WARM)
        drip.add_lead(phone=PHONE, name="Aina", triggers=["WARMEXAMA"])
        console.print(f"Lead {PHONE} gains the trigger WARMEXAMA: one record per step is written.\n")
        right = [_hour(drip, clock, channel, console, hour) for hour in (0, 12, 24, 36)]
        breaches = drip.verify()
    for breach in breaches:
        console.print(f"✗ {breach.sentence()}")
    if breaches or not all(right):
        console.print("✗ The flow went wrong.")
        raise typer.Exit(1)
    console.print("✓ Each step went once, in order, at its hour; nothing went in between.")


@contextmanager
def _place(db: str | None) -> Generator[str]:
    if db is not None:
        yield db
        return
    with tempfile.TemporaryDirectory() as folder:
        yield str(Path(folder) / "demo.db")


def _hour(drip: Dripline, clock: VirtualClock, channel: FakeChannel, console: Console, hour: int) -> bool:
    """Wait until an hour, look once, print what changed; return whether it is what the mission says."""
    between = _wait(drip, clock, START + timedelta(hours=hour))
    due = [record.current_step for record in drip.due()]
    before = drip.records(phone=PHONE)
    drip.tick()
    after = drip.records(phone=PHONE)
    sent = channel.accepted[-1]
    if hour:
        ticks = GAP // BETWEEN - 1
        console.print(f"{ticks} ticks between Hour {hour - 12} and Hour {hour} sent {counted(between, 'message')}.\n")
    console.print(_table(f"Hour {hour}: due is step {', '.join(map(str, due)) or '-'}", before, after))
    console.print(f"→ {sent.to}: {sent.text}\n")
    step = hour // 12 + 1
    expected = ["completed"] * step + ["active"] * (step < len(after)) + ["pending"] * (len(after) - step - 1)
    return not between and due == [step] == [sent.step] and [record.status for record in after] == expected


def _wait(drip: Dripline, clock: VirtualClock, until: datetime) -> int:
    """Look every five minutes until an instant, and return how many messages went."""
    sent = 0
    while clock.now() < until:
        clock.advance(BETWEEN)
        if clock.now() < until:
            sent += drip.tick().sent
    return sent


def _table(title: str, before: list[StepRecord], after: list[StepRecord]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    for column in ("sequence_stepid", "current_step", "status", "next_trigger_time"):
        table.add_column(column)
    for old, new in zip(before, after, strict=True):
        status = str(new.status) if old.status == new.status else f"{old.status} → {new.status}"
        table.add_row(str(new.sequence_stepid), str(new.current_step), status, _since_start(new.next_trigger_time))
    return table


def _since_start(instant: datetime) -> str:
    """Write an instant as the mission does."""
    hours = (instant - START) / timedelta(hours=1)
    return f"NOW() + {hours:g} hours" if hours else "NOW()"
