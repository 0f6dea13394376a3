"""Which senders of a process have credentials of their own, and the channels that are made of them.

A credential that another process replaced is used from the next look at the database on (`Application`).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import RLock
from typing import Any

from dripline.app.credentials.keys import Fields, KeyFile, KeyInMemory, KeySource, NoKey, SetKeys
from dripline.app.credentials.settings import CredentialSettings
from dripline.channels.by_sender import OwnChannel, SenderChannels, UnusableChannel
from dripline.channels.capabilities import ChannelCapabilities, link_variables
from dripline.channels.connection import Connection, Place
from dripline.channels.contract import Channel
from dripline.channels.registry import connection_of
from dripline.core.leads.lead import Lead
from dripline.core.secret import Redactor
from dripline.engine.clock import Clock
from dripline.errors import DriplineError, InvalidCredential, KeyMissing
from dripline.store.database.database import Database
from dripline.store.senders.credentials import Credentials, Revision, Sealed

RETRY_EVERY = timedelta(minutes=1)
"""How often a credential that cannot be used is tried again: a key may have been put back."""

IN_MEMORY = ":memory:"


@dataclass(frozen=True, slots=True)
class Problem:
    """Why the credential of a sender cannot be used; `is_locked`: its key is not here."""

    text: str
    is_locked: bool = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Standing:
    """A sender's credential as this process found it."""

    revision: Revision
    problem: Problem | None = field(kw_only=True)


class Connected:
    """The senders with credentials of their own, and their channels among those of the process.

    `channels` and `capabilities` are the process's, and grow.
    """

    def __init__(
        self,
        settings: CredentialSettings,
        channels: dict[str, Channel],
        capabilities: ChannelCapabilities,
        links: dict[str, Callable[[Lead], str]],
        clock: Clock,
    ) -> None:
        self._settings = settings
        self._channels = channels
        self._capabilities = capabilities
        self._links = links
        self._clock = clock
        self._lock = RLock()
        self._standing: Mapping[str, Standing] = {}
        self._retried_at: datetime | None = None
        self._in_memory = KeyInMemory()

    @property
    def standing(self) -> Mapping[str, Standing]:
        """How each credential stands, by the names of senders."""
        return self._standing

    def keys_of(self, database: Database) -> KeySource:
        """Return where the keys of a database are."""
        if self._settings.read_key is not None:
            return SetKeys(self._settings.read_key)
        if database.dialect.name != "sqlite":
            return NoKey()
        return self._in_memory if database.label == IN_MEMORY else KeyFile(database.label)

    def hook_url(self, channel: str, hook: str) -> str | None:
        """Return the address that the provider of a sender posts to, where it is known from where we are reached."""
        base = self._settings.hooks_url
        return None if base is None else f"{base.rstrip('/')}/{channel}/{hook}"

    def take_up(self, database: Database, revisions: list[Revision], now: datetime) -> bool:
        """Take up the credentials that were changed since the last look, and let go of those that are gone.

        Returns whether there were any.
        """
        found = {revision.sender: revision for revision in revisions}
        before, retried = self._standing, self._retried(now)
        known = {name: one for name, one in before.items() if found.get(name) == one.revision and name not in retried}
        changed = found.keys() - known.keys()
        if not changed and before.keys() == known.keys():
            return False
        # Read and made before the lock: whoever holds the database may wait for it.
        new = self._read(database, changed) if changed else []
        with self._lock:
            for name in before.keys() - found.keys():
                self._router(before[name].revision.channel).set(name, None)
            for sealed, channel, _ in new:
                self._set(sealed, channel)
            self._standing = known | {
                sealed.revision.sender: Standing(sealed.revision, problem=problem) for sealed, _, problem in new
            }
        return True

    def _read(self, database: Database, senders: Iterable[str]) -> list[tuple[Sealed, Channel, Problem | None]]:
        """Read credentials; once more those whose key is not here: it may have been rotated since they were read."""
        source = self.keys_of(database)
        new = [(sealed, *self._opened(sealed, source)) for sealed in Credentials(database).of(senders)]
        locked = [one[0].revision.sender for one in new if one[2] is not None and one[2].is_locked]
        if not locked:
            return new
        again = {one.revision.sender: one for one in Credentials(database).of(locked)}
        source = self.keys_of(database)
        return [
            (sealed, channel, problem)
            if sealed.revision.sender not in again
            else (again[sealed.revision.sender], *self._opened(again[sealed.revision.sender], source))
            for sealed, channel, problem in new
        ]

    def _retried(self, now: datetime) -> set[str]:
        """Return whose credentials are to be tried again, though they were not changed."""
        if self._retried_at is not None and timedelta(0) <= now - self._retried_at < RETRY_EVERY:
            return set()
        self._retried_at = now
        return {name for name, one in self._standing.items() if one.problem is not None}

    def _opened(self, sealed: Sealed, source: KeySource) -> tuple[Channel, Problem | None]:
        """Return the channel of a credential, or what stands for it and why."""
        revision = sealed.revision
        try:
            content = source.keys().opened(revision.sender, revision.channel, sealed.text)
            return self.made(revision.channel, revision.account, content.fields, sealed.hook), None
        except DriplineError as error:
            problem = Problem(str(error).removesuffix("."), is_locked=isinstance(error, KeyMissing))
            return UnusableChannel(problem.text), problem
        except Exception as error:  # noqa: BLE001  (a channel of somebody else's; its words may hold the secret)
            text = f"no channel can be made of it ({type(error).__name__}): mend the channel, or connect it again"
            return UnusableChannel(text), Problem(text, is_locked=False)

    def _set(self, sealed: Sealed, channel: Channel) -> None:
        name = sealed.revision.channel
        router = self._router(name)
        router.set(sealed.revision.sender, OwnChannel(sealed.revision.sender, channel=channel, hook=sealed.hook))
        self._capabilities.add(name, router)
        self._links.update(link_variables({name: router}))

    def made(self, channel: str, account: str | None, fields: Fields, hook: str | None) -> Channel:
        """Return the channel of a credential.

        Raises:
            InvalidCredential: A field cannot be used; the sentence holds none of its secrets.
        """
        connection = connectable(channel)
        place = Place(
            channel=channel,
            account=account,
            hook=None if hook is None else self.hook_url(channel, hook),
            now=self._clock.now,
            read_secret=self._settings.read_secret,
            groups=self._settings.groups,
        )
        model = connection.read(channel, fields)
        try:
            return connection.make(model, place)
        except DriplineError as problem:
            secrets = {fields[name]: f"the {name}" for name in secret_names(channel) if name in fields}
            raise InvalidCredential(Redactor(secrets).out_of(str(problem))) from None

    def _router(self, channel: str) -> SenderChannels:
        found = self._channels.get(channel)
        if isinstance(found, SenderChannels):
            return found
        router = SenderChannels(channel, found)
        self._channels[channel] = router
        return router


def connectable(channel: str) -> Connection[Any]:
    """Return what senders of a channel bring.

    Raises:
        InvalidCredential: They bring nothing.
    """
    found = connection_of(channel)
    if found is None:
        raise InvalidCredential(
            f"The senders of {channel!r} have no credentials of their own: it goes by the settings, or is not there."
        )
    return found


def secret_names(channel: str) -> list[str]:
    """Return the names of the fields that are secret."""
    return [one.name for one in connectable(channel).described(channel).fields if one.is_secret]
