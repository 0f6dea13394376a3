"""What is due and what holds it, counted lane by lane and place by place: its cost has a limit, whatever is due."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from dripline.core.queries.report import StatusGroup
from dripline.core.records.waiting import LATE_AFTER, ChannelQueue, Due, HeldPlace, LaneQueue, Waiting, waiting_for
from dripline.core.senders.lane import Lane
from dripline.core.senders.sender import SenderStatus
from dripline.store.database.database import Database, Row, instant_or_none
from dripline.store.operations.workers import is_at_work
from dripline.store.operations.workspace import Workspaces
from dripline.store.reasons import known_reason_of, reason_of
from dripline.store.records.claim_lanes import readable_lane
from dripline.store.reports.reporting import Counts, Reporting

COUNTED_OF_EACH = 10_000
"""Up to how many due messages of one sender, step or channel are counted."""

COUNTED_IN_ALL = 100_000
"""Up to how many of all senders together; each gets its share, and at least `FEWEST`."""

FEWEST = 100

MISSING_AFTER = timedelta(minutes=10)
"""How long something is due before its channel is taken for missing: another process may have it."""


class WaitingReport:
    """Says what is due and why it has not gone, on one database."""

    def __init__(self, database: Database, reporting: Reporting, workspaces: Workspaces) -> None:
        self._database = database
        self._reporting = reporting
        self._workspaces = workspaces

    def of(self, channels: Collection[str], now: datetime) -> Waiting:
        """Return everything that is due by what it waits for; `channels` are those that this process has."""
        with self._database.snapshot():
            counts = self._reporting.counts()
            state = self._workspaces.state()
            paused = reason_of(self._database.run("workspace")[0], "pause")
            due = Due(
                self._reporting.due(counts, now).many,
                since=self._reporting.due_since(now),
                has_processor=is_at_work(self._database, now),
                paused=paused,
                paused_since=state.paused_at,
                places=[] if paused else list(self._places(self._reporting.by_place(counts), now)),
                lanes=[] if paused else list(self._lanes(channels, now)),
                channels=[] if paused else list(self._channels(channels, now)),
            )
        return waiting_for(due, now)

    def _places(self, counts: Counts, now: datetime) -> Iterator[HeldPlace]:
        """Yield what is due of paused sequences and stopped steps; of steps with nothing active nothing is asked."""
        for row in self._database.run("held_places"):
            steps = [
                step
                for (sequence, step), count in counts.items()
                if sequence == row["sequence_id"] and count.get(StatusGroup.ACTIVE) and row["step"] in {0, step}
            ]
            by_sender: Counter[int | None] = Counter()
            for step in steps:
                by_sender.update(self._due_of_place(row, step, now))
            if by_sender:
                yield HeldPlace(
                    row["name"],
                    step=row["step"] or None,
                    since=instant_or_none(row["since"]),
                    reason=known_reason_of(row, "pause"),
                    by_sender=by_sender,
                    is_more=max(by_sender.values()) >= COUNTED_OF_EACH,
                )

    def _due_of_place(self, row: Row, step: int, now: datetime) -> Mapping[int | None, int]:
        found = self._database.run(
            "due_of_place",
            sequence_id=row["sequence_id"],
            step=step,
            step_id=row["step_id"],
            now=now,
            most=COUNTED_OF_EACH,
        )
        return {one["sender_id"]: one["many"] for one in found}

    def _lanes(self, channels: Collection[str], now: datetime) -> Iterator[LaneQueue]:
        senders = max(1, self._database.run("count_senders")[0]["many"])
        limit = min(COUNTED_OF_EACH, max(FEWEST, COUNTED_IN_ALL // senders))
        for row in self._database.run("lanes_waiting", now=now, most=limit):
            due_since = instant_or_none(row["due_since"])
            lease = instant_or_none(row["lease_until"])
            yield LaneQueue(
                row["id"],
                name=row["name"],
                channel=row["channel"],
                status=SenderStatus(row["status"]),
                held=reason_of(row),
                lane=_lane(row),
                count=row["many"],
                is_more=row["many"] >= limit,
                since=instant_or_none(row["since"]),
                due_since=due_since,
                is_sending=lease is not None and lease > now,
                is_missing=_is_missing(row["channel"], channels, due_since, now),
            )

    def _channels(self, channels: Collection[str], now: datetime) -> Iterator[ChannelQueue]:
        rows = self._database.run("channels_waiting", now=now, late=now - LATE_AFTER, most=COUNTED_OF_EACH)
        is_more = sum(row["seen"] for row in rows) >= COUNTED_OF_EACH
        for row in rows:
            due_since = instant_or_none(row["due_since"])
            yield ChannelQueue(
                row["channel"],
                count=row["many"],
                late=row["late"],
                is_more=is_more,
                due_since=due_since,
                rest_until=instant_or_none(row["rest_until"]),
                rest_reason=reason_of(row),
                is_missing=_is_missing(row["channel"], channels, due_since, now),
            )


def _lane(row: Row) -> Lane | None:
    lane = readable_lane(row)
    return None if lane is None else replace(lane, wait_reason=reason_of(row, "wait"))


def _is_missing(channel: str, channels: Collection[str], due_since: datetime | None, now: datetime) -> bool:
    return channel not in channels and due_since is not None and due_since < now - MISSING_AFTER
