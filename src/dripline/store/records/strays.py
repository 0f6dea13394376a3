"""Records that were claimed for a channel, and go by another sender or through another channel by now."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from dripline.core.reason import Reason, ReasonCode
from dripline.core.records.rules import LOOK_AGAIN, Wait
from dripline.store.database.database import Row


@dataclass(frozen=True, slots=True)
class Stray:
    """It goes by another sender, or through another channel, than the one that claimed it."""


def find_strays(
    rows: Iterable[Row], channels: Mapping[int, str], channel: str, now: datetime
) -> dict[int, Wait | Stray]:
    """Return which of the records claimed for `channel` it must not send; `channels` is the channel of each step.

    What goes by another sender by now is left to that one. Where the sender speaks through another channel than its
    sequence, the record waits: no channel is ever asked to send to another one's kind of address.
    """
    strays: dict[int, Wait | Stray] = {}
    for row in rows:
        own = channels[row["sequence_stepid"]]
        if row["sender_id"] != row["enrollment_sender"]:
            strays[row["id"]] = Stray()
        elif row["sender_channel"] not in {None, own}:
            strays[row["id"]] = Wait(now + LOOK_AGAIN, reason=Reason.of(ReasonCode.WRONG_CHANNEL))
        elif channel != own:
            strays[row["id"]] = Stray()
    return strays
