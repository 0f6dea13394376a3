"""By which indexes the records of a filter are found: by their steps, senders, leads, or by what did not arrive."""

from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Sequence as Listing
from typing import Any

from dripline.core.events.inbound import Delivery
from dripline.core.queries.filters import DELIVERIES, RecordFilter, StepResult
from dripline.core.states import Status
from dripline.store.database.database import Database
from dripline.store.enrollments.store import keys
from dripline.store.queries.keyset import Source

Asked = Mapping[str, Any]
"""What every statement is asked for beside what it goes by, under its parameters' names."""


def record_sources(
    database: Database, wanted: RecordFilter, asked: Asked, people: dict[str, None] | None
) -> list[Source]:
    """Return what finds the records of a filter together. `people`: the ids of their leads, None for everybody."""
    if wanted.result is not None:
        return list(_by_result(database, wanted, asked, people))
    if wanted.delivery is not None:
        return list(_by_delivery(database, wanted, {**asked, "delivery": str(wanted.delivery)}, people))
    if people is not None:
        return [Source("records_of_people", asked={**asked, "leads": people, "statuses": keys(wanted.statuses)})]
    # No index has the reasons.
    is_looked_through = wanted.reason_code is not None
    of_sender = asked["sender_id"] is not None
    found = _of_sender(wanted.statuses, asked) if of_sender else _of_steps(database, wanted.statuses, asked)
    sources = [Source(one.statement, asked=one.asked, unindexed=is_looked_through) for one in found]
    if Status.SENDING in wanted.statuses:
        sources.append(Source("records_in_flight", asked=asked))
    return sources


def _by_result(
    database: Database, wanted: RecordFilter, asked: Asked, people: dict[str, None] | None
) -> Iterator[Source]:
    deliveries = keys(DELIVERIES.get(StepResult(wanted.result), ())) if wanted.result else {}
    of_result = {**asked, "result": wanted.result, "deliveries": deliveries, "delivery": wanted.delivery}
    statuses = [one for one in wanted.statuses if wanted.delivery is None or one is Status.COMPLETED]
    if people is not None:
        yield Source("results_of_people", asked={**of_result, "leads": people, "statuses": keys(statuses)})
        return
    streams = _streams(database, [one for one in statuses if one is not Status.SENDING], asked)
    if streams:
        own = {**of_result, "sequence_id": None, "step": None, "streams": streams}
        yield Source("results_of_steps", asked=own, unindexed=True)


def _by_delivery(
    database: Database, wanted: RecordFilter, asked: Asked, people: dict[str, None] | None
) -> Iterator[Source]:
    if Status.COMPLETED not in wanted.statuses:
        return
    if people is not None:
        yield Source("delivered_of_people", asked={**asked, "leads": people})
    elif wanted.delivery is Delivery.FAILED:
        yield Source("undelivered_records", asked=asked)
    else:
        streams = _streams(database, [Status.COMPLETED], asked)
        yield Source("delivered_of_steps", asked={**asked, "streams": streams}, unindexed=True)


def _of_sender(statuses: Listing[Status], asked: Asked) -> Iterator[Source]:
    own = {**asked, "sender": asked["sender_id"], "sender_id": None}
    streams = {status.value: {"status": status.value} for status in _at_rest(statuses)}
    if streams:
        yield Source("at_rest_of_sender", asked={**own, "streams": streams})
    if Status.ACTIVE in statuses:
        yield Source("active_of_sender", asked=own)


def _of_steps(database: Database, statuses: Listing[Status], asked: Asked) -> Iterator[Source]:
    """Put the list of a sequence's step, of a whole sequence, or of all together from those of each step."""
    is_of_all = asked["sequence_id"] is None
    apart = {Status.SENDING, Status.ACTIVE} if is_of_all else {Status.SENDING}
    streams = _streams(database, [status for status in statuses if status not in apart], asked)
    if streams:
        yield Source("records_of_steps", asked={**asked, "sequence_id": None, "step": None, "streams": streams})
    if is_of_all and Status.ACTIVE in statuses:
        yield Source("active_records", asked=asked)


def _streams(database: Database, statuses: Listing[Status], asked: Asked) -> dict[str, dict[str, Any]]:
    """Return every sequence, place and status whose records are asked for."""
    return {
        f"{sequence}:{step}:{status}": {"sequence": sequence, "step": step, "status": status.value}
        for sequence, step in _places(database, asked)
        for status in statuses
    }


def _places(database: Database, asked: Asked) -> Iterator[tuple[int, int]]:
    """Yield every sequence and place; of a step that is asked for by its id, every place that it has in a version."""
    places: set[int] | None = None
    if asked["step_id"] is not None:
        found = database.run("places_of_step", sequence=asked["sequence_id"], step_id=asked["step_id"])
        places = {row["position"] for row in found}
    for row in database.run("last_steps", sequence=asked["sequence_id"]):
        for position in range(1, row["step"] + 1):
            if asked["step"] in {None, position} and (places is None or position in places):
                yield row["sequence"], position


def _at_rest(statuses: Iterable[Status]) -> list[Status]:
    """Return which of some statuses are of records that nothing happens to before their turn comes, if it ever does."""
    return [status for status in statuses if status not in {Status.ACTIVE, Status.SENDING}]
