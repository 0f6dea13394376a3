"""A message as a channel is handed it."""

from dataclasses import dataclass, field

from dripline.core.leads.lead import Lead
from dripline.core.sequences.content import Media, Template


@dataclass(frozen=True, slots=True)
class Message:
    """A step's text rendered for one lead: what a channel is asked to send.

    `to` is the address that the channel speaks to, `step` the number of the step, `attempt` counts from 1.
    `record_id` is unique over all dripline databases, so that a receiver may take it as an idempotency key. `sender`
    names the sender whose lane it goes by, if it goes by one, and `account` is what its provider calls that sender.
    `failures` are the tries before this one that failed. `html` says the same as `text`, for channels that show it.
    `media` is to be shown above the text. `template`, where there is one, is what has to go: the channel takes free
    text only to those who wrote lately, and this lead did not.
    """

    to: str
    text: str = field(kw_only=True)
    subject: str | None = field(default=None, kw_only=True)
    html: str | None = field(default=None, kw_only=True)
    record_id: int = field(kw_only=True)
    attempt: int = field(kw_only=True)
    failures: int = field(default=0, kw_only=True)
    lead: Lead = field(kw_only=True)
    sequence: str = field(kw_only=True)
    step: int = field(kw_only=True)
    sender: str | None = field(default=None, kw_only=True)
    account: str | None = field(default=None, kw_only=True)
    media: Media | None = field(default=None, kw_only=True)
    template: Template | None = field(default=None, kw_only=True)
    follows: tuple[str, ...] = field(default=(), kw_only=True)
