"""A provider in a process of its own: takes one JSON line per message, writes down what it accepted, then answers.

It writes before it answers, so that what it accepted is known from outside whatever happens to whoever asked. It takes
its time on both sides of that, so that a killed worker leaves messages that were accepted and others that never were.
"""

import asyncio
import json
import sys
import time
from pathlib import Path

DELAY = 0.05
"""How long it thinks before it accepts a message, and again before it answers, in seconds."""


async def main(log: Path, address: str = "127.0.0.1") -> None:
    """Serve on a free port of an address, which is printed, until killed."""
    with log.open("a", buffering=1) as accepted:

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            while line := await _line(reader):
                message = json.loads(line)
                await asyncio.sleep(DELAY)  # noqa: TID251  (a process of its own, on real time)
                accepted.write(json.dumps(message | {"at": time.time()}) + "\n")  # noqa: TID251  (as above)
                await asyncio.sleep(DELAY)  # noqa: TID251
                writer.write(f"{message['record_id']}\n".encode())
                await writer.drain()
            writer.close()

        server = await asyncio.start_server(serve, address, 0)
        sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
        sys.stdout.flush()
        await server.serve_forever()


async def _line(reader: asyncio.StreamReader) -> bytes:
    """Read a message; nothing, where the worker was killed."""
    try:
        return await reader.readline()
    except ConnectionError:
        return b""


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), *sys.argv[2:]))
