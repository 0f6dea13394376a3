"""What a worker works with, on one database."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from dripline.channels.capabilities import ChannelCapabilities
from dripline.core.messages.start_link import Links
from dripline.core.time.schedule import whole_second
from dripline.engine.clock import Clock
from dripline.engine.limits import Limits
from dripline.store.database.database import Database
from dripline.store.enrollments.store import Store
from dripline.store.migrations.schema import SchemaWatch
from dripline.store.operations.clock_ahead import ClockAhead
from dripline.store.queries.timeline import Timelines
from dripline.store.records.attempts import Attempts
from dripline.store.records.claim import Claiming
from dripline.store.records.claim_lanes import Lanes
from dripline.store.records.refusal_streaks import Streaks
from dripline.store.records.settle import Settler
from dripline.store.records.stored_answers import StoredAnswers
from dripline.store.senders.channel_rests import ChannelRests


@dataclass(frozen=True, slots=True)
class WorkerContext:
    """What a worker works with."""

    store: Store
    claiming: Claiming
    attempts: Attempts
    reads: Timelines
    lanes: Lanes
    settler: Settler
    ahead: ClockAhead
    schema: SchemaWatch
    rests: ChannelRests
    streaks: Streaks
    stored_answers: StoredAnswers
    clock: Clock
    worker: str = field(kw_only=True)
    limits: Limits = field(kw_only=True)
    links: Links | None = field(default=None, kw_only=True, hash=False)

    @classmethod
    def on(
        cls,
        database: Database,
        clock: Clock,
        *,
        worker: str,
        limits: Limits,
        traits: ChannelCapabilities | None = None,
    ) -> Self:
        """Return the context of a worker on a database."""
        store, traits = Store(database, lambda: whole_second(clock.now())), traits or ChannelCapabilities()
        settler = Settler(database, store, worker, traits.receipts_by_id)
        lanes = Lanes(database, store, traits.windows, traits.threads, traits.contact_kinds)
        claiming = Claiming(database, store, traits.windows, traits.threads, traits.contact_kinds)
        return cls(
            store,
            claiming,
            Attempts(database, store, worker),
            Timelines(database),
            lanes,
            settler,
            ClockAhead(database, store),
            SchemaWatch(database),
            ChannelRests(database),
            Streaks(database, store),
            StoredAnswers(database, store, worker),
            clock,
            worker=worker,
            limits=limits,
        )

    def now(self) -> datetime:
        """Return the present whole second."""
        return whole_second(self.clock.now())
