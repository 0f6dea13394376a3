"""What the address of the messages asks for: a state, closed lists, and dates by the workspace's clock."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from starlette.datastructures import QueryParams

from dripline.core.events.inbound import Delivery
from dripline.core.queries.filters import Order, RecordFilter, StatusGroup
from dripline.errors import InvalidFilter

ASKED = (
    *("state", "by", "reason", "sequence", "step", "sender", "when", "from", "to", "text", "order"),
    *("status", "since", "until", "due", "step_id", "result"),
)
"""What an address may ask for; the last six are of links that count messages, and of addresses of before."""

DIGITS = 9
"""No step has a number of more digits."""

SECOND = timedelta(seconds=1)
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class State:
    """How far messages are: an entry of the rail, and which records stand there. `waits`: due now, or only later."""

    word: str
    name: str = field(kw_only=True)
    group: str = field(kw_only=True)
    dot: str = field(kw_only=True)
    standings: tuple[StatusGroup, ...] = field(kw_only=True)
    delivery: Delivery | None = field(default=None, kw_only=True)
    is_due: bool | None = field(default=None, kw_only=True)


ALL = State("", name="All", group="", dot="", standings=tuple(StatusGroup))
WAITING = State(
    "waiting", name="Waiting to send", group="To come", dot="info", standings=(StatusGroup.ACTIVE,), is_due=True
)
SCHEDULED = State(
    "scheduled",
    name="Scheduled",
    group="To come",
    dot="ring",
    standings=(StatusGroup.PENDING, StatusGroup.ACTIVE),
    is_due=False,
)
SENDING = State("sending", name="Sending", group="To come", dot="info", standings=(StatusGroup.SENDING,))
ON_HOLD = State("paused", name="On hold", group="To come", dot="warn", standings=(StatusGroup.PAUSED,))
SENT = State("sent", name="Sent", group="Gone", dot="info", standings=(StatusGroup.COMPLETED,))
DELIVERED = State(
    "delivered",
    name="Delivered",
    group="Gone",
    dot="good",
    standings=(StatusGroup.COMPLETED,),
    delivery=Delivery.DELIVERED,
)
READ = State("read", name="Read", group="Gone", dot="good", standings=(StatusGroup.COMPLETED,), delivery=Delivery.READ)
FAILED = State("failed", name="Failed", group="Look at these", dot="bad", standings=(StatusGroup.FAILED,))
UNDELIVERED = State(
    "undelivered",
    name="Not delivered",
    group="Look at these",
    dot="bad",
    standings=(StatusGroup.COMPLETED,),
    delivery=Delivery.FAILED,
)
UNCONFIRMED = State(
    "unconfirmed",
    name="Not confirmed",
    group="Look at these",
    dot="warn",
    standings=(StatusGroup.HELD, StatusGroup.UNKNOWN),
)
SKIPPED = State("skipped", name="Skipped", group="Not sent", dot="note", standings=(StatusGroup.SKIPPED,))
CANCELLED = State("cancelled", name="Cancelled", group="Not sent", dot="note", standings=(StatusGroup.CANCELLED,))

STATES = (
    *(ALL, SCHEDULED, WAITING, SENDING, ON_HOLD, SENT, DELIVERED, READ),
    *(FAILED, UNDELIVERED, UNCONFIRMED, SKIPPED, CANCELLED),
)
"""The rail from top to bottom."""

PERIODS = (("", "Any time"), ("today", "Today"), ("last", "Last 7 days"), ("next", "Next 7 days"), ("dates", "Dates …"))
"""Which times can be chosen."""


def state_of(asked: QueryParams) -> State:
    """Return the state that an address asks for, by its own word or by the statuses of addresses of before.

    Raises:
        InvalidFilter: There is none of that word.
    """
    if asked.get("due"):
        return WAITING
    word = asked.get("state") or ""
    found = next((one for one in STATES if one.word == word), None)
    if found is None:
        raise InvalidFilter(f"There is no state {word[:40]!r}: choose one of the list.")
    wanted = set(asked.getlist("status"))
    if word or not wanted:
        return found
    if wanted <= {"held", "unknown"}:
        return UNCONFIRMED
    plain = (one for one in STATES if one.delivery is None and one.is_due is None)
    return next((one for one in plain if wanted == {str(status) for status in one.standings}), ALL)


def record_filter(asked: QueryParams, now: datetime, zone: str) -> RecordFilter:
    """Read from an address which records it asks for.

    Raises:
        InvalidFilter: It cannot be used.
    """
    state, sequence = state_of(asked), asked.get("sequence") or None
    since, until = _span(asked, now, zone)
    statuses = asked.getlist("status") if state is ALL else ()
    return RecordFilter(
        sequence=sequence,
        step=_step(asked.get("step", ""), sequence),
        step_id=(asked.get("step_id") or None) if sequence else None,
        result=asked.get("result") or None,
        standings=statuses or state.standings,
        sender=asked.get("sender") or None,
        text=asked.get("text") or None,
        since=since,
        until=_earlier(until, now + SECOND) if state.is_due else until,
        order=asked.get("order") or Order.LATEST,
        due_after=now + SECOND if state.is_due is False else None,
        reason_code=asked.get("reason") or None,
        delivery=state.delivery,
    )


def written_filter(asked: QueryParams, without: Iterable[str] = (), **instead: str) -> str:
    """Return what an address asks for, without its page and the message that is open on it."""
    left = {*without, *instead}
    written = [(name, value) for name, value in asked.multi_items() if name in ASKED and name not in left and value]
    return urlencode([*written, *((name, value) for name, value in instead.items() if value)])


def is_filtered(asked: QueryParams) -> bool:
    """Return whether an address asks for anything but a state and a view of it."""
    return bool(written_filter(asked, without=("state", "by", "order", "status", "due")))


def message_link(asked: QueryParams, record_id: int) -> str:
    """Return where a list has one of its messages open."""
    written = written_filter(asked, without=())
    cursor = [("cursor", asked["cursor"])] if asked.get("cursor") else []
    more = urlencode([*cursor, ("message", record_id)])
    return f"/messages?{written}&{more}" if written else f"/messages?{more}"


def list_link(asked: QueryParams) -> str:
    """Return where a list has none of its messages open."""
    written = written_filter(asked)
    if asked.get("cursor"):
        written = f"{written}&{urlencode({'cursor': asked['cursor']})}".strip("&")
    return f"/messages?{written}" if written else "/messages"


def _step(written: str, sequence: str | None) -> int | None:
    if not written or sequence is None:
        return None
    if not (written.isascii() and written.isdecimal() and len(written) <= DIGITS):
        raise InvalidFilter(f"{written[:40]!r} is no step: choose one of the list.")
    return int(written)


def _span(asked: QueryParams, now: datetime, zone: str) -> tuple[datetime | None, datetime | None]:
    """Return from when until when: by days of the workspace's clock, or by the instants of a link."""
    when = asked.get("when") or ""
    if when not in dict(PERIODS):
        raise InvalidFilter(f"There is no time {when[:40]!r}: choose one of the list.")
    today = now.astimezone(ZoneInfo(zone)).date()
    match when:
        case "today":
            return _midnight(today, zone), _midnight(today + timedelta(days=1), zone)
        case "last":
            return now - WEEK, now + SECOND
        case "next":
            return now, now + WEEK
        case "dates":
            first, last = _day(asked.get("from")), _day(asked.get("to"))
            return first and _midnight(first, zone), last and _midnight(last + timedelta(days=1), zone)
        case _:
            return _instant(asked.get("since")), _instant(asked.get("until"))


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), ZoneInfo(zone))


def _day(written: str | None) -> date | None:
    if not written:
        return None
    try:
        read = date.fromisoformat(written)
    except ValueError:
        raise InvalidFilter(f"{written[:40]!r} is no date: write one such as 2026-01-31.") from None
    if not date(1970, 1, 1) <= read <= date(9000, 1, 1):
        raise InvalidFilter(f"{read} is out of all time: write another date.")
    return read


def _instant(written: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(written) if written else None
    except ValueError:
        raise InvalidFilter(f"{str(written)[:40]!r} is no instant: write one such as 2026-01-31T08:00:00Z.") from None


def _earlier(one: datetime | None, other: datetime) -> datetime:
    return other if one is None else min(one, other)
