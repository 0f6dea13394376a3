"""A provider in a process of its own, over HTTP or SMTP, that answers what is drawn for the number in each message."""

import asyncio
import re
import sys
from collections import Counter
from contextlib import suppress
from itertools import count

from random_answers import Drawn, asked_again, http_answer, smtp_reply

NUMBER = re.compile(rb"number-(\d+)-")


class Provider:
    """Answers on one port; `silence` is how long the longest delay is, in seconds."""

    def __init__(self, channel: str, silence: float) -> None:
        self._channel, self._silence = channel, silence
        self._asked = Counter[int]()
        self._others = count(-1, -1)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer what comes by one connection."""
        with suppress(asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            await (self._over_smtp if self._channel == "smtp" else self._over_http)(reader, writer)
        writer.close()

    async def _over_http(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        is_going_on = True
        while is_going_on:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
            length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
            drawn = self._next(NUMBER.search(await reader.readexactly(length)))
            is_going_on = await _answer(writer, http_answer(self._channel, drawn, self._silence))

    async def _over_smtp(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        drawn, is_going_on = 0, await _answer(writer, self._reply("greeting", next(self._others)))
        while is_going_on and (line := await reader.readline()):
            stage = line[:4].decode("latin-1").upper()
            if stage == "RCPT":
                drawn = self._next(NUMBER.search(line))
            reply = self._reply(stage, drawn if stage == "RCPT" else next(self._others))
            is_going_on = await _answer(writer, reply)
            if is_going_on and stage == "DATA" and reply.raw.startswith(b"354"):
                await reader.readuntil(b"\r\n.\r\n")
                is_going_on = await _answer(writer, self._reply("content", drawn))

    def _next(self, found: re.Match[bytes] | None) -> int:
        """Return by which number the next answer to a message is drawn; to what is no message, by another each time."""
        number = int(found[1]) if found else next(self._others)
        self._asked[number] += 1
        return asked_again(number, self._asked[number])

    def _reply(self, stage: str, number: int) -> Drawn:
        return smtp_reply(stage, number, self._silence)


async def main(channel: str, silence: float) -> None:
    """Serve on a free port, which is printed, until killed."""
    provider = Provider(channel, silence)
    server = await asyncio.start_server(provider.serve, "127.0.0.1", 0, backlog=1024, limit=2**20)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


async def _answer(writer: asyncio.StreamWriter, answer: Drawn) -> bool:
    """Answer; returns whether the connection goes on."""
    await asyncio.sleep(answer.delay)  # noqa: TID251  (a process of its own, on real time)
    writer.write(answer.raw[: answer.cut_at])
    await writer.drain()
    return answer.cut_at is None and not answer.ends


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float(sys.argv[2])))
