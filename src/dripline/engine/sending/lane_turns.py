"""The turns of one batch: which of their records are still in flight, and what their lanes make of the answers."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from dripline.core.senders.lane import Answer, Change, Lane, end_turn, is_breaking, streak_after
from dripline.store.records.claimed import Claimed
from dripline.store.records.settle import Settlement


class LaneTurns:
    """Keeps the answers of each turn until its last one is there."""

    def __init__(self, lanes: Mapping[int, Lane], records: Iterable[Claimed]) -> None:
        self._lanes = dict(lanes)
        self._missing = Counter(record.sender_id for record in records if record.sender_id is not None)
        self._answers: dict[int, list[Answer]] = {lane: [] for lane in lanes}
        self._streaks = {sender: lane.failures for sender, lane in lanes.items()}
        self._broken = set[int]()

    @property
    def lanes(self) -> list[int]:
        """The lanes whose turns are not over."""
        return list(self._lanes)

    def hear(self, lane: int, answer: Answer) -> None:
        """Hear an answer as it comes: whatever of its turn has not left by then may be too much."""
        self._streaks[lane] = streak_after(self._streaks[lane], answer)
        is_trying = lane in self._lanes and self._lanes[lane].is_trying
        if is_breaking(self._streaks[lane], answer, is_trying=is_trying):
            self._broken.add(lane)

    def is_broken(self, lane: int) -> bool:
        """Return whether a turn is over before its end: its sender gave out."""
        return lane in self._broken

    def take(self, settlements: Iterable[Settlement], now: datetime) -> list[Change]:
        """Take answers in, and return how the lanes go on whose turns these end. `now` is exact, not rounded."""
        over: list[Change] = []
        for settlement in settlements:
            lane = settlement.claimed.sender_id
            if lane is None:
                continue
            self._answers[lane].append(settlement.answer)
            self._missing[lane] -= 1
            if self._missing[lane] == 0:
                over.append(end_turn(self._lanes.pop(lane), self._answers.pop(lane), now))
        return over
