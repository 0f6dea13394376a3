"""What went before a record in its run, for channels whose messages refer to each other."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from dripline.store.content import read_content
from dripline.store.database.database import Database, Row
from dripline.store.enrollments.store import keys


@dataclass(frozen=True, slots=True)
class Thread:
    """What providers call the messages of a run so far, in their order, and the subject of the first, a template."""

    messages: tuple[str, ...] = ()
    subject: str | None = field(default=None, kw_only=True)


NOTHING = Thread()
"""Nothing went before."""


def threads_of(database: Database, rows: Iterable[Row], channel: str) -> dict[int, Thread]:
    """Return what went before claimed records, by record; those of which nothing did are left out."""
    later = keys(row["id"] for row in rows if row["current_step"] > 1)
    found: dict[int, Thread] = {}
    for row in database.run("thread_before", records=later) if later else ():
        before = found.get(row["id"])
        subject = _subject(row, channel) if before is None else before.subject
        messages = () if before is None else before.messages
        found[row["id"]] = Thread((*messages, row["provider_id"]), subject=subject)
    return found


def _subject(row: Row, channel: str) -> str | None:
    try:
        own = read_content(row["content"]).variants.get(channel)
    except (ValueError, TypeError, LookupError, AttributeError):
        return None  # somebody wrote what is no content into an earlier step
    return row["subject"] if own is None else own.subject
