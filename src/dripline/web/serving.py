"""Serves an ASGI app, alone or beside something else on the same event loop."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from starlette.types import ASGIApp
from typing_extensions import override

from dripline.engine.signals import stopped_by_signals
from dripline.errors import InvalidSettings


def listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens; port 0 is any that is free.

    Raises:
        InvalidSettings: The address cannot be had.
    """
    try:
        return socket.create_server((host, port), backlog=1_024)
    except OSError as error:
        raise InvalidSettings(
            f"Nothing can be served on {host} port {port} ({error.strerror}): choose others with --host and --port."
        ) from error


@asynccontextmanager
async def served(app: ASGIApp, place: socket.socket) -> AsyncGenerator[None]:
    """Serve an app on a listening socket until the block ends; what is being answered then is answered."""
    server = _Server(
        uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=5)
    )
    serving = asyncio.create_task(server.serve(sockets=[place]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving


async def serve(app: ASGIApp, place: socket.socket, beside: Callable[[asyncio.Event], Awaitable[None]]) -> None:
    """Serve an app on a listening socket until Ctrl-C, SIGTERM or SIGHUP, or until what is done beside it ends.

    `beside` is given the event that ends it.
    """
    stop = asyncio.Event()
    with stopped_by_signals(stop.set):
        async with served(app, place):
            await beside(stop)


class _Server(uvicorn.Server):
    """Leaves signals to whoever serves: one that ends the processor ends the server with it."""

    @override
    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield
