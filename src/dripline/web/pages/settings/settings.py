"""Settings: what holds for everything, who may come in, by what programs call, and who changed what."""

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request
from starlette.responses import Response

from dripline.core.accounts.access import Role, Scope
from dripline.core.text import counted
from dripline.core.workspace import Workspace
from dripline.errors import DriplineError
from dripline.web.render import back, page
from dripline.web.security.auth import CsrfChecked, CurrentUser, PageContext
from dripline.web.security.reverse_proxy import base_of

Posted = Annotated[str, Form(max_length=2_000)]

LONGEST_DAYS = 3_650
"""The most days that a token is good for; without any it is good until it is revoked."""

router = APIRouter(prefix="/settings")


@router.get("")
def settings(request: Request, context: CurrentUser) -> Response:
    """Show the settings; users, tokens and the log to those who may see them."""
    return _settings(request, context)


@router.post("/workspace")
def apply_workspace(  # noqa: PLR0913, PLR0917  (a form has as many fields)
    context: CsrfChecked,
    zone: Posted,
    min_gap: Posted = "0s",
    daily_cap: Posted = "",
    stop_words: Posted = "",
    keep: Posted = "",
    keep_messages: Posted = "",
) -> Response:
    """Change what holds for every sequence."""
    try:
        words = tuple(word.strip() for word in stop_words.split(",") if word.strip())
        cap = int(daily_cap) if daily_cap.strip().isdecimal() else None
        wanted = Workspace(
            zone=zone.strip(),
            min_gap=min_gap.strip() or "0s",
            daily_cap=cap,
            stop_words=words,
            keep=keep.strip() or None,
            keep_messages=keep_messages.strip() or None,
        )
        context.drip.workspace.apply(wanted)
    except DriplineError as error:
        return back("/settings", refused=str(error))
    return back("/settings", done="Saved: it holds for everything not yet sent.")


@router.post("/users")
def invite(request: Request, context: CsrfChecked, role: Posted) -> Response:
    """Make a link for somebody new, shown once."""
    secret = context.drip.accounts.invite(role)
    return _settings(request, context, link=f"{base_of(request)}welcome/{secret}", role=role)


@router.post("/users/{user_id}")
def change_user(
    request: Request, context: CsrfChecked, user_id: int, role: Posted, disabled: Posted = "", sure: Posted = ""
) -> Response:
    """Give a user another role, keep them out or let them in again; asks first where that revokes what is theirs."""
    wanted = {"role": role, "is_disabled": bool(disabled)}
    try:
        lost = context.drip.accounts.plan_change_user(user_id, role=role, is_disabled=bool(disabled))
        if lost and not sure:
            user = next(one for one in context.drip.accounts.users() if one.id == user_id)
            asked = {"user": user, "lost": lost, "wanted": wanted, "now": context.drip.now()}
            return page(request, "settings/change_user.html", asked, context=context)
        changed = context.drip.accounts.change_user(user_id, role=role, is_disabled=bool(disabled))
    except DriplineError as error:
        return back("/settings", refused=str(error))
    user, revoked = changed.user, changed.revoked
    text = f"{user.email}: {'disabled' if user.disabled_at else user.role}."
    if revoked:
        text += (
            f" Revoked: {counted(len(revoked.tokens), 'token')}, {counted(len(revoked.invitations), 'link')}, "
            f"{counted(revoked.sessions, 'session')}."
        )
    return back("/settings", done=text)


@router.post("/invitations/{invitation_id}/revoke")
def revoke_invitation(context: CsrfChecked, invitation_id: str) -> Response:
    """Take back a link that nobody has used."""
    if not context.drip.accounts.revoke_invitation(invitation_id):
        return back("/settings", refused="This link was used already or is over.")
    return back("/settings", done="The link no longer works.")


@router.post("/users/{user_id}/reset")
def reset(request: Request, context: CsrfChecked, user_id: int) -> Response:
    """Make a link by which a user gives themselves another password, shown once."""
    secret = context.drip.accounts.reset_password(user_id)
    return _settings(request, context, link=f"{base_of(request)}welcome/{secret}", role="another password")


@router.post("/tokens")
def create_token(
    request: Request,
    context: CsrfChecked,
    name: Posted,
    scopes: Annotated[list[str] | None, Form()] = None,
    days: Posted = "90",
) -> Response:
    """Make a token, shown once."""
    lasts = timedelta(days=min(int(days), LONGEST_DAYS)) if days.strip().isdecimal() else None
    try:
        expires_at = None if lasts is None else context.drip.now() + lasts
        _, secret = context.drip.accounts.create_token(name, scopes=scopes or [], expires_at=expires_at)
    except DriplineError as error:
        return back("/settings", refused=str(error))
    return _settings(request, context, token=secret)


@router.post("/tokens/{token_id}/revoke")
def revoke_token(context: CsrfChecked, token_id: int) -> Response:
    """Keep a token from letting anybody in."""
    context.drip.accounts.revoke_token(token_id)
    return back("/settings", done="The token no longer works.")


def _settings(request: Request, context: PageContext, **once: str) -> Response:
    drip, is_admin = context.drip, context.may("admin")
    values = {
        "workspace": drip.workspace.state().workspace,
        "users": drip.accounts.users() if is_admin else [],
        "invitations": drip.accounts.invitations() if is_admin else [],
        "tokens": drip.accounts.tokens() if is_admin else [],
        "deeds": drip.accounts.audit() if is_admin else [],
        "roles": list(Role),
        "scopes": list(Scope),
        "once": {"link": None, "role": None, "token": None, **once},
        "now": drip.now(),
    }
    return page(request, "settings/settings.html", values, context=context)
