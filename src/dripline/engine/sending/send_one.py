"""One message handed to a channel, whose faults are answers too, and what its answer leads to."""

import asyncio
import logging
from typing import cast

from dripline.channels.contract import Channel
from dripline.core.events.sanitize import sound
from dripline.core.explain import words
from dripline.core.messages.message import Message
from dripline.core.outcome import (
    ERROR_LIMIT,
    Accepted,
    Fail,
    HandBack,
    Outcome,
    Rejected,
    RetryLater,
    SenderUnavailable,
    Unknown,
    consequence,
)
from dripline.core.records.rules import Cancel, Skip
from dripline.core.safe_errors import wordless
from dripline.core.senders.lane import answer
from dripline.core.text import as_text
from dripline.engine.tasks import Timeout
from dripline.store.records.claimed import Claimed
from dripline.store.records.settle import Settlement

_OUTCOME_NAMES: dict[type[Outcome], str] = {
    Accepted: "accepted",
    RetryLater: "retry_later",
    Rejected: "rejected",
    SenderUnavailable: "sender_unavailable",
    Unknown: "unknown",
}

_log = logging.getLogger("dripline.batch")


async def send_one(channel: Channel, message: Message, time_limit: Timeout) -> Outcome:
    """Ask a channel to send one message. What it does against its contract is an unknown outcome, never a crash."""
    try:
        said = cast("object", await time_limit.wait_for(channel.send(message)))
    except TimeoutError:
        return Unknown(f"no answer within {time_limit.seconds:g} s")
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        return _raised(message, error)  # nobody cancelled us: the channel raised it by itself
    except Exception as error:  # noqa: BLE001  (the edge of a lane, as below)
        return _raised(message, error)
    if isinstance(said, Accepted) and isinstance(cast("object", said.provider_id), str) and not said.aliases:
        return said
    try:
        return sound(said)
    except Exception:  # noqa: BLE001  (what cannot be read is told by its kind)
        _log.error("channel.answered_nonsense record_id=%s answer=%s", message.record_id, type(said).__name__)
        return Unknown(f"the channel answered {type(said).__name__}, which is no outcome")


def _raised(message: Message, error: BaseException) -> Unknown:
    # The edge of a lane: a channel's bug must not stop the others, and the bytes may have left.
    try:
        _log.error("channel.raised record_id=%s", message.record_id, exc_info=wordless(error))
    except Exception:  # noqa: BLE001  (an error that cannot even be told)
        _log.error("channel.raised record_id=%s error=%s", message.record_id, type(error).__name__)
    return Unknown(f"the channel raised {type(error).__name__}")


def settlement_of(claimed: Claimed, outcome: Outcome, message: Message) -> Settlement:
    """Return what an answer leads to for its record."""
    facts = claimed.facts
    accepted = isinstance(outcome, Accepted)
    leads_to = consequence(
        outcome,
        record_id=facts.record_id,
        attempt=facts.attempt,
        failures=facts.failures,
        policy=claimed.policy,
    )
    return Settlement(
        claimed,
        outcome=_OUTCOME_NAMES[type(outcome)],
        consequence=leads_to,
        answer=answer(outcome, leads_to),
        provider_id=as_text(outcome.provider_id or "(none given)", ERROR_LIMIT) if accepted else None,
        error=None if accepted or not outcome.error else as_text(outcome.error, ERROR_LIMIT),
        text=message.text,
        aliases=outcome.aliases if isinstance(outcome, Accepted) else (),
    )


def not_sent(claimed: Claimed, decision: Fail | Skip | HandBack | Cancel) -> Settlement:
    """Return what becomes of a record that was not handed to its channel."""
    return Settlement(claimed, outcome="not_sent", consequence=decision, error=words(decision.reason))
