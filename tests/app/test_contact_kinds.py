"""Addresses of a kind that one channel alone speaks to: messages go there, and who writes from there is known."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest
from lists import bring_in, listed

from dripline import Capabilities, Dripline, FakeChannel, NewLead, Sequence, Step, VirtualClock
from dripline.app.migrating import migrate_database
from dripline.channels.telegram.start_link import BotLinks
from dripline.core.events.inbound import ProviderEvent, Reply
from support.older import made_by_an_older_version, plant

START = datetime(2026, 1, 1, tzinfo=UTC)
PHONE, OTHER = "60123456789", "60123456780"
LINE, ZALO = "line_user_id", "zalo_id"

Ask = Callable[[str], list[tuple[object, ...]]]
Plant = Callable[[str], None]


class Chat(FakeChannel):
    """A channel that speaks to a kind of address of its own; what it is posted is who wrote and what."""

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.contact_kind = kind

    def challenge(self, query: Mapping[str, str]) -> str | None:
        del query

    def is_genuine(self, headers: Mapping[str, str], body: bytes) -> bool:
        del headers, body
        return True

    def events(self, body: bytes) -> list[ProviderEvent]:
        who, _, text = body.decode().partition(" ")
        return [Reply(body.decode(), account="shop", phone=None, user_id=who, text=text, at=START)]


class Shop:
    """A shop with two chat channels that dripline does not know, and a third that speaks to phones."""

    def __init__(self, url: str) -> None:
        self.line, self.zalo, self.sms = Chat(LINE), Chat(ZALO), FakeChannel()
        self.clock = VirtualClock(START)
        channels = {"line": self.line, "zalo": self.zalo, "sms": self.sms}
        self.drip = Dripline(url, clock=self.clock, channels=channels)

    def apply(self, channel: str) -> None:
        steps = [Step("One"), Step("Two", "12h")]
        self.drip.apply(Sequence(channel, trigger=channel, channel=channel, steps=steps))

    def write(self, channel: str, who: str, text: str) -> None:
        assert self.drip.inbox.receive_webhook(channel, {}, f"{who} {text}".encode())
        self.drip.inbox.process()

    def barred(self) -> set[str]:
        return {one.address for one in self.drip.leads.suppressions()}


@pytest.fixture
def shop(url: str) -> Iterator[Shop]:
    made = Shop(url)
    with made.drip:
        yield made


ADDRESSES = "SELECT lead_id, kind, value FROM lead_addresses ORDER BY lead_id, kind"


def test_a_message_goes_to_the_address_of_its_channels_kind(shop: Shop) -> None:
    for channel in ("line", "zalo", "sms"):
        shop.apply(channel)
    shop.drip.add_lead(phone=PHONE, triggers=["line", "zalo", "sms"], attributes={LINE: "U1", ZALO: 42})
    shop.drip.tick()

    sent = [[message.to for message in channel.accepted] for channel in (shop.line, shop.zalo, shop.sms)]
    assert sent == [["U1"], ["42"], [PHONE]]
    assert shop.drip.verify() == []


def test_a_lead_without_such_an_address_leaves_and_nothing_is_tried(shop: Shop) -> None:
    shop.apply("line")
    shop.drip.add_lead(phone=PHONE, triggers=["line"], attributes={ZALO: "42"})
    shop.drip.tick()

    assert shop.line.offered == []
    assert [record.status for record in shop.drip.records(phone=PHONE)] == ["failed", "cancelled"]
    assert "no address" in str(shop.drip.records(phone=PHONE)[0].reason)


def test_who_writes_is_known_by_the_kind_of_that_channel_alone(shop: Shop) -> None:
    shop.drip.add_lead(phone=PHONE, attributes={LINE: "7"})
    shop.drip.add_lead(phone=OTHER, attributes={ZALO: 7})
    shop.write("zalo", "7", "STOP")
    assert shop.barred() == {OTHER}

    shop.write("line", "7", "STOP")
    assert shop.barred() == {OTHER, PHONE}


def test_a_stop_bars_everybody_who_shares_a_chat(shop: Shop) -> None:
    shop.drip.add_leads([NewLead(phone, attributes={LINE: "U1"}) for phone in (PHONE, OTHER)])
    shop.write("line", "U1", "STOP")

    assert shop.barred() == {PHONE, OTHER}


def test_leads_that_were_there_before_their_kind_are_found(shop: Shop, ask: Ask) -> None:
    shop.drip.add_lead(phone=PHONE, attributes={LINE: "U1", "niche": "EXAMA"})
    assert ask(ADDRESSES) == []

    shop.apply("line")
    shop.drip.add_lead(phone=OTHER, attributes={LINE: "U2"})
    assert ask(ADDRESSES) == [(1, LINE, "U1"), (2, LINE, "U2")]


def test_an_address_is_what_the_attribute_says_whoever_writes_it(shop: Shop, ask: Ask, plant: Plant) -> None:
    shop.apply("line")
    shop.drip.add_lead(phone=PHONE, attributes={LINE: "U1"})
    shop.drip.add_lead(phone=PHONE, attributes={LINE: "U2"})
    assert ask(ADDRESSES) == [(1, LINE, "U2")]

    plant(f"""UPDATE leads SET attributes = '{{"{LINE}": "U3"}}'""")
    assert ask(ADDRESSES) == [(1, LINE, "U3")]
    plant("UPDATE leads SET attributes = '{}'")
    assert ask(ADDRESSES) == []


def test_a_lead_that_is_deleted_by_hand_leaves_no_address_to_who_has_its_id_next(
    shop: Shop, ask: Ask, plant: Plant
) -> None:
    shop.apply("line")
    shop.drip.add_lead(phone=PHONE, attributes={LINE: "U1"})
    plant("DELETE FROM leads")

    assert ask(ADDRESSES) == []


def test_what_is_too_long_for_an_address_is_none(shop: Shop, ask: Ask) -> None:
    shop.apply("line")
    shop.drip.add_lead(phone=PHONE, attributes={LINE: "😊" * 2_000})

    assert ask(ADDRESSES) == []


def test_an_import_that_is_undone_gives_the_address_back(shop: Shop, tmp_path: Path, ask: Ask) -> None:
    shop.apply("line")
    shop.drip.add_lead(phone=PHONE, attributes={LINE: "U1"})
    rows = f"phone,trigger,{LINE}\n{PHONE},go,U2\n{OTHER},go,U3\n"
    imported = bring_in(shop.drip, listed(tmp_path, rows))
    assert ask(ADDRESSES) == [(1, LINE, "U2"), (2, LINE, "U3")]

    shop.drip.imports.undo(imported.id)
    assert ask(ADDRESSES) == [(1, LINE, "U1")]


def test_a_merged_lead_has_the_address_that_it_lacked(shop: Shop, ask: Ask) -> None:
    shop.apply("line")
    shop.apply("zalo")
    shop.drip.add_lead(phone=PHONE, attributes={LINE: "U1"})
    shop.drip.add_lead(email="aina@example.com", attributes={LINE: "U2", ZALO: "42"})
    shop.drip.leads.merge(PHONE, "aina@example.com")

    assert ask(ADDRESSES) == [(1, LINE, "U1"), (1, ZALO, "42")]


def test_an_export_has_the_address_as_it_came_in(shop: Shop, tmp_path: Path, ask: Ask) -> None:
    shop.apply("line")
    shop.drip.add_lead(phone=PHONE, attributes={LINE: "U1"})
    exported = "".join(shop.drip.leads.export())
    shop.drip.leads.forget(phone=PHONE)
    assert ask(ADDRESSES) == []

    bring_in(shop.drip, listed(tmp_path, exported))
    assert [row[1:] for row in ask(ADDRESSES)] == [(LINE, "U1")]


def test_a_preview_says_so_too(shop: Shop) -> None:
    shop.apply("line")
    shop.drip.add_lead(phone=PHONE, attributes={LINE: "U1"})

    assert {one.to for one in shop.drip.sequences.preview("line", phone=PHONE)} == {"U1"}


@pytest.mark.parametrize("kind", ["", "Chat Id", "phone", "a-b", 7])
def test_a_kind_is_named_as_an_attribute_is(kind: object) -> None:
    with pytest.raises(ValueError, match="contact_kind is"):
        Capabilities(contact_kind=kind)  # type: ignore[arg-type]


def test_a_channel_with_start_links_says_what_kind_of_address_a_chat_is() -> None:
    with pytest.raises(ValueError, match="contact_kind is None"):
        Capabilities(start_links=BotLinks("ShopBot", "a-secret-of_ours-1"))


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_chat_of_a_database_from_before_is_known(
    kind: str, tmp_path: Path, new_database: Callable[[str], str]
) -> None:
    url = f"sqlite:///{tmp_path}/old.db" if kind == "sqlite" else new_database("chats")
    made_by_an_older_version(url, to="0046")
    plant(url, f"""UPDATE leads SET attributes = '{{"{LINE}": "U1"}}' WHERE id = 2""")
    migrate_database(url, print)
    opened = Shop(url)
    with opened.drip:
        opened.write("line", "U1", "STOP")

        assert opened.barred() == {"60123450002"}
