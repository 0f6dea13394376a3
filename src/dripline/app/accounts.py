"""Accounts: who may come in, by what, and what they changed."""

from datetime import datetime

from dripline.app.logins import LoginCases
from dripline.app.proofs import hash_of as _hash
from dripline.app.proofs import hashed_password as _hashed_password
from dripline.core.access import (
    Actor,
    Role,
    Token,
    User,
    checked_email,
    checked_name,
    checked_password,
    role_of,
    scopes_of,
)
from dripline.errors import InvalidAccess, LoginFailed
from dripline.store.access import Link
from dripline.store.audit import Act, Answered, Deed

TOKEN_BEGINS = "drip_"  # noqa: S105  (how every token begins, so that people and scanners know one)

PREFIX = len(TOKEN_BEGINS) + 6
"""How much of a token is kept for people to tell it by, in characters."""


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
        self._access.add_setup_link(_hash(secret), self._now())
        return secret

    def invite(self, role: Role | str) -> str:
        """Return the secret of a link that lets somebody new in, once, within 24 hours.

        Raises:
            InvalidAccess: There is no such role.
        """
        return self._link(role_of(role), None)

    def reset_password(self, user_id: int) -> str:
        """Return the secret of a link by which a user gives themselves another password, once, within 24 hours.

        Raises:
            InvalidAccess: There is no such user.
        """
        user = self._user(user_id)
        return self._link(user.role, user.id)

    def access_link(self, secret: str) -> Link | None:
        """Return whom a link lets in; None if it is none, was used, or is over."""
        return self._access.link(_hash(secret), self._now())

    def accept_link(self, secret: str, *, email: str, name: str, password: str) -> str:
        """Use a link: make its user, or give its user another password; returns the secret of a session.

        `email` and `name` count for somebody new only.

        Raises:
            LoginFailed: The link is none, was used, or is over.
            InvalidAccess: The name or the password cannot be one, or the address is somebody's.
            InvalidEmail: The address cannot be one.
        """
        link, now = self._access.link(_hash(secret), self._now()), self._now()
        if link is None:
            raise LoginFailed("This link was used already or is over: ask for another one.")
        address = link.email or checked_email(email)
        hashed = _hashed_password(checked_password(password, address))
        with self._store.transaction():
            if not self._access.use_link(_hash(secret), now):
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
        token = self._access.token_of(_hash(secret), self._now())
        return None if token is None else token.actor

    def users(self) -> list[User]:
        """Return every user, by e-mail address."""
        return self._access.users()

    def change_user(self, user_id: int, *, role: Role | str, is_disabled: bool = False) -> User:
        """Give a user another role, keep them out or let them in again.

        Raises:
            InvalidAccess: There is no such user or role, or nobody would be left who may let others in.
        """
        wanted = role_of(role)
        with self._store.transaction():
            others = set(self._access.open_administrators()) - {user_id}
            changed = self._access.change_user(user_id, wanted, self._now(), is_disabled=is_disabled)
            if changed is None:
                raise InvalidAccess(f"There is no user {user_id}: look at the list of users.")
            if not others and (wanted is not Role.ADMIN or is_disabled):
                raise InvalidAccess("Nobody would be left who may let others in: make somebody else admin first.")
            return changed

    def create_token(self, name: str, *, scopes: list[str], expires_at: datetime | None = None) -> tuple[Token, str]:
        """Return a new token and its secret, which is told this once and never again.

        Raises:
            InvalidAccess: The name or a scope cannot be one, or it would be over already.
        """
        if expires_at is not None and expires_at <= self._now():
            raise InvalidAccess("The token would be over already: give a time in the future, or none.")
        secret = f"{TOKEN_BEGINS}{self._secret()}"
        with self._store.transaction():
            token = self._access.add_token(
                _hash(secret),
                name=checked_name(name, "token"),
                prefix=secret[:PREFIX],
                scopes=scopes_of(scopes),
                created_by=self._actor.name,
                expires_at=expires_at,
                now=self._now(),
            )
        return token, secret

    def tokens(self) -> list[Token]:
        """Return every token, the newest first, without their secrets."""
        return self._access.tokens()

    def revoke_token(self, token_id: int) -> bool:
        """Keep a token from letting anybody in, from the next call on; False where it did not before."""
        with self._store.transaction():
            return self._access.revoke_token(token_id, self._now())

    def audit(self, *, before: int | None = None, most: int = 50) -> list[Deed]:
        """Return what was changed by whom, the latest first, from before an entry's id on."""
        return self._audit.deeds(before, most)

    def once(self, request_key: str, fingerprint: str, act: Act) -> Answered:
        """Act on a request and keep its answer for 24 hours, all in one transaction; a second copy changes nothing.

        `fingerprint` says what is asked for. What was answered before has the fingerprint of then: another one means
        that the key was used for something else. Keys are those of whoever acts: of one token, and of no other.
        """
        return self._audit.once(self._actor.id or self._actor.name, request_key, fingerprint, act, self._now())

    def _link(self, role: Role, user_id: int | None) -> str:
        secret = self._secret()
        self._access.add_link(_hash(secret), role, user_id, self._now())
        return secret

    def _user(self, user_id: int) -> User:
        found = next((user for user in self._access.users() if user.id == user_id), None)
        if found is None:
            raise InvalidAccess(f"There is no user {user_id}: look at the list of users.")
        return found
