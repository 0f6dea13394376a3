"""Opens dripline as the settings and the command line say."""

import json
import sys

from dripline.app import Dripline
from dripline.channels.console import ConsoleChannel
from dripline.cli.channels import configured, links_of, plugins
from dripline.core.posting import Posting
from dripline.core.unsubscribe import UnsubscribeLinks
from dripline.errors import InvalidSettings
from dripline.settings import Settings, WebSettings, read_secret
from dripline.store.connect import IN_MEMORY, sqlite_path


def open_dripline(db: str | None, *, create: bool = True, console: ConsoleChannel | None = None) -> Dripline:
    """Open the database that is named, else the one of the settings, with every channel that is configured.

    A database is made where there is none, if `create` says so. The channel of a plug-in is looked for once a sequence
    or a sender names it.

    `console`: the console channel, where a command needs to know what becomes of it.

    Raises:
        DatabaseMissing: There is no database, and none is made.
        InvalidSettings: What is named is no database that would be there after this command.
    """
    settings = Settings.load()
    named = settings.database() if db is None else db
    if sqlite_path(named) == IN_MEMORY:
        raise InvalidSettings(f"{named} is in memory, and gone when this command ends: name a file, or a PostgreSQL.")
    channels = {"console": console or ConsoleChannel(), **configured(settings)}
    return Dripline(
        named,
        channels=channels,
        find=plugins(settings),
        region=settings.region,
        posting=posting(settings.web),
        create=create,
    )


def posting(web: WebSettings | None) -> Posting | None:
    """Return what events are told with, if that is configured.

    Raises:
        InvalidSettings: The secret is too short.
    """
    if web is None:
        return None
    return Posting(read_secret("web.secret", web.secret), allow_private_targets=web.allow_private_targets)


def open_existing(db: str | None) -> Dripline:
    """Open a database that must be there already, for commands that make none.

    Raises:
        DatabaseMissing: There is no database.
    """
    return open_dripline(db, create=False)


def unsubscribe_links() -> UnsubscribeLinks | None:
    """Return what makes and reads unsubscribe links, if that is configured.

    Raises:
        InvalidSettings: The secret is missing or too short.
    """
    smtp = Settings.load().smtp
    return None if smtp is None else links_of(smtp)


def print_json(value: object) -> None:
    """Print a value for programs; instants as ISO 8601."""
    json.dump(value, sys.stdout, default=str, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")
