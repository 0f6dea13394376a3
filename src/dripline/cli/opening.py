"""Opens dripline as the settings and the command line say."""

import json
import sys
from pathlib import Path

from dripline.app import Dripline
from dripline.channels.console import ConsoleChannel
from dripline.cli.channels import configured, links_of, plugins
from dripline.core.posting import Posting
from dripline.core.unsubscribe import UnsubscribeLinks
from dripline.errors import DatabaseUnreachable
from dripline.settings import Settings, WebSettings, read_secret
from dripline.store.connect import check_written


def open_dripline(db: str | None, *, console: ConsoleChannel | None = None) -> Dripline:
    """Open the database that is named, else the one of the settings, with every channel that is configured.

    The channel of a plug-in is looked for once a sequence or a sender names it.

    `console`: the console channel, where a command needs to know what becomes of it.
    """
    settings = Settings.load()
    channels = {"console": console or ConsoleChannel(), **configured(settings)}
    return Dripline(
        db or settings.database(),
        channels=channels,
        find=plugins(settings),
        region=settings.region,
        posting=posting(settings.web),
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
    """Open a database that must be there already, for commands that only look.

    Raises:
        DatabaseUnreachable: There is no such file.
    """
    named = db or Settings.load().database()
    check_written(named)
    path = named.removeprefix("sqlite:///")
    if "://" not in path and not Path(path).is_file():
        raise DatabaseUnreachable(
            f"There is no database {path}: name the right one with --db, or make it with dripline apply or import."
        )
    return open_dripline(named)


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
