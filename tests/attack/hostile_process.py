"""Strangers in a process of their own: connections that never end, and bodies that nobody asked for.

Each of `CLIENTS` addresses holds its share of the connections: heads that are half sent, bodies that come a byte at a
time, and connections on which nothing is asked. One that the server closes comes again after `AGAIN` seconds.
"""

import asyncio
import sys
from collections.abc import Awaitable, Callable

Act = Callable[[asyncio.StreamReader, asyncio.StreamWriter, int], Awaitable[None]]

CLIENTS = 40
AGAIN = 5.0
BODY = 100_000_000
PIECE = b"a" * 65_536
PATHS = (
    "/api/v1/leads",
    "/api/v1/plan",
    "/login",
    "/hooks/sms",
    "/intake/x",
    "/welcome/x",
    "/settings",
    "/api/v1/imports",
)
KINDS = ("application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x")


async def main(port: int, connections: int) -> None:
    """Do harm until killed."""
    async with asyncio.TaskGroup() as group:
        for number in range(connections):
            group.create_task(_again(_held, port, number))
        for number in range(len(PATHS) * len(KINDS)):
            group.create_task(_again(_flooding, port, number))


async def _again(act: Act, port: int, number: int) -> None:
    while True:
        try:
            reader, writer = await asyncio.open_connection(
                "127.0.0.1", port, local_addr=(f"127.0.1.{1 + number % CLIENTS}", 0)
            )
            try:
                await act(reader, writer, number)
            finally:
                writer.close()
        except OSError:
            pass
        await asyncio.sleep(AGAIN)  # noqa: TID251  (a process of its own, on real time)


async def _held(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> None:
    """Hold a connection as long as the server lets it."""
    match number % 4:
        case 0 | 1:
            writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nX-A: ")
        case 2:
            writer.write(b"POST /login HTTP/1.1\r\nHost: x\r\nContent-Length: 60000\r\n\r\n")
            while not reader.at_eof() and not writer.is_closing():
                writer.write(b"a")
                await writer.drain()
                await asyncio.sleep(1)  # noqa: TID251
            return
        case _:
            pass
    await writer.drain()
    while await reader.read(65_536):
        pass


async def _flooding(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> None:
    """Post a body of 100 MB, as much of it as is taken."""
    path, kind = PATHS[number % len(PATHS)], KINDS[number // len(PATHS)]
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\nContent-Length: {BODY}\r\n\r\n"
    writer.write(head.encode())
    for _ in range(BODY // len(PIECE)):
        if reader.at_eof() or writer.is_closing():
            return
        writer.write(PIECE)
        await writer.drain()
    await reader.read(65_536)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
