"""How a channel rests that gave out, as far as messages go by it without a sender; a sender's lane keeps its own rest.

It breaks as a lane does: after so many messages in a row that were not taken, or one answer that says that the account
cannot send. When its rest is over one message is tried, by one worker, and if that is taken everything goes on.
"""

from dataclasses import dataclass, field
from datetime import datetime

from dripline.core.reason import Reason


@dataclass(frozen=True, slots=True)
class ChannelRest:
    """What is known of a channel that is not well.

    `failures`: messages in a row that were not taken; `trips`: how often it broke since it was last well; `until`: when
    it is tried again, None as long as it has not broken.
    """

    failures: int = field(default=0, kw_only=True)
    trips: int = field(default=0, kw_only=True)
    until: datetime | None = field(default=None, kw_only=True)
    reason: Reason | None = field(default=None, kw_only=True)


WELL = ChannelRest()
