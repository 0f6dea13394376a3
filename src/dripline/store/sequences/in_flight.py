"""A changed sequence and the leads who are in it already: its senders, its channel and its group reach them too.

What a change would do is counted by the same statements that do it, before anything is written.
"""

from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from operator import itemgetter

from dripline.core.leads.address import AddressKind
from dripline.core.planning.in_flight import Effects, Ending, Rival, changes_rules
from dripline.core.planning.plan import Action, Plan
from dripline.core.reason import Reason, ReasonCode
from dripline.core.sequences.sequence import Sequence
from dripline.store.database.database import Database, Row
from dripline.store.enrollments.assignment import reassign
from dripline.store.enrollments.groups import Groups
from dripline.store.enrollments.store import SECOND, Store, keys
from dripline.store.enrollments.waiting import ask_again, count_waiting, hold_as_said_now
from dripline.store.reasons import known_reason_of


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

    def as_asked(self, sequence: Sequence, sequence_id: int) -> dict[str, object]:
        """Return what statements take of a sequence as it will be, to ask who may be in it and where that is sent."""
        return {
            **self.as_stored(sequence),
            "goal": sequence.goal,
            "exclusive_group": sequence.group,
            "sequence_id": sequence_id,
            "re_entry": str(sequence.policy.re_entry),
            "re_entry_gap_seconds": sequence.policy.between_runs // SECOND,
        }


@dataclass(frozen=True, slots=True)
class Leaving:
    """The live enrollments that a change of settings ends, by id, each for the first reason that it has.

    `unreachable` by another channel; `doubled`: another lead has the address; `parted`: another sequence of the group
    has the lead; `at_goal`. `rivals` counts the parted ones, and those that go on in their stead.
    """

    unreachable: dict[int, Row]
    doubled: dict[int, Row]
    parted: set[int]
    rivals: tuple[Rival, ...]
    at_goal: set[int]

    @property
    def all(self) -> set[int]:
        """Whoever ends, for whatever reason."""
        return {*self.unreachable, *self.doubled, *self.parted, *self.at_goal}


class InFlight:
    """What a change of a sequence does to who is in it, on one database."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store
        self._groups = Groups(database, store)

    def leaving(
        self, found: Row, wanted: Sequence, reached: Reached, now: datetime, *, beside: Iterable[Sequence]
    ) -> Leaving:
        """Return who leaves the stored sequence when it becomes the wanted one; `beside` are applied with it."""
        unreachable = {row["id"]: row for row in self._unreachable(found, reached.as_stored(wanted))}
        doubled = self._doubled(found, wanted, reached, now, leaving=unreachable)
        gone = unreachable.keys() | doubled.keys()
        parted, rivals = self._groups.parting(found["id"], wanted, beside, gone)
        led = at_goal(self._database, found["id"], wanted.goal)
        return Leaving(unreachable, doubled, parted, rivals, at_goal=led - gone - parted)

    def effects(self, found: Row, planned: Plan, leaving: Leaving, now: datetime) -> Effects:
        """Say whom applying a plan over the stored sequence concerns."""
        stored, wanted = _both(planned)
        unreachable = leaving.unreachable.values()
        suppressed = sum(bool(row["is_barred"]) for row in unreachable)
        no_address = sum(bool(row["no_address"]) for row in unreachable)
        misplaced = self._misplaced(found, wanted.senders)
        return Effects(
            # On another channel all go by another sender, but for those who leave.
            change_sender=max(0, misplaced - len(unreachable) - len(leaving.doubled)),
            no_address=no_address,
            barred=suppressed,
            uninvited=len(unreachable) - suppressed - no_address,
            same_address=tuple(map(_ending, leaving.doubled.values())),
            at_goal=len(leaving.at_goal),
            asked_again=count_waiting(self._database, found["id"], now) if changes_rules(stored, wanted) else 0,
            rivals=leaving.rivals,
        )

    def let_in_notes(self, found: Row, planned: Plan, now: datetime) -> Iterator[str]:
        """Say who starts another sequence at once, since this one leaves their group."""
        stored, wanted = _both(planned)
        if stored.group is None or stored.group == wanted.group:
            return
        for name, count in self._groups.waiting(found["id"], stored.group, now):
            who, waited = ("1 lead starts", "it") if count == 1 else (f"{count} leads start", "they")
            yield f"{who} {name!r} now: {waited} waited for the group {stored.group}"

    def carry_out(self, found: Row, planned: Plan, reached: Reached, now: datetime) -> None:
        """Let the wanted settings, which are written by now, reach who is in the sequence. Call inside a transaction.

        `found` is the sequence as it was. Call before anything that enrolls.
        """
        stored, wanted = _both(planned)
        if planned.action is not Action.KEEP:
            # All at once, before any is decided on, so that they are locked in one order.
            self._store.lock("lock_live_of_sequence", sequence_id=found["id"])
            # Whoever is enrolled at this moment has group, sender and goal as they were, and is to be found below.
            self._store.wait_for_newcomers()
        unreachable = self._unreachable(found, reached.as_stored(wanted))
        self._store.leave({row["id"]: _why(row, wanted.channel) for row in unreachable}, now)
        if found["address_kind"] != str(reached.address_kind):
            self._store.merging.readdress_sequence(now, **reached.as_asked(wanted, found["id"]))
        self._groups.part(found["id"], wanted, now)
        if self._misplaced(found, wanted.senders):
            reassign(self._database, found["id"])
        if changes_rules(stored, wanted):
            # Whoever goes over is recognised by its time, and gets another one.
            ask_again(self._database, found["id"], now, without=(move.enrollment_id for move in planned.moves))
        hold_as_said_now(self._database, found["id"], stored.policy, wanted.policy, now)
        if stored.group is not None and stored.group != wanted.group:
            self._groups.let_in(stored.group, now)

    def ask_who_stays(self, found: Row, planned: Plan, now: datetime) -> None:
        """Ask the rules again about who was to go over and stands otherwise than planned. Call when all others have."""
        if changes_rules(*_both(planned)):
            ask_again(self._database, found["id"], now)

    def _misplaced(self, found: Row, senders: Iterable[str]) -> int:
        return self._database.run("misplaced", sequence_id=found["id"], names=keys(senders))[0]["many"]

    def _doubled(
        self, found: Row, wanted: Sequence, reached: Reached, now: datetime, *, leaving: Container[int]
    ) -> dict[int, Row]:
        """Return the live enrollments, by id, that end since another lead has the same address for the new channel."""
        if found["address_kind"] == str(reached.address_kind):
            return {}
        rows = self._store.merging.doubled(now, leaving, **reached.as_asked(wanted, found["id"]))
        return {row["id"]: row for row in sorted(rows, key=itemgetter("id"))}

    def _unreachable(self, found: Row, channel: dict[str, object]) -> list[Row]:
        """Return the live enrollments whose leads another channel cannot reach; nobody where it stays the same."""
        if (found["channel"], found["address_kind"]) == (channel["channel"], channel["address_kind"]):
            return []
        return self._database.run("unreachable", sequence_id=found["id"], **channel)


def at_goal(database: Database, sequence_id: int, goal: str | None) -> set[int]:
    """Return the live enrollments of a sequence whose leads have a goal already, and are not leaving for good."""
    found = [] if goal is None else database.run("goal_was_reached", sequence_id=sequence_id, goal=goal)
    return {row["id"] for row in found}


def _ending(row: Row) -> Ending:
    return Ending(row["id"], lead_id=row["lead_id"], address=row["lead_address"])


def _both(planned: Plan) -> tuple[Sequence, Sequence]:
    """Return the sequence as it was and as it is wanted."""
    assert planned.stored is not None, "a sequence that was found is stored"
    return planned.stored, planned.wanted


def _why(row: Row, channel: str) -> Reason:
    """Say why a lead leaves a sequence whose new channel cannot reach it."""
    if row["is_barred"]:
        return known_reason_of(row)
    return Reason.of(ReasonCode.NO_ADDRESS if row["no_address"] else ReasonCode.UNINVITED, channel=channel)
