"""Telegram both ways: a link opens a lead's chat, what is written there counts, who blocks the bot leaves."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dripline import Dripline, FakeChannel, NewLead, Sequence, Step, VirtualClock
from dripline.channels.telegram.channel import CONTACT_KIND as CHAT
from dripline.channels.telegram.start_link import BotLinks
from dripline.channels.telegram.webhook import SECRET_HEADER, TelegramWebhook, events_of
from dripline.core.events.inbound import ProviderEvent
from dripline.errors import ChannelNotConfigured, InvalidLead, InvalidTemplate
from dripline.store.database.dialect import DIALECTS
from dripline.store.database.statements import compiled

START = datetime(2026, 1, 1, tzinfo=UTC)
SECRET = "a-secret-of_ours-1"
PHONE, CHAT_ID = "60123456789", 424242
HALF_A_DAY = timedelta(hours=12)

Ask = Callable[[str], list[tuple[object, ...]]]


class Bot(FakeChannel):
    """Takes messages, and is posted to as Telegram posts."""

    def __init__(self) -> None:
        super().__init__()
        self.contact_kind, self.start_links = CHAT, BotLinks("ShopBot", SECRET)

    def challenge(self, query: object) -> str | None:
        del query
        return None

    def is_genuine(self, headers: dict[str, str], body: bytes) -> bool:
        del body
        return TelegramWebhook(SECRET).is_genuine(headers)

    def events(self, body: bytes) -> list[ProviderEvent]:
        return events_of(body, "110201543")


class Shop:
    """A shop that mails and has a bot, on a clock that the test sets."""

    def __init__(self, url: str) -> None:
        self.clock, self.bot, self.mail = VirtualClock(START), Bot(), FakeChannel()
        self.drip = Dripline(url, clock=self.clock, channels={"telegram": self.bot, "mail": self.mail})
        self._numbers = iter(range(1, 1_000))
        self.drip.apply(Sequence("Chat", trigger="CHAT", channel="telegram", steps=[Step("One"), Step("Two", "12h")]))

    def post(self, update: dict[str, Any]) -> int:
        """Post an update as Telegram does, and let it have its effects."""
        self.raw = json.dumps({"update_id": next(self._numbers)} | update).encode()
        assert self.drip.inbox.receive_webhook("telegram", {SECRET_HEADER: SECRET}, self.raw)
        return self.drip.inbox.process()

    def write(self, text: str, chat: int = CHAT_ID) -> int:
        """Let a person write to the bot."""
        told = {"message_id": next(self._numbers), "date": self._stamp(), "text": text, "from": {"is_bot": False}}
        return self.post({"message": told | {"chat": {"id": chat, "type": "private"}}})

    def block(self, chat: int = CHAT_ID) -> int:
        told = {"chat": {"id": chat, "type": "private"}, "date": self._stamp(), "new_chat_member": {"status": "kicked"}}
        return self.post({"my_chat_member": told})

    def open(self, phone: str = PHONE, chat: int = CHAT_ID) -> int:
        """Let whoever was sent the link of a lead open it."""
        return self.write("/start " + self.drip.leads.start_link("telegram", phone=phone).partition("?start=")[2], chat)

    def chat_of(self, **who: str) -> str | None:
        chat = self.drip.leads.with_address(**who)[0].attributes.get(CHAT)
        return None if chat is None else str(chat)

    def statuses(self, phone: str = PHONE) -> list[str]:
        return [record.status.value for record in self.drip.records(phone=phone)]

    def _stamp(self) -> int:
        return int(self.clock.now().timestamp())


@pytest.fixture
def shop(url: str) -> Iterator[Shop]:
    opened = Shop(url)
    with opened.drip:
        yield opened


def test_who_opens_the_link_in_a_mail_is_written_to_in_their_chat(shop: Shop) -> None:
    invite = Step("Hi {{ name }}, open {{ telegram_link }}", html='<a href="{{ telegram_link }}">Chat</a>')
    shop.drip.apply(Sequence("Invite", trigger="WARM", channel="mail", steps=[invite]))
    shop.drip.apply(Sequence("Opened", trigger="TELEGRAM", channel="telegram", steps=[Step("Welcome {{ name }}")]))
    shop.drip.add_lead(phone=PHONE, name="Aina", triggers=["WARM"], attributes={"niche": "EXAMA"})
    shop.drip.tick()
    (invited,) = shop.mail.accepted
    link = shop.drip.leads.start_link("telegram", phone=PHONE)
    assert (invited.text, invited.html) == (f"Hi Aina, open {link}", f'<a href="{link}">Chat</a>')

    assert shop.write("/start " + link.partition("?start=")[2]) == 1
    shop.drip.tick()
    assert [(message.text, message.lead.attributes) for message in shop.bot.accepted] == [
        ("Welcome Aina", {CHAT: str(CHAT_ID), "niche": "EXAMA"})
    ]
    assert shop.drip.verify() == []


def test_a_lead_without_a_phone_has_a_link_too(shop: Shop) -> None:
    shop.drip.add_lead(email="aina@example.com")
    shop.write("/start " + shop.drip.leads.start_link("telegram", email="aina@example.com").partition("=")[2])

    assert shop.chat_of(email="aina@example.com") == str(CHAT_ID)


def test_a_lead_has_the_chat_that_was_opened_last(shop: Shop) -> None:
    shop.drip.add_lead(phone=PHONE)
    shop.open(chat=5)
    shop.open(chat=6)

    assert shop.chat_of(phone=PHONE) == "6"


@pytest.mark.parametrize("text", ["/start", "/start guess", "/start " + "A" * 32, "/start " + "_" * 32])
def test_a_link_that_is_not_ours_opens_nothing_and_is_no_reply(shop: Shop, text: str) -> None:
    shop.drip.add_lead(phone=PHONE, triggers=["CHAT"])
    assert shop.write(text) == 1
    assert shop.chat_of(phone=PHONE) is None

    shop.open()
    shop.write(text)
    assert shop.statuses() == ["active", "pending"]


def test_a_link_of_somebody_who_was_forgotten_opens_nothing_for_who_has_their_id_now(shop: Shop) -> None:
    shop.drip.add_lead(phone=PHONE)
    link = shop.drip.leads.start_link("telegram", phone=PHONE)
    shop.drip.leads.forget(phone=PHONE)
    shop.drip.add_lead(phone="60199999999")
    shop.write("/start " + link.partition("?start=")[2])

    assert shop.chat_of(phone="60199999999") is None


def test_a_text_from_a_known_chat_is_a_reply_and_from_another_nobodys(shop: Shop) -> None:
    shop.drip.add_lead(phone=PHONE, triggers=["CHAT"])
    shop.open()
    shop.drip.tick()
    shop.write("How much is it?", chat=5)
    assert shop.statuses() == ["completed", "active"]

    shop.write("How much is it?")
    assert shop.statuses() == ["completed", "cancelled"]
    assert list(shop.drip.leads.suppressions()) == []


@pytest.mark.parametrize("word", ["STOP", "/stop", "Berhenti!"])
def test_a_stop_word_bars_the_person_for_good(shop: Shop, word: str) -> None:
    shop.drip.add_lead(phone=PHONE, email="aina@example.com", triggers=["CHAT"])
    shop.open()
    shop.write(word)
    shop.drip.tick()

    assert {barred.address for barred in shop.drip.leads.suppressions()} == {PHONE, "aina@example.com"}
    assert shop.bot.offered == []


def test_a_trigger_written_to_the_bot_enrolls_who_is_known_and_nobody_else(shop: Shop) -> None:
    shop.drip.add_lead(phone=PHONE, name="Aina")
    shop.open()
    shop.write("chat", chat=5)
    shop.write(" Chat ")
    shop.drip.tick()

    assert [(message.to, message.lead.name) for message in shop.bot.offered] == [(str(CHAT_ID), "Aina")]
    assert shop.drip.reports.counts()["leads"] == 1


def test_a_chat_of_a_list_is_known_as_well(shop: Shop) -> None:
    shop.drip.add_leads(
        [NewLead(f"6012345678{n}", attributes={CHAT: str(n + 1)}, triggers=("CHAT",)) for n in range(3)]
    )
    shop.write("Hi", chat=2)

    assert [shop.statuses(f"6012345678{n}")[0] for n in range(3)] == ["active", "cancelled", "active"]


def test_who_blocks_the_bot_leaves_what_goes_through_it_and_nothing_else(shop: Shop) -> None:
    shop.drip.apply(Sequence("Mails", trigger="WARM", channel="mail", steps=[Step("Hi"), Step("Two", "12h")]))
    shop.drip.add_lead(phone=PHONE, triggers=["CHAT", "WARM"])
    shop.open()
    shop.drip.tick()
    shop.block()
    shop.clock.advance(HALF_A_DAY)
    shop.drip.tick()

    assert ([m.text for m in shop.bot.offered], [m.text for m in shop.mail.offered]) == (["One"], ["Hi", "Two"])
    records = shop.drip.records(phone=PHONE)
    assert [r.reason for r in records if r.status == "cancelled"] == ["the lead blocked the bot"]
    assert list(shop.drip.leads.suppressions()) == []


def test_a_chat_with_another_id_is_known_by_that(shop: Shop) -> None:
    shop.drip.add_lead(phone=PHONE, attributes={CHAT: "-5"})
    told = {"message_id": 1, "date": 1_767_225_600, "chat": {"id": -5, "type": "group"}, "migrate_to_chat_id": -1001}
    shop.post({"message": told})

    assert shop.chat_of(phone=PHONE) == "-1001"


def test_an_update_counts_once_however_often_it_is_posted(shop: Shop) -> None:
    shop.drip.add_lead(phone=PHONE, triggers=["CHAT"])
    shop.open()
    assert shop.drip.inbox.receive_webhook("telegram", {SECRET_HEADER: SECRET}, shop.raw)
    assert shop.drip.inbox.process() == 0


def test_only_who_knows_the_secret_is_taken_in(shop: Shop, ask: Ask) -> None:
    for headers in ({}, {SECRET_HEADER: SECRET[:-1]}):
        assert not shop.drip.inbox.receive_webhook("telegram", headers, b"{}")

    assert ask("SELECT id FROM inbox") == []


def test_links_are_there_only_where_they_are_configured_and_for_leads(shop: Shop, url: str) -> None:
    with pytest.raises(ChannelNotConfigured, match="webhook_secret"):
        shop.drip.leads.start_link("mail", phone=PHONE)
    with pytest.raises(InvalidLead, match="no lead of that address"):
        shop.drip.leads.start_link("telegram", phone="60111111111")
    with Dripline(url) as other, pytest.raises(InvalidTemplate, match="telegram_link"):
        other.apply(Sequence("X", trigger="X", steps=[Step("{{ telegram_link }}")]))


def test_a_chat_is_found_by_its_index(url: str, shop: Shop, ask: Ask, plant: Callable[[str], None]) -> None:
    shop.drip.add_leads([NewLead(f"60123{n:06d}", attributes={CHAT: str(n)}) for n in range(2_000)])
    kind = "sqlite" if url.startswith("sqlite") else "postgresql"
    plant("ANALYZE")
    text = compiled(DIALECTS[kind])["leads_of_chat"]
    for name, value in (("kind", CHAT), ("chat", "5")):
        text = text.replace(f":{name}", f"'{value}'").replace(f"%({name})s", f"'{value}'")
    explain = "EXPLAIN QUERY PLAN" if kind == "sqlite" else "EXPLAIN"

    assert "leads_by_address" in str(ask(f"{explain} {text}"))
