"""A clock that was ahead, and is right again, leaves nothing blocked: no instant is believed beyond its longest span.

Whatever says "not before" was written as so much after now. Where a machine's clock was wrong when it was written, it
would hold for as long as that clock was ahead: a lane for a month. What is counted rather than held (a cap's messages,
a lead's last ones) is passed over by whoever counts it.
"""

import logging
from datetime import datetime, timedelta

from dripline.core.events.event import REST_LIMIT
from dripline.core.senders.reply_only import COLD_LIMIT
from dripline.core.time.schedule import AHEAD
from dripline.store.database.database import Database
from dripline.store.enrollments.store import Store, keys

LONGEST_LEASE = timedelta(hours=1)
"""How long a lease, or a wait for the next look, holds at most; longer where a processor's own lease is longer."""

LONGEST_WAIT = timedelta(days=3)
"""How far ahead the next try of an event may be: as long as events are tried at all."""

_log = logging.getLogger("dripline.store")


class ClockAhead:
    """Finds and brings back what was written while a clock was ahead, on one database."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store

    def bring_back(self, now: datetime, lease: timedelta) -> bool:
        """Let nothing wait for a time that was never meant; returns whether anything did. It costs one look else."""
        bounds = {
            "soon": now + AHEAD,
            "longest_lease": now + max(LONGEST_LEASE, 2 * lease),
            "longest_cold": now + COLD_LIMIT + AHEAD,
            "longest_rest": now + REST_LIMIT + AHEAD,
        }
        if not self._database.run("is_ahead", **bounds):
            return False
        with self._store.transaction():
            freed = self._bring_back(now, now + lease, **bounds)
        _log.warning("clock.was_ahead lanes=%s: what it held up is asked again", ", ".join(freed) or "none")
        return True

    def _bring_back(self, now: datetime, lease_until: datetime, **bounds: datetime) -> list[str]:
        soon, longest_lease = bounds["soon"], bounds["longest_lease"]
        lanes = self._database.run("free_lanes_ahead", soon=soon, now=now)
        self._database.change("shorten_lane_leases", lease_until=lease_until, longest_lease=longest_lease)
        self._database.change("bring_senders_back", soon=soon, longest_cold=bounds["longest_cold"], now=now)
        self._database.change("bring_refusals_back", soon=soon, now=now)
        self._database.change("shorten_leases", lease_until=lease_until, longest_lease=longest_lease, now=now)
        moved = self._database.run("ask_rules_again", soon=soon, now=now)
        self._database.change("bring_moves_back", soon=soon, now=now)
        self._database.change("note_clock_moves", records=keys(row["id"] for row in moved), now=now)
        self._database.change("look_for_traces_now", longest_lease=longest_lease, now=now)
        self._database.change("end_rests_of_receivers", longest_rest=bounds["longest_rest"])
        self._database.change("bring_deliveries_back", longest_wait=now + LONGEST_WAIT + AHEAD, now=now)
        return [row["name"] for row in lanes]
