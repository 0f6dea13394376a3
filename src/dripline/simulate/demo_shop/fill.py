"""Fills a database with the sample: its story played on virtual time, up to an instant, by the very engine.

Nothing is written but by the use cases that people and programs have: leads come in, passes are run, the provider
posts. So whatever is there afterwards could have come about in a shop.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil

from dripline.app import Dripline
from dripline.core.time.schedule import whole_second
from dripline.engine.report import Report
from dripline.errors import InvalidInput
from dripline.simulate.demo_shop.channel import SampleChannel
from dripline.simulate.demo_shop.people import lead
from dripline.simulate.demo_shop.roles import PLACED
from dripline.simulate.demo_shop.seeded_choice import share
from dripline.simulate.demo_shop.shop import CHANNEL, WORKSPACE, senders, sequences
from dripline.simulate.demo_shop.story import Story, StoryEvent
from dripline.simulate.virtual_loop import SimulatedClock, SimulatedLoop

LEADS = 3_000
"""How many leads the sample has, unless told."""

FEWEST_LEADS, LEADS_LIMIT = 200, 50_000

LOOK_EVERY = timedelta(minutes=2)
"""How often the processor looks while it has something to do: what comes due in between goes together."""

POST_EVERY = timedelta(minutes=15)
"""How often the provider posts what it has to tell."""

CUT_OFF_AFTER = 0.25
"""How long the last pass lasts, in seconds, before the processor is switched off: no answer comes so soon."""

CUT_OFF_BEFORE = timedelta(seconds=1)
"""How long before the end that pass begins."""

Progress = Callable[[int, int], None]
"""Told how many hours have been played, and of how many."""

_HOUR = timedelta(hours=1)


def _check_size(leads: int) -> None:
    if not FEWEST_LEADS <= leads <= LEADS_LIMIT:
        raise InvalidInput(
            f"The sample cannot have {leads} leads: write a number from {FEWEST_LEADS} to {LEADS_LIMIT}."
        )


def fill_sample(
    url: str,
    now: datetime,
    *,
    leads: int = LEADS,
    seed: int = 1,
    progress: Progress = lambda _done, _of: None,
) -> None:
    """Fill a database that has no leads with five days of the sample's life, which end at `now`.

    The same instant, number and seed give the same rows in two new databases.

    Raises:
        InvalidInput: The database has leads already, or the number of leads is out of range.
    """
    _check_size(leads)
    story = Story(whole_second(now), leads=leads, seed=seed)
    with closing(SimulatedLoop()) as loop:
        clock = SimulatedClock(loop, story.start - timedelta(seconds=1))
        ids = _ids(story)
        channel = SampleChannel(clock, seed=seed, secret=f"{next(ids):x}".encode(), plot=story.plot())
        with Dripline(url, clock=clock, channels={CHANNEL: channel}, make_id=lambda: next(ids), migrate=False) as drip:
            if drip.reports.counts().get("leads"):
                raise InvalidInput("The database holds leads already: name a new one for the sample.")
            play = _Play(drip, channel, clock, story)
            loop.run_until_complete(play.play(progress))
        # The database is closed by now: whatever the last pass would still write is lost, as when a machine dies.
        if play.cut_off is not None:
            play.cut_off.cancel()
            loop.run_until_complete(asyncio.wait([play.cut_off]))


def post(channel: SampleChannel, drip: Dripline) -> None:
    """Post everything that the sample's provider has to tell by now."""
    while (posted := channel.posted()) is not None:
        drip.inbox.receive_webhook(CHANNEL, *posted)


def _ids(story: Story) -> Iterator[int]:
    """Yield the ids of a story's own: record ids of two samples differ, if not both instant and seed are the same."""
    number = 0
    while True:
        yield int(share(story.seed, story.end.isoformat(), number) * 2**62)
        number += 1


@dataclass(slots=True)
class _Play:
    """One story while it is played."""

    drip: Dripline
    channel: SampleChannel
    clock: SimulatedClock
    story: Story
    cut_off: "asyncio.Future[Report] | None" = None

    async def play(self, progress: Progress) -> None:
        """Set the shop up, live through the story, and be switched off in the middle of a message."""
        self._set_up()
        deeds = self.story.deeds()[::-1]
        posts_at = self.story.start
        last = self.story.end - LOOK_EVERY
        while (now := self.clock.now()) <= last:
            while deeds and deeds[-1].at <= now:
                deeds.pop().do(self.drip)
            if now >= posts_at:
                post(self.channel, self.drip)
                posts_at = now + POST_EVERY
            is_busy = await self._look(now)
            progress(max(0, (now - self.story.start) // _HOUR), (self.story.end - self.story.start) // _HOUR)
            await self._until(min(self._next(deeds, posts_at, is_busy=is_busy), self.story.end - CUT_OFF_BEFORE))
        await self._be_cut_off()

    def _set_up(self) -> None:
        drip = self.drip
        drip.workspace.apply(WORKSPACE)
        for sender in senders(self.story.leads):
            drip.senders.apply(sender)
        # Templates are held against what leads are known to have: one of them comes in before it asks for anything.
        first = lead(PLACED["changes class"].number, self.story.seed, PLACED["changes class"].role.trigger)
        drip.add_leads([replace(first, triggers=())])
        wanted = sequences()
        for sequence in wanted:
            drip.apply(sequence, beside=wanted)

    async def _look(self, now: datetime) -> bool:
        """Let the processor look, if it runs; return whether that may have made something else due."""
        out, back = self.story.outage
        if out <= now < back:
            return False
        report = await self.drip.tick_async()
        return bool(report.sent or report.failed or report.skipped)

    def _next(self, deeds: list[StoryEvent], posts_at: datetime, *, is_busy: bool) -> datetime:
        """Return when next there is something to do, to the whole `LOOK_EVERY` after the start."""
        now = self.clock.now()
        soon = [posts_at, *(deed.at for deed in deeds[-1:]), *filter(None, [self.drip.records.next_due()])]
        at = now if is_busy else min(soon)
        looks = (max(at, now + timedelta(microseconds=1)) - self.story.start) / LOOK_EVERY
        return self.story.start + ceil(looks) * LOOK_EVERY

    async def _be_cut_off(self) -> None:
        """Begin to send the last leads' messages, and end as a machine does that is switched off."""
        self.drip.add_leads(self.story.cut_off())
        self.cut_off = asyncio.ensure_future(self.drip.tick_async())
        await self._until(self.clock.now() + timedelta(seconds=CUT_OFF_AFTER))

    async def _until(self, instant: datetime) -> None:
        await self.clock.wait(asyncio.Event(), (instant - self.clock.now()).total_seconds())
