"""Forgetting leaves nothing of a person: every column of every table is looked through, and the bytes of the file.

Whatever table there is, is either filled here with something of the person first, or is named as one that holds nothing
of people: a new one of neither kind fails.
"""

import base64
import hashlib
import hmac
import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote_plus, urlencode

import psycopg
import pytest
from psycopg.rows import dict_row
from site_of import Site, site

from dripline import (
    Dripline,
    EventSigning,
    FakeChannel,
    RetryLater,
    Sender,
    SenderUnavailable,
    Sequence,
    Step,
    Unknown,
    VirtualClock,
)
from dripline.channels.gowa.channel import GowaChannel
from dripline.channels.twilio.channel import TwilioChannel
from dripline.channels.twilio.webhook import TwilioWebhook
from dripline.core.accounts.access import Actor, Scope
from dripline.core.sequences.policy import Policy
from dripline.importing.leads.upload import Upload

LEAD, PLUS, EMAIL, NAME = "60126660000", "+60126660000", "zorb@example.com", "Zorblaxina"
FORMER, OTHER = "60126660001", "60127770000"
WORDS = ("Hookbody", "Gowabody", "Qwertyattr", "Plonktext", "Notetext", "Reasontext", "Stoptext", "Errortext")
TOKEN, SECRET, HOOK = "t" * 32, "s" * 32, "https://example.com/hooks/sms"

NOTHING_OF_PEOPLE = {
    "alembic_version": "the version of the schema",
    "archived_counts": "counts",
    "archiving": "a lock",
    "attribute_names": "what attributes are called",
    "contact_kinds": "what kinds of addresses are called",
    "enrolling": "a lock",
    "event_subscription_types": "types of events",
    "failed_logins": "users",
    "folding": "a lock",
    "halted": "ids of enrollments that stand still, until the next pass",
    "refused_posts": "counts",
    "send_proofs": "digests that the installation's secret keys: tests/store/test_retention.py",
    "sender_credentials": "what senders of the shop sign in with, encrypted",
    "sender_loads": "counts",
    "sequence_senders": "names of senders",
    "sessions": "users",
    "access_links": "users",
    "api_tokens": "programs",
    "lead_sources": "where leads come from",
    "users": "users",
    "sqlite_sequence": "counts",
    "tallies": "counts",
    "tally_changes": "counts",
    "provider_notices": "what providers say of accounts of the shop",
    "early_stops": "stops under ids that are nobody's, for 30 days",
    "workers": "processes",
    "workspace": "rules of the shop",
    "event_subscriptions": "programs that are told",
    "sequences": "what the shop says",
    "steps": "what the shop says",
    "mailboxes": "how far mailboxes of ours were read",
    "stop_doubts": "leads that are not barred, as this one is: tests/app/test_stops_posted.py forgets one",
    "alerts": "what operators were told of things of the shop",
}
"""Tables that no way in writes anything of a person to, and what they hold."""

BY_ID = frozenset(
    {"merged_leads", "record_moves", "import_changes", "lead_triggers", "sent_messages", "settlements", "attempts"}
)
"""Tables whose rows are a person's by an id: they are empty afterwards."""

HASHED = ("inbound_events", "answered_requests")
"""Tables in which what was a person's stays, under a hash that tells of nobody."""

STAYS = {"suppressions": {"address"}}
"""The columns in which an address stays: what bars it does."""

Rows = dict[str, list[dict[str, object]]]


def everything(url: str) -> Rows:
    """Every row of every table there is, by the schema itself."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            connection.row_factory = sqlite3.Row
            tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            return {name: [dict(row) for row in connection.execute(f'SELECT * FROM "{name}"')] for name in tables}
    with psycopg.connect(url) as connection, connection.cursor(row_factory=dict_row) as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        tables = [str(row["tablename"]) for row in cursor.fetchall()]
        return {name: [*cursor.execute(f'SELECT * FROM "{name}"'.encode())] for name in tables}


def spellings() -> Iterator[str]:
    """What must be nowhere, as it may be written: the number with and without its country, the addresses, the words."""
    for number in (LEAD, FORMER):
        yield from (number, f"0{number[2:]}", number[2:], f"%2B{number}", f"{number}@s.whatsapp.net")
        for before in range(3):
            yield base64.b64encode(b"x" * before + number.encode()).decode()[2:-4]
    yield from (EMAIL, quote_plus(EMAIL), NAME, *WORDS)


def found_in(rows: Rows) -> set[tuple[str, str, str]]:
    """Where something of the person stands: table, column and what it is."""
    return {
        (table, column, told)
        for table, each in rows.items()
        for row in each
        for column, value in row.items()
        for told in spellings()
        if told.casefold() in str(value).casefold() and column not in STAYS.get(table, ())
    }


class Shop:
    """A shop where one person left something everywhere."""

    def __init__(self, url: str) -> None:
        self.url, self.clock = url, VirtualClock(datetime(2026, 1, 5, 9, tzinfo=UTC))
        outcomes = (
            SenderUnavailable("not to strangers", warm_ok=True),
            RetryLater(f"Errortext {PLUS} is busy"),
            Unknown(f"Errortext {PLUS} hung up"),
        )
        self.plain = FakeChannel(outcomes)
        self.plain.receipts_by_id = True  # type: ignore[attr-defined]
        twilio = TwilioChannel("AC" + "a" * 32, TOKEN, now=self.clock.now, webhook=TwilioWebhook(TOKEN, HOOK))
        gone = FakeChannel(lambda message: SenderUnavailable(f"{message.to} may not be written to"))
        gone.contact_kind = "qwerty"  # type: ignore[attr-defined]
        gateway = "http://127.0.0.1:9"
        gowa = GowaChannel(gateway, username="u", password="w", now=self.clock.now, webhook_secret=SECRET)
        self.drip = Dripline(
            url,
            clock=self.clock,
            posting=EventSigning("p" * 40),
            channels={"console": self.plain, "gone": gone, "sms": twilio, "wa": gowa},
        )

    def twilio(self, **form: str) -> None:
        """Let Twilio post."""
        signed = HOOK + "".join(f"{name}{form[name]}" for name in sorted(form))
        signature = base64.b64encode(hmac.digest(TOKEN.encode(), signed.encode(), "sha1")).decode()
        assert self.drip.inbox.receive_webhook("sms", {"x-twilio-signature": signature}, urlencode(form).encode())

    def gowa(self, **payload: object) -> None:
        """Let the gateway post."""
        told = {"timestamp": "2026-01-05T09:00:00Z", "is_from_me": False, **payload}
        body = json.dumps({"event": "message", "device_id": "6019@s.whatsapp.net", "payload": told}).encode()
        signature = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
        assert self.drip.inbox.receive_webhook("wa", {"x-hub-signature-256": signature}, body)

    def write(self, text: str, key: str) -> None:
        """Let the person write by both."""
        self.twilio(
            MessageSid=f"SM{key}", From=PLUS, To="+14155552345", Body=f"Hookbody {text} {NAME}", ProfileName=NAME
        )
        jid = f"{LEAD}@s.whatsapp.net"
        self.gowa(id=f"3EB0{key}", chat_id=jid, **{"from": jid}, from_name=NAME, body=f"Gowabody {text}")


@pytest.fixture
def shop(url: str) -> Iterator[Shop]:
    made = Shop(url)
    with made.drip:
        yield made


@pytest.fixture
def reach(shop: Shop) -> Iterator[Site]:
    with site(shop.drip) as made:
        yield made


def bring_in(drip: Dripline, folder: Path, rows: str) -> None:
    upload = Upload(folder / "upload.csv", f"{NAME}.csv")
    upload.path.write_text(rows)
    drip.imports.run(drip.imports.begin(upload), upload)


def fill(shop: Shop, reach: Site, folder: Path) -> None:
    """Let the person come in, be written to, write and be written about, by every way there is."""
    drip, program = shop.drip, reach.token()
    acting = drip.as_actor(Actor("user op@shop.example", scopes=frozenset(Scope)))
    acting.add_lead(phone=OTHER, name="Somebody", attributes={"qwerty": "-"})
    drip.events.subscribe("https://example.com/told", types=["lead.enrolled", "record.completed", "sender.paused"])
    drip.senders.apply(Sender("jb-1", channel="console"))
    steps = [Step("Dear {{ name }} {{ qwerty }}"), Step("b", "12h"), Step("c", "12h")]
    drip.apply(Sequence("Cold", trigger="GO0", senders=["jb-1"], steps=steps, cold=True))
    drip.apply(Sequence("Warm", trigger="GO1", steps=steps, policy=Policy(on_unknown="hold")))
    drip.apply(Sequence("Gone", trigger="GO2", channel="gone", steps=[Step("a")]))
    rows = f"{FORMER},{NAME},GO0,{EMAIL},Qwertyattr\n{LEAD}x,{NAME},GO0,,\n,{NAME},GO0,,\n"
    bring_in(acting, folder, f"phone,name,trigger,email,qwerty\n{rows}")
    lead = {"phone": PLUS, "name": NAME, "attributes": {"qwerty": "Qwertyattr"}, "triggers": ["GO0", "GO1", "GO2"]}
    key = {**program, "Idempotency-Key": f"lead {LEAD}"}
    assert reach.client.post("/api/v1/leads", json=lead, headers=key).status_code == 200
    key = {**program, "Idempotency-Key": "merge"}
    merged = reach.client.post(f"/api/v1/leads/{LEAD}/merge", json={"other": FORMER}, headers=key)
    assert merged.status_code == 200, merged.text
    bring_in(acting, folder, f"phone,name,trigger\n{FORMER},{NAME} Ng,GO0\n")
    for _ in range(4):
        drip.tick()
        shop.clock.advance(timedelta(hours=12))
        drip.records.unknown.settle("sent")
    acting.leads.add_note(f"Notetext of {NAME}", phone=LEAD)
    acting.leads.add_note(f"a friend of {PLUS}", phone=OTHER)
    acting.pause(phone=LEAD, reason="Reasontext of hers")
    acting.senders.pause("jb-1", reason=f"{NAME} complained, 012-666 0000")
    acting.sequences.drafts.save("A draft", json.dumps({"message": f"call {PLUS}"}))
    shop.write("first", "1")
    drip.inbox.process()
    assert drip.inbox.receive("STOP", phone=LEAD).stopped
    reach.client.post(f"/api/v1/leads/{LEAD}/opt-out", json={"reason": f"Stoptext {NAME}"}, headers=program)


def test_nothing_of_a_person_is_left_in_any_column_of_any_table(shop: Shop, reach: Site, tmp_path: Path) -> None:
    fill(shop, reach, tmp_path)
    before = everything(shop.url)
    held = {table for table, _, _ in found_in(before)} | {
        table for table in (*BY_ID, *HASHED, *STAYS) if before.get(table)
    }
    assert set(before) - held == NOTHING_OF_PEOPLE.keys() & before.keys(), "a table that is neither filled nor named"

    shop.drip.leads.forget(phone=LEAD)

    after = everything(shop.url)
    assert found_in(after) == set()
    assert [table for table in BY_ID if after[table]] == []
    assert {row["address"] for row in after["suppressions"]} == {LEAD, FORMER, EMAIL}
    assert shop.drip.leads.with_address(phone=OTHER) != []


def test_nor_is_anything_in_the_bytes_of_the_file(shop: Shop, reach: Site, tmp_path: Path) -> None:
    if not shop.url.startswith("sqlite"):
        pytest.skip("PostgreSQL clears up by itself")
    fill(shop, reach, tmp_path)
    shop.drip.opt_in(phone=LEAD)

    shop.drip.leads.forget(phone=LEAD)

    file = Path(shop.url.removeprefix("sqlite:///"))
    written = b"".join(path.read_bytes() for path in file.parent.glob(f"{file.name}*"))
    assert [told for told in spellings() if told.encode() in written] == []


def test_what_waits_to_be_taken_in_has_its_effects_and_is_not_kept(shop: Shop) -> None:
    shop.drip.add_lead(phone=LEAD, name=NAME)
    shop.twilio(MessageSid="SM1", From=PLUS, To="+14155552345", Body="STOP")
    shop.twilio(MessageSid="SM2", From=f"+{OTHER}", To="+14155552345", Body="Hello")

    shop.drip.leads.forget(phone=LEAD)
    shop.drip.inbox.process()

    assert [one.address for one in shop.drip.leads.suppressions()] == [LEAD]
    assert [row["body"] for row in everything(shop.url)["inbox"] if OTHER not in str(row["body"])] == []


def test_a_request_is_not_done_again_whose_answer_was_forgotten(shop: Shop, reach: Site) -> None:
    lead, key = {"phone": PLUS, "name": NAME}, {**reach.token(), "Idempotency-Key": f"lead {LEAD}"}
    reach.client.post("/api/v1/leads", json=lead, headers=key)
    note = {**key, "Idempotency-Key": "note"}
    first = reach.client.post(f"/api/v1/leads/{LEAD}/merge", json={"other": "nobody"}, headers=note)

    shop.drip.leads.forget(phone=LEAD)
    again = reach.client.post("/api/v1/leads", json=lead, headers=key)

    assert first.status_code >= 400
    assert again.status_code in {200, 410}
    assert shop.drip.leads.with_address(phone=LEAD) == []


def test_an_event_that_told_a_number_is_known_again(shop: Shop) -> None:
    key = "wamid." + base64.b64encode(b"\x1d\x15\x18" + LEAD.encode() + b"\x15").decode()
    shop.drip.add_lead(phone=LEAD)
    shop.twilio(MessageSid=key, From=PLUS, To="+14155552345", Body="Hello")
    assert shop.drip.inbox.process() == 1

    shop.drip.leads.forget(phone=LEAD)
    shop.twilio(MessageSid=key, From=PLUS, To="+14155552345", Body="Hello")

    assert shop.drip.inbox.process() == 0


def test_an_address_that_somebody_else_has_as_well_tells_of_nobody(shop: Shop) -> None:
    for phone in (LEAD, OTHER):
        shop.drip.add_lead(phone=phone, email=EMAIL, name="Aina")
    acting = shop.drip.as_actor(Actor("user op@shop.example", scopes=frozenset(Scope)))
    acting.pause(reason=f"Aina wrote from {EMAIL}")

    shop.drip.leads.forget(phone=LEAD)

    assert acting.accounts.audit()[0].details["reason"] == f"Aina wrote from {EMAIL}"
