"""Everything at once on real clocks: imports, exits, opt-outs, edits, forgetting, retries, and three workers."""

import os
import threading
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from dripline import (
    Dripline,
    FakeChannel,
    Message,
    NewLead,
    Outcome,
    Pace,
    Policy,
    Rejected,
    RetryLater,
    Sender,
    Sequence,
    Step,
    SystemClock,
    Unknown,
)
from dripline.errors import BusyLead, DatabaseAway, InvalidSequence
from support.chance import Chance

SECONDS = float(os.environ.get("DRIPLINE_STRESS", "10"))
PEOPLE = 400
ON_ITS_WAY = 20.0
"""How long after a stop a message may still arrive that was claimed before it, in seconds: a batch that is slow."""

CLOCK = SystemClock()


@dataclass
class Provider:
    """What a provider sees: every message as it came in, by its own clock."""

    chance: Chance
    log: list[tuple[float, str, int]] = field(default_factory=list[tuple[float, str, int]])
    lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, message: Message) -> Outcome | None:
        """Log a message, then answer one way or another."""
        with self.lock:
            share = self.chance.share()
            if share < 0.55:
                return RetryLater("429", after=timedelta(seconds=1))
            self.log.append((seconds(), message.to or "", message.record_id))
        if share < 0.60:
            return Rejected("no such number", suppress=True)
        return Unknown("timeout") if share < 0.62 else None


def seconds() -> float:
    """The present, in seconds."""
    return CLOCK.now().timestamp()


def sequences(wait: str) -> list[Sequence]:
    steps = [Step("a"), Step("b", after=wait), Step("c", after="2s"), Step("d", after="1h")]
    policy = Policy(re_entry="restart", re_entry_gap="0s", unknown_after="3s")
    return [
        Sequence("Free", trigger="U", steps=steps, policy=policy, channel="wa"),
        Sequence("Paced", trigger="T", steps=steps, policy=policy, senders=["jb"], goal="GOAL", then="U"),
    ]


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_everything_at_once_leaves_nothing_wrong(new_url: Callable[[str], str], kind: str) -> None:
    url, provider = new_url(kind), Provider(Chance(7))
    stopped: dict[str, float] = {}
    with ExitStack() as stack:

        def opened() -> Dripline:
            return stack.enter_context(Dripline(url, channels={"wa": FakeChannel(provider.take)}))

        watch = opened()
        for number in range(3):
            pace = Pace(gap="0s-1s", hourly_cap=100_000)
            watch.senders.apply(Sender(f"jb-{number}", channel="wa", pool="jb", pace=pace))
        for sequence in sequences("1s"):
            watch.apply(sequence)
        acts = [work, work, work, add, add, leave(stopped), leave(stopped), meddle, edit, forget]
        with at_once([(opened(), act, Chance(seed)) for seed, act in enumerate(acts)]) as troubles:
            threading.Event().wait(SECONDS)

        assert troubles == []
        breaches = [breach.sentence() for breach in watch.verify()]
        assert breaches == []
    late = [(to, record) for at, to, record in provider.log if to in stopped and at > stopped[to] + ON_ITS_WAY]
    assert late == []
    print(f"{kind}: {len(provider.log)} messages, {len(stopped)} stops")


Act = Callable[[Dripline, Chance], object]


@contextmanager
def at_once(people: list[tuple[Dripline, Act, Chance]]) -> Generator[list[BaseException]]:
    """Let everybody act again and again, each in a thread of its own; collects what was no plain refusal."""
    over, troubles = threading.Event(), list[BaseException]()

    def again(drip: Dripline, act: Act, chance: Chance) -> None:
        while not over.is_set():
            try:
                act(drip, chance)
            except (DatabaseAway, BusyLead, InvalidSequence):
                continue
            except BaseException as error:  # noqa: BLE001  (shown at the end)
                troubles.append(error)
                return

    threads = [threading.Thread(target=again, args=person) for person in people]
    for thread in threads:
        thread.start()
    try:
        yield troubles
    finally:
        over.set()
        for thread in threads:
            thread.join()


def phone_of(chance: Chance) -> str:
    return f"6012{int(chance.share() * PEOPLE):07d}"


def work(drip: Dripline, _: Chance) -> None:
    drip.tick()


def add(drip: Dripline, chance: Chance) -> None:
    """Import a few people; those who were stopped for good have other numbers."""
    drip.add_leads([NewLead(phone_of(chance), triggers=(chance.pick(("T", "U", "GOAL")),)) for _ in range(20)])


def leave(stopped: dict[str, float]) -> Act:
    def act(drip: Dripline, chance: Chance) -> None:
        phone = phone_of(chance)
        if chance.happens(0.8):
            drip.leads.exit(phone=f"+{phone}")
        elif chance.happens(0.3):
            drip.opt_out(phone=f"+{phone}")
            stopped.setdefault(phone, seconds())

    return act


def meddle(drip: Dripline, chance: Chance) -> None:
    """Pause, resume, and move records by hand."""
    phone = f"+{phone_of(chance)}"
    records = [record.id for record in drip.records(phone=phone)][-4:]
    act = chance.pick(
        (
            lambda: drip.pause(phone=phone),
            lambda: drip.resume(phone=phone),
            lambda: drip.records.retry(records),
            lambda: drip.records.skip(records),
            lambda: drip.records.send_now(records),
            lambda: drip.records.cancel(records),
            lambda: drip.inbox.receive("thank you", phone=phone),
        )
    )
    act()


def edit(drip: Dripline, chance: Chance) -> None:
    """Publish another version to everybody in flight."""
    for sequence in sequences(chance.pick(("1s", "2s", "3s"))):
        drip.apply(sequence, reach="all")


def forget(drip: Dripline, chance: Chance) -> None:
    drip.leads.forget(phone=f"+{phone_of(chance)}")
