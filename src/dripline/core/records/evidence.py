"""What a provider says of messages, held against tries of which nobody knows whether they went.

A record is settled only where that is proved. One line of the evidence must be about one try and no other: where two
tries fit a line, or two lines fit a try, nothing is proved. Tries whose answers are known count among those that fit,
so that a message that is known to have gone is never taken for one that is not.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Sequence as Listing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from typing_extensions import override

from dripline.core.events.inbound import Delivery
from dripline.core.records.unknown import Resolution
from dripline.core.text import as_text

EARLY = timedelta(minutes=1)
"""How long before a try began its message may seem to have gone: the provider's clock may be behind."""

WITHIN = timedelta(minutes=10)
"""How long after a try began its message may have gone, unless somebody says otherwise."""


STATUS_LIMIT = 100
PROVIDER_ID_LIMIT = 500
"""How much of a status and of a provider's id is kept, in characters."""

SAYS_NOTHING = "the evidence says nothing of it"


class Finding(StrEnum):
    """What a provider's word says of a message: that the provider took it, that it did not, or neither."""

    WENT = "went"
    DID_NOT_GO = "did_not_go"
    OPEN = "open"


_ACCEPTED = frozenset({"accepted", "queued", "enqueued", "submitted", "processed"})
_ARRIVED = frozenset({"delivered", "read", "opened", "clicked", "seen", "played"})
_GONE = frozenset({"sent", "sending", "dispatched", "undelivered", "bounced", "complained", "spam"})
_NOT_GONE = frozenset(
    {"failed", "failure", "rejected", "refused", "error", "canceled", "cancelled"}
    | {"unsent", "notsent", "dropped", "blocked", "invalid"}
)

WORDS: Mapping[str, Finding] = {
    **dict.fromkeys(_ACCEPTED | _ARRIVED | _GONE, Finding.WENT),
    **dict.fromkeys(_NOT_GONE, Finding.DID_NOT_GO),
}
"""What the words of providers say. Whatever the provider took counts as sent, as its answer would have: also what did
not arrive afterwards."""

DELIVERIES = {
    "sent": Delivery.SENT,
    "delivered": Delivery.DELIVERED,
    "read": Delivery.READ,
    "opened": Delivery.READ,
    "seen": Delivery.READ,
    "undelivered": Delivery.FAILED,
    "bounced": Delivery.FAILED,
}
"""How far a message came, where a word says so."""


@dataclass(frozen=True, slots=True)
class EvidenceLine:
    """One line of evidence: which message it is about, by its record, or its address and instant, and what it says.

    `number`: where it stands in its file. `provider_id`: the provider's id of the message.
    """

    number: int
    status: str = field(kw_only=True)
    record_id: int | None = field(default=None, kw_only=True)
    provider_id: str | None = field(default=None, kw_only=True)
    address: str | None = field(default=None, kw_only=True)
    at: datetime | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        object.__setattr__(self, "status", as_text(self.status.strip(), STATUS_LIMIT))
        object.__setattr__(self, "provider_id", as_text(self.provider_id or "", PROVIDER_ID_LIMIT) or None)

    @property
    def word(self) -> str:
        """Its status, as words are compared."""
        return "".join(sign for sign in self.status.lower() if sign.isalnum())

    @property
    def finding(self) -> Finding:
        """What it says."""
        return WORDS.get(self.word, Finding.OPEN)


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that a provider says, of one channel or all, and how long after a try began its message may have gone."""

    lines: Listing[EvidenceLine] = ()
    channel: str | None = field(default=None, kw_only=True)
    within: timedelta = field(default=WITHIN, kw_only=True)

    @override
    def __str__(self) -> str:
        """Say how much it is, naming no person: the log keeps it."""
        return f"{len(self.lines)} lines"


@dataclass(frozen=True, slots=True)
class Tried:
    """A try at a record. `is_open`: nobody knows whether it went."""

    record_id: int
    number: int = field(kw_only=True)
    address: str = field(kw_only=True)
    started_at: datetime = field(kw_only=True)
    is_open: bool = field(kw_only=True)
    is_accepted: bool = field(kw_only=True)
    provider_id: str | None = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Proof:
    """As what a record is to be settled, and what proves it."""

    resolution: Resolution
    text: str = field(kw_only=True)
    provider_id: str | None = field(default=None, kw_only=True)
    delivery: Delivery | None = field(default=None, kw_only=True)
    at: datetime | None = field(default=None, kw_only=True)


def one_line_a_message(lines: Iterable[EvidenceLine]) -> list[EvidenceLine]:
    """Put the lines of one message together: an export of events has several with one id.

    What was delivered has not failed, and what failed after it was merely taken did not go. A message of which one line
    says that it was sent and another that it failed proves nothing.
    """
    by_message: dict[object, list[EvidenceLine]] = {}
    for line in lines:
        key = line.provider_id or (line.record_id, line.address, line.at, line.word)
        by_message.setdefault(key, []).append(line)
    return [_together(each) for each in by_message.values()]


@dataclass(frozen=True, slots=True)
class Matching:
    """All tries at records that were sent to one address, and all lines that may be about one of them."""

    tries: Listing[Tried]
    lines: Listing[EvidenceLine] = field(kw_only=True)
    within: timedelta = field(default=WITHIN, kw_only=True)

    def prove(self, record: int) -> Proof | str:
        """Say what is proved of an unknown record; a sentence says why nothing is."""
        own = [one for one in self.tries if one.record_id == record]
        known = next((one for one in own if one.is_accepted), None)
        if known is not None:
            return Proof(Resolution.SENT, text="a receipt", provider_id=known.provider_id)
        return _concluded([self._line_of(one) for one in own if one.is_open])

    def _line_of(self, one: Tried) -> EvidenceLine | str:
        """Return the one line that is about a try, and about no other message; a sentence says why there is none."""
        fitting = [line for line in self.lines if one in self._candidates(line)]
        if not fitting:
            return SAYS_NOTHING
        if len(fitting) > 1:
            return f"lines {fitting[0].number} and {fitting[1].number} both fit it"
        (line,) = fitting
        if not self._names(line) and line.at is None:
            return f"line {line.number} says no time"
        others = [other for other in self._candidates(line) if other != one and not _is_same(other, one, line)]
        if others:
            return f"line {line.number} fits another try as well, of record {others[0].record_id}"
        return line

    def _candidates(self, line: EvidenceLine) -> list[Tried]:
        """Return the tries that a line may be about."""
        if line.record_id is not None:
            own = [one for one in self.tries if one.record_id == line.record_id]
            return [one for one in own if one.is_open] or own
        named = [one for one in self.tries if line.provider_id is not None and one.provider_id == line.provider_id]
        return named or [one for one in self.tries if not self._has_its_own(one) and _fits(line, one, self.within)]

    def _names(self, line: EvidenceLine) -> bool:
        """Return whether a line names its record, or a message that is known."""
        if line.record_id is not None:
            return True
        return line.provider_id is not None and any(one.provider_id == line.provider_id for one in self.tries)

    def _has_its_own(self, one: Tried) -> bool:
        """Return whether a line names the message of a try, so that no other line is about it."""
        return one.provider_id is not None and any(line.provider_id == one.provider_id for line in self.lines)


def _concluded(findings: Listing[EvidenceLine | str]) -> Proof | str:
    """Put together what is found of each open try of a record: one that went is enough, none may have gone."""
    lines = [found for found in findings if isinstance(found, EvidenceLine)]
    went = next((line for line in lines if line.finding is Finding.WENT), None)
    if went is not None:
        return Proof(
            Resolution.SENT,
            text=f"line {went.number}: {went.status}",
            provider_id=went.provider_id,
            delivery=DELIVERIES.get(went.word),
            at=went.at,
        )
    unproved = next((found for found in findings if isinstance(found, str)), None)
    if unproved is not None or not lines:
        return unproved or SAYS_NOTHING
    still_open = next((line for line in lines if line.finding is Finding.OPEN), None)
    if still_open is not None:
        return f"line {still_open.number} says {still_open.status!r}, which proves nothing"
    return Proof(Resolution.RESEND, text=", ".join(f"line {line.number}: {line.status}" for line in lines))


def _fits(line: EvidenceLine, one: Tried, within: timedelta) -> bool:
    """Return whether a line may be about a try, by its address and its instant; one without an instant about any."""
    if line.address != one.address:
        return False
    return line.at is None or one.started_at - EARLY <= line.at <= one.started_at + within


def _is_same(other: Tried, one: Tried, line: EvidenceLine) -> bool:
    """Return whether it does not matter of which of two tries a line tells: either way their record went."""
    return other.record_id == one.record_id and line.finding is Finding.WENT


def _together(each: Listing[EvidenceLine]) -> EvidenceLine:
    """Return one line for all lines of a message: the one that says how it ended."""
    findings = {line.finding for line in each if line.word not in _ACCEPTED}
    arrived = next((line for line in each if line.word in _ARRIVED), None)
    last = arrived or next((line for line in each if line.word not in _ACCEPTED), each[0])
    if arrived is None and {Finding.WENT, Finding.DID_NOT_GO} <= findings:
        words = " and ".join(dict.fromkeys(line.status for line in each))
        return replace(last, status=f"{words}, at once")
    return replace(
        last,
        address=next((line.address for line in each if line.address), None),
        at=min((line.at for line in each if line.at is not None), default=None),
    )
