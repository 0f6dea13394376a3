"""What a worker asks providers beside its passes; it holds up no message.

Are accounts well? Did messages go of which nobody knows? Did people write what no webhook told? Each question is taken
in the database first, so that of several workers one asks it at a time; what is answered is written as any worker
would. A channel that raises, or does not answer, changes nothing.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from collections.abc import Sequence as Listing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from dripline.channels.accounts import ChecksAccounts, KeepsHistory, checks_accounts, keeps_history, reads_mailboxes
from dripline.channels.contract import Channel, Inbound, takes_in
from dripline.core.events.inbound import Event
from dripline.core.events.mailbox import Seen
from dripline.core.explain import words
from dripline.core.messages.compose import Send, decide
from dripline.core.records.trace import Absent, Found, Sent
from dripline.core.senders.health import Health, Unsure
from dripline.core.time.schedule import whole_second
from dripline.core.wordless import without_numbers, wordless
from dripline.engine.clock import Clock
from dripline.engine.tasks import Timeout
from dripline.errors import DatabaseProblem
from dripline.store.conversations.mailboxes import Mailboxes
from dripline.store.records.claiming import Claiming
from dripline.store.records.tracing import Trace, Tracing
from dripline.store.senders.watching import Account, Watching

ROUND_EVERY = timedelta(seconds=15)
"""How often it looks whether anything is to be asked."""

CHECK_EVERY = timedelta(seconds=60)
"""How often a sender's account is asked after."""

READ_EVERY = timedelta(hours=1)
"""How often a sender's chats are read for what no webhook told."""

READ_AT_START = timedelta(minutes=1)
"""How long ago chats were read that a processor reads again when it starts: others may have started with it."""

MAIL_READ_FROM = timedelta(days=2)
"""How far back a mailbox is read the first time, or when its numbers hold no more."""

ASKED_AT_ONCE = 5
"""How many questions are under way at once, by kind."""

QUESTION_TIMEOUT = timedelta(seconds=45)
"""How long a channel may take over one question; a check is up to three exchanges."""

READING_TIMEOUT = timedelta(minutes=10)
"""How long a channel may take to read all chats of one account."""

Answer = TypeVar("Answer")

_log = logging.getLogger("dripline.rounds")


@dataclass(frozen=True, slots=True)
class Poll:
    """One kind of question: it asks what is due to be asked, and writes the answers; `at_first`: when it begins."""

    name: str
    run: Callable[[], Coroutine[None, None, None]] = field(kw_only=True)
    at_first: Callable[[], Coroutine[None, None, None]] | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class PollStores:
    """Where rounds take their questions from, and write the answers."""

    watching: Watching
    tracing: Tracing
    claiming: Claiming
    mailboxes: Mailboxes


class ProviderPolls:
    """Asks for one worker, over the channels that can be asked. `wake` is told when something may go on."""

    def __init__(
        self, books: PollStores, channels: Mapping[str, Channel], clock: Clock, *, wake: Callable[[], None]
    ) -> None:
        self._watching = books.watching
        self._tracing = books.tracing
        self._claiming = books.claiming
        self._mailboxes = books.mailboxes
        self._clock = clock
        self._wake = wake
        self._checked = {name: channel for name, channel in channels.items() if checks_accounts(channel)}
        self._mailed = {name: channel for name, channel in channels.items() if reads_mailboxes(channel)}
        self._kept = {name: channel for name, channel in channels.items() if keeps_history(channel)}
        # What is read is taken in as what is posted, by the channel that reads what is posted.
        self._read = {
            name: (channel, posted) for name, channel in self._kept.items() if takes_in(posted := channels[name])
        }

    def __bool__(self) -> bool:
        """Whether any channel can be asked anything."""
        return bool(self._errands())

    def before_pass(self) -> None:
        """Let unknown records wait whose messages nobody has looked for yet, whatever their sequences would do now."""
        if self._kept:
            self._tracing.hold(self._kept, self._now())

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

    def _errands(self) -> list[Poll]:
        errands = [
            (self._checked, Poll("check", run=self._check_accounts)),
            (self._kept, Poll("trace", run=self._trace)),
            (self._read, Poll("read", run=self._read_chats, at_first=lambda: self._read_chats(READ_AT_START))),
            (self._mailed, Poll("mail", run=self._read_mailboxes)),
        ]
        return [errand for channels, errand in errands if channels]

    async def _again_and_again(self, errand: Poll, stop: asyncio.Event) -> None:
        await self._attended(errand, errand.at_first)
        while not stop.is_set():
            await self._clock.wait(stop, ROUND_EVERY.total_seconds())
            await self._attended(errand)

    async def _attended(self, errand: Poll, run: Callable[[], Coroutine[None, None, None]] | None = None) -> None:
        try:
            await (run or errand.run)()
        except DatabaseProblem as problem:
            _log.warning("round.failed errand=%s error=%s", errand.name, problem)
        except Exception as error:  # noqa: BLE001  (the edge of a loop: sending goes on whatever is wrong here)
            _log.error("round.failed errand=%s", errand.name, exc_info=wordless(error))

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
            _log.warning("check.unsure sender=%s error=%s", account.sender, without_numbers(health.reason))
        return health

    async def _trace(self) -> None:
        """Look for messages of which nobody knows whether they went, and complete the records of those that did."""
        traces = await asyncio.to_thread(self._take_traces)
        if not traces:
            return
        answers = await _each(self._looked_for(trace, sent) for trace, sent in traces.items())
        found = {trace: answer for trace, answer in zip(traces, answers, strict=True) if isinstance(answer, Found)}
        absent = [trace for trace, answer in zip(traces, answers, strict=True) if isinstance(answer, Absent)]
        await asyncio.to_thread(self._note_traces, found, absent)

    async def _looked_for(self, trace: Trace, sent: Sent) -> Found | Absent | Unsure:
        channel: KeepsHistory = self._kept[trace.channel]
        answer = await asked(channel.find_sent(sent))
        _log.info("trace.%s record_id=%s", type(answer).__name__.lower(), trace.record_id)
        return answer

    async def _read_chats(self, every: timedelta = READ_EVERY) -> None:
        """Read the chats of accounts whose time has come, and keep what no webhook told."""
        taken = await asyncio.to_thread(self._take_histories, every)
        await _each(self._read_account(account, since) for account, since in taken)

    async def _read_account(self, account: Account, since: datetime) -> None:
        asked_at = self._now()
        channel, posted = self._read[account.channel]
        bodies = await asked(channel.history(account.account, since), READING_TIMEOUT)
        if isinstance(bodies, Unsure):
            _log.warning("history.unsure sender=%s error=%s", account.sender, without_numbers(bodies.reason))
            return
        by_key = {event.key: body for body in bodies for event in _events(posted, body)}
        missed = await asyncio.to_thread(self._keep_missed, account, by_key, asked_at)
        if missed:
            _log.warning("history.missed sender=%s messages=%s", account.sender, missed)
            self._wake()

    async def _read_mailboxes(self) -> None:
        """Read the mailboxes whose time has come, and keep what people answered and what came back."""
        mailboxes = [(channel, name) for channel, mailed in self._mailed.items() for name in mailed.mailboxes]
        taken = await asyncio.to_thread(lambda: self._mailboxes.take(mailboxes, self._now()))
        await _each(self._read_mailbox(channel, name, seen) for (channel, name), seen in taken.items())

    async def _read_mailbox(self, channel: str, name: str, seen: Seen | None) -> None:
        since = self._now() - MAIL_READ_FROM
        read = await asked(self._mailed[channel].read_mailbox(name, seen, since), READING_TIMEOUT)
        if isinstance(read, Unsure):
            _log.warning("mailbox.unsure channel=%s mailbox=%s error=%s", channel, name, read.reason)
            await asyncio.to_thread(lambda: self._mailboxes.put_off(channel, name, read.reason, self._now()))
        elif await asyncio.to_thread(lambda: self._mailboxes.keep(channel, name, read, self._now())):
            self._wake()

    # The clock is read in the thread that writes it, as everywhere.

    def _take_traces(self) -> dict[Trace, Sent]:
        """Return what is looked for. A worker that died left no text: it is rendered as it would be now."""
        traces = self._tracing.take_traces(self._kept, self._now())
        untold = [trace.record_id for trace in traces if trace.text is None]
        decisions = {facts.record_id: decide(facts) for facts in self._claiming.facts_of(untold)} if untold else {}
        texts = {record: one.message.text for record, one in decisions.items() if isinstance(one, Send)}
        return {
            trace: Sent(trace.account, to=trace.to, text=text, since=trace.since, known=trace.known)
            for trace in traces
            if (text := trace.text or texts.get(trace.record_id))
        }

    def _note_traces(self, found: Mapping[Trace, Found], absent: list[Trace]) -> None:
        if found:
            self._tracing.note_found(found, self._now())
            self._wake()
        if absent:
            self._tracing.note_absent(absent)

    def _take_histories(self, every: timedelta) -> list[tuple[Account, datetime]]:
        return self._tracing.take_histories(self._read, every, self._now())

    def _keep_missed(self, account: Account, bodies: Mapping[str, str], until: datetime) -> int:
        return self._tracing.keep_missed(account, bodies, until, self._now())

    def _take_checks(self) -> list[Account]:
        return self._watching.take_checks(self._checked, CHECK_EVERY, self._now())

    def _note_health(self, found: Mapping[Account, Health]) -> None:
        for turned in self._watching.note_health(found, self._now()):
            _log.warning(
                "sender.%s sender=%s reason=%s", turned.event, turned.sender, without_numbers(words(turned.reason))
            )
            self._wake()

    def _now(self) -> datetime:
        return whole_second(self._clock.now())


async def asked(question: Awaitable[Answer], limit: timedelta = QUESTION_TIMEOUT) -> Answer | Unsure:
    """Return what a channel answers; what it does against its contract says nothing."""
    with Timeout(limit.total_seconds()) as time_limit:
        try:
            return await time_limit.wait_for(question)
        except TimeoutError:
            return Unsure(f"no answer within {time_limit.seconds:g} s")
        except Exception as error:  # noqa: BLE001  (the edge of a loop: a channel's bug stops nothing)
            _log.error("question.raised", exc_info=wordless(error))
            return Unsure(f"the channel raised {type(error).__name__}")


def _events(posted: Inbound, body: str) -> Listing[Event]:
    """Return the events of a body; one that cannot be read has none."""
    try:
        return posted.events(body.encode())
    except ValueError:
        return ()


async def _each(questions: Iterable[Coroutine[None, None, Answer]]) -> list[Answer]:
    """Return the answers to questions in their order, a few of which are asked at once."""
    slots = asyncio.Semaphore(ASKED_AT_ONCE)

    async def in_turn(question: Coroutine[None, None, Answer]) -> Answer:
        async with slots:
            return await question

    # Each in a task of its own, since a Timeout belongs to a task.
    return list(await asyncio.gather(*(in_turn(question) for question in questions)))
