"""Several workers on one database, on real time: they share the lanes, and no lane's gap is broken between them."""

import threading
import time
from collections import defaultdict
from datetime import timedelta
from itertools import pairwise

from dripline import Accepted, Dripline, Message, NewLead, Outcome, Pace, Sender, Sequence, Step

SENDERS, LEADS, WORKERS = 10, 40, 3


class Provider:
    """Writes down who sent when; shared by all workers."""

    def __init__(self) -> None:
        self.log: dict[str | None, list[float]] = defaultdict(list)

    async def send(self, message: Message) -> Outcome:
        self.log[message.sender].append(time.monotonic())  # noqa: TID251  (a provider has a clock of its own)
        return Accepted("id")


def test_workers_share_lanes_and_keep_their_gaps(url: str) -> None:
    provider = Provider()
    workers = [Dripline(url, channels={"console": provider}) for _ in range(WORKERS)]
    for number in range(SENDERS):
        workers[0].senders.apply(Sender(f"s{number}", channel="console", pool="sales", pace=Pace(gap="1s")))
    workers[0].apply(Sequence("Warm", trigger="WARM", senders=["sales"], steps=[Step("Hi")]))
    workers[0].add_leads([NewLead(f"6012{number:07d}", triggers=("WARM",)) for number in range(LEADS)])
    threads = [threading.Thread(target=worker.run, kwargs={"poll": timedelta(seconds=0.2)}) for worker in workers]
    for thread in threads:
        thread.start()
    for _ in range(300):
        if workers[0].reports.counts().get("completed") == LEADS:
            break
        time.sleep(0.1)  # noqa: TID251  (the workers are on real time)
    for worker, thread in zip(workers, threads, strict=True):
        worker.stop()
        thread.join()
        worker.close()

    assert sorted(map(len, provider.log.values())) == [LEADS // SENDERS] * SENDERS
    assert min(later - earlier for times in provider.log.values() for earlier, later in pairwise(times)) >= 1.0
