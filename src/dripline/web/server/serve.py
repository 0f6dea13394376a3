"""Serves an ASGI app, alone or beside something else on the same event loop."""

import asyncio
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from starlette.types import ASGIApp
from typing_extensions import override

from dripline.engine.event_loop import stopped_by_signals
from dripline.errors import InvalidSettings
from dripline.web.security.outside import NOWHERE, Outside
from dripline.web.server.connection import IDLE_WITHIN, BoundedConnection, RoomState
from dripline.web.server.connection_limit import Room, connections_allowed

WAITING = 1_024
"""How many connections may wait to be accepted."""

ACCEPTED_AT_ONCE = 32
"""How many are accepted before anything else is done: each is a file until it is known whether there is room for it."""


def listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens; port 0 is any that is free.

    Raises:
        InvalidSettings: The address cannot be had.
    """
    try:
        return socket.create_server((host, port), backlog=WAITING)
    except OSError as error:
        raise InvalidSettings(
            f"Nothing can be served on {host} port {port} ({error.strerror}): choose others with --host and --port."
        ) from error


@asynccontextmanager
async def served(app: ASGIApp, place: socket.socket, outside: Outside = NOWHERE) -> AsyncGenerator[None]:
    """Serve an app on a listening socket until the block ends; what is being answered then is answered."""
    config = uvicorn.Config(
        app,
        http=BoundedConnection,
        ws="none",
        proxy_headers=False,
        log_config=None,
        access_log=False,
        lifespan="off",
        backlog=ACCEPTED_AT_ONCE,
        timeout_keep_alive=IDLE_WITHIN,
        timeout_graceful_shutdown=5,
    )
    server = _Server(config, RoomState(Room(connections_allowed()), outside))
    serving = asyncio.create_task(server.serve(sockets=[place]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving


async def serve(
    app: ASGIApp, place: socket.socket, beside: Callable[[asyncio.Event], Awaitable[None]], outside: Outside = NOWHERE
) -> None:
    """Serve an app on a listening socket until Ctrl-C, SIGTERM or SIGHUP, or until what is done beside it ends.

    `beside` is given the event that ends it.
    """
    stop = asyncio.Event()
    with stopped_by_signals(stop.set):
        async with served(app, place, outside):
            await beside(stop)


class _Server(uvicorn.Server):
    """Has room for so many connections, and leaves signals to whoever serves: what ends the processor ends it too."""

    def __init__(self, config: uvicorn.Config, state: RoomState) -> None:
        super().__init__(config)
        self.server_state = state

    @override
    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for place in sockets or ():
            # asyncio takes one number for how many it accepts at once and for how many may wait to be accepted.
            place.listen(WAITING)

    @override
    @contextmanager
    def capture_signals(self) -> Generator[None]:
        yield
