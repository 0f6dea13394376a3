"""Ways in: users, links and tokens, who made them, and what ends with whom."""

from datetime import datetime

from dripline.app.accounts import TOKEN_BEGINS, AccountCases
from dripline.app.proofs import hash_of
from dripline.core.accounts.access import (
    Belongings,
    Invitation,
    Role,
    Token,
    User,
    UserChange,
    checked_name,
    role_of,
    scopes_of,
)
from dripline.errors import InvalidAccess, NotAllowed

PREFIX = len(TOKEN_BEGINS) + 6
"""How much of a token is kept for people to tell it by, in characters."""


class WaysInCases(AccountCases):
    """What can be asked about what lets people and programs in. Nobody who is kept out acts by what they made."""

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

    def invitations(self) -> list[Invitation]:
        """Return the links that were made and not used yet, the newest first, without their secrets."""
        return self._access.invitations(self._now())

    def revoke_invitation(self, invitation_id: str) -> bool:
        """Take back a link that nobody has used, known by its id; False if there is none."""
        with self._store.transaction():
            return bool(self._access.revoke_invitations([invitation_id], self._now()))

    def users(self) -> list[User]:
        """Return every user, by e-mail address."""
        return self._access.users()

    def plan_change_user(self, user_id: int, *, role: Role | str, is_disabled: bool = False) -> Belongings:
        """Say what `change_user` would revoke, and change nothing.

        Raises:
            InvalidAccess: There is no such user or role.
        """
        return self._lost_by(self._user(user_id), role_of(role), self._now(), is_disabled=is_disabled)

    def change_user(self, user_id: int, *, role: Role | str, is_disabled: bool = False) -> UserChange:
        """Give a user another role, keep them out or let them in again; says what was revoked with that.

        Whoever is kept out loses their sessions, the links for them, and every token and link that they or their tokens
        made; whoever gets a lesser role, what may do more than that role. Letting them in again brings nothing back.

        Raises:
            InvalidAccess: There is no such user or role, or nobody would be left who may let others in.
        """
        wanted = role_of(role)
        with self._store.transaction():
            others = set(self._access.open_administrators()) - {user_id}
            user = self._access.locked_user(user_id)
            if user is None:
                raise InvalidAccess(f"There is no user {user_id}: look at the list of users.")
            if not others and (wanted is not Role.ADMIN or is_disabled):
                raise InvalidAccess("Nobody would be left who may let others in: make somebody else admin first.")
            lost = self._lost_by(user, wanted, self._now(), is_disabled=is_disabled)
            self._revoke(lost)
            changed = self._access.change_user(user_id, wanted, self._now(), is_disabled=is_disabled)
            return UserChange(changed or user, revoked=lost)

    def create_token(self, name: str, *, scopes: list[str], expires_at: datetime | None = None) -> tuple[Token, str]:
        """Return a new token and its secret, which is told this once and never again.

        Raises:
            InvalidAccess: The name or a scope cannot be one, or it would be over already.
        """
        if expires_at is not None and expires_at <= self._now():
            raise InvalidAccess("The token would be over already: give a time in the future, or none.")
        secret = f"{TOKEN_BEGINS}{self._secret()}"
        with self._store.transaction():
            self._check_maker()
            token = self._access.add_token(
                hash_of(secret),
                name=checked_name(name, "token"),
                prefix=secret[:PREFIX],
                scopes=scopes_of(scopes),
                by=self._actor,
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

    def _lost_by(self, user: User, role: Role, now: datetime, *, is_disabled: bool) -> Belongings:
        tokens, invitations = self._access.tokens_made_by(user, now), self._access.invitations_of(user, now)
        if is_disabled:
            sessions = self._access.sessions_of(user.id, now)
            return Belongings(tokens=tuple(tokens), invitations=tuple(invitations), sessions=sessions)
        return Belongings(
            tokens=tuple(token for token in tokens if not token.scopes <= role.scopes),
            invitations=tuple(one for one in invitations if not one.is_within(role.scopes)),
        )

    def _revoke(self, lost: Belongings) -> None:
        now, actor = self._now(), self._actor.name
        for token in lost.tokens:
            self._access.revoke_token(token.id, now)
            self._audit.log(actor, "revoke_token", {"token_id": str(token.id), "name": token.name}, now)
        self._access.revoke_invitations([one.id for one in lost.invitations], now)
        for one in lost.invitations:
            self._audit.log(actor, "revoke_invitation", {"invitation_id": one.id, "role": one.role}, now)
        if lost.sessions:
            self._audit.log(actor, "end_sessions", {"many": str(lost.sessions)}, now)

    def _check_maker(self) -> None:
        """Refuse whoever was kept out since they were let in. Call inside a transaction.

        Raises:
            NotAllowed: They were.
        """
        if not self._access.may_make(self._actor):
            raise NotAllowed(f"{self._actor.name} was kept out a moment ago: ask an admin.")

    def _link(self, role: Role, user_id: int | None) -> str:
        secret = self._secret()
        with self._store.transaction():
            self._check_maker()
            self._access.add_link(hash_of(secret), role, user_id, self._now(), by=self._actor)
        return secret

    def _user(self, user_id: int) -> User:
        found = next((user for user in self._access.users() if user.id == user_id), None)
        if found is None:
            raise InvalidAccess(f"There is no user {user_id}: look at the list of users.")
        return found
