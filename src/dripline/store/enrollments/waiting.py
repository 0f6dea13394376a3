"""Records that wait for a rule are asked again when it changes, so that nothing waits for a rule that is gone.

They become due, or get back the time that they had before any rule moved them; the claim then asks the rules as they
are. A time that a person or a retry gave is nobody's rule, and stands.
"""

from collections.abc import Iterable
from collections.abc import Sequence as Listing
from datetime import datetime

from dripline.core.reason import ReasonCode
from dripline.core.sequences.policy import OnUnknown, Policy
from dripline.store.database.database import Database, Row
from dripline.store.enrollments.spacing import Spacing


def count_waiting(database: Database, sequence_id: int, now: datetime) -> int:
    """Count the records of a sequence that wait for a rule."""
    return database.run("waiting_for_rules", sequence_id=sequence_id, now=now)[0]["many"]


def count_all_waiting(database: Database, now: datetime) -> int:
    """Count the records of all sequences that wait for a rule."""
    return sum(count_waiting(database, row["id"], now) for row in database.run("every_sequence"))


def ask_again(database: Database, sequence_id: int, now: datetime, without: Iterable[int] = ()) -> None:
    """Ask the rules again about what waits in a sequence, `without` some enrollments. Call inside a transaction."""
    left_out = {str(enrollment): None for enrollment in without}
    moved = database.run("ask_again_of_sequence", sequence_id=sequence_id, without=left_out, now=now)
    _note(database, moved, ReasonCode.RULES_CHANGED, now)


def ask_all_again(database: Database, now: datetime) -> None:
    """Ask the rules again about everything that waits. Call inside a transaction."""
    for row in database.run("every_sequence"):
        ask_again(database, row["id"], now)


def ask_again_of_leads(database: Database, leads: Iterable[int], now: datetime) -> None:
    """Ask the rules again about what waits of leads whose zone changed. Call inside a transaction."""
    given = {str(lead): None for lead in leads}
    if given:
        _note(database, database.run("ask_again_of_leads", leads=given, now=now), ReasonCode.ZONE_CHANGED, now)


def hold_as_said_now(database: Database, sequence_id: int, before: Policy, after: Policy, now: datetime) -> None:
    """Let unknown records be held as long as their sequence says now. Call inside a transaction."""
    seconds = int((after.hold - before.hold).total_seconds())
    is_freed = before.on_unknown is OnUnknown.HOLD and after.on_unknown is not OnUnknown.HOLD
    if seconds or is_freed:
        database.change("hold_as_said_now", sequence_id=sequence_id, seconds=seconds, is_freed=int(is_freed), now=now)


def _note(database: Database, moved: Listing[Row], code: ReasonCode, now: datetime) -> None:
    if moved:
        records = {str(row["id"]): None for row in moved}
        database.change("note_asked_again", records=records, code=str(code), now=now)
        Spacing(database).hold_back(records, now)
        database.notify()
