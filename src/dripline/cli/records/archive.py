"""What ended long ago: `dripline archive` writes and removes it, `dripline proof` finds what is left of a message."""

from dataclasses import asdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dripline.cli.support.archive_files import ArchiveFormat
from dripline.cli.support.options import Db, Json, Phone, instant_of
from dripline.core.leads.lead_ref import lead_ref
from dripline.core.text import counted
from dripline.core.time.schedule import parse_delay
from dripline.core.views.retention import EndedCounts
from dripline.errors import InvalidInput

if TYPE_CHECKING:
    from dripline.app import Dripline


def archive(
    before: Annotated[
        str | None,
        typer.Option(
            "--before",
            metavar="DAY-or-AGE",
            help="What ended before: 2025-11-30, or 400d ago; else the workspace's keep.",
        ),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help="Write it there first, a file for each table.")
    ] = None,
    kind: Annotated[ArchiveFormat, typer.Option("--format", help="What the files are.")] = ArchiveFormat.CSV,
    remove: Annotated[bool, typer.Option("--remove", help="Remove it, once it is written.")] = False,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Say how much ended long ago; write it to files with --out, and remove it with --remove.

    Sending goes on meanwhile. What remains: the last enrollment of each lead and sequence, all counts, and a proof of
    each message.

    Example: dripline archive --before 400d --out 2026-11 --remove
    """
    from dripline.cli.support.session import open_existing, print_json

    with open_existing(db) as drip:
        until = _before(before, drip)
        ended = drip.retention.count(until)
        written = _write(drip, until, ended, out, kind) if out is not None else None
        removed = _remove(drip, until, ended, written) if remove else None
    if as_json:
        result = {"before": until, "ended": asdict(ended), "written_to": out and str(out)}
        print_json({**result, "removed": removed and asdict(removed)})
        return
    typer.echo(f"{_in_words(ended)} ended before {until:%Y-%m-%d %H:%M} UTC.")
    if out is not None:
        typer.echo(f"Written to {out}.")
    typer.echo("Nothing was removed." if removed is None else f"{_in_words(removed)} removed.")


def proof(
    phone: Phone,
    on: Annotated[
        str | None, typer.Option("--on", metavar="DAY", help="Only what was sent on this day, such as 2026-11-28; UTC.")
    ] = None,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """List the messages to an address whose records were removed; exits 1 if there is none.

    Example: dripline proof 60123456789 --on 2025-11-28
    """
    from dripline.cli.support.session import open_existing, print_json

    day = instant_of(on)
    until = None if day is None else day + timedelta(days=1)
    with open_existing(db) as drip:
        proofs = drip.retention.proofs(**lead_ref(phone), since=day, until=until)
    if as_json:
        print_json([asdict(one) for one in proofs])
    for one in [] if as_json else proofs:
        went = "sent" if one.status == "completed" else "may have been sent"
        digest = f", its provider's id has the digest {one.message}" if one.message else ""
        typer.echo(f"{one.sent_at:%Y-%m-%d %H:%M:%S} UTC: step {one.step} of {one.sequence} {went}{digest}.")
    if not proofs:
        typer.echo("There is no proof of a message to this address: dripline show has what is not removed.", err=True)
        raise typer.Exit(1)


def _write(drip: "Dripline", until: datetime, ended: EndedCounts, out: Path, kind: ArchiveFormat) -> list[int]:
    from dripline.cli.support.archive_files import archive_files
    from dripline.cli.support.progress import counting

    done = 0
    with archive_files(out, kind) as files, counting("Writing") as advance:

        def move_on(count: int) -> None:
            nonlocal done
            done += count
            advance(done, ended.enrollments)

        return drip.retention.write(until, files.write, on_progress=move_on)


def _remove(drip: "Dripline", until: datetime, ended: EndedCounts, written: list[int] | None) -> EndedCounts:
    from dripline.cli.support.progress import counting

    done, going = 0, drip.retention.write(until, lambda _rows: None) if written is None else written
    with counting("Removing") as advance:

        def move_on(count: int) -> None:
            nonlocal done
            done += count
            advance(done, ended.enrollments)

        return drip.retention.remove(until, going, on_progress=move_on)


def _before(written: str | None, drip: "Dripline") -> datetime:
    """Return the instant that a day or an age means, else the one before which the workspace removes what ended."""
    if written is not None and "-" not in written:
        return drip.now() - parse_delay(written)
    day = instant_of(written)
    if day is not None:
        return day
    period = drip.workspace.state().workspace.retention
    if period is None:
        raise InvalidInput("The workspace keeps everything for good: say --before, such as --before 400d.")
    return drip.now() - period


def _in_words(counts: EndedCounts) -> str:
    messages = counted(counts.messages, "message")
    text = f"{counted(counts.enrollments, 'enrollment')} with {counted(counts.records, 'record')} and {messages}"
    return f"{text}, {counted(counts.entries, 'log entry', 'log entries')}"
