"""Unknown records settled by a provider's export and by receipts, on both databases; never on a guess."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from dripline import (
    Accepted,
    Delivery,
    Dripline,
    Effect,
    Evidence,
    EvidenceLine,
    FakeChannel,
    NewLead,
    Policy,
    Receipt,
    RecordFilter,
    Sequence,
    Step,
    Unknown,
    VirtualClock,
)
from dripline.errors import InvalidFilter

HOUR = timedelta(hours=1)
HOLD = Policy(on_unknown="hold", unknown_after="1h")
PHONES = [f"6012345{n:04d}" for n in range(4)]


@pytest.fixture
def shop(url: str, clock: VirtualClock) -> Iterator[Dripline]:
    """Four leads of none of whom anybody knows whether step 1 went."""
    with Dripline(url, clock=clock, channels={"console": FakeChannel([Unknown("hung up")] * 4)}) as drip:
        drip.apply(Sequence("Warm", trigger="W", steps=[Step("One"), Step("Two", "12h")], policy=HOLD))
        drip.add_leads([NewLead(phone, triggers=("W",)) for phone in PHONES])
        assert drip.tick().unknown == 4
        yield drip
        assert drip.verify() == []


def line(number: int, clock: VirtualClock, status: str) -> EvidenceLine:
    return EvidenceLine(
        number + 2,
        status=status,
        address=PHONES[number],
        at=clock.now() + timedelta(seconds=2),
        provider_id=f"SM{number}",
    )


def standing(drip: Dripline) -> list[str]:
    return [str(drip.records(phone=phone)[0].status) for phone in PHONES]


def test_what_is_proved_is_settled_and_what_is_not_is_named(shop: Dripline, clock: VirtualClock) -> None:
    lines = [line(0, clock, "delivered"), line(1, clock, "failed"), line(2, clock, "pending")]
    clock.advance(HOUR / 4)
    planned = shop.records.unknown.plan_settle_by_evidence(Evidence(lines))
    settled = shop.records.unknown.settle_by_evidence(Evidence(lines), by="Aina")

    assert settled == planned
    assert (settled.count(Effect.COMPLETED), settled.count(Effect.DUE_AGAIN)) == (1, 1)
    assert [(one.address, one.reason) for one in settled.left] == [
        (PHONES[2], "line 4 says 'pending', which proves nothing"),
        (PHONES[3], "the evidence says nothing of it"),
    ]
    assert standing(shop) == ["completed", "active", "unknown", "unknown"]
    assert shop.records.unknown.settle_by_evidence(Evidence(lines)).records == 0
    (attempt,) = [one.attempt for one in shop.records.find_attempts().rows if one.person.phone == PHONES[0]]
    assert (attempt.provider_id, attempt.delivery) == ("SM0", "delivered")
    found = shop.records.get(shop.records(phone=PHONES[1])[0].id)
    assert found is not None
    assert [(one.by, one.resolution, one.proof) for one in found.settlements] == [("Aina", "resend", "line 3: failed")]


def test_one_person_in_two_sequences_is_left(url: str, clock: VirtualClock) -> None:
    with Dripline(url, clock=clock, channels={"console": FakeChannel([Unknown(), Accepted("wamid.1")])}) as drip:
        for name in ("A", "B"):
            drip.apply(Sequence(name, trigger=name, steps=[Step(name)], policy=HOLD))
        drip.add_lead(phone=PHONES[0], triggers=["A", "B"])
        drip.tick()
        (unknown,) = drip.records.unknown.all()
        one = line(0, clock, "delivered")
        settled = drip.records.unknown.settle_by_evidence(Evidence([one]))

        assert settled.records == 0
        assert "fits another try" in settled.left[0].reason
        lines = [replace(one, provider_id="wamid.1"), replace(one, number=9, status="failed")]
        assert drip.records.unknown.settle_by_evidence(Evidence(lines)).count(Effect.DUE_AGAIN) == 1
        assert unknown.record_id in drip.records.find_ids(RecordFilter(standings=["active"]))


def test_a_receipt_that_came_after_its_sequence_went_on_is_proof(url: str, clock: VirtualClock) -> None:
    with Dripline(url, clock=clock, channels={"console": FakeChannel([Unknown()])}) as drip:
        drip.apply(Sequence("Warm", trigger="W", steps=[Step("One"), Step("Two", "12h")]))
        drip.add_lead(phone=PHONES[0], triggers=["W"])
        drip.tick()
        clock.advance(HOUR)
        drip.tick()
        record = drip.records(phone=PHONES[0])[0].id
        receipt = Receipt("k", provider_id="wamid.1", record_id=record, state=Delivery.READ, at=clock.now())
        with drip._session.stores.store.transaction():  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
            drip._session.stores.receipts.note("console", [receipt], clock.now())  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]

        assert drip.records.unknown.settle_by_evidence().count(Effect.COMPLETED) == 1
        assert [str(one.status) for one in drip.records(phone=PHONES[0])] == ["completed", "active"]
        assert drip.verify() == []


def test_a_channel_that_is_not_there_is_refused(shop: Dripline) -> None:
    with pytest.raises(InvalidFilter, match="No sequence goes through the channel 'pigeon'"):
        shop.records.unknown.plan_settle_by_evidence(Evidence(channel="pigeon"))
