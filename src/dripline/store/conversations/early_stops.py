"""Stops of people whom nobody knows yet: kept until the provider tells whose id it was, and then theirs."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dripline.core.reason import Reason, ReasonCode
from dripline.store.database.database import Database
from dripline.store.enrollments.store import Store

WAITS_FOR = timedelta(days=30)
"""How long a stop waits for its person: as long as a body is known again that told of it."""


@dataclass(frozen=True, slots=True)
class EarlyStop:
    """What somebody asked before they were known as a lead."""

    lead_id: int
    phone: str | None = field(kw_only=True)
    email: str | None = field(kw_only=True)
    code: ReasonCode = field(kw_only=True)
    said: str = field(kw_only=True)

    @property
    def reason(self) -> Reason:
        """Why they are suppressed, or held."""
        return Reason.of(self.code, text=self.said)


class EarlyStops:
    """Keeps and finds them, on one database. Call inside a transaction."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store

    def keep(self, channel: str, user_id: str, reason: Reason, now: datetime) -> None:
        """Keep what somebody asked; the last word counts."""
        self.drop(channel, user_id)
        said = str(reason.facts.get("text", ""))
        self._database.change(
            "keep_early_stop", channel=channel, user_id=user_id, code=str(reason.code), said=said, now=now
        )

    def drop(self, channel: str, user_id: str) -> None:
        """Take back what somebody asked."""
        self._database.change("drop_early_stop", channel=channel, user_id=user_id)

    def take_known(self, channel: str) -> list[EarlyStop]:
        """Return the stops of those who are known by now, each this once."""
        found = self._database.run("known_early_stops", channel=channel)
        for row in found:
            self.drop(channel, row["user_id"])
        return [
            EarlyStop(
                row["lead_id"],
                phone=row["phone"],
                email=row["email"],
                code=ReasonCode(row["code"]),
                said=row["said"],
            )
            for row in found
        ]

    def let_go(self, now: datetime) -> None:
        """Forget those that stayed nobody's."""
        with self._store.transaction():
            self._database.change("let_go_early_stops", before=now - WAITS_FOR)
