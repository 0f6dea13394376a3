"""Statement by statement: verbs that run at once, each on its own connection, and a schedule that says who is next.

Every statement and every commit waits for its turn. One that waits for a lock of another is left waiting, as PostgreSQL
says that it does, and somebody else goes on; it comes back by itself once it has the lock.
"""

import random  # noqa: TID251  (a schedule is made from its seed)
import threading
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg

from dripline import Dripline
from dripline.errors import DriplineError
from dripline.store.database.postgresql import PostgresDatabase

STUCK = 30.0
"""After how many seconds without anybody's move a schedule has failed: every lock is let go long before."""

LOOK_EVERY = 0.002
"""How often it is asked who waits for a lock, in seconds, while nobody comes to its turn."""


@dataclass
class Actor:
    """Somebody who does one thing, statement by statement, on a connection of its own."""

    drip: Dripline
    name: str = ""
    is_waiting: bool = field(default=False, init=False)
    is_done: bool = field(default=True, init=False)
    error: BaseException | None = field(default=None, init=False)

    @property
    def database(self) -> PostgresDatabase:
        """The actor's own connection."""
        found = self.drip._session.database  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # what is watched
        assert isinstance(found, PostgresDatabase)
        return found

    @property
    def process(self) -> int:
        """The process that PostgreSQL has for it."""
        return self.database.raw().info.backend_pid


class Turns:
    """Lets actors act at once, and chooses each next statement by chance from a seed."""

    def __init__(self, url: str, actors: Sequence[Actor]) -> None:
        self._actors = actors
        self._monitor = psycopg.connect(url, autocommit=True)
        self._changed = threading.Condition()
        self._next: Actor | None = None
        self._is_on = False
        self.story: list[str] = []
        self.done = set[str]()
        for actor in actors:
            self._watch(actor)

    def close(self) -> None:
        """Give the monitor's connection back."""
        self._monitor.close()

    def play(self, chance: random.Random, acts: Sequence[tuple[str, Callable[[Dripline], object]]]) -> None:
        """Do all of `acts` at once, one by each actor, in an order of statements that `chance` chooses.

        Raises:
            AssertionError: Something else than a plain refusal came of one of them, or nobody can go on.
        """
        playing = self._actors[: len(acts)]
        self.story, self._is_on = [], True
        threads = [
            threading.Thread(target=self._act, args=(actor, *act), daemon=True)
            for actor, act in zip(playing, acts, strict=True)
        ]
        for actor, (name, _) in zip(playing, acts, strict=True):
            actor.name, actor.is_done, actor.is_waiting, actor.error = name, False, False, None
        for thread in threads:
            thread.start()
        while any(not actor.is_done for actor in playing):
            self._give(chance, self._ready(playing))
        for thread in threads:
            thread.join()
        self._is_on = False
        self.done = {actor.name for actor in playing if actor.error is None}
        for actor in playing:
            assert actor.error is None or isinstance(actor.error, DriplineError), (actor.name, actor.error, self.story)

    def _act(self, actor: Actor, name: str, act: Callable[[Dripline], object]) -> None:
        try:
            act(actor.drip)
        except BaseException as error:  # noqa: BLE001  (raised where the schedule is played)
            actor.error = error
        with self._changed:
            actor.is_done = True
            self.story.append(f"{name}: ended" if actor.error is None else f"{name}: {actor.error!r}")
            self._changed.notify_all()

    def _ready(self, playing: Sequence[Actor]) -> list[Actor]:
        """Return who waits for a turn, once nobody else moves: each other one has ended or waits for a lock."""
        waited = 0.0
        with self._changed:
            while True:
                moving = [actor for actor in playing if not actor.is_done and not actor.is_waiting]
                ready = [actor for actor in playing if actor.is_waiting and not actor.is_done]
                if not moving:
                    return ready
                if ready and self._are_locked(moving):
                    return ready
                self._changed.wait(LOOK_EVERY)
                waited += LOOK_EVERY
                assert waited < STUCK, f"nobody goes on: {self.story}"

    def _are_locked(self, actors: Sequence[Actor]) -> bool:
        found = self._monitor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE pid = ANY(%s) AND wait_event_type = 'Lock'",
            ([actor.process for actor in actors],),
        ).fetchone()
        return found is not None and found[0] == len(actors)

    def _give(self, chance: random.Random, ready: list[Actor]) -> None:
        if not ready:
            return
        with self._changed:
            self._next = chance.choice(ready)
            self._next.is_waiting = False
            self._changed.notify_all()

    def _wait(self, actor: Actor, what: str) -> None:
        """Wait for a turn to do something."""
        if not self._is_on or actor.is_done:
            return
        with self._changed:
            actor.is_waiting = True
            self._changed.notify_all()
            self._changed.wait_for(lambda: not actor.is_waiting, STUCK)
            assert not actor.is_waiting, "no turn came"
            self.story.append(f"{actor.name}: {what}")

    def _watch(self, actor: Actor) -> None:
        """Let every statement and commit of an actor wait for its turn; the connection's own lock is taken before."""
        database = actor.database
        run, change, one = database.run, database.change, database._one_transaction  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        lock = database._lock  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]

        def gated_run(name: str, /, **parameters: object) -> object:
            with lock:
                self._wait(actor, name)
                return run(name, **parameters)

        def gated_change(name: str, /, **parameters: object) -> int:
            with lock:
                self._wait(actor, name)
                return change(name, **parameters)

        @contextmanager
        def gated_transaction() -> Generator[None]:
            with one():
                yield
                self._wait(actor, "commit")

        for name, gated in (("run", gated_run), ("change", gated_change), ("_one_transaction", gated_transaction)):
            setattr(database, name, gated)
