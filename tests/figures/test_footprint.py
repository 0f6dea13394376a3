"""What a record and a step cost a PostgreSQL in bytes."""

from collections.abc import Callable

from benchmarks import footprint
from benchmarks.footprint import Footprint, Logged, Written

LEADS = 40
STEPS = 4 * LEADS


def test_every_step_takes_its_share_of_the_log_and_of_row_versions(new_database: Callable[[str], str]) -> None:
    found = footprint.measure(new_database("footprint"), LEADS)
    written = {one.table: one for one in found.written}

    assert [one.what for one in found.logged] == ["add and enroll a lead", *(f"send step {n}" for n in (1, 2, 3, 4))]
    assert min(one.per_row for one in found.logged) > 100
    assert (written["attempts"].inserted, written["sequence_contacts"].inserted) == (STEPS, 0)
    assert written["sequence_contacts"].dead >= 2 * STEPS
    assert 0 < found.least["sequence_contacts"] <= found.left["sequence_contacts"]


def test_the_report_gives_bytes_and_row_versions_by_record() -> None:
    found = Footprint(
        10,
        logged=[Logged("send step 1", rows=5, size=1_000, pages=10)],
        written=[Written("attempts", inserted=10, updated=20, in_place=5, deleted=10)],
        in_flight={"attempts": 0},
        left={"attempts": 4_000},
        least={"attempts": 1_500},
    )

    lines = [line.split() for line in footprint.report(found)]

    assert ["send", "step", "1", "200", "2.00"] in lines
    assert ["attempts", "1.00", "2.00", "0.50", "1.00"] in lines
    assert ["dead", "in", "all", "3.00"] in lines
    assert ["attempts", "0.0", "400.0", "150.0"] in lines
