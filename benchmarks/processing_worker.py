"""A worker process of the processing benchmark: ``python -m benchmarks.processing_worker dripline|bare|floor URL``.

Says that it is ready once the database is open. Then it reads instants, one a line, does with everything that is due at
each what a worker does, and answers with how many steps that was.
"""

import sys
from collections.abc import Callable, Generator
from contextlib import closing, contextmanager
from datetime import datetime

from benchmarks import bare_processing, floor
from benchmarks.workload import AT, CHANNEL, Accepts
from dripline import Dripline, VirtualClock

Work = Callable[[datetime], int]


@contextmanager
def dripline(url: str) -> Generator[Work]:
    """Open a database as any program does, on a clock that is set to each instant; one pass for each."""
    clock = VirtualClock(AT)
    with Dripline(url, clock=clock, channels={CHANNEL: Accepts()}) as drip:

        def work(now: datetime) -> int:
            clock.advance(now - clock.now())
            return drip.tick().sent

        yield work


@contextmanager
def bare(url: str) -> Generator[Work]:
    """Open a database of dripline's without dripline."""
    with closing(bare_processing.opened(url)) as database:
        yield lambda now: sum(database.batches(now))


@contextmanager
def on_the_floor(url: str) -> Generator[Work]:
    """Open a database that holds the mission's table alone."""
    with closing(floor.opened(url)) as database:
        yield lambda now: sum(database.batches(now))


def main() -> None:
    """Work until there are no more instants."""
    who, url = sys.argv[1:]
    with {"dripline": dripline, "bare": bare, "floor": on_the_floor}[who](url) as work:
        print("ready", flush=True)
        for line in sys.stdin:
            print(work(datetime.fromisoformat(line.strip())), flush=True)


if __name__ == "__main__":
    main()
