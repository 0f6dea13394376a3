"""Who may come in to the dashboard: `dripline invite`, for whoever has the database and nobody to ask."""

from typing import Annotated

import typer

from dripline.cli.options import Db


def invite(
    role: Annotated[str, typer.Option("--role", help="viewer, operator or admin.")] = "admin",
    user: Annotated[str | None, typer.Option("--user", help="The e-mail of a user who wants another password.")] = None,
    db: Db = None,
) -> None:
    """Print a link that lets somebody in to the dashboard, once, within 24 hours: somebody new, or a user.

    Example: dripline invite --role operator --db shop.db
    """
    from dripline.cli.opening import open_existing
    from dripline.cli.serving import outside
    from dripline.errors import InvalidAccess

    with open_existing(db) as drip:
        if user is None:
            secret = drip.invite(role)
        else:
            known = next((one for one in drip.users() if one.email == user.strip().casefold()), None)
            if known is None:
                raise InvalidAccess(f"There is no user {user}: leave --user out to invite somebody new.")
            secret = drip.reset_password(known.id)
    base = outside().url
    if base is None:
        typer.echo(f"Open this behind the dashboard's address, such as http://127.0.0.1:8000: /welcome/{secret}")
    else:
        typer.echo(f"Open this: {base}/welcome/{secret}")
