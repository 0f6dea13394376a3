"""Coming in: by a link the first time, by a password afterwards; and going."""

from typing import Annotated

from fastapi import APIRouter, Depends, Form, Request
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from dripline.core.accounts.access import SESSION_LASTS
from dripline.core.accounts.logins import KNOWN_LASTS
from dripline.errors import InvalidInput, LoginFailed
from dripline.web.errors import status_of
from dripline.web.links import ours
from dripline.web.render import page
from dripline.web.security.auth import COOKIE, CsrfChecked, check_origin, pool_of
from dripline.web.security.client_address import client_of
from dripline.web.security.reverse_proxy import is_secure

Posted = Annotated[str, Form(max_length=1_000)]

KNOWN_COOKIE = "dripline_known"
"""By what a browser that has logged in before is known; it lets nobody in."""

LOGINS_AT_ONCE = 2
"""How many passwords are looked at side by side; others wait. Each takes a thread and a connection to the database."""

router = APIRouter()


@router.get("/login")
def login_page(request: Request, next: str = "/") -> Response:  # noqa: A002  (its name in the address)
    """Ask who comes."""
    return _login(request, next)


@router.post("/login", dependencies=[Depends(check_origin)])
async def log_in(
    request: Request,
    email: Posted = "",
    password: Posted = "",
    next: Posted = "/",  # noqa: A002  (its name in the form)
) -> Response:
    """Let somebody in by their password."""
    # Who waits here holds neither a thread nor a connection: those are for whoever is let in already.
    async with request.app.state.logging_in:
        return await run_in_threadpool(_log_in, request, email, password, next)


def _log_in(request: Request, email: str, password: str, next_page: str) -> Response:
    with pool_of(request).acquire() as drip:
        try:
            secret = drip.accounts.log_in(
                email, password, origin=_origin(request), known=request.cookies.get(KNOWN_COOKIE, "")
            )
        except LoginFailed as error:
            return _login(request, next_page, email=email, refused=str(error), status=status_of(error))
    return _let_in(request, secret, next_page)


@router.get("/welcome/{secret}")
def welcome_page(request: Request, secret: str) -> Response:
    """Ask somebody new for their name and a password."""
    return _welcome(request, secret)


@router.post("/welcome/{secret}", dependencies=[Depends(check_origin)])
def welcome(request: Request, secret: str, email: Posted = "", name: Posted = "", password: Posted = "") -> Response:
    """Let somebody in by a link that works once."""
    with pool_of(request).acquire() as drip:
        try:
            session = drip.accounts.accept_link(secret, email=email, name=name, password=password)
        except (InvalidInput, LoginFailed) as error:
            refused = {"refused": str(error), "email": email, "name": name}
            return _welcome(request, secret, refused, status=status_of(error))
    return _let_in(request, session, "/")


@router.post("/logout")
def log_out(request: Request, context: CsrfChecked) -> Response:
    """Let somebody go."""
    context.drip.accounts.log_out(request.cookies.get(COOKIE, ""))
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(COOKIE)
    return answer


def _login(request: Request, next_page: str, *, email: str = "", refused: str = "", status: int = 200) -> Response:
    with pool_of(request).acquire() as drip:
        has_users = drip.accounts.has_users()
    values = {"next": next_page, "email": email, "refused": refused, "has_users": has_users}
    return page(request, "login/login.html", values, status=status)


def _welcome(request: Request, secret: str, values: dict[str, str] | None = None, *, status: int = 200) -> Response:
    with pool_of(request).acquire() as drip:
        link = drip.accounts.access_link(secret)
    shown = {"link": link, "refused": "", "email": "", "name": "", **(values or {})}
    return page(request, "login/welcome.html", shown, status=404 if link is None else status)


def _let_in(request: Request, secret: str, next_page: str) -> Response:
    answer = RedirectResponse(ours(next_page), 303)
    is_safe, lasts = is_secure(request), int(SESSION_LASTS.total_seconds())
    answer.set_cookie(COOKIE, secret, max_age=lasts, httponly=True, samesite="lax", secure=is_safe)
    with pool_of(request).acquire() as drip:
        known = drip.accounts.known_browser(secret, request.cookies.get(KNOWN_COOKIE, ""))
    lasts = int(KNOWN_LASTS.total_seconds())
    answer.set_cookie(KNOWN_COOKIE, known, max_age=lasts, httponly=True, samesite="lax", secure=is_safe)
    return answer


def _origin(request: Request) -> str:
    return client_of(None if request.client is None else request.client.host)
