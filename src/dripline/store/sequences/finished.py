"""Who has finished a sequence: read for its plan, and let go on where steps are appended."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from operator import itemgetter

from dripline.core.planning.draft import Draft
from dripline.core.planning.finished import Finished, edits_of_finished, finished
from dripline.core.planning.plan import Plan
from dripline.core.planning.reach import Reach
from dripline.core.planning.version_move import EnrollmentPosition
from dripline.core.reason import Reason, ReasonCode
from dripline.errors import InvalidSequence
from dripline.store.database.database import Database, Row, instant
from dripline.store.enrollments.assignment import assign_newcomers
from dripline.store.enrollments.store import SECOND, Fields, Store, keys
from dripline.store.reasons import stored
from dripline.store.sequences.publishing import fields_of, read_versions, wanted_steps


def read_finished(
    database: Database,
    sequence_id: int,
    drafted: Draft,
    *,
    asked: Mapping[str, object],
    leaving: Iterable[int],
    now: datetime,
) -> Finished:
    """Return who has finished and has a step ahead now; those who go on with it where that is asked for.

    `asked` says what the sequence will be, and which enrollments will be `leaving` it.

    Raises:
        InvalidSequence: They are to go on, and their end has fired another sequence.
    """
    counts = {row["version"]: row["many"] for row in database.run("count_finished", sequence_id=sequence_id)}
    if not counts:
        return Finished()
    edits = edits_of_finished(drafted, read_versions(database, sequence_id, set(counts)))
    if drafted.reach is not Reach.FINISHED or not edits:
        return finished(drafted, edits, counts, (), now)
    if drafted.wanted.then is not None:
        raise InvalidSequence(
            f"Whoever has finished {drafted.wanted.name!r} got {drafted.wanted.then} at its end, and would get it "
            "again: apply with --reach all, or take out `then`."
        )
    versions = {str(version): {"first_step": edit.first_step(len(edit.old) + 1)} for version, edit in edits.items()}
    places = {"versions": versions, "wanted": wanted_steps(drafted), "leaving": keys(leaving)}
    rows = database.run("finished", now=now, **places, **asked)
    first = {row["to_address"]: row for row in reversed(rows)}.values()
    standings = [_standing(row, len(edits[row["version"]].old) + 1) for row in sorted(first, key=itemgetter("id"))]
    return finished(drafted, edits, counts, standings, now, same_address=len(rows) - len(first))


def let_go_on(database: Database, store: Store, sequence_id: int, planned: Plan, now: datetime) -> int:
    """Begin the rest for those who have finished, as planned; returns how many. Call inside a transaction."""
    moves: dict[str, Fields] = {str(move.enrollment_id): fields_of(move, planned) for move in planned.finished.moves}
    # A run whose records go at this moment goes on no more.
    database.run("wait_for_archiving")
    store.wait_for_newcomers()
    last = database.run("last_enrollment")[0]["id"]
    where = {"moves": moves, "planned_at": planned.planned_at}
    went = database.change("go_on_finished", version=planned.version, **where)
    if went:
        needs = database.run("needs_of_newcomers", last_enrollment=last, others_above=last)
        assign_newcomers(database, last, needs)
        database.change("write_successor_records", sequence_id=sequence_id, **where)
        database.change("note_spreads", sequence_id=sequence_id, moves=moves, now=now)
        moved = stored(Reason.of(ReasonCode.VERSION_MOVED, version=planned.version))
        database.change("finished_went_over", moves=moves, last_enrollment=last, **moved)
        store.events.of_newcomers(last, now)
        database.notify()
    return went


def _standing(row: Row, step: int) -> EnrollmentPosition:
    return EnrollmentPosition(
        row["id"],
        lead_id=row["lead_id"],
        address=row["address"],
        version=row["version"],
        step=step,
        status="active",
        time=instant(row["ended_at"]),
        anchor=instant(row["anchor"]),
        moved=row["moved_seconds"] * SECOND,
    )
