"""Opens dripline as the settings and the command line say."""

import json
import sys

from pydantic import SecretStr

from dripline.app import Dripline
from dripline.channels.console import ConsoleChannel
from dripline.channels.smtp.settings import SmtpSettings, links_of
from dripline.cli.channels import finder
from dripline.config.channels import configured_channels, configured_credentials, surroundings_of
from dripline.config.secret_references import read_secret
from dripline.config.settings import Settings, WebSettings
from dripline.core.database_url import IN_MEMORY, sqlite_path
from dripline.core.events.posting import EventSigning
from dripline.core.messages.unsubscribe_links import UnsubscribeLinks
from dripline.errors import DatabaseMissing, DatabaseTooOld, InvalidSettings


def open_dripline(
    db: str | None, *, create: bool = True, migrate: bool = False, console: ConsoleChannel | None = None
) -> Dripline:
    """Open the database that is named, else the one of the settings, for a command that has the option --migrate.

    A database is made where there is none, if `create` says so, and one of an older version is migrated if `migrate`
    does.

    Raises:
        DatabaseMissing: There is no database, and none is made.
        DatabaseTooOld: An older version made it, and nobody asked for a migration.
        InvalidSettings: What is named is no database that would be there after this command.
    """
    settings = Settings.load()
    named = named_database(db, settings)
    try:
        return _opened(named, settings, create=create, migrate=migrate, console=console)
    except DatabaseTooOld as old:
        raise DatabaseTooOld(f"{str(old).removesuffix('.')}, or with --migrate on this command.") from None


def open_existing(db: str | None) -> Dripline:
    """Open a database that must be there already, and of this version, for commands that make and migrate none.

    Raises:
        DatabaseMissing: There is no database.
        DatabaseTooOld: An older version made it.
    """
    settings = Settings.load()
    return _opened(named_database(db, settings), settings)


def open_to_plan(db: str | None) -> Dripline:
    """Open a database for a plan that changes nothing; where there is none, an empty one that is gone at the end.

    Raises:
        DatabaseTooOld: An older version made it.
    """
    try:
        return open_existing(db)
    except DatabaseMissing:
        return _opened(IN_MEMORY, Settings.load(), create=True)


def _opened(
    named: str,
    settings: Settings,
    *,
    create: bool = False,
    migrate: bool = False,
    console: ConsoleChannel | None = None,
) -> Dripline:
    """Open a database with every channel that is configured, and every plug-in's that is named later.

    `console`: the console channel, where a command needs to know what becomes of it.
    """
    return Dripline(
        named,
        channels={"console": console or ConsoleChannel(), **configured_channels(settings)},
        find=finder(settings),
        region=settings.region,
        posting=posting(settings.web),
        credentials=configured_credentials(settings),
        direct=_beside(named, settings, "db_direct", settings.db_direct),
        replica=_beside(named, settings, "db_replica", settings.db_replica),
        create=create,
        migrate=migrate,
    )


def _beside(named: str, settings: Settings, setting: str, given: SecretStr | None) -> str | None:
    """Return another way to the database of the settings; it says nothing of any other database."""
    return None if given is None or named != settings.database() else read_secret(setting, given)


def named_database(db: str | None, settings: Settings | None = None) -> str:
    """Return the database that is named, else the one of the settings.

    Raises:
        InvalidSettings: It is none that would be there after this command.
    """
    named = (settings or Settings.load()).database() if db is None else db
    if sqlite_path(named) == IN_MEMORY:
        raise InvalidSettings(f"{named} is in memory, and gone when this command ends: name a file, or a PostgreSQL.")
    return named


def posting(web: WebSettings | None) -> EventSigning | None:
    """Return what events are told with, if that is configured.

    Raises:
        InvalidSettings: The secret is too short.
    """
    if web is None or web.secret is None:
        return None
    return EventSigning(read_secret("web.secret", web.secret), allow_private_targets=web.allow_private_targets)


def unsubscribe_links() -> UnsubscribeLinks | None:
    """Return what makes and reads unsubscribe links, if that is configured.

    Raises:
        InvalidSettings: The secret is missing or too short.
    """
    settings = Settings.load()
    smtp = settings.group(SmtpSettings)
    return None if smtp is None else links_of(smtp, surroundings_of(settings))


def print_json(value: object) -> None:
    """Print a value for programs; instants as ISO 8601."""
    json.dump(value, sys.stdout, default=str, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")
