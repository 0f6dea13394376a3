"""Senders whose credentials cannot be used are paused with the reason, and go on when they can be again."""

import logging
from datetime import datetime, timedelta

from dripline.app.credentials.connected import Standing
from dripline.app.session import Session
from dripline.core.reason import ReasonCode
from dripline.core.senders.health import Health, Unwell, Well
from dripline.store.senders.account_checks import Account

HELD_FOR_CREDENTIAL = frozenset({ReasonCode.CREDENTIAL_LOCKED, ReasonCode.CREDENTIAL_UNUSABLE})
"""Why a sender is held whose credential cannot be used."""

LET_GO_EVERY = timedelta(minutes=1)
"""How often it is looked for senders that another processor holds, and whose credentials can be used here."""

_log = logging.getLogger("dripline.credentials")


class CredentialHolds:
    """Holds and lets go, for a processor; whoever only looks at the database pauses nobody."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._stores = session.stores
        self._seen: dict[str, Standing] = {}
        self._let_go_at: datetime | None = None

    def let_go(self) -> None:
        """Let those go on, every minute, whose credentials can be used here, and which another processor holds.

        One that has no key, or an older one, holds a sender once, and would hold it for good.
        """
        now = self._session.now()
        if self._let_go_at is not None and timedelta(0) <= now - self._let_go_at < LET_GO_EVERY:
            return
        self._let_go_at = now
        usable = {name for name, one in self._session.application.connected.standing.items() if one.problem is None}
        if not usable:
            return
        states = self._stores.senders.all(now)
        held = {one.sender.name for one in states if one.reason_code in HELD_FOR_CREDENTIAL}
        found: dict[Account, Health] = {one: Well() for one in self._stores.credentials.accounts(usable & held)}
        self._note(found, now)

    def look(self) -> None:
        """Hold the senders whose credentials turned out to be of no use, and let those go on that can be used again."""
        if not self._session.application.has_connected:
            return
        standing = dict(self._session.application.connected.standing)
        new = {name: one for name, one in standing.items() if self._seen.get(name) != one}
        if not new:
            return
        now = self._session.now()
        states = {state.sender.name: state for state in self._stores.senders.all(now)}
        found = dict[Account, Health]()
        for account in self._stores.credentials.accounts(new):
            problem = new[account.sender].problem
            if problem is not None:
                found[account] = Unwell(problem.text, has_credential=True, is_locked=problem.is_locked)
            elif states[account.sender].reason_code in HELD_FOR_CREDENTIAL:
                found[account] = Well()
        self._note(found, now)
        self._seen = standing

    def _note(self, found: dict[Account, Health], now: datetime) -> None:
        for turned in self._stores.watching.note_health(found, now):
            _log.warning("sender.%s sender=%s reason=%s", turned.event, turned.sender, turned.reason.code)
