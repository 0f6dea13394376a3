"""Senders as a person handles them: set up, paused, resumed, archived, replaced."""

import json
from collections import Counter
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter

from dripline.core.explain import words, words_or_none
from dripline.core.planning.plan import Action
from dripline.core.planning.settings_plan import SettingsPlan, plan_sender
from dripline.core.reason import Reason, ReasonCode, code_of, facts_of
from dripline.core.senders.assignment import spread
from dripline.core.senders.lane import SLOW_TURNS
from dripline.core.senders.rate_meter import day_meter
from dripline.core.senders.sender import Sender, SenderStatus
from dripline.core.text import is_text
from dripline.core.views.senders import SenderEvent, SenderState
from dripline.errors import InvalidSender, NoSuchSender
from dripline.store.database.database import Database, Row, instant, instant_or_none
from dripline.store.enrollments.assignment import assign, change_loads, loads_of_sequence, reassign
from dripline.store.enrollments.store import SECOND, Store
from dripline.store.outbox import note_sender_events
from dripline.store.reasons import NO_REASON, known_reason_of, reason_of, stored
from dripline.store.rows import counts_of, shown_pace_of

EVENTS_SHOWN = 50
"""How many of the latest events of a sender are read."""


class Senders:
    """Everything a person does to senders, on one database."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store

    def plan(self, sender: Sender) -> SettingsPlan:
        """Say what applying a sender would change.

        Raises:
            InvalidSender: Its name or pool is taken by something else, or its channel would change.
        """
        with self._database.transaction():
            return self._plan(sender)[1]

    def apply(self, sender: Sender, now: datetime) -> SettingsPlan:
        """Create or update a sender, known by its name.

        Raises:
            InvalidSender: Its name or pool is taken by something else, its channel would change, or a sequence would
                be left without any sender.
        """
        with self._database.transaction():
            found, planned = self._plan(sender)
            settings = {
                "account": sender.account,
                "pool": sender.pool,
                "pace": json.dumps(sender.pace.as_json(), ensure_ascii=False),
                "now": now,
            }
            if found is None:
                added = self._database.run("insert_sender", name=sender.name, channel=sender.channel, **settings)
                self._database.change("insert_load", sender_id=added[0]["id"])
            elif planned.action is Action.UPDATE:
                self._database.change(
                    "update_sender", sender_id=found["id"], longest_rest=sender.pace.gaps[1] // SECOND, **settings
                )
                self._refuse_stranded(sender.name)
                for row in self._database.run("sequences_of_sender", sender_id=found["id"]):
                    reassign(self._database, row["sequence_id"])
            return planned

    def channel_of(self, names: tuple[str, ...], coming: tuple[Sender, ...] = ()) -> str:
        """Return the one channel of the senders and pools of these names; those `coming` are yet to be applied.

        Raises:
            InvalidSender: One of them is nobody, or they speak through different channels.
        """
        channels: dict[str, str] = {}
        for name in names:
            called = self._database.run("senders_called", name=name)
            live = {row["channel"]: row["name"] for row in called if row["status"] != SenderStatus.ARCHIVED}
            live |= {sender.channel: sender.name for sender in coming if name in (sender.name, sender.pool)}
            if not live:
                gone = ", it was archived" if called else ""
                raise InvalidSender(f"There is no sender or pool {name!r}{gone}: apply one, or name another.")
            channels |= live
        if len(channels) > 1:
            choices = " and ".join(f"{name} through {channel}" for channel, name in sorted(channels.items()))
            raise InvalidSender(f"A sequence speaks through one channel, and {choices}: name senders of one.")
        return next(iter(channels))

    def pause(self, name: str, reason: Reason, now: datetime) -> bool:
        """Keep a sender's lane from being claimed; what is in flight settles. False if it was paused already."""
        return self._set_status(name, SenderStatus.PAUSED, reason, now)

    def resume(self, name: str, now: datetime, *, least: timedelta = timedelta(0)) -> bool:
        """Let a paused or broken sender go on, slowly at first and never sooner than its gap. False if it never stood.

        `least`: how long one that was broken rests at least.

        Raises:
            InvalidSender: There is none of that name, or it is archived.
        """
        with self._database.transaction():
            found = self._live(name)
            longest = max(shown_pace_of(found["pace"]).gaps[1], least) // SECOND
            freed = self._database.change("free_broken_lane", sender_id=found["id"], longest_rest=longest, now=now)
            resumed = self._change_status(found, SenderStatus.ACTIVE, None, now)
            if freed and not resumed:
                self._note(found["id"], "resumed", Reason.of(ReasonCode.RESUMED_BY_PERSON), now)
            return bool(freed) or resumed

    def archive(self, name: str, heir: str | None, now: datetime) -> int:
        """Retire a sender for good and give its leads to its heir, or, without one, to the others of their sequences.

        Returns how many live enrollments went over. What is being sent at this instant settles where it is.

        Raises:
            InvalidSender: There is none of that name, the heir cannot be one, or a sequence has nobody else.
        """
        with self._store.transaction():
            # Before the sender itself: who settles its records has these, and writes to the sender then.
            self._hold_leads_of(name)
            found = self._live(name)
            heir_row = None if heir is None else self._heir(found, heir)
            reason = (
                Reason.of(ReasonCode.SENDER_ARCHIVED)
                if heir_row is None
                else Reason.of(ReasonCode.SENDER_REPLACED, heir=heir_row["name"])
            )
            self._change_status(found, SenderStatus.ARCHIVED, reason, now)
            if heir_row is not None:
                self._database.change("name_heir_in_sequences", sender_id=found["id"], heir=heir_row["name"])
                self._database.change("name_heir", sender_id=found["id"], heir_id=heir_row["id"])
            self._refuse_stranded(name)
            return self._hand_over(found, None if heir_row is None else heir_row["id"])

    def all(self, now: datetime) -> list[SenderState]:
        """Return every sender as it stands, in the order of their names."""
        return [_state(row, now) for row in self._database.run("all_senders", now=now)]

    def events(self, name: str) -> list[SenderEvent]:
        """Return the latest of what happened to a sender, the latest first.

        Raises:
            InvalidSender: There is none of that name.
        """
        found = self._find(name)
        return [_event(row) for row in self._database.run("sender_events", sender_id=found["id"], most=EVENTS_SHOWN)]

    def check_known(self, name: str) -> None:
        """Refuse the name of a sender that is not there.

        Raises:
            InvalidSender: There is none of that name.
        """
        self._find(name)

    def _plan(self, sender: Sender) -> tuple[Row | None, SettingsPlan]:
        found = next(iter(self._database.run("find_sender", name=sender.name)), None)
        if found is not None and found["status"] == SenderStatus.ARCHIVED:
            raise InvalidSender(f"The sender {sender.name!r} was archived: give the new one another name.")
        if found is not None and found["channel"] != sender.channel:
            raise InvalidSender(
                f"The sender {sender.name!r} speaks through {found['channel']!r}, not {sender.channel!r}: "
                f"apply another sender for that."
            )
        self._check_names(sender)
        if found is None:
            return None, plan_sender(None, sender)
        leaving = self._database.run("leaving_with_pool", sender_id=found["id"], pool=sender.pool)[0]["many"]
        return found, plan_sender(_sender(found), sender, leaving=leaving)

    def _check_names(self, sender: Sender) -> None:
        if any(row["pool"] == sender.name for row in self._database.run("senders_called", name=sender.name)):
            raise InvalidSender(f"There is a pool named {sender.name!r}: give the sender another name.")
        if sender.pool is None:
            return
        for row in self._database.run("senders_called", name=sender.pool):
            if row["name"] == sender.pool:
                raise InvalidSender(f"There is a sender named {sender.pool!r}: give the pool another name.")
            if row["channel"] != sender.channel and row["name"] != sender.name:
                raise InvalidSender(
                    f"The pool {sender.pool!r} speaks through {row['channel']!r}: put {sender.name!r} in another pool."
                )

    def _find(self, name: str) -> Row:
        found = self._database.run("find_sender", name=name) if is_text(name) else []
        if not found:
            raise NoSuchSender(f"There is no sender {name!r}: see dripline senders for those there are.")
        return found[0]

    def _live(self, name: str) -> Row:
        found = self._find(name)
        if found["status"] == SenderStatus.ARCHIVED:
            raise InvalidSender(f"The sender {name!r} was archived, for good: apply a new one under another name.")
        return found

    def _heir(self, found: Row, name: str) -> Row:
        heir = self._live(name)
        if heir["id"] == found["id"]:
            raise InvalidSender(f"The sender {name!r} cannot replace itself: name another one.")
        if heir["channel"] != found["channel"]:
            raise InvalidSender(f"The sender {name!r} speaks through {heir['channel']!r}, not {found['channel']!r}.")
        return heir

    def _set_status(self, name: str, status: SenderStatus, reason: Reason, now: datetime) -> bool:
        with self._database.transaction():
            return self._change_status(self._live(name), status, reason, now)

    def _change_status(self, found: Row, status: SenderStatus, reason: Reason | None, now: datetime) -> bool:
        written = NO_REASON if reason is None else stored(reason)
        changed = self._database.run(
            "set_sender_status", sender_id=found["id"], status=str(status), slow=SLOW_TURNS, now=now, **written
        )
        if changed:
            event = "resumed" if status is SenderStatus.ACTIVE else str(status)
            self._note(found["id"], event, reason or Reason.of(ReasonCode.RESUMED_BY_PERSON), now)
        return bool(changed)

    def _note(self, sender_id: int, event: str, reason: Reason, now: datetime) -> None:
        note_sender_events(self._database, {str(sender_id): {"event": event, **stored(reason)}}, now)

    def _refuse_stranded(self, name: str) -> None:
        stranded = self._database.run("stranded_sequences")
        if stranded:
            raise InvalidSender(
                f"The sequence {stranded[0]['name']!r} would have no sender without {name!r}: "
                "name who takes over its leads, or give the sequence another sender first."
            )

    def _hand_over(self, found: Row, heir: int | None) -> int:
        gone = found["id"]
        moved: Counter[int] = Counter()
        live = self._held(gone)
        for sequence, rows in groupby(live, key=itemgetter("sequence_id")):
            orphans = [row["id"] for row in rows]
            takers = {heir: 0} if heir is not None else loads_of_sequence(self._database, sequence)
            if not takers:
                raise InvalidSender(f"Leads of {found['name']!r} have no other sender to go to: name who replaces it.")
            given = spread(takers, len(orphans))
            assign(self._database, orphans, given)
            change_loads(self._database, {gone: -len(given), **Counter(given)})
            moved.update(given)
        self._database.change("write_begun_of_sender", sender_id=gone)
        self._database.change("hand_over_records", sender_id=gone)
        return moved.total()

    def _hold_leads_of(self, name: str) -> None:
        for row in self._database.run("sender_called", name=name) if is_text(name) else ():
            self._store.hold(live["id"] for live in self._database.run("live_of_sender", sender_id=row["id"]))

    def _held(self, sender_id: int) -> list[Row]:
        """Return the live enrollments of a sender, which stay so until the transaction ends."""
        if self._database.dialect.locks:
            # Who enrolls now gave some to this sender before it was archived; they are seen once that is over.
            self._database.run("lock_enrolling")
            self._store.hold(row["id"] for row in self._database.run("live_of_sender", sender_id=sender_id))
            self._database.run("lock_all_loads")
        return self._database.run("live_of_sender", sender_id=sender_id)


def _event(row: Row) -> SenderEvent:
    reason = known_reason_of(row)
    return SenderEvent(
        instant(row["at"]),
        event=row["event"],
        reason=words(reason),
        reason_code=reason.code,
        reason_facts=reason.facts,
    )


def _sender(row: Row) -> Sender:
    return Sender(
        row["name"], channel=row["channel"], account=row["account"], pool=row["pool"], pace=shown_pace_of(row["pace"])
    )


def _state(row: Row, now: datetime) -> SenderState:
    cold_until = instant_or_none(row["cold_until"])
    reason = reason_of(row)
    wait = reason_of(row, "wait") if instant(row["free_at"]) > now else None
    return SenderState(
        _sender(row),
        status=SenderStatus(row["status"]),
        reason=words_or_none(reason),
        reason_code=code_of(reason),
        reason_facts=facts_of(reason),
        replaced_by=row["replaced_by"],
        live=row["live"],
        due=row["due"],
        sent_today=day_meter(counts_of(row["day_counts"])).total(now),
        free_at=instant(row["free_at"]),
        wait_reason=words_or_none(wait),
        wait_code=code_of(wait),
        wait_facts=facts_of(wait),
        is_broken=bool(row["is_trying"]),
        first_sent_at=instant_or_none(row["first_sent_at"]),
        cold_until=cold_until if cold_until is not None and cold_until > now else None,
    )
