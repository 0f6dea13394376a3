"""The application: what one process works with, on however many connections."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING

from dripline.core.events.posting import EventSigning
from dripline.core.leads.address import check_region
from dripline.core.leads.phone import DEFAULT_REGION
from dripline.engine.clock import Clock, NewId, SystemClock, new_id
from dripline.errors import ChannelNotConfigured

if TYPE_CHECKING:  # what channels are is not needed to open a database
    from dripline.app.credentials.connected import Connected
    from dripline.app.credentials.settings import CredentialSettings
    from dripline.app.replica import StandbyWatch
    from dripline.app.stores import Stores
    from dripline.channels.contract import Channel, FindChannel
    from dripline.core.leads.lead import Lead
    from dripline.core.records.send_proof import ProofKey
    from dripline.engine.limits import Limits
    from dripline.engine.worker import Runner
    from dripline.store.database.server_time import ClockJumps

LOOK_EVERY = timedelta(seconds=2)
"""How often it is looked at most whether a credential of a sender was changed elsewhere."""


class Application:
    """What one process works with: its clock, its channels, its limits, and its processor once that runs.

    `find` is asked for a channel that is none of `channels` once a sequence or a sender names it. `posting`: what
    events are signed with; without it nobody subscribes to any. `credentials`: how those of senders are kept.
    `replica`: the URL of a standby that reports and lists are read from.
    """

    def __init__(  # noqa: PLR0913  (a process has as many settings)
        self,
        *,
        clock: Clock | None = None,
        channels: "Mapping[str, Channel] | None" = None,
        find: "FindChannel | None" = None,
        region: str = DEFAULT_REGION,
        limits: "Limits | None" = None,
        make_id: NewId = new_id,
        posting: EventSigning | None = None,
        credentials: "CredentialSettings | None" = None,
        replica: str | None = None,
    ) -> None:
        from dripline.channels.capabilities import ChannelCapabilities, link_variables
        from dripline.channels.console import ConsoleChannel
        from dripline.engine.limits import Limits

        self.region = check_region(region)
        self.clock = clock or SystemClock()
        self.channels: dict[str, Channel] = {"console": ConsoleChannel(), **(channels or {})}
        self.limits = limits or Limits()
        self.make_id = make_id
        self.posting = posting
        self.capabilities = ChannelCapabilities(self.channels)
        self.runner: Runner | None = None
        self.jumps: ClockJumps | None = None
        self.standby = None if replica is None else _watched(replica)
        self.links: dict[str, Callable[[Lead], str]] = dict(link_variables(self.channels))
        self._find = find
        self._credentials = credentials
        self._looked_at: datetime | None = None
        self.has_connected = False
        self.changes = 0
        """How often its channels changed: whatever is made of them is made again."""

    @cached_property
    def connected(self) -> "Connected":
        """The senders that have credentials of their own."""
        from dripline.app.credentials.connected import Connected
        from dripline.app.credentials.settings import CredentialSettings

        self.has_connected = True
        settings = self._credentials or CredentialSettings()
        return Connected(settings, self.channels, self.capabilities, self.links, self.clock)

    def look_for_credentials(self, stores: "Stores", now: datetime) -> None:
        """Take up what was changed of the credentials of senders, by whatever process; now and then."""
        if self._looked_at is not None and timedelta(0) <= now - self._looked_at < LOOK_EVERY:
            return
        self._looked_at = now
        revisions = stores.credentials.revisions()
        if revisions or self.has_connected:
            self.changes += self.connected.take_up(stores.database, revisions, now)

    def look_again(self) -> None:
        """Let the next look find what was changed here."""
        self._looked_at = None

    def check_channel(self, who: str, channel: str) -> None:
        """Refuse a channel that this process does not have.

        Raises:
            ChannelNotConfigured: It does not.
        """
        if not self.has_channel(channel):
            raise ChannelNotConfigured(
                f"{who} goes through {channel!r}, which is not configured here: configure it, connect a sender of it, "
                f"install its plug-in, or use one of {', '.join(sorted(self.channels))}."
            )

    def has_channel(self, name: str) -> bool:
        """Return whether this process has a channel, which is looked for when it is first named."""
        if name not in self.channels and self._find is not None:
            found = self._find(name)
            if found is not None:
                self.capabilities.add(name, found)
                self.channels[name] = found
                self.changes += 1
        return name in self.channels

    def proof_key(self) -> "ProofKey | None":
        """Return what proofs of messages are made with; None where this process has no secret for it."""
        if self.posting is None:
            return None
        from dripline.core.records.send_proof import ProofKey

        return ProofKey.made_of(self.posting.secret)

    @property
    def may_find_channels(self) -> bool:
        """Whether there may be channels that this process has not found yet."""
        return self._find is not None

    def find_each(self, names: list[str], sought: set[str]) -> None:
        """Look, once for each, for channels that this process does not have yet. `sought`: where was looked before.

        Raises:
            InvalidSettings: One is there and cannot be made.
        """
        for name in names:
            if name not in sought:
                sought.add(name)
                self.has_channel(name)

    async def give_channels_back(self) -> None:
        """Give the channels' connections back, unless a processor of this process still needs them."""
        from dripline.engine.worker import close_channels

        if self.runner is None:
            await close_channels(self.channels)


def _watched(replica: str) -> "StandbyWatch":
    from dripline.app.replica import StandbyWatch

    return StandbyWatch(replica)
