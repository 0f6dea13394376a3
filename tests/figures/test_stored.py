"""Databases that have been lived in, which measurements begin with."""

import pytest
from benchmarks.bench import Bench
from benchmarks.places import Places, bare
from benchmarks.stored import NoRoom, Stock, check_disk, stored

from dripline import SystemClock

ATTEMPTS = "SELECT count(*) FROM attempts AS a JOIN sequence_contacts AS r ON r.id = a.record_id"

ENDED = f"{ATTEMPTS} JOIN enrollments AS e ON e.id = r.enrollment_id WHERE e.ended_at IS NOT NULL"


def test_a_stock_for_which_there_is_no_disk_is_refused_in_a_sentence() -> None:
    with Places() as places, pytest.raises(NoRoom, match="10,000,000,000,000 records need 9000003 GB of free disk"):
        check_disk(Bench(places, tell=lambda _: None), Stock(10**13))


@pytest.mark.parametrize(
    ("stock", "found"), [(Stock(800), (500, 400)), (Stock(800, keeps_attempts=False), (100, 0))], ids=["all", "live"]
)
def test_a_stock_may_leave_out_what_ended_enrollments_tried(stock: Stock, found: tuple[int, int]) -> None:
    now = SystemClock().now()
    with (
        Places() as places,
        stored(Bench(places, tell=lambda _: None), "sqlite", stock, now=now) as url,
        bare(url) as plain,
    ):
        assert (plain.count(ATTEMPTS), plain.count(ENDED)) == found
