"""What ended longer ago than the workspace keeps it is removed between the passes, some of it at a time."""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from dripline.app.session import Session

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

    def postpone(self, now: datetime) -> None:
        """Look again in an hour: by a clock that jumped ahead, what ended yesterday ended long ago."""
        self._looked_at, self._going = now, None

    def go_on(self, now: datetime) -> None:
        """Remove some of what ended long ago, where it is time to look for that."""
        is_early = self._looked_at is not None and timedelta(0) <= now - self._looked_at < LOOK_EVERY
        if self._going is None and is_early:
            return
        period = self._session.stores.workspaces.state().workspace.retention
        if period is None:
            self._looked_at, self._going = now, None
            return
        key = self._session.application.proof_key()
        if key is None:
            _log.warning("retention.no_secret: set DRIPLINE_WEB_SECRET, proofs of messages are made with it")
            self._looked_at = now
            return
        before, retention = now - period, self._session.stores.retention
        self._going = retention.ended(before) if self._going is None else self._going
        removed = 0
        for _ in range(BATCHES_A_PASS):
            page = next(self._going, None)
            if page is None:
                self._going = None
                break
            removed += retention.remove(page, before, key).records
        more = retention.remove_entries(before)
        if removed or more:
            _log.info("retention.removed records=%d entries=%d", removed, more)
        self._looked_at = None if self._going is not None else now
