"""The sample channel: a provider that reaches nobody. It takes messages after a moment, and now and then does not.

What it answers is a hash of the seed and the message. What it would tell later, receipts and what people write, it
posts to its own webhook, signed with a secret that nobody else has: whoever plays the provider takes it from here.
"""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush

from dripline.channels.capabilities import Capabilities
from dripline.channels.http.foreign_json import Object, as_list, as_object, read_json, text_of
from dripline.channels.http.signature import SIGNATURE, is_signed
from dripline.core.events.inbound import Delivery, Preference, ProviderEvent, Receipt, Reply
from dripline.core.messages.message import Message
from dripline.core.outcome import Accepted, Outcome, Rejected, Scope, SenderUnavailable, Unknown
from dripline.core.sequences.content import MediaKind
from dripline.core.time.schedule import whole_second
from dripline.engine.clock import Clock
from dripline.simulate.demo_shop.outcomes import Fate, LaterNews, later_news, outcome_of, provider_id
from dripline.simulate.demo_shop.seeded_choice import share

POSTED_AT_ONCE = 200
"""The most events of one body."""

_QUICKEST, _SLOWEST = 0.5, 3.0
"""How long an answer takes, in seconds."""


@dataclass(frozen=True, slots=True)
class Absence:
    """A span in which a sender cannot send."""

    sender: str
    begins: datetime = field(kw_only=True)
    ends: datetime = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A step of a sequence that the provider refuses for everybody from an instant on."""

    sequence: str
    step: int = field(kw_only=True)
    since: datetime = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Plot:
    """What is decided beforehand: fates by address, absences of senders, a refused step."""

    fates: Mapping[str, Fate] = field(default_factory=dict[str, Fate], kw_only=True, hash=False)
    absences: tuple[Absence, ...] = field(default=(), kw_only=True)
    refusal: Refusal | None = field(default=None, kw_only=True)


class SampleChannel:
    """Answers as the plot has it, else by chance. Without a secret it takes nothing in, and tells nothing later."""

    def __init__(self, clock: Clock, *, seed: int = 1, secret: bytes = b"", plot: Plot | None = None) -> None:
        self.capabilities = Capabilities(media=frozenset(MediaKind), receives_events=bool(secret))
        self._clock = clock
        self._seed = seed
        self._secret = secret
        self._plot = plot or Plot()
        self._later: list[tuple[datetime, int, Object]] = []
        self._reports = 0

    async def send(self, message: Message) -> Outcome:
        """Take a message, or say why not. As busy as the provider is at this second, it takes its time."""
        await self._clock.wait(asyncio.Event(), self._seconds())
        fate = self._plot.fates.get(message.to)
        outcome = self._held_up(message) or outcome_of(message, self._seed, fate)
        if self._secret and (isinstance(outcome, Accepted) or _is_reported_late(outcome, fate)):
            for news in later_news(message, self._seed, fate):
                self._tell_later(message, news)
        return outcome

    def challenge(self, query: Mapping[str, str]) -> str | None:
        """Return nothing: no provider asks."""
        del query

    def is_genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        """Return whether these very bytes were signed with our secret. `headers` by their lower-case names."""
        return bool(self._secret) and is_signed(self._secret, headers, body)

    def events(self, body: bytes) -> list[ProviderEvent]:
        """Return every event of a body, in its order.

        Raises:
            ValueError: It is not JSON.
        """
        written = map(as_object, as_list(as_object(read_json(body)).get("events")))
        return [event for one in written if (event := _event(one)) is not None]

    def posted(self) -> tuple[dict[str, str], bytes] | None:
        """Return what the provider posts now, headers and body; None if it has nothing to tell. Told once."""
        due = list(self._due())
        if not due:
            return None
        body = json.dumps({"events": due}, ensure_ascii=False).encode()
        return {SIGNATURE: "sha256=" + hmac.new(self._secret, body, hashlib.sha256).hexdigest()}, body

    def _seconds(self) -> float:
        """Return how long an answer takes that is asked for now: the same for all that is sent together."""
        return _QUICKEST + (_SLOWEST - _QUICKEST) * share(self._seed, "slow", whole_second(self._clock.now()))

    def _due(self) -> Iterator[Object]:
        now = self._clock.now()
        for _ in range(POSTED_AT_ONCE):
            if not self._later or self._later[0][0] > now:
                return
            yield heappop(self._later)[2]

    def _held_up(self, message: Message) -> Outcome | None:
        """Return why nothing of this kind goes now, if it does not."""
        now, refusal = self._clock.now(), self._plot.refusal
        for absence in self._plot.absences:
            if absence.sender == message.sender and absence.begins <= now < absence.ends:
                return SenderUnavailable("the phone of this sender is offline", until=absence.ends)
        if refusal is None or (refusal.sequence, refusal.step) != (message.sequence, message.step):
            return None
        is_refused = now >= refusal.since
        return Rejected("the template breaks the rules of the service", scope=Scope.TEMPLATE) if is_refused else None

    def _tell_later(self, message: Message, news: LaterNews) -> None:
        at = whole_second(self._clock.now() + news.after) + timedelta(seconds=1)
        self._reports += 1
        heappush(self._later, (at, self._reports, _written(message, news, at)))


def _is_reported_late(outcome: Outcome, fate: Fate | None) -> bool:
    return isinstance(outcome, Unknown) and fate is not None and fate.is_reported_late


def _written(message: Message, news: LaterNews, at: datetime) -> Object:
    """Write what is told as it is posted."""
    mine = provider_id(message)
    if news.state is not None:
        failure = news.failure
        why = {} if failure is None else {"error": failure.error, "scope": str(failure.scope)}
        about = {"message": mine, "record": message.record_id, "state": news.state.value, **why}
        return {"receipt": about, "key": f"{mine}-{news.state}", "at": at.isoformat()}
    phone = message.lead.phone or ""
    if news.is_stop:
        return {"preference": {"phone": phone}, "key": f"{mine}-preference", "at": at.isoformat()}
    about = {"phone": phone, "account": message.account or "", "name": message.lead.name, "text": news.text or ""}
    return {"reply": about, "key": f"{mine}-reply", "at": at.isoformat()}


def _event(written: Object) -> ProviderEvent | None:
    """Read one event as `_written` writes it; None if it is none."""
    key, at = text_of(written.get("key")), _instant(written.get("at"))
    if not key or at is None:
        return None
    if "receipt" in written:
        return _receipt(key, as_object(written["receipt"]), at)
    about = as_object(written.get("reply") or written.get("preference"))
    phone = text_of(about.get("phone"))
    if not phone:
        return None
    if "preference" in written:
        return Preference(key, phone=phone, is_wanted=False, at=at)
    account, name, text = (text_of(about.get(what)) for what in ("account", "name", "text"))
    return Reply(key, account=account, phone=phone, name=name, text=text, at=at)


def _receipt(key: str, about: Object, at: datetime) -> Receipt | None:
    record, state = about.get("record"), text_of(about.get("state"))
    if not isinstance(record, int) or state not in set(Delivery):
        return None
    error, scope = text_of(about.get("error")), text_of(about.get("scope"))
    return Receipt(
        key,
        provider_id=text_of(about.get("message")),
        record_id=record,
        state=Delivery(state),
        at=at,
        failure=Rejected(error, scope=Scope(scope)) if error and scope in set(Scope) else None,
    )


def _instant(written: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(text_of(written))
    except ValueError:
        return None
    return None if at.tzinfo is None else at
