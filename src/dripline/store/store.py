"""The verbs of the store: each one use case, one transaction, a fixed number of statements whatever the batch.

Statements take their batch as one JSON object. Whatever changes a record is conditional: it names the status, and
where the record is claimed the worker and the attempt, that it expects; a row that does not match was somebody
else's in the meantime and is left alone.
"""

import json
from collections.abc import Callable, Iterable
from collections.abc import Sequence as Listing
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dripline.core.address import AddressKind
from dripline.core.decide import Facts
from dripline.core.model import Lead, NewLead, Sequence, Step
from dripline.core.plan import Action, Plan, plan
from dripline.core.policy import Policy
from dripline.core.schedule import FAILURE_LIMIT, offsets
from dripline.errors import InvalidSequence
from dripline.store.database import Database, Row, instant, instant_or_none
from dripline.store.roster import Roster
from dripline.store.rows import lead_of, policy_of, sequence_of, strings_of

SECOND = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A record that a worker has taken: what to decide on, and what settling it needs.

    `calendar_time` is its planned time, moved as its enrollment's calendar was moved so far.
    """

    facts: Facts
    failures: int = field(kw_only=True)
    enrollment_id: int = field(kw_only=True)
    step_id: int = field(kw_only=True)
    calendar_time: datetime = field(kw_only=True)
    policy: Policy = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Intake:
    """What became of a batch of leads: how many people were new, changed, and enrolled (lead × sequence)."""

    added: int = field(default=0, kw_only=True)
    updated: int = field(default=0, kw_only=True)
    enrolled: int = field(default=0, kw_only=True)


@dataclass(frozen=True, slots=True)
class Applied:
    """What applying a sequence did, and how many leads it enrolled at once."""

    plan: Plan
    version: int = field(kw_only=True)
    enrolled: int = field(kw_only=True)


class Store:
    """Everything that writes, on one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add_leads(self, leads: Listing[NewLead], now: datetime) -> Intake:
        """Write leads and their triggers, and enroll them in what those start, in one transaction.

        Idempotent: a lead that is there already and says nothing new changes nothing.
        """
        with self._database.transaction():
            roster = Roster(self._find(leads))
            for lead in leads:
                roster.take(lead)
            added, updated = self._write(roster, now)
            # A lead that gained an address may be enrolled by a trigger that it has had for long.
            touched = self._gain_triggers(roster, now) | _keys(roster.changed())
            enrolled = self._enroll("enroll_leads", now, leads=touched) if touched else 0
            return Intake(added=added, updated=updated, enrolled=enrolled)

    def plan(self, sequence: Sequence) -> Plan:
        """Say what applying a sequence would change.

        Raises:
            InvalidSequence: Its trigger starts another sequence.
        """
        with self._database.transaction():
            return self._plan(sequence)[1]

    def apply(self, sequence: Sequence, address_kind: AddressKind, now: datetime) -> Applied:
        """Create or update a sequence and enroll every lead that has its trigger, in one transaction.

        Raises:
            InvalidSequence: Its trigger starts another sequence.
        """
        with self._database.transaction():
            found, planned = self._plan(sequence)
            sequence_id, version = self._save(sequence, address_kind, found, planned, now)
            enrolled = self._enroll("enroll_all", now, sequence_id=sequence_id)
            return Applied(planned, version=version, enrolled=enrolled)

    def claim(
        self, worker: str, channel: str, *, now: datetime, lease: timedelta, batch: int, held_back: Iterable[int] = ()
    ) -> list[Claimed]:
        """Take at most `batch` records of a channel that are active and due, and write their attempts.

        Never one before its time, never one that another worker has, never one of `held_back`. Committed before this
        returns, so that whatever happens next the records are known to be in flight until the lease ends.
        """
        with self._database.transaction():
            taken = self._database.run(
                "claim_due",
                now=now,
                channel=channel,
                batch=batch,
                worker=worker,
                lease_until=now + lease,
                held_back=_keys(held_back),
            )
            if not taken:
                return []
            records = _keys(row["id"] for row in taken)
            self._database.change("begin_attempts", records=records, now=now)
            return [_claimed(row) for row in self._database.run("read_claimed", records=records)]

    def renew(self, worker: str, records: Iterable[int], until: datetime) -> None:
        """Let the claims that a worker still has on these records hold until then."""
        with self._database.transaction():
            self._database.change("renew", worker=worker, records=_keys(records), lease_until=until)

    def rescue(self, idempotent_channels: Iterable[str], now: datetime) -> int:
        """Free what crashed workers left: ended leases become unknown; ended holds end as their sequences say.

        Returns how many records became unknown. A channel whose receivers drop second copies gets its unknown ones
        again instead of a hold.
        """
        with self._database.transaction():
            lost = self.rescue_ended(now)
            idempotent = _keys(idempotent_channels)
            self._database.change("resend_unknown", channels=idempotent, now=now, failure_limit=FAILURE_LIMIT)
            self._database.change("hold_unknown", now=now)
            given_up = self._database.run("give_up_unknown", now=now)
            self.go_on([row["id"] for row in given_up], now)
            return len(lost)

    def rescue_ended(self, now: datetime) -> list[int]:
        """Make records whose lease ended unknown, and return them. Call inside a transaction."""
        reason = "the worker ended without an answer"
        return [row["id"] for row in self._database.run("rescue", now=now, reason=reason)]

    def confirm_sent(self, record_id: int, now: datetime) -> bool:
        """Complete an unknown record that went, and go on; False if it is not unknown."""
        with self._database.transaction():
            confirmed = self._database.run("confirm_sent", record_id=record_id, now=now)
            for row in confirmed:
                self._database.change("confirm_attempt", record_id=record_id, attempt=row["attempt"], now=now)
            self.go_on([row["id"] for row in confirmed], now)
            return bool(confirmed)

    def send_again(self, record_id: int, now: datetime) -> bool:
        """Make an unknown record that has not gone due again; False if its enrollment does not wait for it."""
        with self._database.transaction():
            return bool(self._database.run("send_again", record_id=record_id, now=now))

    def opt_out(self, addresses: Iterable[str], reason: str, now: datetime) -> int:
        """Bar addresses for good and end what their leads are in; returns how many enrollments that touches."""
        barred = {address: {"reason": reason} for address in addresses}
        with self._database.transaction():
            self._database.change("suppress", addresses=barred, now=now)
            live = self._database.run("live_enrollments_of_addresses", addresses=barred)
            self.leave({row["id"]: reason for row in live}, now)
            return len(live)

    def leave(self, reasons: dict[int, str], now: datetime) -> None:
        """End enrollments and cancel what is left of them, each for its reason. Call inside a transaction."""
        if reasons:
            ended = {str(enrollment): {"reason": reason} for enrollment, reason in reasons.items()}
            # Cancelling first: what is being sent at this instant keeps its enrollment open until it settles.
            self._database.change("cancel_records", enrollments=ended, now=now)
            self._database.run("end_enrollments", enrollments=ended, now=now)

    def go_on(self, records: Listing[int], now: datetime) -> list[int]:
        """Activate the record after each ended one, and end enrollments that have none. Call inside a transaction.

        Returns the activated records that are due already.
        """
        if not records:
            return []
        activated = self._database.run("activate_next", records=_keys(records))
        if len(activated) < len(records):
            self._database.change("finish_enrollments", records=_keys(records), now=now)
        return [row["id"] for row in activated if instant(row["next_trigger_time"]) <= now]

    async def listen(self, wake: Callable[[], None]) -> None:
        """Call `wake` whenever any process has enrolled somebody, where the database can tell; until cancelled.

        Raises:
            DatabaseUnreachable: The connection was lost.
        """
        await self._database.listen(wake)

    def next_wake(self, now: datetime) -> datetime | None:
        """Return the next instant at which a record becomes due or a lease or hold ends."""
        due, lease = (
            instant_or_none(self._database.run(name, now=now)[0]["at"]) for name in ("next_due", "next_lease")
        )
        return min((at for at in (due, lease) if at is not None), default=None)

    def _find(self, leads: Iterable[NewLead]) -> list[Lead]:
        known = list(leads)
        phones = {lead.phone: None for lead in known if lead.phone is not None}
        emails = {lead.email: None for lead in known if lead.email is not None}
        return [lead_of(row) for row in self._database.run("find_leads", phones=phones, emails=emails)]

    def _write(self, roster: Roster, now: datetime) -> tuple[int, int]:
        new, changed = roster.new(), roster.changed()
        if new:
            rows = {str(place): _fields(lead) for place, lead in enumerate(new)}
            self._database.change("insert_leads", leads=rows, now=now)
        if changed:
            rows = {str(lead_id): _fields(lead) for lead_id, lead in changed.items()}
            self._database.change("update_leads", leads=rows, now=now)
        names = {name: None for lead in (*new, *changed.values()) for name in lead.attributes}
        if names:
            self._database.change("remember_attribute_names", names=names)
        return len(new), len(changed)

    def _gain_triggers(self, roster: Roster, now: datetime) -> dict[str, None]:
        with_triggers = [lead for lead in roster.touched() if lead.triggers]
        if not with_triggers:
            return {}
        ids = _ids(self._find(with_triggers))
        gains = {
            f"{ids[_identity(lead)]}:{trigger}": {"lead_id": ids[_identity(lead)], "trigger": trigger}
            for lead in with_triggers
            for trigger in lead.triggers
        }
        self._database.change("gain_triggers", gains=gains, now=now)
        return _keys(ids[_identity(lead)] for lead in with_triggers)

    def _enroll(self, statement: str, now: datetime, **who: object) -> int:
        last = self._database.run("last_enrollment")[0]["id"]
        enrolled = self._database.change(statement, now=now, **who)
        if enrolled:
            self._database.change("write_records", last_enrollment=last)
            self._database.notify()
        return enrolled

    def _plan(self, sequence: Sequence) -> tuple[Row | None, Plan]:
        holder = self._database.run("find_sequence_of_trigger", trigger=sequence.trigger)
        if holder and holder[0]["name"] != sequence.name:
            raise InvalidSequence(
                f"The trigger {sequence.trigger} starts the sequence {holder[0]['name']!r} already: "
                f"give {sequence.name!r} another trigger, or the same name to change that sequence."
            )
        found = next(iter(self._database.run("find_sequence", name=sequence.name)), None)
        return found, plan(None if found is None else sequence_of(found, self._steps(found)), sequence)

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
            "on_failure": str(sequence.policy.on_failure),
            "on_unknown": str(sequence.policy.on_unknown),
            "unknown_after_seconds": sequence.policy.hold // SECOND,
        }
        if found is None:
            row = self._database.run("insert_sequence", name=sequence.name, now=now, **settings)[0]
            self._insert_steps(row["id"], 1, sequence.steps)
            return row["id"], 1
        sequence_id, version = found["id"], found["version"] + planned.new_version
        if planned.action is Action.UPDATE or found["address_kind"] != address_kind:
            self._database.change("update_sequence", sequence_id=sequence_id, version=version, now=now, **settings)
            if planned.new_version:
                self._insert_steps(sequence_id, version, sequence.steps)
            else:
                self._correct_steps(found, sequence.steps)
        return sequence_id, version

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
            if (row["message"], row["subject"]) != (step.message, step.subject)
        }
        if rows:
            self._database.change("correct_steps", sequence_id=found["id"], version=found["version"], steps=rows)


def _claimed(row: Row) -> Claimed:
    facts = Facts(
        row["id"],
        attempt=row["attempt"],
        to=row["address"],
        suppressed=bool(row["suppressed"]),
        lead=lead_of(row, "lead_id"),
        sequence=row["sequence"],
        variables=strings_of(row["variables"]),
        position=row["current_step"],
        message=row["message"],
        subject=row["subject"],
    )
    return Claimed(
        facts,
        failures=row["failures"],
        enrollment_id=row["enrollment_id"],
        step_id=row["sequence_stepid"],
        calendar_time=instant(row["planned_time"]) + row["moved_seconds"] * SECOND,
        policy=policy_of(row["on_failure"], row["on_unknown"], row["unknown_after_seconds"]),
    )


def _fields(lead: NewLead) -> dict[str, str | None]:
    attributes = json.dumps(dict(lead.attributes), ensure_ascii=False, sort_keys=True)
    return {"phone": lead.phone, "email": lead.email, "name": lead.name, "attributes": attributes}


def _identity(lead: NewLead | Lead) -> str:
    return lead.phone or f"mailto:{lead.email}"


def _ids(stored: Iterable[Lead]) -> dict[str, int]:
    return {_identity(lead): lead.id for lead in stored}


def _texts(step: Step) -> dict[str, str | int | None]:
    return {"message": step.message, "subject": step.subject}


def _keys(values: Iterable[object]) -> dict[str, None]:
    return {str(value): None for value in values}
