"""One message handed to a channel, whose faults are answers too."""

import asyncio
import logging
from typing import cast

from dripline.channels.contract import Channel
from dripline.core.events.sound import sound
from dripline.core.messages.message import Message
from dripline.core.outcome import Accepted, Outcome, Unknown
from dripline.core.wordless import wordless
from dripline.engine.tasks import Timeout

_log = logging.getLogger("dripline.batch")


async def send_one(channel: Channel, message: Message, time_limit: Timeout) -> Outcome:
    """Ask a channel to send one message. What it does against its contract is an unknown outcome, never a crash."""
    try:
        answer = cast("object", await time_limit.wait_for(channel.send(message)))
    except TimeoutError:
        return Unknown(f"no answer within {time_limit.seconds:g} s")
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        return _raised(message, error)  # nobody cancelled us: the channel raised it by itself
    except Exception as error:  # noqa: BLE001  (the edge of a lane, as below)
        return _raised(message, error)
    if isinstance(answer, Accepted) and isinstance(cast("object", answer.provider_id), str) and not answer.aliases:
        return answer
    try:
        return sound(answer)
    except Exception:  # noqa: BLE001  (what cannot be read is told by its kind)
        _log.error("channel.answered_nonsense record_id=%s answer=%s", message.record_id, type(answer).__name__)
        return Unknown(f"the channel answered {type(answer).__name__}, which is no outcome")


def _raised(message: Message, error: BaseException) -> Unknown:
    # The edge of a lane: a channel's bug must not stop the others, and the bytes may have left.
    try:
        _log.error("channel.raised record_id=%s", message.record_id, exc_info=wordless(error))
    except Exception:  # noqa: BLE001  (an error that cannot even be told)
        _log.error("channel.raised record_id=%s error=%s", message.record_id, type(error).__name__)
    return Unknown(f"the channel raised {type(error).__name__}")
