"""What a worker works with, on one database."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from dripline.core.schedule import whole_second
from dripline.core.start_link import Links
from dripline.engine.clock import Clock
from dripline.engine.limits import Limits
from dripline.engine.traits import Traits
from dripline.store.ahead import Ahead
from dripline.store.beginning import Beginning
from dripline.store.channel_rests import ChannelRests
from dripline.store.claiming import Claiming
from dripline.store.database import Database
from dripline.store.kept_answers import KeptAnswers
from dripline.store.lanes import Lanes
from dripline.store.reads import Reads
from dripline.store.schema import SchemaWatch
from dripline.store.settle import Settler
from dripline.store.store import Store
from dripline.store.streaks import Streaks


@dataclass(frozen=True, slots=True)
class Tools:
    """What a worker works with."""

    store: Store
    claiming: Claiming
    beginning: Beginning
    reads: Reads
    lanes: Lanes
    settler: Settler
    ahead: Ahead
    schema: SchemaWatch
    rests: ChannelRests
    streaks: Streaks
    kept: KeptAnswers
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
        traits: Traits | None = None,
    ) -> Self:
        """Return the tools of a worker on a database."""
        store, traits = Store(database, lambda: whole_second(clock.now())), traits or Traits()
        settler = Settler(database, store, worker, traits.receipts_by_id)
        lanes = Lanes(database, store, traits.windows, traits.threads)
        claiming = Claiming(database, store, traits.windows, traits.threads)
        return cls(
            store,
            claiming,
            Beginning(database, store, worker),
            Reads(database),
            lanes,
            settler,
            Ahead(database, store),
            SchemaWatch(database),
            ChannelRests(database),
            Streaks(database, store),
            KeptAnswers(database, store, worker),
            clock,
            worker=worker,
            limits=limits,
        )

    def now(self) -> datetime:
        """Return the present whole second."""
        return whole_second(self.clock.now())
