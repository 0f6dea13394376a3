"""What a channel answered, as far as it can be kept: channels are written by others, and providers answer anything."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import cast

from dripline.core.outcome import (
    ERROR_LIMIT,
    Accepted,
    Outcome,
    Rejected,
    RetryLater,
    Scope,
    SenderUnavailable,
    Unknown,
)
from dripline.core.text import as_text

LONGEST_AFTER = timedelta(days=31)
"""How long a provider may have a message or a sender wait; what it says beyond that is taken for this."""

_LATEST = datetime(2999, 1, 1, tzinfo=UTC)
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
_ALIASES_LIMIT = 10
_ALIAS_LIMIT = 200


def sound(outcome: object) -> Outcome:
    """Return an outcome whose fields hold what they should.

    Raises:
        TypeError: It is no outcome, or a field of it is of another kind.
        ValueError: Its scope is none.
    """
    match outcome:
        case Accepted():
            return Accepted(_name(outcome.provider_id), aliases=_aliases(outcome.aliases))
        case RetryLater():
            after = None if outcome.wait is None else min(max(outcome.wait, timedelta(0)), LONGEST_AFTER)
            return replace(outcome, error=_error(outcome.error), after=after, scope=Scope(outcome.scope))
        case Rejected():
            return Rejected(_error(outcome.error), scope=Scope(outcome.scope), suppress=bool(outcome.suppress))
        case SenderUnavailable():
            until = None if outcome.until is None else min(max(outcome.until, _EARLIEST), _LATEST)
            return replace(outcome, error=_error(outcome.error), until=until, scope=Scope(outcome.scope))
        case Unknown():
            return Unknown(_error(outcome.error))
        case _:
            raise TypeError("this is no outcome")


def _error(value: object) -> str:
    return as_text("" if value is None else value, ERROR_LIMIT)


def _name(value: object) -> str:
    """Return the provider's name for a message; it took the message, however it calls it."""
    try:
        return as_text(value, ERROR_LIMIT)
    except Exception:  # noqa: BLE001  (an object that cannot be told)
        return ""


def _aliases(given: object) -> tuple[str, ...]:
    if not isinstance(given, list | tuple):
        return ()
    names = [alias for alias in cast("Iterable[object]", given) if isinstance(alias, str)]
    return tuple(as_text(alias, _ALIAS_LIMIT) for alias in names[:_ALIASES_LIMIT])
