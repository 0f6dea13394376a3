"""Sequences as they are stored: what applying one would change, and changing it."""

import json
from collections.abc import Iterable
from collections.abc import Sequence as Listing
from dataclasses import dataclass, field
from datetime import datetime

from dripline.core.address import AddressKind
from dripline.core.chain import Link, check_chain
from dripline.core.model import Sequence, Step
from dripline.core.plan import Action, Plan, plan
from dripline.core.schedule import offsets
from dripline.errors import InvalidSequence
from dripline.store.database import Database, Row
from dripline.store.rows import sequence_of, window_of, written_window
from dripline.store.store import SECOND, Store


@dataclass(frozen=True, slots=True)
class Applied:
    """What applying a sequence did, and how many leads it enrolled at once."""

    plan: Plan
    version: int = field(kw_only=True)
    enrolled: int = field(kw_only=True)


class Sequences:
    """Plans and applies sequences, on one database."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store

    def plan(self, sequence: Sequence, beside: Iterable[Sequence] = ()) -> Plan:
        """Say what applying a sequence would change; `beside` are others that are applied with it.

        Raises:
            InvalidSequence: Its trigger starts another sequence, or its chain leads nowhere or in a circle.
        """
        with self._database.transaction():
            return self._plan(sequence, beside)[1]

    def apply(
        self, sequence: Sequence, address_kind: AddressKind, now: datetime, beside: Iterable[Sequence] = ()
    ) -> Applied:
        """Create or update a sequence and enroll every lead that has its trigger, in one transaction.

        Raises:
            InvalidSequence: Its trigger starts another sequence, or its chain leads nowhere or in a circle.
        """
        with self._store.transaction():
            found, planned = self._plan(sequence, beside)
            sequence_id, version = self._save(sequence, address_kind, found, planned, now)
            enrolled = self._store.enroll("enroll_all", now, sequence_id=sequence_id)
            return Applied(planned, version=version, enrolled=enrolled)

    def _plan(self, sequence: Sequence, beside: Iterable[Sequence]) -> tuple[Row | None, Plan]:
        holder = self._database.run("find_sequence_of_trigger", trigger=sequence.trigger)
        if holder and holder[0]["name"] != sequence.name:
            raise InvalidSequence(
                f"The trigger {sequence.trigger} starts the sequence {holder[0]['name']!r} already: "
                f"give {sequence.name!r} another trigger, or the same name to change that sequence."
            )
        check_chain(sequence, self._links(sequence, beside))
        found = next(iter(self._database.run("find_sequence", name=sequence.name)), None)
        return found, plan(None if found is None else self._read(found), sequence)

    def _links(self, sequence: Sequence, beside: Iterable[Sequence]) -> list[Link]:
        """Return every other sequence as a part of a chain, as it will be."""
        stored = {
            row["name"]: Link(
                row["name"], trigger=row["trigger"], then=row["then_trigger"], may_loop=bool(row["may_loop"])
            )
            for row in self._database.run("chains", name=sequence.name)
        }
        coming = {other.name: Link.of(other) for other in beside if other.name != sequence.name}
        return list((stored | coming).values())

    def _read(self, found: Row) -> Sequence:
        senders = [row["name"] for row in self._database.run("senders_of_sequence", sequence_id=found["id"])]
        return sequence_of(found, self._steps(found), senders)

    def _steps(self, found: Row) -> list[Row]:
        return self._database.run("steps_of_version", sequence_id=found["id"], version=found["version"])

    def _save(
        self, sequence: Sequence, address_kind: AddressKind, found: Row | None, planned: Plan, now: datetime
    ) -> tuple[int, int]:
        settings: dict[str, object] = {
            "trigger": sequence.trigger,
            "channel": sequence.channel,
            "address_kind": str(address_kind),
            "variables": json.dumps(dict(sequence.variables), ensure_ascii=False),
        } | _rules(sequence)
        if found is None:
            row = self._database.run("insert_sequence", name=sequence.name, now=now, **settings)[0]
            self._insert_steps(row["id"], 1, sequence.steps)
            self._name_senders(row["id"], sequence)
            return row["id"], 1
        sequence_id, version = found["id"], found["version"] + planned.new_version
        if planned.action is Action.UPDATE or found["address_kind"] != address_kind:
            self._database.change("update_sequence", sequence_id=sequence_id, version=version, now=now, **settings)
            if planned.new_version:
                self._insert_steps(sequence_id, version, sequence.steps)
            else:
                self._correct_steps(found, sequence.steps)
            self._name_senders(sequence_id, sequence)
        return sequence_id, version

    def _name_senders(self, sequence_id: int, sequence: Sequence) -> None:
        names = {name: {"position": position} for position, name in enumerate(sequence.senders, start=1)}
        self._database.change("unname_senders", sequence_id=sequence_id)
        if names:
            self._database.change("name_senders", sequence_id=sequence_id, names=names)

    def _insert_steps(self, sequence_id: int, version: int, steps: Listing[Step]) -> None:
        after = offsets(step.wait for step in steps)
        rows = {
            str(position): _texts(step) | {"after": step.wait // SECOND, "offset": offset // SECOND}
            for position, (step, offset) in enumerate(zip(steps, after, strict=True), start=1)
        }
        self._database.change("insert_steps", sequence_id=sequence_id, version=version, steps=rows)

    def _correct_steps(self, found: Row, steps: Listing[Step]) -> None:
        stored = self._steps(found)
        rows = {
            str(row["position"]): _texts(step)
            for row, step in zip(stored, steps, strict=True)
            if (row["message"], row["subject"], window_of(row["time_window"]))
            != (step.message, step.subject, step.hours)
        }
        if rows:
            self._database.change("correct_steps", sequence_id=found["id"], version=found["version"], steps=rows)


def _texts(step: Step) -> dict[str, str | int | None]:
    return {"message": step.message, "subject": step.subject, "time_window": written_window(step.hours)}


def _rules(sequence: Sequence) -> dict[str, object]:
    """Return what a sequence's row says of its rules."""
    policy = sequence.policy
    return {
        "on_failure": str(policy.on_failure),
        "on_unknown": str(policy.on_unknown),
        "unknown_after_seconds": policy.hold // SECOND,
        "when_late": str(policy.when_late),
        "late_grace_seconds": policy.grace // SECOND,
        "min_gap_seconds": None if policy.gap is None else policy.gap // SECOND,
        "on_reply": str(policy.on_reply),
        "on_trigger_lost": str(policy.on_trigger_lost),
        "re_entry": str(policy.re_entry),
        "time_window": written_window(sequence.hours),
        "zone": sequence.zone,
        "goal": sequence.goal,
        "then_trigger": sequence.then,
        "may_loop": int(sequence.may_loop),
        "exclusive_group": sequence.group,
    }
