"""A database that an older version made: `dripline migrate`."""

from typing import Annotated

import typer

from dripline.cli.support.options import Db, Json
from dripline.core.views.operations import Worker
from dripline.core.views.schema import Migration


def migrate(
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the changes and make none.")] = False,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Bring a database that an older version of dripline made up to this version.

    Make a backup first: an older version cannot open the database afterwards. All changes are one transaction: if it is
    interrupted, the database is as it was. Processors that are at work finish their batch and stop; start those of the
    new version afterwards.

    Example: dripline migrate --db shop.db --dry-run
    """
    from dripline.app.migrating import migrate_database, plan_migration, processors_at_work
    from dripline.cli.support.progress import counting
    from dripline.cli.support.session import named_database, print_json
    from dripline.engine.clock import SystemClock

    url = named_database(db)
    planned = plan_migration(url)
    at_work = processors_at_work(url, SystemClock().now()) if planned.changes else []
    if not as_json:
        typer.echo(_planned(planned, at_work))
    made = False
    if planned.changes and not dry_run:
        numbers = {change.version: number for number, change in enumerate(planned.changes, start=1)}
        with counting("Migrating") as draw:
            made = bool(migrate_database(url, lambda version: draw(numbers[version], len(numbers))))
    if as_json:
        print_json(_as_object(planned, at_work, made=made))
    elif planned.changes:
        typer.echo(_done(dry_run=dry_run, made=made))


def _planned(planned: Migration, at_work: list[Worker]) -> str:
    if not planned.changes:
        return f"{planned.database} has schema {planned.found}, which this dripline works with: there is nothing to do."
    lines = [f"  {change.version} {change.purpose}" for change in planned.changes]
    lines += [f"  {_named(one)} is at work on it, and stops when its batch is settled" for one in at_work]
    return "\n".join([f"{planned.database} has schema {planned.found}, this dripline works with:", *lines])


def _named(processor: Worker) -> str:
    return f"process {processor.process_id} on {processor.host} (dripline {processor.version})"


def _done(*, dry_run: bool, made: bool) -> str:
    if dry_run:
        return "Nothing was changed (--dry-run)."
    return "Migrated." if made else "Another process has migrated it meanwhile."


def _as_object(planned: Migration, at_work: list[Worker], *, made: bool) -> dict[str, object]:
    return {
        "database": planned.database,
        "found": planned.found,
        "newest": planned.newest,
        "changes": [{"version": change.version, "purpose": change.purpose} for change in planned.changes],
        "processors": [
            {"host": one.host, "process_id": one.process_id, "version": one.version, "seen_at": f"{one.seen_at:%FT%TZ}"}
            for one in at_work
        ],
        "migrated": made,
    }
