"""The gate: who is let in to the pages by a session, and to the API by a token. What they may do is asked in `app`."""

import hashlib
import hmac
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends, Form, Request
from fastapi.security import HTTPBearer
from fastapi.security.http import HTTPAuthorizationCredentials
from fastapi.security.utils import get_authorization_scheme_param

from dripline.app import Dripline
from dripline.core.accounts.access import Actor, Scope, User
from dripline.web.connection_pool import Desk
from dripline.web.openapi.description import PREFIX, unknown_parameter
from dripline.web.security.client_address import prove
from dripline.web.security.reverse_proxy import is_ours

COOKIE = "dripline_session"


class NotLoggedIn(Exception):
    """Nobody is logged in."""


class NoToken(Exception):
    """A program called without a token that lets it in."""


class UnknownParameter(Exception):
    """A program asked with a parameter that the API's description does not name."""


class ForeignForm(Exception):
    """A form was posted that is none of our pages'."""


@dataclass(frozen=True, slots=True)
class Visit:
    """Somebody who is logged in: `drip` acts for them, `csrf` is what their forms have to bring."""

    user: User
    drip: Dripline = field(kw_only=True)
    csrf: str = field(kw_only=True)

    def may(self, scope: str) -> bool:
        """Whether they may do what needs a scope: pages show no button that would be refused."""
        return self.user.actor.may(Scope(scope))

    def paused(self) -> str | None:
        """Say why everything is paused, if it is: every page says it."""
        return self.drip.workspace.state().pause_reason


def visiting(request: Request) -> Generator[Visit]:
    """Let somebody in by their session.

    Raises:
        NotLoggedIn: There is none, or it is over.
    """
    secret = request.cookies.get(COOKIE, "")
    with desk_of(request).taken() as drip:
        user = drip.accounts.user_of_session(secret)
        if user is None:
            raise NotLoggedIn
        prove(request)
        yield Visit(user, drip=drip.as_actor(user.actor), csrf=csrf_of(secret))


Visiting = Annotated[Visit, Depends(visiting)]

visit_of = contextmanager(visiting)
"""Lets somebody in for a block, where an answer takes longer than the connection is needed for."""


def changing(request: Request, visit: Visiting, csrf: Annotated[str, Form()] = "") -> Visit:
    """Let somebody change something: from a page of ours, which brings what only that page knows.

    Raises:
        ForeignForm: It came from elsewhere, or does not bring it.
    """
    check_form(request, csrf, visit.csrf)
    return visit


Changing = Annotated[Visit, Depends(changing)]


def check_form(request: Request, given: str, expected: str) -> None:
    """Refuse a form that was not sent by a page of ours.

    Raises:
        ForeignForm: It came from elsewhere, or does not bring what only our page knows.
    """
    check_origin(request)
    if not hmac.compare_digest(given.encode(), expected.encode()):
        raise ForeignForm


def check_origin(request: Request) -> None:
    """Refuse what a page of somebody else's posts.

    Raises:
        ForeignForm: The browser says that it is.
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
    """Return what the forms of a session bring: made of its secret, so that nothing has to be stored."""
    return hmac.new(secret.encode(), b"csrf", hashlib.sha256).hexdigest()


_bearer = HTTPBearer(auto_error=False, description="A token, made in the settings.")


def calling(
    request: Request, given: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]
) -> Generator[Dripline]:
    """Let a program in by its token, which was asked already where there is a body.

    Raises:
        NoToken: There is none, or it lets nobody in.
        UnknownParameter: It asks with one that nobody described.
    """
    del given  # stands in the description
    with desk_of(request).taken() as drip:
        actor = getattr(request.state, _LET_IN, None) or _actor(request, drip)
        if actor is None:
            raise NoToken
        setattr(request.state, _LET_IN, actor)
        prove(request)
        # Metrics stand outside the description, and are asked with whatever the scraper is told to.
        wrong = unknown_parameter(request) if request.url.path.startswith(PREFIX) else None
        if wrong is not None:
            raise UnknownParameter(wrong)
        yield drip.as_actor(actor)


def has_token(request: Request) -> bool:
    """Return whether a program brings a token that lets it in; `calling` does not ask for it again."""
    with desk_of(request).taken() as drip:
        actor = _actor(request, drip)
    setattr(request.state, _LET_IN, actor)
    return actor is not None


def caller_of(request: Request) -> Actor:
    """Return as whom a program acts that was let in."""
    return getattr(request.state, _LET_IN)


def has_session(request: Request) -> bool:
    """Return whether somebody is logged in."""
    with desk_of(request).taken() as drip:
        return drip.accounts.user_of_session(request.cookies.get(COOKIE, "")) is not None


_LET_IN = "let_in"


def _actor(request: Request, drip: Dripline) -> Actor | None:
    scheme, token = get_authorization_scheme_param(request.headers.get("authorization"))
    return drip.accounts.actor_of_token(token) if scheme.lower() == "bearer" else None


Calling = Annotated[Dripline, Depends(calling)]


def desk_of(request: Request) -> Desk:
    """Return the desk of the app that was asked."""
    return request.app.state.desk
