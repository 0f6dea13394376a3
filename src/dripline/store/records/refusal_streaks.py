"""Refusals in a row: where a sender or a channel breaks by them, the first of them were not the people's fault.

Nor the messages', where a provider refuses in words of its own: a run would go on without a step that nobody had
anything against.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from dripline.core.reason import ReasonCode
from dripline.store.database.database import Database, Row
from dripline.store.enrollments.store import Store, keys
from dripline.store.records.manual_changes import Bulk

UNDONE = 10
"""So many refusals since a message was last taken bar nobody; those that follow stand."""

LOOKED_BACK = timedelta(days=2)
"""How long ago a refusal counts as one of the same streak."""

_LOOKED_AT = 50


class Streaks:
    """Lets what a broken sender was refused be sent again, and people that it had barred, on one database."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store
        self._bulk = Bulk(database, store)

    def undo(
        self, now: datetime, *, sender_id: int | None = None, channel: str | None = None, with_messages: bool = False
    ) -> int:
        """Lift what the refusals since the last message that was taken have barred, and send those messages again.

        Returns how many. They are those of a sender, or of what goes by a channel without one. `with_messages`: also
        those in which only the message was refused, and nobody barred.
        """
        contact = str(ReasonCode.CONTACT_REJECTED)
        message = str(ReasonCode.PROVIDER_REJECTED) if with_messages else contact
        whose = {"sender_id": sender_id, "channel": channel, "since": now - LOOKED_BACK, "most": _LOOKED_AT}
        with self._store.transaction():
            refused = _streak(self._database.run("last_answers", **whose, contact=contact, message=message))
            wrong = [row for row in refused if row["is_refused"]]
            if not wrong or len(refused) > UNDONE:
                return 0
            self._store.hold_records([row["record_id"] for row in wrong])
            addresses = keys(row["address"] for row in wrong if row["address"] is not None)
            self._database.run("lift_suppression", addresses=addresses, code=contact)
            done = self._bulk.retry([row["record_id"] for row in wrong], because=ReasonCode.REFUSAL_UNDONE)
            return len(done.records)


def _streak(answers: Iterable[Row]) -> list[Row]:
    """Return the refusals since a message was last taken, the newest first, each record once."""
    found: dict[int, Row] = {}
    for row in answers:
        if row["outcome"] == "accepted":
            break
        if row["outcome"] == "rejected":
            found.setdefault(row["record_id"], row)
    return list(found.values())
