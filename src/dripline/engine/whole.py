"""Work in a thread, which goes on whatever becomes of the task that waits for it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

Done = TypeVar("Done")


async def to_its_end(work: Awaitable[Done], undo: Callable[[Done], Awaitable[None]] | None = None) -> Done:
    """Return what some work in a thread returns; cancelled, wait for its end first, so that it is known to be done.

    `undo` is given what it returned where the task that waited is cancelled, and nobody else will have it.
    """
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        if undo is not None and not task.cancelled() and task.exception() is None:
            await undo(task.result())
        raise
