"""Channels of other packages: each an entry point of the group ``dripline.channels``, found by the name of its channel.

An entry point is called with the channel's settings, a mapping of texts, and returns the channel. Nothing of a package
is imported before its channel is asked for.
"""

import inspect
import re
from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import cast

from typing_extensions import override

from dripline.channels.capabilities import capabilities_of
from dripline.channels.contract import Channel
from dripline.core.text import as_text
from dripline.errors import DriplineError, InvalidSettings

GROUP = "dripline.channels"
"""The group of entry points in which packages name their channels."""

ERROR_TEXT_LIMIT = 300
"""How much of a package's own error is told, in characters."""

SECRET_LENGTH = 6
"""From how many characters on a setting is left out of what a package says: a shorter one could be any word."""

_NAME = re.compile(r"[a-z][a-z0-9]{0,39}")


class PluginSettings(dict[str, str]):
    """What the settings say for one channel. One that is missing and asked for by ``[…]`` is named in the error."""

    def __init__(self, channel: str, settings: Mapping[str, str]) -> None:
        super().__init__(settings)
        self._channel = channel

    def __missing__(self, key: str) -> str:
        raise InvalidSettings(
            f"The channel {self._channel!r} needs the setting {key}: set "
            f"DRIPLINE_CHANNELS_{self._channel.upper()}_{key.upper()}, or {key} in [channels.{self._channel}] of "
            "dripline.toml."
        )

    @override
    def __repr__(self) -> str:
        return f"Given({self._channel!r}, {', '.join(self)})"


def plugged_in(name: str, settings: Mapping[str, str]) -> Channel | None:
    """Return the channel that an installed package offers by a name, made of its settings; None if none offers it.

    Raises:
        InvalidSettings: Several packages offer it, or the one that does cannot be imported, cannot make it of these
            settings, or makes something else. No value of a setting is in the sentence.
    """
    offered = list(entry_points(group=GROUP, name=name))
    if not offered:
        return None
    packages = " and ".join(sorted(_package(point) for point in offered))
    if len(offered) > 1:
        raise InvalidSettings(f"The channel {name!r} is offered by {packages}: uninstall all but one of them.")
    if not _NAME.fullmatch(name):
        raise InvalidSettings(
            f"The channel {name!r} of {packages} cannot be used: a plug-in's name is small letters and digits, such as "
            "ntfy. Ask its authors for another one."
        )
    who = f"The channel {name!r} of {packages}"
    return _checked(_made(_imported(offered[0], who), PluginSettings(name, settings), who), who)


def _package(point: EntryPoint) -> str:
    return "a package without a name" if point.dist is None else f"the package {point.dist.name}"


def _imported(point: EntryPoint, who: str) -> object:
    try:
        return cast("object", point.load())
    except Exception as error:  # a package may raise anything while it is imported
        raise InvalidSettings(
            f"{who} cannot be imported ({_error_text(error)}): install its package again, or leave the channel "
            "out of your sequences."
        ) from error


def _made(make: object, given: PluginSettings, who: str) -> object:
    if not callable(make):
        raise InvalidSettings(f"{who} cannot be made: {GROUP} has to name a class or a function. Tell its authors.")
    try:
        return make(given)
    except DriplineError as error:
        # A sentence of its own already, such as the one that names a missing setting.
        raise InvalidSettings(_without(str(error), given)) from None
    except Exception as error:  # noqa: BLE001  (the edge to a package that may raise anything)
        raise InvalidSettings(
            f"{who} cannot be made of its settings ({_error_text(error, given)}): correct what is set for it, "
            f"{', '.join(sorted(given)) or 'which is nothing'}."
        ) from None


def _checked(made: object, who: str) -> Channel:
    """Return what was made, if it is a channel."""
    if isinstance(made, type) or not inspect.iscoroutinefunction(getattr(made, "send", None)):
        raise InvalidSettings(f"{who} is no channel: it lacks `async def send(self, message)`. Tell its authors.")
    channel = cast("Channel", made)
    try:
        capabilities_of(channel)
    except (TypeError, ValueError) as error:
        raise InvalidSettings(f"{who} is no channel: {_error_text(error)}. Tell its authors.") from error
    return channel


def _error_text(error: Exception, given: Mapping[str, str] | None = None) -> str:
    said = " ".join(_without(str(error), given or {}).split())
    return as_text(f"{type(error).__name__}: {said}" if said else type(error).__name__, ERROR_TEXT_LIMIT)


def _without(text: str, given: Mapping[str, str]) -> str:
    """Return a sentence without the values of settings, any of which may be a secret."""
    for value in sorted(given.values(), key=len, reverse=True):
        if len(value) >= SECRET_LENGTH:
            text = text.replace(value, "(a setting)")
    return text
