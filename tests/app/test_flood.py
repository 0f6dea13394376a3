"""More is posted than can be taken in at once: what is due goes all the same, and never to whoever wants no more."""

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dripline import Dripline, Limits, Message, Outcome, Sequence, Step, VirtualClock
from support.meta import MetaDouble, posted, take

START = datetime(2026, 1, 1, tzinfo=UTC)
PATIENCE = 60.0
FLOOD, AT_ONCE = 700, 50


class Shop:
    """Leads that are due, a provider that posts, and how many of its posts waited whenever a message went."""

    def __init__(self, url: str, ask: Callable[[str], list[tuple[Any, ...]]]) -> None:
        self.clock = VirtualClock(START)
        self.ask = ask
        self.provider = MetaDouble(self._count)
        self.waiting: list[int] = []
        self.went = threading.Event()
        limits = Limits(posts=AT_ONCE)
        self.drip = Dripline(url, clock=self.clock, channels={"whatsapp": self.provider}, limits=limits)
        self.drip.apply(Sequence("Warm", trigger="WARM", channel="whatsapp", steps=[Step("One"), Step("Two", "1h")]))

    def _count(self, _message: Message) -> Outcome | None:
        self.waiting.append(self.left())
        self.went.set()
        return None

    def left(self) -> int:
        return self.ask("SELECT count(*) FROM inbox WHERE taken_at IS NULL")[0][0]

    def write(self, phone: str, text: str, key: object = "") -> None:
        message = {"id": f"{phone}-{text}-{key}", "from": phone, "timestamp": "1767225600", "type": "text"}
        assert take(self.drip, posted({"metadata": {}, "messages": [message | {"text": {"body": text}}]}))

    def prefer(self, phone: str, value: str, stamp: int) -> None:
        told = {"wa_id": phone, "category": "marketing_messages", "value": value, "timestamp": stamp}
        assert take(self.drip, posted({"user_preferences": [told]}, field="user_preferences"))

    def flood(self) -> None:
        """Let people write whom nobody knows: 2,000 a second and more come and are kept."""
        for number in range(FLOOD):
            self.write(f"6018{number:07}", "hello")

    def run_until(self, event: Callable[[], bool]) -> None:
        thread = threading.Thread(target=lambda: self.drip.run(poll=timedelta(hours=1)))
        thread.start()
        over = threading.Event()
        assert any(event() or over.wait(0.05) for _ in range(int(PATIENCE / 0.05)))
        self.drip.stop()
        thread.join(PATIENCE)


@pytest.fixture
def shop(url: str, ask: Callable[[str], list[tuple[Any, ...]]]) -> Iterator[Shop]:
    made = Shop(url, ask)
    with made.drip:
        yield made


def test_what_is_due_goes_while_posts_are_taken_in_and_the_last_stop_comes_before_it(shop: Shop) -> None:
    shop.drip.add_lead(phone="60120000001", triggers=["WARM"])
    shop.drip.add_lead(phone="60120000002", triggers=["WARM"])
    shop.flood()
    shop.write("60120000002", "Stop")
    shop.run_until(lambda: not shop.left())

    assert [message.to for message in shop.provider.offered] == ["60120000001"]
    # Fewer are taken in before it where they take long.
    assert FLOOD - AT_ONCE <= shop.waiting[0] <= FLOOD
    assert shop.drip.verify() == []


def test_all_that_waited_is_taken_in_by_one_pass_alone(shop: Shop) -> None:
    """There is no next one that would go on."""
    shop.drip.add_lead(phone="60120000001", triggers=["WARM"])
    shop.flood()
    shop.drip.tick()

    assert (shop.left(), shop.waiting) == (0, [0])


def test_whoever_changes_their_mind_at_the_provider_has_the_last_word(shop: Shop) -> None:
    shop.flood()
    for stamp, value in enumerate(("stop", "resume", "stop"), start=1_767_225_600):
        shop.prefer("60120000001", value, stamp)
    shop.drip.inbox.process()

    assert [barred.address for barred in shop.drip.leads.suppressions()] == ["60120000001"]


def test_a_body_too_long_to_be_looked_at_goes_first(shop: Shop) -> None:
    shop.drip.add_lead(phone="60120000001", triggers=["WARM"])
    shop.flood()
    shop.write("60120000003", "x" * 70_000)
    shop.write("60120000001", "Stop", key="x" * 70_000)
    shop.run_until(lambda: not shop.left())

    assert shop.provider.offered == []
