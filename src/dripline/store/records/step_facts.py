"""What all records of a step have in common, as a claim needs it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dripline.core.sequences.content import Content
from dripline.store.content import read_content
from dripline.store.database.database import Row
from dripline.store.rows import Bounds, bounds_of, strings_of


@dataclass(frozen=True, slots=True)
class StepFacts:
    """What all records of a step have in common."""

    bounds: Bounds
    sequence: str = field(kw_only=True)
    channel: str = field(kw_only=True)
    variables: Mapping[str, str] = field(kw_only=True)
    message: str = field(kw_only=True)
    subject: str | None = field(kw_only=True)
    content: Content = field(kw_only=True)


def read_step(row: Row) -> StepFacts | None:
    """Read a step; None if somebody wrote what is no content or window into it or its sequence."""
    try:
        return _step(row)
    except (ValueError, TypeError, LookupError, AttributeError):
        return None


def _step(row: Row) -> StepFacts:
    content = read_content(row["content"])
    own = content.variants.get(row["channel"])
    return StepFacts(
        bounds_of(row),
        sequence=row["sequence"],
        channel=row["channel"],
        variables=strings_of(row["variables"]),
        message=row["message"] if own is None else own.message,
        subject=row["subject"] if own is None else own.subject,
        content=content,
    )
