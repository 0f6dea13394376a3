"""The table of transitions is the one truth: SQL and constraints are held against it."""

import re
from pathlib import Path

import pytest

import dripline.store
from dripline.core.states import CURRENT, FINAL, TRANSITIONS, Status, Transition, advance
from dripline.store.database.statements import Statement, statements

SCHEMA = Path(dripline.store.__file__).parent / "migrations" / "0001_initial.sql"
MOVES = {(str(start), str(end)) for (start, _), end in TRANSITIONS.items()}


def test_the_missions_path_is_in_the_table() -> None:
    status = Status.PENDING
    for event in (Transition.ACTIVATE, Transition.CLAIM, Transition.ACCEPT):
        status = advance(status, event)

    assert status is Status.COMPLETED


@pytest.mark.parametrize(("status", "event"), [(s, e) for s in sorted(FINAL) for e in Transition])
def test_nothing_leaves_a_final_status(status: Status, event: Transition) -> None:
    with pytest.raises(ValueError, match="cannot"):
        advance(status, event)


def test_only_an_active_record_can_be_claimed() -> None:
    claimable = {start for (start, event) in TRANSITIONS if event is Transition.CLAIM}

    assert claimable == {Status.ACTIVE}


def test_completed_is_reached_only_by_what_may_have_been_tried() -> None:
    origins = {start for (start, _), end in TRANSITIONS.items() if end is Status.COMPLETED}

    assert origins == {Status.SENDING, Status.UNKNOWN, Status.ACTIVE, Status.PAUSED}


def test_every_status_is_reached_or_written_at_enrollment() -> None:
    assert {*TRANSITIONS.values(), Status.PENDING, Status.ACTIVE} == set(Status)


def announced(statement: Statement) -> set[tuple[str, str]]:
    return set(re.findall(r"^moves: (\w+) -> (\w+)$", statement.comment, re.MULTILINE))


@pytest.mark.parametrize("name", sorted(statements()))
def test_a_statement_moves_records_only_as_it_announces_and_the_table_allows(name: str) -> None:
    statement = statements()[name]
    moved_to = set(re.findall(r"UPDATE sequence_contacts\s+SET status = '(\w+)'", statement.text))

    assert {end for _, end in announced(statement)} == moved_to
    assert announced(statement) <= MOVES
    assert all(f"'{start}'" in statement.text for start, _ in announced(statement))


def test_the_schema_knows_exactly_these_statuses() -> None:
    check = re.search(r"CONSTRAINT status_is_known CHECK \(status IN\s*\(([^)]*)\)", SCHEMA.read_text())

    assert check is not None
    assert set(re.findall(r"'(\w+)'", check[1])) == set(Status)


def test_the_schema_allows_one_current_record() -> None:
    index = re.search(r"INDEX one_current_record .*?IN \(([^)]*)\)", SCHEMA.read_text(), re.DOTALL)

    assert index is not None
    assert set(re.findall(r"'(\w+)'", index[1])) == CURRENT
