"""Access as it is stored: users, sessions, links, tokens, log-ins that failed. Secrets come in as hashes only."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dripline.core.accounts.access import LINK_LASTS, SESSION_LASTS, Actor, Invitation, Role, Scope, Token, User
from dripline.core.accounts.logins import FORGOTTEN_AFTER, Failures
from dripline.store.database.database import Database, Row, instant, instant_or_none
from dripline.store.enrollments.store import Store, keys

FORGET_EVERY = timedelta(minutes=10)
"""How often failures of long ago are looked for, while log-ins fail: all of them are read for that."""

USED_EVERY = timedelta(minutes=1)
"""How exactly it is known when a token was used last."""


_MAKERS = {"user": "maker", "token": "maker_token"}
"""How somebody who makes a way in is asked for, by the kind of their id."""


@dataclass(frozen=True, slots=True)
class LoginLink:
    """Whom a link lets in: a user who is there already, or somebody new in a role."""

    role: Role
    user_id: int | None = field(kw_only=True)
    email: str | None = field(kw_only=True)
    name: str | None = field(kw_only=True)


class Access:
    """Who may come in, on one database."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store
        self._forgot_at: datetime | None = None

    def has_users(self) -> bool:
        """Return whether anybody may come in yet."""
        return bool(self._database.run("any_user"))

    def users(self) -> list[User]:
        """Return every user, by e-mail address."""
        return [_user(row) for row in self._database.run("users")]

    def user_by_email(self, email: str) -> tuple[User, str] | None:
        """Return the user of an address, and the hash of their password."""
        return next(
            ((_user(row), row["password_hash"]) for row in self._database.run("user_by_email", email=email)), None
        )

    def add_user(self, email: str, name: str, role: Role, password_hash: str, now: datetime) -> User:
        """Add a user. Call inside a transaction."""
        fields = {"email": email, "name": name, "role": role, "password_hash": password_hash}
        return _user(self._database.run("insert_user", **fields, now=now)[0])

    def change_password(self, user_id: int, password_hash: str) -> User:
        """Give a user another password, and end their sessions. Call inside a transaction."""
        self._database.change("end_sessions", user_id=user_id)
        return _user(self._database.run("update_password", user_id=user_id, password_hash=password_hash)[0])

    def change_user(self, user_id: int, role: Role, now: datetime, *, is_disabled: bool) -> User | None:
        """Give a user another role, let them in or keep them out. Call inside a transaction."""
        changed = self._database.run("update_user", user_id=user_id, role=role, is_disabled=int(is_disabled), now=now)
        if is_disabled:
            self._database.change("end_sessions", user_id=user_id)
            self._database.change("drop_links", user_id=user_id, now=now)
        return _user(changed[0]) if changed else None

    def open_administrators(self) -> list[int]:
        """Return the administrators who may come in, locked. Call inside a transaction."""
        return [row["id"] for row in self._database.run("open_administrators")]

    def add_link(self, token_hash: str, role: Role, user_id: int | None, now: datetime, *, by: Actor) -> None:
        """Make a link that lets somebody new in once, or a user, instead of any other for them."""
        with self._store.transaction():
            self._database.change("drop_links", user_id=user_id, now=now)
            expires_at = now + LINK_LASTS
            fields = {"token_hash": token_hash, "role": role, "user_id": user_id, "expires_at": expires_at}
            maker = {"created_by": by.name, "created_by_id": by.id or None}
            self._database.change("insert_link", **fields, **maker, now=now)

    def add_setup_link(self, token_hash: str, now: datetime, *, by: Actor) -> None:
        """Make a link for the first administrator, instead of any other."""
        with self._store.transaction():
            self._database.change("drop_setup_links")
            self.add_link(token_hash, Role.ADMIN, None, now, by=by)

    def may_make(self, who: Actor) -> bool:
        """Return whether somebody who was let in may still act, locked so that they may until this transaction ends."""
        kind = who.id.partition("#")[0]
        statement = _MAKERS.get(kind)
        return statement is None or bool(self._database.run(statement, maker=who.id))

    def locked_user(self, user_id: int) -> User | None:
        """Return a user, who makes no other way in until this transaction ends."""
        return next((_user(row) for row in self._database.run("user_locked", user_id=user_id)), None)

    def tokens_made_by(self, user: User, now: datetime) -> list[Token]:
        """Return the tokens that a user made, or tokens of theirs did, and that let somebody in."""
        made = map(_token, self._database.run("tokens_made_by", maker=user.actor.id))
        return [token for token in made if token.is_good(now)]

    def invitations(self, now: datetime) -> list[Invitation]:
        """Return the links that still let somebody in, the newest first."""
        return [_invitation(row) for row in self._database.run("open_links", now=now)]

    def invitations_of(self, user: User, now: datetime) -> list[Invitation]:
        """Return the links that a user or their tokens made, or that are for them."""
        rows = self._database.run("tokens_made_by", maker=user.actor.id)
        makers = {user.actor.id, *(_token(row).actor.id for row in rows)}
        links = self._database.run("open_links", now=now)
        return [_invitation(row) for row in links if row["created_by_id"] in makers or row["user_id"] == user.id]

    def revoke_invitations(self, ids: Iterable[str], now: datetime) -> int:
        """Take links back that nobody has used; returns how many. Call inside a transaction."""
        wanted = set(ids)
        links = [row["token_hash"] for row in self._database.run("open_links", now=now) if _known_as(row) in wanted]
        return len(self._database.run("revoke_links", links=keys(links))) if links else 0

    def sessions_of(self, user_id: int, now: datetime) -> int:
        """Count the sessions of a user that last."""
        return int(self._database.run("sessions_of", user_id=user_id, now=now)[0]["many"])

    def link(self, token_hash: str, now: datetime) -> LoginLink | None:
        """Return a link that is still good."""
        found = self._database.run("link", token_hash=token_hash, now=now)
        return next(
            (
                LoginLink(Role(row["role"]), user_id=row["user_id"], email=row["email"], name=row["name"])
                for row in found
            ),
            None,
        )

    def use_link(self, token_hash: str, now: datetime) -> bool:
        """Use a link up; False if somebody was faster. Call inside a transaction."""
        return bool(self._database.run("use_link", token_hash=token_hash, now=now))

    def begin_session(self, token_hash: str, user: User, now: datetime) -> None:
        """Let a user in. Call inside a transaction."""
        self._database.change("forget_sessions", now=now)
        fields = {"token_hash": token_hash, "user_id": user.id, "expires_at": now + SESSION_LASTS}
        self._database.change("insert_session", **fields, now=now)

    def user_of_session(self, token_hash: str, now: datetime) -> User | None:
        """Return the user of a session that lasts."""
        return next((_user(row) for row in self._database.run("user_of_session", token_hash=token_hash, now=now)), None)

    def end_session(self, token_hash: str) -> None:
        """End a session."""
        with self._store.transaction():
            self._database.change("end_session", token_hash=token_hash)

    def failures(self, who: Iterable[str]) -> dict[str, Failures]:
        """Return how often log-ins by any of these failed, and when last."""
        rows = self._database.run("failed_logins", who=keys(who))
        return {row["who"]: Failures(row["failures"], last_at=instant(row["last_at"])) for row in rows}

    def note_failed(self, who: Iterable[str], now: datetime) -> None:
        """Count another log-in that failed."""
        long_ago = now - FORGOTTEN_AFTER
        with self._store.transaction():
            for one in sorted(who):
                self._database.change("note_failed_login", who=one, now=now, long_ago=long_ago)
            if self._forgot_at is None or not self._forgot_at <= now < self._forgot_at + FORGET_EVERY:
                self._forgot_at = now
                self._database.change("forget_old_failures", long_ago=long_ago)

    def forget_failed(self, who: str) -> None:
        """Forget the failures of somebody who has come in. Call inside a transaction."""
        self._database.change("forget_failed_logins", who=who)

    def tokens(self) -> list[Token]:
        """Return every token, the newest first."""
        return [_token(row) for row in self._database.run("tokens")]

    def add_token(  # noqa: PLR0913  (a row's columns)
        self,
        token_hash: str,
        *,
        name: str,
        prefix: str,
        scopes: frozenset[Scope],
        by: Actor,
        expires_at: datetime | None,
        now: datetime,
    ) -> Token:
        """Add a token. Call inside a transaction."""
        maker = {"created_by": by.name, "created_by_id": by.id or None}
        fields = {"name": name, "prefix": prefix, "expires_at": expires_at, **maker}
        written = json.dumps(sorted(scopes))
        return _token(self._database.run("insert_token", token_hash=token_hash, scopes=written, **fields, now=now)[0])

    def token_of(self, token_hash: str, now: datetime) -> Token | None:
        """Return the token of a hash if it lets in, and note that it was used."""
        token = next((_token(row) for row in self._database.run("token_of_hash", token_hash=token_hash)), None)
        if token is None or not token.is_good(now):
            return None
        before = now - USED_EVERY
        if token.used_at is None or token.used_at <= before:
            with self._store.transaction():
                self._database.change("note_token_used", token_id=token.id, now=now, before=before)
        return token

    def revoke_token(self, token_id: int, now: datetime) -> bool:
        """Keep a token from letting anybody in; False where it did not before. Call inside a transaction."""
        return bool(self._database.run("revoke_token", token_id=token_id, now=now))


def _user(row: Row) -> User:
    return User(
        row["id"],
        email=row["email"],
        name=row["name"],
        role=Role(row["role"]),
        created_at=instant(row["created_at"]),
        disabled_at=instant_or_none(row["disabled_at"]),
    )


def _known_as(row: Row) -> str:
    """Return by what people name a link: a part of its hash, which lets nobody in."""
    return str(row["token_hash"])[:16]


def _invitation(row: Row) -> Invitation:
    return Invitation(
        _known_as(row),
        role=Role(row["role"]),
        email=row["email"],
        created_by=row["created_by"],
        created_at=instant(row["created_at"]),
        expires_at=instant(row["expires_at"]),
    )


def _token(row: Row) -> Token:
    return Token(
        row["id"],
        name=row["name"],
        prefix=row["prefix"],
        scopes=frozenset(Scope(name) for name in json.loads(row["scopes"])),
        created_by=row["created_by"],
        created_at=instant(row["created_at"]),
        expires_at=instant_or_none(row["expires_at"]),
        used_at=instant_or_none(row["used_at"]),
        revoked_at=instant_or_none(row["revoked_at"]),
    )
