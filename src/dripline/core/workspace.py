"""What holds for every sequence of a database."""

from collections.abc import Sequence as Listing
from dataclasses import dataclass, field
from datetime import timedelta

from dripline.core.replies.stopping import STOP_WORDS, WORDS_LIMIT, plain
from dripline.core.time.lead_zone import known_zone
from dripline.core.time.schedule import format_delay, parse_delay
from dripline.errors import InvalidWorkspace

CAP_LIMIT = 1_000
"""The largest daily cap of a lead."""

KEEP_LEAST = timedelta(days=30)
"""The shortest time for which what has ended is kept: providers tell what became of a message for days."""


KEEP_MESSAGES = timedelta(days=365)
"""For how long what people wrote is kept unless the workspace says otherwise."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """What holds for every sequence.

    `zone`: where leads are whose own zone nobody knows, nor that of their sequence. `min_gap`: how long after one
    message to a lead the next one waits at least, whatever their sequences. `daily_cap`: the most messages to one lead
    in any 24 hours; more wait, none is dropped. `stop_words`: what means "stop" when a lead writes nothing else.
    `keep`: for how long what has ended is kept with all that is known of it, 30 days or more; without it, for good.
    `keep_messages`: the same of what people wrote, from when they wrote it; a year unless it is said.

    Raises:
        InvalidWindow: There is no such zone.
        InvalidDelay: The gap, or how long things are kept, cannot be read.
        InvalidWorkspace: The cap is out of range, a word is empty, or something is kept for less than 30 days.
    """

    zone: str = field(default="UTC", kw_only=True)
    min_gap: timedelta | str = field(default=timedelta(0), kw_only=True)
    daily_cap: int | None = field(default=None, kw_only=True)
    stop_words: Listing[str] = field(default=STOP_WORDS, kw_only=True)
    keep: timedelta | str | None = field(default=None, kw_only=True)
    keep_messages: timedelta | str | None = field(default=KEEP_MESSAGES, kw_only=True)

    def __post_init__(self) -> None:
        known_zone(self.zone)
        object.__setattr__(self, "min_gap", parse_delay(self.min_gap))
        if self.daily_cap is not None and not 1 <= self.daily_cap <= CAP_LIMIT:
            raise InvalidWorkspace(f"daily_cap is {self.daily_cap}: write a number from 1 to {CAP_LIMIT}.")
        for name in ("keep", "keep_messages"):
            object.__setattr__(self, name, _checked_retention(name, getattr(self, name)))
        if isinstance(self.stop_words, str):
            object.__setattr__(self, "stop_words", (self.stop_words,))
        if not self.stop_words or len(self.stop_words) > WORDS_LIMIT:
            raise InvalidWorkspace(f"There are {len(self.stop_words)} stop words: write 1 to {WORDS_LIMIT}.")
        empty = next((word for word in self.stop_words if not plain(word)), None)
        if empty is not None:
            raise InvalidWorkspace(f"The stop word {empty!r} has no letter or digit: write a word such as STOP.")
        object.__setattr__(self, "stop_words", tuple(dict.fromkeys(plain(word) for word in self.stop_words)))

    @property
    def message_retention(self) -> timedelta | None:
        """`keep_messages` as the timedelta that it is, if what people wrote is not kept for good."""
        return None if self.keep_messages is None else parse_delay(self.keep_messages)

    @property
    def gap(self) -> timedelta:
        """`min_gap` as the timedelta that it is."""
        return parse_delay(self.min_gap)

    @property
    def retention(self) -> timedelta | None:
        """`keep` as the timedelta that it is, if it is given."""
        return None if self.keep is None else parse_delay(self.keep)


def _checked_retention(name: str, written: timedelta | str | None) -> timedelta | None:
    """Return for how long something is kept; None for good."""
    retention = None if written is None else parse_delay(written)
    if retention is not None and retention < KEEP_LEAST:
        raise InvalidWorkspace(f"{name} is {format_delay(retention)}: write {KEEP_LEAST.days}d or longer.")
    return retention
