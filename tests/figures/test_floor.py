"""The yardstick of processing: it stays what it was, and does the mission's chain of work."""

import ast
from collections.abc import Callable
from contextlib import closing
from hashlib import sha256
from pathlib import Path

import pytest
from benchmarks import floor
from benchmarks.places import KINDS, Bare

DIGEST = "746f3b05ed70ded9269427818c4639cc31c384a700055b697892ebf808359ab5"

LEADS = 300

STATUSES = "SELECT current_step, status, count(*) FROM sequence_contacts GROUP BY 1, 2 ORDER BY 1, 2"

FIRST_PASS = [
    (1, "completed", LEADS),
    (2, "active", LEADS),
    (3, "pending", LEADS),
    (4, "pending", LEADS),
]


@pytest.fixture(params=KINDS)
def empty_url(request: pytest.FixtureRequest, new_database: Callable[[str], str], tmp_path: Path) -> str:
    return new_database("floor") if request.param == "postgresql" else f"sqlite:///{tmp_path}/floor.db"


def done(database: floor.FloorSqlite | floor.FloorPostgresql, step: int) -> int:
    return sum(database.batches(floor.AT + (step - 1) * floor.WAIT))


def test_the_floor_is_what_it_was() -> None:
    now = sha256(Path(floor.__file__).read_bytes()).hexdigest()

    assert now == DIGEST, "Figures of different days are held against the floor: it must not change, or none compares."


def test_the_floor_needs_nothing_of_what_it_measures() -> None:
    source = ast.parse(Path(floor.__file__).read_text())
    named = [node.module or "" for node in ast.walk(source) if isinstance(node, ast.ImportFrom)]
    named += [one.name for node in ast.walk(source) if isinstance(node, ast.Import) for one in node.names]

    assert [name for name in named if name.partition(".")[0] in {"", "benchmarks", "dripline"}] == []


def test_a_pass_over_the_floor_does_what_is_due_and_makes_the_next_step_active(empty_url: str) -> None:
    floor.create(empty_url, LEADS)
    with closing(floor.opened(empty_url)) as database, closing(Bare(empty_url)) as plain:
        passes = [done(database, 1), done(database, 1)]

        assert (passes, plain.ask(STATUSES)) == ([LEADS, 0], FIRST_PASS)


def test_the_floor_leaves_every_record_completed_at_its_time_with_an_accepted_attempt(empty_url: str) -> None:
    floor.create(empty_url, LEADS)
    with closing(floor.opened(empty_url)) as one, closing(floor.opened(empty_url)) as other:
        steps = sum(done(database, step) for step in (1, 2, 3, 4) for database in (one, other))

    assert (steps, floor.left_undone(empty_url)) == (LEADS * floor.STEPS, 0)


def test_what_the_floor_leaves_undone_is_counted(empty_url: str) -> None:
    floor.create(empty_url, LEADS)
    with closing(floor.opened(empty_url)) as database:
        done(database, 1)

    assert floor.left_undone(empty_url) == 2 * 3 * LEADS
