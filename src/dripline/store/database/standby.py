"""How far a standby is behind its primary."""

from datetime import timedelta
from typing import LiteralString

from dripline.store.database.database import Database

_BEHIND: LiteralString = """
SELECT CASE
  WHEN NOT pg_is_in_recovery() THEN 0
  WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() AND EXISTS (SELECT FROM pg_stat_wal_receiver) THEN 0
  ELSE greatest(0, extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp()))
END AS seconds
"""
"""None where it replays what no clock stood beside. One that hears of no primary is as old as what it heard last."""


def behind(database: Database) -> timedelta | None:
    """Return by how much a standby is behind: zero where it has all, or is none; None where nobody knows."""
    found = database.script(_BEHIND)[0]["seconds"]
    return None if found is None else timedelta(seconds=float(found))
