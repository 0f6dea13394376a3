"""The report: each figure is a count of records that its filter lists."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from dripline import (
    Dripline,
    FakeChannel,
    Figure,
    Outcome,
    Policy,
    RecordFilter,
    Rejected,
    Sequence,
    StatusGroup,
    Step,
    StepRecord,
    Unknown,
    VirtualClock,
)

PHONES = [f"6012345678{digit}" for digit in range(4)]
HOUR = timedelta(hours=1)


@pytest.fixture
def answers() -> list[Outcome]:
    """What the provider answers next; it accepts when there is nothing."""
    return []


@pytest.fixture
def drip(url: str, clock: VirtualClock, answers: list[Outcome]) -> Iterator[Dripline]:
    """Dripline on a fresh database of each kind."""
    channel = FakeChannel(lambda _message: answers.pop(0) if answers else None)
    with Dripline(url, clock=clock, channels={"console": channel}) as opened:
        yield opened


@pytest.fixture
def shop(drip: Dripline, warm: Sequence, clock: VirtualClock, answers: list[Outcome]) -> Dripline:
    """Four leads: one left, one was refused, one is unknown, one goes on; an hour after the second step was due."""
    drip.apply(warm)
    for phone in PHONES:
        drip.add_lead(phone=phone, name="Aina", triggers=["WARMEXAMA"])
    drip.tick()
    drip.opt_out(phone=PHONES[0])
    clock.advance(timedelta(hours=12))
    answers.extend([Rejected("no"), Unknown("hung up")])
    drip.tick()
    clock.advance(HOUR)
    return drip


def standing(record: StepRecord) -> StatusGroup:
    is_held = record.status == "unknown" and record.ended_at is None
    return StatusGroup.HELD if is_held else StatusGroup(record.status)


def is_meant(record: StepRecord, of: RecordFilter) -> bool:
    moment = record.completed_at or record.ended_at or record.next_trigger_time
    is_in_time = (of.since is None or moment >= of.since) and (of.until is None or moment < of.until)
    return standing(record) in of.standings and is_in_time and of.step in (None, record.current_step)


def test_what_should_go_was_sent_ended_or_remains(shop: Dripline) -> None:
    first, second, third, _ = shop.reports.overview().sequences[0].steps

    assert (first.should.many, first.sent.many) == (4, 4)
    assert {n: f.many for n, f in second.figures().items() if f.many} == {
        "should": 4, "sent": 1, "failed": 1, "cancelled": 1, "remaining": 1, "held": 1,
    }  # fmt: skip
    assert (third.remaining.many, third.cancelled.many) == (3, 1)
    assert shop.reports.overview().tally.should.many == len(shop.records()) == 16


def test_every_figure_lists_the_very_records_that_it_counts(shop: Dripline) -> None:
    report, records = shop.reports.overview(), shop.records()
    tallies = [report.tally, *report.hours, *(step for one in report.sequences for step in (one.tally, *one.steps))]
    figures: list[Figure] = [figure for tally in tallies for figure in tally.figures().values()]
    figures += [report.due, report.sent_lately]

    assert [f for f in figures if f.many != sum(is_meant(record, f.of) for record in records)] == []
    assert {f.of.sequence for f in figures} == {None, "Warm EXAMA"}
    assert sum(f.many > 0 for f in figures) > 20


def test_the_hours_around_tell_what_went_and_what_will_go(shop: Dripline) -> None:
    report = shop.reports.overview(back=timedelta(hours=13), ahead=timedelta(hours=12))
    told = {h.of.since: {n: f.many for n, f in h.figures().items() if f.many and n != "should"} for h in report.hours}
    start = report.at - timedelta(hours=13)

    assert len(told) == 13 + 1 + 12
    assert told[start] == {"sent": 4, "cancelled": 3}
    assert told[start + timedelta(hours=12)] == {"sent": 1, "failed": 1, "remaining": 1, "held": 1}
    assert told[start + timedelta(hours=24)] == {"remaining": 3, "active": 2, "pending": 1}
    assert report.sent_lately.many == 5


@pytest.mark.parametrize("late", [timedelta(minutes=30), timedelta(hours=3)])
def test_what_is_due_and_for_how_long(shop: Dripline, clock: VirtualClock, late: timedelta) -> None:
    assert (shop.reports.overview().due.many, shop.reports.overview().lag) == (0, timedelta(0))
    clock.advance(timedelta(hours=11) + late)
    report = shop.reports.overview()

    assert report.due.many == shop.records.count_due() == 2
    assert report.lag == late


def test_held_and_given_up_are_two_things(shop: Dripline, clock: VirtualClock) -> None:
    assert shop.reports.overview().tally.figure(StatusGroup.HELD).many == 1
    clock.advance(HOUR)
    shop.tick()

    assert shop.reports.overview().tally.figure(StatusGroup.HELD).many == 0
    assert shop.reports.overview().tally.unknown.many == 1
    assert shop.reports.counts()["unknown"] == 1


def test_enrollments_are_in_progress_finished_or_left(shop: Dripline, clock: VirtualClock) -> None:
    counts = shop.reports.overview().sequences[0].enrollments
    assert (counts.in_progress, counts.finished, counts.left) == (3, 0, 1)
    for _ in range(6):
        clock.advance(timedelta(hours=12))
        shop.tick()
    counts = shop.reports.overview().sequences[0].enrollments

    assert (counts.in_progress, counts.finished, counts.left) == (0, 3, 1)


def test_one_that_goes_over_to_another_version_has_not_left(shop: Dripline) -> None:
    steps = [Step("One for {{ name }}"), Step("Two", "12h"), Step("Three", "24h"), Step("Four", "12h")]
    moved = shop.apply(Sequence("Warm EXAMA", trigger="WARMEXAMA", steps=steps), reach="all").moved
    counts = shop.reports.overview().sequences[0].enrollments

    assert moved == 2
    assert (counts.in_progress, counts.finished, counts.left) == (3, 0, 1)
    assert shop.verify() == []


def test_a_lead_that_goes_over_to_another_version_counts_once(drip: Dripline, clock: VirtualClock) -> None:
    def made(third: str) -> Sequence:
        return Sequence("S", trigger="T", steps=[Step("a"), Step("b", "1d"), Step("c", third), Step("d", "1d")])

    drip.apply(made("1d"))
    for phone in PHONES:
        drip.add_lead(phone=phone, triggers=["T"])
    drip.tick()
    clock.advance(timedelta(hours=25))
    drip.tick()
    drip.apply(made("6h"), reach="all")
    for _ in range(10):
        clock.advance(timedelta(days=1))
        drip.tick()

    told = drip.reports.overview().sequences[0]
    assert [(step.should.many, step.sent.many, step.cancelled.many) for step in told.steps] == [(4, 4, 0)] * 4
    assert drip.records.find_ids(told.tally.cancelled.of) == []
    assert drip.verify() == []


def test_who_is_forgotten_is_counted_no_more(shop: Dripline) -> None:
    assert shop.reports.overview().leads == 4
    shop.leads.forget(phone=PHONES[0])
    report = shop.reports.overview()

    assert (report.leads, report.tally.should.many, report.sequences[0].enrollments.left) == (3, 12, 0)
    assert shop.verify() == []


def test_a_sequence_without_leads_has_its_steps(drip: Dripline, warm: Sequence) -> None:
    assert drip.reports.overview().sequences == ()
    drip.apply(warm)

    assert [(step.of.step, step.should.many) for step in drip.reports.overview().sequences[0].steps] == [
        (1, 0), (2, 0), (3, 0), (4, 0),
    ]  # fmt: skip


def test_what_a_failed_policy_ends_is_in_the_figures(drip: Dripline, answers: list[Outcome]) -> None:
    steps = [Step("One"), Step("Two", "1h")]
    drip.apply(Sequence("Strict", trigger="STRICT", steps=steps, policy=Policy(on_failure="stop")))
    drip.add_lead(phone=PHONES[0], triggers=["STRICT"])
    answers.append(Rejected("no"))
    drip.tick()
    report = drip.reports.overview()

    assert [(s.failed.many, s.cancelled.many, s.remaining.many) for s in report.sequences[0].steps] == [
        (1, 0, 0), (0, 1, 0),
    ]  # fmt: skip
    assert report.sequences[0].enrollments.left == 1


def test_a_report_is_the_same_before_and_after_folding(shop: Dripline, clock: VirtualClock) -> None:
    clock.advance(HOUR)
    shop.tick()
    before = shop.reports.overview()
    clock.advance(timedelta(seconds=10))
    shop.tick()
    after = shop.reports.overview()

    assert (after.sequences, after.hours, after.tally) == (before.sequences, before.hours, before.tally)


def test_a_step_that_only_an_older_version_has_is_told(shop: Dripline) -> None:
    shop.apply(Sequence("Warm EXAMA", trigger="WARMEXAMA", steps=[Step("One for {{ name }}")]))
    report = shop.reports.overview()

    assert [step.should.many for step in report.sequences[0].steps] == [4, 4, 4, 4]
    assert report.tally.should.many == len(shop.records())
