"""Leaving and pausing: what keeps a lead, a sequence or everything from being sent to. Each verb is one transaction.

A stop wins over every claim that is committed after it, and unsends nothing that was claimed before it: what is in
flight settles, and the rest is cancelled or held.
"""

from collections.abc import Iterable, Mapping
from collections.abc import Sequence as Listing
from datetime import datetime

from dripline.core.events.event import EventType
from dripline.core.explain import words
from dripline.core.reason import OPT_OUTS, Reason, ReasonCode
from dripline.core.sequences.policy import OnReply, OnTriggerLost
from dripline.core.text import is_text
from dripline.core.views.leads import Allowed, ReplyResult, Suppression
from dripline.errors import BusyLead, DatabaseContended, InvalidSequence
from dripline.store.database.database import Database, Row, instant
from dripline.store.enrollments.store import Store, keys
from dripline.store.leads.forget import FORGETTING, PersonalTraces
from dripline.store.maybe_stopped import MaybeStoppedLeads
from dripline.store.reasons import known_reason_of, reason_of, stored
from dripline.store.restored import paused_before

PAGE = 1_000
"""How many suppressions are read at a time."""


def suppression_of(row: Row) -> Suppression:
    """Read an address that is suppressed."""
    reason = known_reason_of(row)
    return Suppression(
        row["address"],
        reason=words(reason),
        reason_code=reason.code,
        reason_facts=reason.facts,
        suppressed_at=instant(row["suppressed_at"]),
    )


class Stopping:
    """Ends and pauses, on one database. `leads` are ids; `sequence` a name, or None for every sequence."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store
        self._remains = PersonalTraces(database)
        self._doubts = MaybeStoppedLeads(database)

    def reply(self, leads: Iterable[int], at: datetime | None = None) -> ReplyResult:
        """Let a reply of leads end or pause what they are in, as each sequence says. It is of `at`, or of now."""
        with self._store.transaction():
            who = [*leads]
            live = self._held(who)
            now = self._store.now()
            self._store.events.of_leads(EventType.LEAD_REPLIED, who, now)
            self._store.results.of_reply(who, min(at or now, now))
            leaving = [row["id"] for row in live if row["on_reply"] == OnReply.EXIT]
            self._store.leave(dict.fromkeys(leaving, Reason.of(ReasonCode.REPLIED)), now)
            waiting = [row["id"] for row in live if row["on_reply"] == OnReply.PAUSE]
            return ReplyResult(ended=len(leaving), paused=self._pause(waiting, Reason.of(ReasonCode.REPLIED), now))

    def doubt(self, leads: Iterable[int], said: str, at: datetime | None = None) -> int:
        """Pause all that leads are in which may have asked to stop; returns how many enrollments that touches.

        What else they come into waits as well, until somebody has decided.

        Raises:
            DatabaseContended: Another transaction enrolled one of them meanwhile: begin again.
        """
        with self._store.transaction():
            who = [*leads]
            live = self._held(who)
            # A transaction that is enrolling one of them now sees no doubt, and its enrollments are not seen here.
            self._store.wait_for_newcomers()
            held = {row["id"] for row in live}
            if any(row["id"] not in held for row in self._live(who, None)):
                raise DatabaseContended("Another program enrolled the same leads at the same moment: try again.")
            now = self._store.now()
            self._store.events.of_leads(EventType.LEAD_REPLIED, who, now)
            self._store.results.of_reply(who, min(at or now, now))
            self._doubts.note(who, said, now)
            return self._pause([row["id"] for row in live], Reason.of(ReasonCode.MAYBE_OPTED_OUT, text=said), now)

    def exit(self, leads: Iterable[int], sequence: str | None, reason: Reason) -> int:
        """End what leads are in; returns how many enrollments that touches."""
        with self._store.transaction():
            self._known(sequence)
            live = self._held(leads, sequence)
            now = self._store.now()
            self._store.leave({row["id"]: reason for row in live}, now)
            return len(live)

    def exit_channel(self, leads: Iterable[int], channel: str, reason: Reason) -> int:
        """End what leads are in through one channel; returns how many enrollments that touches."""
        with self._store.transaction():
            live = [row["id"] for row in self._held(leads) if row["channel"] == channel]
            now = self._store.now()
            self._store.leave(dict.fromkeys(live, reason), now)
            return len(live)

    def lose_trigger(self, leads: Iterable[int], trigger: str) -> tuple[int, int]:
        """Take a trigger from leads; returns how many had it, and how many enrollments that ends."""
        with self._store.transaction():
            held = self._held(leads)
            now = self._store.now()
            lost = {row["lead_id"] for row in self._database.run("lose_trigger", leads=keys(leads), trigger=trigger)}
            live = [
                row
                for row in held
                if row["trigger"] == trigger and row["on_trigger_lost"] == OnTriggerLost.EXIT and row["lead_id"] in lost
            ]
            self._store.leave(
                dict.fromkeys((row["id"] for row in live), Reason.of(ReasonCode.TRIGGER_LOST, trigger=trigger)), now
            )
            return len(lost), len(live)

    def pause_leads(self, leads: Iterable[int], sequence: str | None, reason: Reason) -> int:
        """Pause what leads are in; returns how many enrollments that touches."""
        with self._store.transaction():
            self._known(sequence)
            live = [row["id"] for row in self._held(leads, sequence)]
            return self._pause(live, reason, self._store.now())

    def resume_leads(self, leads: Iterable[int], sequence: str | None) -> int:
        """Let what leads are in go on; returns how many enrollments that touches."""
        with self._store.transaction():
            self._known(sequence)
            who = [*leads]
            paused = keys(row["id"] for row in self._held(who, sequence))
            if sequence is None:
                self._doubts.settle(who)
            resumed = keys(row["id"] for row in self._database.run("resume_enrollments", enrollments=paused))
            if resumed:
                self._database.change("resume_records", enrollments=resumed)
                self._database.notify()
            return len(resumed)

    def pause_sequence(self, name: str, reason: Reason) -> bool:
        """Pause a sequence; False if it is paused already."""
        with self._store.transaction():
            return bool(
                self._database.run(
                    "pause_sequence", sequence_id=self._known(name), **stored(reason), now=self._store.now()
                )
            )

    def resume_sequence(self, name: str) -> bool:
        """Let a sequence go on; False if it is not paused."""
        with self._store.transaction():
            return self._woken(self._database.run("resume_sequence", sequence_id=self._known(name)))

    def pause_everything(self, reason: Reason) -> bool:
        """Pause everything; False if it is paused already."""
        with self._store.transaction():
            return bool(self._database.run("pause_everything", **stored(reason), now=self._store.now()))

    def resume_everything(self) -> bool:
        """Let everything go on that is not paused for itself; False if it is not paused."""
        with self._store.transaction():
            self._database.run("settle_copy")
            return self._woken(self._database.run("resume_everything"))

    def resume_copy(self) -> bool:
        """Let everything go on that a copy's being seen had paused; a pause that stood before stands again."""
        with self._store.transaction():
            reason = reason_of(self._database.run("workspace")[0], "pause")
            if reason is None or reason.code is not ReasonCode.DATABASE_COPIED:
                return False
            before = paused_before(reason)
            if before is None:
                return self.resume_everything()
            return bool(self._database.change("put_back_pause", **stored(before)))

    def suppress(self, reasons: Mapping[str, Reason]) -> int:
        """Bar addresses, each for its reason, and end what their leads are in; returns how many enrollments."""
        suppressed = {address: stored(reason) for address, reason in reasons.items()}
        with self._store.transaction():
            self._store.hold_leads(row["id"] for row in self._database.run("leads_of_addresses", addresses=suppressed))
            live = self._database.run("live_enrollments_of_addresses", addresses=suppressed)
            self._store.hold(row["id"] for row in live)
            now = self._store.now()
            self._store.events.of_addresses(EventType.LEAD_OPTED_OUT, reasons, now)
            self._database.change("suppress", addresses=suppressed, whole_person=1, now=now)
            self._doubts.settle_addresses(suppressed)
            live = self._database.run("live_enrollments_of_addresses", addresses=suppressed)
            own = {address: None for address, reason in reasons.items() if reason.code in OPT_OUTS}
            stopped = self._database.run("leads_of_addresses", addresses=own) if own else []
            self._store.results.of_stop((row["id"] for row in stopped), now)
            self._store.leave({row["id"]: reasons[row["barred"]] for row in live}, now)
            return len(live)

    def lift(self, addresses: Iterable[str], code: ReasonCode | None = None) -> int:
        """Let addresses be sent to again, where a code is given only those that it bars; returns how many.

        What was ended stays so.
        """
        with self._store.transaction():
            lifted = self._database.run("lift_suppression", addresses=keys(addresses), code=code and str(code))
            self._store.events.of_addresses(
                EventType.LEAD_OPTED_IN, (row["address"] for row in lifted), self._store.now()
            )
            return len(lifted)

    def lift_own(self, addresses: Iterable[str]) -> int:
        """Let addresses be sent to again that a stop word of their person bars, and nothing else; returns how many."""
        with self._store.transaction():
            own = [
                one for one in addresses if (reason := self.suppression_reason(one)) is not None and reason.is_own_stop
            ]
            return self.lift(own) if own else 0

    def lift_each(self, people: Iterable[set[str]]) -> Allowed:
        """Let people be sent to again, each by all their addresses, in one transaction."""
        with self._store.transaction():
            allowed = Allowed()
            for addresses in people:
                reasons = [reason for one in sorted(addresses) if (reason := self.suppression_reason(one)) is not None]
                is_own = any(reason.is_own_stop for reason in reasons)
                if reasons and self.lift(addresses):
                    allowed += Allowed(people=1, own=int(is_own))
            return allowed

    def suppression_reason(self, address: str) -> Reason | None:
        """Return why nothing is sent to an address; None if it is not suppressed."""
        return next(map(reason_of, self._database.run("barred", address=address)), None)

    def suppressions(self) -> Iterable[Suppression]:
        """Yield every suppressed address, in order."""
        last = ""
        while page := self._database.run("suppressions", after=last, page=PAGE):
            last = page[-1]["address"]
            for row in page:
                yield suppression_of(row)

    def forget(self, leads: Listing[int]) -> int:
        """Delete leads and all that is stored of them; what bars their addresses stays. Returns how many.

        A body that waits to be taken in has its effects first, and is deleted then.

        Raises:
            BusyLead: A message to one of them is on its way.
        """
        with self._store.transaction():
            # First: whoever takes a body in locks that before its leads.
            self._remains.clear(leads)
            live = self._held(leads)
            now = self._store.now()
            self._store.leave({row["id"]: Reason.of(ReasonCode.FORGOTTEN) for row in live}, now)
            if self._live(leads, None):
                raise BusyLead("A message to this lead is on its way, or may be: try again in a few minutes.")
            who = keys(leads)
            for statement in FORGETTING:
                self._database.change(statement, leads=who)
            forgotten = [row["id"] for row in self._database.run("forget_leads", leads=who)]
            self._store.events.of_leads(EventType.LEAD_FORGOTTEN, forgotten, now)
            self._store.when_committed(self._database.tidy)
            return len(forgotten)

    def _woken(self, resumed: Listing[Row]) -> bool:
        """Wake every processor for what goes on; return whether anything does."""
        if resumed:
            self._database.notify()
        return bool(resumed)

    def check_known(self, sequence: str | None) -> None:
        """Refuse the name of a sequence that is not there.

        Raises:
            InvalidSequence: There is none of that name.
        """
        with self._database.transaction():
            self._known(sequence)

    def _held(self, leads: Iterable[int], sequence: str | None = None) -> list[Row]:
        """Return what leads are in, which nobody else moves, ends or sends from before this transaction has ended."""
        who = [*leads]
        self._store.hold_leads(who)
        if not self._database.dialect.locks:
            return self._live(who, sequence)
        known = {row["id"] for row in self._live(who, sequence)}
        self._store.hold(known)
        return [row for row in self._live(who, sequence) if row["id"] in known]

    def _live(self, leads: Iterable[int], sequence: str | None) -> list[Row]:
        return self._database.run("live_enrollments", leads=keys(leads), sequence=sequence)

    def _pause(self, enrollments: Iterable[int], reason: Reason, now: datetime) -> int:
        wanted = {str(enrollment): stored(reason) for enrollment in enrollments}
        paused = self._database.run("pause_enrollments", enrollments=wanted, now=now) if wanted else []
        held = {str(row["id"]): stored(reason) for row in paused}
        if held:
            self._database.change("pause_records", enrollments=held)
        return len(held)

    def _known(self, name: str | None) -> int | None:
        if name is None:
            return None
        found = self._database.run("find_sequence", name=name) if is_text(name) else []
        if not found:
            raise InvalidSequence(f"There is no sequence {name!r}: apply it, or name another.")
        return int(found[0]["id"])
