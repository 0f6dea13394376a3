"""Settling unknown records at the command line: previewed, done with its progress, told in words or as JSON."""

import getpass
from collections.abc import Iterator
from collections.abc import Sequence as Listing
from dataclasses import asdict
from pathlib import Path

import typer

from dripline.core.leads.rejected_row import RefusedRow
from dripline.core.records.evidence import Evidence
from dripline.core.records.unknown import Effect, Resolution, Settled, UnknownFilter, Unsettled
from dripline.core.text import counted
from dripline.core.time.clocks import clocks_of
from dripline.core.time.schedule import parse_delay
from dripline.errors import InvalidInput

LEFT_SHOWN = 20
"""How many records are named that are left as they are; --json names all."""

_LABELS = {
    Effect.COMPLETED: "is completed",
    Effect.DUE_AGAIN: "is due again",
    Effect.CANCELLED: "is due again, and cancelled at the next pass, since its lead has left or is barred",
    Effect.SKIPPED: "is skipped: its sequence goes on without it",
}


def settle_one(
    record: int, resolution: Resolution, by: str | None, db: str | None, *, dry_run: bool, as_json: bool
) -> None:
    """Settle a record, and say what became of it; one that is left as it is ends the command with 1."""
    from dripline.cli.support.session import open_existing, print_json

    with open_existing(db) as drip:
        if dry_run:
            settled = drip.records.unknown.plan_settle_one(record, resolution)
        else:
            settled = drip.records.unknown.settle_one(record, resolution, by=by or login())
    if as_json:
        print_json({"dry_run": dry_run, **values_of(settled)})
    else:
        for group in settled.groups:
            typer.echo(f"Record {record} {_LABELS[group.effect]}.")
        for one in settled.left:
            typer.echo(f"Record {record} is left as it is: {one.reason}.", err=True)
    if settled.left:
        raise typer.Exit(1)


def settle_matching(
    resolution: Resolution, wanted: UnknownFilter, by: str | None, db: str | None, *, dry_run: bool, as_json: bool
) -> None:
    """Settle all that a filter finds, and say how many of which sequence, step and sender became what."""
    from dripline.cli.support.progress import counting
    from dripline.cli.support.session import open_existing, print_json

    with open_existing(db) as drip:
        if dry_run:
            settled = drip.records.unknown.plan_settle(resolution, wanted)
        else:
            with counting("Settling") as advance:
                settled = drip.records.unknown.settle(resolution, wanted, by=by or login(), on_progress=advance)
    if as_json:
        print_json({"dry_run": dry_run, **values_of(settled)})
    else:
        typer.echo("\n".join(lines_of(settled, dry_run=dry_run)))


def settle_by_evidence(evidence: Evidence, by: str | None, db: str | None, *, dry_run: bool, as_json: bool) -> None:
    """Settle what evidence proves, and name what is left."""
    from dripline.cli.support.progress import counting
    from dripline.cli.support.session import open_existing, print_json

    with open_existing(db) as drip:
        if dry_run:
            settled = drip.records.unknown.plan_settle_by_evidence(evidence)
        else:
            with counting("Matching") as advance:
                settled = drip.records.unknown.settle_by_evidence(evidence, by=by or login(), on_progress=advance)
    if as_json:
        print_json({"dry_run": dry_run, "lines": len(evidence.lines), **values_of(settled)})
    else:
        typer.echo("\n".join(lines_of(settled, dry_run=dry_run)))


def evidence_of(file: Path | None, zone: str | None, channel: str | None, within: str) -> Evidence:
    """Read an export as evidence.

    Raises:
        InvalidFile: It cannot be read.
        InvalidInput: The zone or the span is none.
    """
    from dripline.cli.support.progress import filling
    from dripline.config.settings import Settings
    from dripline.importing.evidence_file import read_evidence

    span = parse_delay(within)
    if file is None:
        return Evidence(channel=channel, within=span)
    clock = None if zone is None else clocks_of(zone)
    with filling(f"Reading {file.name}") as fill:
        read = read_evidence(file, region=Settings.load().region, zone=clock, on_progress=fill)
    if read.passed_over:
        typer.echo(f"{counted(read.passed_over, 'row')} without a usable address: skipped.", err=True)
    return Evidence(read.lines, channel=channel, within=span)


def values_of(settled: Settled) -> dict[str, object]:
    """Return what became of records, for programs."""
    return {"records": settled.records, **asdict(settled)}


def lines_of(settled: Settled, *, dry_run: bool) -> Iterator[str]:
    """Say what became of records, or would."""
    for group in settled.groups:
        sender = f", sender {group.sender}" if group.sender else ""
        yield f"  {group.records:,}: {group.sequence}, step {group.step}{sender}: {group.effect.told}"
    yield from _lines_of_left(settled.left)
    for effect in Effect:
        if count := settled.count(effect):
            yield f"{counted(count, 'record')} {_verb(count, dry_run=dry_run)} {effect.told}."
    if not settled.records:
        yield "No record is settled."
    if dry_run:
        yield "Nothing was changed (--dry-run)."


def _lines_of_left(left: Listing[Unsettled]) -> Iterator[str]:
    if left:
        yield f"{len(left):,} are left as they are:"
    for one in left[:LEFT_SHOWN]:
        whose = f"{one.name} {one.address or ''}".strip()
        yield f"  {one.record_id} {whose}, {one.sequence}, step {one.step}: {one.reason}"
    if len(left) > LEFT_SHOWN:
        yield f"  and {len(left) - LEFT_SHOWN:,} more: --json names all"


def addresses_of(leads: list[str] | None, file: Path | None) -> list[str] | None:
    """Return the addresses that are named one by one and in a list; None where nobody is.

    Raises:
        InvalidInput: A row of the list names nobody.
    """
    if leads is None and file is None:
        return None
    return [*(leads or []), *(_listed(file) if file is not None else ())]


def login() -> str:
    """Return who is logged in on this machine."""
    try:
        return f"{getpass.getuser()}, at the command line"
    except (OSError, KeyError, ImportError):
        return "the command line"


def _listed(file: Path) -> Iterator[str]:
    from dripline.config.settings import Settings
    from dripline.importing.leads.leads_file import open_leads

    with open_leads(file, region=Settings.load().region, allow_no_trigger=True) as rows:
        for row in rows:
            if isinstance(row, RefusedRow):
                raise InvalidInput(f"Row {row.number} of {file} names nobody: {row.reason}")
            yield row.lead.phone or row.lead.email or ""


def _verb(count: int, *, dry_run: bool) -> str:
    if dry_run:
        return "would be"
    return "is" if count == 1 else "are"
