"""Which channels there are: dripline's own, and those that installed packages offer."""

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import SecretStr

from dripline.channels.configuration import ChannelContext, ChannelPackage
from dripline.channels.connection import Connection
from dripline.channels.contract import Channel
from dripline.channels.gowa.settings import GOWA
from dripline.channels.smtp.settings import SMTP
from dripline.channels.telegram.settings import TELEGRAM
from dripline.channels.twilio.settings import TWILIO
from dripline.channels.webhook.settings import WEBHOOK
from dripline.channels.whatsapp.settings import WHATSAPP
from dripline.errors import InvalidSettings

BUILT_IN: tuple[ChannelPackage[Any], ...] = (SMTP, WEBHOOK, WHATSAPP, GOWA, TWILIO, TELEGRAM)
"""Dripline's own packages of channels that are configured."""

CONSOLE = "console"
"""The channel that is there without any settings."""

BUILT_IN_NAMES = frozenset({CONSOLE}.union(*(package.names for package in BUILT_IN)))
"""The names of dripline's own channels: no installed package takes one."""


def make_channels(groups: Mapping[str, object], surroundings: ChannelContext) -> dict[str, Channel]:
    """Return dripline's own channels that are configured, by name. `groups`: what is set, by the names of groups.

    Raises:
        InvalidSettings: What one is given cannot be used.
    """
    return dict(_each(groups, surroundings))


def make_plugin(name: str, given: Mapping[str, SecretStr], surroundings: ChannelContext) -> Channel | None:
    """Return the channel that an installed package offers by a name, made of what is set for it.

    None if no package offers it, and for the names of dripline's own.

    Raises:
        InvalidSettings: It cannot be made of these settings.
    """
    if name in BUILT_IN_NAMES:
        return None
    from dripline.channels.plugins import plugged_in

    return plugged_in(
        name, {key: surroundings.read_secret(f"channels.{name}.{key}", value) for key, value in given.items()}
    )


def connection_of(name: str) -> Connection[Any] | None:
    """Return what the senders of a channel bring that have a credential of their own; None where they cannot."""
    return next((package.connection for package in BUILT_IN if name in package.names), None)


def connectable_names() -> list[str]:
    """Return the channels whose senders may have credentials of their own."""
    return [name for package in BUILT_IN if package.connection is not None for name in package.names]


def _each(groups: Mapping[str, object], surroundings: ChannelContext) -> Iterator[tuple[str, Channel]]:
    for package in BUILT_IN:
        given = groups.get(package.group)
        for name, table in package.tables.items():
            if given is None and surroundings.tables.get(name):
                raise InvalidSettings(table.alone)
        yield from package.channels(given, surroundings).items()
