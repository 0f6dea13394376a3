"""Logging in by a password: whoever guesses has to wait, whoever is known or comes from elsewhere has not."""

from math import ceil

from dripline.app.opened import Opened
from dripline.app.proofs import hash_of, is_password
from dripline.core.accounts.access import User
from dripline.core.accounts.logins import account_key, browser_key, mark_of, place_key, wait_left, with_mark
from dripline.errors import LoginFailed, TooManyTries


class LoginCases(Opened):
    """What can be asked about sessions."""

    def log_in(self, email: str, password: str, *, origin: str, known: str = "") -> str:
        """Return the secret of a session; `origin` is where the try comes from, such as an IP address.

        `known`: what `known_browser` returned to the same browser, if anything. It does not wait for what others tried.

        Raises:
            LoginFailed: No user has that address and password.
            TooManyTries: Too many tries for that address from that origin failed lately.
        """
        now, account = self._now(), email.strip().casefold()[:1_000]
        user, hashed = self._access.user_by_email(account) or (None, None)
        mark = None if user is None or hashed is None else mark_of(known, user.id, hashed, now)
        own, everywhere = place_key(origin, account) if mark is None else browser_key(mark), account_key(account)
        failures = self._access.failures([own, everywhere])
        wait = wait_left(failures.get(own), failures.get(everywhere) if mark is None else None, now)
        if wait:
            raise TooManyTries(f"Too many log-ins failed: try again in {ceil(wait.total_seconds())} seconds.")
        # Counted before it is looked at: many at once are many.
        self._access.note_failed([own], now)
        is_right = is_password(password, hashed)
        if user is None or not is_right or user.disabled_at is not None:
            self._access.note_failed([everywhere], now)
            raise LoginFailed("No user has that e-mail address and password: try again, or ask for a new link.")
        with self._store.transaction():
            self._access.forget_failed(own)
            return self._begin_session(user)

    def known_browser(self, secret: str, known: str = "") -> str:
        """Return what a browser with a session brings to its next log-ins; `known` is what it brought so far.

        It lets nobody in. It is good for 180 days, and until the user's password is changed.
        """
        user = self.user_of_session(secret)
        found = None if user is None else self._access.user_by_email(user.email)
        if found is None:
            return known
        return with_mark(known, found[0].id, found[1], nonce=self._make_id(), now=self._now())

    def log_out(self, secret: str) -> None:
        """End a session."""
        self._access.end_session(hash_of(secret))

    def user_of_session(self, secret: str) -> User | None:
        """Return who is logged in by a session; None if it is none, or over."""
        return self._access.user_of_session(hash_of(secret), self._now())

    def _begin_session(self, user: User) -> str:
        secret = self._secret()
        self._access.begin_session(hash_of(secret), user, self._now())
        return secret

    def _secret(self) -> str:
        """Draw a secret of over 240 bits."""
        return f"{self._make_id():032x}{self._make_id():032x}"
