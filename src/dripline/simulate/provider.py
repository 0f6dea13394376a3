"""The simulated provider: what it answers is a hash of seed, record and attempt, hence the same on every replay.

It never touches the database. What leads do about a message they got, it hands to whoever plays the run.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta

from dripline.channels.capabilities import Capabilities
from dripline.core.leads.address import AddressKind
from dripline.core.messages.message import Message
from dripline.core.outcome import Accepted, Outcome, Rejected, RetryLater, Unknown
from dripline.core.time.schedule import hashed_share
from dripline.engine.clock import Clock
from dripline.simulate.counters import Tally
from dripline.simulate.scenario import Scenario

ANSWERS_WITHIN = timedelta(hours=4)
"""How long a lead takes to answer or to opt out, at most; a minute at least."""

_LEAST = timedelta(minutes=1)

_ACCEPTED = Accepted("simulated")
_REJECTED = Rejected("simulated")
_RETRY_LATER = RetryLater("simulated")
_UNKNOWN = Unknown("simulated")

_OUTCOME, _REPLY, _REPLY_AFTER, _OPT_OUT, _OPT_OUT_AFTER = range(5)
"""What is drawn for one message, each from its own stream."""

EMAIL_CHANNELS = frozenset({"smtp"})
"""The channels that speak to e-mail addresses only."""

Later = Callable[[timedelta, Message], None]
"""Told that a lead does something about a message, so long after it was accepted."""


class SimulatedChannel:
    """Stands for a provider of one name."""

    def __init__(
        self, name: str, scenario: Scenario, clock: Clock, tally: Tally, *, on_reply: Later, on_opt_out: Later
    ) -> None:
        self.capabilities = Capabilities(address_kind=AddressKind.EMAIL if name in EMAIL_CHANNELS else AddressKind.ANY)
        self._name = name
        self._scenario = scenario
        self._clock = clock
        self._tally = tally
        self._seconds = scenario.latency.total_seconds()
        self._on_reply = on_reply
        self._on_opt_out = on_opt_out
        self._never = asyncio.Event()

    async def send(self, message: Message) -> Outcome:
        """Answer as the scenario's rates have it."""
        if self._seconds:
            await self._clock.wait(self._never, self._seconds)
        outcome = self._outcome(message)
        self._tally.answered(outcome)
        if outcome is _ACCEPTED:
            self._tally.accepted(message, self._name, self._clock.now())
            self._answers(message)
        return outcome

    def _outcome(self, message: Message) -> Outcome:
        scenario = self._scenario
        if not scenario.fail + scenario.retry + scenario.unknown:
            return _ACCEPTED
        share = self._share(_OUTCOME, message)
        for rate, outcome in (
            (scenario.fail, _REJECTED),
            (scenario.retry, _RETRY_LATER),
            (scenario.unknown, _UNKNOWN),
        ):
            if share < rate:
                return outcome
            share -= rate
        return _ACCEPTED

    def _answers(self, message: Message) -> None:
        """Let the lead answer or opt out, each by its own chance."""
        for rate, stream, after, tell in (
            (self._scenario.reply, _REPLY, _REPLY_AFTER, self._on_reply),
            (self._scenario.opt_out, _OPT_OUT, _OPT_OUT_AFTER, self._on_opt_out),
        ):
            if rate and self._share(stream, message) < rate:
                tell(_LEAST + self._share(after, message) * (ANSWERS_WITHIN - _LEAST), message)

    def _share(self, stream: int, message: Message) -> float:
        """Return a number from 0 to 1 for one try of one record."""
        return hashed_share(self._scenario.seed * 8 + stream, message.record_id * 4_096 + message.attempt)
