"""What is read of a claimed record: what deciding on it, sending it and settling it need."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dripline.core.leads.lead import Lead, contact_of
from dripline.core.messages.facts import Facts
from dripline.core.sequences.policy import Policy
from dripline.store.database.database import Row, instant
from dripline.store.enrollments.store import SECOND
from dripline.store.records.step_facts import StepFacts
from dripline.store.records.threads import NOTHING, Thread
from dripline.store.rows import lead_of

Contacts = Mapping[str, str]
"""The kinds of address of channels that speak to one of their own, by channel."""

NO_CONTACTS: Contacts = {}
"""Every channel speaks to phones or e-mail addresses."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A record that a worker has taken: what to decide on, and what settling it needs.

    `calendar_time` is its planned time, moved as its enrollment's calendar was moved so far, `wait_after` the next wait
    after its step that is not 0. `is_cold`: its sender was not let write to strangers before, and this is one.
    `has_begun`: it may be sent; another one only after `Attempts.begin`.
    """

    facts: Facts
    enrollment_id: int = field(kw_only=True)
    step_id: int = field(kw_only=True)
    sender_id: int | None = field(default=None, kw_only=True)
    channel: str = field(kw_only=True)
    calendar_time: datetime = field(kw_only=True)
    policy: Policy = field(kw_only=True)
    wait_after: timedelta | None = field(default=None, kw_only=True)
    is_cold: bool = field(default=False, kw_only=True)
    has_begun: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class HeldBack:
    """Records that their providers would not take as they are, since their leads did not write.

    `closed`: to whom no free text may go now. `strangers`: to whom their sender may not write, and until when.
    """

    closed: set[int] = field(hash=False)
    strangers: Mapping[int, datetime | None] = field(hash=False)


NOTHING_HELD = HeldBack(set(), {})
"""Nothing is kept back."""


def calendar_time(row: Row) -> datetime:
    """Return a record's place in its enrollment's calendar, as that was moved so far."""
    planned, moved = instant(row["planned_time"]), row["moved_seconds"]
    return planned + moved * SECOND if moved else planned


def _to(row: Row, lead: Lead, kind: str | None) -> str | None:
    return row["address"] if kind is None else contact_of(lead, kind)


def claimed_of(
    row: Row, step: StepFacts, held: HeldBack, contacts: Contacts, *, has_begun: bool = False, before: Thread = NOTHING
) -> Claimed:
    """Read a claimed record from its row, and what all records of its step have in common."""
    lead = lead_of(row, "lead_id")
    facts = Facts(
        row["id"],
        attempt=row["attempt"],
        failures=row["failures"],
        to=_to(row, lead, contacts.get(step.channel)),
        lead=lead,
        sequence=step.sequence,
        sender=row["sender"],
        account=row["account"],
        variables=step.variables,
        position=row["current_step"],
        message=step.message,
        subject=step.subject,
        html=step.content.html,
        media=step.content.media,
        template=step.content.template if row["id"] in held.closed else None,
        follows=before.messages,
        thread=before.subject,
    )
    return Claimed(
        facts,
        enrollment_id=row["enrollment_id"],
        step_id=row["sequence_stepid"],
        sender_id=row["sender_id"],
        channel=step.channel,
        calendar_time=calendar_time(row),
        policy=step.bounds.policy,
        wait_after=step.bounds.wait_after,
        is_cold=row["id"] in held.strangers,
        has_begun=has_begun,
    )
