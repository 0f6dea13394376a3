"""What is answered when something is wrong: a problem document to programs (RFC 9457), a page to people."""

import logging
from contextlib import suppress
from http import HTTPStatus
from urllib.parse import quote, urlsplit

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import compile_path

from dripline.errors import (
    BusyLead,
    ChannelNotConfigured,
    DatabaseProblem,
    DriplineError,
    InvalidInput,
    LoginFailed,
    NoSuchSender,
    NoSuchSequence,
    NoSuchSource,
    NoSuchSubscription,
    NotAllowed,
    TooManyTries,
)
from dripline.web.error_codes import KINDS, Kind, of_error, of_status
from dripline.web.links import ours
from dripline.web.openapi.description import Problem, known_fields, shown
from dripline.web.render import page
from dripline.web.security.auth import COOKIE, ForeignForm, NotLoggedIn, NoToken, UnknownParameter, context_of

_STATUS: dict[type[DriplineError], int] = {
    NotAllowed: 403,
    TooManyTries: 429,
    LoginFailed: 401,
    BusyLead: 409,
    ChannelNotConfigured: 422,
    NoSuchSequence: 404,
    NoSuchSender: 404,
    NoSuchSubscription: 404,
    NoSuchSource: 404,
    InvalidInput: 422,
    DatabaseProblem: 503,
}

_FOREIGN = "This form was not sent by a page of ours, or you have logged in anew since: open the page and try again."
_NO_TOKEN = "Give a token that is good: Authorization: Bearer drip_…"  # noqa: S105  (what to do, no token)

_HEADINGS = {
    400: ("search", "We could not read that"),
    401: ("key", "Log in first"),
    403: ("key", "You cannot do that here"),
    404: ("search", "Nothing is here"),
    405: ("alert", "That cannot be done here"),
    409: ("refresh", "Something changed meanwhile"),
    413: ("alert", "That is too large"),
    422: ("alert", "That could not be done"),
    429: ("clock", "Too many tries"),
    500: ("alert", "Something went wrong on our side"),
    503: ("offline", "The database is away"),
}
"""The icon and the heading of an error page, by the status of the answer."""

_log = logging.getLogger("dripline.web")


def answer_problems(app: FastAPI) -> None:
    """Let an app answer what is wrong in one form."""
    app.add_exception_handler(NotLoggedIn, to_log_in)
    app.add_exception_handler(NoToken, no_token)
    app.add_exception_handler(ForeignForm, _foreign)
    app.add_exception_handler(UnknownParameter, _no_parameter)
    app.add_exception_handler(RequestValidationError, _unreadable)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(DriplineError, known)
    app.add_exception_handler(Exception, _unknown)


def problem(
    request: Request, status: int, detail: str, headers: dict[str, str] | None = None, *, kind: Kind | None = None
) -> Response:
    """Answer a program with a problem document, a person with a page; of the kind of its status unless one is given."""
    if not is_program(request):
        return page(
            request, "layout/error.html", _error_values(request, status, detail), status=status, headers=headers
        )
    written = Problem.of(kind or of_status(status), status, detail).model_dump()
    return JSONResponse(written, status, headers, media_type="application/problem+json")


def _error_values(request: Request, status: int, detail: str) -> dict[str, object]:
    """Return the values of the page about an error."""
    # What a page is asked for by its address is a filter or a name that cannot be read.
    head = 400 if status == HTTPStatus.UNPROCESSABLE_ENTITY and request.method == "GET" else status
    icon_name, title = _HEADINGS.get(head, ("alert", HTTPStatus(status).phrase))
    return {"icon_name": icon_name, "title": title, "detail": detail, "where": _before(request)}


def _before(request: Request) -> str:
    """Return the page of ours from which somebody came; nothing where they came from elsewhere."""
    try:
        came = urlsplit(request.headers.get("referer", ""))
    except ValueError:
        return ""
    is_here = came.netloc == request.url.netloc and came.path != request.url.path
    return ours(f"{came.path}?{came.query}" if came.query else came.path) if is_here else ""


def is_program(request: Request) -> bool:
    """Return whether a program asks: at the API, a provider, or one that hands in a lead as no browser does."""
    path = request.url.path
    if path.startswith("/intake/"):
        return "text/html" not in request.headers.get("accept", "")
    return path.startswith(("/api/", "/hooks/"))


def status_of(error: DriplineError) -> int:
    """Return the status of an error: that of the nearest kind that has one."""
    return next((_STATUS[kind] for kind in type(error).__mro__ if kind in _STATUS), 500)


def known(request: Request, error: Exception) -> Response:
    """Answer an error of ours in its own words."""
    assert isinstance(error, DriplineError)
    status = status_of(error)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        # The route and not the address, which may hold somebody's number.
        _log.error("web.failed path=%s error=%s", getattr(request.scope.get("route"), "path", ""), error)
    return _in_shell(request, status, str(error)) or problem(request, status, str(error), kind=of_error(type(error)))


def _in_shell(request: Request, status: int, detail: str) -> Response | None:
    """Return the error page with the navigation around it; None for programs, strangers and faults of ours."""
    if is_program(request) or status >= HTTPStatus.INTERNAL_SERVER_ERROR or COOKIE not in request.cookies:
        return None
    with suppress(NotLoggedIn, DriplineError), context_of(request) as context:
        return page(
            request, "layout/error.html", _error_values(request, status, detail), context=context, status=status
        )
    return None


def _unknown(request: Request, error: Exception) -> Response:
    del error  # the server logs it with its trace
    return problem(request, 500, "It was logged: try again, or ask who runs this.")


def _unreadable(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    wrong = error.errors()
    # A misspelt field comes before the field that is missing because of it.
    first = next((one for one in wrong if one["type"] == "extra_forbidden"), wrong[0])
    if first["type"] == "extra_forbidden":
        return _no_field(request, first["loc"])
    where = " ".join(str(part) for part in first["loc"])
    return problem(request, 400, f"{where}: {first['msg']}.")


def _no_field(request: Request, where: tuple[str | int, ...]) -> Response:
    known, inside = known_fields(request, where[1:-1]), " ".join(str(part) for part in where[:-1])
    remedy = f"known there are {', '.join(known)}" if known else "none is known there"
    detail = f"There is no field {shown(str(where[-1]))} in the {inside}: {remedy}."
    return problem(request, 400, detail, kind=KINDS["unknown_field"])


def _no_parameter(request: Request, error: Exception) -> Response:
    return problem(request, 400, str(error), kind=KINDS["unknown_parameter"])


def _http(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    headers = dict(error.headers) if error.headers else None
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED and (methods := _methods_at(request)):
        headers = {"allow": ", ".join(methods)}
    detail = "There is nothing here." if error.detail == HTTPStatus.NOT_FOUND.phrase else error.detail
    return _in_shell(request, error.status_code, detail) or problem(request, error.status_code, detail, headers)


def _methods_at(request: Request) -> list[str]:
    """Return what a program can ask of an address, as the API's description has it; nothing if it is not there."""
    described = request.app.openapi()["paths"]
    fitting = [path for path in described if compile_path(path)[0].fullmatch(request.url.path)]
    nearest = min(fitting, key=lambda path: path.count("{"), default=None)
    return [] if nearest is None else sorted(method.upper() for method in described[nearest])


def _foreign(request: Request, error: Exception) -> Response:
    del error
    return problem(request, 403, _FOREIGN, kind=KINDS["foreign_form"])


def no_token(request: Request, error: Exception) -> Response:
    """Tell a program to bring a token."""
    del error
    return problem(request, 401, _NO_TOKEN, {"www-authenticate": "Bearer"})


def to_log_in(request: Request, error: Exception) -> Response:
    """Lead somebody to the log-in, and from there back."""
    del error
    if request.url.path.startswith("/live"):
        return Response(status_code=401)
    path = request.scope["raw_path"].split(b"?", 1)[0].decode("latin-1")
    where = path + (f"?{request.url.query}" if request.url.query else "")
    return RedirectResponse(f"/login?next={quote(where if request.method == 'GET' else '/')}", 303)
