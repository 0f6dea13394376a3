"""Users, tokens and the log over the API, for those who may let others in."""

from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Self

from fastapi import APIRouter, Path, Query
from pydantic import BaseModel, Field

from dripline.core.accounts.access import Belongings, Invitation, Role, Scope, Token, User
from dripline.core.views.audit import AuditEntry
from dripline.schema.base import NO_NUL
from dripline.web.api.leads import Short, Touched
from dripline.web.api.responses import READ_ONLY, Id, RequestBody, ZonedInstant
from dripline.web.security.auth import ApiClient

router = APIRouter(tags=["access"])


class TokenBody(RequestBody):
    """What a program calls with."""

    name: Short
    scopes: list[Scope] = Field(min_length=1, max_length=20)
    expires_at: ZonedInstant | None = Field(default=None, description="With its zone; for good if left out.")


class CreatedToken(BaseModel):
    """A token, and the secret that lets a program in, which is told this once."""

    token: Token
    secret: str


class NewUser(RequestBody):
    """Whom a link is to let in."""

    role: Role


class LoginLinkView(BaseModel):
    """A way in that works once, within 24 hours: `path` is to be opened where this is served."""

    path: str


class UserBody(RequestBody):
    """What a user may do from now on. What is read may be written back as it is."""

    role: Role
    is_disabled: bool = False
    id: int | None = Field(default=None, json_schema_extra=READ_ONLY)
    email: str | None = Field(default=None, json_schema_extra=READ_ONLY)
    name: str | None = Field(default=None, json_schema_extra=READ_ONLY)
    created_at: datetime | None = Field(default=None, json_schema_extra=READ_ONLY)
    disabled_at: datetime | None = Field(default=None, json_schema_extra=READ_ONLY)
    revoked: Belongings | None = Field(
        default=None,
        json_schema_extra=READ_ONLY,
        description="What of theirs was revoked by the change that is answered.",
    )

    @classmethod
    def of(cls, user: User, revoked: Belongings | None = None) -> Self:
        """Return a user as they are now, in the form in which one is written."""
        return cls(**asdict(user), is_disabled=user.disabled_at is not None, revoked=revoked)


@router.get("/users")
def list_users(drip: ApiClient) -> list[UserBody]:
    """Return every user."""
    return [UserBody.of(user) for user in drip.accounts.users()]


@router.post("/invitations")
def create_invitation(drip: ApiClient, wanted: NewUser) -> LoginLinkView:
    """Make a link that lets somebody new in, once, within 24 hours."""
    return LoginLinkView(path=f"/welcome/{drip.accounts.invite(wanted.role)}")


@router.get("/invitations")
def list_invitations(drip: ApiClient) -> list[Invitation]:
    """Return the links that were made and not used yet, without their secrets."""
    return drip.accounts.invitations()


@router.delete("/invitations/{invitation_id}")
def revoke_invitation(drip: ApiClient, invitation_id: Annotated[str, Path(max_length=64, pattern=NO_NUL)]) -> Touched:
    """Take back a link that nobody has used."""
    return Touched(touched=int(drip.accounts.revoke_invitation(invitation_id)))


@router.post("/users/{user_id:int}/plan")
def plan_change_user(drip: ApiClient, user_id: Id, wanted: UserBody) -> Belongings:
    """Say which tokens, links and sessions a change would revoke; nothing is changed."""
    return drip.accounts.plan_change_user(user_id, role=wanted.role, is_disabled=wanted.is_disabled)


@router.put("/users/{user_id:int}")
def change_user(drip: ApiClient, user_id: Id, wanted: UserBody) -> UserBody:
    """Give a user another role, keep them out, or let them in again; says what of theirs was revoked with that."""
    change = drip.accounts.change_user(user_id, role=wanted.role, is_disabled=wanted.is_disabled)
    return UserBody.of(change.user, change.revoked)


@router.get("/tokens")
def list_tokens(drip: ApiClient) -> list[Token]:
    """Return every token, without their secrets."""
    return drip.accounts.tokens()


@router.post("/tokens")
def create_token(drip: ApiClient, wanted: TokenBody) -> CreatedToken:
    """Make a token; its secret is told this once."""
    scopes = [str(scope) for scope in wanted.scopes]
    token, secret = drip.accounts.create_token(wanted.name, scopes=scopes, expires_at=wanted.expires_at)
    return CreatedToken(token=token, secret=secret)


@router.delete("/tokens/{token_id:int}")
def revoke_token(drip: ApiClient, token_id: Id) -> Touched:
    """Keep a token from letting anybody in."""
    return Touched(touched=int(drip.accounts.revoke_token(token_id)))


@router.get("/audit")
def list_deeds(
    drip: ApiClient,
    before: Annotated[int | None, Query(ge=1, le=2**53 - 1)] = None,
    most: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[AuditEntry]:
    """Return what was changed by whom, the latest first."""
    return drip.accounts.audit(before=before, most=most)
