"""Accounts: who comes in, by what, and what they changed."""

from dripline.app.logins import LoginCases
from dripline.app.proofs import hash_of, hashed_password
from dripline.core.accounts.access import Actor, checked_email, checked_name, checked_password
from dripline.core.views.audit import Deed
from dripline.errors import InvalidAccess, LoginFailed
from dripline.store.accounts.access import Link
from dripline.store.accounts.audit import Act, Answered

TOKEN_BEGINS = "drip_"  # noqa: S105  (how every token begins, so that people and scanners know one)


class AccountCases(LoginCases):
    """What can be asked about who may come in."""

    def has_users(self) -> bool:
        """Return whether anybody may come in yet."""
        return self._access.has_users()

    def setup_link(self) -> str | None:
        """Return the secret of a link that makes the first administrator, once; None where there is a user already.

        It is good for 24 hours, and instead of any that was made before.
        """
        if self._access.has_users():
            return None
        secret = self._secret()
        self._access.add_setup_link(hash_of(secret), self._now(), by=self._actor)
        return secret

    def access_link(self, secret: str) -> Link | None:
        """Return whom a link lets in; None if it is none, was used, or is over."""
        return self._access.link(hash_of(secret), self._now())

    def accept_link(self, secret: str, *, email: str, name: str, password: str) -> str:
        """Use a link: make its user, or give its user another password; returns the secret of a session.

        `email` and `name` count for somebody new only.

        Raises:
            LoginFailed: The link is none, was used, or is over.
            InvalidAccess: The name or the password cannot be one, or the address is somebody's.
            InvalidEmail: The address cannot be one.
        """
        link, now = self._access.link(hash_of(secret), self._now()), self._now()
        if link is None:
            raise LoginFailed("This link was used already or is over: ask for another one.")
        address = link.email or checked_email(email)
        hashed = hashed_password(checked_password(password, address))
        with self._store.transaction():
            if not self._access.use_link(hash_of(secret), now):
                raise LoginFailed("This link was used already or is over: ask for another one.")
            if link.user_id is not None:
                user = self._access.change_password(link.user_id, hashed)
            elif self._access.user_by_email(address) is not None:
                raise InvalidAccess(f"{address} has an account already: log in, or give another address.")
            else:
                user = self._access.add_user(address, checked_name(name, "user"), link.role, hashed, now)
            self._audit.log(user.actor.name, "accept_link", {"role": user.role}, now)
            return self._begin_session(user)

    def actor_of_token(self, secret: str) -> Actor | None:
        """Return who calls with a token; None if it is none, was revoked, or is over."""
        if not secret.startswith(TOKEN_BEGINS):
            return None
        token = self._access.token_of(hash_of(secret), self._now())
        return None if token is None else token.actor

    def audit(self, *, before: int | None = None, most: int = 50) -> list[Deed]:
        """Return what was changed by whom, the latest first, from before an entry's id on."""
        return self._audit.deeds(before, most)

    def once(self, request_key: str, fingerprint: str, act: Act) -> Answered:
        """Act on a request and keep its answer for 24 hours, all in one transaction; a second copy changes nothing.

        `fingerprint` says what is asked for. What was answered before has the fingerprint of then: another one means
        that the key was used for something else. Keys are those of whoever acts: of one token, and of no other.
        """
        return self._audit.once(self._actor.id or self._actor.name, request_key, fingerprint, act, self._now())
