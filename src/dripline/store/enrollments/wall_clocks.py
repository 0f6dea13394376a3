"""Waits in days keep the leads' wall clocks: who enrolls where clocks change within a calendar has it moved by that.

Records are written by one statement, as if no clocks changed. Then the places of the newcomers are read, by zone and
first digits: most of the world costs that one look.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from dripline.core.time.lead_zone import is_country_of_one_zone, lead_zone
from dripline.core.time.schedule import Wait
from dripline.core.time.wall_clock import shifts
from dripline.store.database.database import Database, Row

_SECOND = timedelta(seconds=1)

Version = tuple[int, int]


class WallClocks:
    """Moves records to the wall clocks of their leads, on one database. Call all of it inside a transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def set_newcomers(self, last_enrollment: int, enrolled_at: datetime) -> None:
        """Move the records of whoever enrolled above an id, all of them at one instant."""
        places = self._database.run("newcomers_by_place", last_enrollment=last_enrollment)
        if not places:
            return
        waits = {version: self._waits(*version) for version in {_version(place) for place in places}}
        moving = [place for place in places if _may_move(place, waits[_version(place)], enrolled_at)]
        if moving:
            self._move(self._of(moving, last_enrollment), waits, enrolled_at)

    def _of(self, places: Iterable[Row], last_enrollment: int) -> list[Row]:
        """Return the newcomers of places, one by one."""
        given = {
            str(at): {
                "sequence": place["sequence_id"],
                "version": place["version"],
                "zone": place["zone"],
                "digits": place["digits"],
            }
            for at, place in enumerate(places)
        }
        return self._database.run("newcomers_of_places", places=given, last_enrollment=last_enrollment)

    def _move(self, newcomers: Iterable[Row], waits: dict[Version, tuple[Wait, ...]], enrolled_at: datetime) -> None:
        enrollments: dict[str, dict[str, str]] = {}
        later: dict[str, dict[str, str | int]] = {}
        known: dict[str, bool] = {}
        for row in newcomers:
            zone = _zone(row, row["phone"])
            place = f"{row['sequence_id']}:{row['version']}:{zone}"
            if place not in known:
                found = _shifts(place, waits[_version(row)], enrolled_at, zone)
                known[place] = bool(found)
                later |= found
            if known[place]:
                enrollments[str(row["id"])] = {"place": place}
        if enrollments:
            self._database.change("shift_records", enrollments=enrollments, shifts=later)

    def _waits(self, sequence_id: int, version: int) -> tuple[Wait, ...]:
        rows = self._database.run("waits_of_version", sequence_id=sequence_id, version=version)
        return tuple(Wait(timedelta(seconds=row["after_seconds"]), calendar_days=row["after_days"]) for row in rows)


def _version(row: Row) -> Version:
    return row["sequence_id"], row["version"]


def _zone(row: Row, phone: str | None) -> str:
    return lead_zone(lead=row["zone"], phone=phone, sequence=row["sequence_zone"], workspace=row["workspace_zone"])


def _may_move(place: Row, waits: tuple[Wait, ...], enrolled_at: datetime) -> bool:
    """Return whether clocks change for newcomers of a place, or each has to be asked where it is."""
    digits = place["digits"]
    if place["zone"] is None and digits is not None and not is_country_of_one_zone(digits):
        return True
    return any(shifts(enrolled_at, waits, _zone(place, digits)))


def _shifts(place: str, waits: tuple[Wait, ...], enrolled_at: datetime, zone: str) -> dict[str, dict[str, str | int]]:
    """Return what a place's steps come later, those that do."""
    return {
        f"{place}:{position}": {"place": place, "position": position, "seconds": by // _SECOND}
        for position, by in enumerate(shifts(enrolled_at, waits, zone), start=1)
        if by
    }
