"""463: WhatsApp lets a number only answer. People who wrote to it go on, everyone else waits, longer each time."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from gowa_shop import Shop, open_shop

from dripline import Pace, Policy, Sender, Sequence, Step, VirtualClock
from dripline.core.enrollments.enrolling import NEVER_WROTE
from dripline.core.explain import words
from dripline.core.reason import Reason, ReasonCode
from dripline.core.senders.reply_only import WARM_LIMIT
from support.gateway import TIMELOCK, Device

COLD_ONE, COLD_TWO = "60123456701", "60123456702"
WARM = [f"6012345671{number}" for number in range(4)]
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
START = datetime(2026, 1, 1, tzinfo=UTC)
KEEN = Policy(on_reply="continue")

Ask = Callable[[str], list[tuple[object, ...]]]


@pytest.fixture
def shop(url: str, clock: VirtualClock) -> Iterator[Shop]:
    with open_shop(url, clock) as opened:
        opened.set_up()
        yield opened


def to(shop: Shop) -> list[str]:
    return [phone for phone, _ in shop.gateway.sent]


def lock(shop: Shop) -> None:
    """Let the gateway refuse one stranger."""
    shop.gateway.refuses[COLD_ONE] = TIMELOCK
    shop.enroll(COLD_ONE)
    shop.drip.tick()


def tries(shop: Shop, phone: str) -> int:
    return len(shop.drip.leads.timelines(phone=phone)[0].attempts)


def test_strangers_wait_and_people_who_wrote_are_answered(shop: Shop) -> None:
    lock(shop)
    shop.enroll(COLD_TWO, WARM[0])
    shop.write(WARM[1], "WARM")
    shop.write(WARM[0], "WARM")
    for _ in range(3):
        shop.pass_time(MINUTE)

    assert to(shop) == [WARM[1]]
    assert shop.statuses(COLD_TWO) == ["active", "pending"]
    assert tries(shop, COLD_TWO) == 0
    assert words(Reason.of(ReasonCode.COLD)) in shop.why(COLD_ONE)
    assert f"by {words(Reason.of(ReasonCode.COLD))}" in shop.why(COLD_TWO)
    assert shop.sender.status == "active"
    assert shop.sender.cold_until == START + DAY
    assert not shop.drip.verify()


def test_the_refused_one_burns_no_try_and_is_not_tried_again_before_its_time(shop: Shop) -> None:
    lock(shop)
    for _ in range(47):
        shop.pass_time(timedelta(minutes=30))

    assert shop.gateway.asked["POST /send/message"] == 1

    del shop.gateway.refuses[COLD_ONE]
    shop.pass_time(MINUTE * 40)

    assert to(shop) == [COLD_ONE]
    assert shop.sender.cold_until is None


def test_each_refusal_in_a_row_doubles_and_a_message_that_is_taken_begins_anew(shop: Shop) -> None:
    lock(shop)
    waits: list[timedelta] = []
    for _ in range(6):
        until = shop.sender.cold_until
        assert until is not None
        waits.append(until - shop.drip.now())
        shop.pass_time(until - shop.drip.now())

    assert waits == [DAY, 2 * DAY, 4 * DAY, 8 * DAY, 16 * DAY, 16 * DAY]

    shop.gateway.refuses.clear()
    shop.pass_time(16 * DAY)
    lock_again = shop.gateway.refuses
    lock_again[COLD_TWO] = TIMELOCK
    shop.enroll(COLD_TWO)
    shop.pass_time(MINUTE)

    assert to(shop) == [COLD_ONE]
    assert shop.sender.cold_until == shop.drip.now() + DAY


def test_several_refusals_of_one_turn_count_as_one(shop: Shop) -> None:
    shop.drip.senders.apply(Sender("jb-1", channel="gowa", account="dev-1", pace=Pace(gap="1m", burst=3)))
    shop.gateway.refuses = {COLD_ONE: TIMELOCK, COLD_TWO: TIMELOCK, WARM[0]: TIMELOCK}
    shop.enroll(COLD_ONE, COLD_TWO, WARM[0])
    shop.drip.tick()

    assert shop.gateway.asked["POST /send/message"] == 3
    assert shop.sender.cold_until == shop.drip.now() + DAY
    assert shop.sender.status == "active"


def test_a_word_of_the_lead_lets_what_waits_for_it_go(shop: Shop) -> None:
    shop.drip.apply(Sequence("Keen", trigger="KEEN", senders=["jb-1"], steps=[Step("Hi")], policy=KEEN, cold=True))
    lock(shop)
    shop.drip.add_lead(phone=COLD_TWO, triggers=["KEEN"])
    shop.pass_time(MINUTE)

    assert to(shop) == []

    shop.write(COLD_TWO, "who is this?")
    shop.pass_time(MINUTE)

    assert to(shop) == [COLD_TWO]


def test_a_warm_contact_that_is_refused_waits_until_it_writes_again(shop: Shop) -> None:
    phone = WARM[0]
    shop.drip.apply(Sequence("Keen", trigger="KEEN", senders=["jb-1"], steps=[Step("Hi")], policy=KEEN, cold=True))
    shop.write(phone, "hello")
    shop.gateway.refuses[phone] = TIMELOCK
    shop.drip.add_lead(phone=phone, triggers=["KEEN"])
    shop.pass_time(MINUTE)
    shop.gateway.refuses.clear()
    shop.enroll(phone)
    shop.pass_time(MINUTE)

    assert to(shop) == []

    shop.write(phone, "are you there?")
    shop.pass_time(MINUTE)

    assert to(shop) == [phone]


def test_three_warm_contacts_that_are_refused_pause_the_sender(shop: Shop) -> None:
    for number, phone in enumerate(WARM):
        shop.gateway.refuses[phone] = TIMELOCK
        shop.write(phone, "WARM")
        shop.pass_time(MINUTE)

        assert shop.sender.status == ("active" if number < 2 else "paused")

    assert shop.sender.reason == words(Reason.of(ReasonCode.WARM_REFUSED, people=WARM_LIMIT))
    assert shop.sender.reason_code is ReasonCode.WARM_REFUSED
    assert shop.gateway.asked["POST /send/message"] == 3
    assert [event.event for event in shop.drip.senders.events("jb-1")] == ["paused", "answers only"]


def test_another_sender_is_not_held(shop: Shop) -> None:
    shop.gateway.devices["dev-2"] = Device()
    shop.drip.senders.apply(Sender("jb-2", channel="gowa", account="dev-2"))
    shop.drip.apply(Sequence("Other", trigger="OTHER", senders=["jb-2"], steps=[Step("Hi")], cold=True))
    lock(shop)
    shop.drip.add_lead(phone=COLD_TWO, triggers=["OTHER"])
    shop.drip.tick()

    assert to(shop) == [COLD_TWO]


def test_who_is_forgotten_leaves_no_word_behind(shop: Shop, ask: Ask) -> None:
    lock(shop)
    shop.write(COLD_ONE, "who is this?")

    assert ask("SELECT address FROM refused_contacts UNION ALL SELECT address FROM conversations") == [(COLD_ONE,)] * 2

    shop.drip.leads.forget(phone=COLD_ONE)

    assert ask("SELECT address FROM refused_contacts UNION ALL SELECT address FROM conversations") == []


def test_only_who_wrote_first_is_enrolled_unless_the_sequence_says_cold(shop: Shop) -> None:
    shop.drip.apply(Sequence("Shy", trigger="SHY", senders=["jb-1"], steps=[Step("Hi")]))
    shop.drip.add_lead(phone=COLD_ONE, triggers=["SHY"])
    shop.drip.add_lead(phone=COLD_TWO, triggers=["WARM"])

    assert shop.statuses(COLD_ONE) == []
    assert shop.statuses(COLD_TWO) == ["active", "pending"]

    told = shop.drip.leads.timelines(phone=COLD_ONE)[0].not_enrolled[0]

    assert (told.sequence, told.reason) == ("Shy", NEVER_WROTE)


@pytest.mark.parametrize("word", ["SHY", "good morning"])
def test_who_writes_is_enrolled_at_once(shop: Shop, word: str) -> None:
    shop.drip.apply(Sequence("Shy", trigger="SHY", senders=["jb-1"], steps=[Step("Hi")]))
    shop.drip.add_lead(phone=COLD_ONE, triggers=["SHY"])
    shop.write(COLD_ONE, word)
    shop.drip.tick()

    assert to(shop) == [COLD_ONE]


def test_who_writes_to_stop_is_not_enrolled(shop: Shop) -> None:
    shop.drip.apply(Sequence("Shy", trigger="SHY", senders=["jb-1"], steps=[Step("Hi")]))
    shop.drip.add_lead(phone=COLD_ONE, triggers=["SHY"])
    shop.write(COLD_ONE, "stop")

    assert shop.statuses(COLD_ONE) == []


def test_a_sequence_that_says_cold_later_enrolls_who_waited(shop: Shop) -> None:
    shy = Sequence("Shy", trigger="SHY", senders=["jb-1"], steps=[Step("Hi")])
    shop.drip.apply(shy)
    shop.drip.add_lead(phone=COLD_ONE, triggers=["SHY"])
    applied = shop.drip.apply(replace(shy, cold=True))

    assert applied.plan.changes == ("cold no → yes", "1 lead starts now")
    assert applied.enrolled == 1


def test_a_newcomer_goes_by_the_sender_that_it_wrote_to(shop: Shop) -> None:
    shop.gateway.devices["dev-2"] = Device()
    shop.drip.senders.apply(Sender("jb-2", channel="gowa", account="dev-2"))
    shop.drip.apply(Sequence("Both", trigger="BOTH", senders=["jb-1", "jb-2"], steps=[Step("Hi")]))
    for phone in WARM:
        shop.write(phone, "BOTH", device="dev-2")

    assert {state.sender.name: state.live for state in shop.drip.senders.all()} == {"jb-1": 0, "jb-2": len(WARM)}
