"""What stands: due records that would go if nothing were paused, for saying what happens when it goes on."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

from dripline.core.records.backlog import Standing
from dripline.core.records.rules import Rules, turn_away
from dripline.store.database.database import Database, Row, instant
from dripline.store.enrollments.store import keys
from dripline.store.records.claim import Claiming, Recent
from dripline.store.records.claimed import calendar_time

PAGE = 1_000
"""How many due records are read at a time."""

LONG_AGO = datetime(1, 1, 1, tzinfo=UTC)


class StandingRecords:
    """Reads what stands, on one database. Writes and locks nothing."""

    def __init__(self, database: Database, claiming: Claiming) -> None:
        self._database = database
        self._claiming = claiming

    def of_all(self, sequence: str | None, sender: str | None, now: datetime) -> Iterator[Standing]:
        """Yield what is due, and would go if nothing were paused of what is named: everything where nothing is.

        What is paused for itself is left out. Reads a page at a time, all as of one instant.
        """
        with self._database.snapshot():
            yield from self._standing(self._pages(sequence, sender, now), now)

    def of_leads(self, leads: Iterable[int], sequence: str | None, now: datetime) -> Iterator[Standing]:
        """Yield what is due of leads, and would go if they were not paused, in one sequence or all."""
        with self._database.snapshot():
            found = self._database.run("standing_of_leads", leads=keys(leads), sequence=sequence, now=now)
            yield from self._standing([keys(row["id"] for row in found)], now)

    def _pages(self, sequence: str | None, sender: str | None, now: datetime) -> Iterator[dict[str, None]]:
        """Yield the ids of what is due, a page at a time, what is due for longest first."""
        after_time, after_id = LONG_AGO, 0
        while page := self._database.run(
            "standing",
            after_time=after_time,
            after_id=after_id,
            sequence=sequence,
            sender=sender,
            # What is paused with everything is not resumed by naming something else.
            by_nothing=int(sequence is None and sender is None),
            now=now,
            page=PAGE,
        ):
            yield keys(row["id"] for row in page)
            after_time, after_id = instant(page[-1]["next_trigger_time"]), page[-1]["id"]

    def _standing(self, pages: Iterable[dict[str, None]], now: datetime) -> Iterator[Standing]:
        recent: Recent = {}
        for records in pages:
            # What goes of a lead on an earlier page counts on a later one.
            asked = self._claiming.asked(map(int, records), now, before=recent)
            recent = asked.recent
            following: dict[int, list[datetime]] = {}
            for row in self._database.run("following", records=records):
                following.setdefault(row["enrollment_id"], []).append(instant(row["next_trigger_time"]))
            for row in asked.rows:
                yield _standing(row, asked.rules[row["id"]], recent, following, now)


def _standing(row: Row, rules: Rules, recent: Recent, following: dict[int, list[datetime]], now: datetime) -> Standing:
    """Read what stands; one that goes counts for the gap and the cap of those of its lead that come after it."""
    rules = replace(rules, pause_reason=None, recent=tuple(recent.get(row["lead_id"], ())))
    if row["lead_id"] in recent and turn_away(rules, now) is None:
        recent[row["lead_id"]].append(now)
    return Standing(
        rules,
        calendar_time=calendar_time(row),
        is_paced=row["sender_id"] is not None,
        following=following.get(row["enrollment_id"], ()),
    )
