"""What failed is sent again after its sequence has got other senders, or another channel: by one that can carry it."""

from collections.abc import Iterator

import pytest

from dripline import AddressKind, Dripline, FakeChannel, RecordFilter, Rejected, Sender, Sequence, Step, VirtualClock

FAILED = RecordFilter(standings=["failed"])


@pytest.fixture
def mails() -> FakeChannel:
    return FakeChannel(address_kind=AddressKind.EMAIL)


@pytest.fixture
def phones() -> FakeChannel:
    return FakeChannel([Rejected("bad")] * 3, address_kind=AddressKind.PHONE)


@pytest.fixture
def drip(url: str, clock: VirtualClock, phones: FakeChannel, mails: FakeChannel) -> Iterator[Dripline]:
    """Three leads whose only message was refused, by a sender jb of phones."""
    with Dripline(url, clock=clock, channels={"wa": phones, "mail": mails}) as opened:
        for name, channel in (("jb", "wa"), ("jc", "wa"), ("jd", "wa"), ("mailer", "mail")):
            opened.senders.apply(Sender(name, channel=channel))
        opened.apply(made("jb"))
        for number in range(3):
            opened.add_lead(phone=f"6012345678{number}", email=f"p{number}@example.com", triggers=["T"])
        opened.tick()
        yield opened


def made(
    *senders: str, channel: str = "console", name: str = "S", trigger: str = "T", group: str | None = None
) -> Sequence:
    steps = [Step("one"), Step("two", "1d")] if name == "R" else [Step("one")]
    return Sequence(name, trigger=trigger, senders=senders, channel=channel, group=group, steps=steps)


def again(drip: Dripline) -> dict[str, int]:
    """Send what failed again; return how many live enrollments each sender has then, which the doctor counted too."""
    done = drip.records.retry(FAILED)
    assert (len(done.records), done.refused) == (3, ())
    assert drip.verify() == []
    return {state.sender.name: state.live for state in drip.senders.all() if state.live}


def senders(drip: Dripline) -> set[str | None]:
    return {record.sender for record in drip.records.find().rows if record.sequence == "S"}


def test_it_goes_by_the_senders_that_the_sequence_names_now_evenly(drip: Dripline, phones: FakeChannel) -> None:
    drip.apply(made("jc", "jd"))

    assert again(drip) == {"jc": 2, "jd": 1}
    assert drip.tick().sent == 3
    assert [message.sender for message in phones.offered].count("jb") == 3


def test_it_goes_by_the_sender_that_the_lead_has_elsewhere(drip: Dripline) -> None:
    drip.apply(made("jd", name="R", trigger="U"))
    for number in range(3):
        drip.add_lead(phone=f"6012345678{number}", triggers=["U"])
    drip.apply(made("jc", "jd"))

    assert again(drip) == {"jd": 6}


def test_it_goes_by_the_new_channel(drip: Dripline, mails: FakeChannel) -> None:
    drip.apply(made("mailer"))

    assert again(drip) == {"mailer": 3}
    drip.tick()
    assert sorted(message.to for message in mails.offered) == [f"p{number}@example.com" for number in range(3)]


def test_it_goes_unpaced_where_the_sequence_names_no_sender_any_more(drip: Dripline) -> None:
    drip.apply(made(channel="wa"))

    assert (again(drip), senders(drip)) == ({}, {None})
    assert drip.tick().sent == 3


def test_it_goes_by_a_sender_where_there_was_none(url: str, clock: VirtualClock) -> None:
    with Dripline(url, clock=clock, channels={"console": FakeChannel([Rejected("bad")] * 3)}) as drip:
        drip.apply(made())
        for number in range(3):
            drip.add_lead(phone=f"6012345678{number}", triggers=["T"])
        drip.tick()
        drip.senders.apply(Sender("one", channel="console"))
        drip.apply(made("one"))

        assert (again(drip), senders(drip)) == ({"one": 3}, {"one"})


def test_it_goes_by_whom_the_sequence_has_left_once_a_sender_is_archived(drip: Dripline) -> None:
    drip.apply(made("jb", "jc"))
    drip.senders.archive("jb")

    assert again(drip) == {"jc": 3}


def test_it_is_in_the_group_that_its_sequence_has_got(drip: Dripline) -> None:
    drip.apply(made("jb", group="funnel"))
    drip.apply(made("jb", name="R", trigger="U", group="funnel"))
    again(drip)
    for number in range(3):
        drip.add_lead(phone=f"6012345678{number}", triggers=["U"])

    assert drip.verify() == []
    assert drip.records.retry(FAILED).records == ()
    assert {run.sequence for run in drip.leads.timelines(phone="60123456780")[0].enrollments} == {"S"}
