"""Publishing to who is in flight: who stands where in which version, and going over to another one.

Whoever goes over ends, and a successor begins where it stood: what a record is of never changes. Carrying out a plan
moves exactly the enrollments that it names, to the times that it names. One that has gone on since is left alone.
"""

from datetime import datetime

from dripline.core.planning.draft import Crowd, Draft
from dripline.core.planning.plan import Plan
from dripline.core.planning.version_move import EnrollmentPosition, VersionMove
from dripline.core.reason import Reason, ReasonCode
from dripline.core.sequences.policy import WhenLate
from dripline.core.sequences.sequence import Step
from dripline.store.database.database import Database, Row, instant, instant_or_none
from dripline.store.enrollments.store import SECOND, Fields, Store, keys
from dripline.store.reasons import facts_text, stored
from dripline.store.rows import steps_of


def read_crowds(database: Database, sequence_id: int) -> dict[tuple[int, int], Crowd]:
    """Return how many live enrollments stand where, by version and next step."""
    return {
        (row["version"], row["current_step"]): Crowd(row["live"], in_flight=row["in_flight"])
        for row in database.run("crowds", sequence_id=sequence_id)
    }


def read_versions(database: Database, sequence_id: int, versions: set[int]) -> dict[int, tuple[Step, ...]]:
    """Return the steps of several versions of a sequence."""
    steps: dict[int, list[Row]] = {}
    for row in database.run("steps_of_versions", sequence_id=sequence_id, versions=keys(versions)):
        steps.setdefault(row["version"], []).append(row)
    return {version: steps_of(rows) for version, rows in steps.items()}


def read_known(database: Database, sequence_id: int) -> dict[str, Step]:
    """Return every step that a sequence ever had, by its id."""
    rows = database.run("known_steps", sequence_id=sequence_id)
    return {row["step_key"]: step for row, step in zip(rows, steps_of(rows), strict=True)}


def read_standings(database: Database, sequence_id: int, drafted: Draft) -> list[EnrollmentPosition]:
    """Return the enrollments that a new version reaches and that are not in flight."""
    places = {
        f"{version}:{step}": {"first_step": drafted.edits[version].first_step(step)}
        for version, step in drafted.going()
    }
    if not places:
        return []
    rows = database.run("standings", sequence_id=sequence_id, places=places, wanted=wanted_steps(drafted))
    return [_standing(row) for row in rows]


def wanted_steps(drafted: Draft) -> dict[str, Fields]:
    """Return the ids of the wanted steps as they are stored now, keyed by position."""
    stored = {new: old for old, new in drafted.renamed.items()}
    return {
        str(position): {"step_key": stored.get(step.id or "", step.id)}
        for position, step in enumerate(drafted.wanted.steps, start=1)
    }


def go_over(database: Database, store: Store, sequence_id: int, planned: Plan, now: datetime) -> int:
    """End the enrollments that still stand as planned, and begin their successors where they stood."""
    fields = {move.enrollment_id: fields_of(move, planned) for move in planned.moves}
    store.hold(fields)
    left = database.run("leave_standing", moves=_keyed(fields), planned_at=planned.planned_at, now=now)
    went = {row["enrollment_id"]: fields[row["enrollment_id"]] for row in left}
    if not went:
        return 0
    database.change("cancel_left_behind", enrollments=_keyed(went), now=now)
    # A successor takes over the load and the group's place; only an end that nothing follows has its effects.
    finished = {enrollment for enrollment, move in went.items() if move["first_step"] is None}
    ends = {str(of): _COMPLETED if of in finished else move for of, move in went.items()}
    ended = database.run("end_enrollments", enrollments=ends, now=now)
    store.end([row for row in ended if row["id"] in finished], now)
    where = {
        "moves": _keyed({of: move for of, move in went.items() if of not in finished}),
        "planned_at": planned.planned_at,
    }
    store.wait_for_newcomers()
    database.change("write_successors", version=planned.version, **where)
    database.change("write_successor_records", sequence_id=sequence_id, **where)
    database.change("note_spreads", sequence_id=sequence_id, moves=where["moves"], now=now)
    database.notify()
    return len(went)


_COMPLETED: Fields = stored(Reason.of(ReasonCode.COMPLETED))


def _standing(row: Row) -> EnrollmentPosition:
    return EnrollmentPosition(
        row["id"],
        lead_id=row["lead_id"],
        address=row["address"],
        version=row["version"],
        step=row["current_step"],
        status=row["status"],
        time=instant(row["next_trigger_time"]),
        anchor=instant(row["anchor"]),
        moved=row["moved_seconds"] * SECOND,
        gets_again=bool(row["gets_again"]),
        sent_at=instant_or_none(row["sent_at"]),
        is_by_person=bool(row["is_by_person"]),
    )


def fields_of(move: VersionMove, planned: Plan) -> Fields:
    """Return what the statements take of a move; instants as seconds from the one it was planned at."""
    standing, version = move.standing, planned.version
    why_moved = _why_moved(move, planned)
    since = planned.planned_at
    return {
        "lead_id": move.lead_id,
        "step": standing.step,
        "status": standing.status,
        "time": (standing.time - since) // SECOND,
        "had_moved": standing.moved // SECOND,
        **stored(
            Reason.of(
                ReasonCode.VERSION_WITHOUT_STEP if move.step is None else ReasonCode.VERSION_MOVED, version=version
            )
        ),
        "first_step": move.step,
        "new_time": None if move.new_time is None else (move.new_time - since) // SECOND,
        "anchor": (move.anchor - since) // SECOND,
        "moved": move.moved // SECOND,
        "spread_code": None if why_moved is None else str(why_moved.code),
        "spread_facts": None if why_moved is None else facts_text(why_moved),
    }


def _why_moved(move: VersionMove, planned: Plan) -> Reason | None:
    """Return why the next record of a successor has another time than its calendar says, if it has."""
    if move.is_overdue and planned.wanted.policy.when_late is not WhenLate.SKIP:
        return Reason.of(ReasonCode.SPREAD, version=planned.version)
    is_unchanged = move.standing.is_by_person and move.new_time == move.standing.time
    return Reason(ReasonCode.RESCHEDULED_BY_PERSON) if is_unchanged else None


def _keyed(moves: dict[int, Fields]) -> dict[str, Fields]:
    return {str(enrollment): move for enrollment, move in moves.items()}
