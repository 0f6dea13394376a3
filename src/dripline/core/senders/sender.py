"""Senders: the accounts that send, and the pace that each one keeps."""

from collections.abc import Sequence as Listing
from dataclasses import dataclass, field, fields
from datetime import timedelta
from enum import StrEnum
from functools import lru_cache

from dripline.core.names import sender_name
from dripline.core.time.calendar import Window, parse_hours
from dripline.core.time.lead_zone import known_zone
from dripline.core.time.schedule import format_delay, parse_delay
from dripline.errors import InvalidSender

GAP_LIMIT = timedelta(days=1)
"""The longest gap between two messages."""

COUNT_LIMIT = 1_000_000
"""The largest cap, burst or day of a warm-up."""


class SenderStatus(StrEnum):
    """Whether a sender may send: `PAUSED` by a person, `ARCHIVED` for good."""

    ACTIVE = "active"
    PAUSED = "paused"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast a sender goes, over all its sequences, workers and restarts.

    `gap`: how long it rests after a message, drawn again each time between the two ends: ``"10s-30s"``, or ``"20s"``,
    or none. `burst`: how many messages go together before each rest. `hourly_cap` and `daily_cap`: the most messages
    in any 60 minutes and any 24 hours. `warm_up`: the daily caps of a new sender's first days, one a day, after which
    `daily_cap` holds. `quiet`: the local hours in `zone` in which it is silent, ``"21:00-08:00"``.

    Raises:
        InvalidSender: A number is out of range, or quiet hours have no zone.
        InvalidDelay: The gap cannot be read.
        InvalidWindow: The quiet hours or the zone cannot be read.
    """

    gap: str | timedelta = field(default="0s", kw_only=True)
    burst: int = field(default=1, kw_only=True)
    hourly_cap: int | None = field(default=None, kw_only=True)
    daily_cap: int | None = field(default=None, kw_only=True)
    warm_up: Listing[int] = field(default=(), kw_only=True)
    quiet: str | None = field(default=None, kw_only=True)
    zone: str | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        object.__setattr__(self, "gap", _written_gap(_read_gap(self.gap)))
        object.__setattr__(self, "warm_up", tuple(self.warm_up))
        named = {"burst": self.burst, "hourly_cap": self.hourly_cap, "daily_cap": self.daily_cap}
        for name, count in [*named.items(), *(("warm_up", count) for count in self.warm_up)]:
            if count is not None and not 1 <= count <= COUNT_LIMIT:
                raise InvalidSender(f"{name} is {count}: write a number from 1 to {COUNT_LIMIT}.")
        if self.zone is not None:
            known_zone(self.zone)
        if self.quiet is not None:
            object.__setattr__(self, "quiet", "-".join(f"{at:%H:%M}" for at in parse_hours(self.quiet)))
            if self.zone is None:
                raise InvalidSender("Quiet hours need a time zone: add zone: Asia/Kuala_Lumpur, or the one you mean.")

    @property
    def gaps(self) -> tuple[timedelta, timedelta]:
        """The shortest and the longest rest after a message."""
        return _read_gap(self.gap)

    @property
    def window(self) -> Window | None:
        """The hours in which it may send, where some are quiet."""
        if self.quiet is None or self.zone is None:
            return None
        silent, again = parse_hours(self.quiet)
        return Window(again, silent, zone=self.zone)

    def daily_cap_on(self, day: int) -> int | None:
        """Return the daily cap on a sender's given day of sending, counted from 0."""
        return self.warm_up[day] if day < len(self.warm_up) else self.daily_cap

    def as_json(self) -> dict[str, object]:
        """Return what is not at its default, as it may be written in a file."""
        values: dict[str, object] = {
            one.name: getattr(self, one.name) for one in fields(self) if getattr(self, one.name) != one.default
        }
        return values | ({"warm_up": list(self.warm_up)} if "warm_up" in values else {})


@dataclass(frozen=True, slots=True)
class Sender:
    """An account that sends: a WhatsApp number, an SMTP login. Known by its name, which never changes.

    `channel` names the channel that speaks for it, and `account` what its provider calls it: a phone number id, a
    device. `pool` puts it among others: a sequence may name a pool as it may name a sender.

    Raises:
        InvalidSender: A name is empty, too long, or not text.
    """

    name: str
    channel: str = field(kw_only=True)
    account: str | None = field(default=None, kw_only=True)
    pool: str | None = field(default=None, kw_only=True)
    pace: Pace = field(default_factory=Pace, kw_only=True)

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", sender_name(self.name))
        if self.pool is not None:
            object.__setattr__(self, "pool", sender_name(self.pool))
        if self.account is not None:
            object.__setattr__(self, "account", sender_name(self.account))
        if self.name == self.pool:
            raise InvalidSender(f"The sender {self.name!r} has the name of its pool: give one of them another.")


@lru_cache
def _read_gap(gap: str | timedelta) -> tuple[timedelta, timedelta]:
    if isinstance(gap, timedelta):
        ends = parse_delay(gap), parse_delay(gap)
    else:
        first, dash, last = gap.replace("–", "-").partition("-") if not gap.strip().startswith("-") else (gap, "", "")
        ends = parse_delay(first), parse_delay(last if dash else first)
    if ends[0] > ends[1]:
        raise InvalidSender(f"The gap {gap} ends below its beginning: write the shorter rest first, as in 10s-30s.")
    if ends[1] > GAP_LIMIT:
        raise InvalidSender(f"The gap {gap} is longer than a day: shorten it, or set a daily cap.")
    return ends


def _written_gap(gaps: tuple[timedelta, timedelta]) -> str:
    shortest, longest = (format_delay(gap) for gap in gaps)
    return shortest if shortest == longest else f"{shortest}-{longest}"
