"""A database that was put back from a backup: it is seen where it can be, and nothing is sent a second time unasked.

A pass counter is kept in the database and, for SQLite, in a small file beside it, under the database's own identity: a
file that knows of fewer passes than its neighbour was put back. A PostgreSQL is known by its server's identifier, its
own oid and that of one of its tables: a copy elsewhere does not share them, nor what pg_restore made in the same place.
A process that goes on while its database is put back knows by itself how many passes there were.
"""

import json
import os
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from dripline.core.reason import Reason, ReasonCode, reason_in_facts
from dripline.core.views.records import Suspects
from dripline.errors import DatabaseProblem
from dripline.private_files import mode_of
from dripline.store.database.database import Database, Row, instant, instant_or_none
from dripline.store.database.transactions import keys
from dripline.store.reasons import reason_of, stored

WORKER = "nobody: a backup was put back"
"""Whose the tries are that may have been made since the backup."""

LEAP = 1_000_000
"""How many passes a copy is said to have more: other processes, which had counted further, do not find it once more."""

BEFORE = "paused_before"
"""The fact of a copy's pause that holds the one before it."""

SUFFIX = "-passes"
"""What the name of the file ends with that is kept beside a SQLite file."""


class PassCounter:
    """Counts passes over one database, and sees when it knows of fewer than there were."""

    def __init__(self, database: Database, new_identity: str) -> None:
        self._database = database
        self._new_identity = new_identity
        path = Path(f"{database.label}{SUFFIX}")
        self._counted: tuple[str | None, int] = (None, 0)
        self._mode: int | None = None
        self._beside = path if database.dialect.name == "sqlite" and database.label != ":memory:" else None

    def count(self, now: datetime) -> tuple[bool, datetime | None]:
        """Count a pass; returns whether this is a copy, put back or elsewhere, and when its last pass was."""
        # Before the transaction: a role that may not ask for it would spoil that.
        system = self._system()
        with self._database.transaction():
            row = self._database.run("passes")[0]
            known = row["identity"]
            identity = system or known or self._first_identity()
            counted = self._counted_of(identity)
            is_copy = not _is_same(known, identity) or row["passes"] < counted
            passes = max(row["passes"], counted) + (LEAP if is_copy else 1)
            self._database.change("count_pass", identity=identity, passes=passes, now=now)
            if is_copy:
                # In the same transaction: a copy that was seen and is not paused would send again.
                self._database.change("pause_copy", **stored(_copied(row)), now=now)
        # After the commit: a crash between the two leaves the file behind, which is no copy's sign.
        self._keep(identity, passes)
        return is_copy, instant_or_none(row["passed_at"])

    def settle(self) -> bool:
        """Note that a person said what becomes of the copy; returns whether it had been seen to be one.

        Processes that counted passes before it was put back do not find it afterwards.
        """
        with self._database.transaction():
            self._database.change("leap_passes", leap=LEAP)
            return bool(self._database.run("settle_copy"))

    def _system(self) -> str | None:
        """Return what PostgreSQL calls this database, if it says."""
        if self._database.dialect.name != "postgresql":
            return None
        with suppress(DatabaseProblem):
            return str(self._database.run("system")[0]["identity"])
        return None

    def _first_identity(self) -> str | None:
        """Return what a database is called that has no name yet; a PostgreSQL's own name is asked of its server."""
        return None if self._beside is None else self._new_identity

    def _counted_of(self, identity: str | None) -> int:
        """Return how many passes of this very database are known outside it: to this process, or the file beside it."""
        here = self._counted[1] if self._counted[0] == identity else 0
        return max(here, 0 if self._beside is None else _passes_beside(self._beside, identity))

    def _keep(self, identity: str | None, passes: int) -> None:
        self._counted = (identity, passes)
        if self._beside is not None and identity is not None:
            with suppress(OSError), open(self._beside, "w", encoding="utf-8", opener=self._open_beside) as file:
                file.write(json.dumps({"identity": identity, "passes": passes}))

    def _open_beside(self, path: str, flags: int) -> int:
        """Open the file beside, which whoever may read the database may read, and nobody else."""
        self._mode = mode_of(self._database.label) if self._mode is None else self._mode
        return os.open(path, flags, self._mode)


def _copied(row: Row) -> Reason:
    """Return why a copy is paused, with the pause that somebody had given before."""
    last, before = instant_or_none(row["passed_at"]), reason_of(row, "pause")
    if before is not None:
        before = before.facts.get(BEFORE) if before.code is ReasonCode.DATABASE_COPIED else before.as_json()
    at = None if last is None else f"{last:%Y-%m-%d %H:%M:%S} UTC"
    return Reason.of(ReasonCode.DATABASE_COPIED, last_pass=at, **{BEFORE: before})


def paused_before(reason: Reason) -> Reason | None:
    """Return the pause that stood when a copy was seen, if any did."""
    return reason_in_facts(reason, BEFORE) if reason.code is ReasonCode.DATABASE_COPIED else None


def _is_same(known: str | None, identity: str | None) -> bool:
    """Whether a database is the one that it was; earlier versions knew only the beginning of a PostgreSQL's name."""
    return known is None or known == identity or str(identity).startswith(f"{known}:")


def _passes_beside(path: Path, identity: str | None) -> int:
    """Return how many passes a file beside a database knows of that database; none where it is another one's."""
    try:
        noted = json.loads(path.read_text(encoding="utf-8"))
        return int(noted["passes"]) if noted["identity"] == identity else 0
    except (OSError, ValueError, KeyError, TypeError):
        return 0


def count_suspects(database: Database, now: datetime) -> Suspects:
    """Count what may have gone since a backup; nothing is changed."""
    row = database.run("count_suspects", now=now)[0]
    return Suspects(row["records"], current=row["current"])


def suspect_all(database: Database, since: datetime | None, now: datetime) -> int:
    """Leave everything unknown that may have gone since a backup, of that instant if it is known. Inside a transaction.

    What comes later in an enrollment becomes unknown when it is next. Returns how many records wait for a person now.
    """
    database.change("write_all_begun")
    database.change("suspect_later", now=now)
    suspects = [row["id"] for row in database.run("take_suspects", worker=WORKER, now=now)]
    return _lose(database, suspects, now, since)


def suspect(database: Database, records: list[int], now: datetime) -> None:
    """Leave suspected records unknown that have become next to go. Call in the transaction that activated them."""
    suspects = database.run("take_suspected", records=keys(records), worker=WORKER, now=now)
    _lose(database, [row["id"] for row in suspects], now)


def suspect_followers(database: Database, ended: dict[str, None], last_enrollment: int, now: datetime) -> None:
    """Leave unknown what may have gone of runs that begin since suspected records were settled, but for sent again.

    The end of the run had the same effects before, if it came: they begin when it was due, and what was due by the
    instant of the suspicion waits for a person. Call in the transaction that begins them.
    """
    followers: dict[str, dict[str, int]] = {}
    for row in database.run("begun_after_suspects", ended=ended, last_enrollment=last_enrollment):
        was_due = instant(row["was_due"])
        seconds = int((instant(row["suspected_at"]) - was_due).total_seconds())
        if seconds >= 0:
            followers[str(row["id"])] = {"seconds": seconds, "shift": int((was_due - now).total_seconds())}
    if followers:
        database.change("begin_followers_earlier", followers=followers)
        marked = database.run("suspect_followers", followers=followers, now=now)
        suspect(database, [row["id"] for row in marked], now)


def _lose(database: Database, records: list[int], now: datetime, since: datetime | None = None) -> int:
    if records:
        database.change("write_suspected", records=keys(records), now=now)
        of = None if since is None else f"{since:%Y-%m-%d %H:%M} UTC"
        suspected = Reason.of(ReasonCode.BACKUP_RESTORED, of=of)
        database.change("lose_suspects", records=keys(records), worker=WORKER, **stored(suspected))
    return len(records)
