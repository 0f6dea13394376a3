"""Credentials of senders: `dripline senders connect` and what belongs to it. No secret is an argument, nor printed."""

import sys
from dataclasses import asdict
from typing import Annotated

import typer

from dripline.app import Dripline
from dripline.cli.support.options import Db, Json
from dripline.core.secret import is_reference
from dripline.core.senders.credential import ConnectableChannel, Credential, FactState, SenderWebhook
from dripline.errors import InvalidCredential

Name = Annotated[str, typer.Argument(metavar="NAME", help="The sender's name.")]

Secrets = Annotated[
    list[str] | None,
    typer.Option(
        "--secret",
        metavar="FIELD[=REFERENCE]",
        help="A secret field: asked for, or read from standard input, a line each; or env:NAME, file:PATH, keyring:….",
    ),
]


def connect(
    name: Name,
    channel: Annotated[str, typer.Option("--channel", help="The channel; needed for a new sender.")] = "",
    account: Annotated[str | None, typer.Option("--account", help="What its provider calls it.")] = None,
    pool: Annotated[str | None, typer.Option("--pool", help="The pool that it belongs to.")] = None,
    fields: Annotated[
        list[str] | None, typer.Option("--set", metavar="FIELD=VALUE", help="A field that is no secret.")
    ] = None,
    secrets: Secrets = None,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Give a sender a credential of its own, or replace it; its limits and its leads stay.

    Secrets that are needed and not named are asked for too. What is a reference stays one; anything else is encrypted
    in the database.

    Example: dripline senders connect jb-1 --channel whatsapp --account 106540352242922 --secret token=env:JB1_TOKEN
    """
    from dripline.cli.support.session import open_existing, print_json

    with open_existing(db) as drip:
        wanted = _described(drip, channel or _channel_of(drip, name))
        given = _plain(wanted, fields or []) | _secrets(wanted, secrets or [])
        made = drip.senders.connect(name, wanted.name, given, account=account, pool=pool)
        webhook = drip.senders.webhook(name) if wanted.has_webhook else None
    if as_json:
        print_json(asdict(made))
        return
    typer.echo(f"{name} is connected.")
    if webhook is not None:
        _say_webhook(webhook)


def disconnect(name: Name, db: Db = None) -> None:
    """Delete a sender's own credential; it goes by the settings from then on, or by nothing.

    Example: dripline senders disconnect jb-1
    """
    from dripline.cli.support.session import open_existing

    with open_existing(db) as drip:
        was_there = drip.senders.disconnect(name)
    typer.echo(f"The credential of {name} is deleted." if was_there else f"{name} has no credential of its own.")


def check(name: Name, db: Db = None, as_json: Json = False) -> None:
    """Ask a sender's provider whether its login, its account and its webhook are right.

    Exits 1 if one of them is not.

    Example: dripline senders check jb-1
    """
    import asyncio

    from dripline.cli.support.session import open_existing, print_json

    with open_existing(db) as drip:
        facts = asyncio.run(drip.senders.check_credential(name))
    if as_json:
        print_json([asdict(fact) for fact in facts])
    else:
        for fact in facts:
            typer.echo(f"{fact.code:<10} {fact.state:<8} {fact.text}")
    if any(fact.state is FactState.FAILS for fact in facts):
        raise typer.Exit(1)


def webhook(name: Name, db: Db = None, as_json: Json = False) -> None:
    """Show the address that a sender's provider posts to, and when it last did.

    Example: dripline senders webhook jb-1
    """
    from dripline.cli.support.session import open_existing, print_json

    with open_existing(db) as drip:
        found = drip.senders.webhook(name)
    if as_json:
        print_json({"path": found.path, "url": found.url, "called_at": found.called_at})
        return
    _say_webhook(found)


def fields(
    channel: Annotated[str, typer.Argument(metavar="CHANNEL", help="The channel.")],
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Show what a sender of a channel is connected with, and where each field is found.

    Example: dripline senders fields whatsapp
    """
    from dripline.cli.support.session import open_existing, print_json

    with open_existing(db) as drip:
        wanted = _described(drip, channel)
    if as_json:
        print_json(asdict(wanted))
        return
    for field in (*filter(None, (wanted.account,)), *wanted.fields):
        kind = "secret" if field.is_secret else "--account" if field is wanted.account else "--set"
        need = "needed" if field.is_required else "made for you" if field.is_generated else "optional"
        typer.echo(f"{field.name} ({kind}, {need}): {field.title}; {field.description}. {field.where}".rstrip(" ."))


def _channel_of(drip: Dripline, name: str) -> str:
    found = next((state.sender.channel for state in drip.senders.all() if state.sender.name == name), None)
    if found is None:
        raise InvalidCredential(f"There is no sender {name!r} yet: say which --channel it goes through.")
    return found


def _described(drip: Dripline, channel: str) -> ConnectableChannel:
    known = {one.name: one for one in drip.senders.connectable_channels()}
    if channel not in known:
        raise InvalidCredential(
            f"The senders of {channel!r} have no credentials of their own: use one of {', '.join(sorted(known))}."
        )
    return known[channel]


def _plain(wanted: ConnectableChannel, written: list[str]) -> dict[str, str]:
    """Return what --set gives; a secret there would stay in the history of the shell."""
    given = dict[str, str]()
    secret = {field.name for field in wanted.fields if field.is_secret}
    for one in written:
        name, is_set, value = one.partition("=")
        if name in secret:
            raise InvalidCredential(f"The field {name!r} is a secret: write --secret {name}, and it is asked for.")
        if not is_set:
            raise InvalidCredential("Write --set FIELD=VALUE.")
        given[name] = value
    return given


def _secrets(wanted: ConnectableChannel, written: list[str]) -> dict[str, str]:
    """Return the secrets: references as they are written, and everything else as it is asked for."""
    given, asked = dict[str, str](), list[str]()
    known = {field.name: field for field in wanted.fields if field.is_secret}
    for one in written:
        name, is_set, value = one.partition("=")
        if name not in known:
            raise InvalidCredential(f"A sender of {wanted.name!r} has the secrets {', '.join(known)}, and no other.")
        if is_set and not is_reference(value):
            raise InvalidCredential(
                f"What stands behind {name}= is kept by your shell: write --secret {name} and it is asked for, or say "
                "where it is: env:NAME, file:PATH or keyring:SERVICE/USER."
            )
        if is_set:
            given[name] = value
        else:
            asked.append(name)
    asked += [name for name, field in known.items() if field.is_required and name not in (*given, *asked)]
    return given | {name: _asked(name, known[name].title) for name in asked}


def _asked(name: str, title: str) -> str:
    if sys.stdin.isatty():
        return str(typer.prompt(title, hide_input=True, err=True))
    line = sys.stdin.readline().rstrip("\r\n")
    if not line:
        raise InvalidCredential(f"The secret {name!r} is read from standard input, and there is no line for it.")
    return line


def _say_webhook(webhook: SenderWebhook) -> None:
    where = webhook.url or f"{webhook.path}, behind the address that the world reaches you at (web.url)"
    typer.echo(f"Its provider is to post to {where}")
    for name, value in webhook.secrets.items():
        typer.echo(f"{name}: {value}")
    called = "no call yet" if webhook.called_at is None else f"last call {webhook.called_at:%Y-%m-%d %H:%M} UTC"
    typer.echo(called)


def said(one: Credential) -> str:
    """Return one line about a credential."""
    how = one.problem or f"set {one.set_at:%Y-%m-%d} by {one.set_by}"
    return f"{one.sender}  {one.channel}  {one.account or ''}  key {one.key_id}  {how}"
