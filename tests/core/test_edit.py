"""How one version's steps become another's, and where a lead goes on."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dripline import Policy, Step
from dripline.core.planning.edit import Edit, Place
from dripline.core.planning.edit import align as by_ids
from dripline.core.planning.reach import Reach, reach_of
from dripline.core.planning.same_step import identified, identify
from dripline.core.planning.timetable import OVERDUE_SPREAD, timetable
from dripline.core.planning.version_move import EnrollmentPosition
from dripline.errors import InvalidSequence

NOW = datetime(2026, 1, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)


def steps(*texts: str, wait: str = "12h") -> list[Step]:
    return [Step(text, wait) for text in texts]


def align(old: list[Step], new: list[Step]) -> Edit:
    """The edit of a sequence that had no other steps ever, and whose steps nobody gave ids."""
    stored = identified(old)
    wanted = identify(stored, new, {step.id: step for step in stored if step.id})
    return by_ids(stored, wanted.steps)


def standing(step: int, *, anchor: datetime = NOW, moved: timedelta = timedelta(0), of: int = 1) -> EnrollmentPosition:
    return EnrollmentPosition(
        of, lead_id=of, address="6", version=1, step=step, status="active", time=NOW, anchor=anchor, moved=moved
    )


def test_a_changed_wait_is_one_change_in_words() -> None:
    edit = align(steps("A", "B", "C"), [Step("A", "12h"), Step("B", "12h"), Step("C", "1h")])

    assert [change.text for change in edit.changes] == ["step 3: wait 12h → 1h"]
    assert [edit.place(edit.changes[0], step) for step in (1, 2, 3)] == [Place.BEFORE, Place.BEFORE, Place.AT]


def test_a_corrected_text_is_no_change_of_the_version() -> None:
    assert align(steps("A", "B"), steps("A", "Better")).changes == ()


def test_an_inserted_step_right_before_where_a_lead_stands_is_ahead_of_it() -> None:
    edit = align(steps("A", "B", "C"), steps("A", "New", "B", "C"))

    assert [change.text for change in edit.changes] == ["step 2 is new, 12h after the one before"]
    assert [edit.first_step(step) for step in (1, 2, 3)] == [1, 2, 4]
    assert [edit.place(edit.changes[0], step) for step in (1, 2, 3)] == [Place.BEFORE, Place.AT, Place.PAST]


def test_a_removed_step_is_passed_over_by_who_waits_for_it() -> None:
    edit = align(steps("A", "B", "C"), steps("A", "C"))

    assert [change.text for change in edit.changes] == ["step 2 is removed"]
    assert [edit.first_step(step) for step in (1, 2, 3)] == [1, 2, 2]


def test_who_waits_for_the_last_step_has_nothing_left_when_it_is_removed() -> None:
    assert align(steps("A", "B"), steps("A")).first_step(2) == 2


def test_each_reach_takes_in_more_than_the_one_before() -> None:
    edit = align(steps("A", "B", "C"), [Step("A", "12h"), Step("B", "1h"), Step("C", "12h")])
    reached = {reach: [step for step in (1, 2, 3) if edit.concerns(step, reach)] for reach in Reach}

    assert reached == {Reach.NEW: [], Reach.NOT_YET: [1], Reach.ALL: [1, 2], Reach.FINISHED: [1, 2]}


def test_a_text_that_moved_behind_a_lead_is_not_sent_to_it_again() -> None:
    edit = align(steps("A", "B", "C"), steps("B", "C", "A"))

    assert [edit.repeats(step) for step in (1, 2, 3)] == [False, True, True]


def test_two_texts_that_change_places_are_moved_and_not_corrected() -> None:
    edit = align(steps("A", "M", "N", "B"), steps("B", "M", "N", "A"))

    assert edit.pairs == ((2, 2), (3, 3))
    assert [change.text for change in edit.changes] == ["step 1 becomes step 4", "step 4 becomes step 1"]


def test_who_would_miss_a_step_that_moved_before_its_place_keeps_its_version() -> None:
    edit = align(steps("A", "B", "C", "D"), steps("A", "C", "B", "D"))

    assert [edit.loses(step) or edit.repeats(step) for step in (1, 2, 3, 4)] == [False, False, True, False]


@pytest.mark.parametrize(("written", "reach"), [("all", Reach.ALL), ("not-yet", Reach.NOT_YET), (" New ", Reach.NEW)])
def test_a_reach_is_read_as_people_write_it(written: str, reach: Reach) -> None:
    assert reach_of(written) is reach


def test_a_reach_that_nobody_knows_is_refused_in_one_sentence() -> None:
    with pytest.raises(InvalidSequence, match=r"^The reach is 'everyone': write new, not-yet, all or finished\.$"):
        reach_of("everyone")


def test_the_new_wait_counts_from_where_the_last_step_was_planned() -> None:
    table = timetable(align(steps("A", "B", "C"), [Step("A", "12h"), Step("B", "12h"), Step("C", "15h")]))
    moved = table.move(standing(3, moved=2 * HOUR), 2, policy=Policy(), now=NOW)

    assert moved.new_time == NOW + (24 + 15 + 2) * HOUR
    assert moved.anchor + 24 * HOUR == NOW + 24 * HOUR


@pytest.mark.parametrize("when_late", ["respace", "keep", "skip"])
def test_what_becomes_overdue_is_spread_as_late_steps_are_treated(when_late: str) -> None:
    table = timetable(align(steps("A", "B"), [Step("A", "12h"), Step("B", "1h")]))
    moved = table.move(standing(2, anchor=NOW - 20 * HOUR), 2, policy=Policy(when_late=when_late), now=NOW)
    due = NOW - 7 * HOUR

    assert moved.is_overdue
    assert moved.new_time is not None
    if when_late == "skip":
        assert (moved.new_time, moved.moved) == (due, timedelta(0))
    else:
        assert NOW <= moved.new_time <= NOW + OVERDUE_SPREAD
        assert moved.moved == (moved.new_time - due if when_late == "respace" else timedelta(0))


def test_the_spread_is_even() -> None:
    table = timetable(align(steps("A", "B"), [Step("A", "12h"), Step("B", "1h")]))
    late = [standing(2, anchor=NOW - 20 * HOUR, of=number) for number in range(10_000)]
    times = [table.move(one, 2, policy=Policy(), now=NOW).new_time for one in late]
    quarters = Counter((time - NOW) // timedelta(minutes=30) for time in times if time is not None)

    assert all(2_300 < quarters[quarter] < 2_700 for quarter in range(4))


versions = st.lists(st.sampled_from("ABCDEFGH"), min_size=1, max_size=8)


@given(old=versions, new=versions, data=st.data())
def test_nobody_gets_a_step_again_or_misses_one_and_the_order_holds(
    old: list[str], new: list[str], data: st.DataObject
) -> None:
    """Who goes over gets no step that it had, and everything ahead of it that the new version still has."""
    edit = align(steps(*old), steps(*new, wait="1h"))
    at = data.draw(st.integers(1, len(old)))
    had, ahead = {step.id for step in edit.old[: at - 1]}, {step.id for step in edit.old[at - 1 :]}
    gets = [step.id for step in edit.new[edit.first_step(at) - 1 :]]

    assert [pair[0] for pair in edit.pairs] == sorted({pair[0] for pair in edit.pairs})
    assert [pair[1] for pair in edit.pairs] == sorted({pair[1] for pair in edit.pairs})
    assert edit.repeats(at) == bool(had & set(gets))
    assert edit.loses(at) == bool((ahead & {step.id for step in edit.new}) - set(gets))


@given(old=versions, new=versions)
def test_a_step_that_both_versions_have_in_place_is_lost_to_nobody(old: list[str], new: list[str]) -> None:
    """A step that a lead had not had, and that is matched, still lies ahead of it."""
    edit = align(steps(*old), steps(*new))

    for at in range(1, len(old) + 1):
        assert all(becomes >= edit.first_step(at) for was, becomes in edit.pairs if was >= at)


@given(texts=versions)
def test_the_same_steps_are_no_change(texts: list[str]) -> None:
    edit = align(steps(*texts), steps(*texts))

    assert (edit.changes, edit.pairs) == ((), tuple((at, at) for at in range(1, len(texts) + 1)))
