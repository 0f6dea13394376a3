"""A worker in a process of its own, on real time, with leases short enough for a test."""

import asyncio
import json
import logging
import sys
from datetime import timedelta
from pathlib import Path

from dripline import Accepted, Dripline, Limits, Message, Outcome, RetryLater, SystemClock, Unknown

LIMITS = Limits(
    batch=50,
    send_timeout=timedelta(seconds=1),
    lease=timedelta(seconds=4),
    settle_again=timedelta(milliseconds=200),
)


class Wire:
    """Speaks to the provider process over a few connections, one message at a time on each."""

    sends_at_once = 25

    def __init__(self, port: int) -> None:
        self._port = port
        self._idle: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def send(self, message: Message) -> Outcome:
        """Hand one message over. Once the line has been written, silence means that it may have been taken."""
        try:
            reader, writer = self._idle.pop() if self._idle else await asyncio.open_connection("127.0.0.1", self._port)
        except OSError as error:
            return RetryLater(str(error), after=timedelta(seconds=1))
        writer.write(
            json.dumps({"record_id": message.record_id, "step": message.step, "to": message.to}).encode() + b"\n"
        )
        try:
            await writer.drain()
            answer = await reader.readline()
        except OSError as error:
            return Unknown(str(error))
        if not answer:
            return Unknown("the provider hung up")
        self._idle.append((reader, writer))
        return Accepted(answer.decode().strip())


def set_wrong(offset: Path) -> None:
    """Let this machine's clock be wrong by as many seconds as a file says, at any time."""
    right = SystemClock.now
    SystemClock.now = lambda self: right(self) + timedelta(seconds=float(offset.read_text() or 0))


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr)
    url, port, kind, *offsets = sys.argv[1:]
    for offset in offsets:
        set_wrong(Path(offset))
    limits = LIMITS if kind == "hurried" else Limits()
    with Dripline(url, channels={"console": Wire(int(port))}, limits=limits) as drip:
        drip.run(poll=timedelta(milliseconds=200))
