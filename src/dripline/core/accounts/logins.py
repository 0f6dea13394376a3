"""Log-ins that fail: how long whoever guesses has to wait, so that nobody else has to.

A failure counts for its account at the place where it came from, such as an IP address, and makes wait there alone:
a stranger elsewhere keeps nobody out. What is guessed from many places is bounded by how little each of them may try,
which is less for an account that fails often. A browser that has logged in to the account before is known by a mark,
and counts its failures by itself: whatever is guessed at its own address, it comes in.

Neither accounts nor places are told apart without end, so that strangers cannot fill the database; and accounts that
do not exist count like those that do, so that nobody learns which do.
"""

import hashlib
import hmac
from dataclasses import dataclass, field
from datetime import datetime, timedelta

FREE_TRIES = 5
"""How often a log-in may fail before one has to wait."""

LONGEST_WAIT = timedelta(minutes=15)
"""The most that one has to wait after another failure."""

ATTACKED_AFTER = 50
"""After how many failures within a day, from wherever, an account is taken to be attacked."""

FREE_TRIES_ATTACKED = 1
"""How often a log-in to an account that is attacked may fail at one place before one has to wait there."""

LONGEST_WAIT_ATTACKED = timedelta(hours=4)
"""The most that one has to wait there after another failure: some twenty tries a day from each place."""

FORGOTTEN_AFTER = timedelta(hours=24)
"""After how long without another one failures are forgotten."""

ACCOUNTS_AT_A_PLACE = 64
"""How many accounts are told apart at one place; those beyond share the count of another."""

ACCOUNTS = 4_096
"""How many accounts are told apart in all."""

ORIGIN_LIMIT = 100
"""How much of a place's name counts, in characters."""

KNOWN_LASTS = timedelta(days=180)
"""How long a browser is known after it has logged in."""

KNOWN_LIMIT = 5
"""How many accounts a browser is known by at once; the last ones."""

_BETWEEN = "~"


@dataclass(frozen=True, slots=True)
class Failures:
    """How often something failed, and when last."""

    count: int
    last_at: datetime = field(kw_only=True)


def place_key(origin: str, account: str) -> str:
    """Return by what failures of an account at a place are counted."""
    return f"at {origin[:ORIGIN_LIMIT]} {_number(account) % ACCOUNTS_AT_A_PLACE}"


def account_key(account: str) -> str:
    """Return by what all failures of an account are counted."""
    return f"account {_number(account) % ACCOUNTS}"


def browser_key(mark: str) -> str:
    """Return by what failures of a known browser are counted."""
    return f"browser {hashlib.sha256(mark.encode()).hexdigest()[:32]}"


def wait_after(failures: int, *, is_attacked: bool = False) -> timedelta:
    """Return how long one has to wait after so many log-ins that failed: nothing at first, then twice as long each."""
    free = FREE_TRIES_ATTACKED if is_attacked else FREE_TRIES
    if failures < free:
        return timedelta(0)
    return min(timedelta(seconds=2 ** min(failures - free, 20)), LONGEST_WAIT_ATTACKED if is_attacked else LONGEST_WAIT)


def wait_left(own: Failures | None, account: Failures | None, now: datetime) -> timedelta:
    """Return how long the next try has to wait, for what failed there, and from wherever if that counts."""
    if own is None or own.last_at <= now - FORGOTTEN_AFTER:
        return timedelta(0)
    is_attacked = account is not None and account.count >= ATTACKED_AFTER and account.last_at > now - FORGOTTEN_AFTER
    return max(timedelta(0), own.last_at + wait_after(own.count, is_attacked=is_attacked) - now)


def with_mark(known: str, user_id: int, password_hash: str, *, nonce: int, now: datetime) -> str:
    """Return by what a browser is known that has logged in now; `known` is by what it was until then.

    Nothing of it is stored: it is proved by the hash of the password, and good until that is changed.
    """
    until = int((now + KNOWN_LASTS).timestamp())
    begun = f"{user_id}.{nonce:032x}.{until}"
    others = [mark for mark in known.split(_BETWEEN) if mark and mark.partition(".")[0] != str(user_id)]
    return _BETWEEN.join([f"{begun}.{_proof(begun, password_hash)}", *others[: KNOWN_LIMIT - 1]])


def mark_of(known: str, user_id: int, password_hash: str, now: datetime) -> str | None:
    """Return the mark by which a browser is known to an account; None if it is not."""
    for mark in known.split(_BETWEEN)[:KNOWN_LIMIT]:
        begun, _, proof = mark.rpartition(".")
        if hmac.compare_digest(proof.encode(), _proof(begun, password_hash).encode()):
            whose, _, until = begun.split(".")
            return mark if whose == str(user_id) and int(until) > now.timestamp() else None
    return None


def _proof(begun: str, password_hash: str) -> str:
    return hmac.new(password_hash.encode(), f"known {begun}".encode(), hashlib.sha256).hexdigest()


def _number(account: str) -> int:
    return int.from_bytes(hashlib.sha256(account.encode(errors="replace")).digest()[:8], "big")
