"""The turns of one batch: which of their records are still in flight, and what their lanes make of the answers."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime

from dripline.core.lane import Answer, Change, Lane, end_turn
from dripline.store.claiming import Claimed
from dripline.store.settle import Settlement


class OpenTurns:
    """Keeps the answers of each turn until its last one is there."""

    def __init__(self, lanes: Mapping[int, Lane], records: Iterable[Claimed]) -> None:
        self._lanes = dict(lanes)
        self._missing = Counter(record.sender_id for record in records if record.sender_id is not None)
        self._answers: dict[int, list[Answer]] = {lane: [] for lane in lanes}

    @property
    def lanes(self) -> list[int]:
        """The lanes whose turns are not over."""
        return list(self._lanes)

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
