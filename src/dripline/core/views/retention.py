"""What ended long ago: how much of it there is, and what was removed."""

from dataclasses import dataclass, field
from typing import Self


@dataclass(frozen=True, slots=True)
class EndedCounts:
    """How much ended before an instant, or was removed of it.

    `enrollments`: of these the last of each lead and sequence stays, without its records. `messages`: those that went
    or may have gone; a proof stays of each. `entries`: of the audit log, of what happened to senders, of what people
    wrote.
    """

    enrollments: int = 0
    records: int = field(default=0, kw_only=True)
    messages: int = field(default=0, kw_only=True)
    entries: int = field(default=0, kw_only=True)

    def __add__(self, other: Self) -> Self:
        return type(self)(
            self.enrollments + other.enrollments,
            records=self.records + other.records,
            messages=self.messages + other.messages,
            entries=self.entries + other.entries,
        )
