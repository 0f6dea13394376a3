"""Unknown records: `dripline unknown`, and settling one, those of a filter, or by a provider's export."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from dripline.cli.records.settle_unknown import (
    addresses_of,
    evidence_of,
    settle_by_evidence,
    settle_matching,
    settle_one,
)
from dripline.cli.support.command_groups import is_for_a_command
from dripline.cli.support.options import Db, Json, instant_of
from dripline.core.records.unknown import Resolution, UnknownFilter
from dripline.errors import InvalidInput

unknown = typer.Typer(help="Messages whose outcome is unknown.", rich_markup_mode=None)

Record = Annotated[
    int | None, typer.Argument(metavar="RECORD", help="The record's id, as dripline unknown lists it; or a filter.")
]
All = Annotated[bool, typer.Option("--all", help="All that wait for a decision, instead of one record.")]
OfSequence = Annotated[str | None, typer.Option("--sequence", metavar="NAME", help="Those of one sequence.")]
Step = Annotated[int | None, typer.Option("--step", metavar="N", help="With --sequence: those of one step.")]
Channel = Annotated[str | None, typer.Option("--channel", metavar="NAME", help="Those that go through one channel.")]
Sender = Annotated[str | None, typer.Option("--sender", metavar="NAME", help="Those of one sender.")]
Worker = Annotated[str | None, typer.Option("--worker", metavar="ID", help="Those that one worker had claimed.")]
Since = Annotated[
    str | None, typer.Option("--since", metavar="INSTANT", help="Those whose last try began then or later, in UTC.")
]
Until = Annotated[str | None, typer.Option("--until", metavar="INSTANT", help="Those whose last try began before.")]
Lead = Annotated[
    list[str] | None, typer.Option("--lead", metavar="PHONE", help="Those of one lead; may be given several times.")
]
Leads = Annotated[
    Path | None, typer.Option("--leads", metavar="FILE", help="Those of the leads of a list, CSV or Excel.")
]
Ended = Annotated[
    bool, typer.Option("--with-ended", help="Also those that their sequences went on without: they may have gone.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would become of which, and change nothing.")]
By = Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who says so, for the history; else your login.")]


@unknown.callback(invoke_without_command=True)
def show_all(context: typer.Context, db: Db = None, as_json: Json = False) -> None:
    """List the messages whose outcome is unknown; those that wait for a decision first.

    Example: dripline unknown --db shop.db
    """
    if is_for_a_command(context):
        return
    from rich.console import Console
    from rich.table import Column, Table

    from dripline.cli.support.session import open_existing, print_json

    with open_existing(db) as drip:
        records = drip.records.unknown.all()
    if as_json:
        print_json([asdict(record) for record in records])
        return
    if not records:
        typer.echo("No messages are unknown.")
        return
    # An id that was cut off could not be named to settle its record.
    table = Table(Column("record", no_wrap=True), "step", "to", "tried (UTC)", "why")
    for record in records:
        gone_on = "" if record.waits else "; the sequence went on without it"
        tried = f"{record.tried_at:%Y-%m-%d %H:%M:%S}"
        to = f"{record.name} {record.address}".strip()
        step = f"{record.sequence}, step {record.step}"
        table.add_row(str(record.record_id), step, to, tried, f"{record.reason}{gone_on}")
    Console(highlight=False, markup=False).print(table)


def _settles(resolution: Resolution, text: str) -> None:
    """Add the command that settles records as one thing."""

    def settle(
        record: Record = None,
        every: All = False,
        sequence: OfSequence = None,
        step: Step = None,
        channel: Channel = None,
        sender: Sender = None,
        worker: Worker = None,
        since: Since = None,
        until: Until = None,
        lead: Lead = None,
        leads: Leads = None,
        with_ended: Ended = False,
        dry_run: DryRun = False,
        by: By = None,
        db: Db = None,
        as_json: Json = False,
    ) -> None:
        wanted = UnknownFilter(
            sequence,
            step=step,
            channel=channel,
            sender=sender,
            worker=worker,
            since=instant_of(since),
            until=instant_of(until),
            leads=addresses_of(lead, leads),
            with_ended=with_ended,
        )
        is_filtered = every or wanted != UnknownFilter()
        if (record is None) is not is_filtered:
            raise InvalidInput(
                "Name one record by its id, or those of a filter such as --sequence, or --all that wait."
            )
        if record is not None:
            settle_one(record, resolution, by, db, dry_run=dry_run, as_json=as_json)
        else:
            settle_matching(resolution, wanted, by, db, dry_run=dry_run, as_json=as_json)

    unknown.command(resolution.value, help=text)(settle)


_settles(
    Resolution.SENT,
    """Say that you know messages to have gone: they are completed, and their sequences go on.

    One record by its id, or all that fit every filter that is given.

    Example: dripline unknown sent --sender sales-1 --since 2026-11-28T09:00 --until 2026-11-28T09:10 --dry-run
    """,
)
_settles(
    Resolution.RESEND,
    """Say that you know messages not to have gone: they are sent again at the next pass.

    One record by its id, or all that fit every filter that is given.

    Example: dripline unknown resend --sequence "Warm EXAMA" --step 2 --dry-run
    """,
)
_settles(
    Resolution.SKIP,
    """Let sequences go on without messages of which nobody will know whether they went; they stay unknown.

    One record by its id, or all that fit every filter that is given.

    Example: dripline unknown skip --all --dry-run
    """,
)


@unknown.command()
def match(
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE.csv", help="What the provider exports; without it only receipts.")
    ] = None,
    zone: Annotated[
        str | None, typer.Option("--zone", metavar="ZONE", help="Where its times are that say no zone.")
    ] = None,
    channel: Annotated[
        str | None, typer.Option("--channel", metavar="NAME", help="The channel that it is of, if not all.")
    ] = None,
    within: Annotated[
        str, typer.Option("--within", metavar="SPAN", help="How long after a try began its message may have gone.")
    ] = "10m",
    dry_run: DryRun = False,
    by: By = None,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Settle unknown messages by what the provider says of them, in an export of its log: CSV or Excel.

    It needs a column status, and names each message by a column id or record, or by phone and time. What went is
    completed under the provider's id, what did not is sent again. Where nothing is proved, or two messages fit, it is
    left as it is and named.

    Example: dripline unknown match twilio.csv --zone Asia/Kuala_Lumpur --dry-run
    """
    evidence = evidence_of(file, zone, channel, within)
    settle_by_evidence(evidence, by, db, dry_run=dry_run, as_json=as_json)
