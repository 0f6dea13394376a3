"""Every invariant of the semantics, asked of the database: `dripline doctor`, the tests and simulations share it."""

from dataclasses import dataclass, field
from datetime import datetime

from dripline.store.database.database import Database

BREACHES_LIMIT = 20
"""How many breaches of one invariant are listed."""


@dataclass(frozen=True, slots=True)
class Invariant:
    """One promise and the statement that finds its breaches. `subject` is what a breach's id names."""

    statement: str
    promise: str = field(kw_only=True)
    subject: str = field(default="record", kw_only=True)


@dataclass(frozen=True, slots=True)
class Breach:
    """One place where a promise does not hold."""

    invariant: Invariant
    id: int = field(kw_only=True)
    detail: str = field(kw_only=True)

    def sentence(self) -> str:
        """Say it in one line."""
        return f"{self.invariant.promise}: {self.invariant.subject} {self.id}: {self.detail}"


INVARIANTS = (
    Invariant(
        "breach_live_without_current", promise="A live enrollment stands at exactly one record", subject="enrollment"
    ),
    Invariant("breach_ended_with_current", promise="An ended enrollment has nothing left to send"),
    Invariant("breach_early", promise="Nothing is sent before its time"),
    Invariant("breach_order", promise="Steps are sent in order, never two at once"),
    Invariant("breach_activated_early", promise="A step becomes active only when the one before it has ended"),
    Invariant("breach_completed_unsent", promise="Completed means that a provider accepted it"),
    Invariant("breach_ended_without_reason", promise="Every end has its time and reason"),
    Invariant("breach_missing_record", promise="Every step of an enrollment has its record", subject="enrollment"),
    Invariant("breach_lease_forgotten", promise="No record is forgotten in flight"),
    Invariant("breach_accepted_twice", promise="A record is accepted at most once"),
    Invariant("breach_sent_after_opt_out", promise="Nothing is sent after an opt-out"),
    Invariant("breach_wrong_step", promise="A record's step never changes"),
    Invariant("breach_dangling", promise="Every record has its lead, which is that of its enrollment"),
    Invariant("breach_load", promise="A sender's load is what it has to look after", subject="sender"),
    Invariant("breach_orphaned", promise="No lead is left with a sender that is gone"),
    Invariant("breach_wrong_channel", promise="What goes by a sender goes through that sender's channel"),
    Invariant("breach_paused_forever", promise="What is paused can be resumed"),
    Invariant("breach_sent_after_leaving", promise="Nothing is sent after a lead has left"),
    Invariant("breach_group", promise="A lead is in one sequence of a group at a time", subject="enrollment"),
    Invariant("breach_address", promise="An address runs through a sequence once at a time", subject="enrollment"),
    Invariant("breach_calendar", promise="Planned times are the sequence's waits"),
    Invariant("breach_tally", promise="The tallies are what a count says", subject="sequence"),
)


def verify(database: Database, now: datetime) -> list[Breach]:
    """Return every breach of every invariant, at most `BREACHES_LIMIT` for each; none when all is well."""
    with database.snapshot():
        return [
            Breach(invariant, id=row["id"], detail=_detail(row["detail"]))
            for invariant in INVARIANTS
            for row in database.run(invariant.statement, **_parameters(invariant, now))
        ]


_BY_THE_CLOCK = {"breach_lease_forgotten", "breach_tally"}


def _parameters(invariant: Invariant, now: datetime) -> dict[str, object]:
    return {"most": BREACHES_LIMIT, "now": now} if invariant.statement in _BY_THE_CLOCK else {"most": BREACHES_LIMIT}


def _detail(found: object) -> str:
    return f"{found} current records" if isinstance(found, int) else str(found)
