"""Deterministic simulation: many seeds, no invariant broken; a guard that is taken away is found.

`make test` runs 30 seeds of small worlds, `make simulate` 1,000 of large ones. A broken seed is named,
and breaks again when it is run again.
"""

import os
from collections.abc import Callable, Container
from datetime import datetime

import pytest
from world import LEADS, Broken, simulate

from dripline.core.records.rules import Rules
from dripline.core.senders.lane import Change
from dripline.store.database.dialect import SQLITE
from dripline.store.database.statements import compiled
from dripline.store.enrollments.store import Store
from dripline.store.records.settle import Settled, Settlement, Settler

SEEDS = int(os.environ.get("DRIPLINE_SEEDS", "30"))
WORLD = int(os.environ.get("DRIPLINE_LEADS", str(LEADS)))
SHARES = 10
Mutation = Callable[[pytest.MonkeyPatch], None]

ENOUGH = 200
"""Within how many seeds a missing guard must be found."""


@pytest.mark.parametrize("share", range(SHARES))
def test_no_seed_breaks_an_invariant(share: int) -> None:
    sends, crashes = 0, 0
    for seed in range(share, SEEDS, SHARES):
        world = simulate(seed, WORLD)
        sends, crashes = sends + len(world.provider.log), crashes + world.crashes
    print(f"{SEEDS // SHARES} seeds: {sends} sends, {crashes} crashes of workers")

    # Shares differ by some percent; leads leave in the middle, which costs sends.
    assert sends > WORLD * 3 * SEEDS // SHARES if WORLD > LEADS else sends > SEEDS // SHARES
    assert crashes > SEEDS // SHARES


def test_a_stop_wins_over_every_later_claim_and_unsends_nothing() -> None:
    """Each world holds every send against the stops before it; here both orders are seen to happen."""
    worlds = [simulate(seed) for seed in range(8)]

    assert sum(world.cancelled_by_stops for world in worlds) > 8
    assert sum(world.claimed_before_stops for world in worlds) > 8


def test_one_seed_gives_one_run() -> None:
    assert simulate(7).provider.log == simulate(7).provider.log


def without_the_due_check(patch: pytest.MonkeyPatch) -> None:
    text = compiled(SQLITE)["claim_due"]
    patch.setitem(compiled(SQLITE), "claim_due", text.replace("next_trigger_time <= :now", "1 = 1"))


def without_the_suppression_check(patch: pytest.MonkeyPatch) -> None:
    text = compiled(SQLITE)["read_claimed"]
    patch.setitem(compiled(SQLITE), "read_claimed", text.replace("barred.reason_code", "NULL"))


def without_the_leaving_check(patch: pytest.MonkeyPatch) -> None:
    text = compiled(SQLITE)["read_claimed"]
    patch.setitem(compiled(SQLITE), "read_claimed", text.replace("coalesce(e.leaving_code, e.end_code) AS", "NULL AS"))


def without_cancelling_what_is_left(patch: pytest.MonkeyPatch) -> None:
    text = compiled(SQLITE)["cancel_records"]
    patch.setitem(compiled(SQLITE), "cancel_records", text + " AND status = 'pending'")
    without_the_suppression_check(patch)
    without_the_leaving_check(patch)


def without_the_window(patch: pytest.MonkeyPatch) -> None:
    def always_open(_rules: Rules, _at: datetime) -> None:
        return None

    patch.setattr("dripline.core.records.rules._window", always_open)


def without_the_pause_of_leads(patch: pytest.MonkeyPatch) -> None:
    text = compiled(SQLITE)["resume_records"]
    patch.setitem(compiled(SQLITE), "resume_records", text + " AND 1 = 0")


def without_the_fencing_check(patch: pytest.MonkeyPatch) -> None:
    for name in ("complete", "release", "fail", "lose", "cancel_claimed"):
        fenced = "AND worker = :worker AND attempt = settled.number"
        assert fenced in compiled(SQLITE)[name]
        patch.setitem(compiled(SQLITE), name, compiled(SQLITE)[name].replace(fenced, "AND :worker = :worker"))


def without_the_lanes_rest(patch: pytest.MonkeyPatch) -> None:
    """The look before the claim asks for the same rest: one of the two alone still holds lanes that rest together."""
    for name in ("open_channels", "free_lanes"):
        text = compiled(SQLITE)[name]
        assert "s.free_at <= :now" in text
        patch.setitem(compiled(SQLITE), name, text.replace("s.free_at <= :now", "1 = 1"))


def without_activation_in_the_same_transaction(patch: pytest.MonkeyPatch) -> None:
    settle, go_on = Settler.settle, Store.go_on
    ended: list[int] = []

    def remember(_self: Store, records: list[int], _now: datetime, _spaced: Container[int] = ()) -> list[int]:
        ended.extend(records)
        return []

    def in_two_steps(
        self: Settler, settlements: list[Settlement], now: datetime, turns: list[Change], *, is_late: bool
    ) -> Settled:
        ended.clear()
        with pytest.MonkeyPatch.context() as inner:
            inner.setattr(Store, "go_on", remember)
            settled = settle(self, settlements, now, turns, is_late=is_late)
        with self._database.transaction():  # pyright: ignore[reportPrivateUsage]  # a mutation reaches inside
            go_on(self._store, list(ended), now)  # pyright: ignore[reportPrivateUsage]
        return settled

    patch.setattr(Settler, "settle", in_two_steps)


FIRST_LOOKED_AT: dict[Mutation, int] = {without_the_fencing_check: 180}
"""Where a guard is seldom missed, the seed to begin at: from 0 on this one took three minutes to be found, at 186."""


@pytest.mark.parametrize(
    "mutate",
    [
        without_the_due_check,
        without_the_suppression_check,
        without_the_leaving_check,
        without_cancelling_what_is_left,
        without_the_window,
        without_the_pause_of_leads,
        without_the_fencing_check,
        without_the_lanes_rest,
        without_activation_in_the_same_transaction,
    ],
)
def test_a_missing_guard_is_found(mutate: Mutation, monkeypatch: pytest.MonkeyPatch) -> None:
    mutate(monkeypatch)

    first = FIRST_LOOKED_AT.get(mutate, 0)
    with pytest.raises(Broken):
        any(simulate(seed).crashes < 0 for seed in range(first, first + ENOUGH))
