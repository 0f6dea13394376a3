"""Times as a person reads them: by the clock of a zone, with the day where it is another one."""

from collections.abc import Sequence as Listing
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

NOON = 12
HOURS = 24


def clock(at: datetime, zone: str) -> str:
    """Write an hour of the day: ``9 am``, ``9:05 am``."""
    return _clock(at.astimezone(ZoneInfo(zone)).time())


def day_clock(at: datetime, now: datetime, zone: str) -> str:
    """Write an instant: ``9:05 am`` of today, ``Tue 1 Dec, 9:05 am`` of another day, with the year of another year."""
    local, today = at.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone))
    if local.date() == today.date():
        return _clock(local.time())
    return f"{short_day(local.date(), today.date())}, {_clock(local.time())}"


def short_day(day: date, today: date) -> str:
    """Write a day: ``Tue 1 Dec``, with the year where it is another one."""
    return f"{day:%a} {day.day} {day:%b}" + (f" {day.year}" if day.year != today.year else "")


def time_span(at: datetime, until: datetime, now: datetime, zone: str) -> str:
    """Write from when to when: ``10:45–11:05 am``; one time where both are the same minute."""
    first, last = day_clock(at, now, zone), day_clock(until, now, zone)
    if first == last:
        return first
    same_day = at.astimezone(ZoneInfo(zone)).date() == until.astimezone(ZoneInfo(zone)).date()
    return _joined(first, clock(until, zone) if same_day else last)


def hours_text(hours: Listing[int]) -> str:
    """Write in which hours of a day something goes: ``9 am``, ``9–11 am``, ``all day``; nothing where none does."""
    used = [hour for hour, count in enumerate(hours) if count]
    if not used:
        return ""
    if used[-1] - used[0] == HOURS - 1:
        return "all day"
    first, last = _clock(time(used[0])), _clock(time((used[-1] + 1) % HOURS))
    return first if len(used) == 1 else _joined(first, last)


def gap(seconds: float) -> str:
    """Write how far apart messages go: ``9 s``, ``1 min``, ``2 min 30 s``."""
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    return " ".join([*([f"{minutes} min"] if minutes else []), *([f"{rest} s"] if rest or not minutes else [])])


def sentence(words: str | None) -> str:
    """Write words as a sentence: with a capital and a stop."""
    text = (words or "").strip()
    return f"{text[:1].upper()}{text[1:]}{'' if text.endswith(('.', '!', '?')) else '.'}" if text else ""


def _clock(at: time) -> str:
    minutes = f":{at.minute:02}" if at.minute else ""
    return f"{at.hour % NOON or NOON}{minutes} {'am' if at.hour < NOON else 'pm'}"


def _joined(first: str, last: str) -> str:
    """Join two times; the half of the day stands once where both are in it."""
    half = last[-3:]
    return f"{first.removesuffix(half)}–{last}" if first.endswith(half) else f"{first}–{last}"
