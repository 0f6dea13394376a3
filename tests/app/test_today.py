"""Today: what went, what needs a person, what comes next, and the calendar of a week."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta

import pytest

from dripline import Dripline, FakeChannel, Pace, Sender, Sequence, Step, Unknown, VirtualClock, Workspace
from dripline.core.alerts import AlertKind
from dripline.core.outcome import Outcome
from dripline.core.views.today import NeedHelp
from dripline.errors import InvalidFilter

TWELVE = timedelta(hours=12)
START = datetime(2026, 11, 30, 2, tzinfo=UTC)


@pytest.fixture
def answers() -> list[Outcome]:
    """What the provider answers next; it accepts when there is nothing."""
    return []


@pytest.fixture
def drip(url: str, clock: VirtualClock, answers: list[Outcome]) -> Iterator[Dripline]:
    """Dripline in Kuala Lumpur at ten in the morning, with four leads of a sequence of two steps."""
    clock.advance(START - clock.now())
    channel = FakeChannel(lambda _message: answers.pop(0) if answers else None)
    with Dripline(url, clock=clock, channels={"console": channel}) as opened:
        opened.workspace.apply(Workspace(zone="Asia/Kuala_Lumpur"))
        opened.apply(Sequence("S", trigger="T", steps=[Step("one"), Step("two", "12h"), Step("three", "36h")]))
        for number in range(4):
            opened.add_lead(phone=f"6012345678{number}", triggers=["T"])
        yield opened


def test_what_went_in_a_day_is_counted(drip: Dripline, answers: list[Outcome]) -> None:
    answers.append(Unknown("hung up"))
    drip.tick()
    results = drip.reports.today().results

    assert (results.sent, results.receipts_of, results.delivered) == (3, 3, 0)


def test_the_next_messages_of_a_step_stand_together(drip: Dripline) -> None:
    drip.tick()
    (step,) = drip.reports.today().next_up

    assert (step.sequence, step.step, step.count, step.at) == ("S", 2, 4, START + TWELVE)


def test_what_will_not_go_by_itself_is_not_next(drip: Dripline) -> None:
    drip.tick()
    drip.pause(sequence="S")

    assert drip.reports.today().next_up == ()


def test_the_calendar_has_the_days_and_hours_of_the_workspace(drip: Dripline) -> None:
    drip.tick()
    calendar = drip.reports.calendar()
    (row,) = calendar.rows

    assert (calendar.zone, calendar.days[0].day) == ("Asia/Kuala_Lumpur", date(2026, 11, 30))
    assert [(cell.sent, cell.scheduled) for cell in row.cells[:4]] == [(4, 4), (0, 0), (0, 4), (0, 0)]
    assert {hour: many for hour, many in enumerate(row.cells[0].hours) if many} == {10: 4, 22: 4}
    assert (calendar.days[0].capacity, calendar.later) == (None, 0)


def test_a_calendar_that_begins_later_leaves_out_what_goes_before(drip: Dripline) -> None:
    drip.tick()
    calendar = drip.reports.calendar(date(2026, 12, 1), days=1)

    assert (calendar.days[0].scheduled, calendar.later) == (0, 4)


def test_the_calendar_minds_what_senders_can_do(drip: Dripline) -> None:
    drip.senders.apply(Sender("jb", channel="console", pace=Pace(daily_cap=3)))
    drip.apply(Sequence("Slow", trigger="SLOW", senders=["jb"], steps=[Step("one")]))
    for number in range(5):
        drip.add_lead(phone=f"6019345678{number}", triggers=["SLOW"])
    calendar = drip.reports.calendar()
    slow = next(row for row in calendar.rows if row.sequence == "Slow")

    assert [cell.scheduled for cell in slow.cells[:3]] == [3, 2, 0]
    assert calendar.days[0].capacity == 3


def test_what_is_paused_has_no_day(drip: Dripline) -> None:
    drip.tick()
    drip.pause(sequence="S")
    (row,) = drip.reports.calendar().rows

    assert (row.is_paused, row.paused, sum(cell.scheduled for cell in row.cells)) == (True, 8, 0)


def test_what_went_over_to_a_paused_sender_has_no_day(drip: Dripline) -> None:
    drip.senders.apply(Sender("jb", channel="console"))
    drip.apply(Sequence("Slow", trigger="SLOW", senders=["jb"], steps=[Step("one")]))
    drip.add_lead(phone="60193456789", triggers=["SLOW"])
    drip.senders.pause("jb", reason="on leave")
    slow = next(row for row in drip.reports.calendar().rows if row.sequence == "Slow")

    assert (slow.without_sender, slow.cells[0].scheduled) == (1, 0)


@pytest.mark.parametrize(("first", "days"), [(None, 0), (None, 32), (date(2026, 11, 1), 7), (date(2027, 11, 1), 7)])
def test_days_that_no_calendar_shows_are_refused(drip: Dripline, first: date | None, days: int) -> None:
    with pytest.raises(InvalidFilter, match="calendar"):
        drip.reports.calendar(first, days=days)


def test_what_needs_a_person_names_the_button_that_helps(
    drip: Dripline, answers: list[Outcome], plant: Callable[[str], None]
) -> None:
    answers.append(Unknown("hung up"))
    drip.tick()
    plant(
        "UPDATE sequences SET on_unknown = 'hold';UPDATE sequence_contacts SET ended_at = NULL WHERE status = 'unknown'"
    )
    at = f"{START:%Y-%m-%d %H:%M:%S}"
    plant(
        "INSERT INTO imports (name, who, columns, state, started_at, seen_at, finished_at, rows_done)"
        f" VALUES ('leads.csv', 'aina', '[]', 'ended early', '{at}', '{at}', '{at}', 7)"
    )
    needs = drip.reports.today().needs

    assert [(one.kind, one.help, one.name, one.count) for one in needs] == [
        (AlertKind.NOT_CONFIRMED, NeedHelp.REVIEW_UNCONFIRMED, "S", 1),
        (AlertKind.IMPORT_UNFINISHED, NeedHelp.CONTINUE_IMPORT, "leads.csv", 7),
    ]


def test_where_nobody_sends_a_processor_is_what_is_needed(drip: Dripline) -> None:
    (need,) = drip.reports.today().needs

    assert (need.kind, need.help, need.count) == (AlertKind.NO_PROCESSOR, NeedHelp.START_PROCESSOR, 4)


def test_the_week_has_three_days_before_today_and_three_after_it(drip: Dripline) -> None:
    drip.tick()
    week = drip.reports.today().week

    assert [day.day.day for day in week.days] == [27, 28, 29, 30, 1, 2, 3]
    assert [day.sent for day in week.days] == [0, 0, 0, 4, 0, 0, 0]
    assert week.days[3].hours[10].sent == 4
