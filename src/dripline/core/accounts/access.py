"""Who may do what: scopes, the roles of people as sets of them, and whoever acts."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from dripline.core.leads.address import normalize_email
from dripline.core.text import is_text
from dripline.errors import InvalidAccess

NAME_LIMIT = 120
PASSWORD_LEAST, PASSWORD_LIMIT = 10, 200
"""How long a password is, in characters: length is what counts, so nothing else is asked of it."""

SESSION_LASTS = timedelta(days=14)
"""How long somebody stays logged in."""

LINK_LASTS = timedelta(hours=24)
"""How long a link lets somebody in."""


class Scope(StrEnum):
    """What a token or a role may do: one noun, read or write. `admin` is for users, tokens, settings and the log."""

    LEADS_READ = "leads:read"
    LEADS_WRITE = "leads:write"
    SEQUENCES_READ = "sequences:read"
    SEQUENCES_WRITE = "sequences:write"
    RECORDS_READ = "records:read"
    RECORDS_WRITE = "records:write"
    SENDERS_READ = "senders:read"
    SENDERS_WRITE = "senders:write"
    REPORTS_READ = "reports:read"
    ADMIN = "admin"


class Role(StrEnum):
    """What a person is: a viewer sees, an operator works, an admin lets others in."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    ADMIN = "admin"

    @property
    def scopes(self) -> frozenset[Scope]:
        """What it may do."""
        match self:
            case Role.VIEWER:
                return frozenset(scope for scope in Scope if scope.endswith(":read"))
            case Role.OPERATOR:
                return frozenset(Scope) - {Scope.ADMIN}
            case Role.ADMIN:
                return frozenset(Scope)


@dataclass(frozen=True, slots=True)
class Actor:
    """Whoever acts: how the log names them, what they may do, and who they are, where two may have one name."""

    name: str
    scopes: frozenset[Scope] = field(kw_only=True)
    id: str = field(default="", kw_only=True)

    def may(self, scope: Scope) -> bool:
        """Whether they may do what needs a scope."""
        return scope in self.scopes


PROGRAM = Actor("program", scopes=frozenset(Scope))
"""Who has the database itself: the program that embeds dripline, and the command line. Nobody has to let it in."""


@dataclass(frozen=True, slots=True)
class User:
    """A person who may come in; `disabled_at` is since when they may not any more."""

    id: int
    email: str = field(kw_only=True)
    name: str = field(kw_only=True)
    role: Role = field(kw_only=True)
    created_at: datetime = field(kw_only=True)
    disabled_at: datetime | None = field(kw_only=True)

    @property
    def actor(self) -> Actor:
        """The user as somebody who acts."""
        return Actor(f"user {self.email}", scopes=self.role.scopes, id=f"user#{self.id}")


@dataclass(frozen=True, slots=True)
class Token:
    """What a program calls with, without the secret itself: `prefix` is how it begins."""

    id: int
    name: str = field(kw_only=True)
    prefix: str = field(kw_only=True)
    scopes: frozenset[Scope] = field(kw_only=True)
    created_by: str = field(kw_only=True)
    created_at: datetime = field(kw_only=True)
    expires_at: datetime | None = field(kw_only=True)
    used_at: datetime | None = field(kw_only=True)
    revoked_at: datetime | None = field(kw_only=True)

    @property
    def actor(self) -> Actor:
        """The token as somebody who acts."""
        return Actor(f"token {self.name}", scopes=self.scopes, id=f"token#{self.id}")

    def is_good(self, now: datetime) -> bool:
        """Whether it lets anybody in."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True, slots=True)
class Invitation:
    """A link that lets somebody in once, without its secret; `email` is the user who gets another password by it."""

    id: str
    role: Role = field(kw_only=True)
    email: str | None = field(kw_only=True)
    created_by: str = field(kw_only=True)
    created_at: datetime = field(kw_only=True)
    expires_at: datetime = field(kw_only=True)

    def is_within(self, scopes: frozenset[Scope]) -> bool:
        """Whether whoever has these scopes may do all that it lets somebody do."""
        return self.role.scopes <= scopes


@dataclass(frozen=True, slots=True)
class Belongings:
    """What lets somebody act: tokens and links that they made or that are for them, and their sessions."""

    tokens: tuple[Token, ...] = field(default=(), kw_only=True)
    invitations: tuple[Invitation, ...] = field(default=(), kw_only=True)
    sessions: int = field(default=0, kw_only=True)

    def __bool__(self) -> bool:
        return bool(self.tokens or self.invitations or self.sessions)


@dataclass(frozen=True, slots=True)
class UserChange:
    """A user as they are from now on, and what of theirs was revoked with that."""

    user: User
    revoked: Belongings = field(kw_only=True)


def role_of(written: str) -> Role:
    """Read a role.

    Raises:
        InvalidAccess: There is none of that name.
    """
    try:
        return Role(written)
    except ValueError:
        raise InvalidAccess(f"There is no role {written[:40]!r}: give one of {', '.join(Role)}.") from None


def scopes_of(written: Iterable[str]) -> frozenset[Scope]:
    """Read scopes; at least one.

    Raises:
        InvalidAccess: There is none, or one of them is none.
    """
    named = list(written)
    unknown = [name for name in named if name not in set(Scope)]
    if unknown or not named:
        what = f"There is no scope {unknown[0][:40]!r}" if unknown else "A token needs a scope"
        raise InvalidAccess(f"{what}: give some of {', '.join(Scope)}.")
    return frozenset(Scope(name) for name in named)


def checked_name(written: str, who: str) -> str:
    """Return the name of a user or a token, blank space around it dropped.

    Raises:
        InvalidAccess: It is empty, too long, or not text.
    """
    name = written.strip()
    if not name or len(name) > NAME_LIMIT or not is_text(name) or not name.isprintable():
        raise InvalidAccess(f"A {who} needs a name of 1 to {NAME_LIMIT} characters on one line: give it one.")
    return name


def checked_password(password: str, email: str) -> str:
    """Return a password that may be one.

    Raises:
        InvalidAccess: It is too short, too long, or the e-mail address. The sentence does not hold it.
    """
    if not PASSWORD_LEAST <= len(password) <= PASSWORD_LIMIT:
        raise InvalidAccess(f"A password has {PASSWORD_LEAST} to {PASSWORD_LIMIT} characters: choose another.")
    if re.sub(r"\W", "", password).casefold() in re.sub(r"\W", "", email).casefold():
        raise InvalidAccess("The password is a part of the e-mail address: choose another.")
    return password


def checked_email(written: str) -> str:
    """Return the e-mail address of a user as it is stored.

    Raises:
        InvalidEmail: It cannot be one.
    """
    return normalize_email(written).casefold()
