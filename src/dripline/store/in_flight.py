"""A changed sequence and the leads who are in it already: its senders, its channel and its group reach them too.

What a change would do is counted by the same statements that do it, before anything is written.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from dripline.core.address import AddressKind
from dripline.core.in_flight import Effects, changes_rules
from dripline.core.model import Sequence
from dripline.core.plan import Action, Plan
from dripline.core.reason import Reason, ReasonCode
from dripline.store.assignment import reassign
from dripline.store.database import Database, Row
from dripline.store.groups import Groups
from dripline.store.reasons import known_reason_of
from dripline.store.store import Store, keys
from dripline.store.waiting import ask_again, count_waiting, hold_as_said_now


@dataclass(frozen=True, slots=True)
class Reached:
    """Whom a sequence's channel reaches: by which address, and whether only people who wrote to it first."""

    address_kind: AddressKind
    invited_only: bool = field(default=False, kw_only=True)

    def as_stored(self, sequence: Sequence) -> dict[str, object]:
        """Return what a sequence's row says of its channel."""
        return {
            "channel": sequence.channel,
            "address_kind": str(self.address_kind),
            "invited_only": int(self.invited_only and not sequence.cold),
        }


class InFlight:
    """What a change of a sequence does to who is in it, on one database."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store
        self._groups = Groups(database, store)

    def effects(
        self, found: Row, planned: Plan, reached: Reached, now: datetime, *, beside: Iterable[Sequence]
    ) -> Effects:
        """Say whom applying a plan over the stored sequence concerns; `beside` are sequences applied with it."""
        stored, wanted = _both(planned)
        unreachable = self._unreachable(found, reached.as_stored(wanted))
        barred = sum(bool(row["is_barred"]) for row in unreachable)
        no_address = sum(bool(row["no_address"]) for row in unreachable)
        misplaced = self._misplaced(found, wanted.senders)
        return Effects(
            # On another channel all go by another sender, but for those who leave.
            change_sender=max(0, misplaced - len(unreachable)),
            no_address=no_address,
            barred=barred,
            uninvited=len(unreachable) - barred - no_address,
            asked_again=count_waiting(self._database, found["id"], now) if changes_rules(stored, wanted) else 0,
            rivals=self._groups.rivals(found["id"], wanted, beside),
        )

    def carry_out(self, found: Row, planned: Plan, reached: Reached, now: datetime) -> None:
        """Let the wanted settings, which are written by now, reach who is in the sequence. Call inside a transaction.

        `found` is the sequence as it was. Call before anything that enrolls.
        """
        stored, wanted = _both(planned)
        if planned.action is not Action.KEEP:
            # All at once, before any is decided on, so that they are locked in one order.
            self._store.lock("lock_live_of_sequence", sequence_id=found["id"])
        unreachable = self._unreachable(found, reached.as_stored(wanted))
        self._store.leave({row["id"]: _why(row, wanted.channel) for row in unreachable}, now)
        if found["address_kind"] != str(reached.address_kind):
            self._store.merging.readdress_sequence(found["id"], now)
        self._groups.part(found["id"], wanted, now)
        if self._misplaced(found, wanted.senders):
            reassign(self._database, found["id"])
        if changes_rules(stored, wanted):
            ask_again(self._database, found["id"], now)
        hold_as_said_now(self._database, found["id"], stored.policy, wanted.policy, now)
        if stored.group is not None and stored.group != wanted.group:
            self._groups.let_in(stored.group, now)

    def _misplaced(self, found: Row, senders: Iterable[str]) -> int:
        return self._database.run("misplaced", sequence_id=found["id"], names=keys(senders))[0]["many"]

    def _unreachable(self, found: Row, channel: dict[str, object]) -> list[Row]:
        """Return the live enrollments whose leads another channel cannot reach; nobody where it stays the same."""
        if (found["channel"], found["address_kind"]) == (channel["channel"], channel["address_kind"]):
            return []
        return self._database.run("unreachable", sequence_id=found["id"], **channel)


def _both(planned: Plan) -> tuple[Sequence, Sequence]:
    """Return the sequence as it was and as it is wanted."""
    assert planned.stored is not None, "a sequence that was found is stored"
    return planned.stored, planned.wanted


def _why(row: Row, channel: str) -> Reason:
    """Say why a lead leaves a sequence whose new channel cannot reach it."""
    if row["is_barred"]:
        return known_reason_of(row)
    return Reason.of(ReasonCode.NO_ADDRESS if row["no_address"] else ReasonCode.UNINVITED, channel=channel)
