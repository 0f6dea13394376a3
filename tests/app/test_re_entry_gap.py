"""Having a trigger is not gaining it: within the gap after a run began, the same trigger begins no other one."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from dripline import Dripline, FakeChannel, Policy, Sequence, Step, VirtualClock
from dripline.importing.leads.upload import Upload

PHONE = "60123456789"
HOUR = timedelta(hours=1)


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(datetime(2026, 1, 5, tzinfo=UTC))


@pytest.fixture
def fake() -> FakeChannel:
    return FakeChannel()


@pytest.fixture
def drip(url: str, clock: VirtualClock, fake: FakeChannel) -> Iterator[Dripline]:
    with Dripline(url, clock=clock, channels={"wa": fake}) as made:
        yield made


def post(drip: Dripline) -> int:
    """Post the form, let what is due go, and return how many runs that began."""
    began = drip.add_lead(phone=PHONE, name="Aina", triggers=["T"]).enrolled
    drip.tick()
    return began


def apply(drip: Dripline, *steps: Step, **policy: str) -> None:
    drip.apply(Sequence("S", trigger="T", channel="wa", policy=Policy(**policy), steps=steps or [Step("welcome")]))


@pytest.mark.parametrize("re_entry", ["restart", "after_exit"])
def test_a_form_that_is_posted_three_times_is_one_run(
    drip: Dripline, clock: VirtualClock, fake: FakeChannel, re_entry: str
) -> None:
    apply(drip, re_entry=re_entry)

    began: list[int] = []
    for wait in (0 * HOUR, HOUR / 60, 20 * HOUR, 4 * HOUR):
        clock.advance(wait)
        began.append(post(drip))

    assert began == [1, 0, 0, 1]
    assert [message.text for message in fake.accepted] == ["welcome", "welcome"]
    assert drip.verify() == []


def test_a_run_under_way_goes_on_within_the_gap(drip: Dripline, clock: VirtualClock, fake: FakeChannel) -> None:
    apply(drip, Step("one"), Step("two", "2h"), re_entry="restart", re_entry_gap="3h")
    for _ in range(3):
        post(drip)
        clock.advance(HOUR)
    drip.tick()

    assert [message.text for message in fake.accepted] == ["one", "two"]


def test_no_gap_begins_at_once(drip: Dripline) -> None:
    apply(drip, re_entry="restart", re_entry_gap="0s")

    assert [post(drip), post(drip)] == [1, 1]


def test_an_import_says_before_what_the_gap_keeps_back(drip: Dripline, clock: VirtualClock, tmp_path: Path) -> None:
    file = tmp_path / "leads.csv"
    file.write_text(f"phone,trigger\n{PHONE},T\n")
    upload = Upload(file, "leads.csv")
    apply(drip, re_entry="after_exit")
    post(drip)

    assert drip.imports.plan(upload).expected.enrolled == {}
    clock.advance(25 * HOUR)
    assert drip.imports.plan(upload).expected.enrolled == {"S": 1}


def test_a_loop_of_short_sequences_goes_round(drip: Dripline, clock: VirtualClock, fake: FakeChannel) -> None:
    again, step = Policy(re_entry="after_exit"), Step("c", "1h")
    cold = Sequence("Cold", trigger="COLD", channel="wa", policy=again, then="T", may_loop=True, steps=[step])
    warm = Sequence("Warm", trigger="T", channel="wa", policy=again, then="COLD", steps=[Step("w", "1h")])
    drip.apply(warm, beside=[cold])
    drip.apply(cold)
    post(drip)
    for _ in range(4):
        clock.advance(HOUR)
        drip.tick()

    assert [message.text for message in fake.accepted] == ["w", "c", "w", "c"]


def test_why_says_from_when_the_trigger_counts_again(drip: Dripline) -> None:
    apply(drip, re_entry="after_exit")
    post(drip)

    (candidacy,) = drip.leads.timelines(phone=PHONE)[0].candidacies

    assert any("from 2026-01-06 00:00 UTC on" in answer.detail for answer in candidacy.answers)


def test_the_gap_is_told_wherever_a_sequence_is(drip: Dripline) -> None:
    apply(drip, re_entry="restart", re_entry_gap="3h")

    assert drip.sequences.get("S").sequence.policy.between_runs == 3 * HOUR
    changed = Sequence("S", trigger="T", channel="wa", policy=Policy(re_entry="restart"), steps=[Step("welcome")])
    assert any("re_entry_gap" in change for change in drip.plan(changed).changes)
