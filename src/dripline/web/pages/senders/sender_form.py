"""The form of a sender: a new one, or one with other limits, and what saving it would change."""

from collections.abc import Mapping
from dataclasses import fields
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request
from starlette.responses import Response

from dripline.core.planning.settings_plan import SettingsPlan
from dripline.core.senders.sender import Pace, Sender
from dripline.errors import DriplineError, InvalidSender
from dripline.web.editor.step_form import text_of
from dripline.web.errors import status_of
from dripline.web.path_segments import InAddress, in_address
from dripline.web.render import back, page
from dripline.web.security.auth import CsrfChecked, CurrentUser, PageContext

router = APIRouter(prefix="/senders")

_LONGEST = 500
"""The longest text that a field takes, in characters."""

OWN_FIELDS = tuple(one.name for kind in (Sender, Pace) for one in fields(kind) if one.name != "pace")
"""The fields of a sender, each a text as somebody writes it."""

_NEW = {"gap": "10s-30s", "burst": "1"}
"""What stands in the form of a new one."""

_COUNTS = {
    "burst": "The messages before each rest",
    "hourly_cap": "The most an hour",
    "daily_cap": "The most a day",
}
"""The fields that are one number, and what they are called."""


async def _given(request: Request) -> Mapping[str, str]:
    posted = await request.form()
    return {name: text for name, text in posted.items() if isinstance(text, str)}


Given = Annotated[Mapping[str, str], Depends(_given)]


def _texts_of(sender: Sender) -> dict[str, str]:
    """Write a sender into the form."""
    texts = {name: text_of(getattr(sender if hasattr(sender, name) else sender.pace, name)) for name in OWN_FIELDS}
    return texts | {"warm_up": ", ".join(map(str, sender.pace.warm_up))}


def _sender_of(texts: Mapping[str, str]) -> Sender:
    """Read the form.

    Raises:
        DriplineError: Something of it cannot be used.
    """
    long = next((name for name, text in texts.items() if len(text) > _LONGEST), None)
    if long is not None:
        raise InvalidSender(f"The field {long} is longer than {_LONGEST} characters: shorten it.")
    own: dict[str, Any] = {one: texts[one].strip() or None for one in OWN_FIELDS}
    own |= {name: _number(called, texts[name]) for name, called in _COUNTS.items()}
    days = [_number("A day of the warm-up", day) or 0 for day in texts["warm_up"].replace(",", " ").split()]
    own |= {"name": texts["name"], "channel": texts["channel"], "warm_up": days}
    own |= {"gap": own["gap"] or "0s", "burst": own["burst"] or 1}
    pace = Pace(**{one.name: own.pop(one.name) for one in fields(Pace)})
    return Sender(**own, pace=pace)


@router.get("/new")
def new(request: Request, context: CurrentUser) -> Response:
    """Ask for a sender."""
    return _form(request, context, {**dict.fromkeys(OWN_FIELDS, ""), **_NEW})


@router.get("/{name}/edit")
def edit(request: Request, context: CurrentUser, name: InAddress) -> Response:
    """Ask for a sender's limits."""
    found = next((state.sender for state in context.drip.senders.all() if state.sender.name == name), None)
    if found is None:
        raise HTTPException(404, f"There is no sender {name}: see the list of senders.")
    return _form(request, context, _texts_of(found), is_new=False)


@router.post("")
def apply_sender(request: Request, context: CsrfChecked, given: Given) -> Response:
    """Add a sender, change one, or only say what that would change."""
    texts = {name: given.get(name, "") for name in OWN_FIELDS}
    is_new = not given.get("known")
    try:
        wanted = _sender_of(texts)
        if given.get("look"):
            return _form(request, context, texts, is_new=is_new, plan=context.drip.senders.plan(wanted))
        planned = context.drip.senders.apply(wanted)
    except DriplineError as error:
        return _form(request, context, texts, is_new=is_new, refused=str(error), status=status_of(error))
    text = (
        f"Changed: {', '.join(planned.changes)}."
        if planned.changes and not is_new
        else f"The sender {wanted.name} is ready."
    )
    return back(f"/senders/{in_address(wanted.name)}", done=text)


def _form(  # noqa: PLR0913  (what stands in it, and what came of it)
    request: Request,
    context: PageContext,
    texts: Mapping[str, str],
    *,
    is_new: bool = True,
    plan: SettingsPlan | None = None,
    refused: str = "",
    status: int = HTTPStatus.OK,
) -> Response:
    values = {
        "sender": texts,
        "is_new": is_new,
        "plan": plan,
        "refused": refused,
        "channels": context.drip.senders.channel_names(),
        "zone": context.drip.workspace.state().workspace.zone,
    }
    return page(request, "senders/form.html", values, context=context, status=status)


def _number(what: str, written: str) -> int | None:
    given = written.strip()
    if given and not (given.isascii() and given.isdecimal() and len(given) <= _DIGITS):
        raise InvalidSender(f"{what} is {given[:40]!r}: write a number, or nothing where there is no limit.")
    return int(given) if given else None


_DIGITS = 9
"""No limit has more digits."""
