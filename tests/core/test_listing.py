"""Cursors and filters: what was given out is read as it was written, and nothing else is."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dripline.core.queries.filters import (
    AttemptFilter,
    Order,
    RecordFilter,
    StatusGroup,
    TextKind,
    TextSearch,
    looked_for,
    span,
)
from dripline.core.queries.listing import Cursor, Position, SortOrder, page_size, read_cursor, written_cursor
from dripline.core.states import Status
from dripline.errors import InvalidFilter

AT = datetime(2026, 1, 1, tzinfo=UTC)
HOURS = SortOrder("records.latest", datetime, ties=(int,), goes_down=True)
NAMES = SortOrder("address", str, ties=(int,))
CURSOR = Cursor(Position(AT, ties=(7,)), is_forward=True)


@given(key=st.text(), tie=st.integers(0, 2**62), order=st.sampled_from([0, 1]))
def test_a_cursor_is_read_as_it_was_written(key: str, tie: int, order: int) -> None:
    cursor = Cursor(Position(key.encode("utf-8", "ignore").decode(), ties=(tie,)), is_forward=order == 1)

    assert read_cursor(NAMES, written_cursor(NAMES, cursor)) == cursor


def test_a_cursor_may_stand_in_a_url() -> None:
    text = written_cursor(HOURS, CURSOR)

    assert text.replace("-", "").replace("_", "").isalnum()
    assert read_cursor(HOURS, text) == CURSOR


@pytest.mark.parametrize("other", [SortOrder("records.earliest", datetime, ties=(int,)), NAMES])
def test_a_cursor_of_another_list_or_order_is_refused(other: SortOrder) -> None:
    with pytest.raises(InvalidFilter, match="not of this list and order"):
        read_cursor(other, written_cursor(HOURS, CURSOR))


@given(text=st.text() | st.text("abcdefABCDEF0123456789-_=", max_size=80))
def test_what_was_never_given_out_is_refused(text: str) -> None:
    with pytest.raises(InvalidFilter):
        read_cursor(HOURS, text)


@given(position=st.integers(0, 60), letter=st.sampled_from("Aa0_-"))
def test_a_cursor_that_was_changed_is_refused(position: int, letter: str) -> None:
    text = written_cursor(HOURS, CURSOR)
    changed = text[: position % len(text)] + letter + text[position % len(text) + 1 :]

    if changed != text:
        with pytest.raises(InvalidFilter):
            read_cursor(HOURS, changed)


@pytest.mark.parametrize("size", [0, -1, 201])
def test_a_page_has_at_least_one_row_and_not_too_many(size: int) -> None:
    with pytest.raises(InvalidFilter, match="1 to 200 rows"):
        page_size(size)


@pytest.mark.parametrize(
    ("text", "kind", "meant"),
    [
        ("+60 12-345", TextKind.PHONE, "6012345"),
        ("012345", TextKind.PHONE, "6012345"),
        ("0044 20", TextKind.PHONE, "4420"),
        ("Aina@", TextKind.EMAIL, "aina@"),
        (" Aina ", TextKind.NAME, "Aina"),
        ("2nd", TextKind.NAME, "2nd"),
    ],
)
def test_a_text_is_taken_for_what_it_looks_like(text: str, kind: TextKind, meant: str) -> None:
    assert looked_for(text) == TextSearch(kind, text=meant)


def test_a_text_that_says_nothing_asks_for_nothing() -> None:
    assert looked_for("  ") is None


@pytest.mark.parametrize("text", ["x" * 201, "a\x00b"])
def test_what_is_no_text_is_refused(text: str) -> None:
    with pytest.raises(InvalidFilter):
        looked_for(text)


def test_a_step_without_its_sequence_is_refused() -> None:
    with pytest.raises(InvalidFilter, match="name the sequence"):
        RecordFilter(step=2)


def test_an_instant_without_a_zone_is_refused() -> None:
    with pytest.raises(InvalidFilter, match="no zone"):
        AttemptFilter(since=datetime(2026, 1, 1))  # noqa: DTZ001


def test_an_unknown_standing_or_order_is_refused_with_those_there_are() -> None:
    with pytest.raises(InvalidFilter, match="use one of pending, active"):
        RecordFilter(standings=["sent"])
    with pytest.raises(InvalidFilter, match="use one of latest, earliest"):
        RecordFilter(order="newest")


@pytest.mark.parametrize(
    ("standings", "is_held"),
    [([StatusGroup.HELD], True), ([StatusGroup.UNKNOWN], False), (["held", "unknown"], None), (["failed"], None)],
)
def test_held_and_unknown_are_told_apart(standings: list[str], is_held: object) -> None:
    wanted = RecordFilter(standings=standings, order=Order.EARLIEST)

    assert wanted.is_held is is_held
    assert (Status.UNKNOWN in wanted.statuses) == (standings != ["failed"])


def test_a_span_goes_by_whole_seconds() -> None:
    half = AT.replace(microsecond=500_000)

    assert span(half, half) == (AT.replace(second=1), AT.replace(second=1))
