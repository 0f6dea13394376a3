"""A provider in trouble costs a handful of messages: with a sender and without, with one worker and with many ticks."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Protocol

import pytest

from dripline import (
    Dripline,
    FakeChannel,
    NewLead,
    Outcome,
    Pace,
    Rejected,
    RetryLater,
    Sender,
    SenderUnavailable,
    Sequence,
    Step,
    Unknown,
    VirtualClock,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
MANY = 60

FAILING: dict[str, Outcome] = {
    "unknown": Unknown("the service answered 500"),
    "later": RetryLater("the service answered 503"),
    "refused": Rejected("relay not permitted"),
    "contact": Rejected("550 no such user", scope="contact", suppress=True),
}


class Provider(FakeChannel):
    """Answers everything alike until it is well."""

    def __init__(self) -> None:
        self.trouble: Outcome | None = None
        super().__init__(lambda _: self.trouble)
        self.sends_at_once = 1
        self.refuses_in_words = False


class Shop:
    """A shop with a sender, or without."""

    def __init__(self, url: str, *, has_sender: bool) -> None:
        self.clock, self.provider = VirtualClock(START), Provider()
        self.drip = Dripline(url, clock=self.clock, channels={"sms": self.provider})
        if has_sender:
            self.drip.senders.apply(Sender("one", channel="sms", pace=Pace(gap="0s")))
        senders = ["one"] if has_sender else []
        self.drip.apply(
            Sequence("Go", trigger="GO", channel="sms", senders=senders, steps=[Step("1"), Step("2", "12h")])
        )

    def enroll(self, many: int = MANY) -> None:
        self.drip.add_leads([NewLead(f"60120000{place:04}", triggers=("GO",)) for place in range(many)])

    def count(self, status: str) -> int:
        return sum(record.status == status for record in self.drip.records())

    def is_barred(self) -> int:
        return len(list(self.drip.leads.suppressions()))


class Shops(Protocol):
    """Opens a shop, which closes with the test."""

    def __call__(self, *, has_sender: bool) -> Shop: ...


@pytest.fixture
def shops(url: str) -> Iterator[Shops]:
    with ExitStack() as until_the_end:

        def opened(*, has_sender: bool) -> Shop:
            shop = Shop(url, has_sender=has_sender)
            until_the_end.callback(shop.drip.close)
            return shop

        yield opened


@pytest.fixture(params=[False, True], ids=["bare", "sender"])
def shop(shops: Shops, request: pytest.FixtureRequest) -> Shop:
    return shops(has_sender=request.param)


@pytest.mark.parametrize("trouble", FAILING)
def test_a_provider_in_trouble_is_asked_five_times_and_then_now_and_then(shop: Shop, trouble: str) -> None:
    shop.provider.trouble = FAILING[trouble]
    shop.enroll()
    shop.drip.tick()
    assert len(shop.provider.offered) == 5

    for _ in range(3):
        shop.clock.advance(timedelta(seconds=15))
        shop.drip.tick()
    assert len(shop.provider.offered) == 5
    (told,) = [one.told for one in shop.drip.alerts.all() if one.name in {"sms", "one"}]
    assert "5" in told

    shop.clock.advance(timedelta(seconds=15))
    shop.drip.tick()
    assert len(shop.provider.offered) == 6
    assert not shop.drip.verify()


@pytest.mark.parametrize("trouble", FAILING)
def test_when_it_is_well_again_one_message_is_tried_and_the_others_follow(shop: Shop, trouble: str) -> None:
    shop.provider.trouble = FAILING[trouble]
    shop.enroll()
    shop.drip.tick()
    shop.provider.trouble = None
    for _ in range(1_200):
        shop.clock.advance(timedelta(seconds=15))
        shop.drip.tick()
        if shop.count("completed") >= MANY - 5 and not shop.drip.alerts.all():
            break
    assert shop.count("completed") >= MANY - 5
    assert not [one for one in shop.drip.alerts.all() if one.name in {"sms", "one"}]


def test_why_says_that_the_channel_takes_nothing_and_when_it_is_tried(shops: Shops) -> None:
    shop = shops(has_sender=False)
    shop.provider.trouble = FAILING["unknown"]
    shop.enroll()
    shop.drip.tick()
    waiting = next(record for record in shop.drip.records() if record.status == "active")
    told = shop.drip.records.get(waiting.id)
    assert told is not None
    assert "its channel sms (5 failed tries in a row: the service answered 500) until 2026-01-01 08:01" in told.why


def test_the_rest_holds_for_every_worker_and_after_a_restart(url: str, shops: Shops) -> None:
    shop = shops(has_sender=False)
    shop.provider.trouble = FAILING["unknown"]
    shop.enroll()
    shop.drip.tick()
    again = Provider()
    with Dripline(url, clock=shop.clock, channels={"sms": again}) as other:
        other.tick()
        assert again.offered == []
        shop.clock.advance(timedelta(minutes=1))
        other.tick()
    assert len(again.accepted) == MANY - 5


def test_a_time_that_has_passed_is_no_time_to_wait_for(shops: Shops) -> None:
    shop = shops(has_sender=False)
    shop.provider.trouble = SenderUnavailable("gone", until=START - timedelta(days=1))
    shop.enroll()
    shop.drip.tick()
    assert len(shop.provider.offered) == 1


def test_refusals_among_messages_that_are_taken_break_nothing_and_bar(url: str, shops: Shops) -> None:
    shop = shops(has_sender=True)
    asked = count()
    provider = FakeChannel(lambda _: FAILING["contact"] if next(asked) % 5 else None)
    with Dripline(url, clock=shop.clock, channels={"sms": provider}) as drip:
        shop.enroll()
        drip.tick()
        assert len(provider.offered) == MANY
        assert len(list(drip.leads.suppressions())) == MANY - MANY // 5


@pytest.mark.parametrize("gap", ["0s", "30s"])
@pytest.mark.parametrize("refusal", ["contact", "refused"])
def test_the_first_ten_refusals_of_a_streak_bar_nobody_and_cost_no_step(shops: Shops, gap: str, refusal: str) -> None:
    shop = shops(has_sender=True)
    shop.drip.senders.apply(Sender("one", channel="sms", pace=Pace(gap=gap)))
    shop.provider.refuses_in_words = True
    shop.provider.trouble = FAILING[refusal]
    shop.enroll()
    while len(shop.provider.offered) < 10:
        shop.clock.advance(timedelta(seconds=15))
        shop.drip.tick()
        assert len(shop.provider.offered) < 5 or shop.is_barred() == 0
    assert shop.count("failed") == 0

    shop.provider.trouble = None
    for _ in range(3_000):
        shop.clock.advance(timedelta(seconds=15))
        shop.drip.tick()
        if shop.count("completed") >= MANY:
            break
    assert shop.is_barred() == 0
    assert len({message.to for message in shop.provider.accepted}) == MANY
    assert not shop.drip.verify()


def test_refusals_that_go_on_stand(shops: Shops) -> None:
    shop = shops(has_sender=False)
    shop.provider.trouble = FAILING["contact"]
    shop.enroll()
    while len(shop.provider.offered) < 14:
        shop.clock.advance(timedelta(minutes=30))
        shop.drip.tick()
    assert 1 <= shop.is_barred() <= 4
