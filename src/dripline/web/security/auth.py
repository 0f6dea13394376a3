"""Authentication: sessions for the pages, tokens for the API. Permissions are checked in `app`."""

import hashlib
import hmac
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated

from fastapi import Depends, Form, Request
from fastapi.security import HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials
from fastapi.security.utils import get_authorization_scheme_param

from dripline.app import Dripline
from dripline.core.accounts.access import Actor, Scope, User
from dripline.web.connection_pool import ConnectionPool
from dripline.web.openapi.description import PREFIX, unknown_parameter
from dripline.web.security.client_address import prove
from dripline.web.security.reverse_proxy import is_ours

COOKIE = "dripline_session"


class NotLoggedIn(Exception):
    """There is no valid session."""


class NoToken(Exception):
    """A program called without a valid token."""


class UnknownParameter(Exception):
    """A program used a query parameter that the API does not have."""


class ForeignForm(Exception):
    """A form was posted from a page of another site, or without its CSRF token."""


@dataclass(frozen=True, slots=True)
class Sending:
    """Whether messages go out.

    `paused` is why nothing does, where somebody has paused everything; `seen_at` is when a worker was last at work,
    None where there is none.
    """

    paused: str | None
    seen_at: datetime | None = field(kw_only=True)
    now: datetime = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class PageContext:
    """What a page knows of its user: `drip` acts for them, `csrf` is the token of their forms."""

    user: User
    drip: Dripline = field(kw_only=True)
    csrf: str = field(kw_only=True)

    def may(self, scope: str) -> bool:
        """Return whether the user has a scope: pages show no button that would be refused."""
        return self.user.actor.may(Scope(scope))

    def sending(self) -> Sending:
        """Return whether messages go out now: every page shows it."""
        workers = self.drip.reports.workers()
        return Sending(
            self.drip.workspace.state().pause_reason,
            seen_at=max((worker.seen_at for worker in workers), default=None),
            now=self.drip.now(),
        )


def page_context(request: Request) -> Generator[PageContext]:
    """Authenticate a user by the session cookie.

    Raises:
        NotLoggedIn: There is no session, or it has ended.
    """
    secret = request.cookies.get(COOKIE, "")
    with pool_of(request).acquire() as drip:
        user = drip.accounts.user_of_session(secret)
        if user is None:
            raise NotLoggedIn
        prove(request)
        yield PageContext(user, drip=drip.as_actor(user.actor), csrf=csrf_of(secret))


CurrentUser = Annotated[PageContext, Depends(page_context)]

context_of = contextmanager(page_context)
"""Authenticates for one block, where the response takes longer than the connection is needed."""


def csrf_checked(request: Request, context: CurrentUser, csrf: Annotated[str, Form()] = "") -> PageContext:
    """Require a valid CSRF token.

    Raises:
        ForeignForm: The form comes from another site, or has no valid token.
    """
    check_form(request, csrf, context.csrf)
    return context


CsrfChecked = Annotated[PageContext, Depends(csrf_checked)]


def check_form(request: Request, given: str, expected: str) -> None:
    """Check that one of our pages sent a form.

    Raises:
        ForeignForm: It comes from another site, or has no valid token.
    """
    check_origin(request)
    if not hmac.compare_digest(given.encode(), expected.encode()):
        raise ForeignForm


def check_origin(request: Request) -> None:
    """Check that a request comes from one of our pages.

    Raises:
        ForeignForm: The browser names another site.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site not in {None, "same-origin", "none"}:
        raise ForeignForm
    # `null` is a page that hides where it is from: ours is believed where the browser itself says so.
    if origin is None or (origin == "null" and site == "same-origin"):
        return
    if not is_ours(request, origin):
        raise ForeignForm


def csrf_of(secret: str) -> str:
    """Return the CSRF token of a session: derived from its secret, so nothing has to be stored."""
    return hmac.new(secret.encode(), b"csrf", hashlib.sha256).hexdigest()


_bearer = HTTPBearer(auto_error=False, description="A token, made in the settings.")


def api_client(
    request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Generator[Dripline]:
    """Authenticate a program by its token; where there is a body, `has_token` has checked it already.

    Raises:
        NoToken: There is no token, or it is not valid.
        UnknownParameter: The API has no query parameter of that name.
    """
    del given  # is in the OpenAPI description
    with pool_of(request).acquire() as drip:
        actor = getattr(request.state, _LET_IN, None) or _actor(request, drip)
        if actor is None:
            raise NoToken
        setattr(request.state, _LET_IN, actor)
        prove(request)
        # Metrics are not in the API's description, and scrapers add parameters of their own.
        wrong = unknown_parameter(request) if request.url.path.startswith(PREFIX) else None
        if wrong is not None:
            raise UnknownParameter(wrong)
        yield drip.as_actor(actor)


def has_token(request: Request) -> bool:
    """Return whether a program has a valid token; `api_client` does not check it again."""
    with pool_of(request).acquire() as drip:
        actor = _actor(request, drip)
    setattr(request.state, _LET_IN, actor)
    return actor is not None


def caller_of(request: Request) -> Actor:
    """Return the actor of an authenticated program."""
    return getattr(request.state, _LET_IN)


def has_session(request: Request) -> bool:
    """Return whether there is a valid session."""
    with pool_of(request).acquire() as drip:
        return drip.accounts.user_of_session(request.cookies.get(COOKIE, "")) is not None


_LET_IN = "let_in"


def _actor(request: Request, drip: Dripline) -> Actor | None:
    scheme, token = get_authorization_scheme_param(request.headers.get("authorization"))
    return drip.accounts.actor_of_token(token) if scheme.lower() == "bearer" else None


ApiClient = Annotated[Dripline, Depends(api_client)]


def pool_of(request: Request) -> ConnectionPool:
    """Return the connection pool of the app."""
    return request.app.state.pool
