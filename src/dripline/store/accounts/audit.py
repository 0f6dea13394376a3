"""The log of what was changed by whom, and what was answered to which request."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dripline.core.views.audit import AuditEntry
from dripline.store.database.database import Database, instant
from dripline.store.enrollments.store import Store
from dripline.store.leads.forget import hashed

Act = Callable[[], tuple[int, str]]
"""Does what a request asks for; returns the status and the body of its answer."""

ANSWER_RETENTION = timedelta(hours=24)
"""How long a second copy of a request is known."""

NEWEST = 2**62
"""Above every id of the log."""


@dataclass(frozen=True, slots=True)
class StoredAnswer:
    """What was answered to a request: `fingerprint` is what it asked for."""

    fingerprint: str
    status: int = field(kw_only=True)
    body: str = field(kw_only=True)


class Audit:
    """Who changed what, on one database."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store

    def log(self, actor: str, deed: str, details: Mapping[str, str], now: datetime, lead_id: int | None = None) -> None:
        """Write down what somebody changed: in their transaction, where one is open."""
        with self._store.transaction():
            written = json.dumps(dict(details), ensure_ascii=False)
            self._database.change("log_deed", actor=actor, deed=deed, lead_id=lead_id, details=written, now=now)

    def deeds(self, before: int | None, limit: int) -> list[AuditEntry]:
        """Return what was changed before an entry, the latest first; the latest of all without one."""
        rows = self._database.run("audit_log", before=NEWEST if before is None else before, most=limit)
        return [
            AuditEntry(
                row["id"],
                at=instant(row["at"]),
                actor=row["actor"],
                deed=row["deed"],
                lead_id=row["lead_id"],
                details=json.loads(row["details"]),
            )
            for row in rows
        ]

    def once(self, actor: str, request_key: str, fingerprint: str, act: Act, now: datetime) -> StoredAnswer:
        """Act on a request and keep its answer, in one transaction; a second copy gets that, and changes nothing.

        `actor` is who asks, and not what they are called: two of one name may have other rights.
        """
        with self._store.transaction():
            self._database.change("forget_answers", since=now - ANSWER_RETENTION)
            which = {"actor": actor, "hashed_key": hashed(request_key)}
            known = {**which, "request_key": request_key}
            if not self._database.run("begin_answer", **known, fingerprint=fingerprint, now=now):
                row = self._database.run("answered_request", **known)[0]
                return StoredAnswer(row["fingerprint"], status=row["status"], body=row["body"])
            status, body = act()
            self._database.change("keep_answer", **which, status=status, body=body)
            return StoredAnswer(fingerprint, status=status, body=body)
