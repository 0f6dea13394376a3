"""The worker of the lateness benchmark: ``python -m benchmarks.lateness_worker URL FILE``, until SIGTERM.

Runs as any program runs it; its channel accepts at once and keeps when it was asked to send which record. At its end it
writes these to the file.
"""

import json
import sys
from pathlib import Path

from benchmarks.workload import CHANNEL
from dripline import Accepted, Dripline, Message, SystemClock


class Notes:
    """A channel that accepts everything at once and notes when, in seconds since 1970."""

    address_kind = "any"

    def __init__(self) -> None:
        self.accepted: list[tuple[int, float]] = []
        self._clock = SystemClock()

    async def send(self, message: Message) -> Accepted:
        """Accept, and note the instant."""
        self.accepted.append((message.record_id, self._clock.now().timestamp()))
        return Accepted(f"accepted-{message.record_id}")


def main() -> None:
    """Run until told to end."""
    url, file = sys.argv[1:]
    notes = Notes()
    with Dripline(url, channels={CHANNEL: notes}) as drip:
        drip.run()
    Path(file).write_text(json.dumps(notes.accepted), encoding="utf-8")


if __name__ == "__main__":
    main()
