"""Who starts when a sequence is applied, counted before anything is written."""

from datetime import datetime

from dripline.core.planning.starting import Starting
from dripline.core.sequences.sequence import Sequence
from dripline.store.database.database import Database, Row
from dripline.store.sequences.in_flight import Reached


def read_starting(database: Database, found: Row | None, wanted: Sequence, reached: Reached, now: datetime) -> Starting:
    """Return who would start once `wanted` stands; `found` is the sequence as it is stored, if it is."""
    asked = reached.as_asked(wanted, 0 if found is None else found["id"])
    asked |= {"trigger": wanted.trigger, "now": now}
    rows = {row["cause"]: row for row in database.run("count_starting", **asked)}
    counted = {cause: row["many"] for cause, row in rows.items()}
    if "leads" in rows:
        # Of those that share an address, one starts.
        counted["leads"] = rows["leads"]["addresses"]
        shared = rows["leads"]["many"] - counted["leads"]
        counted["same_address"] = counted.get("same_address", 0) + shared
    return Starting(**counted, again=_again(database, wanted, asked) if counted.get("leads") else 0)


def _again(database: Database, wanted: Sequence, asked: dict[str, object]) -> int:
    texts = {str(at): {"message": step.message} for at, step in enumerate(wanted.steps)}
    elsewhere = database.run("texts_elsewhere", texts=texts, sequence_id=asked["sequence_id"])
    if not elsewhere:
        return 0
    shared = {row["place"]: texts[row["place"]] for row in elsewhere}
    return database.run("count_starting_again", texts=shared, **asked)[0]["many"]
