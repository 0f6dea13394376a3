"""A meter never lets a moving span hold more than is allowed, and gives room back within a bucket."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from dripline.core.senders.assignment import spread
from dripline.core.senders.rate_meter import Meter, hour_meter

START = datetime(2026, 1, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


@given(pauses=st.lists(st.integers(0, 900), max_size=200), cap=st.integers(1, 20))
def test_no_hour_ever_holds_more_than_the_cap(pauses: list[int], cap: int) -> None:
    meter, now, sent = hour_meter(), START, list[datetime]()
    for pause in pauses:
        now += timedelta(seconds=pause)
        if meter.total(now) < cap:
            meter = meter.add(1, now, now=now)
            sent.append(now)

    assert all(later - earlier >= HOUR for earlier, later in zip(sent, sent[cap:], strict=False))


@given(offset=st.integers(0, 86_400))
def test_room_comes_back_within_a_bucket_of_the_hour(offset: int) -> None:
    now = START + timedelta(seconds=offset)
    meter = hour_meter().add(3, now, now=now)

    assert HOUR < meter.frees_at(now) - now <= HOUR + timedelta(minutes=5)
    assert meter.total(meter.frees_at(now)) == 0


def test_what_was_not_sent_is_taken_back_from_the_latest() -> None:
    meter = Meter(HOUR, bucket=timedelta(minutes=5), counts={1: 2, 2: 3})

    assert meter.take_back(4).counts == {1: 1}


@given(loads=st.dictionaries(st.integers(1, 9), st.integers(0, 9), min_size=1), newcomers=st.integers(0, 40))
def test_leads_are_spread_so_that_the_heaviest_load_is_as_light_as_it_can_be(
    loads: dict[int, int], newcomers: int
) -> None:
    after = dict(loads)
    for sender in spread(loads, newcomers):
        assert after[sender] == min(after.values())
        after[sender] += 1

    assert sum(after.values()) == sum(loads.values()) + newcomers
