"""Guessing is slowed down, and keeps nobody out but whoever guesses."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from dripline import Dripline, VirtualClock
from dripline.app.accounts import accounts
from dripline.core.accounts.logins import (
    ACCOUNTS_AT_A_PLACE,
    ATTACKED_AFTER,
    FREE_TRIES,
    FREE_TRIES_ATTACKED,
    KNOWN_LASTS,
    KNOWN_LIMIT,
    mark_of,
    wait_after,
    with_mark,
)
from dripline.errors import LoginFailed, TooManyTries

PASSWORD = "correct horse battery"
OWNER = "owner@shop.example"
HERE, THERE = "192.0.2.1", "203.0.113.9"


def is_known(given: str, hashed: str | None) -> bool:
    return hashed is not None and given == PASSWORD


Ask = Callable[[str], list[tuple[object, ...]]]


@pytest.fixture
def shop(drip: Dripline, monkeypatch: pytest.MonkeyPatch) -> Dripline:
    link = drip.accounts.setup_link()
    assert link is not None
    drip.accounts.accept_link(link, email=OWNER, name="Owner", password=PASSWORD)
    # Thousands of tries: what is counted here is not how long each takes.
    monkeypatch.setattr(accounts, "is_password", is_known)
    return drip


def guess(shop: Dripline, email: str = OWNER, origin: str = THERE, known: str = "") -> bool:
    """Try a wrong password; returns whether it was looked at."""
    with pytest.raises(LoginFailed) as told:
        shop.accounts.log_in(email, "a wrong one", origin=origin, known=known)
    return not isinstance(told.value, TooManyTries)


def guesses(shop: Dripline, clock: VirtualClock, hours: int, origin: str = THERE) -> int:
    """Guess as often as one may, once a minute at most; returns how many were looked at."""
    looked_at = 0
    for _ in range(60 * hours):
        looked_at += guess(shop, origin=origin)
        clock.advance(timedelta(minutes=1))
    return looked_at


def test_wrong_passwords_make_one_wait_where_they_came_from(shop: Dripline, clock: VirtualClock) -> None:
    assert [guess(shop) for _ in range(FREE_TRIES + 1)] == [True] * FREE_TRIES + [False]
    with pytest.raises(TooManyTries, match="try again in 1 seconds"):
        shop.accounts.log_in(OWNER, PASSWORD, origin=THERE)

    assert shop.accounts.log_in(OWNER, PASSWORD, origin=HERE)
    clock.advance(wait_after(FREE_TRIES))
    assert shop.accounts.log_in(OWNER, PASSWORD, origin=THERE)
    assert guess(shop)


def test_a_stranger_who_guesses_for_a_day_keeps_nobody_out(shop: Dripline, clock: VirtualClock) -> None:
    looked_at = 0
    for minute in range(24 * 60):
        looked_at += guess(shop)
        if minute % 30 == 0:
            assert shop.accounts.log_in(OWNER, PASSWORD, origin=HERE)
        clock.advance(timedelta(minutes=1))

    assert looked_at < 70


def test_a_known_browser_comes_in_whatever_is_guessed_at_its_own_address(shop: Dripline, clock: VirtualClock) -> None:
    known = shop.accounts.known_browser(shop.accounts.log_in(OWNER, PASSWORD, origin=HERE))
    guesses(shop, clock, 3, origin=HERE)
    assert not guess(shop, origin=HERE)

    assert shop.accounts.log_in(OWNER, PASSWORD, origin=HERE, known=known)


def test_whoever_has_a_browsers_mark_may_guess_no_faster(shop: Dripline) -> None:
    known = shop.accounts.known_browser(shop.accounts.log_in(OWNER, PASSWORD, origin=HERE))

    assert [guess(shop, known=known) for _ in range(FREE_TRIES + 1)] == [True] * FREE_TRIES + [False]
    assert shop.accounts.log_in(OWNER, PASSWORD, origin=THERE)


def test_guessing_from_many_addresses_is_slow_at_each_and_keeps_nobody_out(shop: Dripline, clock: VirtualClock) -> None:
    crowd = [f"198.51.100.{number}" for number in range(ATTACKED_AFTER)]
    assert all(guess(shop, origin=origin) for origin in crowd)

    assert [guess(shop, origin=THERE) for _ in range(2)] == [True] * FREE_TRIES_ATTACKED + [False]
    assert shop.accounts.log_in(OWNER, PASSWORD, origin=HERE)
    assert guesses(shop, clock, 24, origin=crowd[0]) < 25


def test_an_account_that_does_not_exist_is_slowed_down_like_one_that_does(shop: Dripline) -> None:
    for email in (OWNER, "nobody@shop.example"):
        assert [guess(shop, email) for _ in range(FREE_TRIES + 1)] == [True] * FREE_TRIES + [False]


def test_what_one_address_tries_is_told_apart_to_a_bound(shop: Dripline, ask: Ask) -> None:
    for number in range(500):
        guess(shop, f"{number}@shop.example")

    assert ask(f"SELECT count(*) FROM failed_logins WHERE who LIKE 'at {THERE} %'") == [(ACCOUNTS_AT_A_PLACE,)]


def test_failures_of_long_ago_are_forgotten(shop: Dripline, clock: VirtualClock, ask: Ask) -> None:
    for _ in range(FREE_TRIES + 3):
        guess(shop)
        clock.advance(timedelta(minutes=1))
    clock.advance(timedelta(hours=25))

    assert [guess(shop, origin=HERE), guess(shop)] == [True, True]
    assert ask("SELECT max(failures), count(*) FROM failed_logins") == [(2, 3)]


def test_another_password_ends_what_browsers_are_known_by(shop: Dripline, clock: VirtualClock) -> None:
    user = shop.accounts.users()[0]
    known = with_mark("", user.id, "one hash", nonce=1, now=clock.now())

    assert mark_of(known, user.id, "one hash", clock.now()) == known
    assert mark_of(known, user.id, "another hash", clock.now()) is None
    assert mark_of(known, user.id + 1, "one hash", clock.now()) is None
    assert mark_of(known, user.id, "one hash", clock.now() + KNOWN_LASTS) is None


@pytest.mark.parametrize("known", ["", "~~~", "1.2.3", "x" * 5_000, "é.é.é.é", "1..999999999999.", "1.0.-1.00"])
def test_what_we_did_not_write_is_no_mark(clock: VirtualClock, known: str) -> None:
    assert mark_of(known, 1, "one hash", clock.now()) is None


def test_a_browser_is_known_by_several_accounts_and_not_by_too_many(clock: VirtualClock) -> None:
    known = ""
    for user_id in (1, 2, 2, *range(3, KNOWN_LIMIT + 2)):
        known = with_mark(known, user_id, f"hash {user_id}", nonce=user_id, now=clock.now())

    known_to = [mark_of(known, one, f"hash {one}", clock.now()) is not None for one in range(1, KNOWN_LIMIT + 2)]
    assert known_to == [False] + [True] * KNOWN_LIMIT
