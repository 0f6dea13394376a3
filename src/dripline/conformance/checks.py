"""The checks: each is a rule of the contract, and fails with a sentence that says which.

A check that the provider cannot play, or that is about something a channel does not do, passes.
"""

import asyncio
import inspect
import logging
from collections.abc import Awaitable, Callable, Iterable
from collections.abc import Sequence as Listing
from datetime import datetime
from typing import NoReturn, TypeVar, cast

import pytest

from dripline.channels.capabilities import capabilities_of, takes_in
from dripline.channels.contract import Channel, Closable, Inbound
from dripline.conformance.malformed_bodies import spoilt
from dripline.conformance.provider import Behaviour, Posted, Provider
from dripline.core.events.inbound import ProviderEvent
from dripline.core.messages.message import Message
from dripline.core.outcome import Accepted, Outcome, Rejected, RetryLater, Scope, SenderUnavailable, Unknown

TIMEOUT = 5.0
"""How long anything on loopback may take, in seconds; the engine itself waits for an outcome for 30."""

SOON = 0.5
"""After how many seconds a channel is to give a silent provider up, if it can be told."""

CONCURRENT = 50
"""How many messages are sent at once, unless the channel says fewer."""

_REFUSED = (RetryLater, SenderUnavailable, Rejected)

Found = TypeVar("Found")


class ChannelConformance:
    """The rules of a channel. Derive a class from it whose fixture `provider` plays the provider of yours."""

    @pytest.fixture
    def provider(self) -> Provider:
        """The provider that the channel under test speaks to."""
        _broken("Write a fixture `provider` that returns a dripline.conformance.Provider for your channel.")

    def test_what_is_accepted_has_the_providers_id(self, provider: Provider) -> None:
        outcome = _once(provider, Behaviour.ACCEPT)
        if not isinstance(outcome, Accepted):
            _broken(f"The provider accepted a message, and send says {outcome!r}: return Accepted.")
        if not isinstance(cast("object", outcome.provider_id), str) or not outcome.provider_id.strip():
            _broken(f"Accepted has the id {outcome.provider_id!r}: it is the provider's own name for the message.")

    def test_a_refusal_is_reported_as_one(self, provider: Provider) -> None:
        for behaviour in _played(provider, Behaviour.REFUSE, Behaviour.BE_BUSY):
            allowed = _REFUSED if behaviour is Behaviour.REFUSE else (RetryLater, SenderUnavailable)
            _hold(_once(provider, behaviour), allowed, f"The provider answered that it did not take it ({behaviour})")

    def test_what_may_have_been_accepted_is_unknown(self, provider: Provider) -> None:
        again = (RetryLater,) if capabilities_of(provider.channel(SOON)).idempotent else ()
        for behaviour in _played(provider, Behaviour.BREAK_DOWN, Behaviour.BE_SILENT, Behaviour.HANG_UP):
            case = f"The bytes had left, and nobody knows whether the message was taken ({behaviour})"
            _hold(_once(provider, behaviour), (Unknown, *again), case)
        for behaviour in _played(provider, Behaviour.ANSWER_NONSENSE):
            case = "The provider answered that all is well, in words that nobody can read"
            _hold(_once(provider, behaviour), (Accepted, Unknown, *again), case)

    def test_what_cannot_be_reached_may_be_tried_later(self, provider: Provider) -> None:
        for behaviour in _played(provider, Behaviour.BE_AWAY):
            outcome = _once(provider, behaviour)
            _hold(outcome, (RetryLater,), "No connection could be made, so nothing left")
            if isinstance(outcome, RetryLater) and outcome.scope not in {Scope.SENDER, Scope.ACCOUNT}:
                _broken(f'The provider is away, which is nothing of one {outcome.scope}: say scope="sender".')

    def test_one_send_is_one_message(self, provider: Provider) -> None:
        for behaviour in _played(provider, *Behaviour):
            before = provider.taken()
            _once(provider, behaviour)
            came, right = provider.taken() - before, 0 if behaviour is Behaviour.BE_AWAY else 1
            if came != right:
                _broken(f"One send sent {came} messages to a provider that was to {behaviour}: send never tries again.")

    def test_concurrent_sends_work_and_again_on_another_event_loop(self, provider: Provider) -> None:
        provider.play(Behaviour.ACCEPT)
        channel, before = provider.channel(TIMEOUT), provider.taken()
        count = min(capabilities_of(channel).sends_at_once, CONCURRENT)
        ids = set[str]()
        for first in (1, count + 1):
            messages = [provider.message(number) for number in range(first, first + count)]
            for outcome in asyncio.run(_all(channel, messages)):
                if not isinstance(outcome, Accepted):
                    loop = "one event loop" if first == 1 else "a second event loop, after aclose"
                    _broken(f"Of {count} messages at once on {loop}, one came to {outcome!r}: each is accepted.")
                ids.add(outcome.provider_id)
        if provider.taken() - before != 2 * count or len(ids) != 2 * count:
            came = provider.taken() - before
            _broken(
                f"{2 * count} messages are {came} at the provider, with {len(ids)} ids: each goes once, by its own."
            )

    def test_a_send_that_is_given_up_leaves_nothing_behind(self, provider: Provider) -> None:
        for behaviour in _played(provider, Behaviour.BE_SILENT):
            provider.play(behaviour)
            asyncio.run(_given_up(provider, provider.channel(2 * TIMEOUT)))
            if not asyncio.run(_comes_true(lambda: provider.open_connections() == 0)):
                _broken(f"{provider.open_connections()} connections stay open after aclose: give each back.")

    def test_what_a_channel_says_of_itself_is_of_use(self, provider: Provider) -> None:
        channel = provider.channel(SOON)
        try:
            capabilities_of(channel)
        except ValueError as error:
            _broken(f"{error}.")
        if isinstance(channel, Closable) and not inspect.iscoroutinefunction(channel.aclose):
            _broken("aclose is no coroutine function: write async def aclose(self).")
        asyncio.run(_closed(channel))
        asyncio.run(_closed(channel))

    def test_a_text_that_is_too_long_is_never_sent(self, provider: Provider) -> None:
        limit = capabilities_of(provider.channel(SOON)).text_limit
        if limit is not None:
            longest = _once(provider, Behaviour.ACCEPT, provider.message(text="x" * limit))
            _hold(longest, (Accepted,), f"The longest text, of {limit} characters, was sent")
            before = provider.taken()
            longer = _once(provider, Behaviour.ACCEPT, provider.message(text="x" * (limit + 1)))
            _hold(longer, (Rejected,), f"A text of {limit + 1} characters was to be sent, one more than text_limit")
            if provider.taken() != before:
                _broken("A text that is longer than text_limit went to the provider: reject it before anything leaves.")

    def test_no_secret_is_shown(self, provider: Provider, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        outputs = {"the channel's repr": repr(provider.channel(SOON))}
        for behaviour in _played(provider, *Behaviour):
            outputs[f"the outcome where the provider was to {behaviour}"] = repr(_once(provider, behaviour))
        outputs["a log"] = caplog.text
        for where, text in outputs.items():
            if any(secret in text for secret in provider.secrets):
                # Without the text: this sentence is told, too.
                _broken(f"A secret is in {where}: leave it out, even where the provider repeats it.")

    def test_only_what_the_provider_signed_is_genuine(self, provider: Provider) -> None:
        channel = provider.channel(SOON)
        if not takes_in(channel):
            return
        if channel.challenge({}) is not None:
            _broken("challenge answers somebody who is not the provider: return None.")
        for posted in _posted(provider):
            if not channel.is_genuine(posted.headers, posted.body):
                _broken(f"What the provider signed is not genuine: {posted.body[:200]!r}")
            for headers, body, what in _forged(posted):
                if _is_genuine(channel, headers, body):
                    _broken(f"{what} is genuine: check the proof over these very bytes.")

    def test_events_are_the_same_when_they_are_read_again(self, provider: Provider) -> None:
        channel, keys = provider.channel(SOON), list[str]()
        if not takes_in(channel):
            return
        for posted in _posted(provider):
            events = channel.events(posted.body)
            if not events or list(events) != list(channel.events(posted.body)):
                _broken(f"Read twice, a body gives other events, or none: {posted.body[:200]!r}")
            for event in events:
                _check_event(event)
            keys += [event.key for event in events]
        if len(set(keys)) != len(keys):
            _broken(f"Two events have one key, so that one of them would be lost: {sorted(keys)}")

    def test_a_body_that_cannot_be_read_is_a_value_error_and_nothing_else(self, provider: Provider) -> None:
        channel = provider.channel(SOON)
        if not takes_in(channel):
            return
        signed = _posted(provider)
        for body in spoilt([posted.body for posted in signed]):
            try:
                for event in channel.events(body):
                    _check_event(event)
            except ValueError:
                continue
            except Exception as error:  # noqa: BLE001  (what a channel may raise is what is looked for)
                _broken(f"events raised {type(error).__name__} over {body[:200]!r}: it raises ValueError or nothing.")


def _broken(sentence: str) -> NoReturn:
    pytest.fail(sentence, pytrace=False)


def _hold(outcome: Outcome | None, allowed: tuple[type[Outcome], ...], case: str) -> None:
    """Hold an outcome against those that are right. None, no outcome in time, is what the engine takes as unknown."""
    seen_as = Unknown("no answer in time") if outcome is None else outcome
    if not isinstance(seen_as, allowed):
        right = " or ".join(kind.__name__ for kind in allowed)
        _broken(f"{case}, and send came to {type(seen_as).__name__}: return {right}.")


def _played(provider: Provider, *wanted: Behaviour) -> list[Behaviour]:
    """Return those that the provider can play, in the order in which one provider can play them all."""
    return [behaviour for behaviour in Behaviour if behaviour in wanted and behaviour in provider.plays]


def _once(provider: Provider, behaviour: Behaviour, message: Message | None = None) -> Outcome | None:
    """Send one message, by a channel of its own, to a provider that behaves so; None if no outcome came in time."""
    provider.play(behaviour)
    channel = provider.channel(SOON if behaviour is Behaviour.BE_SILENT else TIMEOUT)
    return asyncio.run(_all(channel, [message or provider.message()]))[0]


async def _all(channel: Channel, messages: Iterable[Message]) -> Listing[Outcome | None]:
    """Send messages at once, give the connections back, and see that nothing is left on the event loop."""
    try:
        outcomes = await asyncio.gather(*(_sent(channel, message) for message in messages))
    finally:
        await _closed(channel)
    await _nothing_runs()
    return outcomes


async def _sent(channel: Channel, message: Message) -> Outcome | None:
    timeout = asyncio.timeout(TIMEOUT)
    try:
        async with timeout:
            outcome = cast("object", await channel.send(message))
    except Exception as error:  # noqa: BLE001  (what a channel may raise is what is looked for)
        if timeout.expired():
            return None
        _broken(f"send raised {type(error).__name__} ({error}): it returns an outcome, whatever the provider does.")
    if not isinstance(outcome, Outcome):
        _broken(f"send returned {outcome!r}, which is no outcome.")
    return outcome


async def _closed(channel: Channel) -> None:
    if isinstance(channel, Closable):
        await _in_time(channel.aclose(), "aclose does not come to an end.")


async def _given_up(provider: Provider, channel: Channel) -> None:
    """Give up as many sends as may run at once, and see that the channel is as good as before."""
    count, before = min(capabilities_of(channel).sends_at_once, CONCURRENT), provider.taken()
    sends = [asyncio.ensure_future(channel.send(provider.message(number))) for number in range(1, count + 1)]
    if not await _comes_true(lambda: provider.taken() - before == count):
        _broken(
            f"sends_at_once is {count}, and {provider.taken() - before} went at once, or send blocks the event loop."
        )
    if any(send.done() for send in sends):
        _broken("send was over before it could be given up: it blocks the event loop, or gives up by itself too soon.")
    for send in sends:
        send.cancel()
    await _in_time(asyncio.wait(sends), "send goes on after it was cancelled: let CancelledError pass.")
    if not all(send.cancelled() for send in sends):
        _broken("send came to an end of its own when it was cancelled: let CancelledError pass.")
    provider.play(Behaviour.ACCEPT)
    outcome = await _sent(channel, provider.message(count + 1))
    if not isinstance(outcome, Accepted):
        _broken(f"After {count} sends were given up, the next one came to {outcome!r}: give back what they held.")
    await _closed(channel)
    await _nothing_runs()


async def _nothing_runs() -> None:
    """See that a channel left no task behind; one that has been told to end is let end."""
    here = asyncio.current_task()

    def others() -> list[str]:
        return [str(task.get_coro()) for task in asyncio.all_tasks() if task is not here]

    if not await _comes_true(lambda: not others()):
        _broken(f"Tasks are left on the event loop after aclose: {', '.join(others())}")


async def _in_time(awaitable: Awaitable[Found], sentence: str) -> Found:
    try:
        return await asyncio.wait_for(awaitable, TIMEOUT)
    except TimeoutError:
        _broken(sentence)


async def _comes_true(holds: Callable[[], bool]) -> bool:
    """Return whether something comes to hold in time, while the event loop goes on."""
    for _ in range(int(TIMEOUT / 0.01)):
        if holds():
            return True
        await asyncio.sleep(0.01)  # noqa: TID251  (another program is to do it, on real time)
    return holds()


def _posted(provider: Provider) -> Listing[Posted]:
    return provider.posted() or _broken("The channel takes in what its provider posts: say in posted() what that is.")


def _is_genuine(channel: Inbound, headers: dict[str, str], body: bytes) -> bool:
    try:
        return channel.is_genuine(headers, body)
    except Exception as error:  # noqa: BLE001  (what a channel may raise is what is looked for)
        _broken(f"is_genuine raised {type(error).__name__} over {headers!r}: what is no proof is False.")


def _forged(posted: Posted) -> Iterable[tuple[dict[str, str], bytes, str]]:
    """Yield what only looks as if the provider had posted it."""
    headers = dict(posted.headers)
    yield {}, posted.body, "A body without its headers"
    yield {name: f"{value}x" for name, value in headers.items()}, posted.body, "A body under another proof"
    yield dict.fromkeys(headers, "ключ"), posted.body, "A body under a proof of other letters"
    if posted.signs_body:
        yield headers, posted.body + b"x", "A body that was changed"
        yield headers, b"", "An empty body under the proof of another"


def _check_event(event: object) -> None:
    if not isinstance(event, ProviderEvent):
        _broken(f"events returned {event!r}, which is no event.")
    if not isinstance(cast("object", event.key), str) or not event.key:
        _broken(f"An event has the key {event.key!r}: it is a text that no other event has.")
    if not isinstance(cast("object", event.at), datetime) or event.at.tzinfo is None:
        _broken(f"An event happened at {event.at!r}: it is an instant with its time zone.")
