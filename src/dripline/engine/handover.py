"""One message handed to a channel, whose faults are answers too."""

import logging
from typing import cast

from dripline.channels.contract import Channel
from dripline.core.model import Message
from dripline.core.outcome import Outcome, Unknown
from dripline.engine.patience import Patience

_log = logging.getLogger("dripline.batch")


async def hand_over(channel: Channel, message: Message, patience: Patience) -> Outcome:
    """Ask a channel to send one message. What it does against its contract is an unknown outcome, never a crash."""
    try:
        answer = cast("object", await patience.wait_for(channel.send(message)))
    except TimeoutError:
        return Unknown(f"no answer within {patience.seconds:g} s")
    except Exception as error:  # noqa: BLE001  (the edge of a lane, as below)
        # The edge of a lane: a channel's bug must not stop the others, and the bytes may have left.
        _log.exception("channel.raised record_id=%s", message.record_id)
        return Unknown(f"the channel raised {type(error).__name__}")
    if isinstance(answer, Outcome):
        return answer
    _log.error("channel.answered_nonsense record_id=%s answer=%s", message.record_id, type(answer).__name__)
    return Unknown(f"the channel answered {type(answer).__name__}, which is no outcome")
