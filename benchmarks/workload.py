"""The work that is measured: leads with a trigger, a sequence of four steps twelve hours apart, a channel that accepts.

The channel does nothing but answer, so that what is measured is dripline and its database.
"""

from collections.abc import Sequence as Listing
from datetime import UTC, datetime, timedelta

from dripline import Accepted, Dripline, Message, NewLead, Sequence, Step

AT = datetime(2026, 1, 1, tzinfo=UTC)
"""When everybody is enrolled, on the clock that the benchmarks set."""

WAIT = timedelta(hours=12)

TRIGGER = "WARMEXAMA"

CHANNEL = "accepts"
"""The channel's name."""

TEXTS = (
    "Hi {{ name }}, thank you for asking about EXAMA!",
    "{{ name }}, this is how EXAMA works.",
    "What other mothers say about EXAMA, {{ name }}.",
    "{{ name }}, your EXAMA offer ends tonight.",
)

NAME = "Aina"

BATCH = 10_000
"""How many leads are added in one transaction."""


class Accepts:
    """A channel that accepts everything at once."""

    address_kind = "any"

    async def send(self, message: Message) -> Accepted:
        """Accept."""
        return Accepted(f"accepted-{message.record_id}")


def warm(channel: str = "console", senders: Listing[str] = ()) -> Sequence:
    """Return the sequence, on a channel, by senders or pools of them."""
    steps = [Step(text, WAIT if place else "0s") for place, text in enumerate(TEXTS)]
    return Sequence("Warm EXAMA", trigger=TRIGGER, channel=channel, senders=senders, steps=steps)


def lead(number: int) -> NewLead:
    """Return the lead of a number, of up to ten million."""
    return NewLead(f"6012{number:07d}", name=NAME, triggers=(TRIGGER,))


def add_leads(drip: Dripline, leads: int) -> None:
    """Add so many leads to an open database."""
    for start in range(0, leads, BATCH):
        drip.add_leads([lead(number) for number in range(start, min(start + BATCH, leads))])
