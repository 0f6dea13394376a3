"""A worker's way to the database, which may fail."""

from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from dripline.store.database.database import Database, Row
from dripline.store.database.statements import statements

if TYPE_CHECKING:
    from world import World


class Faulty:
    """A worker's way to the database: it may go away, or take the worker along, at a look or around a commit."""

    def __init__(self, real: Database, world: "World") -> None:
        self.dialect = real.dialect
        self.label = real.label
        self._real = real
        self._world = world
        self._wrote = False
        self._is_open = False

    def run(self, name: str, /, **parameters: object) -> list[Row]:
        if not self._is_open:
            self._world.fault()
        rows = self._real.run(name, **parameters)
        self._wrote |= bool(rows) and "UPDATE" in statements()[name].text
        return rows

    def change(self, name: str, /, **parameters: object) -> int:
        count = self._real.change(name, **parameters)
        self._wrote |= count > 0
        return count

    def prepare_writing(self) -> None:
        self._real.prepare_writing()

    def tidy(self) -> None:
        self._real.tidy()

    def clock_behind(self) -> timedelta:
        return self._real.clock_behind()

    def script(self, text: str, /, **parameters: object) -> list[Row]:
        return self._real.script(text, **parameters)

    @contextmanager
    def transaction(self) -> Generator[None]:
        self._world.fault()
        self._wrote = False
        with self._real.transaction(), self._inside():
            yield
        if self._wrote:
            self._world.check()
        self._world.fault()

    @contextmanager
    def _inside(self) -> Generator[None]:
        self._is_open = True
        try:
            yield
        finally:
            self._is_open = False

    @contextmanager
    def snapshot(self) -> Generator[None]:
        with self._real.snapshot():
            yield

    def notify(self) -> None:
        self._real.notify()

    async def listen(self, wake: Callable[[], None]) -> None:
        await self._real.listen(wake)

    def close(self) -> None:
        self._real.close()
