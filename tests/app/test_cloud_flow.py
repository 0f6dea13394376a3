"""The mission's flow from end to end over the Cloud API: a provider in its own process, webhooks over HTTP."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from dripline.core.views.operations import RefusedPosts
from support.hooked_shop import (
    HALF_A_DAY,
    PATIENCE,
    PHONE,
    START,
    FaultyProvider,
    HookedShop,
    faulty_provider,
    hooked_shop,
)
from support.real_time import eventually

Ask = Callable[[str], list[tuple[object, ...]]]


@pytest.fixture
def provider() -> Iterator[FaultyProvider]:
    with faulty_provider() as running:
        yield running


@pytest.fixture
def shop(url: str, provider: FaultyProvider) -> Iterator[HookedShop]:
    with hooked_shop(url, provider.url) as opened:
        yield opened


def enrolled(shop: HookedShop, provider: FaultyProvider) -> None:
    """Let the lead write the sequence's word, and the first message go."""
    assert provider.write(shop, "warmexama", name="Aina") == [200]
    shop.drip.tick()


def test_four_steps_go_and_their_statuses_come_back(shop: HookedShop, provider: FaultyProvider) -> None:
    enrolled(shop, provider)
    provider.tell(shop, "sent", "delivered", "read")
    for _ in range(3):
        shop.pass_half_a_day()
        provider.tell(shop, "sent", "delivered")
    shop.drip.inbox.process()

    assert shop.statuses == ["completed"] * 4
    assert shop.deliveries == ["read", "delivered", "delivered", "delivered"]
    # She wrote at Hour 0: at 24 and 36 only the template may go.
    sent = provider.accepted()
    assert [message["type"] for message in sent] == ["text", "text", "template", "template"]
    assert [message["text"]["body"] for message in sent[:2]] == ["Step 1 for Aina", "Step 2 for Aina"]
    assert [message["template"]["name"] for message in sent[2:]] == ["warm_3", "warm_4"]
    assert shop.drip.verify() == []


def test_a_reply_after_step_two_cancels_the_rest(shop: HookedShop, provider: FaultyProvider) -> None:
    enrolled(shop, provider)
    shop.pass_half_a_day()
    provider.write(shop, "How much is it?")
    shop.pass_half_a_day()
    shop.pass_half_a_day()

    assert shop.statuses == ["completed", "completed", "cancelled", "cancelled"]
    assert len(provider.accepted()) == 2
    assert shop.drip.verify() == []


def test_a_stop_word_bars_for_good(shop: HookedShop, provider: FaultyProvider) -> None:
    enrolled(shop, provider)
    provider.write(shop, "Stop.")
    shop.pass_half_a_day()
    shop.drip.leads.forget(phone=PHONE)
    provider.write(shop, "WARMEXAMA")
    shop.drip.add_lead(phone=PHONE, triggers=["WARMEXAMA"])
    shop.pass_half_a_day()

    assert [barred.address for barred in shop.drip.leads.suppressions()] == [PHONE]
    assert len(provider.accepted()) == 1


@pytest.mark.parametrize("together", [False, True])
def test_statuses_in_any_order_and_number_count_once(
    shop: HookedShop, provider: FaultyProvider, ask: Ask, *, together: bool
) -> None:
    enrolled(shop, provider)
    answers = provider.tell(shop, "sent", "delivered", "read", copies=3, reversed=True, together=together)
    assert shop.drip.inbox.process() == 3

    assert set(answers) == {200}
    assert shop.deliveries == ["read"]
    assert ask("SELECT count(*) FROM inbound_events") == [(4,)]  # and what she wrote
    provider.tell(shop, "sent", "delivered", "read")
    assert shop.drip.inbox.process() == 0


@pytest.mark.parametrize("act", [{"drop": True}, {"delay": PATIENCE + 0.5}])
def test_an_answer_that_got_lost_is_known_by_the_status(
    shop: HookedShop, provider: FaultyProvider, act: dict[str, object]
) -> None:
    """Never sent again: it was taken, as is known from outside."""
    provider.script(act)
    enrolled(shop, provider)
    assert shop.statuses == ["unknown", "pending", "pending", "pending"]
    eventually(lambda: len(provider.accepted()) == 1)

    shop.clock.advance(timedelta(minutes=1))
    provider.tell(shop, "sent")
    shop.drip.tick()
    assert shop.statuses == ["completed", "active", "pending", "pending"]
    shop.clock.advance(HALF_A_DAY)
    shop.drip.tick()
    assert [message["text"]["body"] for message in provider.accepted()] == ["Step 1 for Aina", "Step 2 for Aina"]
    assert shop.drip.verify() == []


@pytest.mark.parametrize(
    ("code", "statuses", "due_after"),
    [
        (131056, ["active", "pending", "pending", "pending"], timedelta(seconds=1)),
        (131049, ["active", "pending", "pending", "pending"], timedelta(days=1)),
        (130429, ["active", "pending", "pending", "pending"], timedelta(seconds=10)),
        (130472, ["failed", "active", "pending", "pending"], None),
        (131026, ["failed", "cancelled", "cancelled", "cancelled"], None),
    ],
)
def test_what_is_refused_goes_when_it_may(
    shop: HookedShop, provider: FaultyProvider, code: int, statuses: list[str], due_after: timedelta | None
) -> None:
    provider.script({"code": code})
    enrolled(shop, provider)

    assert shop.statuses == statuses
    assert provider.accepted() == []
    if due_after is not None:
        shop.clock.advance(due_after - timedelta(seconds=1))
        shop.drip.tick()
        assert provider.accepted() == []
        shop.clock.advance(timedelta(seconds=1))
        shop.drip.tick()
        assert len(provider.accepted()) == 1
    assert shop.drip.verify() == []


def test_free_text_that_meta_finds_too_late_goes_as_the_template(shop: HookedShop, provider: FaultyProvider) -> None:
    provider.script({"code": 131047})
    enrolled(shop, provider)
    shop.clock.advance(timedelta(seconds=1))
    shop.drip.tick()

    assert [message["type"] for message in provider.accepted()] == ["template"]


def test_a_post_that_meta_did_not_sign_leaves_a_count_and_nothing_else(
    shop: HookedShop, provider: FaultyProvider, ask: Ask
) -> None:
    enrolled(shop, provider)
    before = ask("SELECT count(*) FROM inbox")
    assert provider.tell(shop, "read", secret="guessed", copies=2) == [401, 401]
    assert provider.write(shop, "Stop", secret="guessed") == [401]
    shop.drip.inbox.process()

    assert ask("SELECT count(*) FROM inbox") == before
    assert shop.deliveries == [None]
    assert shop.drip.inbox.refused_posts() == [RefusedPosts("whatsapp", day=START.date(), posts=3)]
