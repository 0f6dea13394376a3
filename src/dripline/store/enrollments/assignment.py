"""Which enrollment goes by which sender: a lead keeps the one it has, else the one it wrote to; others go evenly.

`sender_loads` counts each sender's live enrollments, so that adding one lead does not count a million.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from collections.abc import Sequence as Listing

from dripline.core.senders.assignment import spread
from dripline.core.senders.sender import SenderStatus
from dripline.errors import DatabaseContended
from dripline.store.database.database import Database, Row

EVERYBODY = -1
"""The last enrollment before all of them: above it are not only newcomers."""


def assign_newcomers(database: Database, last_enrollment: int, needs: Listing[Row]) -> None:
    """Give the newcomers above an id their senders, where their sequences go by any. Call inside a transaction.

    `needs`: what `needs_of_newcomers` says of them.

    Raises:
        DatabaseContended: Another transaction enrolled one of them meanwhile, so that this would be a second run.
    """
    if any(row["are_twice"] for row in needs):
        # No index refuses it where the other run had already ended when this row was written.
        raise DatabaseContended("Another program enrolled the same leads at the same moment: try again.")
    sequences = sorted({row["sequence_id"] for row in needs if row["go_by_senders"]})
    if sequences and database.dialect.locks:
        # It may end as well as begin, or begin twice: all loads at once, so that their order holds over all.
        database.run("lock_all_loads")
    for sequence in sequences:
        _assign(database, last_enrollment, sequence)


def reassign(database: Database, sequence_id: int) -> int:
    """Let a sequence's live enrollments, and what they have left to send, go by the senders that it names now.

    Who has one of them keeps it; the others get theirs as newcomers do. Returns how many changed. Call inside a
    transaction, before anything that enrolls.
    """
    if database.dialect.locks:
        database.run("lock_live_of_sequence", sequence_id=sequence_id)
    before = _live_by_sender(database, sequence_id)
    database.change("leave_senders", sequence_id=sequence_id)
    if loads := Counter(loads_of_sequence(database, sequence_id)):
        where = {"last_enrollment": EVERYBODY, "sequence_id": sequence_id}
        _keep(database, where)
        retained = _live_by_sender(database, sequence_id)
        _spread(database, where, {sender: loads[sender] + retained[sender] - before[sender] for sender in loads})
    after = _live_by_sender(database, sequence_id)
    database.change("follow_senders", sequence_id=sequence_id)
    changes = {sender: after[sender] - before[sender] for sender in before | after if after[sender] != before[sender]}
    if changes:
        if database.dialect.locks:
            database.run("lock_enrolling")
            database.run("lock_all_loads")
        change_loads(database, changes)
    return max((after - before).total(), (before - after).total())


def _live_by_sender(database: Database, sequence_id: int) -> Counter[int]:
    rows = database.run("live_by_sender", sequence_id=sequence_id)
    return Counter({row["sender_id"]: row["many"] for row in rows})


def loads_of_sequence(database: Database, sequence_id: int) -> dict[int, int]:
    """Return the senders that a sequence's leads may go to, with their loads; paused ones only where all are."""
    rows = database.run("loads_of_sequence", sequence_id=sequence_id)
    active = [row for row in rows if row["status"] == SenderStatus.ACTIVE]
    return {row["id"]: row["live"] for row in active or rows}


def assign_reopened(database: Database, sequence_id: int, enrollments: Iterable[int]) -> None:
    """Give ended enrollments that go on the senders that new ones would get; none where the sequence names none.

    Call inside a transaction. Whoever lets them go on changes the senders' loads.
    """
    wanted: dict[str, None] = {str(enrollment): None for enrollment in enrollments}
    loads = loads_of_sequence(database, sequence_id)
    if not loads:
        database.change("take_off_senders", enrollments=wanted)
        return
    known = {row["id"]: row["sender"] for row in database.run("known_senders", enrollments=wanted)}
    strangers = [enrollment for enrollment, sender in known.items() if sender is None]
    loads |= {sender: loads[sender] + count for sender, count in Counter(known.values()).items() if sender in loads}
    given = known | dict(zip(strangers, spread(loads, len(strangers)), strict=True))
    assign(database, list(given), list(given.values()))


def change_loads(database: Database, changes: Mapping[int, int]) -> None:
    """Change the loads of senders by so many. Call inside a transaction."""
    senders = {str(sender): count for sender, count in changes.items()}
    database.run("lock_loads", senders=senders)
    database.change("change_loads", senders=senders)


def assign(database: Database, enrollments: Listing[int], senders: Listing[int]) -> None:
    """Give each enrollment the sender at its place. Call inside a transaction."""
    given = {str(enrollment): sender for enrollment, sender in zip(enrollments, senders, strict=True)}
    database.change("assign_senders", senders=given)


def _assign(database: Database, last_enrollment: int, sequence: int) -> None:
    where = {"last_enrollment": last_enrollment, "sequence_id": sequence}
    _keep(database, where)
    _spread(database, where, loads_of_sequence(database, sequence))
    database.change("load_senders", **where)


def _keep(database: Database, where: Mapping[str, int]) -> None:
    """Give enrollments that have no sender the one that their lead has elsewhere, or wrote to."""
    database.change("keep_senders", **where)
    database.change("written_to", **where)


def _spread(database: Database, where: Mapping[str, int], loads: Mapping[int, int]) -> None:
    """Give enrollments that still have no sender the least loaded one."""
    newcomers = [row["id"] for row in database.run("unassigned", **where)]
    if newcomers:
        assign(database, newcomers, spread(loads, len(newcomers)))
