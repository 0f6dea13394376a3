"""Deliveries of events, on one database: taken by one worker each, their answers written, told again, let go."""

from collections.abc import Iterable, Mapping
from collections.abc import Sequence as Listing
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dripline.core.events.event import (
    DELIVERY_RETENTION,
    DISABLE_AFTER,
    GIVE_UP_AFTER,
    PING,
    DeliveryState,
    EventDelivery,
    rest_after,
    wait_after,
)
from dripline.core.explain import words
from dripline.core.reason import Reason, ReasonCode
from dripline.store.database.database import Database, Row, instant, instant_or_none
from dripline.store.enrollments.store import SECOND, Store
from dripline.store.events.subscriptions import LARGEST_ID, Receiver, receiver_of
from dripline.store.reasons import reason_of, stored

LEASE = timedelta(minutes=1)
"""How long a worker that took deliveries may take over them; a post is given up after ten seconds."""

POSTS_AT_ONCE = 10
"""How many deliveries to one receiver are under way at once, by one worker: as many as it has connections, so that none
waits for one while its time runs. A receiver that fails is tried with one."""

LET_GO_AT_ONCE = 1_000
"""How many deliveries are let go or given up in one transaction."""

_ABOUT = (
    *("lead_id", "enrollment_id", "record_id", "sequence", "step", "sender", "outcome"),
    *("message_id", "channel", "class", "text"),
)


@dataclass(frozen=True, slots=True)
class PostResult:
    """What a receiver answered to an event: `problem` is why it did not take it, None if it did.

    `is_gone`: it says that nobody will ever take anything there. `rest`: for how long it asked to be left alone.
    """

    delivery: EventDelivery
    status_code: int | None = field(default=None, kw_only=True)
    problem: str | None = field(default=None, kw_only=True)
    is_gone: bool = field(default=False, kw_only=True)
    rest: timedelta | None = field(default=None, kw_only=True)


class Deliveries:
    """Takes deliveries and writes what became of them."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store

    def due(self, now: datetime) -> list[Receiver]:
        """Return the receivers that have something due."""
        with self._store.transaction():
            return [receiver_of(row, now) for row in self._database.run("due_subscriptions", now=now)]

    def is_anything_wanted(self) -> bool:
        """Return whether anybody active has subscribed to anything."""
        with self._store.transaction():
            return bool(self._database.run("wanted_events"))

    def take(self, receiver: Receiver, now: datetime) -> list[EventDelivery]:
        """Take the next few deliveries to a receiver; until their lease ends nobody else does."""
        with self._store.transaction():
            rows = self._database.run(
                "take_deliveries",
                subscription_id=receiver.subscription_id,
                most=1 if receiver.is_failing else POSTS_AT_ONCE,
                lease_until=now + LEASE,
                now=now,
            )
        return [_delivery(row) for row in rows]

    def note(self, receiver: Receiver, answers: Listing[PostResult], now: datetime) -> bool:
        """Write what a receiver answered; returns whether it took anything. One that took nothing rests.

        Answers to a try that is no longer the last one are left out: somebody else has it.
        """
        delivered = [_row(one) for one in answers if one.problem is None]
        failed = [_failed(one) for one in answers if one.problem is not None]
        with self._store.transaction():
            if delivered:
                self._database.run("note_delivered", answers=delivered, now=now)
                self._database.change("note_taking", subscription_id=receiver.subscription_id)
            if failed:
                self._database.run("note_undelivered", answers=failed, now=now)
            if not delivered:
                self._note_failing(receiver, answers, now)
        return bool(delivered)

    def begin_ping(self, receiver: Receiver, now: datetime) -> EventDelivery:
        """Write the event of a test, and take it."""
        with self._store.transaction():
            written = self._database.run(
                "insert_ping",
                subscription_id=receiver.subscription_id,
                type=PING,
                lease_until=now + LEASE,
                now=now,
            )
        return _delivery(written[0])

    def end_ping(self, answer: PostResult, now: datetime) -> EventDelivery:
        """Write what a receiver answered to a test, which is not tried again."""
        with self._store.transaction():
            if answer.problem is None:
                self._database.run("note_delivered", answers=[_row(answer)], now=now)
            else:
                self._database.run("note_undelivered", answers=[_failed(answer)], now=now)
            return self._listed(answer.delivery.subscription_id, None, answer.delivery.id + 1, 1)[0]

    def listed(
        self, subscription_id: int | None, state: DeliveryState | None, after: int | None, limit: int
    ) -> list[EventDelivery]:
        """Return a page of deliveries, the latest first, after the one of an id."""
        below = LARGEST_ID if after is None else max(0, min(after, LARGEST_ID))
        if subscription_id is not None and not 0 < subscription_id <= LARGEST_ID:
            return []
        with self._store.transaction():
            return self._listed(subscription_id, state, below, limit)

    def again(self, delivery_id: int, now: datetime) -> bool:
        """Have an event told again that was delivered or given up; False if it is neither."""
        if not 0 < delivery_id <= LARGEST_ID:
            return False
        with self._store.transaction():
            give_up_at = now + GIVE_UP_AFTER
            return bool(self._database.run("redeliver", delivery_id=delivery_id, give_up_at=give_up_at, now=now))

    def let_go(self, now: datetime) -> bool:
        """Give up what waited for too long, and let go of what is long over; returns whether there is more."""
        with self._store.transaction():
            touched = (
                self._database.change("give_up_deliveries", now=now, most=LET_GO_AT_ONCE),
                self._database.change("let_go_deliveries", before=now - DELIVERY_RETENTION, most=LET_GO_AT_ONCE),
                self._database.change("let_go_unwanted", most=LET_GO_AT_ONCE),
            )
        return LET_GO_AT_ONCE in touched

    def _note_failing(self, receiver: Receiver, answers: Listing[PostResult], now: datetime) -> None:
        asked = max((one.rest for one in answers if one.rest is not None), default=None)
        rest = rest_after(receiver.failures + 1, asked)
        self._database.change("note_failing", subscription_id=receiver.subscription_id, rest=rest // SECOND, now=now)
        is_gone = any(one.is_gone for one in answers)
        problem = answers[-1].problem
        reason = (
            Reason.of(ReasonCode.RECEIVER_GONE, error=problem)
            if is_gone
            else Reason.of(ReasonCode.RECEIVER_FAILING, days=DISABLE_AFTER.days, error=problem)
        )
        disabled = self._database.run(
            "disable_failing",
            subscription_id=receiver.subscription_id,
            before=now if is_gone else now - DISABLE_AFTER,
            **stored(reason),
        )
        if disabled:
            self._store.events.refresh_wanted()

    def _listed(
        self, subscription_id: int | None, state: DeliveryState | None, below: int, limit: int
    ) -> list[EventDelivery]:
        text = None if state is None else str(state)
        rows = self._database.run(
            "list_deliveries", subscription_id=subscription_id, state=text, below=below, most=limit
        )
        return [_delivery(row) for row in rows]


def _row(answer: PostResult) -> dict[str, object]:
    return {"delivery": answer.delivery.id, "number": answer.delivery.tries, "code": answer.status_code}


def _failed(answer: PostResult) -> dict[str, object]:
    one = answer.delivery
    wait = max(wait_after(one.id, one.tries, one.failures + 1), answer.rest or timedelta(0))
    return {**_row(answer), "delay": wait // SECOND, "error": answer.problem}


def _delivery(row: Row) -> EventDelivery:
    state = DeliveryState(row["state"])
    return EventDelivery(
        row["id"],
        subscription_id=row["subscription_id"],
        type=row["type"],
        happened_at=instant(row["happened_at"]),
        about=_about(row),
        state=state,
        tries=row["tries"],
        failures=row["failures"],
        next_at=instant(row["next_at"]) if state is DeliveryState.WAITING else None,
        ended_at=instant_or_none(row["ended_at"]),
        status_code=row["status_code"],
        error=row["error"],
    )


def _about(row: Row, names: Iterable[str] = _ABOUT) -> Mapping[str, object]:
    about = {name: row[name] for name in names if row[name] is not None}
    reason = reason_of(row)
    if reason is None:
        return about
    return {**about, "reason": words(reason), "reason_code": str(reason.code), "reason_facts": dict(reason.facts)}
