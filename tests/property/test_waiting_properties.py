"""Rules, senders and zones change at random while leads wait: what goes keeps the present rules, and nothing waits for
one that is gone."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dripline import (
    Dripline,
    FakeChannel,
    Message,
    Pace,
    Policy,
    Sender,
    SendWindow,
    Sequence,
    Step,
    VirtualClock,
    Workspace,
)

PHONES = ("60123456780", "60123456781", "60123456782")
WINDOWS = (None, "00:00-24:00", "01:00-03:00", "09:10-20:20", "Tue 06:30-07:40", "22:50-02:10")
ZONES = ("Asia/Kuala_Lumpur", "America/New_York", "Europe/London")
GAPS = ("0s", "2h", "3d")
SENDERS = ((), ("jb",), ("jc",), ("jb", "jc"))

Wanted = tuple[str | None, str, tuple[str, ...]]


@dataclass
class World:
    """A sequence that changes, and what was sent against which rules."""

    drip: Dripline
    clock: VirtualClock
    window: str | None = None
    gap: str = "0s"
    senders: tuple[str, ...] = ()
    workspace_gap: str = "0s"
    zones: dict[str, str] = field(default_factory=lambda: dict.fromkeys(PHONES, ZONES[0]))
    wrong: list[str] = field(default_factory=list[str])

    def apply(self, window: str | None, gap: str, senders: tuple[str, ...]) -> None:
        """Change the sequence."""
        self.window, self.gap, self.senders = window, gap, senders
        steps = [Step("one"), Step("two", "5h"), Step("three", "1h"), Step("four", "2d")]
        policy = Policy(min_gap=None if gap == "0s" else gap)
        self.drip.apply(
            Sequence("S", trigger="T", channel="wa", senders=senders, window=window, policy=policy, steps=steps)
        )

    def apply_workspace(self, gap: str) -> None:
        """Change what holds for every sequence."""
        self.workspace_gap = gap
        self.drip.workspace.apply(Workspace(min_gap=gap))

    def travel(self, phone: str, zone: str) -> None:
        """Let a lead be somewhere else."""
        self.zones[phone] = zone
        self.drip.add_lead(phone=phone, zone=zone)

    def pass_time(self, hours: int) -> None:
        """Let hours pass, a look every half an hour."""
        for _ in range(2 * hours):
            self.drip.tick()
            self.clock.advance(timedelta(minutes=30))

    def check(self, message: Message, last: datetime | None) -> None:
        """Note a message that goes outside the present window, before the present gap, or by another sender."""
        now, zone = self.clock.now(), self.zones[message.to]
        if self.window is not None and not SendWindow.read(self.window).is_open(now, zone):
            self.wrong.append(f"{message.to} at {now} outside {self.window} {zone}")
        gap = Policy(min_gap=self.workspace_gap if self.gap == "0s" else self.gap).gap
        if last is not None and gap is not None and now - last < gap:
            self.wrong.append(f"{message.to} at {now} {now - last} after the last one")
        if message.sender not in (self.senders or (None,)):
            self.wrong.append(f"{message.to} at {now} by {message.sender}")


changes = st.one_of(
    st.tuples(st.just("apply"), st.tuples(st.sampled_from(WINDOWS), st.sampled_from(GAPS), st.sampled_from(SENDERS))),
    st.tuples(st.just("apply_workspace"), st.tuples(st.sampled_from(GAPS))),
    st.tuples(st.just("travel"), st.tuples(st.sampled_from(PHONES), st.sampled_from(ZONES))),
    st.tuples(st.just("pass_time"), st.tuples(st.integers(1, 20))),
)


@given(st.lists(changes, min_size=2, max_size=14))
def test_what_goes_keeps_the_present_rules_and_nothing_waits_for_one_that_is_gone(
    steps: list[tuple[str, tuple[object, ...]]],
) -> None:
    clock, last = VirtualClock(datetime(2026, 1, 5, tzinfo=UTC)), dict[str, datetime]()

    def provider(message: Message) -> None:
        world.check(message, last.get(message.to))
        last[message.to] = clock.now()

    with Dripline("sqlite://", clock=clock, channels={"wa": FakeChannel(provider)}) as drip:
        world = World(drip, clock)
        for name in ("jb", "jc"):
            drip.senders.apply(Sender(name, channel="wa", pace=Pace(gap="10s")))
        world.apply("09:10-20:20", "0s", ())
        for phone in PHONES:
            drip.add_lead(phone=phone, zone=ZONES[0], triggers=["T"])
        for verb, arguments in steps:
            getattr(world, verb)(*arguments)
            gone = [window for window in WINDOWS if window not in {None, world.window}]
            asked = [drip.records.get(record.id) for record in drip.records()]
            told = [record.why.replace("–", "-") for record in asked if record is not None]
            assert [(window, why) for window in gone for why in told if why_waits_for(window, why)] == []
            assert world.wrong == []
            assert drip.verify() == []
        world.apply(None, "0s", ())
        world.apply_workspace("0s")
        world.pass_time(24 * 5)

        assert world.wrong == []
        assert {str(record.status) for record in drip.records()} == {"completed"}


def why_waits_for(window: str | None, why: str) -> bool:
    """Whether an answer names a window, of a message that has not gone."""
    return window is not None and window in why and "accepted" not in why
