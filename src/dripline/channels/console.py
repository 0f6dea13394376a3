"""The console channel: prints each message. For trying things out, and for the demo."""

import asyncio
import select
import sys
from typing import TextIO

from dripline.channels.capabilities import Capabilities
from dripline.core.messages.message import Message
from dripline.core.outcome import Accepted, Outcome, SenderUnavailable
from dripline.core.sequences.content import MediaKind

READER_TIMEOUT = 10.0
"""How long to wait until the reader takes what was printed before, in seconds."""


class ConsoleChannel:
    """Prints each message on one line to `stream` (standard output unless given) and accepts it.

    What the stream's encoding lacks is printed as escapes. A stream that cannot be written is tried no more: a message
    that it took half of would be printed again. `problem` then says what is wrong with it.
    """

    # It prints one after the other: few wait for room in a pipe, since a kill leaves unknown whatever has begun.
    capabilities = Capabilities(media=frozenset(MediaKind), sends_at_once=10)

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream
        self._room = _Room()
        self.problem: str | None = None

    async def send(self, message: Message) -> Outcome:
        """Print the message. Its provider id is made of the record and the attempt."""
        stream: TextIO | None = self._stream or sys.stdout
        if stream is None:
            self.problem = "there is no output to print to"
            return SenderUnavailable(self.problem)
        if not await self._room.wait(stream):
            return SenderUnavailable("nobody reads what is printed")
        shown = "" if message.media is None else f"[{message.media.kind} {message.media.url}] "
        self._print(stream, f"→ {message.to}  {message.sequence}, step {message.step}: {shown}{message.text}")
        if self.problem is not None:
            return SenderUnavailable(self.problem)
        return Accepted(f"console-{message.record_id}-{message.attempt}")

    def _print(self, stream: TextIO, line: str) -> None:
        if self.problem is not None:
            return
        encoding = getattr(stream, "encoding", None) or "utf-8"
        try:
            # Flushed, since what is only kept to be printed later may never be.
            print(line.encode(encoding, "backslashreplace").decode(encoding), file=stream, flush=True)
        except (OSError, ValueError) as error:
            self.problem = f"the output cannot be written ({getattr(error, 'strerror', None) or error})"


class _Room:
    """Waits until a pipe or a terminal takes a line: to print into a full one would hold up everything, the end too."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._opened = asyncio.Event()

    async def wait(self, stream: TextIO) -> bool:
        """Return whether the stream takes a line, at once or before the timeout."""
        try:
            place = stream.fileno()
        except (OSError, ValueError, AttributeError):
            return True
        if _has_room(place):
            return True
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(READER_TIMEOUT):
                while not _has_room(place):
                    await self._next(loop, place).wait()
        except TimeoutError:
            return False
        return True

    def _next(self, loop: asyncio.AbstractEventLoop, place: int) -> asyncio.Event:
        """Return what is set when there is room again, for all that wait on this event loop."""
        if self._loop is not loop or self._opened.is_set():
            self._loop, self._opened = loop, asyncio.Event()
            loop.add_writer(place, self._open, loop, place)
        return self._opened

    def _open(self, loop: asyncio.AbstractEventLoop, place: int) -> None:
        loop.remove_writer(place)
        self._opened.set()


def _has_room(place: int) -> bool:
    if not hasattr(select, "poll"):
        return True  # Windows: there nobody can ask
    asked = select.poll()
    asked.register(place, select.POLLOUT)
    return bool(asked.poll(0))
