"""What a provider says of an account of ours, as it is kept for operators: by the thing that it is about."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import IntEnum

from dripline.core.events.inbound import AccountNotice, TemplateChanged

SHOWN_FOR = {1: timedelta(hours=20), 2: timedelta(days=7)}
"""For how long a notice of a weight is shown: news is told once, and what waits for a person each day of a week."""


class Weight(IntEnum):
    """How much a notice asks of an operator."""

    KNOWN = 0
    NEWS = 1
    WARNING = 2


@dataclass(frozen=True, slots=True)
class Noticed:
    """A notice. A later one of the same subject takes its place."""

    subject: str
    text: str = field(kw_only=True)
    weight: Weight = field(kw_only=True)


def noticed(event: TemplateChanged | AccountNotice) -> Noticed:
    """Return what an event is kept as."""
    if isinstance(event, TemplateChanged):
        weight = Weight.KNOWN if event.is_usable else Weight.WARNING
        return Noticed(event.subject, text=event.text, weight=weight)
    what = event.what.replace("_", " ")
    text = f"{what}: {event.text}" if event.text else what
    return Noticed(
        f"{event.what} {event.subject}".strip(), text=text, weight=Weight.NEWS if event.is_good else Weight.WARNING
    )
