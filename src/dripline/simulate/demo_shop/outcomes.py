"""What the sample's provider answers to a message, and what is told of it later: by fate, else by chance."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

from dripline.core.events.inbound import Delivery
from dripline.core.messages.message import Message
from dripline.core.outcome import Accepted, Outcome, Rejected, RetryLater, Scope, Unknown
from dripline.simulate.demo_shop.seeded_choice import pick, share

_OUTCOMES: tuple[tuple[float, Outcome], ...] = (
    (0.006, Rejected("the number is not known to the service", scope=Scope.CONTACT)),
    (0.003, Rejected("the person blocked this business", scope=Scope.CONTACT, suppress=True)),
    (0.004, Rejected("the provider takes the text for unwanted advertising")),
    (0.003, Rejected("the text is longer than the service takes")),
    (0.014, RetryLater("too many messages in a short time", after=timedelta(minutes=5))),
    (0.010, RetryLater("the provider is under maintenance")),
    (0.003, Unknown("the connection broke before the answer came")),
    (0.002, Unknown("no answer within 30 s")),
)
"""How often what is answered instead of yes."""

_REPLIES = (
    "Berapa yuran sebulan?",
    "Ok cikgu, thank you",
    "Boleh call saya petang ni?",
    "My daughter is in Form 4, still can join?",
    "Ada kelas online tak?",
    "Already have tuition, sorry",
    "Hi, who is this?",
    "Can I pay by instalment?",
    "👍",
)
_STOPS = ("STOP", "berhenti", "Tak nak", "Stop!")

_REPLY, _STOP, _PREFERENCE = 0.02, 0.006, 0.001
_FAILED, _DELIVERED, _READ = 0.012, 0.95, 0.62


@dataclass(frozen=True, slots=True)
class Fate:
    """What is decided for one person beforehand.

    `outcomes` are what is answered to the tries of `step` in their order, all others are accepted; `writes` is what
    they write once that step was taken, `is_delivered` whether it arrives, `is_reported_late` whether a receipt comes
    for a try whose answer got lost. `refuses_marketing`: they tell the provider to stop.
    """

    outcomes: tuple[Outcome, ...] = ()
    step: int = field(default=1, kw_only=True)
    writes: str | None = field(default=None, kw_only=True)
    is_delivered: bool = field(default=True, kw_only=True)
    is_reported_late: bool = field(default=False, kw_only=True)
    refuses_marketing: bool = field(default=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class LaterNews:
    """What is told so long after a message was taken: how far it has come, what its lead wrote, or wants of us."""

    after: timedelta
    state: Delivery | None = field(default=None, kw_only=True)
    failure: Rejected | None = field(default=None, kw_only=True)
    text: str | None = field(default=None, kw_only=True)
    is_stop: bool = field(default=False, kw_only=True)


GONE = Rejected("the number left the service", scope=Scope.CONTACT)
OFF = Rejected("the phone was off for too long")

_SECOND = timedelta(seconds=1)
_MINUTE = timedelta(minutes=1)


def outcome_of(message: Message, seed: int, fate: Fate | None) -> Outcome:
    """Return what the provider answers to a message."""
    if fate is not None:
        tries = fate.outcomes if message.step == fate.step else ()
        return tries[message.attempt - 1] if message.attempt <= len(tries) else _accepted(message)
    drawn = share(seed, "outcome", *_named(message), message.attempt)
    for rate, outcome in _OUTCOMES:
        if drawn < rate:
            return outcome
        drawn -= rate
    return _accepted(message)


def later_news(message: Message, seed: int, fate: Fate | None) -> Iterator[LaterNews]:
    """Yield what is told of a message that was taken."""
    return _by_chance(message, seed) if fate is None else _by_fate(message, fate)


def provider_id(message: Message) -> str:
    """Return the provider's id of a message."""
    return f"sample-{message.record_id}-{message.attempt}"


def _accepted(message: Message) -> Accepted:
    return Accepted(provider_id(message))


def _by_fate(message: Message, fate: Fate) -> Iterator[LaterNews]:
    if not fate.is_delivered:
        yield LaterNews(3 * _MINUTE, state=Delivery.FAILED, failure=GONE)
        return
    yield LaterNews(20 * _SECOND, state=Delivery.DELIVERED)
    yield LaterNews(9 * _MINUTE, state=Delivery.READ)
    if fate.writes is not None and message.step == fate.step:
        yield LaterNews(12 * _MINUTE, text=fate.writes)
    if fate.refuses_marketing:
        yield LaterNews(14 * _MINUTE, is_stop=True)


def _by_chance(message: Message, seed: int) -> Iterator[LaterNews]:
    def drawn(what: str) -> float:
        return share(seed, what, *_named(message))

    if drawn("failed") < _FAILED:
        yield LaterNews(
            drawn("after") * 90 * _MINUTE, state=Delivery.FAILED, failure=GONE if drawn("why") < 1 / 3 else OFF
        )
        return
    if drawn("delivered") >= _DELIVERED:
        return
    delivered = _SECOND + drawn("after") ** 4 * 40 * _MINUTE
    yield LaterNews(delivered, state=Delivery.DELIVERED)
    if drawn("read") >= _READ:
        return
    read = delivered + 5 * _SECOND + drawn("slow") ** 3 * 300 * _MINUTE
    yield LaterNews(read, state=Delivery.READ)
    if drawn("writes") < _REPLY:
        yield LaterNews(read + _MINUTE, text=pick(_REPLIES, seed, "text", *_named(message)))
    elif drawn("stops") < _STOP:
        yield LaterNews(read + _MINUTE, text=pick(_STOPS, seed, "text", *_named(message)))
    elif drawn("prefers") < _PREFERENCE:
        yield LaterNews(read + _MINUTE, is_stop=True)


def _named(message: Message) -> tuple[str, str, int]:
    return message.to, message.sequence, message.step
