"""What a sequence does when a step fails, or when nobody knows whether it went."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from dripline.core.schedule import parse_delay
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


UNKNOWN_AFTER = timedelta(minutes=10)
"""How long an unknown record is held for a late answer, unless its sequence says otherwise."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A sequence's answers. Text is read: ``unknown_after="10m"``, ``on_failure="stop"``.

    Raises:
        InvalidSequence: An answer is none of the known ones.
        InvalidDelay: `unknown_after` cannot be read.
    """

    on_failure: OnFailure | str = field(default=OnFailure.CONTINUE, kw_only=True)
    on_unknown: OnUnknown | str = field(default=OnUnknown.ADVANCE, kw_only=True)
    unknown_after: timedelta | str = field(default=UNKNOWN_AFTER, kw_only=True)

    def __post_init__(self) -> None:
        object.__setattr__(self, "on_failure", _one_of(OnFailure, "on_failure", self.on_failure))
        object.__setattr__(self, "on_unknown", _one_of(OnUnknown, "on_unknown", self.on_unknown))
        object.__setattr__(self, "unknown_after", parse_delay(self.unknown_after))

    @property
    def hold(self) -> timedelta:
        """`unknown_after` as the timedelta that it is."""
        return parse_delay(self.unknown_after)


def _one_of(known: type[StrEnum], what: str, written: str) -> StrEnum:
    try:
        return known(written)
    except ValueError:
        raise InvalidSequence(f"{what} is {written!r}: write {' or '.join(known)}.") from None
