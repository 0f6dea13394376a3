"""A session: one connection to a database, and whoever acts on it."""

from collections.abc import Callable, Mapping
from copy import copy
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Self, TypeVar

from dripline.app.application import Application
from dripline.app.stores import Stores
from dripline.core.accounts.access import PROGRAM, Actor
from dripline.core.leads.address import normalize_email
from dripline.core.leads.intake import written_field
from dripline.core.leads.phone import normalize_phone
from dripline.core.time.schedule import whole_second
from dripline.engine.clock import CorrectedClock, NewId, SystemClock
from dripline.errors import InvalidLead, InvalidSettings
from dripline.store.database.connect import connect, missing
from dripline.store.database.database import Database
from dripline.store.migrations.schema import newest, too_old, version

if TYPE_CHECKING:  # what a list is searched for is not needed to open a database
    from dripline.app.replica import Replica, StandbyWatch
    from dripline.channels.contract import Channel
    from dripline.core.queries.filters import TextSearch

T = TypeVar("T")

RECORD_ID_RANGE = (2**40, 2**52)
"""Where a new database's record ids may start. A record id is an idempotency key for receivers, so that two databases
must not share one; below 2**53 every program reads it exactly."""


def first_record_id(make_id: NewId) -> int:
    """Return where the record ids of a new database start."""
    first, last = RECORD_ID_RANGE
    return first + make_id() % (last - first)


class Session:
    """One connection of an application, and whoever acts on it.

    `direct`: another URL of the same PostgreSQL, where `url` leads through a pool that shares its sessions: what is
    enrolled elsewhere is heard of over it. `create`: whether a database is made where none is. `migrate`: whether one
    that an older version made is brought up to date.

    Raises:
        DatabaseMissing: There is no database, and none is made.
        DatabaseTooOld: It was made by an older version, and is left so.
        DatabaseTooNew: It was made by a newer version.
        DatabaseProblem: The database cannot be opened as it is; it was left as it was.
        InvalidSettings: The URL cannot be read.
    """

    def __init__(
        self,
        application: Application,
        url: str,
        *,
        direct: str | None = None,
        create: bool = True,
        migrate: bool = True,
    ) -> None:
        self.application = application
        self.actor = PROGRAM
        self._url = url
        # Of each connection, so that each is told of one that cannot be made.
        self._sought = set[str]()
        machine = application.clock if type(application.clock) is SystemClock else None
        self.database = connect(url, create=create, machine=machine, direct=direct)
        self.clock = application.clock if machine is None else CorrectedClock(machine, self.database.clock_behind)
        if machine is not None and not self.database.dialect.locks and application.jumps is None:
            from dripline.store.database.server_time import ClockJumps

            application.jumps = ClockJumps(machine)
        try:
            _open_schema(self.database, application.make_id, create=create, may_migrate=migrate)
        except BaseException:
            self.database.close()
            raise
        self.worker = f"{application.make_id():032x}"
        self._pass_id = f"{application.make_id():032x}"
        self.stores = self._stores_on(self.database)
        self._replica = None if application.standby is None else self._replica_of(application.standby)

    def _replica_of(self, standby: "StandbyWatch") -> "Replica":
        from dripline.app.replica import Replica

        return Replica(standby, self._stores_on, self.now)

    def _stores_on(self, database: Database) -> Stores:
        able = self.application.capabilities
        return Stores(
            database,
            self.now,
            worker=self.worker,
            pass_id=self._pass_id,
            windows=able.windows,
            contacts=able.contact_kinds,
        )

    def close(self) -> None:
        """Give the database back."""
        if self._replica is not None:
            self._replica.close()
        self.database.close()

    def read(self, ask: Callable[[Stores], T]) -> T:
        """Return what is only looked at: read from a standby where there is one, else from the database itself."""
        return ask(self.stores) if self._replica is None else self._replica.read(ask, self.stores)

    @property
    def behind(self) -> timedelta | None:
        """By how much the standby was behind that was last read from; None where the database itself was."""
        return None if self._replica is None else self._replica.behind

    def connect(self) -> "Session":
        """Return another connection to the same database.

        Raises:
            InvalidSettings: The database is in memory, and nobody else sees that.
        """
        if self.database.label == ":memory:":
            raise InvalidSettings("A database in memory has one connection: name a file, or a PostgreSQL.")
        return Session(self.application, self._url, create=False, migrate=False)

    def as_actor(self, actor: Actor) -> Self:
        """Return this connection for somebody who had to be let in."""
        view = copy(self)
        view.actor = actor
        return view

    def now(self) -> datetime:
        """Return the present whole second by this connection's clock."""
        return whole_second(self.clock.now())

    def wake(self) -> None:
        """Let the processor of this process look, if it has one: it may be another connection's."""
        runner = self.application.runner
        if runner is not None:
            self.stores.store.when_committed(runner.wake)

    @property
    def channels(self) -> "Mapping[str, Channel]":
        """The channels of this process by name, with those of senders that were connected meanwhile."""
        self.application.look_for_credentials(self.stores, self.now())
        return self.application.channels

    def check_channel(self, who: str, channel: str) -> None:
        """Refuse a channel that this process does not have.

        Raises:
            ChannelNotConfigured: It does not.
        """
        if channel not in self.channels:
            self.application.check_channel(who, channel)

    def find_channels(self) -> None:
        """Look, once for each, for the channels that sequences name and this process does not have yet.

        Raises:
            InvalidSettings: One is there and cannot be made.
        """
        self.application.look_for_credentials(self.stores, self.now())
        if self.application.may_find_channels:
            others = self.stores.reads.other_channels(self.application.channels)
            self.application.find_each(others, self._sought)

    def address(self, phone: str | int | None, email: str | None) -> str:
        """Return a phone or an e-mail address in the form in which leads have it.

        Raises:
            InvalidPhone: The phone cannot be one.
            InvalidEmail: The e-mail address cannot be one.
            InvalidLead: Neither is given.
        """
        if phone is not None:
            return normalize_phone(written_field("phone", phone) or "", self.application.region, is_known=True)
        if email is not None:
            return normalize_email(written_field("e-mail address", email) or "")
        raise InvalidLead("Nobody is named: give a phone or an e-mail address.")

    def addresses(self, phone: str | None = None, email: str | None = None) -> set[str]:
        """Return an address and every other one of the leads that have it. Raises what `address` raises."""
        address = self.address(phone, email)
        leads = self.stores.reads.leads(address)
        own = {own for lead in leads for own in (lead.phone, lead.email) if own}
        return {address} | own | self.stores.one_person.other_addresses(lead.id for lead in leads)

    def lead_ids(self, phone: str | None, email: str | None) -> list[int]:
        """Return the ids of the leads that have an address. Raises what `address` raises."""
        return [lead.id for lead in self.stores.reads.leads(self.address(phone, email))]

    def lead_of(self, phone: object, email: object) -> int | None:
        """Return the id of the lead that arguments name; None if they name nobody who is there."""
        named = phone if isinstance(phone, str | int) else None, email if isinstance(email, str) else None
        leads = self.stores.reads.leads(self.address(*named)) if any(named) else []
        return leads[0].id if leads else None

    def looked_for(self, text: str | None) -> "TextSearch | None":
        """Return what a list is searched for by a text."""
        from dripline.core.queries.filters import looked_for

        return None if text is None else looked_for(text, self.application.region)


def _open_schema(database: Database, make_id: NewId, *, create: bool, may_migrate: bool) -> None:
    found = version(database)
    if found == newest():
        return
    if found is None and not create:
        raise missing(database.label)
    if found is not None and not may_migrate:
        raise too_old(database.label, found)
    from dripline.store.migrations.migrate import migrate

    migrate(database, first_record_id(make_id))
