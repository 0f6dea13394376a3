"""Senders and their leads over several databases, on paper."""

from collections import Counter
from pathlib import Path

import pytest
from benchmarks import sharding
from benchmarks.sharding import WAYS, Place, World, by_hand, by_pool, loads, modulo, moved, outcome, placed, rendezvous

PAGE = Path(__file__).parents[2] / "docs" / "scale.md"
DATABASES = [f"db-{number}" for number in range(1, 10)]
EIGHT = DATABASES[:8]
SENDERS = 2_000


def even(senders: int) -> Counter[int]:
    return Counter(dict.fromkeys(range(senders), 1))


def test_the_same_seed_makes_the_same_leads_and_another_one_others() -> None:
    assert sharding.world(50, 2_000, 1) == sharding.world(50, 2_000, 1)
    assert sharding.world(50, 2_000, 1) != sharding.world(50, 2_000, 2)


def test_every_lead_is_there_once_and_counts_with_each_of_its_senders() -> None:
    leads = sharding.world(50, 2_000, 1)

    assert leads.alone.total() + leads.shared.total() == 2_000
    assert leads.sizes.total() == 2_000 + leads.shared.total()


def test_a_database_more_takes_senders_from_the_others_and_moves_none_between_those() -> None:
    before, after = placed(rendezvous, SENDERS, EIGHT), placed(rendezvous, SENDERS, DATABASES)

    assert {new for old, new in zip(before, after, strict=True) if old != new} == {"db-9"}
    assert moved(even(SENDERS), before, after) == pytest.approx(1 / 9, abs=0.03)


def test_a_database_fewer_moves_only_what_was_in_it() -> None:
    before, after = placed(rendezvous, SENDERS, DATABASES), placed(rendezvous, SENDERS, EIGHT)

    assert {old for old, new in zip(before, after, strict=True) if old != new} == {"db-9"}


def test_modulo_moves_nearly_everybody() -> None:
    before, after = placed(modulo, SENDERS, EIGHT), placed(modulo, SENDERS, DATABASES)

    assert moved(even(SENDERS), before, after) == pytest.approx(8 / 9, abs=0.03)


@pytest.mark.parametrize("place", WAYS.values(), ids=WAYS)
def test_where_a_sender_is_depends_on_nothing_but_names(place: Place) -> None:
    assert placed(place, 50, EIGHT) == placed(place, 50, EIGHT)
    assert {*placed(place, SENDERS, EIGHT)} == {*EIGHT}


def test_a_pool_stands_together() -> None:
    found = placed(by_pool, 30, EIGHT)

    assert [len({*found[start : start + 10]}) for start in (0, 10, 20)] == [1, 1, 1]


def test_leads_of_two_senders_are_apart_where_those_are_in_two_databases() -> None:
    where = placed(rendezvous, 30, EIGHT)
    other = next(sender for sender in range(30) if where[sender] != where[0])
    same = next(sender for sender in range(1, 30) if where[sender] == where[0])
    leads = World(30, Counter({0: 2}), Counter({(0, other): 1, (0, same): 1}))

    assert (outcome(leads, rendezvous, 8).apart, outcome(leads, rendezvous, 8).reach) == (0.5, 1.25)


def test_moving_senders_by_hand_ends_when_no_database_is_too_full() -> None:
    everything_in_one = ["db-1"] * 20

    assert loads(even(20), everything_in_one) == {"db-1": 20}
    assert by_hand(even(20), everything_in_one, EIGHT[:2]) == 10
    assert by_hand(even(20), ["db-1", "db-2"] * 10, EIGHT[:2]) == 0


def test_a_sender_larger_than_the_room_that_there_is_stays() -> None:
    assert by_hand(Counter({0: 100, 1: 1}), ["db-1", "db-2"], EIGHT[:2]) == 0


def test_the_report_has_a_line_for_each_number_of_databases_and_way() -> None:
    lines = list(sharding.report(500, senders=(30,), databases=(2, 3)))

    assert [line.split()[:2] for line in lines[3:]] == [
        [number, way] for number in "23" for way in ("modulo", "rendezvous", "rendezvous,")
    ]


@pytest.mark.slow
def test_what_the_page_quotes_is_what_is_printed() -> None:
    page = PAGE.read_text("utf-8").splitlines()
    printed = list(sharding.report(senders=(500,), databases=(8,)))[1:]

    assert [line for line in "\n".join(printed).strip().splitlines() if line not in page] == []
