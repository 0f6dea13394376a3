"""Whoever asks to stop is heard, whatever the provider makes of it; and what is no answer ends nothing."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta

import pytest
from posting_shop import BSUID, PHONE, STAMP, Shop, cloud, edit, gowa, interactive, message, sms, telegram

from dripline import Sequence, Step
from support.meta import posted

NOBODY: list[str] = []
RUNS, BARRED, HELD = ["completed", "active"], ["completed", "cancelled"], ["completed", "paused"]


@pytest.fixture
def open_shop(url: str) -> Iterator[Callable[[str], Shop]]:
    with ExitStack() as stack:

        def opened(channel: str) -> Shop:
            shop = Shop(url, channel)
            stack.enter_context(shop.drip)
            return shop

        yield opened


STOPS = [
    ("whatsapp", cloud("button", {"payload": "Stop promotions", "text": "Stop promotions"})),
    ("whatsapp", cloud("button", {"payload": "STOP", "text": "No thanks"})),
    ("whatsapp", cloud("button", {"payload": "opt_out", "text": "Not for me"})),
    ("whatsapp", cloud("interactive", interactive("button_reply", "unsubscribe", "Enough"))),
    ("whatsapp", cloud("interactive", interactive("list_reply", "stop-all", "Enough"))),
    ("whatsapp", cloud("interactive", interactive("list_reply", "7", "Berhenti"))),
    ("whatsapp", cloud("edit", edit("STOP"))),
    ("whatsapp", cloud("text", {"body": "S\u200bTOP\u200e"})),
    ("gowa", gowa("message.edited", body="STOP", original_message_id="X")),
    ("telegram", telegram("edited_message", edit_date=STAMP + 10, text="STOP")),
    ("telegram", telegram("message", text="/stop")),
    ("sms", sms(Body="PARAR", OptOutType="STOP")),
    ("sms", sms(Body="Not me", ButtonPayload="STOP", ButtonText="Not me")),
]


@pytest.mark.parametrize(("channel", "body"), STOPS)
def test_who_asks_to_stop_is_barred_however_it_comes(
    open_shop: Callable[[str], Shop], channel: str, body: bytes
) -> None:
    shop = open_shop(channel)
    shop.post(body)

    assert (shop.statuses, shop.barred) == (BARRED, [PHONE])
    assert shop.drip.verify() == []


# ruff: noqa: RUF001  (letters that look alike are what people write)
LABELS = [
    "Stop promotions", "Hentikan promosi", "停止推广", "停止促銷", "Parar promoções", "Detener promociones",
    "إيقاف العروض الترويجية", "प्रमोशन रोकें", "Arrêter les promotions", "Werbung stoppen", "Interrompi promozioni",
    "Promosyonları durdur", "Dừng khuyến mãi", "หยุดโปรโมชัน", "Остановить рекламу", "プロモーションを停止",
    "프로모션 중지", "Promoties stoppen",
]  # fmt: skip


@pytest.mark.parametrize("label", LABELS)
def test_metas_own_button_bars_in_every_language(open_shop: Callable[[str], Shop], label: str) -> None:
    shop = open_shop("whatsapp")
    shop.post(cloud("button", {"payload": label, "text": label}))

    assert (shop.statuses, shop.barred) == (BARRED, [PHONE])


NOTHING_SAID = [
    ("whatsapp", cloud("revoke", {"original_message_id": "wamid.X"})),
    ("whatsapp", cloud("request_welcome")),
    ("whatsapp", cloud("reaction", {"emoji": "👎", "message_id": "wamid.X"})),
    ("whatsapp", cloud("text", {"body": "stop"}, group_id="Y2FwaV9ncm91cDox")),
    ("whatsapp", cloud("edit", edit("How much was it?"))),
    ("whatsapp", cloud("text", {"body": "HELP"})),
    ("whatsapp", cloud("text", {"body": "Start"})),
    ("gowa", gowa("message.revoked", revoked_message_id="X")),
    ("gowa", gowa("message.reaction", reaction="👎")),
    ("gowa", gowa("message.edited", body="How much was it?")),
    ("gowa", gowa("message", body="stop", chat_id="120363402106@g.us")),
    ("telegram", telegram("edited_message", edit_date=STAMP + 10, text="How much was it?")),
    ("telegram", telegram("message_reaction")),
    ("telegram", telegram("message", text="stop", chat={"id": -5, "type": "group"})),
    ("telegram", telegram("message", text="/help")),
    ("sms", sms(Body="AYUDA", OptOutType="HELP")),
    ("sms", sms(Body="HELP")),
    ("sms", sms(Body="EMPEZAR", OptOutType="START")),
]


@pytest.mark.parametrize(("channel", "body"), NOTHING_SAID)
def test_what_is_no_reply_ends_nothing(open_shop: Callable[[str], Shop], channel: str, body: bytes) -> None:
    shop = open_shop(channel)
    shop.post(body)

    assert (shop.statuses, shop.barred) == (RUNS, [])


def preference(value: str, **who: str) -> bytes:
    told = {"category": "marketing_messages", "value": value, "timestamp": STAMP, **who}
    return posted({"user_preferences": [told]}, field="user_preferences", at=STAMP)


def status_with_id() -> bytes:
    told = {"id": "wamid.OURS", "status": "delivered", "timestamp": str(STAMP), "recipient_id": PHONE}
    return posted({"statuses": [told | {"recipient_user_id": BSUID}]}, at=STAMP)


def hidden(text: str, user_id: str = BSUID) -> bytes:
    value = message(content={"body": text}, number=9, from_user_id=user_id)
    del value["messages"][0]["from"], value["contacts"]
    return posted(value, at=STAMP)


def changed_id(new: str, **more: str) -> bytes:
    system = {"type": "user_changed_user_id", "previous_user_id": BSUID, "user_id": new, "body": "changed"}
    value = message("system", content=system, number=8, from_user_id=BSUID, **more)
    del value["messages"][0]["from"]
    return posted(value, at=STAMP)


@pytest.mark.parametrize(
    "last",
    [[preference("stop", user_id=BSUID)], [hidden("Stop")], [changed_id("MY.NEW"), hidden("Stop", "MY.NEW")],
     [changed_id("MY.NEW"), preference("stop", user_id="MY.NEW")]],
)  # fmt: skip
def test_who_is_known_by_an_id_that_a_status_told_stops_by_it(
    open_shop: Callable[[str], Shop], last: list[bytes]
) -> None:
    shop = open_shop("whatsapp")
    shop.post(status_with_id())
    for body in last:
        assert shop.barred == []
        shop.post(body)

    assert (shop.statuses, shop.barred) == (BARRED, [PHONE])


def test_who_takes_a_stop_back_by_their_id_is_let_go(open_shop: Callable[[str], Shop]) -> None:
    shop = open_shop("whatsapp")
    for body in (status_with_id(), preference("stop", user_id=BSUID), preference("resume", user_id=BSUID)):
        shop.post(body)

    assert shop.barred == []


def test_twilio_tells_an_id_beside_a_phone_and_later_alone(open_shop: Callable[[str], Shop]) -> None:
    shop = open_shop("twilio_whatsapp")
    shop.drip.apply(Sequence("Hot", trigger="HOT", channel="twilio_whatsapp", steps=[Step("One"), Step("Two", "12h")]))
    shop.post(sms(Body="Hello", From=f"whatsapp:+{PHONE}", ExternalUserId=BSUID))
    shop.drip.add_lead(phone=PHONE, triggers=["HOT"])
    shop.post(sms(Body="STOP", MessageSid="SM2", From=f"whatsapp:{BSUID}", ExternalUserId=BSUID))

    assert shop.barred == [PHONE]


def test_a_lead_without_a_phone_stops_by_its_id(open_shop: Callable[[str], Shop], plant: Callable[[str], None]) -> None:
    shop = open_shop("whatsapp")
    shop.drip.add_lead(email="zorb@example.com")
    lead = shop.drip.leads.with_address(email="zorb@example.com")[0].id
    plant(
        "INSERT INTO identities (channel, value, kind, lead_id, learnt_at) "
        f"SELECT 'whatsapp', 'MY.2', 'bsuid', l.id, l.created_at FROM leads AS l WHERE l.id = {lead}"
    )
    shop.post(hidden("Stop", "MY.2"))

    assert shop.barred == ["zorb@example.com"]


@pytest.mark.parametrize(
    ("first", "stands"),
    [(hidden("Stop"), (BARRED, [PHONE])), (preference("stop", user_id=BSUID), (BARRED, [PHONE])),
     (hidden("stop msg me"), (HELD, NOBODY)), (hidden("Hello"), (RUNS, NOBODY))],
)  # fmt: skip
def test_a_stop_that_comes_before_whose_it_is_waits_for_that(
    open_shop: Callable[[str], Shop], first: bytes, stands: tuple[list[str], list[str]]
) -> None:
    shop = open_shop("whatsapp")
    shop.post(first)
    assert (shop.statuses, shop.barred) == (RUNS, [])
    shop.post(status_with_id())

    assert (shop.statuses, shop.barred) == stands


def test_a_stop_that_is_taken_back_or_stays_nobodys_is_forgotten(
    open_shop: Callable[[str], Shop], ask: Callable[[str], list[tuple[object, ...]]]
) -> None:
    shop = open_shop("whatsapp")
    shop.post(preference("stop", user_id=BSUID))
    shop.post(preference("resume", user_id=BSUID))
    shop.post(hidden("Stop", "MY.1"))
    assert ask("SELECT user_id FROM early_stops") == [("MY.1",)]

    shop.clock.advance(timedelta(days=31))
    shop.drip.inbox.process()
    assert ask("SELECT * FROM early_stops") == []


def test_the_id_for_all_businesses_of_one_is_known_too(open_shop: Callable[[str], Shop]) -> None:
    shop = open_shop("whatsapp")
    told = {"id": "wamid.OURS", "status": "read", "timestamp": str(STAMP), "recipient_id": PHONE}
    shop.post(posted({"statuses": [told | {"recipient_parent_user_id": "MY.ENT.1"}]}, at=STAMP))
    shop.post(preference("stop", parent_user_id="MY.ENT.1"))

    assert shop.barred == [PHONE]


def test_a_stop_of_nobody_is_in_the_log(open_shop: Callable[[str], Shop], caplog: pytest.LogCaptureFixture) -> None:
    shop = open_shop("whatsapp")
    shop.post(preference("stop", user_id="MY.1"))
    shop.post(hidden("Stop", "MY.1"))

    assert caplog.text.count("webhook.nobody") == 2
    assert "MY.1" not in caplog.text


def test_who_is_barred_stays_so_under_a_new_number(open_shop: Callable[[str], Shop]) -> None:
    shop = open_shop("whatsapp")
    shop.post(cloud("text", {"body": "Stop"}))
    system = {"type": "user_changed_number", "wa_id": "60198765432", "body": "changed"}
    shop.post(cloud("system", system, number=2))
    shop.drip.add_lead(phone="60198765432", triggers=["WARM"])
    shop.drip.tick()

    assert shop.barred == [PHONE, "60198765432"]
    assert [sent.to for sent in shop.channels["whatsapp"].offered] == [PHONE]


NEAR = [
    "STOP lah", "please unsubscribe me", "berhenti hantar", "退订", "取消订阅", "stop msg me", "remove me from list",
    "tak nak dah", "jgn hantar lagi", "Don't message me again", "cancel please", "S.T.O.P.", "unsub", "請停止發送",
    "ne plus recevoir svp", "quiero darme de baja", "не пишите мне больше", "mat bhejo bhai", "ไม่ต้องส่งมาแล้ว",
    "🛑", "Hi.\nPlease stop\n\n> Your offer",
]  # fmt: skip


@pytest.mark.parametrize("text", NEAR)
def test_what_may_ask_to_stop_waits_for_a_person(open_shop: Callable[[str], Shop], text: str) -> None:
    shop = open_shop("whatsapp")
    shop.post(cloud("text", {"body": text}))

    assert (shop.statuses, shop.barred) == (HELD, [])
    assert [(one.phone, one.said) for one in shop.drip.leads.maybe_stopped()] == [(PHONE, text)]
    assert [trouble.told for trouble in shop.drip.alerts.all() if trouble.thing == "maybe stopped"] == [
        "1 lead may have asked to stop, and nothing is sent there until you have decided: see dripline maybe-stopped."
    ]
    shop.clock.advance(timedelta(days=2))
    shop.drip.tick()
    assert (shop.statuses, shop.drip.verify()) == (HELD, [])


@pytest.mark.parametrize(
    "text", ["Please don't stop", "How much is it?", "Is there a bus stop nearby?", "Yes!", "👍", "Good\n> unsubscribe"]
)
def test_what_asks_nothing_of_the_kind_is_a_reply(open_shop: Callable[[str], Shop], text: str) -> None:
    shop = open_shop("whatsapp")
    shop.post(cloud("text", {"body": text}))

    assert (shop.statuses, shop.barred, shop.drip.leads.maybe_stopped()) == (BARRED, [], [])


def test_who_waits_for_a_person_begins_nothing_before_that(open_shop: Callable[[str], Shop]) -> None:
    shop = open_shop("whatsapp")
    shop.post(cloud("text", {"body": "stop msg me"}))
    shop.drip.apply(Sequence("Hot", trigger="HOT", channel="whatsapp", steps=[Step("Hot")]))
    shop.drip.add_lead(phone=PHONE, triggers=["HOT"])
    assert shop.drip.tick().sent == 0

    assert shop.drip.resume(phone=PHONE) == 2
    assert shop.drip.leads.maybe_stopped() == []
    assert shop.drip.tick().sent == 1
    assert shop.drip.verify() == []


def test_a_person_decides_that_it_was_a_stop(open_shop: Callable[[str], Shop]) -> None:
    shop = open_shop("whatsapp")
    shop.post(cloud("text", {"body": "stop msg me"}))
    shop.drip.opt_out(phone=PHONE)

    assert (shop.statuses, shop.drip.leads.maybe_stopped(), shop.drip.alerts.all()) == (BARRED, [], [])


def test_what_was_said_is_forgotten_with_the_lead(
    open_shop: Callable[[str], Shop], ask: Callable[[str], list[tuple[object, ...]]]
) -> None:
    shop = open_shop("whatsapp")
    shop.post(cloud("text", {"body": "stop msg me"}))
    shop.drip.leads.forget(phone=PHONE)

    assert ask("SELECT * FROM stop_doubts") == []


@pytest.mark.parametrize(
    ("channel", "stop", "start"),
    [
        ("whatsapp", cloud("text", {"body": "STOP"}), cloud("text", {"body": "START"}, number=2)),
        ("sms", sms(Body="PARAR", OptOutType="STOP"), sms(Body="EMPEZAR", OptOutType="START", MessageSid="SM2")),
        ("telegram", telegram("message", text="stop"), telegram("message", text="Unstop", message_id=3)),
        ("gowa", gowa("message", body="stop"), gowa("message", body="start", id="D7")),
    ],
)
def test_start_takes_back_a_stop_of_ones_own_and_no_other(
    open_shop: Callable[[str], Shop], channel: str, stop: bytes, start: bytes
) -> None:
    shop = open_shop(channel)
    shop.post(stop)
    assert shop.barred == [PHONE]
    shop.post(start)
    assert (shop.statuses, shop.barred) == (BARRED, [])


@pytest.mark.parametrize("reason", ["", "asked by phone"])
def test_start_does_not_lift_what_somebody_else_barred(open_shop: Callable[[str], Shop], reason: str) -> None:
    shop = open_shop("whatsapp")
    shop.drip.opt_out(phone=PHONE, reason=reason)
    shop.post(cloud("text", {"body": "START"}))

    assert shop.barred == [PHONE]


def test_many_are_let_go_at_once_and_it_is_said_whose_own_word_it_was(open_shop: Callable[[str], Shop]) -> None:
    shop = open_shop("whatsapp")
    shop.post(cloud("text", {"body": "STOP"}))
    shop.drip.opt_out(phone="60198765432")
    allowed = shop.drip.leads.opt_in_all([PHONE, "60198765432", "60120000001"])

    assert (allowed.people, allowed.own, shop.barred) == (2, 1, [])
