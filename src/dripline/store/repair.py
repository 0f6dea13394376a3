"""Mending what can be put right without guessing whether a message went. Everything else is for a person."""

from dataclasses import dataclass, field
from datetime import datetime

from dripline.store.assignment import reassign
from dripline.store.database import Database
from dripline.store.store import Store
from dripline.store.tallies import Tallies


@dataclass(frozen=True, slots=True)
class Repair:
    """One kind of mend, and what it was done to."""

    deed: str
    ids: tuple[int, ...] = field(kw_only=True)


def repair(database: Database, store: Store, now: datetime) -> list[Repair]:
    """Mend what is safe to mend, in one transaction, and say what was done; nothing where nothing was wrong.

    Records in flight whose lease has ended become unknown, as the processor would make them, and are not sent again;
    those that had not begun to be sent are active again.
    """
    with store.transaction():
        store.hold(row["id"] for row in database.run("enrollments_to_repair", now=now))
        rescued = store.rescue_ended(now)
        leftovers = _run(database, "repair_leftovers", now=now)
        stranded = _run(database, "repair_stranded")
        finished = database.run("repair_finished", now=now)
        store.end(finished, now)
        deeds = {
            "marked unknown, its worker was gone: record": rescued.lost,
            "made active again, its worker was gone before it was sent: record": rescued.handed_back,
            "cancelled, its enrollment had ended: record": leftovers,
            "activated, its enrollment stood nowhere: record": stranded,
            "ended, nothing was left to send: enrollment": [row["id"] for row in finished],
            "given to senders that it names: sequence": _reassigned(database),
            "tallied anew, its tallies were wrong: sequence": Tallies(database, store).mend(now),
        }
    return [Repair(deed, ids=tuple(ids)) for deed, ids in deeds.items() if ids]


def _reassigned(database: Database) -> list[int]:
    """Let live enrollments go by the senders that their sequences name."""
    return [row["id"] for row in database.run("sequences_out_of_place") if reassign(database, row["id"])]


def _run(database: Database, statement: str, **parameters: object) -> list[int]:
    return [row["id"] for row in database.run(statement, **parameters)]
