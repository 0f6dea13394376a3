"""Hours that never meet: a sender that is silent whenever the window of a lead is open would wait for ever.

Said in the plan of a sequence for whoever may start it, and found afterwards among what waits for longer than a day.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from collections.abc import Sequence as Listing
from datetime import datetime, timedelta
from itertools import product

from dripline.core.alerts import Alert, silent_hours
from dripline.core.senders.sender import Pace, Sender
from dripline.core.sequences.sequence import Sequence
from dripline.core.time.hours import never_meet, step_hours
from dripline.core.time.lead_zone import lead_zones
from dripline.core.time.send_window import SendWindow
from dripline.store.database.database import Database, Row
from dripline.store.rows import shown_pace_of, zone_or_none
from dripline.store.window_column import window_of

OVERDUE = timedelta(days=1)
"""How long a message waits before its hours are looked at."""

LOOKED_AT = 10_000
"""At how many of a sender's messages that are due next."""


class MeetingHours:
    """Finds hours of leads and senders that never meet, on one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def notes(self, wanted: Sequence, coming: Iterable[Sender], now: datetime) -> Iterator[str]:
        """Yield which senders of a sequence are silent whenever a window of its leads is open, with how many leads.

        `coming` are senders that are applied before it.
        """
        yield from self._notes(wanted, self._senders(wanted, coming), now)

    def notes_of_sender(self, wanted: Sender, sequences: Iterable[Sequence], now: datetime) -> Iterator[str]:
        """Yield of which sequences a sender, as it will be, is silent whenever a window of their leads is open."""
        if wanted.pace.window is None:
            return
        for sequence in sequences:
            if {wanted.name, wanted.pool} & {*sequence.senders}:
                for note in self._notes(sequence, [wanted], now):
                    yield f"{sequence.name}: {note}"

    def _notes(self, wanted: Sequence, senders: Iterable[Sender], now: datetime) -> Iterator[str]:
        windows = dict.fromkeys(filter(None, (step.hours_within(wanted.hours) for step in wanted.steps)))
        silent = [sender for sender in senders if sender.pace.window is not None]
        leads = self._leads_by_zone(wanted) if windows and silent else Counter[tuple[str, ...]]()
        for sender, window, zones in product(silent, windows, leads):
            if _is_silent(sender.pace, window, zones, now):
                whose = "1 lead" if leads[zones] == 1 else f"{leads[zones]} leads"
                yield f"{_silence(sender.name, sender.pace, window, zones)}, and never reaches {whose} there"

    def alerts(self, now: datetime) -> list[Alert]:
        """Return which sequences have messages that wait for hours which never come."""
        found: dict[tuple[str, str], Counter[str]] = {}
        workspace = self._workspace_zone()
        for sender in self._database.run("paces"):
            pace = shown_pace_of(sender["pace"])
            for place in self._overdue(sender["id"], now) if pace.window is not None else ():
                window = step_hours(window_of(place["step_window"]), window_of(place["time_window"]))
                zones = _zones(place, zone_or_none(place["sequence_zone"]), workspace)
                if window is not None and _is_silent(pace, window, zones, now):
                    counts = found.setdefault((str(place["sequence_id"]), place["sequence"]), Counter())
                    counts[_silence(sender["name"], pace, window, zones)] += place["many"]
        return [silent_hours(of, name, counts) for (of, name), counts in found.items()]

    def _overdue(self, sender_id: int, now: datetime) -> list[Row]:
        return self._database.run("overdue_places", sender_id=sender_id, before=now - OVERDUE, most=LOOKED_AT)

    def _senders(self, wanted: Sequence, coming: Iterable[Sender]) -> Listing[Sender]:
        """Return the senders that a sequence reaches, as they will be."""
        stored = [
            Sender(row["name"], channel=wanted.channel, pool=row["pool"], pace=shown_pace_of(row["pace"]))
            for row in self._database.run("paces")
        ]
        known = {sender.name: sender for sender in (*stored, *coming)}
        return [sender for sender in known.values() if {sender.name, sender.pool} & {*wanted.senders}]

    def _leads_by_zone(self, wanted: Sequence) -> Counter[tuple[str, ...]]:
        """Count the leads that have the trigger of a sequence by the zones that they may be in."""
        leads, workspace = Counter[tuple[str, ...]](), self._workspace_zone()
        for row in self._database.run("places_of_trigger", trigger=wanted.trigger):
            leads[_zones(row, wanted.zone, workspace)] += row["many"]
        return leads

    def _workspace_zone(self) -> str:
        return zone_or_none(self._database.run("workspace")[0]["zone"]) or "UTC"


def _zones(row: Row, sequence: str | None, workspace: str) -> tuple[str, ...]:
    return lead_zones(lead=zone_or_none(row["zone"]), phone=row["phone"], sequence=sequence, workspace=workspace)


def _silence(name: str, pace: Pace, window: SendWindow, zones: tuple[str, ...]) -> str:
    """Say that a sender is silent whenever a window is open, naming both."""
    where = zones[0] if len(zones) == 1 else f"all {len(zones)} zones of a phone"
    return f"{name} is silent ({pace.quiet} {pace.zone}) whenever the window {window} of {where} is open"


def _is_silent(pace: Pace, window: SendWindow, zones: tuple[str, ...], now: datetime) -> bool:
    """Return whether a sender's quiet hours cover every opening of a window that has some."""
    if pace.window is None or not never_meet(window, zones, pace.window, now):
        return False
    return not never_meet(window, zones, None, now)
