"""Why a lead is in a sequence or not, condition by condition, in the order in which enrollment asks them. Pure."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from dripline.core.sequences.policy import ReEntry


class Condition(StrEnum):
    """What enrollment asks of a lead."""

    TRIGGER = "trigger"
    ADDRESS = "address"
    ADDRESS_FREE = "address free"
    NOT_BARRED = "not barred"
    GOAL_AHEAD = "goal ahead"
    FIRST_TIME = "first time"
    GROUP_FREE = "group free"
    WROTE_FIRST = "wrote first"


@dataclass(frozen=True, slots=True)
class Candidate:
    """What is stored of a lead and a sequence.

    `gained_at`: when it gained the trigger; `twin`: another lead of its address that was in it; `suppressed`: why its
    address is suppressed; `goal`: the sequence's, if the lead has it; `runs`: how often it was enrolled in this, the
    last time at `began_at`; `between_runs`: for how long after that the trigger begins no other run; `is_live`: it is
    in it now; `rival`: the sequence of its group that it is in; `is_invited`: it wrote there, or need not have.
    """

    sequence: str
    trigger: str = field(kw_only=True)
    address_kind: str = field(kw_only=True)
    has_address: bool = field(kw_only=True)
    gained_at: datetime | None = field(kw_only=True)
    twin: int | None = field(default=None, kw_only=True)
    suppressed: str | None = field(kw_only=True)
    goal: str | None = field(kw_only=True)
    runs: int = field(kw_only=True)
    is_live: bool = field(kw_only=True)
    re_entry: ReEntry = field(kw_only=True)
    began_at: datetime | None = field(default=None, kw_only=True)
    between_runs: timedelta = field(default=timedelta(0), kw_only=True)
    group: str | None = field(kw_only=True)
    rival: str | None = field(kw_only=True)
    is_invited: bool = field(default=True, kw_only=True)


@dataclass(frozen=True, slots=True)
class ConditionResult:
    """One condition: whether it is met, and what is stored that says so."""

    condition: Condition
    is_met: bool = field(kw_only=True)
    detail: str = field(kw_only=True)


NEVER_WROTE = (
    "the lead never wrote to us there: it is enrolled when it does, or once the sequence says cold: yes, which can "
    "cost the number"
)
"""Why nobody is enrolled who did not write first, on a channel whose provider bars who writes to strangers."""

_KINDS = {"phone": "phone number", "email": "e-mail address"}


def answers(lead: Candidate) -> list[ConditionResult]:
    """Return every condition of enrollment with its answer."""
    gained = f"it gained {lead.trigger} at {lead.gained_at:%Y-%m-%d %H:%M} UTC" if lead.gained_at else None
    kind = _KINDS.get(lead.address_kind, "address")
    return [
        _answer(Condition.TRIGGER, gained, f"the lead does not have {lead.trigger}"),
        _answer(
            Condition.ADDRESS,
            f"it has the {kind} that the channel needs" if lead.has_address else None,
            f"the lead has no {kind}, which its channel needs",
        ),
        _answer(
            Condition.ADDRESS_FREE,
            "no other lead of its address was in it" if lead.twin is None else None,
            f"lead {lead.twin} has the same {kind} and is or was in it: merge the two if they are one person",
        ),
        _answer(Condition.NOT_BARRED, None if lead.suppressed else "nothing bars it", lead.suppressed or ""),
        _answer(
            Condition.GOAL_AHEAD,
            None if lead.goal else "it has not reached the goal",
            f"the lead has reached the goal {lead.goal}",
        ),
        _first_time(lead),
        _group_free(lead),
        _answer(Condition.WROTE_FIRST, "it wrote first, or need not" if lead.is_invited else None, NEVER_WROTE),
    ]


def _group_free(lead: Candidate) -> ConditionResult:
    later = "" if lead.runs else ", and is enrolled when that ends"
    is_in = f"the lead is in {lead.rival!r} of its group {lead.group}{later}"
    return _answer(Condition.GROUP_FREE, None if lead.rival else "it is in no other sequence of the group", is_in)


def reason(lead: Candidate) -> str:
    """Say in one sentence why a lead that has the trigger is not in a sequence."""
    unmet = [answer.detail for answer in answers(lead) if not answer.is_met]
    return "; ".join(unmet) or "it is enrolled at the next apply of the sequence"


def _first_time(lead: Candidate) -> ConditionResult:
    if not lead.runs:
        return ConditionResult(Condition.FIRST_TIME, is_met=True, detail="it was never in it")
    if lead.is_live:
        return ConditionResult(
            Condition.FIRST_TIME, is_met=lead.re_entry is ReEntry.RESTART, detail="the lead is in it now"
        )
    if lead.re_entry is ReEntry.ONCE:
        return ConditionResult(
            Condition.FIRST_TIME, is_met=False, detail="the lead was in it already, and it takes a lead once"
        )
    return ConditionResult(
        Condition.FIRST_TIME,
        is_met=True,
        detail=f"the lead was in it already; it starts again when the trigger comes again{_after_gap(lead)}",
    )


def _after_gap(lead: Candidate) -> str:
    if lead.began_at is None or not lead.between_runs:
        return ""
    return f", from {lead.began_at + lead.between_runs:%Y-%m-%d %H:%M} UTC on"


def _answer(condition: Condition, met: str | None, unmet: str) -> ConditionResult:
    return ConditionResult(condition, is_met=met is not None, detail=unmet if met is None else met)
