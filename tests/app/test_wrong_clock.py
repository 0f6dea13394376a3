"""A clock that was ahead for one pass, and is right again, leaves nothing blocked; on both databases."""

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from dripline import (
    Dripline,
    FakeChannel,
    Outcome,
    Pace,
    RetryLater,
    Sender,
    SenderUnavailable,
    Sequence,
    Step,
    Unknown,
    Workspace,
)
from dripline.core.senders.rate_meter import hour_meter

START = datetime(2026, 1, 5, 9, tzinfo=UTC)
AHEAD = timedelta(days=30)
FIRST, SECOND = "60123456780", "60123456781"


class WrongClock:
    """A clock that is set as a machine's is: forward and back."""

    def __init__(self) -> None:
        self.at = START

    def now(self) -> datetime:
        return self.at

    async def wait(self, event: asyncio.Event, seconds: float) -> None:
        await asyncio.wait_for(event.wait(), seconds)


Shop = Callable[..., tuple[Dripline, FakeChannel]]


@pytest.fixture
def clock() -> WrongClock:
    return WrongClock()


@pytest.fixture
def shop(url: str, clock: WrongClock) -> Iterator[Shop]:
    """Opens a database whose one sequence goes by a sender, and plays its first lead while the clock is ahead."""
    opened: list[Dripline] = []

    def opens(*outcomes: Outcome, pace: Pace | None = None, **of: object) -> tuple[Dripline, FakeChannel]:
        fake = FakeChannel(outcomes)
        drip = Dripline(url, clock=clock, channels={"wa": fake})
        opened.append(drip)
        senders = []
        if pace is not None:
            drip.senders.apply(Sender("jb", channel="wa", pace=pace))
            senders = ["jb"]
        drip.apply(Sequence("S", trigger="T", channel="wa", senders=senders, steps=[Step("a")], **of))  # type: ignore[arg-type]
        clock.at += AHEAD
        drip.add_lead(phone=FIRST, zone="UTC", triggers=["T"])
        drip.tick()
        clock.at -= AHEAD
        return drip, fake

    yield opens
    for drip in opened:
        drip.close()


def sent_soon(drip: Dripline, clock: WrongClock, fake: FakeChannel, phone: str, span: timedelta) -> bool:
    """Add a lead by the right clock; does its message go within the span?"""
    drip.add_lead(phone=phone, zone="UTC", triggers=["T"])
    ends = clock.at + span
    while clock.at < ends and phone not in [message.to for message in fake.accepted]:
        drip.tick()
        clock.at += timedelta(minutes=1)
    return phone in [message.to for message in fake.accepted]


@pytest.mark.parametrize(
    "pace",
    [
        Pace(gap="20s"),
        Pace(hourly_cap=1),
        Pace(daily_cap=1),
        Pace(quiet="10:00-12:00", zone="UTC"),
        Pace(warm_up=(1, 5)),
    ],
    ids=["gap", "hourly cap", "daily cap", "quiet hours", "warm-up"],
)
def test_a_lane_is_not_blocked(shop: Shop, clock: WrongClock, pace: Pace) -> None:
    drip, fake = shop(pace=pace)

    assert sent_soon(drip, clock, fake, SECOND, timedelta(minutes=5))
    assert drip.verify() == []


def test_a_sender_that_was_unavailable_then_is_tried_now(shop: Shop, clock: WrongClock) -> None:
    drip, fake = shop(SenderUnavailable("logged out"), pace=Pace())

    assert sent_soon(drip, clock, fake, SECOND, timedelta(minutes=5))


def test_the_gap_of_a_lead_is_not_counted_from_then(shop: Shop) -> None:
    drip, fake = shop()
    drip.apply(Sequence("Other", trigger="O", channel="wa", steps=[Step("b")]))
    drip.workspace.apply(Workspace(min_gap="1h", daily_cap=1))
    drip.add_lead(phone=FIRST, triggers=["O"])
    drip.tick()

    assert [message.text for message in fake.accepted] == ["a", "b"]


def test_what_a_failed_try_put_off_then_goes_now(url: str, clock: WrongClock) -> None:
    fake = FakeChannel([RetryLater("busy", after=timedelta(hours=1))])
    with Dripline(url, clock=clock, channels={"wa": fake}) as drip:
        drip.apply(Sequence("S", trigger="T", channel="wa", steps=[Step("a")]))
        drip.add_lead(phone=FIRST, triggers=["T"])
        clock.at += AHEAD
        drip.tick()
        clock.at -= AHEAD
        drip.tick()

    assert [message.text for message in fake.accepted] == ["a"]


def test_an_unknown_record_is_not_held_until_then(shop: Shop, clock: WrongClock) -> None:
    drip, _fake = shop(Unknown("read timeout"))
    for _ in range(3):
        drip.tick()
        clock.at += timedelta(minutes=6)

    assert drip.records(phone=FIRST)[0].ended_at is not None


def test_a_processor_of_then_is_not_there_now(shop: Shop, clock: WrongClock) -> None:
    drip, _fake = shop()
    clock.at += AHEAD
    drip._session.stores.presence.enter(host="here", process_id=1, version="0", now=clock.at)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
    clock.at -= AHEAD

    assert drip.reports.workers() == []


def test_what_was_counted_further_ahead_than_a_turn_lasts_is_not_counted() -> None:
    meter = hour_meter().add(3, START + AHEAD, now=START + AHEAD)

    assert meter.total(START) == 0
    assert hour_meter().add(3, START + timedelta(minutes=5), now=START).total(START) == 3
