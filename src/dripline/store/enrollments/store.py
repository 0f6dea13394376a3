"""The verbs of the store: each one use case, one transaction, a fixed number of statements whatever the batch.

Statements take their batch as one JSON object. Whatever changes a record names the status that it expects, and of a
claimed one the worker and the attempt; a row that does not match was somebody else's in the meantime and is left alone.
"""

import json
from collections import Counter
from collections.abc import Callable, Container, Iterable
from collections.abc import Sequence as Listing
from datetime import datetime, timedelta

from typing_extensions import override

from dripline.core.events.event import EventType
from dripline.core.leads.lead import Lead, NewLead, field_values
from dripline.core.reason import Reason, ReasonCode
from dripline.core.time.schedule import FAILURE_LIMIT
from dripline.core.views.leads import LeadResult
from dripline.errors import DatabaseContended
from dripline.store.database.database import Database, Row, instant, instant_or_none
from dripline.store.database.transactions import Now, Transactions, keys
from dripline.store.enrollments.assignment import assign_newcomers, change_loads
from dripline.store.enrollments.known_leads import find_known
from dripline.store.enrollments.lead_merge import LeadMerge, identity
from dripline.store.enrollments.merging import ITSELF, Merging
from dripline.store.enrollments.rescue import InHand, Rescued
from dripline.store.enrollments.results import Results
from dripline.store.enrollments.spacing import Spacing
from dripline.store.enrollments.waiting import ask_again_of_leads
from dripline.store.enrollments.wall_clocks import WallClocks
from dripline.store.maybe_stopped import hold_doubtful
from dripline.store.outbox import Outbox
from dripline.store.reasons import stored
from dripline.store.restored import suspect, suspect_followers
from dripline.store.unlinked_messages import link_messages

SECOND = timedelta(seconds=1)

MATCHES = 10
"""How often leads are matched with those that are stored, while others write the same ones."""

Fields = dict[str, str | int | None]
"""What a statement takes of one of its batch."""

Gains = dict[str, Fields]
"""Triggers that leads gain, keyed by "lead id:trigger"."""


class Store(Transactions):
    """Everything that writes, on one database."""

    def __init__(self, database: Database, read_clock: Now) -> None:
        super().__init__(database, read_clock)
        self.events = Outbox(database)
        self.merging = Merging(database, self.leave, self.hold)
        self.spacing = Spacing(database)
        self.results = Results(database)
        self._wall_clocks = WallClocks(database)
        self._held_back: set[int] = set()
        self._ended: list[int] = []
        self._unloaded: Counter[int] = Counter()

    @override
    def _begin(self) -> None:
        self._ended.clear()
        self._unloaded.clear()

    @override
    def _finish(self) -> None:
        """Begin what the transaction's ends let begin, and write loads: last, and the senders in one order."""
        if self._ended:
            self._follow()
        if self._unloaded:
            change_loads(self._database, {sender: -count for sender, count in self._unloaded.items()})

    def begin_pass(self) -> None:
        """Let what became due during the pass before this one go."""
        # A new set: whoever reads the old one in another thread at this moment goes on undisturbed.
        self._held_back = set()
        self.events.refresh_wanted()

    def held_back(self) -> dict[str, None]:
        """Return the records that became active and due during this pass: they wait for the next. Inside a transaction.

        They are known before anybody can claim them, since they are noted in the transaction that activates them.
        """
        return keys(self._held_back)

    def add_leads(self, leads: Listing[NewLead], now: datetime, import_id: int | None = None) -> LeadResult:
        """Write leads and their triggers, and enroll them in what those start, in one transaction.

        Idempotent: a lead that is there and says nothing new changes nothing. `import_id` marks what an import writes.
        """
        with self.transaction():
            merge, new, added = self._matched(leads, now, import_id)
            merged = merge.merged()
            if merged:
                traced = self.merging.merge(merged, ITSELF, now, import_id)
                self.merging.join_addresses(merge.merges(), traced, now)
            updated = self._write(merge, now, import_id)
            gains = merge.gains(new)
            # A lead that gained an address may be enrolled by a trigger that it has had for long.
            changed = [*merge.changed(), *(one for one, _ in merged.values())]
            touched = keys([*(lead for lead, _ in gains), *changed])
            link_messages(self._database, [*new.values(), *changed])
            enrolled = self.gain(gains, touched, now, import_id, new=set(new.values()))
            return LeadResult(added=added, updated=updated, enrolled=enrolled)

    def renew(self, worker: str, records: Iterable[int], until: datetime) -> None:
        """Let the claims that a worker still has on these records hold until then. Call inside a transaction."""
        self._database.change("renew", worker=worker, records=keys(records), lease_until=until)

    def rescue(self, idempotent_channels: Iterable[str], now: datetime, in_hand: InHand | None = None) -> Rescued:
        """Free what crashed workers left: ended leases become unknown; ended holds end as their sequences say.

        What had not begun to be sent is active again at once. What is in hand here is nobody's who crashed: a database
        that was away kept its leases from being renewed. A channel whose receivers drop second copies gets its
        unknown ones again instead of a hold.
        """
        idempotent = keys(idempotent_channels)
        is_resent = idempotent and self._database.run("held_unknown", channels=idempotent)
        if not is_resent and not self._database.run("leases_over", now=now):
            return Rescued()
        with self.transaction():
            self.lock("lock_leases_over", now=now)
            now = max(now, self.now())
            if in_hand is not None and in_hand.records:
                held = keys(in_hand.records)
                self._database.change(
                    "renew_over", worker=in_hand.worker, records=held, lease_until=in_hand.until, now=now
                )
            rescued = self.rescue_ended(now)
            self.go_on(self.complete_accepted([*rescued.lost, *rescued.handed_back], now), now)
            self._database.change("resend_unknown", channels=idempotent, now=now, failure_limit=FAILURE_LIMIT)
            self._database.change("hold_unknown", now=now)
            given_up = self._database.run("give_up_unknown", now=now)
            self.go_on([row["id"] for row in given_up], now)
            return rescued

    def rescue_ended(self, now: datetime) -> Rescued:
        """Free the records whose lease ended: active again or unknown. Call inside a transaction that locked them."""
        self._database.change("write_begun_and_lost", now=now)
        back = self._database.run("rescue_unbegun", now=now, code=str(ReasonCode.WORKER_LOST_UNSENT))
        lost = self._database.run("rescue", now=now, **stored(Reason.of(ReasonCode.WORKER_LOST)))
        return Rescued([row["id"] for row in lost], handed_back=[row["id"] for row in back])

    def complete_accepted(self, records: Iterable[int], now: datetime) -> list[int]:
        """Complete those that wait although a try of theirs is known to be accepted. Call inside a transaction.

        Its answer came late, when the record was unknown or being tried again: it must not be tried once more.
        """
        waiting = keys(records)
        rows = self._database.run("complete_accepted", records=waiting, now=now) if waiting else []
        completed = [row["id"] for row in rows]
        self.events.of_records(EventType.RECORD_COMPLETED, completed, now)
        return completed

    def leave(self, reasons: dict[int, Reason], now: datetime) -> None:
        """End enrollments and cancel what is left of them, each for its reason. Call inside a transaction."""
        if reasons:
            left = {str(enrollment): stored(reason) for enrollment, reason in reasons.items()}
            self.hold(reasons)
            # A message may have gone while somebody else held them.
            now = max(now, self.now())
            # Cancelling first: what is being sent at this instant keeps its enrollment open until it settles.
            self._database.change("cancel_records", enrollments=left, now=now)
            ended = self._database.run("end_enrollments", enrollments=left, now=now)
            self.end(ended, now)
            self.results.of_ended((row["id"] for row in ended), now)
            if len(ended) < len(left):
                self._database.change("mark_leaving", enrollments=left)

    def end(self, ended: Listing[Row], now: datetime) -> None:
        """Let enrollments that just ended have their effects, at the end of the transaction. Call inside one."""
        self.events.of_ended([row["id"] for row in ended], now)
        for row in ended:
            self._ended.append(row["id"])
            if row["sender_id"] is not None:
                self._unloaded[row["sender_id"]] += 1

    def begin_again(self, reopened: Iterable[Row]) -> None:
        """Let enrollments that had ended count for their senders again. Call inside a transaction."""
        for row in reopened:
            if row["sender_id"] is not None:
                self._unloaded[row["sender_id"]] -= 1

    def gain(
        self,
        gains: Listing[tuple[int, str]],
        leads: dict[str, None],
        now: datetime,
        import_id: int | None = None,
        *,
        new: Container[int] = (),
    ) -> int:
        """Give leads triggers, (lead id, trigger) each, and let that have its effects. Call inside a transaction.

        Goals that are reached end enrollments, sequences that restart begin again, and `leads` are enrolled in whatever
        their triggers start. Returns how many enrollments that makes. Those in `new` were written by this transaction:
        nobody can have enrolled them yet, so that they have nothing to end, and nothing to begin again.
        """
        rows, enrolled = gains_of(gains), 0
        had = gains_of((lead, trigger) for lead, trigger in gains if lead not in new)
        if rows:
            self._database.change("gain_triggers", gains=rows, now=now, import_id=import_id)
        if had:
            self._reach(had, now, gap_counts=1)
            enrolled += self.enroll("enroll_again", now, gains=had, gap_counts=1, import_id=import_id)
        return enrolled + (self.enroll("enroll_leads", now, leads=leads, import_id=import_id) if leads else 0)

    def _reach(self, gains: Gains, now: datetime, *, gap_counts: int) -> None:
        """End what the triggers that leads have gained bring to its goal or start again."""
        if gains:
            reached = self._database.run("goals_reached", gains=gains)
            self.leave({row["id"]: Reason.of(ReasonCode.GOAL, goal=row["goal"]) for row in reached}, now)
            self.results.of_gains(gains, now)
            found = self._database.run("restarts", gains=gains, now=now, gap_counts=gap_counts)
            self.leave({row["id"]: Reason.of(ReasonCode.RESTARTED) for row in found}, now)

    def _follow(self) -> None:
        """Begin what ended enrollments let begin: chained sequences, fresh starts, and what waited for their group.

        Whatever ends is ended before anything begins: who enrolls holds everybody else up who does. A trigger that an
        ended run gives counts at once, whatever gap a sequence asks for between two runs of a lead.
        """
        again, freed, now = dict[str, Fields](), dict[str, None](), self.now()
        every = dict[str, None]()
        while self._ended:
            every |= keys(self._ended)
            rows = self._database.run("what_follows", enrollments=keys(self._ended))
            self._ended.clear()
            restarted = [row for row in rows if row["end_code"] == ReasonCode.RESTARTED]
            again |= gains_of((row["lead_id"], row["trigger"]) for row in restarted)
            chained = gains_of((row["lead_id"], row["then_trigger"]) for row in rows if row["then_trigger"])
            if chained:
                self._database.change("gain_triggers", gains=chained, now=now, import_id=None)
            self._reach(chained, now, gap_counts=0)
            again |= chained
            freed |= keys(row["lead_id"] for row in rows if row["then_trigger"] or row["exclusive_group"])
        if not again and not freed:
            return
        last = self._database.run("last_enrollment")[0]["id"]
        if again:
            self.enroll("enroll_again", now, gains=again, gap_counts=0, import_id=None)
        if freed:
            self.enroll("enroll_leads", now, leads=freed, import_id=None)
        suspect_followers(self._database, every, last, now)
        self._held_back.update(row["id"] for row in self._database.run("begun_records", last_enrollment=last, now=now))

    def go_on(self, records: Listing[int], now: datetime, spaced: Container[int] = ()) -> None:
        """Activate the record after each ended one, and end enrollments that have none. Call inside a transaction.

        Activated records that are due already are held back until the next pass. Of those in `spaced` it is known that
        nothing after them can come too soon: they went on time, or their calendars were moved.
        """
        self._go_on(records, [record for record in records if record not in spaced], now, ready=now)

    def go_on_past_late(self, records: Listing[int], now: datetime) -> None:
        """Do the same after records that were passed over as late: what follows them is as late as its time says."""
        self._go_on(records, records, now, ready=None)

    def _go_on(self, records: Listing[int], unspaced: Listing[int], now: datetime, ready: datetime | None) -> None:
        if not records:
            return
        if unspaced:
            self.spacing.move_after(keys(unspaced), now)
        activated = self._database.run("activate_next", records=keys(records))
        times = {row["id"]: instant(row["next_trigger_time"]) for row in activated}
        if unspaced and times:
            times |= self.spacing.hold_back(keys(times), now, ready)
        if len(activated) < len(records):
            ended = self._database.run("finish_enrollments", records=keys(records), now=now)
            self.end(ended, now)
            self.results.of_ended((row["id"] for row in ended if row["end_code"] != ReasonCode.COMPLETED), now)
        self._held_back.update(record for record, at in times.items() if at <= now)
        suspected = [row["id"] for row in activated if row["suspected_at"] is not None]
        if suspected:
            suspect(self._database, suspected, now)

    def may_go_on(self, now: datetime) -> bool:
        """Return whether anything is due that waits for nothing but the next pass."""
        return self.is_unpaced_due(now) or bool(self._database.run("open_channels", now=now))

    def is_unpaced_due(self, now: datetime) -> bool:
        """Return whether anything is due that goes by no sender."""
        return bool(self._database.run("unpaced_due", now=now))

    async def listen(self, wake: Callable[[], None]) -> None:
        """Call `wake` whenever any process has enrolled somebody, where the database can tell; until cancelled.

        Raises:
            DatabaseUnreachable: The connection was lost.
        """
        await self._database.listen(wake)

    def next_wake(self, now: datetime) -> datetime | None:
        """Return when next a record becomes due, a lease or hold ends, or a lane with due work has rested."""
        return instant_or_none(self._database.run("next_wake", now=now)[0]["at"])

    def _lead_merge(self, leads: Listing[NewLead]) -> LeadMerge:
        """Match leads with those that are stored; those that a row joins are locked, unless they cannot be now."""
        known = find_known(self._database, leads)
        merge = known.lead_merge().take_all(leads)
        pairs = {gone: survivor for gone, (survivor, _) in merge.merged().items()}
        busy = self.merging.busy(pairs) if pairs else set[int]()
        return known.lead_merge(apart=busy).take_all(leads) if busy else merge

    def _matched(
        self, leads: Listing[NewLead], now: datetime, import_id: int | None
    ) -> tuple[LeadMerge, dict[str, int], int]:
        """Match leads with those that are stored, and write who is new; returns their ids, and how many were written.

        Whom another transaction wrote at the same moment is matched once more, and locked as everybody else is.
        """
        added = 0
        for _ in range(MATCHES):
            merge = self._lead_merge(leads)
            rows = {str(place): lead_fields(lead) for place, lead in enumerate(merge.new())}
            written = self._database.run("insert_leads", leads=rows, now=now, import_id=import_id) if rows else []
            added += len(written)
            if len(written) == len(rows):
                return merge, {identity(row["phone"], row["email"]): row["id"] for row in written}, added
        raise DatabaseContended("Other programs add and delete the same leads: try again when they have finished.")

    def _write(self, merge: LeadMerge, now: datetime, import_id: int | None) -> int:
        new, changed = merge.new(), merge.changed()
        if changed:
            self.hold_enrollments_of(merge.moved())
            rows = {str(lead_id): lead_fields(lead) for lead_id, lead in changed.items()}
            if import_id is not None:
                before = {str(lead_id): lead_fields(lead) for lead_id, lead in merge.before().items()}
                self._database.change("note_changes", before=before, after=rows, import_id=import_id)
            self._database.change("update_leads", leads=rows, now=now, import_id=import_id)
            self.ask_again(merge.travelled(), now)
        self.merging.readdress({*merge.moved(), *(survivor for survivor, _ in merge.merged().values())}, now)
        pairs = {lead.phone: {"email": lead.email} for lead in (*new, *changed.values()) if lead.phone and lead.email}
        if pairs:
            self._database.change("spread_suppressions", pairs=pairs, now=now)
        names = {name: None for lead in (*new, *changed.values()) for name in lead.attributes}
        if names:
            self._database.change("remember_attribute_names", names=names)
        return len(changed)

    def hold_enrollments_of(self, leads: Listing[int]) -> None:
        """Lock the live enrollments of leads. Call inside a transaction."""
        if leads:
            self.hold(row["id"] for row in self._database.run("live_enrollments", leads=keys(leads), sequence=None))

    def ask_again(self, leads: Listing[int], now: datetime) -> None:
        """Ask the rules again about what waits of leads whose zone changed. Inside a transaction."""
        if leads:
            self.hold_enrollments_of(leads)
            ask_again_of_leads(self._database, leads, now)

    def wait_for_newcomers(self) -> None:
        """Wait for whoever enrolls at this moment, and let nobody else begin to until this transaction ends.

        Call before anything that enrolls: two that share its lock, and then want it exclusively, wait for each other.
        """
        if self._database.dialect.locks:
            self._database.run("lock_enrolling")

    def enroll(self, statement: str, now: datetime, **who: object) -> int:
        """Enroll whom a statement names, each with its sender and all its records. Call inside a transaction."""
        if statement == "enroll_all":
            self.wait_for_newcomers()
        last = self._database.run("begin_enrolling")[0]["id"]
        enrolled = self._database.change(statement, now=now, **who)
        if enrolled:
            above = last if statement == "enroll_again" else 0
            needs = self._database.run("needs_of_newcomers", last_enrollment=last, others_above=above)
            assign_newcomers(self._database, last, needs)
            self._database.change("write_records", last_enrollment=last)
            if any(row["wait_in_days"] for row in needs):
                self._wall_clocks.set_newcomers(last, now)
            if any(row["are_doubtful"] for row in needs):
                hold_doubtful(self._database, last, now)
            self.events.of_newcomers(last, now)
            self.tell_once_committed()
        return enrolled


def lead_fields(lead: NewLead | Lead) -> dict[str, str | None]:
    """Return a lead as statements take it."""
    held = lead.attributes
    attributes = json.dumps(dict(held), ensure_ascii=False, sort_keys=True) if held else "{}"
    return {**field_values(lead), "attributes": attributes}


def gains_of(pairs: Iterable[tuple[int, str]]) -> Gains:
    """Return leads and triggers as statements take them, keyed by "lead id:trigger"."""
    return {f"{lead}:{trigger}": {"lead_id": lead, "trigger": trigger} for lead, trigger in pairs}
