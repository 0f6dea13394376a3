"""Who may come in to the dashboard: `dripline invite` and `dripline users`, for whoever has the database."""

from dataclasses import asdict
from typing import Annotated

import typer

from dripline.app import Dripline
from dripline.cli.support.command_groups import is_for_a_command
from dripline.cli.support.options import Db, Json
from dripline.core.accounts.access import Belongings, Invitation, User
from dripline.core.text import counted
from dripline.errors import InvalidAccess

users = typer.Typer(help="Users and open invitation links.", rich_markup_mode=None)

Email = Annotated[str, typer.Argument(metavar="EMAIL", help="The user's e-mail address.")]


def invite(
    role: Annotated[str, typer.Option("--role", help="viewer, operator or admin.")] = "admin",
    user: Annotated[str | None, typer.Option("--user", help="The e-mail of a user who needs a new password.")] = None,
    db: Db = None,
) -> None:
    """Print a link to the dashboard that works once, within 24 hours: for a new user, or to set a new password.

    Example: dripline invite --role operator --db shop.db
    """
    from dripline.cli.support.outside import outside
    from dripline.cli.support.session import open_existing

    with open_existing(db) as drip:
        if user is None:
            secret = drip.accounts.invite(role)
        else:
            secret = drip.accounts.reset_password(_user(drip, user, "leave --user out to invite a new user").id)
    base = outside().url
    if base is None:
        typer.echo(f"Open this behind the dashboard's address, such as http://127.0.0.1:8000: /welcome/{secret}")
    else:
        typer.echo(f"Open this: {base}/welcome/{secret}")


@users.callback(invoke_without_command=True)
def show_all(context: typer.Context, db: Db = None, as_json: Json = False) -> None:
    """List users and open invitation links.

    Example: dripline users --db shop.db
    """
    if is_for_a_command(context):
        return
    from dripline.cli.support.session import open_existing, print_json

    with open_existing(db) as drip:
        known, links = drip.accounts.users(), drip.accounts.invitations()
    if as_json:
        print_json({"users": [asdict(one) for one in known], "invitations": [asdict(one) for one in links]})
        return
    for user in known:
        typer.echo(f"{user.email}  {user.role}{'  disabled' if user.disabled_at else ''}")
    for one in links:
        typer.echo(f"link {one.id}: {_link(one)}")


@users.command()
def disable(
    email: Email,
    yes: Annotated[bool, typer.Option("--yes", help="Do it; without this, only print what would be revoked.")] = False,
    db: Db = None,
) -> None:
    """Disable a user. Prints first which of their tokens, links and sessions are revoked as well.

    Example: dripline users disable aina@shop.example --yes
    """
    from dripline.cli.support.session import open_existing

    with open_existing(db) as drip:
        user = _user(drip, email)
        if not yes:
            _say(drip.accounts.plan_change_user(user.id, role=user.role, is_disabled=True), "would be revoked")
            typer.echo("Nothing was changed: add --yes to disable the user.")
            return
        change = drip.accounts.change_user(user.id, role=user.role, is_disabled=True)
        _say(change.revoked, "revoked")
    typer.echo(f"{change.user.email} is disabled.")


@users.command()
def enable(email: Email, db: Db = None) -> None:
    """Enable a user again; what was revoked stays revoked.

    Example: dripline users enable aina@shop.example
    """
    from dripline.cli.support.session import open_existing

    with open_existing(db) as drip:
        user = _user(drip, email)
        drip.accounts.change_user(user.id, role=user.role, is_disabled=False)
    typer.echo(f"{user.email} is enabled.")


@users.command()
def revoke(
    link: Annotated[str, typer.Argument(metavar="LINK", help="The id of a link, as dripline users shows it.")],
    db: Db = None,
) -> None:
    """Revoke an invitation link that has not been used.

    Example: dripline users revoke 5f0c2a9e8d7b6c41
    """
    from dripline.cli.support.session import open_existing

    with open_existing(db) as drip:
        is_revoked = drip.accounts.revoke_invitation(link)
    typer.echo("The link is revoked." if is_revoked else "There is no such link: it was used or has expired.")
    if not is_revoked:
        raise typer.Exit(1)


def _user(drip: Dripline, email: str, remedy: str = "see dripline users") -> User:
    known = next((one for one in drip.accounts.users() if one.email == email.strip().casefold()), None)
    if known is None:
        raise InvalidAccess(f"There is no user {email}: {remedy}.")
    return known


def _say(lost: Belongings, what: str) -> None:
    for token in lost.tokens:
        typer.echo(f"{what}: the token {token.name} ({token.prefix}…), which may {', '.join(sorted(token.scopes))}")
    for one in lost.invitations:
        typer.echo(f"{what}: the link {one.id}, {_link(one)}")
    if lost.sessions:
        typer.echo(f"{what}: {counted(lost.sessions, 'session')}")


def _link(one: Invitation) -> str:
    whom = f"a new password for {one.email}" if one.email else f"a new user as {one.role}"
    return f"{whom}, made by {one.created_by or 'an unknown user'}, until {one.expires_at:%Y-%m-%d %H:%M} UTC"
