"""The hours in which a step may go: its own or its sequence's, on days that are no holiday; and whether they come."""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache, partial

from dripline.core.time.calendar import Window
from dripline.core.time.send_window import Holiday, SendWindow

A_YEAR = timedelta(days=366)
"""How far ahead is looked for an instant at which hours meet: every change of clocks lies within it."""


@lru_cache(maxsize=1024)
def step_hours(own: SendWindow | None, sequence: SendWindow | None) -> SendWindow | None:
    """Return the window of a step: hours of its own, with the holidays of its sequence beside its own.

    Raises:
        InvalidWindow: Together these are too many holidays.
    """
    if own is None or sequence is None or not sequence.holidays:
        return own or sequence
    return SendWindow(own.hours, tuple(_joined((*own.holidays, *sequence.holidays))))


def _joined(holidays: Iterable[Holiday]) -> list[Holiday]:
    """Return holidays as ones that do not overlap."""
    joined: list[Holiday] = []
    for holiday in sorted(holidays):
        if joined and holiday.first <= joined[-1].last:
            joined[-1] = Holiday(joined[-1].first, max(joined[-1].last, holiday.last))
        else:
            joined.append(holiday)
    return joined


def never_meet(window: SendWindow, zones: tuple[str, ...], sender: Window | None, now: datetime) -> bool:
    """Return whether a window is never open in all of the zones while a sender may send, for a year from today."""
    return _never_meet(window, zones, sender, now.date())


@lru_cache(maxsize=1024)
def _never_meet(window: SendWindow, zones: tuple[str, ...], sender: Window | None, today: date) -> bool:
    opens: list[Callable[[datetime], datetime]] = [] if sender is None else [sender.next_open]
    opens += [partial(window.next_open, zone=zone) for zone in zones]
    begin = datetime(today.year, today.month, today.day, tzinfo=UTC)
    at = begin
    while at - begin <= A_YEAR:
        latest = max(next_open(at) for next_open in opens)
        if latest == at:
            return False
        at = latest
    return True
