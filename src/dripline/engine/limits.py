"""The engine's limits, named in one place. The defaults suit a shop; tests and simulations shorten them."""

from dataclasses import dataclass, field
from datetime import timedelta

from dripline.core.senders.lane import BREAK_AFTER


@dataclass(frozen=True, slots=True)
class Limits:
    """How much at once, and how long.

    `batch`: the most records that one claim takes. `send_timeout`: how long a channel may take over one message before
    its outcome is taken as unknown. `lease`: how long a claim holds unless it is renewed. `sender_pause`: how long a
    channel rests after its sender was unavailable and did not say until when. `settle_again`: how long to wait before
    answers are tried to be written again; `last_tries`: for how long, once the process is to end.
    `posts`: how many bodies that providers posted are taken in before a pass, and `posts_for` how long at most that may
    take, beside those that stop somebody.
    `break_after`: how many messages in a row that are not taken break a channel, where they go without a sender.
    """

    batch: int = field(default=500, kw_only=True)
    send_timeout: timedelta = field(default=timedelta(seconds=30), kw_only=True)
    lease: timedelta = field(default=timedelta(minutes=5), kw_only=True)
    sender_pause: timedelta = field(default=timedelta(minutes=1), kw_only=True)
    settle_again: timedelta = field(default=timedelta(seconds=1), kw_only=True)
    break_after: int = field(default=BREAK_AFTER, kw_only=True)
    posts: int = field(default=200, kw_only=True)
    posts_for: timedelta = field(default=timedelta(milliseconds=250), kw_only=True)
    last_tries: timedelta = field(default=timedelta(seconds=10), kw_only=True)
