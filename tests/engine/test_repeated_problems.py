"""A database that is away is tried every 2 seconds, and logged once a minute while nothing about that changes."""

from datetime import timedelta

from dripline import VirtualClock
from dripline.engine.worker import ProblemLog
from dripline.errors import DatabaseUnreachable


def test_the_same_problem_is_logged_once_a_minute(clock: VirtualClock) -> None:
    log, told = ProblemLog(clock), list[bool]()
    for _ in range(31):
        told.append(log.is_news(DatabaseUnreachable("no host can be written")))
        clock.advance(timedelta(seconds=2))

    assert told == [True, *[False] * 29, True]


def test_another_problem_and_one_that_comes_back_are_logged_at_once(clock: VirtualClock) -> None:
    log = ProblemLog(clock)
    assert log.is_news(DatabaseUnreachable("refused"))
    assert log.is_news(DatabaseUnreachable("read-only"))
    assert not log.is_news(DatabaseUnreachable("read-only"))
    log.is_over()

    assert log.is_news(DatabaseUnreachable("read-only"))
