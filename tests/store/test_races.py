"""Two workers on PostgreSQL want the same lead, or the same group, at the same moment."""

import threading
from collections.abc import Callable
from contextlib import ExitStack

from dripline import Dripline, FakeChannel, Sequence, Step, VirtualClock, Workspace


def test_a_cap_holds_over_workers_that_decide_at_once(new_url: Callable[[str], str], clock: VirtualClock) -> None:
    url, sent = new_url("postgresql"), FakeChannel()
    with ExitStack() as stack:
        workers = [
            stack.enter_context(Dripline(url, clock=clock, channels={name: sent, "console": sent}))
            for name in ("a", "b", "c", "d")
        ]
        workers[0].apply_workspace(Workspace(daily_cap=1))
        for name, worker in zip("abcd", workers, strict=True):
            worker.apply(Sequence(name, trigger="ALL" + name, steps=[Step("Hi")], channel=name))
        triggers = [f"ALL{name}" for name in "abcd"]
        for number in range(100):
            workers[0].add_lead(phone=f"60123456{number:03d}", triggers=triggers)
        threads = [threading.Thread(target=worker.tick) for worker in workers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        to = [message.to for message in sent.accepted]
        assert len(to) == len(set(to))
        clock.advance(workers[0].records()[0].next_trigger_time - clock.now())
        assert workers[0].verify() == []


def test_a_lead_enters_one_sequence_of_a_group_whoever_adds_it(
    new_url: Callable[[str], str], clock: VirtualClock
) -> None:
    url = new_url("postgresql")
    with ExitStack() as stack:
        workers = [stack.enter_context(Dripline(url, clock=clock)) for _ in range(4)]
        for name in "abcd":
            workers[0].apply(Sequence(name, trigger=name, steps=[Step("Hi")], group="funnel"))

        def add(worker: Dripline, trigger: str) -> None:
            for number in range(40):
                worker.add_lead(phone=f"601234567{number:02d}", triggers=[trigger])

        threads = [
            threading.Thread(target=add, args=(worker, name)) for worker, name in zip(workers, "abcd", strict=True)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert workers[0].counts()["enrollments"] == 40
        assert workers[0].verify() == []
