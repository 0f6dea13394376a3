"""The verbs of the store: each one use case, one transaction, a fixed number of statements whatever the batch.

Statements take their batch as one JSON object. Whatever changes a record is conditional: it names the status, and
where the record is claimed the worker and the attempt, that it expects; a row that does not match was somebody
else's in the meantime and is left alone.
"""

import json
from collections import Counter
from collections.abc import Callable, Generator, Iterable
from collections.abc import Sequence as Listing
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dripline.core.decide import Facts
from dripline.core.model import Lead, NewLead
from dripline.core.policy import Policy
from dripline.core.schedule import FAILURE_LIMIT
from dripline.store.assignment import assign_newcomers, change_loads
from dripline.store.database import Database, Row, instant
from dripline.store.roster import Roster
from dripline.store.rows import lead_of, policy_of, strings_of

SECOND = timedelta(seconds=1)

Fields = dict[str, str | int | None]
"""What a statement takes of one of its batch."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A record that a worker has taken: what to decide on, and what settling it needs.

    `calendar_time` is its planned time, moved as its enrollment's calendar was moved so far.
    """

    facts: Facts
    failures: int = field(kw_only=True)
    enrollment_id: int = field(kw_only=True)
    step_id: int = field(kw_only=True)
    sender_id: int | None = field(default=None, kw_only=True)
    channel: str = field(kw_only=True)
    calendar_time: datetime = field(kw_only=True)
    policy: Policy = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Intake:
    """What became of a batch of leads: how many people were new, changed, and enrolled (lead × sequence)."""

    added: int = field(default=0, kw_only=True)
    updated: int = field(default=0, kw_only=True)
    enrolled: int = field(default=0, kw_only=True)


class Store:
    """Everything that writes, on one database."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._unloaded: Counter[int] = Counter()

    @contextmanager
    def transaction(self) -> Generator[None]:
        """Hold the database for one transaction; what it ends is taken off the loads of senders at its end.

        At its end, and the senders in one order, so that no two transactions ever wait for each other.
        """
        with self._database.transaction():
            self._unloaded.clear()
            yield
            if self._unloaded:
                change_loads(self._database, {sender: -many for sender, many in self._unloaded.items()})

    def add_leads(self, leads: Listing[NewLead], now: datetime) -> Intake:
        """Write leads and their triggers, and enroll them in what those start, in one transaction.

        Idempotent: a lead that is there already and says nothing new changes nothing.
        """
        with self.transaction():
            roster = Roster(self._find(leads))
            for lead in leads:
                roster.take(lead)
            added, updated = self._write(roster, now)
            # A lead that gained an address may be enrolled by a trigger that it has had for long.
            touched = self._gain_triggers(roster, now) | keys(roster.changed())
            enrolled = self.enroll("enroll_leads", now, leads=touched) if touched else 0
            return Intake(added=added, updated=updated, enrolled=enrolled)

    def claim(
        self, worker: str, channel: str, *, now: datetime, lease: timedelta, batch: int, held_back: Iterable[int] = ()
    ) -> list[Claimed]:
        """Take at most `batch` records of a channel that are active and due, and write their attempts.

        Never one before its time, never one that another worker has, never one of `held_back`. Committed before this
        returns, so that whatever happens next the records are known to be in flight until the lease ends.
        """
        with self.transaction():
            taken = self._database.run(
                "claim_due",
                now=now,
                channel=channel,
                batch=batch,
                worker=worker,
                lease_until=now + lease,
                held_back=keys(held_back),
            )
            if not taken:
                return []
            return begin_attempts(self._database, (row["id"] for row in taken), now)

    def renew(self, worker: str, records: Iterable[int], until: datetime) -> None:
        """Let the claims that a worker still has on these records hold until then. Call inside a transaction."""
        self._database.change("renew", worker=worker, records=keys(records), lease_until=until)

    def rescue(self, idempotent_channels: Iterable[str], now: datetime) -> int:
        """Free what crashed workers left: ended leases become unknown; ended holds end as their sequences say.

        Returns how many records became unknown. A channel whose receivers drop second copies gets its unknown ones
        again instead of a hold.
        """
        with self.transaction():
            lost = self.rescue_ended(now)
            self.go_on(self.complete_accepted(lost, now), now)
            idempotent = keys(idempotent_channels)
            self._database.change("resend_unknown", channels=idempotent, now=now, failure_limit=FAILURE_LIMIT)
            self._database.change("hold_unknown", now=now)
            given_up = self._database.run("give_up_unknown", now=now)
            self.go_on([row["id"] for row in given_up], now)
            return len(lost)

    def rescue_ended(self, now: datetime) -> list[int]:
        """Make records whose lease ended unknown, and return them. Call inside a transaction."""
        reason = "the worker ended without an answer"
        return [row["id"] for row in self._database.run("rescue", now=now, reason=reason)]

    def complete_accepted(self, records: Iterable[int], now: datetime) -> list[int]:
        """Complete those that wait although a try of theirs is known to be accepted. Call inside a transaction.

        Its answer came late, when the record was unknown or being tried again: it must not be tried once more.
        """
        waiting = keys(records)
        return (
            [row["id"] for row in self._database.run("complete_accepted", records=waiting, now=now)] if waiting else []
        )

    def confirm_sent(self, record_id: int, now: datetime) -> bool:
        """Complete an unknown record that went, and go on; False if it is not unknown."""
        with self.transaction():
            confirmed = self._database.run("confirm_sent", record_id=record_id, now=now)
            for row in confirmed:
                self._database.change("confirm_attempt", record_id=record_id, attempt=row["attempt"], now=now)
            self.go_on([row["id"] for row in confirmed], now)
            return bool(confirmed)

    def send_again(self, record_id: int, now: datetime) -> bool:
        """Make an unknown record that has not gone due again; False if its enrollment does not wait for it."""
        with self.transaction():
            return bool(self._database.run("send_again", record_id=record_id, now=now))

    def opt_out(self, addresses: Iterable[str], reason: str, now: datetime) -> int:
        """Bar addresses for good and end what their leads are in; returns how many enrollments that touches."""
        barred = {address: {"reason": reason} for address in addresses}
        with self.transaction():
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
            self.unload(self._database.run("end_enrollments", enrollments=ended, now=now))

    def unload(self, ended: Iterable[Row]) -> None:
        """Take ended enrollments off the loads of their senders. Call inside a transaction of this store."""
        self._unloaded.update(row["sender_id"] for row in ended if row["sender_id"] is not None)

    def go_on(self, records: Listing[int], now: datetime) -> list[int]:
        """Activate the record after each ended one, and end enrollments that have none. Call inside a transaction.

        Returns the activated records that are due already.
        """
        if not records:
            return []
        activated = self._database.run("activate_next", records=keys(records))
        if len(activated) < len(records):
            self.unload(self._database.run("finish_enrollments", records=keys(records), now=now))
        return [row["id"] for row in activated if instant(row["next_trigger_time"]) <= now]

    async def listen(self, wake: Callable[[], None]) -> None:
        """Call `wake` whenever any process has enrolled somebody, where the database can tell; until cancelled.

        Raises:
            DatabaseUnreachable: The connection was lost.
        """
        await self._database.listen(wake)

    def next_wake(self, now: datetime) -> datetime | None:
        """Return when next a record becomes due, a lease or hold ends, or a lane with due work has rested."""
        wakes = (self._database.run(name, now=now)[0]["at"] for name in ("next_due", "next_lease", "next_free_lane"))
        return min((instant(at) for at in wakes if at is not None), default=None)

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
        return keys(ids[_identity(lead)] for lead in with_triggers)

    def enroll(self, statement: str, now: datetime, **who: object) -> int:
        """Enroll whom a statement names, each with its sender and all its records. Call inside a transaction."""
        last = self._database.run("last_enrollment")[0]["id"]
        enrolled = self._database.change(statement, now=now, **who)
        if enrolled:
            assign_newcomers(self._database, last)
            self._database.change("write_records", last_enrollment=last)
            self._database.notify()
        return enrolled


def begin_attempts(database: Database, taken: Iterable[int], now: datetime) -> list[Claimed]:
    """Write the attempts of records that were just claimed, and return them. Call in the transaction that claimed."""
    records = keys(taken)
    database.change("begin_attempts", records=records, now=now)
    return [_claimed(row) for row in database.run("read_claimed", records=records)]


def _claimed(row: Row) -> Claimed:
    facts = Facts(
        row["id"],
        attempt=row["attempt"],
        to=row["address"],
        suppressed=bool(row["suppressed"]),
        lead=lead_of(row, "lead_id"),
        sequence=row["sequence"],
        sender=row["sender"],
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
        sender_id=row["sender_id"],
        channel=row["channel"],
        calendar_time=instant(row["planned_time"]) + row["moved_seconds"] * SECOND,
        policy=policy_of(row),
    )


def _fields(lead: NewLead) -> dict[str, str | None]:
    attributes = json.dumps(dict(lead.attributes), ensure_ascii=False, sort_keys=True)
    return {"phone": lead.phone, "email": lead.email, "name": lead.name, "attributes": attributes, "zone": lead.zone}


def _identity(lead: NewLead | Lead) -> str:
    return lead.phone or f"mailto:{lead.email}"


def _ids(stored: Iterable[Lead]) -> dict[str, int]:
    return {_identity(lead): lead.id for lead in stored}


def keys(values: Iterable[object]) -> dict[str, None]:
    """Return values as the keys of a JSON object: how statements take a set of ids."""
    return {str(value): None for value in values}
