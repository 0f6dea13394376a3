"""Trying a sender: one message at once to oneself, beside every record."""

import asyncio
from datetime import timedelta

import pytest

from dripline import (
    Accepted,
    AddressKind,
    Dripline,
    FakeChannel,
    Rejected,
    Sender,
    SenderUnavailable,
    Sequence,
    Unknown,
    VirtualClock,
)
from dripline.app.senders import TEST_IDS, TEST_MESSAGE
from dripline.core.accounts.access import Actor, Scope
from dripline.core.messages.message import Message
from dripline.core.messages.render import TEXT_LIMIT
from dripline.core.outcome import Outcome
from dripline.core.senders.sender import Pace
from dripline.engine.limits import Limits
from dripline.errors import DriplineError, InvalidLead, InvalidSender, InvalidTemplate, NotAllowed

ME = "60123456789"


@pytest.fixture
def shop(drip: Dripline) -> Dripline:
    drip.senders.apply(Sender("jb-1", channel="console", account="7", pace=Pace(gap="1h", daily_cap=1)))
    return drip


def tried(drip: Dripline, name: str = "jb-1", text: str = TEST_MESSAGE, **to: str) -> Outcome:
    return asyncio.run(drip.senders.send_test(name, text, **(to or {"phone": ME})))


def test_it_goes_as_it_is_written_by_the_senders_own_account(shop: Dripline, fake: FakeChannel) -> None:
    answer = tried(shop, text="Hi {{ name }} & {you|me}")
    (message,) = fake.accepted

    assert isinstance(answer, Accepted)
    assert (message.to, message.text) == (ME, "Hi {{ name }} & {you|me}")
    assert (message.sender, message.account) == ("jb-1", "7")
    assert 0 < message.record_id < TEST_IDS


def test_it_waits_for_no_pace_and_takes_none(shop: Dripline, fake: FakeChannel, warm: Sequence) -> None:
    shop.apply(Sequence("Warm", trigger="WARM", steps=warm.steps, senders=["jb-1"]))
    shop.add_lead(phone="60123456780", name="Aina", triggers=["WARM"])
    tried(shop)
    tried(shop)
    assert shop.tick().sent == 1
    tried(shop)

    assert [message.to for message in fake.accepted] == [ME, ME, "60123456780", ME]
    assert shop.senders.all()[0].sent_today == 1
    assert shop.verify() == []


@pytest.mark.parametrize("answer", [Rejected("no such number", suppress=True), SenderUnavailable("logged out")])
def test_what_the_provider_says_is_told_and_nothing_follows(url: str, clock: VirtualClock, answer: Outcome) -> None:
    with Dripline(url, clock=clock, channels={"console": FakeChannel([answer])}) as drip:
        drip.senders.apply(Sender("jb-1", channel="console"))
        drip.add_lead(phone=ME)

        assert tried(drip) == answer
        assert list(drip.leads.suppressions()) == []
        assert (drip.senders.all()[0].status, drip.senders.all()[0].is_broken) == ("active", False)


def test_a_channel_that_hangs_is_given_up(url: str, clock: VirtualClock) -> None:
    class Hanging:
        async def send(self, message: Message) -> Outcome:
            await asyncio.Event().wait()
            raise AssertionError(message)

    limits = Limits(send_timeout=timedelta(seconds=0.05))
    with Dripline(url, clock=clock, channels={"console": Hanging()}, limits=limits) as drip:
        drip.senders.apply(Sender("jb-1", channel="console"))

        assert tried(drip) == Unknown("no answer within 0.05 s")


@pytest.mark.parametrize("text", ["", " \n", "x" * (TEXT_LIMIT + 1), "a\x00b"])
def test_what_is_no_text_is_not_sent(shop: Dripline, fake: FakeChannel, text: str) -> None:
    with pytest.raises(InvalidTemplate, match="A test message has 1 to 65,536 characters"):
        tried(shop, text=text)
    assert fake.offered == []


def test_what_is_paused_sends_nothing(shop: Dripline, fake: FakeChannel) -> None:
    shop.senders.pause("jb-1", reason="on leave")
    with pytest.raises(InvalidSender, match="'jb-1' is paused, on leave: resume it first"):
        tried(shop)
    shop.senders.resume("jb-1")
    shop.pause()
    with pytest.raises(InvalidSender, match="Everything is paused"):
        tried(shop)
    assert fake.offered == []


def test_who_is_not_there_sends_nothing(shop: Dripline) -> None:
    shop.senders.archive("jb-1")
    for name in ("jb-1", "jb-9"):
        with pytest.raises(InvalidSender, match="There is no sender"):
            tried(shop, name)


def test_who_opted_out_gets_no_test_either(shop: Dripline, fake: FakeChannel) -> None:
    shop.opt_out(phone=ME)
    with pytest.raises(InvalidLead, match=f"Nothing is sent to {ME}: the lead opted out"):
        tried(shop)
    assert fake.offered == []


@pytest.mark.parametrize(("kind", "to"), [("phone", {"email": "a@example.com"}), ("email", {"phone": ME})])
def test_a_channel_is_given_the_address_that_it_speaks_to(
    url: str, clock: VirtualClock, kind: str, to: dict[str, str]
) -> None:
    fake = FakeChannel(address_kind=AddressKind(kind))
    with Dripline(url, clock=clock, channels={"console": fake}) as drip:
        drip.senders.apply(Sender("jb-1", channel="console"))
        with pytest.raises(InvalidLead, match=f"sends to a {kind} alone"):
            tried(drip, **to)
    assert fake.offered == []


def test_only_who_may_change_senders_tries_one(shop: Dripline, fake: FakeChannel) -> None:
    with pytest.raises(NotAllowed):
        tried(shop.as_actor(Actor("viewer", scopes=frozenset({Scope.SENDERS_READ}))))
    assert fake.offered == []
    tried(shop.as_actor(Actor("aina", scopes=frozenset({Scope.SENDERS_WRITE}))))

    assert [(deed.deed, deed.details) for deed in shop.accounts.audit()] == [("try_sender", {"name": "jb-1"})]


def test_nothing_that_is_refused_is_half_done(shop: Dripline) -> None:
    with pytest.raises(DriplineError):
        tried(shop, phone="12")
    assert shop.reports.counts() == {"leads": 0, "enrollments": 0}
