"""Setting aside what nobody can send as it stands, since it was changed by hand: nobody else waits for it."""

from collections.abc import Iterable
from collections.abc import Sequence as Listing
from datetime import datetime

from dripline.core.reason import Reason, ReasonCode
from dripline.core.records.rules import LOOK_AGAIN
from dripline.store.database.database import Database, Row
from dripline.store.enrollments.store import SECOND, keys
from dripline.store.reasons import stored


def set_aside(database: Database, rows: Listing[Row], worker: str, now: datetime) -> None:
    """Pause the steps of records just claimed, which cannot be read, and let go of those. Inside a transaction."""
    if not rows:
        return
    unreadable = stored(Reason.of(ReasonCode.STEP_UNREADABLE))
    steps = {str(row["sequence_stepid"]): unreadable for row in rows}
    database.change("pause_steps", steps=steps)
    records = {str(row["id"]): {"attempt": row["attempt"], "delay": LOOK_AGAIN // SECOND, **unreadable} for row in rows}
    database.run("defer", records=records, worker=worker, now=now)


def cancel_dangling(database: Database, records: Iterable[int], worker: str, now: datetime) -> None:
    """Cancel records just claimed whose lead or enrollment is not there. Call inside a transaction."""
    database.run("cancel_dangling", records=keys(records), worker=worker, now=now)
