"""The provider's posts in a process of its own: so many a second, each signed."""

import asyncio
import base64
import hmac
import json
import sys
import time
from collections import Counter
from urllib.parse import urlencode

CONNECTIONS = 50
HOOK = "https://example.com/hooks/sms"


class Posts:
    """What was posted, and how it was answered."""

    def __init__(self, port: int, secret: str, per_second: float) -> None:
        self.port, self.secret, self.each = port, secret.encode(), CONNECTIONS / per_second
        self.number, self.answers, self.waits = 0, Counter[str](), list[float]()

    def next_post(self) -> bytes:
        """Return the next one, as bytes on the wire."""
        self.number += 1
        sender = f"+6018{self.number % 9_000_000 + 1_000_000}"
        form = {"MessageSid": f"SM{self.number:032d}", "From": sender, "To": "+14155552345", "Body": "hello"}
        signed = HOOK + "".join(f"{name}{form[name]}" for name in sorted(form))
        signature = base64.b64encode(hmac.digest(self.secret, signed.encode(), "sha1")).decode()
        body = urlencode(form)
        head = "POST /hooks/sms HTTP/1.1\r\nHost: x\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        return f"{head}X-Twilio-Signature: {signature}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode()

    async def keep_posting(self, until: float) -> None:
        """Post over one connection, at a steady pace that a late answer does not change."""
        reader = writer = None
        due = time.monotonic()  # noqa: TID251  (real time)
        while due < until:
            due += self.each
            try:
                if reader is None or writer is None:
                    reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
                began = time.monotonic()  # noqa: TID251
                writer.write(self.next_post())
                self.answers[await _status(reader)] += 1
                self.waits.append(time.monotonic() - began)  # noqa: TID251
            except (OSError, asyncio.IncompleteReadError) as error:
                self.answers[type(error).__name__] += 1
                reader = writer = None
            await asyncio.sleep(max(0.0, due - time.monotonic()))  # noqa: TID251


async def _status(reader: asyncio.StreamReader) -> str:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
    await reader.readexactly(int(length or 0))
    return head.split(b" ")[1].decode()


async def main(port: int, secret: str, per_second: float, seconds: float) -> None:
    """Post for so many seconds."""
    posts, until = Posts(port, secret, per_second), time.monotonic() + seconds  # noqa: TID251
    await asyncio.gather(*(posts.keep_posting(until) for _ in range(CONNECTIONS)))
    posts.waits.sort()
    p99 = posts.waits[len(posts.waits) * 99 // 100] if posts.waits else None
    sys.stdout.write(json.dumps({"answers": posts.answers, "p99": p99}) + "\n")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), sys.argv[2], float(sys.argv[3]), float(sys.argv[4])))
