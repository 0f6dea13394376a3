"""Two or three verbs at once on PostgreSQL, and every one of their statements may be the next."""

import os
import random  # noqa: TID251  (a schedule is made from its seed)
from collections.abc import Callable

import pytest
import scene

from dripline import VirtualClock
from dripline.engine.clock import SystemClock
from dripline.store.database.transactions import Transactions

SECONDS = float(os.environ.get("DRIPLINE_INTERLEAVE", "15"))
ROUNDS_A_DATABASE = 150
"""After how many rounds a new database is made: every round asks for every invariant of all of it."""


def interleave(new_url: Callable[[str], str], clock: VirtualClock, seconds: float) -> int:
    """Play rounds for so long, each from its seed; return how many were played."""
    ends_at, rounds = SystemClock().now().timestamp() + seconds, 0
    while SystemClock().now().timestamp() < ends_at:
        with scene.opened(new_url("postgresql"), clock) as shop:
            for _ in range(ROUNDS_A_DATABASE):
                if SystemClock().now().timestamp() >= ends_at:
                    break
                shop.round(random.Random(rounds))  # noqa: S311  (no secret)
                rounds += 1
    return rounds


def test_every_invariant_holds_whichever_statement_comes_next(
    new_url: Callable[[str], str], clock: VirtualClock
) -> None:
    rounds = interleave(new_url, clock, SECONDS)

    print(f"{rounds} rounds")
    assert rounds > 0


def test_without_its_lock_a_leaving_that_races_a_retry_is_found(
    new_url: Callable[[str], str], clock: VirtualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message went to somebody who had left: the interleaver has to find that within a minute."""

    def let_go(_store: Transactions, *_who: object) -> None:
        """Lock nothing."""

    monkeypatch.setattr(Transactions, "hold", let_go)

    with pytest.raises(AssertionError, match=r"nothing left to send|ended|stands at exactly one"):
        interleave(new_url, clock, 60)
