"""What a list may be asked for. Whatever is left None or empty is not asked for; instants are `since` ≤ … < `until`."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from dripline.core.events.inbound import Delivery
from dripline.core.leads.phone import DEFAULT_REGION, phone_prefix
from dripline.core.reason import ReasonCode
from dripline.core.states import Status
from dripline.core.text import is_text
from dripline.errors import InvalidFilter

LONG_AGO = datetime(1, 1, 2, tzinfo=UTC)
FAR_AHEAD = datetime(9999, 12, 30, tzinfo=UTC)
"""Before and after everything that is stored, with a day to spare for any zone."""

LAST_LETTER = "\U0010ffff"
"""What sorts behind every text that begins with the same letters."""

TEXT_LIMIT = 200
"""The longest text that may be looked for."""

Choice = TypeVar("Choice", bound=StrEnum)

_SIGNS = frozenset("+-() .")
"""What people write between the digits of a phone number."""


class Order(StrEnum):
    """In which order a list of records goes: by their hours, the latest first or the earliest."""

    LATEST = "latest"
    EARLIEST = "earliest"


class TextKind(StrEnum):
    """What a text is the beginning of."""

    PHONE = "phone"
    EMAIL = "email"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class TextSearch:
    """A text that is looked for: the beginning of a phone number, an e-mail address, or a name."""

    kind: TextKind
    text: str = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class LeadFilter:
    """Which leads.

    `text` begins their phone (digits), their e-mail address (with its @), or their name (anything else; A is a, and
    every letter beyond ASCII as it is written).
    `sequence`: they are live in it now. `is_barred`: one of their addresses is.
    """

    text: str | None = None
    trigger: str | None = field(default=None, kw_only=True)
    sequence: str | None = field(default=None, kw_only=True)
    is_barred: bool | None = field(default=None, kw_only=True)
    since: datetime | None = field(default=None, kw_only=True)
    until: datetime | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        check_span(self.since, self.until)


class StatusGroup(StrEnum):
    """Where a record stands: its status, but that an unknown one is `held` while its enrollment waits for it."""

    PENDING = "pending"
    ACTIVE = "active"
    SENDING = "sending"
    PAUSED = "paused"
    HELD = "held"
    COMPLETED = "completed"
    FAILED = "failed"
    SKIPPED = "skipped"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class StepResult(StrEnum):
    """What a step led to. A reply, a stop and a goal count for the step before them, within 7 days."""

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    NOT_DELIVERED = "not_delivered"
    REPLIED = "replied"
    STOPPED = "stopped"
    GOAL = "goal"
    LEFT = "left"


DELIVERIES: Mapping[StepResult, tuple[str, ...]] = {
    StepResult.DELIVERED: ("delivered", "read"),
    StepResult.READ: ("read",),
    StepResult.NOT_DELIVERED: ("failed",),
}
"""How far a message has come, as its last receipt says (`Delivery`), that counts as one of these."""


@dataclass(frozen=True, slots=True)
class RecordFilter:
    """Which step records.

    `step_id`: of this step, whatever place a version gives it. `result`: those that count as this in what their step
    led to.
    `standings`: one of these. `since` and `until` are of a record's hour: when it was accepted or ended, else when it
    is due. So what is due now is what is active, until a second from now. `text` is of their leads, as in `LeadFilter`.
    `due_after`: of the active ones only those that are due at this instant or later. `reason_code`: those that wait or
    ended for this reason (`ReasonCode`). `delivery`: completed ones whose receipts say that they were `delivered`,
    which those that were read are too, or `read`; or that they did not arrive (`failed`): the hour of such a one is
    when that was said.

    Raises:
        InvalidFilter: A step is named without its sequence, an instant has no zone, or a word is none of its list.
    """

    sequence: str | None = field(default=None, kw_only=True)
    step: int | None = field(default=None, kw_only=True)
    step_id: str | None = field(default=None, kw_only=True)
    result: StepResult | str | None = field(default=None, kw_only=True)
    standings: Iterable[StatusGroup | str] = field(default=tuple(StatusGroup), kw_only=True)
    sender: str | None = field(default=None, kw_only=True)
    lead_id: int | None = field(default=None, kw_only=True)
    since: datetime | None = field(default=None, kw_only=True)
    until: datetime | None = field(default=None, kw_only=True)
    text: str | None = field(default=None, kw_only=True)
    order: Order | str = field(default=Order.LATEST, kw_only=True)
    due_after: datetime | None = field(default=None, kw_only=True)
    reason_code: str | None = field(default=None, kw_only=True)
    delivery: Delivery | str | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        check_span(self.since, self.until)
        check_span(self.due_after, None)
        _check_code(self.reason_code)
        if (self.step is not None or self.step_id is not None) and self.sequence is None:
            raise InvalidFilter("A step is one of a sequence: name the sequence as well.")
        given = [self.standings] if isinstance(self.standings, str) else self.standings
        object.__setattr__(
            self, "standings", tuple(dict.fromkeys(_one_of(StatusGroup, "status", one) for one in given))
        )
        object.__setattr__(self, "order", _one_of(Order, "order", self.order))
        if self.delivery is not None:
            object.__setattr__(self, "delivery", _one_of(Delivery, "delivery", self.delivery))
        if self.result is not None:
            object.__setattr__(self, "result", _one_of(StepResult, "result", self.result))

    @property
    def statuses(self) -> tuple[Status, ...]:
        """The statuses that it takes."""
        return tuple(
            dict.fromkeys(Status.UNKNOWN if one == StatusGroup.HELD else Status(one) for one in self.standings)
        )

    @property
    def is_held(self) -> bool | None:
        """Whether it takes of the unknown ones only those that are held, or none of those; None for both."""
        both = {StatusGroup.HELD, StatusGroup.UNKNOWN}.intersection(map(StatusGroup, self.standings))
        return None if len(both) != 1 else both == {StatusGroup.HELD}


@dataclass(frozen=True, slots=True)
class EnrollmentFilter:
    """Which enrollments. `end_code`: those that ended for this reason (`ReasonCode`)."""

    sequence: str | None = None
    is_live: bool | None = field(default=None, kw_only=True)
    lead_id: int | None = field(default=None, kw_only=True)
    end_code: str | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        _check_code(self.end_code)


@dataclass(frozen=True, slots=True)
class AttemptFilter:
    """Which tries. `since` and `until` are of when they began."""

    outcome: str | None = None
    delivery: str | None = field(default=None, kw_only=True)
    sender: str | None = field(default=None, kw_only=True)
    sequence: str | None = field(default=None, kw_only=True)
    since: datetime | None = field(default=None, kw_only=True)
    until: datetime | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        check_span(self.since, self.until)


@dataclass(frozen=True, slots=True)
class SuppressionFilter:
    """Which suppressed addresses: those that begin with `address`, and those barred for this reason (`ReasonCode`)."""

    address: str | None = None
    reason_code: str | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        _check_code(self.reason_code)


def looked_for(text: str, region: str = DEFAULT_REGION) -> TextSearch | None:
    """Say what a text is the beginning of; None for one that says nothing. A phone is dialled as in `region`.

    Raises:
        InvalidFilter: It is no text, or longer than anything that is looked for.
    """
    given = text.strip()
    if not is_text(given) or len(given) > TEXT_LIMIT:
        raise InvalidFilter(f"What is looked for is a text of at most {TEXT_LIMIT} characters: shorten it.")
    if "@" in given:
        return TextSearch(TextKind.EMAIL, text=given.lower())
    digits = "".join(letter for letter in given if letter not in _SIGNS)
    if digits and digits.isascii() and digits.isdecimal():
        return TextSearch(TextKind.PHONE, text=phone_prefix(digits, region))
    return TextSearch(TextKind.NAME, text=given) if given else None


def span(since: datetime | None, until: datetime | None) -> tuple[datetime, datetime]:
    """Return the whole seconds from which and before which something is asked for."""
    return _second_up(since or LONG_AGO), _second_up(until or FAR_AHEAD)


def _second_up(at: datetime) -> datetime:
    """Return the first whole second that is not before an instant."""
    down = at.astimezone(UTC).replace(microsecond=0)
    return down if down == at else down + timedelta(seconds=1)


def check_span(since: datetime | None, until: datetime | None) -> None:
    """Refuse instants without a zone, and those before and after everything that is stored.

    Raises:
        InvalidFilter: One of them is such.
    """
    for at in (since, until):
        if at is not None and (at.tzinfo is None or not LONG_AGO <= at <= FAR_AHEAD):
            raise InvalidFilter(f"The instant {at} has no zone, or is out of all time: write one such as UTC with it.")


def _check_code(code: str | None) -> None:
    if code is not None and code not in set(ReasonCode):
        raise InvalidFilter(f"There is no reason {code!r}: use one of {', '.join(ReasonCode)}.")


def _one_of(kind: type[Choice], what: str, given: str) -> Choice:
    try:
        return kind(given)
    except ValueError:
        known = ", ".join(kind)
        raise InvalidFilter(f"There is no {what} {given!r}: use one of {known}.") from None
