"""The event loop that programs run on: everywhere one on which PostgreSQL's driver can listen."""

import asyncio
import sys
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run something on an event loop of its own, as `asyncio.run` does."""
    with asyncio.Runner(loop_factory=loop_factory(sys.platform)) as runner:
        return runner.run(main)


def loop_factory(platform: str) -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return what makes the event loop on a platform; None for its usual one.

    On Windows that one would be a proactor, with which psycopg waits for nothing.
    """
    return asyncio.SelectorEventLoop if platform == "win32" else None
