"""One connection: HTTP/1.1 as uvicorn speaks it, with an end to everything that a client can leave undone.

Whoever connects and says nothing, sends headers or a body a byte at a time, or does not read what is answered would
hold a connection, and with it a file of the process, for as long as they like.
"""

import asyncio
from enum import Enum, auto
from typing import Any

import h11
from typing_extensions import override
from uvicorn.config import Config
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.server import ServerState

from dripline.web.security.client_address import PROVED, client_of
from dripline.web.security.outside import Outside
from dripline.web.server.connection_limit import Room

HEADERS_WITHIN = 10.0
"""How long a request's headers may take, in seconds, from its first byte; from the beginning for the first request."""

BODY_PIECE = 65_536
"""How much of a body has to come within `BODY_WITHIN`, in bytes: what is slower is ended."""

BODY_WITHIN = 20.0
"""How long a piece of a body may take, or what is left of it, in seconds."""

IDLE_WITHIN = 65
"""How long a connection stays open for another request, in seconds. Proxies keep theirs for less."""

UNREAD_WITHIN = 30.0
"""How long a client may read nothing of what is written to it, in seconds."""

REST_WITHIN = 3.0
"""How long the rest of a body is let come, in seconds, that was answered already: its client reads no sooner."""

REST_LIMIT = 5 * 2**20
"""How much of such a rest is let come, in bytes."""


class _Phase(Enum):
    HEADERS = auto()
    BODY = auto()
    ANSWER = auto()
    REST = auto()
    CLOSING = auto()


WITHIN = {
    _Phase.HEADERS: HEADERS_WITHIN,
    _Phase.BODY: BODY_WITHIN,
    _Phase.REST: REST_WITHIN,
    _Phase.CLOSING: UNREAD_WITHIN,
}
"""What ends by itself; an answer takes as long as it takes."""


class RoomState(ServerState):
    """What all connections of a server share."""

    def __init__(self, room: Room, outside: Outside) -> None:
        super().__init__()
        self.room, self.outside = room, outside


class BoundedConnection(H11Protocol):
    """A connection that ends where its client does not get on."""

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        assert isinstance(server_state, RoomState)
        self._room, self._outside = server_state.room, server_state.outside
        self._phase = _Phase.HEADERS
        self._came = 0
        self._end: asyncio.TimerHandle | None = None
        self._unread: asyncio.TimerHandle | None = None

    @override
    def connection_made(self, transport: asyncio.Transport) -> None:
        super().connection_made(transport)
        host = self.client[0] if self.client else None
        if self._room.enter(self, client_of(host), is_proxy=self._outside.trusts(host)):
            self._end_within(WITHIN[_Phase.HEADERS])
        else:
            self.give_way()

    @override
    def connection_lost(self, exc: Exception | None) -> None:
        self._room.leave(self)
        self._end_within(None)
        self.resume_writing()
        super().connection_lost(exc)

    @override
    def data_received(self, data: bytes) -> None:
        self._came += len(data)
        super().data_received(data)
        self._look()

    @override
    def on_response_complete(self) -> None:
        if self.scope.get("state", {}).get(PROVED):
            self._room.prove(client_of(self.client[0] if self.client else None))
        super().on_response_complete()
        self._look(is_over=True)

    @override
    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self._look(is_over=True)

    @override
    def pause_writing(self) -> None:
        super().pause_writing()
        self._unread = self.loop.call_later(UNREAD_WITHIN, self.give_way)

    @override
    def resume_writing(self) -> None:
        super().resume_writing()
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    @override
    def shutdown(self) -> None:
        if self._phase is _Phase.BODY:
            # Nobody waits for the rest of what is not there yet.
            self.give_way()
        else:
            super().shutdown()

    def give_way(self) -> None:
        """Close at once, whatever is under way."""
        self.transport.abort()

    def _look(self, *, is_over: bool = False) -> None:
        """Look how far the connection is, after something came or a request is over, and set when it has to get on."""
        before, self._phase = self._phase, self._phase_now()
        if self._phase is _Phase.REST and self._came > REST_LIMIT:
            self.give_way()
        is_more = self._phase is _Phase.BODY and self._came >= BODY_PIECE
        is_first = self._phase is _Phase.HEADERS and self._end is None
        if self._phase is before and not (is_over or is_more or is_first):
            return
        self._came = 0
        self._room.got_on(self, waits=self._phase is not _Phase.ANSWER)
        if self._phase is _Phase.BODY and before is not _Phase.BODY:
            # Read on when somebody asks for it: what nobody asks for is held nowhere.
            self.flow.pause_reading()
        # Between two requests uvicorn's own timer runs.
        is_idle = self._phase is _Phase.HEADERS and is_over
        self._end_within(None if is_idle else WITHIN.get(self._phase))

    def _phase_now(self) -> _Phase:
        if self.transport.is_closing():
            return _Phase.CLOSING
        if self.conn.their_state is h11.IDLE:
            return _Phase.HEADERS
        is_answered = self.cycle is not None and self.cycle.response_complete  # type: ignore[redundant-expr]
        if self.conn.their_state is h11.SEND_BODY:
            return _Phase.REST if is_answered else _Phase.BODY
        return _Phase.ANSWER

    def _end_within(self, seconds: float | None) -> None:
        if self._end is not None:
            self._end.cancel()
        self._end = None if seconds is None else self.loop.call_later(seconds, self._is_late)

    def _is_late(self) -> None:
        if self._phase is _Phase.BODY and self.flow.read_paused:
            # It is we who are late.
            self._end_within(WITHIN[_Phase.BODY])
        else:
            self.give_way()
