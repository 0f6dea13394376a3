"""Every list, walked forwards and back with random filters, against a plain look at all that is stored."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dripline.store.queries.keyset
from dripline import (
    AttemptFilter,
    Dripline,
    EnrollmentFilter,
    FakeChannel,
    LeadFilter,
    ListedRecord,
    Message,
    NewLead,
    Outcome,
    Page,
    Person,
    Policy,
    RecordFilter,
    Rejected,
    Sender,
    Sequence,
    StatusGroup,
    Step,
    SuppressionFilter,
    Unknown,
    VirtualClock,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
NAMES = ["Aina", "aina B", "Élan", "Zul", "100%", ""]
SEQUENCES = ["Cold", "Warm"]

Find = Callable[..., Page[Any]]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def lived(request: pytest.FixtureRequest, new_url: Callable[[str], str]) -> Iterator[Dripline]:
    """A database in which everything has happened that lists can show, much of it in the same second."""
    clock, fake = VirtualClock(START), FakeChannel(answer)
    with Dripline(new_url(request.param), clock=clock, channels={"console": fake}) as drip:
        drip.senders.apply(Sender("jb-1", channel="console"))
        steps = [Step("One"), Step("Two", "1h"), Step("Three", "1h")]
        drip.apply(Sequence("Cold", trigger="COLD", senders=["jb-1"], steps=steps))
        drip.apply(Sequence("Warm", trigger="WARM", steps=steps, policy=Policy(on_unknown="hold")))
        for place in range(24):
            phone = f"601{place % 3}345670{place:02}" if place % 4 else None
            email = f"user{place % 5}.{place}@example.com" if place % 4 == 0 or place % 5 == 0 else None
            triggers = ("COLD", "WARM")[: 1 + place % 2]
            drip.add_leads([NewLead(phone, email=email, name=NAMES[place % 6], triggers=triggers)])
            clock.advance(timedelta(minutes=place % 2))
        for _ in range(30):
            drip.tick()
            clock.advance(HOUR / 12)
        for place in (1, 2, 9):
            drip.opt_out(phone=f"601{place % 3}345670{place:02}", reason=f"reason {place}%")
        drip.pause(phone=f"601{7 % 3}34567007")
        yield drip


def answer(message: Message) -> Outcome | None:
    """Answer each lead and step in its own way, always the same."""
    answers = {2: Rejected("no"), 5: Unknown("?"), 9: Rejected("bad", scope="contact")}
    return answers.get(message.lead.id * message.step % 11)


def all_pages(find: Find, wanted: object, size: int) -> tuple[list[Any], list[Any]]:
    """Return the rows of every page on the way forwards, and on the way back from behind the last one."""
    there: list[Any] = []
    back: list[Any] = []
    page = find(wanted, size=size)
    while page.next:
        there += page.rows
        page = find(wanted, size=size, cursor=page.next)
    there += page.rows
    back = [*page.rows]
    while page.previous:
        page = find(wanted, size=size, cursor=page.previous)
        if page.rows and page.previous is None and back[: len(page.rows)] == [*page.rows]:
            # There was nothing before the first row: whoever goes back past it is at the first page again.
            break
        back = [*page.rows, *back]
    return there, back


def stands(record: ListedRecord) -> str:
    return "held" if record.status == "unknown" and record.ended_at is None else str(record.status)


SIZES = st.sampled_from([1, 2, 7, 50])
HOURS = st.none() | st.integers(-1, 6).map(lambda hours: START + hours * HOUR)
RECORDS = st.builds(
    RecordFilter,
    sequence=st.sampled_from([None, *SEQUENCES]),
    standings=st.lists(st.sampled_from(list(StatusGroup)), max_size=4, unique=True).map(
        lambda some: some or list(StatusGroup)
    ),
    sender=st.sampled_from([None, None, "jb-1"]),
    lead_id=st.none() | st.integers(1, 25),
    since=HOURS,
    until=HOURS,
    text=st.sampled_from([None, None, "6010", "user1.", "user1.6@", "a"]),
    order=st.sampled_from(["latest", "earliest"]),
)


@given(wanted=RECORDS, step=st.sampled_from([None, 1, 2, 3]), size=SIZES)
def test_records_are_listed_once_in_order_and_counted(
    lived: Dripline, wanted: RecordFilter, step: int | None, size: int
) -> None:
    if wanted.sequence is not None:
        wanted = replace(wanted, step=step)
    everything, _ = all_pages(lived.records.find, RecordFilter(order=wanted.order), 200)
    expected = [record for record in everything if matches(record, wanted)]
    there, back = all_pages(lived.records.find, wanted, size)

    assert [record.id for record in there] == [record.id for record in expected]
    assert back == there
    assert lived.records.count(wanted) == len(expected)
    assert sorted(lived.records.find_ids(wanted)) == sorted(record.id for record in expected)


def matches(record: ListedRecord, wanted: RecordFilter) -> bool:
    """Say whether a record is what a filter asks for, by looking at it."""
    hour, who = record.hour_at, record.person
    begins = {
        None: True,
        "6010": (who.phone or "").startswith("6010"),
        "user1.": who.name.lower().startswith("user1."),
        "user1.6@": (who.email or "").startswith("user1.6@"),
        "a": who.name.lower().startswith("a"),
    }
    return (
        wanted.sequence in {None, record.sequence}
        and wanted.step in {None, record.step}
        and stands(record) in wanted.standings
        and wanted.sender in {None, record.sender}
        and wanted.lead_id in {None, who.lead_id}
        and (wanted.since is None or hour >= wanted.since)
        and (wanted.until is None or hour < wanted.until)
        and begins[wanted.text]
    )


def test_all_records_are_listed_by_their_hours(lived: Dripline) -> None:
    latest, _ = all_pages(lived.records.find, RecordFilter(), 7)
    earliest, _ = all_pages(lived.records.find, RecordFilter(order="earliest"), 7)

    assert [record.id for record in earliest] == [
        record.id for record in sorted(latest, key=lambda record: (record.hour_at, record.id))
    ]
    assert {record.id for record in latest} == {record.id for record in lived.records()}
    assert latest == earliest[::-1]


LEADS = st.builds(
    LeadFilter,
    text=st.sampled_from([None, None, "6010", "6", "a", "A", "é", "É", "user1.", "user1.6@", "1"]),
    trigger=st.sampled_from([None, "COLD", "WARM", "NONE"]),
    sequence=st.sampled_from([None, *SEQUENCES]),
    is_barred=st.sampled_from([None, True, False]),
    since=HOURS,
    until=HOURS,
)


@settings(max_examples=60)
@given(wanted=LEADS, size=SIZES, looks=st.sampled_from([1, 3, 20_000]))
def test_leads_are_listed_once_and_the_same_both_ways(
    lived: Dripline, wanted: LeadFilter, size: int, looks: int
) -> None:
    everything, _ = all_pages(lived.leads.find, LeadFilter(), 200)
    text = wanted.text
    expected = {
        lead.person.lead_id
        for lead in everything
        if (text is None or begins(lead.person, text))
        and (wanted.trigger is None or wanted.trigger in lead.triggers)
        and (wanted.sequence is None or wanted.sequence in lead.sequences)
        and wanted.is_barred in {None, lead.barred is not None}
        and (wanted.since is None or lead.created_at >= wanted.since)
        and (wanted.until is None or lead.created_at < wanted.until)
    }
    with looking(looks):
        there, back = all_pages(lived.leads.find, wanted, size)

    ids = [lead.person.lead_id for lead in there]
    assert sorted(ids) == sorted(expected)
    assert back == there


def begins(person: Person, text: str) -> bool:
    if text[0].isdigit():
        return (person.phone or "").startswith(text)
    if "@" in text:
        return (person.email or "").startswith(text)
    return folded(person.name).startswith(folded(text))


def folded(text: str) -> str:
    """Write capitals small as both databases do: those of ASCII."""
    return "".join(letter.lower() if letter.isascii() else letter for letter in text)


class looking:  # noqa: N801  (reads as a sentence)
    """Lets a page look only so far."""

    def __init__(self, rows: int) -> None:
        self._rows = rows

    def __enter__(self) -> None:
        self._was = dripline.store.queries.keyset.SCAN_LIMIT
        dripline.store.queries.keyset.SCAN_LIMIT = self._rows

    def __exit__(self, *_: object) -> None:
        dripline.store.queries.keyset.SCAN_LIMIT = self._was


ENROLLMENTS = st.builds(
    EnrollmentFilter,
    sequence=st.sampled_from([None, *SEQUENCES]),
    is_live=st.sampled_from([None, True, False]),
    lead_id=st.none() | st.integers(1, 25),
    end_code=st.sampled_from([None, None, "opted_out", "provider_rejected", "goal"]),
)


@given(wanted=ENROLLMENTS, size=SIZES, looks=st.sampled_from([1, 3, 20_000]))
def test_enrollments_are_listed_once_newest_first(
    lived: Dripline, wanted: EnrollmentFilter, size: int, looks: int
) -> None:
    everything, _ = all_pages(lived.records.find_enrollments, EnrollmentFilter(), 200)
    with looking(looks):
        there, back = all_pages(lived.records.find_enrollments, wanted, size)

    assert there == [
        one
        for one in sorted(everything, key=lambda one: -one.id)
        if wanted.sequence in {None, one.sequence}
        and wanted.is_live in {None, one.ended_at is None}
        and wanted.lead_id in {None, one.person.lead_id}
        and wanted.end_code in {None, one.end_code}
    ]
    assert back == there


ATTEMPTS = st.builds(
    AttemptFilter,
    st.sampled_from([None, "accepted", "rejected", "unknown"]),
    delivery=st.sampled_from([None, None, None, "failed"]),
    sender=st.sampled_from([None, "jb-1"]),
    sequence=st.sampled_from([None, *SEQUENCES]),
    since=HOURS,
    until=HOURS,
)


@settings(max_examples=60)
@given(wanted=ATTEMPTS, size=SIZES, looks=st.sampled_from([1, 3, 20_000]))
def test_tries_are_listed_once_newest_first(lived: Dripline, wanted: AttemptFilter, size: int, looks: int) -> None:
    everything, _ = all_pages(lived.records.find_attempts, AttemptFilter(), 200)
    with looking(looks):
        there, back = all_pages(lived.records.find_attempts, wanted, size)

    assert there == [
        one
        for one in everything
        if wanted.outcome in {None, one.attempt.outcome}
        and wanted.delivery in {None, one.attempt.delivery}
        and wanted.sender in {None, one.sender}
        and wanted.sequence in {None, one.sequence}
        and (wanted.since is None or one.attempt.started_at >= wanted.since)
        and (wanted.until is None or one.attempt.started_at < wanted.until)
    ]
    assert back == there
    assert everything == sorted(
        everything, key=lambda one: (one.attempt.started_at, one.attempt.record_id, one.attempt.number), reverse=True
    )


@given(
    address=st.sampled_from([None, "601", "6012", "x"]),
    code=st.sampled_from([None, "opted_out", "unsubscribed"]),
    size=SIZES,
    looks=st.sampled_from([1, 20_000]),
)
def test_barred_addresses_are_listed_once(
    lived: Dripline, address: str | None, code: str | None, size: int, looks: int
) -> None:
    with looking(looks):
        there, back = all_pages(lived.leads.find_suppressions, SuppressionFilter(address, reason_code=code), size)

    assert {one.address for one in there} == {
        one.address
        for one in lived.leads.suppressions()
        if one.address.startswith(address or "") and code in {None, one.reason_code}
    }
    assert len(there) == len({one.address for one in there})
    assert back == there
