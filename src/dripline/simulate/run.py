"""Plays a scenario with the very engine: its store, its lanes, its processor, on virtual time and in memory."""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from collections.abc import Sequence as Listing
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import islice
from typing import cast as typed

from dripline.app import Dripline
from dripline.core.leads.lead import NewLead
from dripline.core.messages.message import Message
from dripline.core.time.schedule import hashed_share
from dripline.simulate.counters import HOUR, Tally
from dripline.simulate.participants import Participants, filled_in
from dripline.simulate.population import Made, batches
from dripline.simulate.provider import SimulatedChannel
from dripline.simulate.result import Facts
from dripline.simulate.scenario import Outage, Scenario
from dripline.simulate.virtual_loop import SimulatedClock, SimulatedLoop

BATCH = 1_000
"""How many leads come in together."""

GRACE = timedelta(days=1)
"""How long a run without a span goes on after the last step is planned."""

_SECOND = timedelta(seconds=1)
_MINUTE = timedelta(minutes=1)
_OPEN = frozenset({"pending", "active", "sending", "paused"})

Progress = Callable[[int, int], None]
"""Told how many hours have been played, and of how many."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What was counted in a run, and what is known at its end."""

    facts: Facts
    tally: Tally

    def with_other(self, other: "Counted") -> "Counted":
        """Return both together, of runs that shared nothing."""
        return Counted(self.facts.with_other(other.facts), self.tally.with_other(other.tally))


def perform(scenario: Scenario, cast: Participants, progress: Progress = lambda _done, _of: None) -> Counted:
    """Play a scenario with one engine, from beginning to end."""
    with closing(SimulatedLoop()) as loop:
        try:
            return loop.run_until_complete(_Run(scenario, cast, loop, progress).play())
        except BaseException:
            _give_up(loop)
            raise


def _give_up(loop: SimulatedLoop) -> None:
    """End what is under way on a loop, without a word: whoever stopped the run knows why."""
    loop.set_exception_handler(lambda _loop, _context: None)
    tasks = asyncio.all_tasks(loop)
    for task in tasks:
        task.cancel()
    if tasks:
        loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))


class _Run:
    """One run."""

    def __init__(self, scenario: Scenario, cast: Participants, loop: SimulatedLoop, progress: Progress) -> None:
        self._scenario = scenario
        self._cast = cast
        self._loop = loop
        self._progress = progress
        self._clock = SimulatedClock(loop, scenario.start)
        self._tally = Tally(scenario)
        self._over = asyncio.Event()
        self._planned = _planned_end(scenario, cast)
        self._limit = scenario.span or self._planned + GRACE
        self._arrived = self._enrolled = self._hours = 0
        self._drip = self._open()

    async def play(self) -> Counted:
        """Set up, let leads come and the processor work, and count."""
        with closing(self._drip):
            self._set_up()
            try:
                async with asyncio.TaskGroup() as group:
                    for part in (self._arrive(), self._process(), self._watch()):
                        group.create_task(part)
            except BaseExceptionGroup as errors:
                raise _leaf(errors) from errors
            return Counted(self._facts(), self._tally)

    def _open(self) -> Dripline:
        names = {sequence.channel for sequence in self._cast.sequences}
        names |= {sender.channel for sender in self._cast.senders} | {"console"}
        channels = {name: self._channel(name) for name in sorted(names)}
        ids = iter(range(1, 1_000))
        return Dripline(
            "sqlite://",
            clock=self._clock,
            channels=channels,
            make_id=lambda: int(hashed_share(self._scenario.seed, next(ids)) * 2**52),
        )

    def _channel(self, name: str) -> SimulatedChannel:
        return SimulatedChannel(
            name, self._scenario, self._clock, self._tally, on_reply=self._reply_later, on_opt_out=self._opt_out_later
        )

    def _set_up(self) -> None:
        population = self._cast.population
        made_up = isinstance(population, Made)
        if not made_up:
            # Templates are held against the columns of the list: they are known once leads are, who join later.
            first = islice(population.leads(), BATCH)
            self._drip.add_leads([replace(lead, triggers=()) for lead in first])
        if self._cast.workspace is not None:
            self._drip.workspace.apply(self._cast.workspace)
        for sender in self._cast.senders:
            self._drip.senders.apply(sender)
        sequences = [filled_in(sequence) if made_up else sequence for sequence in self._cast.sequences]
        for sequence in sequences:
            self._drip.apply(sequence, beside=sequences)

    async def _arrive(self) -> None:
        """Let the leads come in: all at once, or evenly, to the minute."""
        population, over = self._cast.population, self._scenario.over
        if not over:
            self._take(population.leads())
            return
        leads, total, came = population.leads(), population.count(), 0
        minutes = max(1, over // _MINUTE)
        for minute in range(minutes):
            if self._over.is_set():
                return
            due = -(-total * (minute + 1) // minutes)
            self._take(islice(leads, due - came))
            came = due
            await self._until((minute + 1) * _MINUTE)

    def _take(self, leads: Iterable[NewLead]) -> None:
        for batch in batches(leads, BATCH):
            self._arrived += len(batch)
            self._enrolled += self._drip.add_leads(batch).enrolled

    async def _process(self) -> None:
        """Let the processor work whenever it is not out, until the end."""
        for begins, ends in _working(self._scenario.outages, self._limit):
            await self._until(begins)
            if self._over.is_set():
                return
            async with asyncio.TaskGroup() as group:
                group.create_task(self._drip.run_async(idle_poll=HOUR))
                await self._until(ends)
                self._drip.stop()
        # Where an outage lasts to the end, nobody works then.
        await self._until(self._limit)

    async def _watch(self) -> None:
        """Look at the end of every hour at what waits on each lane, and end the run when nothing is left to do."""
        end = self._limit + _SECOND
        hours = self._limit // HOUR + 1
        for hour in range(hours):
            await self._until(min((hour + 1) * HOUR - _SECOND, end))
            for state in self._drip.senders.all():
                self._tally.note_waiting(hour, state.sender.name, state.due)
            self._progress(hour + 1, hours)
            self._hours = hour + 1
            if self._scenario.span is None and self._is_past(self._planned) and not self._is_anything_open():
                break
        else:
            await self._until(end)
        self._over.set()

    async def _until(self, offset: timedelta) -> None:
        """Wait until so long after the start, or for the end of the run."""
        await self._clock.wait(self._over, offset.total_seconds() - self._loop.time())

    def _is_past(self, offset: timedelta) -> bool:
        return self._loop.time() >= offset.total_seconds()

    def _is_anything_open(self) -> bool:
        return bool(_OPEN & self._drip.reports.counts().keys())

    def _opt_out_later(self, after: timedelta, message: Message) -> None:
        self._loop.call_later(after.total_seconds(), self._opt_out, message)

    def _opt_out(self, message: Message) -> None:
        self._tally.opt_outs += 1
        self._drip.opt_out(phone=message.lead.phone, email=message.lead.email)

    def _reply_later(self, after: timedelta, message: Message) -> None:
        self._loop.call_later(after.total_seconds(), self._reply, message)

    def _reply(self, message: Message) -> None:
        self._tally.replies += 1
        self._drip.inbox.receive("simulated", phone=message.lead.phone, email=message.lead.email)

    def _facts(self) -> Facts:
        """Return what is known at the end, beside the tally."""
        return Facts(
            hours=self._hours,
            arrived=self._arrived,
            enrolled=self._enrolled,
            refused=self._cast.population.refused,
            step_counts=tuple(self._drip.reports.step_counts()),
            lateness=self._drip.reports.lateness(),
            senders=tuple(sorted(sender.name for sender in self._cast.senders)),
            shortest_wait=self._cast.shortest_wait,
        )


def _planned_end(scenario: Scenario, cast: Participants) -> timedelta:
    """Return when the last step of the last lead is planned, or a step that waited out every outage."""
    out = sum((outage.ends - outage.begins for outage in scenario.outages), timedelta(0))
    return scenario.over + cast.length + out


def _working(outages: Listing[Outage], limit: timedelta) -> Iterator[tuple[timedelta, timedelta]]:
    """Yield the spans between outages, up to the limit and a second, so that what is due at the end still goes."""
    end = limit + _SECOND
    begins = [timedelta(0), *(outage.ends for outage in outages)]
    ends = [*(outage.begins for outage in outages), end]
    for first, last in zip(begins, ends, strict=True):
        if first < min(last, end):
            yield first, min(last, end)


def _leaf(error: BaseException) -> BaseException:
    """Return the first error of a group of groups."""
    while isinstance(error, BaseExceptionGroup):
        error = typed("BaseExceptionGroup[BaseException]", error).exceptions[0]
    return error
