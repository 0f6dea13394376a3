"""Subscriptions to events, on one database: made, changed, ended."""

from collections.abc import Iterable
from collections.abc import Sequence as Listing
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from operator import itemgetter

from dripline.core.events.event import EventSubscription, EventType, SubscriptionStatus
from dripline.core.events.posting import BOTH_FOR
from dripline.core.explain import words_or_none
from dripline.core.reason import code_of, facts_of
from dripline.errors import InvalidSubscription, NoSuchSubscription
from dripline.store.database.database import Database, Row, instant, instant_or_none
from dripline.store.enrollments.store import Store, keys
from dripline.store.reasons import reason_of

SUBSCRIPTIONS_LIMIT = 100
"""The most subscriptions there may be: each event is written once for each that asks for it."""

LARGEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where a subscription is told what happens, and which generations of its secret sign for it now."""

    subscription_id: int
    url: str = field(kw_only=True, repr=False)
    generations: tuple[int, ...] = field(kw_only=True)
    failures: int = field(default=0, kw_only=True)

    @property
    def is_failing(self) -> bool:
        """Whether it took nothing of what it was told last."""
        return self.failures > 0


class Subscriptions:
    """Everything that a person does to subscriptions."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store

    def add(
        self, subscription_id: int, url: str, types: Iterable[EventType], now: datetime, *, with_text: bool = False
    ) -> EventSubscription:
        """Make a subscription.

        Raises:
            InvalidSubscription: There are as many as there may be.
        """
        with self._store.transaction():
            if len(self._read(None)) >= SUBSCRIPTIONS_LIMIT:
                raise InvalidSubscription(f"There are {SUBSCRIPTIONS_LIMIT} subscriptions already: end one first.")
            self._database.change(
                "insert_subscription", subscription_id=subscription_id, url=url, with_text=int(with_text), now=now
            )
            return self._with_types(subscription_id, types)

    def all(self) -> list[EventSubscription]:
        """Return every subscription that has not ended, the oldest first."""
        with self._store.transaction():
            return self._read(None)

    def change(
        self,
        subscription_id: int,
        *,
        url: str | None,
        types: Listing[EventType],
        is_paused: bool | None,
        with_text: bool | None = None,
    ) -> EventSubscription:
        """Change what is given of a subscription. One that is changed or goes on is taken for well.

        Raises:
            NoSuchSubscription: There is none of that id.
        """
        with self._store.transaction():
            found = self._find(subscription_id)
            status = found["status"] if is_paused is None else _status(is_paused=is_paused)
            self._database.change(
                "update_subscription",
                subscription_id=subscription_id,
                url=url or found["url"],
                status=status,
                with_text=found["with_text"] if with_text is None else int(with_text),
            )
            if types:
                self._database.change("unsubscribe_from_types", subscription_id=subscription_id)
                return self._with_types(subscription_id, types)
            self._store.events.refresh_wanted()
            return self._read(subscription_id)[0]

    def rotate(self, subscription_id: int, now: datetime) -> tuple[EventSubscription, int]:
        """Let a subscription sign with its next secret; returns which that is.

        Raises:
            NoSuchSubscription: There is none of that id.
        """
        with self._store.transaction():
            self._find(subscription_id)
            rotated = self._database.run("rotate_subscription", subscription_id=subscription_id, now=now)
            return self._read(subscription_id)[0], rotated[0]["generation"]

    def end(self, subscription_id: int) -> bool:
        """End a subscription for good; False if there is none of that id."""
        if not 0 < subscription_id <= LARGEST_ID:
            return False
        with self._store.transaction():
            ended = self._database.run("end_subscription", subscription_id=subscription_id)
            self._store.events.refresh_wanted()
            return bool(ended)

    def receiver(self, subscription_id: int, now: datetime) -> Receiver:
        """Return where a subscription is told what happens, be it paused or not.

        Raises:
            NoSuchSubscription: There is none of that id.
        """
        with self._store.transaction():
            return receiver_of(self._find(subscription_id), now)

    def _with_types(self, subscription_id: int, types: Iterable[EventType]) -> EventSubscription:
        self._database.change("subscribe_to_types", subscription_id=subscription_id, types=keys(types))
        self._store.events.refresh_wanted()
        return self._read(subscription_id)[0]

    def _read(self, subscription_id: int | None) -> list[EventSubscription]:
        rows = self._database.run("all_subscriptions", subscription_id=subscription_id)
        return [_subscription(list(of_one)) for _, of_one in groupby(rows, key=itemgetter("id"))]

    def _find(self, subscription_id: int) -> Row:
        in_range = 0 < subscription_id <= LARGEST_ID
        found = self._database.run("find_subscription", subscription_id=subscription_id) if in_range else []
        if not found:
            raise NoSuchSubscription(
                f"There is no subscription {subscription_id}: see dripline events for those there are."
            )
        return found[0]


def receiver_of(row: Row, now: datetime) -> Receiver:
    """Read where a subscription is told what happens. For a while after a rotation the secret before it signs too."""
    rotated_at, generation = instant_or_none(row["rotated_at"]), row["generation"]
    is_fresh = rotated_at is not None and now - rotated_at < BOTH_FOR
    generations = (generation, generation - 1) if is_fresh else (generation,)
    return Receiver(row["id"], url=row["url"], generations=generations, failures=row["failures"])


def _status(*, is_paused: bool) -> SubscriptionStatus:
    return SubscriptionStatus.PAUSED if is_paused else SubscriptionStatus.ACTIVE


def _subscription(rows: list[Row]) -> EventSubscription:
    first, named = rows[0], {row["type"] for row in rows}
    reason = reason_of(first)
    return EventSubscription(
        first["id"],
        url=first["url"],
        # A type that a newer dripline told of, and this one does not.
        types=tuple(kind for kind in EventType if kind in named),
        with_text=bool(first["with_text"]),
        status=SubscriptionStatus(first["status"]),
        reason=words_or_none(reason),
        reason_code=code_of(reason),
        reason_facts=facts_of(reason),
        created_at=instant(first["created_at"]),
        failing_since=instant_or_none(first["failing_since"]),
        waiting=first["waiting"],
    )
