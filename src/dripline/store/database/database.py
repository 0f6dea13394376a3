"""What the store needs of a database: named statements, transactions, instants.

A `Database` is one connection behind one lock: calls from several threads take turns. Every write runs inside
`transaction()`. Instants go in and come out as aware UTC datetimes, JSON goes in as a dict keyed by text or a list.
"""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from dripline.errors import InvalidInput
from dripline.store.database.dialect import Dialect

Row = Mapping[str, Any]

LARGEST = 2**63 - 1
"""The largest number that a database holds; no id and no count comes near it."""

LOCK_TIMEOUT = 10
"""How long to wait for another program that holds the database, in seconds."""


class Database(Protocol):
    """One open database."""

    dialect: Dialect
    label: str

    def clock_behind(self) -> timedelta:
        """Return what to add to the machine's clock to have the server's; zero where there is no server."""
        ...

    def run(self, name: str, /, **parameters: object) -> list[Row]:
        """Run a named statement and return its rows."""
        ...

    def change(self, name: str, /, **parameters: object) -> int:
        """Run a named statement and return how many rows it wrote."""
        ...

    def prepare_writing(self) -> None:
        """Make ready for the first write; a database that is only looked at is left as it is."""
        ...

    def script(self, text: str, /, **parameters: object) -> list[Row]:
        """Run one statement written for this database alone: schema and upkeep."""
        ...

    def transaction(self) -> AbstractContextManager[None]:
        """Hold the database for one transaction: committed at the end, rolled back on any exception.

        One that the same thread begins inside another is a part of that one.
        """
        ...

    def snapshot(self) -> AbstractContextManager[None]:
        """Read several statements as of one instant; nothing may be written."""
        ...

    def notify(self) -> None:
        """Tell every process that listens that something became due, once the open transaction is committed."""
        ...

    def tidy(self) -> None:
        """Let nothing that was deleted stay in what the database writes ahead, where nobody else is in the way."""
        ...

    async def listen(self, wake: Callable[[], None]) -> None:
        """Call `wake` for every `notify` from any process, until cancelled; return at once where there is no way to.

        Raises:
            DatabaseUnreachable: The connection was lost.
        """
        ...

    def close(self) -> None:
        """Give the connection back."""
        ...


def too_large() -> InvalidInput:
    """Return what a number that no database holds is refused with, wherever a person wrote it."""
    return InvalidInput("A number has too many digits: no id and no count here has more than 18, copy it once more.")


def instant(value: object) -> datetime:
    """Read an instant as the database returned it."""
    if isinstance(value, datetime):
        return value if value.tzinfo is UTC else value.astimezone(UTC)
    return datetime.fromisoformat(f"{value}+00:00")


def instant_or_none(value: object) -> datetime | None:
    """Read an instant that may be missing."""
    return None if value is None else instant(value)
