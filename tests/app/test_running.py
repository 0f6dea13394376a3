"""The loop on real time: it wakes for what is due, and stops when asked."""

import queue
import threading
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest

from dripline import Accepted, Dripline, Message, Outcome, Report, Sequence, Step, VirtualClock
from dripline.core.accounts.access import Actor, Scope

LEAD = "60123456789"
PATIENCE = 10.0


class Sent:
    """A provider that says what it took."""

    def __init__(self) -> None:
        self.texts: queue.Queue[str] = queue.Queue()

    async def send(self, message: Message) -> Outcome:
        self.texts.put(message.text)
        return Accepted("id")


@pytest.fixture
def sent() -> Sent:
    return Sent()


@pytest.fixture
def running(url: str, sent: Sent) -> Iterator[Dripline]:
    """A processor that polls once an hour, so that whatever goes sooner went because the loop woke for it."""
    with polling_hourly(url, sent) as drip:
        yield drip


@contextmanager
def polling_hourly(url: str, sent: Sent) -> Generator[Dripline]:
    with Dripline(url, channels={"console": sent}) as drip:
        started = threading.Event()

        def on_pass(_report: Report) -> None:
            started.set()

        thread = threading.Thread(target=lambda: drip.run(poll=timedelta(hours=1), on_pass=on_pass))
        thread.start()
        assert started.wait(PATIENCE)
        yield drip
        drip.stop()
        thread.join(PATIENCE)
        assert not thread.is_alive()


def test_a_new_enrollment_is_sent_without_waiting_for_the_poll(running: Dripline, sent: Sent) -> None:
    running.apply(Sequence("One", trigger="ONE", steps=[Step("now")]))
    running.add_lead(phone=LEAD, triggers=["ONE"])

    assert sent.texts.get(timeout=PATIENCE) == "now"


def test_the_next_due_time_wakes_the_loop(running: Dripline, sent: Sent) -> None:
    running.apply(Sequence("Two", trigger="TWO", steps=[Step("now"), Step("soon", "1s")]))
    running.add_lead(phone=LEAD, triggers=["TWO"])

    assert [sent.texts.get(timeout=PATIENCE) for _ in range(2)] == ["now", "soon"]
    assert running.verify() == []


def test_what_another_process_enrolls_wakes_the_loop_on_postgresql(new_url: Callable[[str], str], sent: Sent) -> None:
    """SQLite has no word for other processes: there the poll finds it, within 15 seconds."""
    url = new_url("postgresql")
    with polling_hourly(url, sent), Dripline(url) as other:
        other.apply(Sequence("One", trigger="ONE", steps=[Step("from afar")]))
        other.add_lead(phone=LEAD, triggers=["ONE"])

        assert sent.texts.get(timeout=PATIENCE) == "from afar"


def test_what_comes_due_while_a_pass_ends_does_not_wait_for_the_poll(url: str, sent: Sent) -> None:
    """The clock moves on after the pass has looked and before the loop asks when to look next."""
    clock = VirtualClock(datetime(2026, 1, 1, tzinfo=UTC))
    with Dripline(url, clock=clock, channels={"console": sent}) as drip:
        drip.apply(Sequence("Two", trigger="TWO", steps=[Step("now"), Step("soon", "30m")]))
        drip.add_lead(phone=LEAD, triggers=["TWO"])

        def on_pass(report: Report) -> None:
            if report.sent:
                clock.advance(timedelta(minutes=30))

        thread = threading.Thread(target=lambda: drip.run(poll=timedelta(hours=1), on_pass=on_pass))
        thread.start()

        assert [sent.texts.get(timeout=PATIENCE) for _ in range(2)] == ["now", "soon"]
        drip.stop()
        thread.join(PATIENCE)


def test_what_somebody_enrolls_over_the_web_does_not_wait_for_the_poll(running: Dripline, sent: Sent) -> None:
    """It is written on another connection, by whoever was let in, inside the transaction that logs it."""
    running.apply(Sequence("One", trigger="ONE", steps=[Step("{{ name }}")]))
    with running.connect() as pool:
        somebody = pool.as_actor(Actor("user op@shop.example", scopes=frozenset(Scope)))
        for place in range(12):
            somebody.add_lead(phone=f"601234567{place:02}", name=f"lead {place}", triggers=["ONE"])

            assert sent.texts.get(timeout=PATIENCE) == f"lead {place}"


def test_a_lead_who_turns_out_to_live_where_it_is_day_does_not_wait_for_the_poll(url: str, sent: Sent) -> None:
    """Nobody is enrolled by that: whatever is changed makes the processor look."""
    clock = VirtualClock(datetime(2026, 1, 1, 2, tzinfo=UTC))
    with Dripline(url, clock=clock, channels={"console": sent}) as drip:
        drip.apply(Sequence("One", trigger="ONE", window="09:00-20:00", steps=[Step("good morning")]))
        drip.add_lead(phone=LEAD, triggers=["ONE"], zone="UTC")
        passes: queue.Queue[Report] = queue.Queue()
        thread = threading.Thread(target=lambda: drip.run(poll=timedelta(hours=1), on_pass=passes.put))
        thread.start()
        passes.get(timeout=PATIENCE)
        drip.add_lead(phone=LEAD, zone="Asia/Tokyo")

        assert sent.texts.get(timeout=PATIENCE) == "good morning"
        drip.stop()
        thread.join(PATIENCE)
