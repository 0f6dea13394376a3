"""How a standby is connected to, and how far it is behind its primary."""

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


def standby_url(url: str) -> str:
    """Return the URL of a standby with what it leaves open: any server will do, and little time to connect.

    The primary answers instead, so that nobody needs to wait for long.
    """
    from dripline.store.database.wire import CONNECT_SOONER, given

    ours = {"connect_timeout": str(CONNECT_SOONER), "target_session_attrs": "any"}
    added = "&".join(f"{key}={value}" for key, value in ours.items() if not given(url, key))
    return f"{url}{'&' if '?' in url else '?'}{added}" if added else url
