"""Looking for a message of which nobody knows whether it went: what is looked for, and what is found."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

TRACE_FIRST = timedelta(seconds=15)
"""How long after its first look a message is looked for again, at least."""

TRACE_LIMIT = timedelta(hours=1)
"""How long after a look a message is looked for again, at most."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A message that may have gone: by whose account, to whom, with what text, and not before `since`.

    `known` are the provider's ids of other messages to the same person: those are not it.
    """

    account: str
    to: str = field(kw_only=True)
    text: str = field(kw_only=True)
    since: datetime = field(kw_only=True)
    known: frozenset[str] = field(default=frozenset(), kw_only=True)


@dataclass(frozen=True, slots=True)
class Found:
    """It went: the provider's id for it, and when."""

    provider_id: str
    at: datetime = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Absent:
    """It is not in the account's history, which covers the time: as far as that can tell, it never went."""


def next_look(since: datetime, now: datetime) -> timedelta:
    """Return after how long to look again: as long as it has been missing, so that the looks thin out."""
    return min(max(now - since, TRACE_FIRST), TRACE_LIMIT)
