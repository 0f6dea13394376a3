"""What other processes tell by NOTIFY, on a connection of its own."""

import asyncio
from collections.abc import Callable

import psycopg

from dripline.store.database.wire import CONNECT_TIMEOUT, patient

ASKED_EVERY = 30
"""How often a connection that is quiet is asked whether it still leads anywhere, in seconds."""


async def listen(url: str, wake: Callable[[], None]) -> None:
    """Call `wake` for every notification, until cancelled.

    Raises:
        psycopg.OperationalError: The connection was lost, or leads nowhere any more.
    """
    async with await psycopg.AsyncConnection.connect(patient(url), autocommit=True) as connection:
        await _asked(connection, b"LISTEN dripline")
        # What was committed before the first LISTEN took hold made no sound here.
        wake()
        while True:
            async for _ in connection.notifies(timeout=ASKED_EVERY):
                wake()
            await _asked(connection, b"SELECT 1")


async def _asked(connection: psycopg.AsyncConnection, statement: bytes) -> None:
    """Run a statement that is answered at once where anybody is there."""
    try:
        async with asyncio.timeout(CONNECT_TIMEOUT):
            await connection.execute(statement)
    except TimeoutError:
        raise psycopg.OperationalError("nothing comes over the connection that listens") from None
