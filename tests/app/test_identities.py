"""People are known by every name that their provider uses for them, and messages by the id that it gave them."""

import logging
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dripline import Accepted, Dripline, Message, Outcome, Sequence, Step, VirtualClock
from dripline.core.leads.identity import Identity, variants
from support.meta import MetaDouble, posted, take

START = datetime(2026, 1, 1, tzinfo=UTC)
PHONE = "60123456789"
BSUID = "MY.13491208655302741918"

Ask = Callable[[str], list[tuple[object, ...]]]
NAMES = "SELECT value, kind FROM identities ORDER BY value"


class ById(MetaDouble):
    """Its receipts name a message by its own id alone."""

    receipts_by_id = True


class Shop:
    """Two steps, through a provider that says as scripted how else it calls people."""

    def __init__(self, url: str, provider: MetaDouble) -> None:
        self.clock = VirtualClock(START)
        self.provider = provider
        self.drip = Dripline(url, clock=self.clock, channels={"whatsapp": provider})
        self.drip.apply(Sequence("Warm", trigger="WARM", channel="whatsapp", steps=[Step("One"), Step("Two", "12h")]))

    def enroll(self, phone: str = PHONE) -> None:
        self.drip.add_lead(phone=phone, triggers=["WARM"])
        self.drip.tick()

    def write(self, text: str, *, key: str = "1", **who: object) -> None:
        stamp = str(int(self.clock.now().timestamp()))
        message = {"id": f"in-{key}", "timestamp": stamp, "type": "text", "text": {"body": text}, **who}
        self.post({"metadata": {}, "messages": [message]})

    def post(self, value: dict[str, Any]) -> None:
        assert take(self.drip, posted(value))
        self.drip.inbox.process()

    def statuses(self, phone: str = PHONE) -> list[str]:
        return [record.status.value for record in self.drip.records(phone=phone)]


@pytest.fixture
def open_shop(url: str) -> Iterator[Callable[..., Shop]]:
    with ExitStack() as stack:

        def opened(*aliases: str, kind: type[MetaDouble] = MetaDouble) -> Shop:
            def script(message: Message) -> Outcome | None:
                return Accepted(f"wamid.{message.record_id}", aliases=aliases) if aliases else None

            # Free text at any time: the hours of free text are another test's.
            shop = Shop(url, kind(script, window=None))
            stack.enter_context(shop.drip)
            return shop

        yield opened


def test_a_stop_word_from_a_hidden_phone_bars_the_person(open_shop: Callable[..., Shop], ask: Ask) -> None:
    shop = open_shop(BSUID)
    shop.enroll()
    assert ask(NAMES) == [(BSUID, "bsuid")]
    assert shop.drip.leads.timelines(phone=PHONE)[0].identities == (Identity("whatsapp", value=BSUID),)

    shop.write("Stop", from_user_id=BSUID)
    assert [barred.address for barred in shop.drip.leads.suppressions()] == [PHONE]
    assert shop.statuses() == ["completed", "cancelled"]


def test_who_is_known_by_no_name_stops_nobody(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(BSUID)
    shop.enroll()
    shop.write("Stop", from_user_id="MY.1")

    assert list(shop.drip.leads.suppressions()) == []
    assert shop.statuses() == ["completed", "active"]


def test_a_name_is_learnt_from_what_a_person_writes(open_shop: Callable[..., Shop], ask: Ask) -> None:
    shop = open_shop()
    shop.enroll()
    shop.drip.apply(Sequence("Hot", trigger="HOT", channel="whatsapp", steps=[Step("One"), Step("Two", "12h")]))
    shop.write("Hello", **{"from": PHONE, "from_user_id": BSUID})
    assert ask(NAMES) == [(BSUID, "bsuid")]

    shop.drip.add_lead(phone=PHONE, triggers=["HOT"])
    shop.write("Hello again", key="2", from_user_id=BSUID)
    assert {record.status.value for record in shop.drip.records(phone=PHONE)} == {"completed", "cancelled"}


def test_a_number_that_whatsapp_writes_in_its_own_way_is_the_leads(open_shop: Callable[..., Shop]) -> None:
    """Sent to as dialled, and answered from the way in which WhatsApp writes it."""
    shop = open_shop()
    shop.enroll("5511987654321")
    shop.write("Stop", **{"from": "551187654321"})

    assert shop.provider.accepted[0].to == "5511987654321"
    assert [barred.address for barred in shop.drip.leads.suppressions()] == ["5511987654321"]


def test_what_is_written_under_another_name_opens_the_hours_of_free_text(url: str) -> None:
    provider = MetaDouble(
        lambda message: Accepted(f"w{message.record_id}", aliases=(BSUID,)), window=timedelta(hours=24)
    )
    clock = VirtualClock(START)
    with Dripline(url, clock=clock, channels={"whatsapp": provider}) as drip:
        shop = object.__new__(Shop)
        shop.clock, shop.provider, shop.drip = clock, provider, drip
        drip.apply(Sequence("Warm", trigger="WARM", channel="whatsapp", steps=[Step("One")]))
        shop.write("Hello", **{"from": PHONE, "from_user_id": BSUID})
        drip.add_lead(phone=PHONE)
        shop.write("Hello", key="2", **{"from": PHONE, "from_user_id": BSUID})
        clock.advance(timedelta(days=2))
        drip.add_lead(phone=PHONE, triggers=["WARM"])
        assert drip.tick().sent == 0

        shop.write("Me again", key="3", from_user_id=BSUID)
        clock.advance(timedelta(hours=1))
        drip.tick()
        # A reply ends what it is a reply to; what opened is another matter.
        drip.apply(Sequence("Hot", trigger="HOT", channel="whatsapp", steps=[Step("One")]))
        drip.add_lead(phone=PHONE, triggers=["HOT"])
        assert drip.tick().sent == 1


def test_a_name_goes_to_whom_the_provider_last_said(
    open_shop: Callable[..., Shop], ask: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    shop = open_shop(BSUID)
    shop.enroll()
    with caplog.at_level(logging.WARNING):
        shop.enroll("60198765432")

    assert "identity.went_over" in caplog.text
    assert len(ask(NAMES)) == 1
    shop.write("Stop", from_user_id=BSUID)
    assert [barred.address for barred in shop.drip.leads.suppressions()] == ["60198765432"]


def test_a_new_number_is_known_as_the_leads_and_is_in_no_log(
    open_shop: Callable[..., Shop], ask: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    shop = open_shop()
    shop.enroll()
    system = {"type": "user_changed_number", "wa_id": "60198765432", "body": "changed"}
    stamp = str(int(START.timestamp()))
    shop.post({"messages": [{"id": "s", "from": PHONE, "timestamp": stamp, "type": "system", "system": system}]})
    assert ask(NAMES) == [("60198765432", "wa_id")]
    assert "lead.has_another_number" in caplog.text
    assert PHONE not in caplog.text
    assert "60198765432" not in caplog.text

    shop.write("Stop", **{"from": "60198765432"})
    assert [barred.address for barred in shop.drip.leads.suppressions()] == [PHONE]


def test_names_are_forgotten_with_the_lead(open_shop: Callable[..., Shop], ask: Ask) -> None:
    shop = open_shop(BSUID, kind=ById)
    shop.enroll()
    assert len(ask("SELECT * FROM sent_messages")) == 1
    shop.drip.leads.forget(phone=PHONE)

    assert ask(NAMES) == ask("SELECT * FROM sent_messages") == []


@pytest.mark.parametrize(("kind", "delivery"), [(ById, "read"), (MetaDouble, None)])
def test_a_receipt_by_the_providers_id_alone_is_the_records(
    open_shop: Callable[..., Shop], kind: type[MetaDouble], delivery: str | None
) -> None:
    """Kept for the channels that need it, and for no other: those pay nothing."""
    shop = open_shop(kind=kind)
    shop.enroll()
    stamp = str(int(START.timestamp()))
    told = {"id": f"fake-{shop.drip.records(phone=PHONE)[0].id}-1", "timestamp": stamp, "recipient_id": PHONE}
    shop.post(
        {"statuses": [told | {"status": "delivered"}, told | {"status": "read"}, told | {"id": "x", "status": "read"}]}
    )

    assert [attempt.delivery for attempt in shop.drip.leads.timelines(phone=PHONE)[0].attempts] == [delivery]


def test_a_failed_delivery_by_id_reaches_as_far_as_any(open_shop: Callable[..., Shop]) -> None:
    shop = open_shop(kind=ById)
    shop.enroll()
    told = {"id": f"fake-{shop.drip.records(phone=PHONE)[0].id}-1", "timestamp": "1767225600", "recipient_id": PHONE}
    shop.post({"statuses": [told | {"status": "failed", "errors": [{"code": 131026, "message": "No"}]}]})

    assert shop.statuses() == ["completed", "cancelled"]


@pytest.mark.parametrize(
    ("value", "kind"), [("5511987654321", "wa_id"), (BSUID, "bsuid"), ("123456@lid", "lid"), ("MY.ENT.1", "bsuid")]
)
def test_a_name_says_what_it_is(value: str, kind: str) -> None:
    assert Identity("whatsapp", value=value).kind == kind


@pytest.mark.parametrize(
    ("one", "other"),
    [("5511987654321", "551187654321"), ("5215512345678", "525512345678"), ("5491123456789", "541123456789")],
)
def test_numbers_that_are_written_in_two_ways(one: str, other: str) -> None:
    assert variants(one) == [other]
    assert one in variants(other)


@given(st.from_regex(r"[1-9][0-9]{6,14}", fullmatch=True))
def test_a_variant_has_the_number_as_its_own(phone: str) -> None:
    assert all(phone in variants(other) for other in variants(phone))
