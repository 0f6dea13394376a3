"""How dripline's own channels are configured: the settings that a package has, and what makes its channels of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, SecretStr

from dripline.channels.connection import Connection
from dripline.channels.contract import Channel

Settings = TypeVar("Settings", bound=BaseModel)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelContext:
    """What channels are made with beside the settings of their group: the clock, what reads secrets, the tables.

    `read_secret` is given the setting's name, for its errors, and what is set.
    """

    now: Callable[[], datetime]
    read_secret: Callable[[str, SecretStr], str]
    tables: Mapping[str, Mapping[str, BaseModel]] = field(default_factory=dict[str, Mapping[str, BaseModel]])

    def secret(self, setting: str, given: SecretStr | None) -> str | None:
        """Return a secret itself, if one is set.

        Raises:
            InvalidSettings: It is a reference that leads nowhere.
        """
        return None if given is None else self.read_secret(setting, given)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Settings by name, as in ``[mailboxes.lina]``, of a group that has to be set as well: else `alone` is raised."""

    settings: type[BaseModel]
    description: str
    alone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelPackage(Generic[Settings]):
    """A package of dripline's own: the names of its channels, the group of its settings, and what makes them of it.

    The settings `group` is ``[group]`` in ``dripline.toml`` and ``DRIPLINE_GROUP_…`` in the environment. The channel
    itself is imported by `from_settings`: one that is not configured costs nothing. `connection`: what a sender brings
    that has a credential of its own.
    """

    names: tuple[str, ...]
    group: str
    settings: type[Settings]
    from_settings: Callable[[Settings, ChannelContext], Mapping[str, Channel]]
    tables: Mapping[str, Table] = field(default_factory=dict[str, Table])
    connection: Connection[Any] | None = None

    def channels(self, given: object, surroundings: ChannelContext) -> Mapping[str, Channel]:
        """Return the channels of what is set for the group, none where nothing is.

        Raises:
            InvalidSettings: What they are given cannot be used.
        """
        return self.from_settings(given, surroundings) if isinstance(given, self.settings) else {}
