"""A sequence's answers: what it does when a step fails, is late or unknown, and when a lead replies or comes again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from dripline.core.time.schedule import parse_delay
from dripline.errors import InvalidSequence


class OnFailure(StrEnum):
    """What a failed step means for the rest: go on with the next one, or end the enrollment."""

    CONTINUE = "continue"
    STOP = "stop"


class OnUnknown(StrEnum):
    """What becomes of an unknown step once its hold is over.

    `ADVANCE` goes on without it, `RESEND` sends it again (the lead may get it twice), `HOLD` waits for a person.
    """

    ADVANCE = "advance"
    RESEND = "resend"
    HOLD = "hold"


class WhenLate(StrEnum):
    """What a step that is late by more than the grace means.

    `RESPACE`: it goes, and the rest of its enrollment moves by as much, so that the gaps hold. `KEEP`: it goes, and the
    calendar stands; what is overdue goes one step a pass. `SKIP`: it is passed over, and the calendar stands.
    """

    RESPACE = "respace"
    KEEP = "keep"
    SKIP = "skip"


class OnReply(StrEnum):
    """What a reply of the lead means: nothing, a pause until a person resumes it, or the end."""

    CONTINUE = "continue"
    PAUSE = "pause"
    EXIT = "exit"


class OnTriggerLost(StrEnum):
    """What it means that a lead no longer has the trigger that started it: nothing, or the end."""

    CONTINUE = "continue"
    EXIT = "exit"


class ReEntry(StrEnum):
    """What it means that a lead gains the trigger again.

    `ONCE`: nothing, a lead goes through a sequence once. `AFTER_EXIT`: it starts again if the last run has ended.
    `RESTART`: it starts again, and a run that is under way ends.
    """

    ONCE = "once"
    AFTER_EXIT = "after_exit"
    RESTART = "restart"


UNKNOWN_AFTER = timedelta(minutes=10)
"""How long an unknown record is held for a late answer, unless its sequence says otherwise."""

LATE_GRACE = timedelta(minutes=15)
"""How late a step may go before it counts as late, unless its sequence says otherwise."""

RE_ENTRY_GAP = timedelta(hours=24)
"""For how long after a run began the same trigger begins no other one, unless its sequence says otherwise."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A sequence's answers. Text is read: ``unknown_after="10m"``, ``when_late="keep"``.

    `min_gap`: how long after any message to a lead, of whatever sequence, this sequence waits at least before it sends
    the next one; None leaves it to the workspace. `re_entry_gap`: for how long after a run began the same trigger
    begins no other one, where `re_entry` lets it; ``0s`` is no gap.

    Raises:
        InvalidSequence: An answer is none of the known ones.
        InvalidDelay: `unknown_after`, `late_grace`, `min_gap` or `re_entry_gap` cannot be read.
    """

    on_failure: OnFailure | str = field(default=OnFailure.CONTINUE, kw_only=True)
    on_unknown: OnUnknown | str = field(default=OnUnknown.ADVANCE, kw_only=True)
    unknown_after: timedelta | str = field(default=UNKNOWN_AFTER, kw_only=True)
    when_late: WhenLate | str = field(default=WhenLate.RESPACE, kw_only=True)
    late_grace: timedelta | str = field(default=LATE_GRACE, kw_only=True)
    min_gap: timedelta | str | None = field(default=None, kw_only=True)
    on_reply: OnReply | str = field(default=OnReply.EXIT, kw_only=True)
    on_trigger_lost: OnTriggerLost | str = field(default=OnTriggerLost.CONTINUE, kw_only=True)
    re_entry: ReEntry | str = field(default=ReEntry.ONCE, kw_only=True)
    re_entry_gap: timedelta | str = field(default=RE_ENTRY_GAP, kw_only=True)

    def __post_init__(self) -> None:
        for name, known in _ANSWERS.items():
            object.__setattr__(self, name, _one_of(known, name, getattr(self, name)))
        for name in ("unknown_after", "late_grace", "re_entry_gap"):
            object.__setattr__(self, name, parse_delay(getattr(self, name)))
        object.__setattr__(self, "min_gap", None if self.min_gap is None else parse_delay(self.min_gap))

    @property
    def hold(self) -> timedelta:
        """`unknown_after` as the timedelta that it is."""
        return _read(self.unknown_after)

    @property
    def grace(self) -> timedelta:
        """`late_grace` as the timedelta that it is."""
        return _read(self.late_grace)

    @property
    def gap(self) -> timedelta | None:
        """`min_gap` as the timedelta that it is, if it is given."""
        return None if self.min_gap is None else _read(self.min_gap)

    @property
    def between_runs(self) -> timedelta:
        """`re_entry_gap` as the timedelta that it is."""
        return _read(self.re_entry_gap)


def _read(span: timedelta | str) -> timedelta:
    # Asked for every record; a policy that is made has read it already.
    return span if isinstance(span, timedelta) else parse_delay(span)


_ANSWERS: Mapping[str, type[StrEnum]] = {
    "on_failure": OnFailure,
    "on_unknown": OnUnknown,
    "when_late": WhenLate,
    "on_reply": OnReply,
    "on_trigger_lost": OnTriggerLost,
    "re_entry": ReEntry,
}


def _one_of(known: type[StrEnum], what: str, written: str) -> StrEnum:
    try:
        return known(written)
    except ValueError:
        raise InvalidSequence(f"{what} is {written!r}: write {' or '.join(known)}.") from None
