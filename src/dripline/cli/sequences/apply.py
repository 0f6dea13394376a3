"""The workspace, senders and sequences from files: `dripline apply`."""

from collections.abc import Iterator, Mapping
from collections.abc import Sequence as Listing
from dataclasses import asdict
from itertools import zip_longest
from pathlib import Path
from typing import Annotated

import typer

from dripline.app import Dripline
from dripline.app.workspace import PlannedSetup
from dripline.cli.support.options import Db, Json, Migrate, check_migrate
from dripline.core.planning.in_flight import named
from dripline.core.planning.plan import Plan
from dripline.core.planning.reach import Reach, reach_of
from dripline.core.planning.settings_plan import SettingsPlan
from dripline.core.text import counted
from dripline.core.views.sequences import Applied
from dripline.importing.setup.setup_file import Setup


def apply(
    files: Annotated[list[Path], typer.Argument(metavar="FILE.yaml …", help="Sequence files.")],
    db: Db = None,
    reach: Annotated[
        str,
        typer.Option(
            metavar="new|not-yet|all|finished",
            help="Who gets changed waits and steps: new leads; also those not yet at a change; also those at one; also "
            "those who have finished.",
        ),
    ] = Reach.NEW,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan and change nothing.")] = False,
    migrate: Migrate = False,
    as_json: Json = False,
) -> None:
    """Create or update senders and sequences from files, and enroll the leads that have their triggers.

    All files are applied in one transaction, or none of them: what changes, and for whom, is shown, and `--dry-run`
    shows exactly the same and changes nothing. Texts are corrected for everything not yet sent, whatever the reach.

    Example: dripline apply examples/warm-exama.yaml --reach all --dry-run
    """
    from dripline.cli.support.session import open_dripline, open_to_plan, print_json
    from dripline.cli.support.setup_files import read_setup_file
    from dripline.importing.setup.setup_file import join_setups

    check_migrate(migrate=migrate, dry_run=dry_run)
    reached = reach_of(reach)
    setup = join_setups(read_setup_file(file) for file in files)
    with open_to_plan(db) if dry_run else open_dripline(db, migrate=migrate) as drip:
        planned, applied = (_planned if dry_run else _applied)(drip, setup, reached)
    if as_json:
        objects = [_as_object(*of) for of in zip_longest(planned.sequences, applied)]
        print_json([*(_as_settings(kind, of) for kind, of in _settings(planned)), *objects])
    else:
        typer.echo("\n".join(_plan_text(of) for of in [*(of for _, of in _settings(planned)), *planned.sequences]))
        typer.echo(_NOTHING if dry_run else _done(applied))


def _planned(drip: Dripline, setup: Setup, reach: Reach) -> tuple[PlannedSetup, tuple[Applied, ...]]:
    planned = drip.workspace.plan_all(
        setup.sequences, senders=setup.senders, workspace=setup.workspace, renamed=setup.renamed, reach=reach
    )
    return planned, ()


def _applied(drip: Dripline, setup: Setup, reach: Reach) -> tuple[PlannedSetup, tuple[Applied, ...]]:
    done = drip.workspace.apply_all(
        setup.sequences, senders=setup.senders, workspace=setup.workspace, renamed=setup.renamed, reach=reach
    )
    return done.planned, done.sequences


def _settings(planned: PlannedSetup) -> Iterator[tuple[str, SettingsPlan]]:
    """Yield what comes before the sequences, each with what it is a plan of."""
    if planned.workspace is not None:
        yield "workspace", planned.workspace
    for sender in planned.senders:
        yield "sender", sender


_NOTHING = "Nothing was changed (--dry-run)."


def _plan_text(planned: Plan | SettingsPlan) -> str:
    lines = [*planned.changes]
    if isinstance(planned, Plan):
        same = planned.effects.same_address
        lines += [f"leaving for another lead of the same address: {named(same)}"] if same else []
    lines += [f"note: {note}" for note in planned.notes]
    return "\n".join([f"{planned.action} {planned.name!r}", *(f"  {line}" for line in lines)])


def _done(applied: Listing[Applied]) -> str:
    text = f"Applied. {sum(done.enrolled for done in applied)} leads enrolled."
    if any(done.plan.moves or done.plan.finished.moves for done in applied):
        moved = sum(done.moved for done in applied)
        text += f" {counted(moved, 'enrollment')} moved to the new version."
    left_alone = sum(done.left_alone for done in applied)
    return f"{text} {left_alone} had gone on meanwhile, left alone." if left_alone else text


def _as_settings(kind: str, planned: SettingsPlan) -> Mapping[str, object]:
    return {kind: planned.name, "action": planned.action, "changes": planned.changes, "notes": planned.notes}


def _as_object(planned: Plan, applied: Applied | None) -> Mapping[str, object]:
    return {
        "sequence": planned.name,
        "action": planned.action,
        "changes": planned.changes,
        "notes": planned.notes,
        "reach": planned.reach,
        "base_version": planned.base_version,
        "version": planned.version,
        "affected": [
            {"change": of.told, "version": of.version, "before": of.before, "at": of.at, "past": of.past}
            for of in planned.affected
        ],
        "in_flight": planned.in_flight,
        "repeated": planned.repeated,
        "overdue": planned.overdue,
        "starting": planned.starting.leads,
        "same_address": [asdict(ending) for ending in planned.effects.same_address],
        "moves": [
            {
                "enrollment_id": move.enrollment_id,
                "lead_id": move.lead_id,
                "address": move.address,
                "step": move.step,
                "old_time": move.old_time,
                "new_time": move.new_time,
                "expected_at": move.expected_at,
                "waits_for": move.waits_for,
            }
            for move in planned.moves
        ],
        "enrolled": 0 if applied is None else applied.enrolled,
        "moved": 0 if applied is None else applied.moved,
        "left_alone": 0 if applied is None else applied.left_alone,
    }
