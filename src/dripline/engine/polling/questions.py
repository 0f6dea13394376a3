"""Questions to channels: each has a time limit, a few are asked at once, and a channel that raises says nothing."""

import asyncio
import logging
from collections.abc import Awaitable, Coroutine, Iterable
from datetime import timedelta
from typing import TypeVar

from dripline.core.safe_errors import wordless
from dripline.core.senders.health import Unsure
from dripline.engine.tasks import Timeout

ASKED_AT_ONCE = 5
"""How many questions are under way at once, by kind."""

QUESTION_TIMEOUT = timedelta(seconds=45)
"""How long a channel may take over one question; a check is up to three exchanges."""

READING_TIMEOUT = timedelta(minutes=10)
"""How long a channel may take to read all chats of one account."""

Answer = TypeVar("Answer")

_log = logging.getLogger("dripline.rounds")


async def asked(question: Awaitable[Answer], limit: timedelta = QUESTION_TIMEOUT) -> Answer | Unsure:
    """Return what a channel answers; what it does against its contract says nothing."""
    with Timeout(limit.total_seconds()) as time_limit:
        try:
            return await time_limit.wait_for(question)
        except TimeoutError:
            return Unsure(f"no answer within {time_limit.seconds:g} s")
        except Exception as error:  # noqa: BLE001  (the edge of a loop: a channel's bug stops nothing)
            _log.error("question.raised", exc_info=wordless(error))
            return Unsure(f"the channel raised {type(error).__name__}")


async def each(questions: Iterable[Coroutine[None, None, Answer]]) -> list[Answer]:
    """Return the answers to questions in their order, a few of which are asked at once."""
    slots = asyncio.Semaphore(ASKED_AT_ONCE)

    async def in_turn(question: Coroutine[None, None, Answer]) -> Answer:
        async with slots:
            return await question

    # Each in a task of its own, since a Timeout belongs to a task.
    return list(await asyncio.gather(*(in_turn(question) for question in questions)))
