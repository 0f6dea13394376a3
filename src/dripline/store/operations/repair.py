"""Mending what can be put right without guessing whether a message went. Everything else is for a person."""

from datetime import datetime

from dripline.core.views.operations import Repair
from dripline.store.database.database import Database
from dripline.store.enrollments.assignment import reassign
from dripline.store.enrollments.store import Store, keys
from dripline.store.reports.tallies import Tallies


def repair(database: Database, store: Store, now: datetime) -> list[Repair]:
    """Mend what is safe to mend, in two transactions, and say what was done; nothing where nothing was wrong.

    Records in flight whose lease has ended become unknown, as the processor would make them, and are not sent again;
    those that had not begun to be sent are active again.
    """
    with store.transaction():
        store.hold(row["id"] for row in database.run("enrollments_to_repair", now=now))
        now = max(now, store.now())
        rescued = store.rescue_ended(now)
        deeds: dict[str, list[int]] = {
            "marked unknown, its worker was gone: record": rescued.lost,
            "made active again, its worker was gone before it was sent: record": rescued.handed_back,
        }
        deeds["given back to the lead of its enrollment: record"] = _run(database, "repair_leads")
        deeds["deleted, its lead or enrollment had been deleted: record"] = _dangling(database)
        deeds["cancelled, its enrollment had ended: record"] = _run(database, "repair_leftovers", now=now)
        deeds |= {deed: _run(database, name, now=now) for name, deed in _BY_HAND.items()}
        deeds["activated, its enrollment stood nowhere: record"] = _run(database, "repair_stranded")
        finished = database.run("repair_finished", now=now)
        store.end(finished, now)
        deeds["to be addressed by the next pass, its address was wrong: enrollment"] = _run(
            database, "repair_addresses"
        )
        deeds["ended, nothing was left to send: enrollment"] = [row["id"] for row in finished]
    with store.transaction():
        deeds["given to senders that it names: sequence"] = _reassigned(database)
        deeds["counted, its load was wrong: sender"] = _loads(database)
        deeds["tallied anew, its tallies were wrong: sequence"] = Tallies(database, store).mend(now)
    return [Repair(deed, ids=tuple(ids)) for deed, ids in deeds.items() if ids]


_BY_HAND = {
    "repair_missing": "written back as skipped, it had been deleted: record",
    "repair_passed_over": "skipped, a later step had been let go first: record",
    "repair_paused": "paused, its record had been: enrollment",
    "repair_reasons": "noted as changed by hand: record",
    "repair_holds": "no longer held, it had been made unknown: record",
    "repair_leases": "no longer leased, it is not in flight: record",
    "repair_completions": "completed when it was accepted, which had been changed: record",
    "repair_ends": "ended before the step after it was tried, which had been changed: record",
    "repair_times_of_tries": "due when it was tried, which had been changed: record",
    "repair_unsent": "noted as completed by hand: record",
    "repair_early_completions": "due when it was completed, which had been changed: record",
    "repair_calendar": "planned as its calendar says, which had been changed: record",
    "repair_moves": "noted as moved by hand: record",
}
"""What a person did to records at a SQL prompt, put down as that, in the order in which one follows from the other."""


def _dangling(database: Database) -> list[int]:
    """Delete what is left of leads and enrollments that a person deleted where nothing kept them from it."""
    for statement in ("repair_dangling_tries", "repair_dangling_moves", "repair_dangling_settlements"):
        database.change(statement)
    gone = _run(database, "repair_dangling")
    leads = keys(_run(database, "leads_that_are_gone"))
    for statement in ("forget_enrollments", "forget_triggers") if leads else ():
        database.change(statement, leads=leads)
    return gone


def _loads(database: Database) -> list[int]:
    if database.dialect.locks:
        database.run("lock_all_loads")
    return _run(database, "repair_loads")


def _reassigned(database: Database) -> list[int]:
    """Let live enrollments go by the senders that their sequences name."""
    return [row["id"] for row in database.run("sequences_out_of_place") if reassign(database, row["id"])]


def _run(database: Database, statement: str, **parameters: object) -> list[int]:
    return [row["id"] for row in database.run(statement, **parameters)]
