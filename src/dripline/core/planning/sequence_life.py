"""What becomes of a sequence beside what it sends: words and choices for renaming, archiving and deleting one."""

from dataclasses import dataclass, field
from enum import StrEnum

from dripline.core.sequences.sequence import NAME_LIMIT
from dripline.errors import InvalidSequence


class InFlight(StrEnum):
    """What becomes of the leads in a sequence that is archived: their runs end now, or come to their end."""

    END = "end"
    FINISH = "finish"


@dataclass(frozen=True, slots=True)
class RenamedTrigger:
    """Where a trigger was renamed: in how many sequences, leads and sources, and how many leads that starts."""

    sequences: int
    leads: int = field(kw_only=True)
    sources: int = field(kw_only=True)
    enrolled: int = field(default=0, kw_only=True)


def in_flight_of(written: InFlight | str | None) -> InFlight | None:
    """Read a choice as a person writes it.

    Raises:
        InvalidSequence: It is none of the two.
    """
    if written is None:
        return None
    try:
        return InFlight(written.strip().lower())
    except ValueError:
        raise InvalidSequence(f"Who is in flight is to {written[:40]!r}: write end or finish.") from None


def still_in_flight(name: str, count: int, allowed: tuple[InFlight, ...]) -> str:
    """Say that leads are in a sequence, and what can be done about it."""
    leads = "1 lead is" if count == 1 else f"{count} leads are"
    other = (
        "let them finish (finish)" if InFlight.FINISH in allowed else "archive it and delete it once they are through"
    )
    return f"{leads} still in {name!r}: end their runs (end), or {other}."


def name_when_deleted(name: str, sequence_id: int) -> str:
    """Return the name under which a deleted sequence's messages are read, so that its own is free."""
    mark = f" (deleted {sequence_id})"
    return name[: NAME_LIMIT - len(mark)] + mark
