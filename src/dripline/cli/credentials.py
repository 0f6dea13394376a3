"""Credentials of senders as a whole: `dripline credentials`."""

from dataclasses import asdict

import typer

from dripline.cli.support.command_groups import is_for_a_command
from dripline.cli.support.options import Db, Json
from dripline.core.text import counted

credentials = typer.Typer(help="Credentials of senders, and the key that encrypts them.", rich_markup_mode=None)


@credentials.callback(invoke_without_command=True)
def show_all(context: typer.Context, db: Db = None, as_json: Json = False) -> None:
    """List the senders that have a credential of their own, and what is wrong with one.

    Example: dripline credentials
    """
    if is_for_a_command(context):
        return
    from dripline.cli.connecting import said
    from dripline.cli.support.session import open_existing, print_json

    with open_existing(db) as drip:
        found = drip.senders.credentials()
    if as_json:
        print_json([asdict(one) for one in found])
        return
    for one in found:
        typer.echo(said(one))
    if not found:
        typer.echo("No sender has a credential of its own: dripline senders connect NAME gives it one.")


@credentials.command()
def rotate(db: Db = None, as_json: Json = False) -> None:
    """Encrypt every credential with a new key, while everything goes on; what the old one encrypted is read until then.

    Beside a SQLite database the new key is made, and the old one deleted. Where the key is set (credentials.key),
    write the new one before the old one there, restart the processors, and then do this. Exits 1 if one cannot be read.

    Example: dripline credentials rotate
    """
    from dripline.cli.support.session import open_existing, print_json

    with open_existing(db) as drip:
        done = drip.senders.rotate_credentials()
    if as_json:
        print_json(asdict(done))
    else:
        typer.echo(f"{counted(done.changed, 'credential')} encrypted with the key {done.key_id}.")
        for name in done.unreadable:
            typer.echo(f"The one of {name} cannot be read: put its key back, or connect it again.", err=True)
    if done.unreadable:
        raise typer.Exit(1)
