"""What providers say of accounts of ours, on one database: the latest of each thing."""

from datetime import datetime

from dripline.core.alerts import Alert, provider_notice
from dripline.core.events.notice import SHOWN_FOR, Noticed, Weight
from dripline.core.text import as_text
from dripline.store.database.database import Database

TEXT_LIMIT = 500
"""How much of a subject and of what is told is kept, in characters."""


class Notices:
    """Notes what is told, and finds what is still worth showing. Call inside a transaction."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def note(self, channel: str, notice: Noticed, at: datetime, now: datetime) -> bool:
        """Keep a notice of an instant; False if a later one of the same thing is known, which stays."""
        stored = self._database.run(
            "note_notice",
            channel=channel,
            subject=as_text(notice.subject, TEXT_LIMIT),
            told=as_text(notice.text, TEXT_LIMIT),
            weight=int(notice.weight),
            told_at=at,
            now=now,
        )
        return bool(stored)

    def settle(self, channel: str, notice: Noticed) -> None:
        """Show a notice no more: something else shows what it led to."""
        self._database.change("settle_notice", channel=channel, subject=as_text(notice.subject, TEXT_LIMIT))

    def alerts(self, now: datetime) -> list[Alert]:
        """Return what operators are to be shown now."""
        rows = self._database.run(
            "notices", news_since=now - SHOWN_FOR[Weight.NEWS], since=now - SHOWN_FOR[Weight.WARNING]
        )
        return [provider_notice(row["id"], row["channel"], row["told"], str(row["told_at"])) for row in rows]
