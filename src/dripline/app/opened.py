"""One open database, and what every use case works with. Each room of `app/` adds the use cases of one noun."""

from collections.abc import Mapping
from datetime import datetime
from types import TracebackType
from typing import Self

from dripline.channels.console import ConsoleChannel
from dripline.channels.contract import Channel, start_links
from dripline.core.address import DEFAULT_REGION, check_region, normalize_email, normalize_phone
from dripline.core.schedule import whole_second
from dripline.core.start_link import Links
from dripline.engine.batch import Tools
from dripline.engine.clock import Clock, NewId, SystemClock, new_id
from dripline.engine.limits import Limits
from dripline.engine.processor import Processor
from dripline.engine.runner import Runner
from dripline.errors import ChannelNotConfigured, InvalidLead
from dripline.store.chats import Chats
from dripline.store.connect import connect
from dripline.store.inbox import Inbox
from dripline.store.migrate import migrate
from dripline.store.presence import Presence
from dripline.store.reads import Reads
from dripline.store.receipts import Receipts
from dripline.store.senders import Senders
from dripline.store.sequences import Sequences
from dripline.store.stopping import Stopping
from dripline.store.store import Store
from dripline.store.troubles import Troubles
from dripline.store.workspaces import Workspaces

RECORD_ID_RANGE = (2**40, 2**52)
"""Where a new database's record ids may start. A record id is an idempotency key for receivers, so that two databases
must not share one; below 2**53 every program reads it exactly."""


class Opened:
    """One open database and the channels that this process has.

    Raises:
        DatabaseProblem: The database cannot be opened as it is; it was left as it was.
        InvalidSettings: The URL or the region cannot be read.
    """

    def __init__(
        self,
        url: str = "sqlite:///dripline.db",
        *,
        clock: Clock | None = None,
        channels: Mapping[str, Channel] | None = None,
        region: str = DEFAULT_REGION,
        limits: Limits | None = None,
        make_id: NewId = new_id,
    ) -> None:
        self._region = check_region(region)
        self._clock = clock or SystemClock()
        self._channels: dict[str, Channel] = {"console": ConsoleChannel(), **(channels or {})}
        self._runner: Runner | None = None
        self._links: Links = {
            f"{name}_link": links.url for name, channel in self._channels.items() if (links := start_links(channel))
        }
        self._database = connect(url)
        try:
            first, last = RECORD_ID_RANGE
            migrate(self._database, first + make_id() % (last - first))
        except BaseException:
            self._database.close()
            raise
        self._store = Store(self._database)
        self._reads = Reads(self._database)
        self._troubles = Troubles(self._database, self._reads)
        worker = f"{make_id():032x}"
        self._presence = Presence(self._database, worker)
        self._sequences = Sequences(self._database, self._store)
        self._senders = Senders(self._database)
        self._stopping = Stopping(self._database, self._store)
        self._chats = Chats(self._database, self._store)
        self._inbox = Inbox(self._database, self._store)
        self._receipts = Receipts(self._database, self._store)
        self._workspaces = Workspaces(self._database)
        tools = Tools.on(self._database, self._clock, worker=worker, limits=limits or Limits(), links=self._links)
        self._claiming = tools.claiming
        self._processor = Processor(tools, self._channels)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the database back."""
        self._database.close()

    def now(self) -> datetime:
        """Return the present whole second by this object's clock."""
        return self._now()

    def _check_channel(self, who: str, channel: str) -> None:
        if channel not in self._channels:
            raise ChannelNotConfigured(
                f"{who} goes through {channel!r}, which is not configured here: "
                f"configure it, or use one of {', '.join(sorted(self._channels))}."
            )

    def _address(self, phone: str | None, email: str | None) -> str:
        if phone is not None:
            return normalize_phone(phone, self._region)
        if email is not None:
            return normalize_email(email)
        raise InvalidLead("Nobody is named: give a phone or an e-mail address.")

    def _wake(self) -> None:
        if self._runner is not None:
            self._runner.wake()

    def _now(self) -> datetime:
        return whole_second(self._clock.now())
