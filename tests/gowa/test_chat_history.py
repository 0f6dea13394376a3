"""What a chat holds says whether messages went of which nobody knew, and tells replies that no webhook told."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

import pytest
from gowa_shop import Shop, open_shop

from dripline import Accepted, Dripline, Outcome, Policy, Sender, Sequence, Step, VirtualClock
from dripline.core.messages.compose import Send, decide
from dripline.core.records.trace import Absent, Found, Sent
from dripline.core.senders.health import Unsure
from dripline.store.database.connect import connect
from dripline.store.enrollments.store import Store
from dripline.store.records.claim_lanes import ClaimOptions, Lanes
from support.gateway import Device, Written
from support.real_time import eventually

PHONE, OTHER = "60123456789", "60123456780"
CHAT = f"{PHONE}@s.whatsapp.net"
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)

Ask = Callable[[str], list[tuple[object, ...]]]


@pytest.fixture
def shop(url: str, clock: VirtualClock) -> Iterator[Shop]:
    with open_shop(url, clock) as opened:
        opened.set_up()
        yield opened


def provider_ids(shop: Shop) -> list[str | None]:
    return [attempt.provider_id for attempt in shop.drip.leads.timelines(phone=PHONE)[0].attempts]


def lose_one(shop: Shop, *, after_it_went: bool) -> None:
    """Let the answer to a message get lost, after it went or before."""
    if after_it_went:
        shop.gateway.swallows.add(PHONE)
    else:
        shop.gateway.refuses[PHONE] = (504, "GATEWAY_TIMEOUT", "no answer")
    shop.enroll(PHONE)
    shop.drip.tick()


def test_a_message_that_went_is_found_in_its_chat_and_its_sequence_goes_on(shop: Shop) -> None:
    lose_one(shop, after_it_went=True)

    assert shop.statuses(PHONE) == ["unknown", "pending"]

    shop.pass_time(15 * SECOND)

    assert shop.statuses(PHONE) == ["completed", "active"]
    assert provider_ids(shop) == ["3EB00"]
    assert shop.gateway.sent == [(PHONE, "Hi you")]
    assert not shop.drip.verify()


@pytest.mark.parametrize(
    ("policy", "statuses", "sent"),
    [
        (Policy(), ["unknown", "active"], 0),
        (Policy(on_unknown="hold"), ["unknown", "pending"], 0),
        (Policy(on_unknown="resend"), ["completed", "active"], 1),
    ],
)
def test_a_message_that_did_not_go_is_left_to_its_policy(
    shop: Shop, policy: Policy, statuses: list[str], sent: int
) -> None:
    steps = [Step("Hi {{ name or 'you' }}"), Step("Two", "12h")]
    shop.drip.apply(Sequence("Warm", trigger="WARM", senders=["jb-1"], steps=steps, cold=True, policy=policy))
    lose_one(shop, after_it_went=False)
    shop.gateway.refuses.clear()
    for _ in range(10):
        shop.pass_time(MINUTE - SECOND)

    assert shop.statuses(PHONE) == ["unknown", "pending"]
    assert "its chat does not hold it" in shop.why(PHONE)
    assert shop.why(PHONE).count("its chat does not hold it") == 1

    shop.pass_time(MINUTE)
    shop.pass_time(MINUTE)

    assert (shop.statuses(PHONE), len(shop.gateway.sent)) == (statuses, sent)


def test_a_message_that_comes_late_is_found_while_its_record_is_held(shop: Shop) -> None:
    lose_one(shop, after_it_went=False)
    for _ in range(4):
        shop.pass_time(MINUTE)
    shop.gateway.chats.append(Written("3EB0LATE", CHAT, "Hi  you\n", shop.clock.now(), is_ours=True))
    for _ in range(5):
        shop.pass_time(MINUTE)

    assert shop.statuses(PHONE) == ["completed", "active"]
    assert provider_ids(shop) == ["3EB0LATE"]


def test_a_chat_is_asked_less_often_the_longer_a_message_is_missing(shop: Shop) -> None:
    lose_one(shop, after_it_went=False)
    for _ in range(38):
        shop.pass_time(15 * SECOND)

    assert shop.gateway.asked[f"GET /chat/{CHAT}/messages"] <= 8


def looked_for(shop: Shop, *, text: str = "Hi you", known: frozenset[str] = frozenset()) -> Found | Absent | Unsure:
    sent = Sent("dev-1", to=PHONE, text=text, since=shop.clock.now() - MINUTE, known=known)

    async def once() -> Found | Absent | Unsure:
        channel = shop.channel(timeout=1)
        try:
            return await channel.find_sent(sent)
        finally:
            await channel.aclose()

    return asyncio.run(once())


def test_only_our_own_words_to_that_person_since_then_are_it(shop: Shop) -> None:
    now = shop.clock.now()
    shop.gateway.chats = [
        Written("theirs", CHAT, "Hi you", now),
        Written("to another", f"{OTHER}@s.whatsapp.net", "Hi you", now, is_ours=True),
        Written("before", CHAT, "Hi you", now - 2 * MINUTE, is_ours=True),
        Written("other words", CHAT, "Hi You", now, is_ours=True),
        Written("known", CHAT, "Hi you", now, is_ours=True),
    ]

    assert looked_for(shop, known=frozenset({"known"})) == Absent()
    assert looked_for(shop) == Found("known", at=now)


def test_what_a_gateway_cannot_say_is_not_taken_for_an_answer(shop: Shop) -> None:
    shop.gateway.devices["dev-1"] = Device(is_connected=False)
    assert isinstance(looked_for(shop), Unsure)

    shop.gateway.devices.clear()
    assert isinstance(looked_for(shop), Unsure)

    shop.gateway.is_down = True
    assert isinstance(looked_for(shop), Unsure)


def test_a_step_with_the_same_words_is_not_taken_for_the_one_before(shop: Shop) -> None:
    steps = [Step("Same"), Step("Same", "10s")]
    shop.drip.apply(Sequence("Twice", trigger="TWICE", senders=["jb-1"], steps=steps, cold=True))
    shop.drip.add_lead(phone=PHONE, triggers=["TWICE"])
    shop.drip.tick()
    shop.gateway.refuses[PHONE] = (504, "GATEWAY_TIMEOUT", "no answer")
    shop.pass_time(10 * SECOND)
    shop.pass_time(15 * SECOND)

    assert shop.statuses(PHONE) == ["completed", "unknown"]
    assert "its chat does not hold it" in shop.why(PHONE, 2)


def send_and_die(shop: Shop, now: datetime) -> None:
    """Claim what is due and hand it over as a worker does that dies before it can write what was answered."""
    database = connect(shop.url)
    terms = ClaimOptions("dead", lease=timedelta(minutes=5), batch=1)
    turns = Lanes(database, Store(database, lambda: now)).take_turns("gowa", terms, now, passed=())
    database.close()
    [claimed] = turns.claims.records
    decision = decide(claimed.facts)
    assert isinstance(decision, Send)

    async def once() -> Outcome:
        channel = shop.channel()
        try:
            return await channel.send(decision.message)
        finally:
            await channel.aclose()

    assert isinstance(asyncio.run(once()), Accepted)


def test_what_a_dead_worker_sent_is_found_although_its_hold_was_over_when_somebody_came(
    url: str, clock: VirtualClock, shop: Shop
) -> None:
    policy = Policy(on_unknown="resend", unknown_after="1s")
    steps = [Step("Hi {{ name or 'you' }}"), Step("Two", "12h")]
    shop.drip.apply(Sequence("Warm", trigger="WARM", senders=["jb-1"], steps=steps, cold=True, policy=policy))
    shop.enroll(PHONE)
    send_and_die(shop, clock.now())

    assert shop.gateway.sent == [(PHONE, "Hi you")]
    assert shop.statuses(PHONE) == ["sending", "pending"]

    clock.advance(timedelta(minutes=6))
    with Dripline(url, clock=clock) as without_the_channel:
        without_the_channel.tick()
    shop.pass_time(MINUTE)
    shop.pass_time(15 * SECOND)

    assert shop.statuses(PHONE) == ["completed", "active"]
    assert len(shop.gateway.sent) == 1
    assert not shop.drip.verify()


def test_of_two_workers_one_looks(shop: Shop) -> None:
    lose_one(shop, after_it_went=False)
    before = shop.gateway.asked[f"GET /chat/{CHAT}/messages"]
    shop.clock.advance(15 * SECOND)
    with shop.opened() as another:
        shop.drip.tick()
        another.tick()

    assert shop.gateway.asked[f"GET /chat/{CHAT}/messages"] - before == 1


def test_a_reply_that_no_webhook_told_is_found_within_the_hour_and_ends_what_it_ends(shop: Shop) -> None:
    shop.enroll(PHONE)
    shop.drip.tick()
    shop.clock.advance(MINUTE)
    shop.gateway.chats.append(Written("lost", CHAT, "Is it still open?", shop.clock.now()))
    shop.pass_time(timedelta(minutes=30))

    assert shop.statuses(PHONE) == ["completed", "active"]

    shop.pass_time(timedelta(minutes=31))
    shop.drip.tick()

    assert shop.statuses(PHONE) == ["completed", "cancelled"]
    assert "the lead replied" in shop.why(PHONE, 2)


def test_a_reply_counts_once_whether_told_or_found(shop: Shop, ask: Ask) -> None:
    shop.drip.tick()
    shop.clock.advance(MINUTE)
    shop.gateway.chats.append(Written("one", CHAT, "WARM", shop.clock.now()))
    shop.write(PHONE, "WARM", "one")
    for _ in range(3):
        shop.pass_time(timedelta(hours=1))

    assert ask("SELECT count(*) FROM inbox") == [(1,)]

    shop.gateway.chats.append(Written("two", CHAT, "more", shop.clock.now()))
    for _ in range(3):
        shop.pass_time(timedelta(hours=1))
    shop.write(PHONE, "more", "two")

    assert ask("SELECT key FROM inbound_events ORDER BY key") == [("one",), ("two",)]


def test_what_was_written_before_there_was_a_sender_does_not_count(shop: Shop, ask: Ask) -> None:
    shop.gateway.chats.append(Written("old", CHAT, "WARM", shop.clock.now() - timedelta(days=1)))
    for _ in range(3):
        shop.pass_time(timedelta(hours=1))

    assert ask("SELECT count(*) FROM inbox") == [(0,)]


def test_groups_and_calls_and_our_own_words_are_no_replies(shop: Shop, ask: Ask) -> None:
    shop.drip.tick()
    now = shop.clock.now() + SECOND
    shop.gateway.chats = [
        Written("group", "120363402106@g.us", "WARM", now),
        Written("call", CHAT, "", now, more={"media_type": "call"}),
        Written("ours", CHAT, "WARM", now, is_ours=True),
        Written(
            "second device", f"{OTHER}@s.whatsapp.net", "WARM", now, more={"sender_jid": f"{OTHER}:12@s.whatsapp.net"}
        ),
    ]
    shop.pass_time(timedelta(hours=1))
    shop.drip.tick()

    assert ask("SELECT key FROM inbound_events") == [("second device",)]
    assert not [path for path in shop.gateway.asked if "@g.us" in path]
    assert shop.statuses(OTHER)[0] in {"active", "completed"}


def test_a_gateway_that_was_away_is_read_from_where_it_was_left(shop: Shop) -> None:
    shop.enroll(PHONE)
    shop.drip.tick()
    shop.clock.advance(timedelta(minutes=20))
    shop.gateway.chats.append(Written("lost", CHAT, "stop", shop.clock.now()))
    shop.gateway.is_down = True
    for _ in range(3):
        shop.pass_time(timedelta(hours=1))
    shop.gateway.is_down = False
    shop.pass_time(timedelta(hours=1))
    shop.drip.tick()

    assert [one.address for one in shop.drip.leads.suppressions()] == [PHONE]


def test_what_was_read_is_not_read_again_but_for_its_end(shop: Shop) -> None:
    shop.drip.tick()
    for _ in range(3):
        shop.gateway.chats.append(Written(f"at {shop.clock.now()}", CHAT, "hello", shop.clock.now() + MINUTE))
        shop.pass_time(timedelta(hours=1))

    assert shop.gateway.read_since == ["2025-12-31T23:50:00Z", "2026-01-01T00:50:00Z", "2026-01-01T01:50:00Z"]


def test_a_processor_that_starts_reads_what_was_written_while_nobody_was_there(shop: Shop) -> None:
    shop.drip.tick()
    shop.clock.advance(timedelta(minutes=12))
    shop.gateway.chats.append(Written("lost", CHAT, "stop", shop.clock.now()))
    running = threading.Thread(target=shop.drip.run)
    running.start()
    try:
        eventually(lambda: [one.address for one in shop.drip.leads.suppressions()] == [PHONE])
    finally:
        shop.drip.stop()
        running.join()


def test_many_chats_and_long_ones_are_read_to_their_end(shop: Shop, ask: Ask) -> None:
    shop.drip.tick()
    now = shop.clock.now() + SECOND
    chats = [Written(f"in {number}", f"6012{number:07d}@s.whatsapp.net", "hello", now) for number in range(130)]
    shop.gateway.chats = chats + [Written(f"long {number}", CHAT, "hello " * 500, now) for number in range(230)]
    shop.pass_time(timedelta(hours=1))
    shop.drip.tick()

    assert ask("SELECT count(*) FROM inbound_events") == [(360,)]


def test_a_sender_of_another_channel_is_not_looked_for(shop: Shop) -> None:
    shop.drip.senders.apply(Sender("con", channel="console", account="x"))
    shop.drip.tick()

    assert not [path for path in shop.gateway.asked if "/x/" in path]
