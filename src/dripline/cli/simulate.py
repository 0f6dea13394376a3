"""A sequence played before its launch: `dripline simulate`."""

import logging
import sys
from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from dripline.cli.support.options import Json
from dripline.cli.support.progress import playing
from dripline.core.time.schedule import parse_delay
from dripline.engine.clock import stopwatch
from dripline.errors import InvalidInput, InvalidScenario
from dripline.simulate.golden_file import LISTED, differences, keep, read_golden
from dripline.simulate.participants import Participants
from dripline.simulate.picture import write_picture
from dripline.simulate.population import Listed, Made, Population, first_triggers
from dripline.simulate.provider import EMAIL_CHANNELS
from dripline.simulate.result import Result
from dripline.simulate.scenario import Scenario, parse_latency, parse_outage, parse_start
from dripline.simulate.simulation import play

Span = Annotated[
    str | None, typer.Option("--for", metavar="SPAN", help="How long, as 36h; else until everything has ended.")
]
Start = Annotated[
    str | None, typer.Option("--start", metavar="INSTANT", help="When it begins; else 2026-01-05T00:00Z.")
]
Outages = Annotated[
    list[str] | None,
    typer.Option("--outage", metavar="10h-40h", help="The processor is out; as often as you like."),
]
Latency = Annotated[str, typer.Option("--provider-latency", metavar="SPAN", help="How long it takes: 300ms, 2s.")]
DailyLimit = Annotated[
    int, typer.Option("--most-per-day", metavar="N", help="Count leads with more messages than that in a day.")
]
Expected = Annotated[
    Path | None, typer.Option("--expect", metavar="FILE", help="Compare with a kept result; exit 1 if it differs.")
]
KeepOption = Annotated[Path | None, typer.Option("--keep", metavar="FILE", help="Keep the result to compare with.")]


def simulate(
    files: Annotated[list[Path], typer.Argument(metavar="FILE.yaml …", help="Sequence and sender files.")],
    leads: Annotated[int | None, typer.Option("--leads", metavar="N", help="So many made-up leads; else 1000.")] = None,
    csv: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="The leads of a list instead.")] = None,
    span: Span = None,
    start: Start = None,
    over: Annotated[str, typer.Option("--over", metavar="SPAN", help="Leads arrive evenly over this, as 8h.")] = "0s",
    outage: Outages = None,
    fail: Annotated[float, typer.Option("--fail", metavar="RATE", help="The provider refuses a message.")] = 0.0,
    retry: Annotated[float, typer.Option("--retry", metavar="RATE", help="It asks to try later.")] = 0.0,
    unknown: Annotated[float, typer.Option("--unknown", metavar="RATE", help="Its answer gets lost.")] = 0.0,
    reply: Annotated[float, typer.Option("--reply", metavar="RATE", help="A lead replies to a message.")] = 0.0,
    opt_out: Annotated[float, typer.Option("--opt-out", metavar="RATE", help="A lead opts out.")] = 0.0,
    latency: Latency = "0s",
    daily_limit: DailyLimit = 1,
    zone: Annotated[str, typer.Option("--zone", metavar="ZONE", help="Whose days, as Asia/Kuala_Lumpur.")] = "UTC",
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Another one gives another run.")] = 1,
    html: Annotated[Path | None, typer.Option("--html", metavar="FILE", help="Draw a picture of it.")] = None,
    expect: Expected = None,
    keep_as: KeepOption = None,
    as_json: Json = False,
) -> None:
    """Play sequences over a population before their launch: the same engine, on virtual time. Nothing is sent.

    Shows who sends how many messages in which hour, when each step has reached everyone, which senders cannot keep up,
    how late messages are and what the leads get. The same command gives the same result, byte by byte.

    Example: dripline simulate examples/warm-exama.yaml --leads 5000 --outage 10h-40h
    """
    golden = None if expect is None else read_golden(expect)
    scenario = Scenario(
        seed=seed,
        start=parse_start(start) if start is not None else Scenario().start,
        span=None if span is None else _span("--for", span),
        leads=_leads(leads, csv),
        over=_span("--over", over),
        outages=tuple(parse_outage(written) for written in outage or ()),
        fail=fail,
        retry=retry,
        unknown=unknown,
        reply=reply,
        opt_out=opt_out,
        latency=parse_latency(latency),
        daily_limit=daily_limit,
        zone=zone,
    )
    result = _played(scenario, files, csv)
    if keep_as is not None:
        keep(result, keep_as)
    if html is not None:
        write_picture(result, html)
    if as_json:
        sys.stdout.write(result.text())
    else:
        from dripline.cli.simulate_tables import print_result

        print_result(result)
    if expect is not None and not _is_as_expected(result, golden, expect):
        raise typer.Exit(1)


def _leads(count: int | None, csv: Path | None) -> int:
    if count is not None and csv is not None:
        raise InvalidScenario("Leads are either made up or those of a list: leave out --leads or --csv.")
    return Scenario().leads if count is None else count


def _span(option: str, written: str) -> timedelta:
    try:
        return parse_delay(written)
    except InvalidInput:
        raise InvalidScenario(f"{option} {written[:40]!r} cannot be read: write 90m, 36h or 3d.") from None


def _played(scenario: Scenario, files: list[Path], csv: Path | None) -> Result:
    """Read the files, play them, and say on stderr how long that took."""
    from dripline.cli.support.setup_files import read_setup_file
    from dripline.config.settings import Settings

    setups = [read_setup_file(file) for file in files]
    workspace = next((setup.workspace for setup in reversed(setups) if setup.workspace is not None), None)
    sequences = tuple(sequence for setup in setups for sequence in setup.sequences)
    senders = tuple(sender for setup in setups for sender in setup.senders)
    channels = {sequence.channel for sequence in sequences} | {sender.channel for sender in senders}
    triggers = first_triggers(sequences)
    population: Population = (
        Made(scenario.leads, triggers=triggers, with_email=not channels.isdisjoint(EMAIL_CHANNELS))
        if csv is None
        else Listed(csv, region=Settings.load().region, triggers=triggers)
    )
    lap = stopwatch()
    cast = Participants(senders=senders, sequences=sequences, population=population, workspace=workspace)
    with quiet(), playing() as progress:
        result = play(scenario, cast, progress)
    typer.echo(f"Played {result.hours} hours in {lap():.1f} s.", err=True)
    return result


@contextmanager
def quiet() -> Generator[None]:
    """Log nothing for a while: a run breaks lanes and loses answers on purpose."""
    log = logging.getLogger("dripline")
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(level)


def _is_as_expected(result: Result, golden: object, path: Path) -> bool:
    found = differences(result, golden)
    for line in found[:LISTED]:
        typer.echo(line, err=True)
    if len(found) > LISTED:
        typer.echo(f"… and {len(found) - LISTED} more.", err=True)
    if found:
        typer.echo(f"The result differs from {path}: if that is meant, keep the new one with --keep {path}.", err=True)
    return not found
