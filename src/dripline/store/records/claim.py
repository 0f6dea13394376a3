"""Claiming: records that are active and due become one worker's, unless a rule turns them away; one transaction.

What is claimed is committed before anything is sent, so that whatever happens next it is known to be in flight.
"""

from collections import Counter
from collections.abc import Container, Iterable, Mapping
from collections.abc import Sequence as Listing
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dripline.core.messages.facts import Facts
from dripline.core.reason import Reason, ReasonCode
from dripline.core.records.rules import DAY, LOOK_AGAIN, Cancel, Hold, Rules, Skip, TurnedAway, Wait, turn_away
from dripline.core.time.schedule import AHEAD
from dripline.store.conversations.conversations import ANY_TIME, Conversations, Windows
from dripline.store.database.database import Database, Row, instant, instant_or_none
from dripline.store.enrollments.store import SECOND, Fields, Store, keys
from dripline.store.reasons import stored
from dripline.store.records.claimed import NO_CONTACTS, NOTHING_HELD, Claimed, Contacts, HeldBack, claimed_of
from dripline.store.records.step_facts import StepFacts, read_step
from dripline.store.records.threads import NOTHING, threads_of
from dripline.store.rows import rules_of
from dripline.store.senders.reply_only import Cold, Pair
from dripline.store.sql_prompt.set_aside import cancel_dangling, set_aside

Recent = dict[int, list[datetime]]
"""The recent messages of leads, by lead, in order."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What a claim came to: the records that go, and how many were turned away and why."""

    records: list[Claimed] = field(default_factory=list[Claimed], kw_only=True, hash=False)
    turned_away: Counter[str] = field(default_factory=Counter[str], kw_only=True, hash=False)

    def __bool__(self) -> bool:
        """Whether anything was found at all."""
        return bool(self.records or self.turned_away)


@dataclass(frozen=True, slots=True)
class Due:
    """What is due: whether anything that goes without a sender, and which channels have a lane that may go."""

    is_unpaced: bool = field(kw_only=True)
    open_channels: set[str] = field(kw_only=True, hash=False)


@dataclass(frozen=True, slots=True)
class Asked:
    """Records that have not ended, and what the claim would ask of each, by record. `recent` by lead."""

    rows: Listing[Row]
    rules: Mapping[int, Rules] = field(kw_only=True, hash=False)
    recent: Recent = field(kw_only=True, hash=False)


@dataclass(frozen=True, slots=True)
class Stray:
    """It goes by another sender, or through another channel, than the one that claimed it."""


class Claiming:
    """Claims for any worker, on one database.

    `windows`: which of its channels take free text how long; `threads`: whose messages refer to those before them;
    `contacts`: the kinds of address of those that speak to one of their own.
    """

    def __init__(
        self,
        database: Database,
        store: Store,
        windows: Windows = ANY_TIME,
        threads: Container[str] = frozenset(),
        contacts: Contacts = NO_CONTACTS,
    ) -> None:
        self._database = database
        self._windows = windows
        self._threads = threads
        self._contacts = contacts
        self._store = store
        self._conversations = Conversations(database, windows)
        self._cold = Cold(database, store)

    def look(self, now: datetime) -> Due:
        """Return what is due that may go now."""
        return Due(is_unpaced=self._store.is_unpaced_due(now), open_channels=self.open_channels(now))

    def open_channels(self, now: datetime) -> set[str]:
        """Return the channels that have a lane that has rested and has due work."""
        return {row["channel"] for row in self._database.run("open_channels", now=now)}

    def claim(
        self, worker: str, channel: str, *, now: datetime, lease: timedelta, batch: int, begin: int | None = None
    ) -> Claims:
        """Take at most `batch` records of a channel that go by no sender and are active and due.

        Never one before its time, never one that another worker has, never one that is held back for the next pass.
        `begin`: how many of them begin to be sent at once; None: all of them, with their claim.
        """
        with self._store.transaction():
            claimed = self._database.run(
                "claim_due",
                now=now,
                channel=channel,
                batch=batch,
                worker=worker,
                lease_until=now + lease,
                begun_at=now if begin is None else None,
                held_back=self._store.held_back(),
            )
            if not claimed:
                return Claims()
            return self.admit([row["id"] for row in claimed], worker, channel, now, begin=begin)

    def admit(
        self, records: Listing[int], worker: str, channel: str, now: datetime, *, begin: int | None = None
    ) -> Claims:
        """Turn away those of the records just claimed that may not go now, and begin the first `begin` of the others.

        None: all of them began with their claim.

        What goes by another sender or channel by now is left to that one: a channel is never asked to send to another's
        kind of address. Call in the transaction that claimed them for `channel`.
        """
        found = self._database.run("read_claimed", records=keys(records))
        if len(found) < len(records):
            cancel_dangling(self._database, {*records} - {row["id"] for row in found}, worker, now)
        steps = self._steps(found)
        rows = [row for row in found if row["sequence_stepid"] in steps]
        if len(rows) < len(found):
            unreadable = [row for row in found if row["sequence_stepid"] not in steps]
            set_aside(self._database, unreadable, worker, now)
        channels = {step_id: step.channel for step_id, step in steps.items()}
        held = self._held(rows, channels, now)
        strays = _find_strays(rows, channels, channel, now)
        judged = [row for row in rows if row["id"] not in strays] if strays else rows
        verdicts: dict[int, _Verdict] = {**strays, **self._verdicts(judged, steps, held, now)}
        going = [row for row in rows if row["id"] not in verdicts] if verdicts else rows
        beginning = going[:begin]
        if beginning and begin is not None:
            self._database.change("begin", records=keys(row["id"] for row in beginning), worker=worker, now=now)
        follows = threads_of(self._database, going, channel) if channel in self._threads else {}
        claimed = [
            claimed_of(
                row,
                steps[row["sequence_stepid"]],
                held,
                self._contacts,
                has_begun=place < len(beginning),
                before=follows.get(row["id"], NOTHING),
            )
            for place, row in enumerate(going)
        ]
        if not verdicts:
            return Claims(records=claimed)
        counts = self._turn_away([row for row in rows if row["id"] in verdicts], verdicts, worker, now)
        return Claims(records=claimed, turned_away=counts)

    def facts_of(self, records: Iterable[int]) -> list[Facts]:
        """Return what is known of records as it stands, to render what they say; nothing is claimed."""
        rows = self._database.run("read_claimed", records=keys(records))
        steps = self._steps(rows)
        return [
            claimed_of(row, steps[row["sequence_stepid"]], NOTHING_HELD, self._contacts).facts
            for row in rows
            if row["sequence_stepid"] in steps
        ]

    def speaks_to_contacts(self, channel: str) -> bool:
        """Return whether a channel speaks to a kind of address of its own."""
        return channel in self._contacts

    def asked(self, records: Iterable[int], now: datetime, before: Recent | None = None) -> "Asked":
        """Return what the claim would ask of records as they stand; nothing is claimed or locked.

        `before`: messages of leads that count beside those that are stored.
        """
        found = self._database.run("read_claimed", records=keys(records))
        steps = self._steps(found)
        rows = [row for row in found if row["sequence_stepid"] in steps]
        recent = self._recent(rows, steps, now, lock=False) | (before or {})
        held = self._held(rows, {step_id: step.channel for step_id, step in steps.items()}, now)
        rules = {row["id"]: _rules(row, steps[row["sequence_stepid"]], recent, held) for row in rows}
        return Asked(rows, rules=rules, recent=recent)

    def _steps(self, rows: Listing[Row]) -> dict[int, StepFacts]:
        """Return the steps of the records that were read, by id; without those that cannot be read."""
        found = self._database.run("read_steps", steps=keys({row["sequence_stepid"] for row in rows})) if rows else []
        return {row["id"]: step for row in found if (step := read_step(row)) is not None}

    def _held(self, rows: Listing[Row], channels: Mapping[int, str], now: datetime) -> "HeldBack":
        """Return what their providers would not take as it is, since the leads did not write."""
        has_windows = not self._windows.keys().isdisjoint(channels.values())
        closed = self._conversations.closed(rows, channels, now) if has_windows else set[int]()
        return HeldBack(closed, self._strangers(rows, channels))

    def _strangers(self, rows: Listing[Row], channels: Mapping[int, str]) -> dict[int, datetime | None]:
        """Return the records whose sender was not let write to strangers, and whose lead never wrote to it.

        By record, until when they wait, None where that is over; where nobody was refused this costs nothing.
        """
        pairs = {
            row["id"]: Pair(
                row["sender_id"],
                channel=channels[row["sequence_stepid"]],
                account=row["account"],
                address=row["address"],
            )
            for row in rows
            if row["cold_trips"] and row["address"] is not None
        }
        if not pairs:
            return {}
        warm = self._cold.warm(pairs.values())
        until = {row["id"]: instant_or_none(row["cold_until"]) for row in rows}
        return {record: until[record] for record, pair in pairs.items() if pair not in warm}

    def _verdicts(
        self, rows: Listing[Row], steps: Mapping[int, StepFacts], held: "HeldBack", now: datetime
    ) -> dict[int, TurnedAway]:
        recent = self._recent(rows, steps, now)
        verdicts: dict[int, TurnedAway] = {}
        for row in rows:
            step = steps[row["sequence_stepid"]]
            if not recent and step.bounds.is_open and _is_free(row, held):
                continue
            verdict = turn_away(_rules(row, step, recent, held), now)
            if verdict is not None:
                verdicts[row["id"]] = verdict
            elif row["lead_id"] in recent:
                recent[row["lead_id"]].append(now)
        return verdicts

    def _recent(
        self, rows: Listing[Row], steps: Mapping[int, StepFacts], now: datetime, *, lock: bool = True
    ) -> dict[int, list[datetime]]:
        """Return the recent messages of each lead for which a gap or a cap is set, in order.

        Their leads are locked, so that two workers never decide on one lead at once; a lead that another one has is
        left out: nobody waits for a lock here while holding records that the other may want.
        """
        if not any(step.bounds.asks_of_leads for step in steps.values()):
            return {}
        gap = max(step.bounds.min_gap for step in steps.values())
        leads = keys({row["lead_id"] for row in rows})
        locked = (row["id"] for row in self._database.run("lock_leads", leads=leads)) if lock else map(int, leads)
        ours = {lead: list[datetime]() for lead in locked}
        mine = {row["id"] for row in rows}
        since = now - max(gap, DAY)
        for row in self._database.run("recent_messages", leads=keys(ours), since=since, now=now):
            if row["id"] not in mine and since < instant(row["at"]) <= now + AHEAD:
                ours[row["lead_id"]].append(instant(row["at"]))
        return {lead: sorted(times) for lead, times in ours.items()}

    def _turn_away(
        self, rows: Listing[Row], verdicts: Mapping[int, "_Verdict"], worker: str, now: datetime
    ) -> Counter[str]:
        """Write what became of the records that were turned away, and return how many of each."""
        counts = Counter[str]()
        for kind, (statement, name) in _MOVES.items():
            records = {
                str(row["id"]): {"attempt": row["attempt"]} | _fields(verdict, now)
                for row in rows
                if isinstance(verdict := verdicts[row["id"]], kind)
            }
            if records:
                self._database.run(statement, records=records, worker=worker, now=now)
                counts[name] += len(records)
            reported = {record: move for record, move in records.items() if move.get("code") not in _UNREPORTED}
            if reported and kind is Wait:
                self._database.change("note_moves", records=reported, now=now)
        cancelled = {
            row["enrollment_id"]: gone.reason for row in rows if isinstance(gone := verdicts[row["id"]], Cancel)
        }
        self._store.leave(cancelled, now)
        self._store.go_on_past_late([row["id"] for row in rows if isinstance(verdicts[row["id"]], Skip)], now)
        return counts


_Verdict = TurnedAway | Stray

_UNREPORTED = {ReasonCode.CONTENDED, ReasonCode.NEEDS_TEMPLATE, ReasonCode.WRONG_CHANNEL}
"""Waits that come again and again; the record itself says why."""

_MOVES: dict[type[_Verdict], tuple[str, str]] = {
    Stray: ("return_to_sender", "deferred"),
    Wait: ("defer", "deferred"),
    Skip: ("skip_claimed", "skipped"),
    Hold: ("hold_claimed", "paused"),
    Cancel: ("cancel_claimed", "cancelled"),
}
"""What each verdict does to a record, and how it is counted."""


def _fields(verdict: _Verdict, now: datetime) -> Fields:
    match verdict:
        case Wait(until, reason=reason):
            return {"delay": (until - now) // SECOND, **stored(reason)}
        case Stray():
            return {}
        case _:
            return stored(verdict.reason)


def _is_free(row: Row, held: HeldBack) -> bool:
    """Return whether nothing is said of a record that could turn it away, where its step's bounds are open."""
    return (
        row["suppressed"] is None
        and row["leaving_code"] is None
        and row["pause_code"] is None
        and row["id"] not in held.closed
        and row["id"] not in held.strangers
    )


def _rules(row: Row, step: StepFacts, recent: dict[int, list[datetime]], held: HeldBack) -> Rules:
    lead = row["lead_id"]
    return rules_of(
        row,
        step.bounds,
        recent.get(lead, ()),
        is_contended=step.bounds.asks_of_leads and lead not in recent,
        needs_template=step.content.template is None and row["id"] in held.closed,
        cold_until=held.strangers.get(row["id"]),
    )


def _find_strays(
    rows: Iterable[Row], channels: Mapping[int, str], channel: str, now: datetime
) -> dict[int, Wait | Stray]:
    """Return which of the records claimed for `channel` it must not send; `channels` is the channel of each step.

    What goes by another sender by now is left to that one. Where the sender speaks through another channel than its
    sequence, the record waits: no channel is ever asked to send to another one's kind of address.
    """
    strays: dict[int, Wait | Stray] = {}
    for row in rows:
        own = channels[row["sequence_stepid"]]
        if row["sender_id"] != row["enrollment_sender"]:
            strays[row["id"]] = Stray()
        elif row["sender_channel"] not in {None, own}:
            strays[row["id"]] = Wait(now + LOOK_AGAIN, reason=Reason.of(ReasonCode.WRONG_CHANNEL))
        elif channel != own:
            strays[row["id"]] = Stray()
    return strays
