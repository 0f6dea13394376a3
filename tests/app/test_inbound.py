"""What comes back: receipts are noted on their records, replies and stop words end sequences, words enroll."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, date, datetime, timedelta
from typing import Any, NoReturn

import pytest
from typing_extensions import override

from dripline import Dripline, Message, NewLead, Outcome, Sequence, Step, Unknown, VirtualClock
from dripline.app.inbox.replies import Replies
from dripline.core.events.inbound import ProviderEvent
from dripline.core.views.operations import RefusedPosts
from dripline.core.views.timeline import Attempt
from dripline.errors import ChannelNotConfigured
from dripline.store.conversations import inbox
from support.meta import MetaDouble, posted, signed, take

START = datetime(2026, 1, 1, tzinfo=UTC)
PHONE = "60123456789"
HALF_A_DAY = timedelta(hours=12)

Ask = Callable[[str], list[tuple[object, ...]]]
POSTED = "SELECT channel, problem FROM inbox"
DELIVERIES = "SELECT record_id, delivery, delivery_at FROM attempts ORDER BY record_id, number"


class Provider(MetaDouble):
    """Takes messages as scripted, and posts as Meta does; one of our own mistakes is in it."""

    @override
    def events(self, body: bytes) -> list[ProviderEvent]:
        if b"poison" in body:
            raise RuntimeError("a mistake of ours")
        return super().events(body)


class Shop:
    """A shop with one sequence of four steps, on a clock that the test sets."""

    def __init__(self, url: str, script: Callable[[Message], Outcome | None]) -> None:
        self.clock = VirtualClock(START)
        self.provider = Provider(script)
        self.drip = Dripline(url, clock=self.clock, channels={"whatsapp": self.provider})
        steps = [Step("One"), Step("Two", "12h"), Step("Three", "12h"), Step("Four", "12h")]
        self.drip.apply(Sequence("Warm", trigger="WARMEXAMA", channel="whatsapp", steps=steps))

    def enroll(self, phone: str = PHONE) -> None:
        self.drip.add_lead(phone=phone, triggers=["WARMEXAMA"])

    def post(self, *values: dict[str, Any], field: str = "messages", at: datetime | None = None) -> int:
        """Post values as Meta does, and let them have their effects."""
        assert self.take(posted(*values, field=field, at=int((at or self.clock.now()).timestamp())))
        return self.drip.inbox.process()

    def take(self, body: bytes) -> bool:
        return take(self.drip, body)

    def status(self, step: int, state: str, *, minutes: float = 0, **more: object) -> dict[str, Any]:
        """Return a status of the message of a step, so many minutes from now."""
        record = next(record for record in self.drip.records(phone=PHONE) if record.current_step == step)
        at = self.clock.now() + timedelta(minutes=minutes)
        return status(f"fake-{record.id}-{record.attempt}", state, at, record=record.id, **more)

    def write(self, text: str, phone: str = PHONE, *, name: str = "Aina") -> int:
        """Let a person write."""
        stamp = str(int(self.clock.now().timestamp()))
        message = {"id": f"in-{phone}-{stamp}-{text}", "from": phone, "timestamp": stamp, "type": "text"}
        contacts = [{"wa_id": phone, "profile": {"name": name}}]
        return self.post({"metadata": {}, "contacts": contacts, "messages": [message | {"text": {"body": text}}]})

    def statuses(self) -> list[str]:
        return [record.status.value for record in self.drip.records(phone=PHONE)]

    def deliveries(self) -> list[str | None]:
        return [attempt.delivery for attempt in self.attempts()]

    def attempts(self) -> tuple[Attempt, ...]:
        return self.drip.leads.timelines(phone=PHONE)[0].attempts

    def pass_half_a_day(self) -> None:
        self.clock.advance(HALF_A_DAY)
        self.drip.tick()


def status(message: str, state: str, at: datetime, *, record: int, **more: object) -> dict[str, Any]:
    told = {"id": message, "status": state, "timestamp": str(int(at.timestamp())), "recipient_id": PHONE}
    return {"statuses": [told | {"biz_opaque_callback_data": str(record)} | more]}


def failed(code: int) -> dict[str, Any]:
    return {"errors": [{"code": code, "message": "No"}]}


@pytest.fixture
def open_shop(url: str) -> Iterator[Callable[..., Shop]]:
    with ExitStack() as stack:

        def opened(script: Callable[[Message], Outcome | None] = lambda _: None) -> Shop:
            shop = Shop(url, script)
            stack.enter_context(shop.drip)
            return shop

        yield opened


@pytest.fixture
def shop(open_shop: Callable[..., Shop]) -> Shop:
    return open_shop()


def test_the_missions_flow_and_a_reply_after_step_two(shop: Shop) -> None:
    shop.enroll()
    shop.drip.tick()
    shop.post(shop.status(1, "sent"), shop.status(1, "delivered", minutes=1), shop.status(1, "read", minutes=2))
    shop.pass_half_a_day()
    shop.post(shop.status(2, "sent"), shop.status(2, "delivered", minutes=1))

    assert shop.write("How much is it?") == 1
    assert shop.statuses() == ["completed", "completed", "cancelled", "cancelled"]
    assert shop.deliveries() == ["read", "delivered"]
    assert [attempt.delivery_at for attempt in shop.attempts()] == [
        START + timedelta(minutes=2), START + HALF_A_DAY + timedelta(minutes=1)
    ]  # fmt: skip
    shop.pass_half_a_day()
    assert len(shop.provider.offered) == 2
    assert shop.drip.verify() == []


def test_a_stop_word_bars_for_good(shop: Shop) -> None:
    shop.enroll()
    shop.drip.tick()
    shop.write("STOP!!")
    shop.drip.leads.forget(phone=PHONE)
    shop.enroll()
    shop.pass_half_a_day()

    assert [barred.address for barred in shop.drip.leads.suppressions()] == [PHONE]
    assert len(shop.provider.offered) == 1


def test_a_pass_takes_in_what_was_posted_before_it_claims(shop: Shop) -> None:
    shop.enroll()
    shop.drip.tick()
    shop.clock.advance(HALF_A_DAY)
    body = json.dumps(
        {"entry": [{"changes": [{"field": "messages", "value": {"messages": [
            {"id": "in", "from": PHONE, "timestamp": "1767225600", "type": "text", "text": {"body": "Stop"}}
        ]}}]}]}
    ).encode()  # fmt: skip
    assert shop.take(body)
    shop.drip.tick()

    assert len(shop.provider.offered) == 1
    assert shop.statuses() == ["completed", "cancelled", "cancelled", "cancelled"]


def test_a_word_that_is_a_trigger_enrolls_who_writes_it(shop: Shop) -> None:
    shop.write(" warmexama ", name="Aina")
    shop.write("warmexama please", phone="60199999999")
    shop.drip.tick()

    assert [(message.to, message.lead.name) for message in shop.provider.offered] == [(PHONE, "Aina")]
    assert shop.drip.leads.with_address(phone="60199999999") == []


def test_what_was_not_signed_leaves_no_trace_but_a_count(shop: Shop, ask: Ask) -> None:
    body = b'{"entry": []}'

    assert not shop.drip.inbox.receive_webhook("whatsapp", {"x-hub-signature-256": signed(body + b" ")}, body)
    assert not shop.drip.inbox.receive_webhook("whatsapp", {}, body)
    assert ask(POSTED) == []
    shop.clock.advance(timedelta(days=1))
    assert not shop.drip.inbox.receive_webhook("whatsapp", {}, body)
    assert shop.drip.inbox.refused_posts() == [
        RefusedPosts("whatsapp", day=date(2026, 1, 2), posts=1),
        RefusedPosts("whatsapp", day=date(2026, 1, 1), posts=2),
    ]
    shop.clock.advance(timedelta(days=40))
    shop.drip.inbox.process()
    assert shop.drip.inbox.refused_posts() == ask("SELECT day FROM refused_posts") == []


def test_what_was_taken_in_long_ago_is_let_go_bit_by_bit(shop: Shop, ask: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbox, "LET_GO_AT_ONCE", 2)
    for number in range(3):
        shop.write(f"Hello {number}")
    assert shop.take(b"no JSON")
    shop.drip.inbox.process()
    assert shop.write("Hello 0") == 0
    shop.clock.advance(timedelta(days=31))
    left: list[tuple[object, ...]] = []
    for _ in range(3):
        shop.drip.inbox.process()
        left += ask("SELECT (SELECT count(*) FROM inbox), (SELECT count(*) FROM inbound_events)")

    # Five bodies, one of which could not be read: it stays longer.
    assert left == [(3, 1), (1, 0), (1, 0)]
    shop.clock.advance(timedelta(days=60))
    shop.drip.inbox.process()
    assert ask(POSTED) == []


def test_what_cannot_be_read_is_kept_with_what_is_wrong(shop: Shop, ask: Ask) -> None:
    assert shop.take(b"\xff{\x00")
    assert shop.drip.inbox.process() == 0

    ((channel, problem),) = ask(POSTED)
    assert (channel, bool(problem)) == ("whatsapp", True)
    assert shop.drip.inbox.process() == 0


def test_a_body_that_we_stumble_over_holds_up_nothing(shop: Shop, ask: Ask) -> None:
    shop.enroll()
    assert shop.take(b'{"poison": 1}')
    assert shop.write("Stop") == 1

    assert ask(f"{POSTED} ORDER BY id") == [("whatsapp", "RuntimeError: a mistake of ours"), ("whatsapp", None)]
    assert shop.statuses() == ["cancelled"] * 4


def test_an_event_that_cannot_have_its_effects_leaves_no_half_of_them(shop: Shop, ask: Ask) -> None:
    shop.enroll()
    shop.drip.tick()
    good, bad = shop.status(1, "read"), {"messages": [{"id": "in", "from": PHONE, "timestamp": "9", "type": "text"}]}
    with pytest.MonkeyPatch.context() as patched:

        def stumble(*_who: object, **_what: object) -> NoReturn:
            raise RuntimeError("a mistake of ours")

        patched.setattr(Replies, "take", stumble)
        shop.post(good, bad)

    assert shop.deliveries() == [None]
    assert ask("SELECT count(*) FROM inbound_events") == [(0,)]
    assert ask(POSTED) == [("whatsapp", "RuntimeError: a mistake of ours")]


def test_a_phone_of_nobody_loses_nothing_beside_it(shop: Shop, ask: Ask) -> None:
    shop.enroll()
    shop.drip.tick()
    told = {"wa_id": "1", "category": "marketing_messages", "value": "stop", "timestamp": 1_767_225_600}
    shop.post({"user_preferences": [told]}, field="user_preferences")
    shop.post(shop.status(1, "read"), {"messages": [{"id": "in", "from": "1", "timestamp": "9", "type": "text"}]})

    assert shop.deliveries() == ["read"]
    assert ask(POSTED) == [("whatsapp", None)] * 2


def test_only_a_channel_that_takes_things_in_is_posted_to(shop: Shop) -> None:
    with pytest.raises(ChannelNotConfigured, match="console"):
        shop.drip.inbox.receive_webhook("console", {}, b"{}")
    with pytest.raises(ChannelNotConfigured, match="telex"):
        shop.drip.inbox.challenge("telex", {})
    asked = {"hub.mode": "subscribe", "hub.verify_token": "mine", "hub.challenge": "1158"}
    assert shop.drip.inbox.challenge("whatsapp", asked) == "1158"


def test_a_thousand_receipts_are_taken_in_at_once_and_only_once(shop: Shop, ask: Ask) -> None:
    shop.drip.add_leads([NewLead(f"6012{place:07d}", triggers=("WARMEXAMA",)) for place in range(1_000)])
    shop.drip.tick()
    sent = [record for record in shop.drip.records() if record.status == "completed"]
    told = [status(f"fake-{r.id}-1", "delivered", START, record=r.id)["statuses"][0] for r in sent]
    body = json.dumps({"entry": [{"changes": [{"field": "messages", "value": {"statuses": told}}]}]}).encode()
    assert shop.take(body)
    began_at = time.perf_counter()
    taken = shop.drip.inbox.process()
    seconds = time.perf_counter() - began_at

    assert taken == len(told) == 1_000
    assert seconds < 1
    before = ask(DELIVERIES)
    assert {delivery for _, delivery, _ in before} == {"delivered"}
    shop.clock.advance(timedelta(hours=1))
    assert shop.take(body)
    assert shop.drip.inbox.process() == 0
    assert ask(DELIVERIES) == before


@pytest.mark.parametrize(
    ("told", "stays"),
    [
        (["sent", "delivered", "read"], "read"),
        (["read", "delivered", "sent"], "read"),
        (["sent", "failed"], "failed"),
        (["failed", "sent"], "failed"),
        (["delivered", "failed"], "delivered"),
        (["failed", "delivered"], "delivered"),
    ],
)
@pytest.mark.parametrize("at_once", [False, True])
def test_receipts_in_any_order_leave_the_furthest(shop: Shop, told: list[str], stays: str, *, at_once: bool) -> None:
    shop.enroll()
    shop.drip.tick()
    values = [shop.status(1, state, **(failed(130472) if state == "failed" else {})) for state in told]
    for together in [values] if at_once else [[value] for value in values]:
        shop.post(*together)

    assert shop.deliveries() == [stays]
    assert shop.statuses() == ["completed", "active", "pending", "pending"]


def test_a_receipt_completes_what_had_no_answer(open_shop: Callable[..., Shop]) -> None:
    def silent_at_first(message: Message) -> Outcome | None:
        return Unknown("silence") if message.step == 1 else None

    shop = open_shop(silent_at_first)
    shop.enroll()
    shop.drip.tick()
    assert shop.statuses()[0] == "unknown"
    record = shop.drip.records(phone=PHONE)[0]
    shop.clock.advance(timedelta(minutes=2))
    shop.post(status("wamid.late", "delivered", shop.clock.now(), record=record.id))

    assert shop.statuses() == ["completed", "active", "pending", "pending"]
    attempt = shop.attempts()[0]
    assert (attempt.outcome, attempt.provider_id, attempt.delivery) == ("accepted", "wamid.late", "delivered")
    assert shop.drip.verify() == []


def test_a_receipt_may_be_faster_than_the_answer(open_shop: Callable[..., Shop]) -> None:
    def told_first(message: Message) -> Outcome | None:
        if message.step == 1:
            shop.post(status("wamid.fast", "sent", shop.clock.now(), record=message.record_id))
            return Unknown("silence")
        return None

    shop = open_shop(told_first)
    shop.enroll()
    shop.drip.tick()

    assert shop.statuses() == ["completed", "active", "pending", "pending"]
    assert [(one.outcome, one.provider_id, one.text) for one in shop.attempts()] == [("accepted", "wamid.fast", "One")]
    assert shop.drip.verify() == []


@pytest.mark.parametrize(
    ("code", "statuses", "barred"),
    [
        (131026, ["completed", "cancelled", "cancelled", "cancelled"], []),
        (131050, ["completed", "cancelled", "cancelled", "cancelled"], [PHONE]),
        (130472, ["completed", "active", "pending", "pending"], []),
        (131000, ["completed", "active", "pending", "pending"], []),
    ],
)
def test_a_delivery_that_failed_reaches_as_far_as_its_code(
    shop: Shop, code: int, statuses: list[str], barred: list[str]
) -> None:
    shop.enroll()
    shop.drip.tick()
    shop.post(shop.status(1, "failed", **failed(code)))

    assert shop.statuses() == statuses
    assert [suppression.address for suppression in shop.drip.leads.suppressions()] == barred
    assert shop.attempts()[0].delivery_error == f"WhatsApp error {code}: No"
    timeline = shop.drip.leads.timelines(phone=PHONE)[0]
    why = timeline.why(timeline.records[0], shop.drip.now())
    assert "but not delivered" in why
    assert f"WhatsApp error {code}: No" in why


def test_a_template_that_meta_took_away_pauses_its_step_for_everybody(shop: Shop) -> None:
    shop.enroll()
    shop.drip.tick()
    shop.post(shop.status(1, "failed", **failed(132016)))
    shop.enroll("60198765432")
    shop.drip.tick()

    assert [message.to for message in shop.provider.offered] == [PHONE]


@pytest.mark.parametrize("record", [1, 2**52])
def test_a_receipt_of_somebody_elses_message_changes_nothing(shop: Shop, record: int) -> None:
    shop.enroll()
    shop.drip.tick()
    shop.post(status("wamid.theirs", "read", START, record=record))
    shop.post(status("wamid.theirs", "read", START, record=shop.drip.records(phone=PHONE)[0].id))

    assert shop.deliveries() == [None]


def test_who_tells_meta_to_stop_is_barred_until_they_take_it_back(shop: Shop) -> None:
    def prefer(value: str, at: int) -> None:
        told = {"wa_id": PHONE, "category": "marketing_messages", "value": value, "timestamp": at}
        shop.post({"user_preferences": [told]}, field="user_preferences")

    shop.enroll()
    prefer("stop", 1_767_225_600)
    shop.drip.tick()
    assert shop.provider.offered == []

    prefer("resume", 1_767_225_700)
    assert list(shop.drip.leads.suppressions()) == []

    shop.drip.opt_out(phone=PHONE)
    prefer("resume", 1_767_225_800)
    assert [barred.address for barred in shop.drip.leads.suppressions()] == [PHONE]
