"""Users, tokens and the log over the API, for those who may let others in."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, Field
from starlette.responses import Response

from dripline.core.access import Scope, Token, User
from dripline.store.audit import Deed
from dripline.web.api.answers import Id, Written, answer, plain
from dripline.web.api.leads import Short, Touched
from dripline.web.gate import Calling

router = APIRouter(tags=["access"])


class NewToken(Written):
    """What a program calls with."""

    name: Short
    scopes: list[Scope] = Field(min_length=1, max_length=20)
    expires_at: AwareDatetime | None = Field(default=None, description="With its zone; for good if left out.")


@router.get("/users")
def list_users(drip: Calling) -> list[User]:
    """Return every user."""
    return drip.users()


@router.get("/tokens")
def list_tokens(drip: Calling) -> list[Token]:
    """Return every token, without their secrets."""
    return drip.tokens()


@router.post("/tokens")
def create_token(drip: Calling, wanted: NewToken) -> Response:
    """Make a token; its secret is told this once."""
    scopes = [str(scope) for scope in wanted.scopes]
    token, secret = drip.create_token(wanted.name, scopes=scopes, expires_at=wanted.expires_at)
    return answer({"token": plain(token), "secret": secret})


@router.delete("/tokens/{token_id}")
def revoke_token(drip: Calling, token_id: Id) -> Touched:
    """Keep a token from letting anybody in."""
    return Touched(touched=int(drip.revoke_token(token_id)))


@router.get("/audit")
def audit(
    drip: Calling,
    before: Annotated[int | None, Query(ge=1, le=2**62)] = None,
    most: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[Deed]:
    """Return what was changed by whom, the latest first."""
    return drip.audit(before=before, most=most)
