"""What is known of a record when its message is made."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dripline.core.leads.lead import Lead
from dripline.core.sequences.content import Media, Template


@dataclass(frozen=True, slots=True)
class Facts:
    """What the claim read about a record, in the transaction that claimed it. `template`: it has to go as this one.

    `follows`: what its provider calls the messages of its run so far, `thread` the subject of the first.
    """

    record_id: int
    attempt: int = field(kw_only=True)
    to: str | None = field(kw_only=True)
    lead: Lead = field(kw_only=True)
    sequence: str = field(kw_only=True)
    failures: int = field(default=0, kw_only=True)
    sender: str | None = field(default=None, kw_only=True)
    account: str | None = field(default=None, kw_only=True)
    variables: Mapping[str, str] = field(kw_only=True)
    position: int = field(kw_only=True)
    message: str = field(kw_only=True)
    subject: str | None = field(kw_only=True)
    media: Media | None = field(default=None, kw_only=True)
    template: Template | None = field(default=None, kw_only=True)
    html: str | None = field(default=None, kw_only=True)
    follows: tuple[str, ...] = field(default=(), kw_only=True)
    thread: str | None = field(default=None, kw_only=True)
