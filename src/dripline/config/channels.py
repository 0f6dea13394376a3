"""The channels that the settings configure, for the command line as for a program of one's own."""

from functools import partial

from dripline.app.credentials.settings import CredentialSettings
from dripline.channels.configuration import ChannelContext
from dripline.channels.contract import Channel, FindChannel
from dripline.channels.registry import make_channels, make_plugin
from dripline.config.secret_references import read_secret, read_senders_secret
from dripline.config.settings import Settings
from dripline.engine.clock import Clock, SystemClock


def configured_channels(settings: Settings | None = None, *, clock: Clock | None = None) -> dict[str, Channel]:
    """Return every channel of dripline's own that is configured, by name: for `Dripline(url, channels=…)`.

    `settings`: those of the environment and of ``dripline.toml``, unless given.

    Raises:
        InvalidSettings: A setting cannot be used.
    """
    given = settings or Settings.load()
    return make_channels(given.groups(), surroundings_of(given, clock))


def plugin_finder(settings: Settings | None = None, *, clock: Clock | None = None) -> FindChannel:
    """Return what finds the channel of an installed package by its name, made of what is set: for `Dripline(find=…)`.

    Raises:
        InvalidSettings: A setting cannot be used.
    """
    given = settings or Settings.load()
    surroundings = surroundings_of(given, clock)

    def find(name: str) -> Channel | None:
        return make_plugin(name, given.channels.get(name, {}), surroundings)

    return find


def configured_credentials(settings: Settings | None = None) -> CredentialSettings:
    """Return how the credentials of senders are kept, and what their channels are made with: for `Dripline(url, …)`.

    `settings`: those of the environment and of ``dripline.toml``, unless given. A reference is read when it is needed.

    Raises:
        InvalidSettings: A setting cannot be used.
    """
    given = settings or Settings.load()
    own, web = given.credentials, given.web
    return CredentialSettings(
        read_key=None if own is None else partial(read_secret, "credentials.key", own.key),
        hooks_url=None if web is None or web.url is None else f"{web.url.rstrip('/')}/hooks",
        read_secret=read_senders_secret,
        groups=given.groups(),
    )


def surroundings_of(settings: Settings, clock: Clock | None = None) -> ChannelContext:
    """Return what channels are made with beside the settings of their own group."""
    return ChannelContext(now=(clock or SystemClock()).now, read_secret=read_secret, tables=settings.tables())
