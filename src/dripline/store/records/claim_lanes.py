"""Lanes in the database: whose turn it is, and how each goes on after it. What is decided is in `core.senders.lane`."""

from collections import Counter
from collections.abc import Container, Iterable, Mapping
from collections.abc import Sequence as Listing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import chain

from dripline.core.reason import Reason, ReasonCode
from dripline.core.senders.lane import Change, Closed, Lane, Open, begin_turn, opening
from dripline.core.senders.rate_meter import Meter, day_meter, hour_meter
from dripline.store.conversations.conversations import ANY_TIME, Windows
from dripline.store.database.database import Database, Row, instant, instant_or_none
from dripline.store.enrollments.store import SECOND, Fields, Store, keys
from dripline.store.outbox import note_sender_events
from dripline.store.reasons import facts_text, stored
from dripline.store.records.claim import Claiming, Claims
from dripline.store.records.claimed import NO_CONTACTS, Contacts
from dripline.store.rows import counts_of, pace_of

LOOK_AGAIN = timedelta(hours=1)
"""How soon a lane is looked at again that cannot be read."""

FEW = 10
"""Up to how many due records of a lane are counted: lanes with less than that go together, however many fit a batch."""


@dataclass(frozen=True, slots=True)
class ClaimOptions:
    """On what terms a worker takes lanes: for how long, and about how many messages at once.

    `begin`: how many of these begin to be sent at once; None: all of them, with their claim.
    """

    worker: str
    lease: timedelta = field(kw_only=True)
    batch: int = field(kw_only=True)
    begin: int | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class ClaimedTurns:
    """The turns that a worker has taken: each lane as it is during its turn, and the claims of all of them.

    `idle` are lanes with nothing after all that may go in this pass; `is_over`: no lane is left to look at.
    """

    lanes: dict[int, Lane] = field(default_factory=dict[int, Lane], kw_only=True, hash=False)
    claims: Claims = field(default_factory=Claims, kw_only=True, hash=False)
    idle: frozenset[int] = field(default=frozenset(), kw_only=True)
    is_over: bool = field(default=False, kw_only=True)


class Lanes:
    """Takes turns and ends them, on one database. `windows`, `threads` and `contacts` as claiming takes them."""

    def __init__(
        self,
        database: Database,
        store: Store,
        windows: Windows = ANY_TIME,
        threads: Container[str] = frozenset(),
        contacts: Contacts = NO_CONTACTS,
    ) -> None:
        self._database = database
        self._store = store
        self._claiming = Claiming(database, store, windows, threads, contacts)

    def take_turns(self, channel: str, terms: ClaimOptions, now: datetime, *, passed: Iterable[int]) -> ClaimedTurns:
        """Take the turns of lanes that have rested and have due work, and claim their records; about a batch of them.

        Lanes that may not send now are closed until they may, with the reason. Lanes in `passed` are left for another
        pass, and so are records that are held back. Committed before this returns: whatever becomes of the worker, the
        lanes have counted their turns and rest until the leases end.
        """
        with self._store.transaction():
            free = self._database.run(
                "free_lanes", channel=channel, now=now, passed_over=keys(passed), lanes=terms.batch, few=FEW
            )
            due = {row["id"]: row["due"] for row in free}
            lanes = {row["id"]: lane for row in free if (lane := readable_lane(row)) is not None}
            self._close({row["id"]: _unreadable(now) for row in free if row["id"] not in lanes}, now)
            openings = {sender_id: opening(lane, now) for sender_id, lane in lanes.items()}
            ready = {lane: _limited(at.count, due[lane]) for lane, at in openings.items() if isinstance(at, Open)}
            self._close({lane: at for lane, at in openings.items() if isinstance(at, Closed)}, now)
            turn_sizes = _fitting(ready, terms.batch)
            found = self._claim(turn_sizes, terms, now) if turn_sizes else {}
            claimed = [*chain.from_iterable(found.values())]
            claims = (
                self._claiming.admit(claimed, terms.worker, channel, now, begin=terms.begin) if claimed else Claims()
            )
            sent = Counter(record.sender_id for record in claims.records)
            turns = {lane: begin_turn(lanes[lane], sent[lane], now, terms.lease) for lane in found if sent[lane]}
            self._lease(turns, terms, now)
        # A lane whose records were all turned away has had no turn: it is asked again, for what is due behind them.
        return ClaimedTurns(
            lanes=turns,
            claims=claims,
            idle=frozenset(turn_sizes.keys() - found.keys()),
            is_over=len(free) < terms.batch and len(turn_sizes) == len(ready) and len(turns) == len(found),
        )

    def renew(self, worker: str, lanes: Iterable[int], until: datetime) -> None:
        """Let the turns that a worker still has hold until then. Call inside a transaction."""
        self._database.change("renew_lanes", worker=worker, lanes=keys(lanes), lease_until=until)

    def end_turns(self, worker: str, changes: Listing[Change], now: datetime) -> None:
        """Write how lanes go on after their turns, and what a person should know. Call inside a transaction.

        A lane whose turn is no longer this worker's is left as it is: somebody else paces it.
        """
        rows = {str(change.lane.sender_id): _ended(change.lane, now) for change in changes}
        self.lock(changes_of.lane.sender_id for changes_of in changes)
        self._database.change("end_turns", worker=worker, lanes=rows, now=now)
        events = {
            str(change.lane.sender_id): {"event": change.event, **stored(change.reason)}
            for change in changes
            if change.event is not None and change.reason is not None
        }
        if events:
            note_sender_events(self._database, events, now)

    def lock(self, lanes: Iterable[int]) -> None:
        """Lock lanes in one order, where more is written to them than the ends of turns. Call inside a transaction."""
        if self._database.dialect.locks:
            self._database.run("lock_lanes", lanes=keys(lanes))

    def rest_accounts(self, channels: Mapping[str, Fields], now: datetime) -> None:
        """Let every lane of channels rest, keyed by name with `rest` in seconds and why. Inside a transaction."""
        self._database.run("lock_lanes_of_channels", channels=channels)
        self._database.change("rest_account", channels=channels, now=now)

    def _close(self, closed: dict[int, Closed], now: datetime) -> None:
        if closed:
            rows = {
                str(lane): {"delay": (at.until - now) // SECOND, **stored(at.reason)} for lane, at in closed.items()
            }
            self._database.change("close_lanes", lanes=rows, now=now)

    def _claim(self, turn_sizes: dict[int, int], terms: ClaimOptions, now: datetime) -> dict[int, list[int]]:
        """Return the records that each lane got, by lane."""
        claimed: dict[int, list[int]] = {}
        rows = self._database.run(
            "claim_turns",
            lanes={str(lane): count for lane, count in turn_sizes.items()},
            worker=terms.worker,
            lease_until=now + terms.lease,
            begun_at=now if terms.begin is None else None,
            now=now,
            held_back=self._store.held_back(),
        )
        for row in rows:
            claimed.setdefault(row["sender_id"], []).append(row["id"])
        return claimed

    def _lease(self, turns: dict[int, Lane], terms: ClaimOptions, now: datetime) -> None:
        if turns:
            rows = {
                str(sender_id): {"turn": lane.turn, "rest": (lane.free_at - now) // SECOND} | _counts(lane)
                for sender_id, lane in turns.items()
            }
            until = now + terms.lease
            self._database.change("lease_lanes", lanes=rows, worker=terms.worker, lease_until=until, now=now)


def _limited(count: int, due: int) -> int:
    """Return how many messages a lane's turn may come to, where its due work was counted up to `FEW`."""
    return count if due == FEW else min(count, due)


def _fitting(turn_sizes: dict[int, int], batch: int) -> dict[int, int]:
    """Return the first lanes whose turns fit a batch together, at least one."""
    fitting: dict[int, int] = {}
    room = batch
    for lane, count in turn_sizes.items():
        if fitting and count > room:
            break
        fitting[lane] = count
        room -= count
    return fitting


def readable_lane(row: Row) -> Lane | None:
    """Read a lane; None if somebody wrote what is no pace or count into it."""
    try:
        return lane_of(row)
    except (ValueError, TypeError, LookupError, AttributeError):
        return None


def _unreadable(now: datetime) -> Closed:
    return Closed(now + LOOK_AGAIN, reason=Reason.of(ReasonCode.LANE_UNREADABLE))


def lane_of(row: Row) -> Lane:
    """Read a lane: a sender's pace and past."""
    return Lane(
        row["id"],
        name=row["name"],
        pace=pace_of(row["pace"]),
        free_at=instant(row["free_at"]),
        turn=row["turn"],
        first_sent_at=instant_or_none(row["first_sent_at"]),
        hour=hour_meter(counts_of(row["hour_counts"])),
        day=day_meter(counts_of(row["day_counts"])),
        failures=row["failures"],
        trips=row["trips"],
        is_trying=bool(row["is_trying"]),
        slow=row["slow"],
    )


def _ended(lane: Lane, now: datetime) -> Fields:
    return {
        "turn": lane.turn,
        "rest": (lane.free_at - now) // SECOND,
        "wait_code": None if lane.wait_reason is None else str(lane.wait_reason.code),
        "wait_facts": None if lane.wait_reason is None else facts_text(lane.wait_reason),
        "failures": lane.failures,
        "trips": lane.trips,
        "is_trying": int(lane.is_trying),
        "slow": lane.slow,
    } | _counts(lane)


def _counts(lane: Lane) -> Fields:
    return {"hour_counts": _written(lane.hour), "day_counts": _written(lane.day)}


def _written(meter: Meter) -> str:
    # By hand: two of these are written for every turn that begins or ends, and json.dumps takes four times as long.
    return "{" + ", ".join([f'"{bucket}": {count}' for bucket, count in meter.counts.items()]) + "}"
