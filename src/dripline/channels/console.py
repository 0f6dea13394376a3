"""The console channel: prints each message. For trying things out, and for the demo."""

import sys
from typing import TextIO

from dripline.core.address import AddressKind
from dripline.core.content import MediaKind
from dripline.core.model import Message
from dripline.core.outcome import Accepted, Outcome


class ConsoleChannel:
    """Prints each message on one line to `stream` (standard output unless given) and accepts it."""

    address_kind = AddressKind.ANY
    idempotent = False
    media = frozenset(MediaKind)

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream

    async def send(self, message: Message) -> Outcome:
        """Print the message. Its provider id is made of the record and the attempt."""
        shown = "" if message.media is None else f"[{message.media.kind} {message.media.url}] "
        told = f"→ {message.to}  {message.sequence}, step {message.step}: {shown}{message.text}"
        print(told, file=self._stream or sys.stdout)
        return Accepted(f"console-{message.record_id}-{message.attempt}")
