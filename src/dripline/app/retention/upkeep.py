"""What ended longer ago than the workspace keeps it is removed between the passes, some of it at a time."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from dripline.app.session import Session
from dripline.core.records.send_proof import ProofKey
from dripline.errors import DatabaseAway, DatabaseContended, DatabaseProblem
from dripline.store.conversations.messages_in import REMOVED_AT_ONCE
from dripline.store.retention.retention import ENTRIES_AT_ONCE

LOOK_EVERY = timedelta(hours=1)
"""How often a processor looks for what ended long ago, once it has found no more."""

BATCHES_A_PASS = 4
"""How many batches are removed before a pass: what is due waits for some 35 ms on a SQLite file."""

_log = logging.getLogger("dripline.retention")


class RetentionUpkeep:
    """Removes what ended long ago, on one session; one processor at a time does."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._looked_at: datetime | None = None
        self._going: Iterator[list[int]] | None = None

    def go_on(self, now: datetime) -> None:
        """Remove some of what ended long ago, where it is time to look for that; its failure fails no pass.

        Raises:
            DatabaseAway: The database cannot be used now.
        """
        is_early = self._looked_at is not None and timedelta(0) <= now - self._looked_at < LOOK_EVERY
        if self._going is None and is_early:
            return
        try:
            self._look(now)
        except Exception as problem:
            if isinstance(problem, DatabaseAway) and not isinstance(problem, DatabaseContended):
                raise
            # A database's own words for a row that it refuses may repeat the row.
            reason = problem if isinstance(problem, DatabaseProblem) else type(problem).__name__
            _log.error("retention.failed error=%s: tried again in an hour", reason)
            self._postpone(now)

    def _look(self, now: datetime) -> None:
        state = self._session.stores.workspaces.state()
        period, of_messages = state.workspace.retention, state.workspace.message_retention
        # A copy of a database is paused until a person has looked: nothing is removed from it either.
        if state.paused_at is not None or not self._session.stores.retention.look(now):
            self._postpone(now)
            return
        has_more = of_messages is not None and self._remove_messages(now - of_messages)
        if period is None:
            self._looked_at = None if has_more else now
            return
        key = self._session.application.proof_key()
        if key is None:
            _log.warning("retention.no_secret: set DRIPLINE_WEB_SECRET, proofs of messages are made with it")
            self._postpone(now)
            return
        self._remove(now, now - max(period, self._session.stores.retention.longest_gap()), key)
        if has_more:
            self._looked_at = None

    def _remove_messages(self, before: datetime) -> bool:
        """Remove a batch of what people wrote before an instant; returns whether there may be more of it."""
        removed = self._session.stores.messages_in.remove(before)
        if removed:
            _log.info("retention.removed messages=%d", removed)
        return removed >= REMOVED_AT_ONCE

    def _postpone(self, now: datetime) -> None:
        """Look again in an hour."""
        self._looked_at, self._going = now, None

    def _remove(self, now: datetime, before: datetime, key: ProofKey) -> None:
        retention, removed = self._session.stores.retention, 0
        self._going = retention.ended(before) if self._going is None else self._going
        for _ in range(BATCHES_A_PASS):
            page = next(self._going, None)
            if page is None:
                self._going = None
                break
            removed += retention.remove(page, before, key).records if page else 0
        entries = retention.remove_entries(before)
        if removed or entries:
            _log.info("retention.removed records=%d entries=%d", removed, entries)
        is_more = self._going is not None or entries >= ENTRIES_AT_ONCE
        self._looked_at = None if is_more else now
