"""Senders with credentials of their own, side by side: each is posted to, reads, and gives its connections back."""

import asyncio
import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from dripline import (
    Accepted,
    Dripline,
    FakeChannel,
    Lead,
    Message,
    Outcome,
    Sender,
    SenderUnavailable,
    Sequence,
    Step,
    VirtualClock,
)
from dripline.channels.by_sender import OwnChannel, SenderChannels
from dripline.errors import ChannelNotConfigured
from support.connecting import ACCOUNT, OTHER_TOKEN, accepting, cloud, greet, opened, settings, tokens
from support.endpoint import Endpoint, serving
from support.secrets_of_tests import APP_SECRET, META, TELEGRAM, TELEGRAM_HOOK, secrets_in

NOW = datetime(2026, 1, 1, tzinfo=UTC)
PERSON = "60123456789"
OTHER_BOT = "812345678:" + "BBEv0aX-1bY_2cZ3dW4eV5fU6gT7hS8iR9j"
OTHER_SECRET = "another-app-" + "0f1e2d3c4b5a"


@pytest.fixture
def meta() -> Iterator[Endpoint]:
    with serving() as endpoint:
        yield accepting(endpoint)


@pytest.fixture
def shop(url: str, clock: VirtualClock) -> Iterator[Dripline]:
    with opened(url, clock) as drip:
        yield drip


def hook(drip: Dripline, sender: str) -> str:
    return drip.senders.webhook(sender).path.rpartition("/")[2]


def written(text: str, number: str = "1") -> bytes:
    """What Meta posts when a person writes."""
    message = {
        "from": PERSON,
        "id": f"wamid.{number}",
        "timestamp": "1767225600",
        "type": "text",
        "text": {"body": text},
    }
    value = {"metadata": {"phone_number_id": ACCOUNT}, "messages": [message]}
    return json.dumps({"entry": [{"changes": [{"field": "messages", "value": value}]}]}).encode()


def signed(body: bytes, secret: str = APP_SECRET) -> dict[str, str]:
    return {"x-hub-signature-256": f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"}


def test_what_is_posted_to_a_senders_address_is_proved_by_its_own_secret(shop: Dripline, meta: Endpoint) -> None:
    shop.senders.connect("jb-1", "whatsapp", cloud(meta), account=ACCOUNT)
    other = cloud(meta, OTHER_TOKEN) | {"app_secret": OTHER_SECRET}
    shop.senders.connect("jb-2", "whatsapp", other, account="107")
    shop.add_lead(phone=PERSON)
    body = written("STOP")
    taken = [
        shop.inbox.receive_webhook("whatsapp", signed(body, secret), body, hook=hook(shop, "jb-1"))
        for secret in (OTHER_SECRET, APP_SECRET)
    ]
    shop.inbox.process()

    assert taken == [False, True]
    assert [one.address for one in shop.leads.suppressions()] == [PERSON]
    assert shop.senders.webhook("jb-1").called_at == NOW
    assert shop.senders.webhook("jb-2").called_at is None


def test_an_address_of_nobody_takes_nothing_in(shop: Dripline, meta: Endpoint) -> None:
    shop.senders.connect("jb-1", "whatsapp", cloud(meta), account=ACCOUNT)
    body = written("Hi")
    with pytest.raises(ChannelNotConfigured, match="No sender of 'whatsapp' has this address"):
        shop.inbox.receive_webhook("whatsapp", signed(body), body, hook="0123")
    gone = hook(shop, "jb-1")
    shop.senders.disconnect("jb-1")
    with pytest.raises(ChannelNotConfigured):
        shop.inbox.receive_webhook("whatsapp", signed(body), body, hook=gone)


def test_a_provider_that_asks_whose_address_it_is_has_called(shop: Dripline, meta: Endpoint) -> None:
    shop.senders.connect("jb-1", "whatsapp", cloud(meta), account=ACCOUNT)
    webhook = shop.senders.webhook("jb-1")
    asked = {"hub.mode": "subscribe", "hub.challenge": "42", "hub.verify_token": webhook.secrets["verify_token"]}
    path = hook(shop, "jb-1")

    assert shop.inbox.challenge("whatsapp", asked | {"hub.verify_token": "no"}, hook=path) is None
    assert shop.senders.webhook("jb-1").called_at is None
    assert shop.inbox.challenge("whatsapp", asked, hook=path) == "42"
    assert shop.senders.webhook("jb-1").called_at == NOW


def test_two_bots_count_their_messages_each_by_itself(shop: Dripline) -> None:
    """A person has one chat id for all bots, and each bot has a message 5."""
    for name, token in (("a", TELEGRAM), ("b", OTHER_BOT)):
        shop.senders.connect(name, "telegram", {"token": token, "webhook_secret": TELEGRAM_HOOK})
    chat = {"id": 4711, "type": "private"}
    update = {"message": {"message_id": 5, "date": 1767225600, "chat": chat, "from": {"id": 4711}, "text": "Hi"}}
    for name in ("a", "b"):
        headers = {"x-telegram-bot-api-secret-token": TELEGRAM_HOOK}
        body = json.dumps(update).encode()
        assert shop.inbox.receive_webhook("telegram", headers, body, hook=hook(shop, name))

    assert shop.inbox.process() == 2


def test_a_sender_without_a_credential_goes_on_by_the_settings(url: str, clock: VirtualClock, meta: Endpoint) -> None:
    configured = FakeChannel()
    with Dripline(url, clock=clock, channels={"whatsapp": configured}, credentials=settings()) as drip:
        drip.senders.connect("jb-1", "whatsapp", cloud(meta), account=ACCOUNT)
        drip.senders.apply(Sender("jb-2", channel="whatsapp", account="107"))
        greet(drip, "jb-1", "ONE")
        greet(drip, "jb-2", "TWO")
        drip.add_lead(phone=PERSON, triggers=["ONE"])
        drip.add_lead(phone="60123456780", triggers=["TWO"])
        drip.tick()

    assert [message.to for message in configured.accepted] == ["60123456780"]
    assert tokens(meta) == [META]


def test_several_mailboxes_send_each_by_its_own_server(shop: Dripline) -> None:
    for name in ("lina", "aini"):
        fields = {"host": "127.0.0.1", "port": "1", "sender": f"{name}@example.com", "security": "none"}
        shop.senders.connect(name, "smtp", fields)
        shop.apply(Sequence(f"By {name}", trigger=name, senders=[name], steps=[Step("Hi", subject="Hi")]))
        shop.add_lead(email=f"to-{name}@example.com", triggers=[name])
    report = shop.tick()
    reasons = {state.sender.name: state.wait_reason for state in shop.senders.all()}

    assert report.sent == 0
    assert all("the mail server cannot be reached" in str(reason) for reason in reasons.values())


class Slow:
    """A channel that answers when it is let, and says whether its connections were given back."""

    def __init__(self) -> None:
        self.asked, self.go, self.is_closed = asyncio.Event(), asyncio.Event(), False

    async def send(self, message: Message) -> Outcome:
        del message
        self.asked.set()
        await self.go.wait()
        return Accepted("1")

    async def aclose(self) -> None:
        self.is_closed = True


def message(sender: str | None) -> Message:
    return Message("x", text="Hi", record_id=1, attempt=1, lead=Lead(1), sequence="S", step=1, sender=sender)


def test_a_replaced_channel_gives_its_connections_back_after_its_last_answer() -> None:
    async def play() -> list[bool]:
        channels, old, new = SenderChannels("x"), Slow(), Slow()
        channels.set("jb-1", OwnChannel("jb-1", channel=old, hook="h"))
        sending = asyncio.create_task(channels.send(message("jb-1")))
        await old.asked.wait()
        channels.set("jb-1", OwnChannel("jb-1", channel=new, hook="h"))
        new.go.set()
        await channels.send(message("jb-1"))
        before = old.is_closed
        old.go.set()
        await sending
        return [before, old.is_closed, new.is_closed]

    assert asyncio.run(play()) == [False, True, False]


def test_what_is_not_configured_is_told_and_sent_by_nobody() -> None:
    answer = asyncio.run(SenderChannels("whatsapp").send(message(None)))

    assert isinstance(answer, SenderUnavailable)
    assert "connect the sender, or configure the channel" in answer.error


def test_what_a_provider_repeats_of_a_token_is_not_stored(shop: Dripline, meta: Endpoint) -> None:
    shop.senders.connect("jb-1", "whatsapp", cloud(meta), account=ACCOUNT)
    greet(shop, "jb-1")
    shop.add_lead(phone=PERSON, triggers=["HI"])
    meta.status, meta.body = 400, json.dumps({"error": {"code": 190, "message": f"no {META}"}}).encode()
    shop.tick()
    state = shop.senders.all()[0]

    assert tokens(meta) == [META]
    assert "(the token)" in str(state.wait_reason)
    assert secrets_in(repr(state).encode()) == []
