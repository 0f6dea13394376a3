"""Events: `dripline events`, who is told what happens, and how far that is."""

from dataclasses import asdict
from typing import Annotated

import typer

from dripline.cli.support.command_groups import is_for_a_command
from dripline.cli.support.options import Db, Json
from dripline.core.events.event import EventDelivery, EventSubscription, Subscribed

events = typer.Typer(help="Events: which programs are told what happens, by signed posts.", rich_markup_mode=None)

Subscription = Annotated[
    int, typer.Argument(metavar="SUBSCRIPTION", help="The subscription's id, as dripline events lists it.")
]
Types = Annotated[
    list[str] | None,
    typer.Option("--type", metavar="TYPE", help="A type of event, such as record.completed; as often as you like."),
]


@events.callback(invoke_without_command=True)
def show_all(context: typer.Context, db: Db = None, as_json: Json = False) -> None:
    """List who is told what happens.

    Example: dripline events --db shop.db
    """
    if is_for_a_command(context):
        return
    from rich.console import Console
    from rich.table import Column, Table

    from dripline.cli.support.session import open_existing, print_json

    with open_existing(db) as drip:
        subscriptions = drip.events.subscriptions()
    if as_json:
        print_json([asdict(one) for one in subscriptions])
        return
    if not subscriptions:
        typer.echo("There are no subscriptions: dripline events subscribe URL --type record.completed")
        return
    table = Table(Column("subscription", no_wrap=True), "url", "types", "waiting", "stands")
    for one in subscriptions:
        table.add_row(str(one.id), one.url, " ".join(one.types), str(one.waiting), _stands(one))
    Console(highlight=False, markup=False).print(table)


@events.command()
def subscribe(
    url: Annotated[str, typer.Argument(metavar="URL", help="Where events are posted to.")],
    types: Types = None,
    with_text: Annotated[
        bool, typer.Option("--with-text", help="Tell it what leads write, too, with message.received.")
    ] = False,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """Have a program told of events of some types, and show the secret that signs them, this once.

    Example: dripline events subscribe https://crm.example.com/drip --type record.completed --type lead.replied
    """
    from dripline.cli.support.session import open_existing

    with open_existing(db) as drip:
        made = drip.events.subscribe(url, types or [], with_text=with_text)
    _show_secret(made, as_json=as_json)


@events.command()
def change(
    subscription: Subscription,
    url: Annotated[str | None, typer.Option("--url", help="Where events are posted to from now on.")] = None,
    types: Types = None,
    pause: Annotated[
        bool | None, typer.Option("--pause/--resume", help="Tell it nothing for now, or go on telling it.")
    ] = None,
    with_text: Annotated[
        bool | None, typer.Option("--with-text/--without-text", help="Whether it is told what leads write.")
    ] = None,
    db: Db = None,
) -> None:
    """Change where a subscription is told what happens, of what, or whether.

    Example: dripline events change 2751297463 --type lead.replied --resume
    """
    from dripline.cli.support.session import open_existing

    with open_existing(db) as drip:
        changed = drip.events.change(subscription, url=url, types=types or None, paused=pause, with_text=with_text)
    typer.echo(f"Subscription {changed.id} gets {' '.join(changed.types)} and is {_stands(changed)}.")


@events.command()
def rotate(subscription: Subscription, db: Db = None, as_json: Json = False) -> None:
    """Give a subscription a new secret, and show it, this once; for a day the old one signs too.

    Example: dripline events rotate 2751297463
    """
    from dripline.cli.support.session import open_existing

    with open_existing(db) as drip:
        rotated = drip.events.rotate(subscription)
    _show_secret(rotated, as_json=as_json)


@events.command()
def end(subscription: Subscription, db: Db = None) -> None:
    """Tell a subscription nothing more, for good.

    Example: dripline events end 2751297463
    """
    from dripline.cli.support.session import open_existing

    with open_existing(db) as drip:
        ended = drip.events.end(subscription)
    _tell(f"{subscription} is told nothing more.", f"There is no subscription {subscription}.", done=ended)


@events.command("test")
def ping(subscription: Subscription, db: Db = None, as_json: Json = False) -> None:
    """Post a ping to a subscription now, and say what it answered.

    Example: dripline events test 2751297463
    """
    import asyncio

    from dripline.cli.support.session import open_existing, print_json

    with open_existing(db) as drip:
        delivery = asyncio.run(drip.events.send_ping(subscription))
    if as_json:
        print_json({**asdict(delivery), "webhook_id": delivery.webhook_id})
    else:
        typer.echo(delivery.error or f"The receiver answered {delivery.status_code}.", err=delivery.error is not None)
    if delivery.error is not None:
        raise typer.Exit(1)


@events.command()
def deliveries(
    subscription: Annotated[int | None, typer.Option("--subscription", help="Of this one alone.")] = None,
    state: Annotated[str | None, typer.Option("--state", help="waiting, delivered or given_up.")] = None,
    after: Annotated[int | None, typer.Option("--after", help="Those behind this id in the list.")] = None,
    most: Annotated[int, typer.Option("--most", min=1, max=1_000, help="How many.")] = 50,
    db: Db = None,
    as_json: Json = False,
) -> None:
    """List events that are on their way, and those of the last 30 days, the latest first.

    Example: dripline events deliveries --state given_up
    """
    from rich.console import Console
    from rich.table import Column, Table

    from dripline.cli.support.session import open_existing, print_json

    with open_existing(db) as drip:
        found = drip.events.deliveries(subscription, state=state, after=after, most=most)
    if as_json:
        print_json([{**asdict(one), "webhook_id": one.webhook_id} for one in found])
        return
    table = Table(
        Column("delivery", no_wrap=True), Column("subscription", no_wrap=True), "type", "happened", "tries", "stands"
    )
    for one in found:
        cells = [str(one.id), str(one.subscription_id), one.type, f"{one.happened_at:%Y-%m-%d %H:%M:%S} UTC"]
        table.add_row(*cells, str(one.tries), _how_far(one))
    Console(highlight=False, markup=False).print(table)


@events.command()
def redeliver(
    delivery: Annotated[int, typer.Argument(metavar="DELIVERY", help="Its id, as dripline events deliveries has it.")],
    db: Db = None,
) -> None:
    """Have an event told again that was delivered or given up, under the id that it had.

    Example: dripline events redeliver 4411137013242547
    """
    from dripline.cli.support.session import open_existing

    with open_existing(db) as drip:
        due = drip.events.redeliver(delivery)
    _tell(f"{delivery} is told again.", f"{delivery} waits to be told already, or is not there.", done=due)


def _show_secret(made: Subscribed, *, as_json: bool) -> None:
    from dripline.cli.support.session import print_json

    if as_json:
        print_json({**asdict(made.subscription), "secret": made.secret})
        return
    typer.echo(f"Subscription {made.subscription.id}. Its secret, which is not shown again:")
    typer.echo(made.secret)


def _stands(one: EventSubscription) -> str:
    stands = f"{one.status}: {one.reason}" if one.reason else str(one.status)
    return stands if one.failing_since is None else f"{stands}; fails since {one.failing_since:%Y-%m-%d %H:%M} UTC"


def _how_far(one: EventDelivery) -> str:
    if one.next_at is not None:
        text = f"next at {one.next_at:%Y-%m-%d %H:%M:%S} UTC"
        return f"{one.state}, {text}" + (f": {one.error}" if one.error else "")
    return f"{one.state}: {one.error}" if one.error else str(one.state)


def _tell(deed: str, otherwise: str, *, done: bool) -> None:
    typer.echo(deed if done else otherwise, err=not done)
    if not done:
        raise typer.Exit(1)
