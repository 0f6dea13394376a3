"""What people write is kept, once, as the message of whoever they are or turn out to be."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from dripline import Dripline, FakeChannel, Sequence, Step, VirtualClock
from dripline.channels.gowa import webhook as gowa_webhook
from dripline.core.events.inbound import AutomaticReply, MessageKind, ProviderEvent, Reply
from dripline.core.replies.message_class import MessageClass
from dripline.core.views.messages import MESSAGE_LIMIT
from dripline.core.views.thread import EntryKind, Happening, MessageState, ThreadEntry

START = datetime(2026, 11, 28, 8, tzinfo=UTC)
PHONE, OTHER = "60123456789", "60123456780"


class Told(FakeChannel):
    """A channel whose provider posts events as they are, by their place in a list."""

    def __init__(self) -> None:
        super().__init__()
        self.contact_kind = "told_chat"
        self.told: list[ProviderEvent] = []

    def is_genuine(self, headers: object, body: bytes) -> bool:
        del headers, body
        return True

    def challenge(self, query: object) -> None:
        del query

    def events(self, body: bytes) -> list[ProviderEvent]:
        return [self.told[int(place)] for place in body.split()]


class Shop:
    """A lead whose first step was sent, on a channel that tells what it is told to tell."""

    def __init__(self, url: str) -> None:
        self.clock, self.channel = VirtualClock(START), Told()
        self.drip = Dripline(url, clock=self.clock, channels={"console": FakeChannel(), "told": self.channel})
        self.drip.apply(Sequence("Warm", trigger="WARM", channel="console", steps=[Step("One"), Step("Two", "12h")]))

    def begin(self, **of: object) -> None:
        self.drip.add_lead(**{"phone": PHONE, "triggers": ["WARM"], **of})  # type: ignore[arg-type]
        self.drip.tick()

    def tell(self, *events: ProviderEvent) -> None:
        first = len(self.channel.told)
        self.channel.told += events
        body = " ".join(str(first + place) for place in range(len(events)))
        assert self.drip.inbox.receive_webhook("told", {}, body.encode())
        self.drip.inbox.process()

    def write(self, text: str, key: str = "1", /, **of: object) -> None:
        told = {"account": "jb", "phone": PHONE, "at": self.clock.now(), **of}
        self.tell(Reply(key, text=text, **told))  # type: ignore[arg-type]

    def entries(self, kind: EntryKind = EntryKind.WROTE, *, phone: str = PHONE) -> list[ThreadEntry]:
        threads = self.drip.leads.thread(phone=phone)
        return [entry for thread in threads for entry in thread.entries if entry.kind is kind]

    def texts(self, phone: str = PHONE) -> list[str | None]:
        return [entry.text for entry in self.entries(phone=phone)]


@pytest.fixture
def shop(url: str) -> Iterator[Shop]:
    made = Shop(url)
    with made.drip:
        yield made


def test_what_a_lead_wrote_stands_in_its_thread(shop: Shop) -> None:
    shop.begin()
    shop.clock.advance(timedelta(minutes=5))
    shop.write("How much?")
    entry = shop.entries()[0]

    assert (entry.text, entry.channel, entry.at) == ("How much?", "told", START + timedelta(minutes=5))
    assert (entry.message_kind, entry.message_class, entry.reason) == (MessageKind.TEXT, MessageClass.REPLY, None)


def test_what_a_provider_tells_twice_is_kept_once(shop: Shop) -> None:
    shop.begin()
    shop.write("How much?", "a")
    shop.write("How much?", "a")
    shop.clock.advance(timedelta(days=40))
    shop.drip.inbox.process()
    shop.write("How much?", "a")

    assert shop.texts() == ["How much?"]


@pytest.mark.parametrize(
    ("text", "taken_for", "why"),
    [
        ("STOP", MessageClass.STOP, "it says 'stop' and nothing else"),
        ("stop it lah please", MessageClass.NEAR_STOP, "it holds 'stop', and 3 words beside"),
        ("START", MessageClass.REPLY, "it asks to be written to again"),
        ("HELP", MessageClass.REPLY, "it asks for help"),
        ("please don't stop", MessageClass.REPLY, None),
    ],
)
def test_it_says_what_it_was_taken_for_and_why(shop: Shop, text: str, taken_for: MessageClass, why: str | None) -> None:
    shop.begin()
    shop.write(text)
    entry = shop.entries()[0]

    assert (entry.message_class, entry.reason) == (taken_for, why)


def test_a_pressed_button_and_a_picture_say_what_they_are(shop: Shop) -> None:
    shop.begin()
    shop.write("Yes", "a", button="yes-please")
    shop.write("", "b", kind=MessageKind.VOICE)

    assert [(one.text, one.message_kind) for one in shop.entries()] == [
        ("Yes", MessageKind.BUTTON),
        ("", MessageKind.VOICE),
    ]


def test_a_long_message_is_cut(shop: Shop) -> None:
    shop.begin()
    shop.write("x" * (MESSAGE_LIMIT + 1) + "\x00")

    assert [len(text or "") for text in shop.texts()] == [MESSAGE_LIMIT]


@pytest.mark.parametrize(
    ("writer", "comes_with"),
    [
        ({"phone": OTHER}, {"phone": f"+{OTHER}"}),
        ({"phone": None, "email": "aina@example.com"}, {"phone": f"+{OTHER}", "email": "Aina@example.com"}),
        ({"phone": None, "user_id": "777"}, {"phone": f"+{OTHER}", "attributes": {"told_chat": "777"}}),
    ],
)
def test_whoever_wrote_before_they_came_has_it_when_they_come(
    shop: Shop, writer: dict[str, str | None], comes_with: dict[str, object]
) -> None:
    shop.write("Are you there?", **writer)
    shop.begin()
    assert shop.texts() == []
    shop.drip.add_lead(**comes_with)  # type: ignore[arg-type]

    assert shop.texts(phone=OTHER) == ["Are you there?"]
    assert shop.texts() == []


def test_a_lead_that_gains_an_address_gets_what_was_written_from_it(shop: Shop) -> None:
    shop.begin()
    shop.write("Hello", phone=None, email="aina@example.com")
    assert shop.texts() == []
    shop.drip.add_lead(phone=PHONE, email="aina@example.com")

    assert shop.texts() == ["Hello"]


def test_who_begins_with_a_trigger_is_a_lead_with_what_they_wrote(shop: Shop) -> None:
    shop.write("WARM")

    assert shop.texts() == ["WARM"]
    assert [entry.what for entry in shop.entries(EntryKind.HAPPENED)] == [Happening.GAINED_TRIGGER, Happening.ENROLLED]


def test_a_message_of_two_leads_stands_with_both_and_once_when_they_are_one(shop: Shop) -> None:
    shop.drip.add_lead(phone=PHONE, email="home@example.com", attributes={"told_chat": "777"})
    shop.drip.add_lead(phone=OTHER, email="work@example.com", attributes={"told_chat": "777"})
    shop.write("We both ask", phone=None, user_id="777")
    shop.write("Only I", "2", phone=OTHER)
    assert (shop.texts(), shop.texts(phone=OTHER)) == (["We both ask"], ["We both ask", "Only I"])
    shop.drip.leads.merge(PHONE, OTHER)

    assert shop.texts() == ["We both ask", "Only I"]


def test_a_program_that_answers_ends_nothing_and_is_seen(shop: Shop) -> None:
    shop.begin(email="aina@example.com")
    sign = "Auto-Submitted: auto-replied"
    shop.tell(AutomaticReply("m", account="", email="aina@example.com", text="On leave", sign=sign, at=START))
    entry = shop.entries()[0]

    assert (entry.message_class, entry.reason) == (MessageClass.AUTO_REPLY, f"a program wrote it: {sign}")
    assert [record.status.value for record in shop.drip.records(phone=PHONE)] == ["completed", "active"]


def test_what_a_program_says_that_a_lead_wrote_is_kept(shop: Shop) -> None:
    shop.begin()
    shop.drip.inbox.receive("By phone: call me", phone=PHONE)
    shop.drip.inbox.receive("By phone: call me", phone=PHONE)

    assert [(entry.text, entry.channel) for entry in shop.entries()] == [("By phone: call me", None)] * 2


def test_a_message_ahead_of_our_clock_counts_as_of_now(shop: Shop) -> None:
    shop.begin()
    shop.write("Hi", at=START + timedelta(days=3))

    assert shop.entries()[0].at == START


def test_forgetting_deletes_what_they_wrote_leads_or_not(shop: Shop) -> None:
    shop.begin()
    shop.write("Hi")
    shop.write("Who are you", "2", phone=OTHER)
    assert (shop.drip.leads.forget(phone=PHONE), shop.drip.leads.forget(phone=OTHER)) == (1, 0)
    shop.begin()
    shop.drip.add_lead(phone=OTHER)

    assert (shop.texts(), shop.texts(phone=OTHER)) == ([], [])


def test_who_is_forgotten_before_it_is_taken_in_leaves_nothing(shop: Shop) -> None:
    gowa = Shopped(shop)
    gowa.begin()
    gowa.post("3EB0")
    assert shop.drip.leads.forget(phone=PHONE) == 1
    shop.drip.inbox.process()
    shop.drip.add_lead(phone=PHONE)

    assert shop.texts() == []


class Shopped:
    """The same shop, with bodies that name their person, as a gateway posts them."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        shop.channel.events = gowa_webhook.events_of

    def begin(self) -> None:
        self.shop.begin()

    def post(self, key: str) -> None:
        person = f"{PHONE}@s.whatsapp.net"
        payload = {"id": key, "chat_id": person, "from": person, "timestamp": "2026-11-28T08:00:00Z", "body": "Hi"}
        body = json.dumps({"event": "message", "device_id": "jb", "payload": {**payload, "is_from_me": False}})
        assert self.shop.drip.inbox.receive_webhook("told", {}, body.encode())


def test_a_person_says_that_nobody_has_to_look_again(shop: Shop) -> None:
    shop.begin()
    shop.write("One", "1")
    assert shop.drip.leads.mark_handled(phone=PHONE) == 1
    assert shop.drip.leads.mark_handled(phone=PHONE) == 0
    shop.write("Two", "2")

    assert [(one.text, one.handled_at) for one in shop.entries()] == [("One", START), ("Two", None)]


def test_the_thread_tells_what_went_what_happened_and_what_is_planned_in_order(shop: Shop) -> None:
    shop.begin(name="Aina")
    shop.clock.advance(timedelta(hours=1))
    shop.drip.pause(phone=PHONE, reason="she is away")
    thread = shop.drip.leads.thread(phone=PHONE)[0]

    assert [(one.kind, one.what, one.text) for one in thread.entries] == [
        (EntryKind.HAPPENED, Happening.GAINED_TRIGGER, None),
        (EntryKind.HAPPENED, Happening.ENROLLED, None),
        (EntryKind.SENT, None, "One"),
        (EntryKind.HAPPENED, Happening.PAUSED, None),
    ]
    assert [(one.text, one.at, one.state) for one in thread.planned] == [("Two", None, MessageState.PAUSED)]
    assert "she is away" in (thread.planned[0].reason or "")
    shop.drip.resume(phone=PHONE)
    planned = shop.drip.leads.thread(phone=PHONE)[0].planned
    assert [(one.at, one.state) for one in planned] == [(START + timedelta(hours=12), MessageState.WAITING)]


def test_a_stop_ends_it_and_says_so(shop: Shop) -> None:
    shop.begin()
    shop.clock.advance(timedelta(hours=1))
    shop.write("Stop")
    thread = shop.drip.leads.thread(phone=PHONE)[0]

    assert [one.what or one.text for one in thread.entries[-3:]] == ["Stop", Happening.UNSUBSCRIBED, Happening.ENDED]
    assert (thread.planned, thread.is_suppressed) == ((), True)


def test_a_thread_of_five_hundred_messages_comes_in_pages(shop: Shop) -> None:
    shop.begin()
    for number in range(500):
        if number % 3:  # several of one second
            shop.clock.advance(timedelta(seconds=1))
        shop.write(f"Message {number}", str(number))
    pages, cursor = list[list[str | None]](), None
    while not pages or cursor is not None:
        page = shop.drip.leads.thread(phone=PHONE, cursor=cursor, size=60)[0]
        assert len(page.entries) <= 60
        pages.insert(0, [one.text for one in page.entries if one.kind is EntryKind.WROTE])
        cursor = page.earlier

    assert [text for page in pages for text in page] == [f"Message {number}" for number in range(500)]
    assert len(pages) == 9
