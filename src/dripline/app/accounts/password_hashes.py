"""What lets somebody in, as it is stored: hashes of passwords, and of secrets that were drawn by chance."""

import hashlib
from functools import cache
from threading import Lock

_ONE_AT_A_TIME = Lock()
"""A password's hash takes 64 MB while it is made, on purpose: so many strangers must not have it made at once."""


def hash_of(secret: str) -> str:
    """Return what is stored of a secret that was drawn by chance: nobody can try all of 2^240."""
    return hashlib.sha256(secret.encode()).hexdigest()


def hashed_password(password: str) -> str:
    """Return what is stored of a password."""
    from pwdlib import PasswordHash

    with _ONE_AT_A_TIME:
        return PasswordHash.recommended().hash(password)


def is_password(password: str, hashed: str | None) -> bool:
    """Return whether a password is the one of a hash; without a hash False, after just as long."""
    from pwdlib import PasswordHash

    against = _nobodys() if hashed is None else hashed
    with _ONE_AT_A_TIME:
        is_it = PasswordHash.recommended().verify(password[:1_000], against)
    return is_it and hashed is not None


@cache
def _nobodys() -> str:
    return hashed_password("nobody's password")
