"""Accounts: who comes in, by what, and what they changed."""

from datetime import datetime
from math import ceil

from dripline.app.accounts.password_hashes import hash_of, hashed_password, is_password
from dripline.app.permissions import UseCases, public, requires
from dripline.core.accounts.access import (
    Actor,
    Belongings,
    Invitation,
    Role,
    Scope,
    Token,
    User,
    UserChange,
    checked_email,
    checked_name,
    checked_password,
    role_of,
    scopes_of,
)
from dripline.core.accounts.logins import account_key, browser_key, mark_of, place_key, wait_left, with_mark
from dripline.core.views.audit import AuditEntry
from dripline.errors import InvalidAccess, LoginFailed, NotAllowed, TooManyTries
from dripline.store.accounts.access import LoginLink
from dripline.store.accounts.audit import Act, StoredAnswer

TOKEN_BEGINS = "drip_"  # noqa: S105  (how every token begins, so that people and scanners know one)


PREFIX = len(TOKEN_BEGINS) + 6
"""How much of a token is kept for people to tell it by, in characters."""


class Accounts(UseCases):
    """Users, links, sessions and tokens. Nobody who is kept out acts by what they made."""

    @public
    def has_users(self) -> bool:
        """Return whether anybody may come in yet."""
        return self._stores.access.has_users()

    @public
    def setup_link(self) -> str | None:
        """Return the secret of a link that makes the first administrator, once; None where there is a user already.

        It is good for 24 hours, and instead of any that was made before.
        """
        if self._stores.access.has_users():
            return None
        secret = self._secret()
        self._stores.access.add_setup_link(hash_of(secret), self._session.now(), by=self._session.actor)
        return secret

    @public
    def access_link(self, secret: str) -> LoginLink | None:
        """Return whom a link lets in; None if it is none, was used, or is over."""
        return self._stores.access.link(hash_of(secret), self._session.now())

    @public
    def accept_link(self, secret: str, *, email: str, name: str, password: str) -> str:
        """Use a link: make its user, or give its user another password; returns the secret of a session.

        `email` and `name` count for somebody new only.

        Raises:
            LoginFailed: The link is none, was used, or is over.
            InvalidAccess: The name or the password cannot be one, or the address is somebody's.
            InvalidEmail: The address cannot be one.
        """
        link, now = self._stores.access.link(hash_of(secret), self._session.now()), self._session.now()
        if link is None:
            raise LoginFailed("This link was used already or is over: ask for another one.")
        address = link.email or checked_email(email)
        hashed = hashed_password(checked_password(password, address))
        with self._stores.store.transaction():
            if not self._stores.access.use_link(hash_of(secret), now):
                raise LoginFailed("This link was used already or is over: ask for another one.")
            if link.user_id is not None:
                user = self._stores.access.change_password(link.user_id, hashed)
            elif self._stores.access.user_by_email(address) is not None:
                raise InvalidAccess(f"{address} has an account already: log in, or give another address.")
            else:
                user = self._stores.access.add_user(address, checked_name(name, "user"), link.role, hashed, now)
            self._stores.audit.log(user.actor.name, "accept_link", {"role": user.role}, now)
            return self._begin_session(user)

    @public
    def log_in(self, email: str, password: str, *, origin: str, known: str = "") -> str:
        """Return the secret of a session; `origin` is where the try comes from, such as an IP address.

        `known`: what `known_browser` returned to the same browser, if anything. It does not wait for what others tried.

        Raises:
            LoginFailed: No user has that address and password.
            TooManyTries: Too many tries for that address from that origin failed lately.
        """
        now, account = self._session.now(), email.strip().casefold()[:1_000]
        user, hashed = self._stores.access.user_by_email(account) or (None, None)
        mark = None if user is None or hashed is None else mark_of(known, user.id, hashed, now)
        own, everywhere = place_key(origin, account) if mark is None else browser_key(mark), account_key(account)
        failures = self._stores.access.failures([own, everywhere])
        wait = wait_left(failures.get(own), failures.get(everywhere) if mark is None else None, now)
        if wait:
            raise TooManyTries(f"Too many log-ins failed: try again in {ceil(wait.total_seconds())} seconds.")
        # Counted before it is looked at: many at once are many.
        self._stores.access.note_failed([own], now)
        is_right = is_password(password, hashed)
        if user is None or not is_right or user.disabled_at is not None:
            self._stores.access.note_failed([everywhere], now)
            raise LoginFailed("No user has that e-mail address and password: try again, or ask for a new link.")
        with self._stores.store.transaction():
            self._stores.access.forget_failed(own)
            return self._begin_session(user)

    @public
    def known_browser(self, secret: str, known: str = "") -> str:
        """Return what a browser with a session brings to its next log-ins; `known` is what it brought so far.

        It lets nobody in. It is good for 180 days, and until the user's password is changed.
        """
        user = self.user_of_session(secret)
        found = None if user is None else self._stores.access.user_by_email(user.email)
        if found is None:
            return known
        return with_mark(known, found[0].id, found[1], nonce=self._application.make_id(), now=self._session.now())

    @public
    def log_out(self, secret: str) -> None:
        """End a session."""
        self._stores.access.end_session(hash_of(secret))

    @public
    def user_of_session(self, secret: str) -> User | None:
        """Return who is logged in by a session; None if it is none, or over."""
        return self._stores.access.user_of_session(hash_of(secret), self._session.now())

    @requires(Scope.ADMIN, audited_as="invite")
    def invite(self, role: Role | str) -> str:
        """Return the secret of a link that lets somebody new in, once, within 24 hours.

        Raises:
            InvalidAccess: There is no such role.
        """
        return self._link(role_of(role), None)

    @requires(Scope.ADMIN, audited_as="reset_password")
    def reset_password(self, user_id: int) -> str:
        """Return the secret of a link by which a user gives themselves another password, once, within 24 hours.

        Raises:
            InvalidAccess: There is no such user.
        """
        user = self._user(user_id)
        return self._link(user.role, user.id)

    @requires(Scope.ADMIN)
    def invitations(self) -> list[Invitation]:
        """Return the links that were made and not used yet, the newest first, without their secrets."""
        return self._stores.access.invitations(self._session.now())

    @requires(Scope.ADMIN, audited_as="revoke_invitation")
    def revoke_invitation(self, invitation_id: str) -> bool:
        """Take back a link that nobody has used, known by its id; False if there is none."""
        with self._stores.store.transaction():
            return bool(self._stores.access.revoke_invitations([invitation_id], self._session.now()))

    @requires(Scope.ADMIN)
    def users(self) -> list[User]:
        """Return every user, by e-mail address."""
        return self._stores.access.users()

    @requires(Scope.ADMIN)
    def plan_change_user(self, user_id: int, *, role: Role | str, is_disabled: bool = False) -> Belongings:
        """Say what `change_user` would revoke, and change nothing.

        Raises:
            InvalidAccess: There is no such user or role.
        """
        return self._lost_by(self._user(user_id), role_of(role), self._session.now(), is_disabled=is_disabled)

    @requires(Scope.ADMIN, audited_as="change_user")
    def change_user(self, user_id: int, *, role: Role | str, is_disabled: bool = False) -> UserChange:
        """Give a user another role, keep them out or let them in again; says what was revoked with that.

        Whoever is kept out loses their sessions, the links for them, and every token and link that they or their tokens
        made; whoever gets a lesser role, what may do more than that role. Letting them in again brings nothing back.

        Raises:
            InvalidAccess: There is no such user or role, or nobody would be left who may let others in.
        """
        wanted = role_of(role)
        with self._stores.store.transaction():
            others = set(self._stores.access.open_administrators()) - {user_id}
            user = self._stores.access.locked_user(user_id)
            if user is None:
                raise InvalidAccess(f"There is no user {user_id}: look at the list of users.")
            if not others and (wanted is not Role.ADMIN or is_disabled):
                raise InvalidAccess("Nobody would be left who may let others in: make somebody else admin first.")
            lost = self._lost_by(user, wanted, self._session.now(), is_disabled=is_disabled)
            self._revoke(lost)
            changed = self._stores.access.change_user(user_id, wanted, self._session.now(), is_disabled=is_disabled)
            return UserChange(changed or user, revoked=lost)

    @requires(Scope.ADMIN, audited_as="create_token")
    def create_token(self, name: str, *, scopes: list[str], expires_at: datetime | None = None) -> tuple[Token, str]:
        """Return a new token and its secret, which is told this once and never again.

        Raises:
            InvalidAccess: The name or a scope cannot be one, or it would be over already.
        """
        if expires_at is not None and expires_at <= self._session.now():
            raise InvalidAccess("The token would be over already: give a time in the future, or none.")
        secret = f"{TOKEN_BEGINS}{self._secret()}"
        with self._stores.store.transaction():
            self._check_maker()
            token = self._stores.access.add_token(
                hash_of(secret),
                name=checked_name(name, "token"),
                prefix=secret[:PREFIX],
                scopes=scopes_of(scopes),
                by=self._session.actor,
                expires_at=expires_at,
                now=self._session.now(),
            )
        return token, secret

    @requires(Scope.ADMIN)
    def tokens(self) -> list[Token]:
        """Return every token, the newest first, without their secrets."""
        return self._stores.access.tokens()

    @requires(Scope.ADMIN, audited_as="revoke_token")
    def revoke_token(self, token_id: int) -> bool:
        """Keep a token from letting anybody in, from the next call on; False where it did not before."""
        with self._stores.store.transaction():
            return self._stores.access.revoke_token(token_id, self._session.now())

    @public
    def actor_of_token(self, secret: str) -> Actor | None:
        """Return who calls with a token; None if it is none, was revoked, or is over."""
        if not secret.startswith(TOKEN_BEGINS):
            return None
        token = self._stores.access.token_of(hash_of(secret), self._session.now())
        return None if token is None else token.actor

    @requires(Scope.ADMIN)
    def audit(self, *, before: int | None = None, most: int = 50) -> list[AuditEntry]:
        """Return what was changed by whom, the latest first, from before an entry's id on."""
        return self._stores.audit.deeds(before, most)

    @public
    def once(self, request_key: str, fingerprint: str, act: Act) -> StoredAnswer:
        """Act on a request and keep its answer for 24 hours, all in one transaction; a second copy changes nothing.

        `fingerprint` says what is asked for. What was answered before has the fingerprint of then: another one means
        that the key was used for something else. Keys are those of whoever acts: of one token, and of no other.
        """
        return self._stores.audit.once(
            self._session.actor.id or self._session.actor.name, request_key, fingerprint, act, self._session.now()
        )

    def _begin_session(self, user: User) -> str:
        secret = self._secret()
        self._stores.access.begin_session(hash_of(secret), user, self._session.now())
        return secret

    def _secret(self) -> str:
        """Draw a secret of over 240 bits."""
        return f"{self._application.make_id():032x}{self._application.make_id():032x}"

    def _lost_by(self, user: User, role: Role, now: datetime, *, is_disabled: bool) -> Belongings:
        tokens, invitations = (
            self._stores.access.tokens_made_by(user, now),
            self._stores.access.invitations_of(user, now),
        )
        if is_disabled:
            sessions = self._stores.access.sessions_of(user.id, now)
            return Belongings(tokens=tuple(tokens), invitations=tuple(invitations), sessions=sessions)
        return Belongings(
            tokens=tuple(token for token in tokens if not token.scopes <= role.scopes),
            invitations=tuple(one for one in invitations if not one.is_within(role.scopes)),
        )

    def _revoke(self, lost: Belongings) -> None:
        now, actor = self._session.now(), self._session.actor.name
        for token in lost.tokens:
            self._stores.access.revoke_token(token.id, now)
            self._stores.audit.log(actor, "revoke_token", {"token_id": str(token.id), "name": token.name}, now)
        self._stores.access.revoke_invitations([one.id for one in lost.invitations], now)
        for one in lost.invitations:
            self._stores.audit.log(actor, "revoke_invitation", {"invitation_id": one.id, "role": one.role}, now)
        if lost.sessions:
            self._stores.audit.log(actor, "end_sessions", {"many": str(lost.sessions)}, now)

    def _check_maker(self) -> None:
        """Refuse whoever was kept out since they were let in. Call inside a transaction.

        Raises:
            NotAllowed: They were.
        """
        if not self._stores.access.may_make(self._session.actor):
            raise NotAllowed(f"{self._session.actor.name} was kept out a moment ago: ask an admin.")

    def _link(self, role: Role, user_id: int | None) -> str:
        secret = self._secret()
        with self._stores.store.transaction():
            self._check_maker()
            self._stores.access.add_link(hash_of(secret), role, user_id, self._session.now(), by=self._session.actor)
        return secret

    def _user(self, user_id: int) -> User:
        found = next((user for user in self._stores.access.users() if user.id == user_id), None)
        if found is None:
            raise InvalidAccess(f"There is no user {user_id}: look at the list of users.")
        return found
