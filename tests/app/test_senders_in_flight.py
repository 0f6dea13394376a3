"""A sequence's senders or channel change while leads are in it: whoever waits goes by the new ones, at once."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from dripline import AddressKind, Dripline, FakeChannel, Pace, Sender, Sequence, Step, VirtualClock

DAY = timedelta(days=1)
STEPS = [Step("one"), Step("two", after="1d"), Step("three", after="1d")]


@pytest.fixture
def phones() -> FakeChannel:
    return FakeChannel(address_kind=AddressKind.PHONE)


@pytest.fixture
def mails() -> FakeChannel:
    return FakeChannel(address_kind=AddressKind.EMAIL)


@pytest.fixture
def drip(url: str, clock: VirtualClock, phones: FakeChannel, mails: FakeChannel) -> Iterator[Dripline]:
    with Dripline(url, clock=clock, channels={"wa": phones, "mail": mails}) as opened:
        for name in ("jb", "jc"):
            opened.senders.apply(Sender(name, channel="wa"))
        opened.senders.apply(Sender("mailer", channel="mail"))
        yield opened


def by(*senders: str, channel: str = "console", name: str = "S", trigger: str = "T") -> Sequence:
    return Sequence(name, trigger=trigger, senders=senders, channel=channel, steps=STEPS)


def add(drip: Dripline, many: int, *triggers: str) -> None:
    for number in range(many):
        drip.add_lead(phone=f"601234567{number:02}", email=f"p{number}@example.com", triggers=triggers or ["T"])


def live(drip: Dripline) -> dict[str, int]:
    """How many live enrollments each sender has; the doctor has counted them too."""
    assert drip.verify() == []
    return {state.sender.name: state.live for state in drip.senders.all()}


def test_leads_in_flight_move_to_the_senders_that_a_sequence_names_now(
    drip: Dripline, clock: VirtualClock, phones: FakeChannel
) -> None:
    drip.apply(by("jb"))
    add(drip, 5)
    drip.tick()
    assert drip.plan(by("jc")).changes[-1] == "5 leads in flight go on by jc"
    drip.apply(by("jc"))

    assert live(drip) == {"jb": 0, "jc": 5, "mailer": 0}
    clock.advance(DAY)
    drip.tick()
    assert Counter(message.sender for message in phones.accepted) == {"jb": 5, "jc": 5}
    assert drip.plan(by("jc")).changes == ()


def test_leads_of_a_sequence_that_gets_senders_are_spread_and_paced(
    drip: Dripline, clock: VirtualClock, phones: FakeChannel
) -> None:
    drip.apply(by(channel="wa"))
    add(drip, 6)
    drip.tick()
    drip.senders.apply(Sender("jb", channel="wa", pace=Pace(gap="10m")))
    drip.senders.apply(Sender("jc", channel="wa", pace=Pace(gap="10m")))
    drip.apply(by("jb", "jc"))

    assert live(drip) == {"jb": 3, "jc": 3, "mailer": 0}
    clock.advance(DAY)
    drip.tick()
    assert Counter(message.sender for message in phones.accepted) == {None: 6, "jb": 1, "jc": 1}


def test_a_sender_that_is_added_takes_nobody_from_the_one_they_know(drip: Dripline) -> None:
    drip.apply(by("jb"))
    add(drip, 4)
    drip.apply(by("jb", "jc"))

    assert live(drip) == {"jb": 4, "jc": 0, "mailer": 0}


def test_a_lead_moves_to_the_sender_that_it_has_in_another_sequence(drip: Dripline) -> None:
    drip.apply(by("jb"))
    drip.apply(by("jc", name="R", trigger="U"))
    add(drip, 1, "T", "U")
    drip.apply(by("mailer"))
    drip.apply(by("jb", "jc"))

    assert live(drip) == {"jb": 0, "jc": 2, "mailer": 0}


def test_a_sequence_without_senders_any_more_goes_unpaced(drip: Dripline, phones: FakeChannel) -> None:
    drip.senders.apply(Sender("jb", channel="wa", pace=Pace(gap="10m")))
    drip.apply(by("jb"))
    add(drip, 3)
    assert drip.plan(by(channel="wa")).changes[-1] == "3 leads in flight go on by no sender, unpaced"
    drip.apply(by(channel="wa"))

    assert live(drip) == {"jb": 0, "jc": 0, "mailer": 0}
    drip.tick()
    assert [message.sender for message in phones.accepted] == [None] * 3


@pytest.mark.parametrize("after", [by("mailer"), by(channel="mail")], ids=["senders", "no senders"])
@pytest.mark.parametrize("before", [by("jb"), by(channel="wa")], ids=["from senders", "from no senders"])
def test_another_channel_writes_to_its_own_kind_of_address(
    drip: Dripline, clock: VirtualClock, phones: FakeChannel, mails: FakeChannel, before: Sequence, after: Sequence
) -> None:
    drip.apply(before)
    add(drip, 2)
    drip.tick()
    drip.apply(after)
    clock.advance(DAY)
    drip.tick()

    assert [message.to for message in mails.offered] == ["p0@example.com", "p1@example.com"]
    assert all(message.to.isdigit() for message in phones.offered)
    assert list(drip.leads.suppressions()) == []
    assert drip.verify() == []


def test_whom_the_new_channel_cannot_reach_leaves_with_the_reason(
    drip: Dripline, mails: FakeChannel, clock: VirtualClock, plant: Callable[[str], None]
) -> None:
    drip.apply(by("jb"))
    add(drip, 1)
    drip.add_lead(phone="60129999999", triggers=["T"])
    plant("""
        INSERT INTO suppressions (address, reason_code, suppressed_at)
        VALUES ('p0@example.com', 'bounced', '2025-12-01 00:00:00')
    """)
    drip.tick()
    plan = drip.plan(by("mailer"))
    drip.apply(by("mailer"))

    assert plan.changes[-2:] == (
        "1 lead in flight has no address for mail, leaving",
        "1 lead in flight is barred on mail, leaving",
    )
    clock.advance(DAY)
    drip.tick()
    assert mails.offered == []
    ends = {record.lead_id: (record.status, record.reason) for record in drip.records()}
    assert set(ends.values()) == {
        ("cancelled", "bounced"),
        ("cancelled", "the lead has no address for the channel mail"),
    }
    assert drip.verify() == []


def test_a_sender_that_leaves_a_pool_leaves_its_leads_to_those_who_stay(drip: Dripline) -> None:
    drip.senders.apply(Sender("jb", channel="wa", pool="shop"))
    drip.apply(by("shop"))
    add(drip, 3)
    drip.senders.apply(Sender("jc", channel="wa", pool="shop"))
    moved = Sender("jb", channel="wa")
    assert drip.senders.plan(moved).changes[-1] == "3 leads in flight go on by others of their sequences"
    drip.senders.apply(moved)

    assert live(drip) == {"jb": 0, "jc": 3, "mailer": 0}
    assert {record.sender_id for record in drip.records()} == {2}


def test_a_sender_of_another_channel_sends_nothing(
    drip: Dripline, phones: FakeChannel, plant: Callable[[str], None]
) -> None:
    """A person at a SQL prompt, or a version before this one, gave a sequence senders of two channels."""
    drip.apply(by("jb"))
    add(drip, 1)
    plant("UPDATE sequences SET channel = 'mail', address_kind = 'email'")
    drip.tick()

    record = drip.records()[0]
    assert phones.offered == []
    assert record.reason is not None
    assert "another channel" in record.reason
    found = {breach.invariant.statement for breach in drip.verify()}
    assert found == {"breach_wrong_channel", "breach_address"}
    drip.records.repair()
    assert [breach.invariant.statement for breach in drip.verify()] == ["breach_wrong_channel"]


def test_what_was_left_with_a_sender_of_another_channel_is_given_to_its_own(
    drip: Dripline, mails: FakeChannel, plant: Callable[[str], None]
) -> None:
    drip.apply(by("jb"))
    add(drip, 2)
    drip.apply(by("mailer"))
    plant("UPDATE enrollments SET sender_id = 1; UPDATE sequence_contacts SET sender_id = 1")
    plant("UPDATE sender_loads SET live = 2 WHERE sender_id = 1; UPDATE sender_loads SET live = 0 WHERE sender_id = 3")
    drip.records.repair()
    drip.tick()

    assert live(drip) == {"jb": 0, "jc": 0, "mailer": 2}
    assert [message.to for message in mails.offered] == ["p0@example.com", "p1@example.com"]
