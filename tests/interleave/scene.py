"""A small shop in which verbs are let run at once, and what must hold after them, whoever was first."""

import random  # noqa: TID251  (a schedule is made from its seed)
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial

import psycopg
from turns import Actor, Turns

from dripline import Dripline, FakeChannel, NewLead, Policy, Sequence, Step, VirtualClock
from dripline.core.outcome import Complete, Consequence, Fail, Retry
from dripline.core.reason import Reason, ReasonCode
from dripline.engine.clock import Clock
from dripline.store.records.claimed import Claimed
from dripline.store.records.settle import Settlement, Settler

Act = tuple[str, Callable[[Dripline], object]]

LEASE = timedelta(minutes=5)

BEGINS = {"again", "second again", "regroup", "retry"}
"""What may begin a run: a sequence that leaves a group lets in who waited for another one of it."""


class Scene:
    """One lead a round, in whatever state chance gives it, and what may be done to it."""

    def __init__(self, url: str, stack: ExitStack, clock: VirtualClock) -> None:
        self.clock, self.sent = clock, FakeChannel()
        self.drips = [stack.enter_context(self._open(url, clock)) for _ in range(3)]
        self.quiet = stack.enter_context(self._open(url, clock))
        self.turns = Turns(url, [Actor(drip) for drip in self.drips])
        stack.callback(self.turns.close)
        steps = [Step("a"), Step("b", after="1h"), Step("c", after="1h")]
        policy = Policy(re_entry="restart", re_entry_gap="0s", on_failure="stop", on_reply="pause")
        self.first = Sequence("First", trigger="T", steps=steps, policy=policy, goal="GOAL", group="g")
        again = Policy(re_entry="after_exit", re_entry_gap="0s")
        self.second = Sequence("Second", trigger="U", steps=[Step("x"), Step("y", after="1d")], policy=again)
        for sequence in (self.first, self.second):
            self.quiet.apply(sequence)
        self._number = 0

    def _open(self, url: str, clock: Clock) -> Dripline:
        return Dripline(url, clock=clock, channels={"console": self.sent})

    def round(self, chance: random.Random) -> None:
        """Let two or three verbs loose on one lead, and check what came of it."""
        self._number += 1
        phone = f"601{self._number:09}"
        self.quiet.add_leads([NewLead(phone, triggers=("T", "U"))])
        claimed = claim(self.quiet) if chance.random() < 0.7 else []
        acts = chance.sample(self._acts(phone, claimed, chance), chance.choice((2, 2, 3)))
        self.turns.play(chance, acts)
        self.check()
        self._drain(phone)

    def _acts(self, phone: str, claimed: list[Claimed], chance: random.Random) -> list[Act]:
        to = f"+{phone}"
        records = [record.id for record in self.quiet.records(phone=to)]
        some = chance.sample(records, min(len(records), 3))
        answers = [settle(one, chance) for one in claimed]
        acts: list[Act] = [
            ("exit", lambda drip: drip.leads.exit(phone=to)),
            ("exit First", lambda drip: drip.leads.exit(phone=to, sequence="First")),
            ("opt out", lambda drip: drip.opt_out(phone=to)),
            ("goal", lambda drip: drip.add_lead(phone=to, triggers=["GOAL"])),
            ("again", lambda drip: drip.add_lead(phone=to, triggers=["T"])),
            ("reply", lambda drip: drip.inbox.receive("thank you", phone=to)),
            ("pause", lambda drip: drip.pause(phone=to)),
            ("resume", lambda drip: drip.resume(phone=to)),
            ("remove trigger", lambda drip: drip.leads.remove_trigger("T", phone=to)),
            ("forget", lambda drip: drip.leads.forget(phone=to)),
            ("cancel", lambda drip: drip.records.cancel(some)),
            ("skip", lambda drip: drip.records.skip(some)),
            ("retry", lambda drip: drip.records.retry(some)),
            ("send now", lambda drip: drip.records.send_now(some)),
            ("claim", claim),
            ("publish", lambda drip: drip.apply(self._edited(chance), reach="all")),
            ("regroup", lambda drip: drip.apply(replace(self.second, group=chance.choice(("g", None))))),
            ("second again", lambda drip: drip.add_lead(phone=to, triggers=["U"])),
        ]
        if claimed:
            # What races most is the answer to what is being sent.
            acts += [("settle", partial(write, settlements=answers))] * 5
        return acts

    def _edited(self, chance: random.Random) -> Sequence:
        waits = chance.sample(("30m", "1h", "2h", "3h"), 2)
        steps = [Step("a"), *(Step(text, after=wait) for text, wait in zip("bc", waits, strict=True))]
        return Sequence("First", trigger="T", steps=steps, policy=self.first.policy, goal="GOAL", group="g")

    def check(self) -> None:
        """Hold what stands against every invariant."""
        breaches = [breach.sentence() for breach in self.quiet.verify()]
        assert breaches == [], (breaches, self.turns.story)

    def _drain(self, phone: str) -> None:
        """Let a pass send what is due: nothing to a lead that was stopped, and whom nobody began anew."""
        before = len(self.sent.accepted)
        self.quiet.tick()
        sent = [message.record_id for message in self.sent.accepted[before:] if message.to == phone]
        done = self.turns.done
        # Whoever waited for the group is let in when the run ends that was in it.
        ends = {"forget"} if self.quiet.sequences.get("Second").sequence.group else {"exit", "forget"}
        is_stopped = "opt out" in done or (done & ends and not done & BEGINS)
        assert not (is_stopped and sent), (f"sent after a stop: {sent}", self.turns.story)
        self.check()


def claim(drip: Dripline) -> list[Claimed]:
    """Claim whatever is due, as a worker does."""
    context = drip._processing._context  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # one half of a pass
    with context.store.transaction():
        now = context.store.now()
        return context.claiming.claim(WORKER, "console", now=now, lease=LEASE, batch=10).records


def write(drip: Dripline, *, settlements: list[Settlement]) -> None:
    """Write what was answered, as the worker does that claimed."""
    context = drip._processing._context  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # the other half
    Settler(drip._session.database, context.store, WORKER).settle(settlements, drip.now())  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]


WORKER = "a worker"


def settle(claimed: Claimed, chance: random.Random) -> Settlement:
    """Say what a provider answered."""
    outcome, led, provider_id = chance.choice(ANSWERS)
    return Settlement(claimed, outcome=outcome, consequence=led, provider_id=provider_id, text="a")


BUSY, NO = Reason(ReasonCode.RETRY), Reason(ReasonCode.PROVIDER_REJECTED)

ANSWERS: tuple[tuple[str, Consequence, str | None], ...] = (
    ("retry_later", Retry(timedelta(0), reason=BUSY), None),
    ("retry_later", Retry(timedelta(0), reason=BUSY), None),
    ("accepted", Complete("id"), "id"),
    ("rejected", Fail(reason=NO, ends_enrollment=True), None),
    ("rejected", Fail(reason=NO), None),
)


@contextmanager
def opened(url: str, clock: VirtualClock) -> Generator[Scene]:
    """Set the scene up on a database, in which a circle of locks is found out soon."""
    name = url.partition("?")[0].rpartition("/")[2]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE \"{name}\" SET deadlock_timeout = '50ms'".encode())
    with ExitStack() as stack:
        yield Scene(url, stack, clock)
