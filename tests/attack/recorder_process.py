"""A provider in a process of its own: answers as Twilio does, and writes down what it takes before it answers."""

import asyncio
import json
import sys
import time
from pathlib import Path
from urllib.parse import parse_qs


async def main(log: Path) -> None:
    """Serve on a free port, which is printed, until killed."""
    with log.open("a", buffering=1) as taken:

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            number = 0
            try:
                while form := await _form(reader):
                    number += 1
                    told = {"at": time.time(), "to": form["To"][0], "text": form["Body"][0]}  # noqa: TID251  (real time)
                    taken.write(json.dumps(told) + "\n")
                    body = json.dumps({"sid": f"SM{id(writer):x}{number}", "status": "queued"}).encode()
                    head = (
                        f"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
                    )
                    writer.write(head.encode() + body)
                    await writer.drain()
            except (asyncio.IncompleteReadError, ConnectionError):
                pass
            writer.close()

        server = await asyncio.start_server(serve, "127.0.0.1", 0, backlog=1024)
        sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
        sys.stdout.flush()
        await server.serve_forever()


async def _form(reader: asyncio.StreamReader) -> dict[str, list[str]]:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
    return parse_qs((await reader.readexactly(length)).decode())


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
