"""What a worker asks providers beside its passes: whether accounts are well. It holds up no message.

Each question is taken in the database first, so that of several workers one asks it at a time; what is answered is
written as any worker would. A channel that raises, or does not answer, changes nothing.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from dripline.channels.accounts import ChecksAccounts, checks_accounts
from dripline.channels.contract import Channel
from dripline.core.health import Health, Unsure
from dripline.core.schedule import whole_second
from dripline.engine.clock import Clock
from dripline.engine.patience import Patience
from dripline.errors import DatabaseProblem
from dripline.store.watching import Account, Watching

ROUND_EVERY = timedelta(seconds=15)
"""How often it looks whether anything is to be asked."""

CHECK_EVERY = timedelta(seconds=60)
"""How often a sender's account is asked after."""

ASKED_AT_ONCE = 5
"""How many questions are under way at once, by kind."""

QUESTION_TIMEOUT = timedelta(seconds=45)
"""How long a channel may take over one question; a check is up to three exchanges."""

Answer = TypeVar("Answer")

_log = logging.getLogger("dripline.rounds")


@dataclass(frozen=True, slots=True)
class Errand:
    """One kind of question: it asks what is due to be asked, and writes the answers."""

    name: str
    run: Callable[[], Coroutine[None, None, None]] = field(kw_only=True)


class Rounds:
    """Asks for one worker, over the channels that can be asked. `wake` is told when a sender may go on."""

    def __init__(
        self, watching: Watching, channels: Mapping[str, Channel], clock: Clock, *, wake: Callable[[], None]
    ) -> None:
        self._watching = watching
        self._clock = clock
        self._wake = wake
        self._checked = {name: channel for name, channel in channels.items() if checks_accounts(channel)}

    def __bool__(self) -> bool:
        """Whether any channel can be asked anything."""
        return bool(self._errands())

    async def run(self, stop: asyncio.Event) -> None:
        """Ask round after round, each kind on its own, until `stop`."""
        async with asyncio.TaskGroup() as group:
            for errand in self._errands():
                group.create_task(self._again_and_again(errand, stop))

    async def once(self) -> None:
        """Ask one round."""
        async with asyncio.TaskGroup() as group:
            for errand in self._errands():
                group.create_task(self._attended(errand))

    def _errands(self) -> list[Errand]:
        return [Errand("check", run=self._check_accounts)] if self._checked else []

    async def _again_and_again(self, errand: Errand, stop: asyncio.Event) -> None:
        while not stop.is_set():
            await self._attended(errand)
            await self._clock.wait(stop, ROUND_EVERY.total_seconds())

    async def _attended(self, errand: Errand) -> None:
        try:
            await errand.run()
        except DatabaseProblem as problem:
            _log.warning("round.failed errand=%s error=%s", errand.name, problem)
        except Exception:  # noqa: BLE001  (the edge of a loop: sending goes on whatever is wrong here)
            _log.exception("round.failed errand=%s", errand.name)

    async def _check_accounts(self) -> None:
        """Ask after the accounts whose time has come, and hold or let go their senders."""
        taken = await asyncio.to_thread(self._take_checks)
        if taken:
            found = dict(zip(taken, await _each(self._health(account) for account in taken), strict=True))
            await asyncio.to_thread(self._note_health, found)

    async def _health(self, account: Account) -> Health:
        channel: ChecksAccounts = self._checked[account.channel]
        health = await asked(channel.check_account(account.account))
        if isinstance(health, Unsure):
            _log.warning("check.unsure sender=%s error=%s", account.sender, health.reason)
        return health

    # The clock is read in the thread that writes it, as everywhere.

    def _take_checks(self) -> list[Account]:
        return self._watching.take_checks(self._checked, CHECK_EVERY, self._now())

    def _note_health(self, found: Mapping[Account, Health]) -> None:
        for turned in self._watching.note_health(found, self._now()):
            _log.warning("sender.%s sender=%s reason=%s", turned.event, turned.sender, turned.reason)
            self._wake()

    def _now(self) -> datetime:
        return whole_second(self._clock.now())


async def asked(question: Awaitable[Answer], limit: timedelta = QUESTION_TIMEOUT) -> Answer | Unsure:
    """Return what a channel answers; what it does against its contract says nothing."""
    with Patience(limit.total_seconds()) as patience:
        try:
            return await patience.wait_for(question)
        except TimeoutError:
            return Unsure(f"no answer within {patience.seconds:g} s")
        except Exception as error:  # noqa: BLE001  (the edge of a loop: a channel's bug stops nothing)
            _log.exception("question.raised")
            return Unsure(f"the channel raised {type(error).__name__}")


async def _each(questions: Iterable[Coroutine[None, None, Answer]]) -> list[Answer]:
    """Return the answers to questions in their order, a few of which are asked at once."""
    slots = asyncio.Semaphore(ASKED_AT_ONCE)

    async def in_turn(question: Coroutine[None, None, Answer]) -> Answer:
        async with slots:
            return await question

    # Each in a task of its own, since patience is had by a task.
    return list(await asyncio.gather(*(in_turn(question) for question in questions)))
