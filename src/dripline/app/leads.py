"""Leads: who comes in, who leaves, and what is known of each."""

from collections.abc import Iterable, Iterator
from collections.abc import Sequence as Listing
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Unpack

from dripline.app.permissions import UseCases, requires
from dripline.channels.capabilities import capabilities_of
from dripline.core.accounts.access import Scope
from dripline.core.leads.intake import in_one_form, new_lead
from dripline.core.leads.lead import Lead, LeadInput, NewLead
from dripline.core.leads.lead_ref import lead_ref
from dripline.core.leads.merge import Merge, check_two_leads, joined, other_addresses
from dripline.core.leads.note import checked_note
from dripline.core.leads.opt_out import OptOut
from dripline.core.leads.trigger import normalize_trigger
from dripline.core.queries.listing import PAGE_SIZE, Page, page_size
from dripline.core.reason import Reason, ReasonCode, said_by_person
from dripline.core.views.leads import Allowed, LeadResult, MaybeStopped, Suppression
from dripline.core.views.timeline import Timeline
from dripline.errors import ChannelNotConfigured, InvalidLead, InvalidPhone
from dripline.store.database.database import Row

if TYPE_CHECKING:  # what lists are is not needed to ask for one lead
    from dripline.core.queries.filters import LeadFilter, SuppressionFilter
    from dripline.core.views.lists import ListedLead
    from dripline.core.views.thread import LeadThread

OPT_OUTS_AT_ONCE = 1_000
"""How many people are suppressed in one transaction."""


class Leads(UseCases):
    """The leads of the database. A lead is named by `phone` or `email`, as everywhere.

    Every list takes a `cursor` that a page of it gave, and a `size` of at most 200 rows.

    Raises:
        InvalidFilter: A filter cannot be used, the cursor is none of this list, or the size is none of a page.
    """

    @requires(Scope.LEADS_WRITE, audited_as="add_lead")
    def add(self, **said: Unpack[LeadInput]) -> LeadResult:
        """Add a lead, or say more of one that is there, and enroll it at once in what its triggers start.

        Takes the fields of `LeadInput`, at least a phone or an e-mail address.
        Idempotent. An attribute is text, a number, true or false, or a list of these, and keeps its type; one that
        holds nothing is not given. `triggers` may be one text, `phone` a whole number.
        Raises what `core.leads.intake.new_lead` raises.
        """
        read = partial(new_lead, region=self._application.region, **said)
        try:
            lead = read()
        except InvalidPhone:
            # Of somebody who is there it is no question whether the number is given out.
            lead = read(is_known=True)
            if not self._stores.reads.leads(lead.phone or ""):
                raise
        return self._stores.store.add_leads([lead], self._session.now())

    @requires(Scope.LEADS_WRITE, audited_as="add_leads")
    def add_all(self, leads: Listing[NewLead]) -> LeadResult:
        """Add many leads in one transaction, as `add_lead` adds one; all of them, or none where one is refused."""
        return self._stores.store.add_leads(
            [in_one_form(lead, self._application.region) for lead in leads], self._session.now()
        )

    @requires(Scope.LEADS_READ)
    def with_address(self, *, phone: str | int | None = None, email: str | None = None) -> list[Lead]:
        """Return the leads that have an address."""
        return self._stores.reads.leads(self._session.address(phone, email))

    @requires(Scope.LEADS_READ)
    def find(
        self, wanted: "LeadFilter | None" = None, *, cursor: str | None = None, size: int = PAGE_SIZE
    ) -> "Page[ListedLead]":
        """Return leads: in the order of what `text` begins, or of the suppressed address, else the newest first."""
        from dripline.core.queries.filters import LeadFilter

        asked = wanted or LeadFilter()
        looked, now = self._session.looked_for(asked.text), self._session.now()
        return self._session.read(
            lambda stores: stores.lists.leads(asked, looked, cursor, size=page_size(size), now=now)
        )

    @requires(Scope.LEADS_READ)
    def get(self, lead_id: int) -> Timeline | None:
        """Return everything about a lead; None if there is none."""
        lead = self._stores.reads.lead(lead_id)
        return None if lead is None else self._stores.reads.timeline(lead, self._session.now())

    @requires(Scope.LEADS_READ)
    def timelines(self, *, phone: str | int | None = None, email: str | None = None) -> list[Timeline]:
        """Return everything about the leads that have an address."""
        leads = self._stores.reads.leads(self._session.address(phone, email))
        return [self._stores.reads.timeline(lead, self._session.now()) for lead in leads]

    @requires(Scope.LEADS_READ)
    def thread(
        self,
        *,
        phone: str | int | None = None,
        email: str | None = None,
        cursor: str | None = None,
        size: int = PAGE_SIZE,
    ) -> "list[LeadThread]":
        """Return what was sent to the leads that have an address, what they wrote and what happened, as one list each.

        The latest page, with what is planned; `cursor` names the one before (`earlier`). Where several leads have the
        address, a cursor goes on with that of its own.

        Raises:
            InvalidFilter: The cursor is none of a thread, or the size is none of a page.
        """
        from dripline.app.inbox.threads import LeadThreads

        leads, threads = self._stores.reads.leads(self._session.address(phone, email)), LeadThreads(self._session)
        now, size = self._session.now(), page_size(size)
        return [threads.page(lead, cursor, size, now) for lead in leads]

    @requires(Scope.LEADS_WRITE, audited_as="handle_messages")
    def mark_handled(self, *, phone: str | int | None = None, email: str | None = None) -> int:
        """Note that nobody has to look any more at what a lead has written; returns at how many messages."""
        leads = self._session.lead_ids(None if phone is None else str(phone), email)
        return self._stores.messages_in.handle(leads, self._session.actor.name, self._session.now())

    @requires(Scope.LEADS_READ)
    def start_link(self, channel: str, *, phone: str | int | None = None, email: str | None = None) -> str:
        """Return the link by which a lead opens its chat with a channel that only people can begin one with.

        Templates have the same link as ``CHANNEL_link``. It is as personal as an unsubscribe link: whoever opens it is
        taken for the lead.

        Raises:
            ChannelNotConfigured: The channel has no such links here.
            InvalidLead: There is no lead of that address.
        """
        found = self._session.channels.get(channel)
        links = None if found is None else capabilities_of(found).start_links
        if links is None:
            raise ChannelNotConfigured(
                f"The channel {channel!r} has no start links here: configure its bot and its webhook_secret."
            )
        leads = self._stores.reads.leads(self._session.address(phone, email))
        if not leads:
            raise InvalidLead("There is no lead of that address: add or import it first.")
        return links.url(leads[0])

    @requires(Scope.LEADS_READ)
    def idle_triggers(self) -> list[str]:
        """Return the triggers that leads have and no sequence starts on: their leads wait for one to be applied."""
        return self._stores.reads.idle_triggers()

    @requires(Scope.LEADS_READ)
    def count_starting(self, trigger: str) -> int:
        """Count the leads that have a trigger: whoever of them was not in its sequence yet starts once it is applied.

        Raises:
            InvalidTrigger: It cannot be one.
        """
        return self._stores.reads.lacking(normalize_trigger(trigger), "")[0]

    @requires(Scope.LEADS_WRITE, audited_as="note_lead")
    def add_note(self, text: str, *, phone: str | int | None = None, email: str | None = None) -> int:
        """Write down about the leads that have an address what whoever asks later should know; returns how many.

        Nothing is sent or stopped by a note. It goes with its lead (`forget`).

        Raises:
            InvalidNote: It is empty or too long, or there are as many as there may be.
            InvalidLead: There is no lead of that address.
        """
        written = checked_note(text)
        leads = [lead.id for lead in self._stores.reads.leads(self._session.address(phone, email))]
        if not leads:
            raise InvalidLead("There is no lead of that address: add or import it first.")
        return self._stores.lead_notes.add(leads, written, self._session.actor.name, self._session.now())

    @requires(Scope.LEADS_WRITE, audited_as="drop_note")
    def drop_note(self, note_id: int) -> bool:
        """Delete a note, known by its id in the timeline. False if there is none."""
        return self._stores.lead_notes.drop(note_id)

    @requires(Scope.LEADS_READ, of_change=Scope.LEADS_WRITE)
    def plan_merge(self, one: str, other: str) -> Merge:
        """Say what merging two leads would do, and change nothing. Each is named by a phone or an e-mail address.

        The older stays, with the triggers, runs, notes and messages of both. What it lacks it gets from the other. The
        addresses of the other name it from then on, although messages go to its own.
        Where both are in a sequence, or in one of its group, the run that is further on stays, and the other ends; so
        does a run whose goal one of them has reached.

        Raises:
            InvalidLead: An address names nobody, or several, or both name one lead.
        """
        survivor, gone = sorted(self._two_leads(one, other), key=lambda lead: lead.id)
        check_two_leads(survivor, gone)
        ending = self._stores.store.merging.ending({gone.id: survivor.id})
        endings = tuple(_ending_sentence(row) for row in ending)
        result = joined(survivor, gone)
        return Merge(survivor, gone=gone, result=result, ending=endings, others=other_addresses(survivor, gone, result))

    @requires(Scope.LEADS_WRITE, audited_as="merge_leads")
    def merge(self, one: str, other: str) -> Merge:
        """Make two leads one, exactly as `plan_merge` says, and return what was done. Raises what that raises.

        Raises:
            BusyLead: Messages to both are on their way, or may be.
        """
        with self._stores.store.transaction():
            first = self.plan_merge(one, other)
            self._stores.store.hold_leads((first.kept.id, first.gone.id))
            # They may have changed while they were waited for.
            merge = self.plan_merge(one, other)
            self._stores.one_person.merge(merge, self._session.actor.name)
        return merge

    @requires(Scope.LEADS_WRITE, audited_as="exit")
    def exit(
        self,
        *,
        phone: str | None = None,
        email: str | None = None,
        sequence: str | None = None,
        reason: str = "",
    ) -> int:
        """End what a person is in, or one sequence of it; returns how many enrollments that touches.

        Raises:
            InvalidSequence: There is none of that name.
        """
        why = said_by_person(ReasonCode.ENDED_BY_PERSON, reason)
        return self._stores.stopping.exit(self._session.lead_ids(phone, email), sequence, why)

    @requires(Scope.LEADS_WRITE, audited_as="remove_trigger")
    def remove_trigger(self, trigger: str, *, phone: str | None = None, email: str | None = None) -> int:
        """Take a trigger from a person; returns how many enrollments that ends (`on_trigger_lost: exit`)."""
        return self._stores.stopping.lose_trigger(self._session.lead_ids(phone, email), normalize_trigger(trigger))[1]

    @requires(Scope.LEADS_WRITE, audited_as="forget")
    def forget(self, *, phone: str | None = None, email: str | None = None) -> int:
        """Delete a person and all that is stored of them; what bars their addresses stays. Returns how many leads.

        Who is no lead, and only wrote, is forgotten as well.

        Raises:
            BusyLead: A message to them is on its way.
            InvalidSettings: There are proofs of messages, and this process has no secret to find theirs by.
        """
        leads = self._session.lead_ids(phone, email)
        with self._stores.store.transaction():
            self._stores.messages_in.forget_writer(self._session.address(phone, email))
            self._stores.retention.forget(leads, self._application.proof_key())
            return self._stores.stopping.forget(leads)

    @requires(Scope.LEADS_WRITE, audited_as="opt_out")
    def opt_out(self, *, phone: str | None = None, email: str | None = None, reason: str | Reason = "") -> int:
        """Bar a person for good: the address given and every other of the leads that have it.

        Returns how many enrollments that ends. Nothing claimed after this is sent to them, not even when they are
        deleted and imported again.

        Raises:
            InvalidPhone: The phone cannot be one.
            InvalidEmail: The e-mail address cannot be one.
            InvalidLead: Neither is given.
        """
        why = said_by_person(ReasonCode.OPTED_OUT, reason)
        return self._stores.stopping.suppress(dict.fromkeys(self._session.addresses(phone, email), why))

    @requires(Scope.LEADS_WRITE, audited_as="opt_out_all", is_long=True)
    def opt_out_all(self, opt_outs: Iterable[OptOut]) -> int:
        """Bar many people for good, as `opt_out` does one; returns how many enrollments that ends.

        All are read first, then a thousand are barred in one transaction. Who is barred already stays so, with the
        reason of then.

        Raises:
            InvalidPhone: A phone cannot be one; nobody is suppressed.
            InvalidEmail: An e-mail address cannot be one; likewise.
        """
        named = [(lead_ref(one.address), one.reason) for one in opt_outs]
        for person, _ in named:
            self._session.address(person.get("phone"), person.get("email"))
        ended, left = 0, iter(named)
        while some := list(islice(left, OPT_OUTS_AT_ONCE)):
            reasons: dict[str, Reason] = {}
            for person, reason in some:
                for address in self._session.addresses(**person):
                    reasons.setdefault(address, said_by_person(ReasonCode.OPTED_OUT, reason))
            ended += self._stores.stopping.suppress(reasons)
        return ended

    @requires(Scope.LEADS_WRITE, audited_as="opt_in")
    def opt_in(self, *, phone: str | None = None, email: str | None = None) -> bool:
        """Let a person be sent to again who asked for it. False if nothing barred them. What was ended stays ended."""
        return bool(self._stores.stopping.lift(self._session.addresses(phone, email)))

    @requires(Scope.LEADS_WRITE, audited_as="opt_in_all", is_long=True)
    def opt_in_all(self, addresses: Iterable[str]) -> Allowed:
        """Let many people be sent to again who asked for it, as `opt_in` does one; says how many, and who of them.

        All are read first, then a thousand are let go in one transaction. `own` counts those of them whom their own
        stop word barred: whoever lets them go answers for it that they asked.

        Raises:
            InvalidPhone: A phone cannot be one; nobody is let go.
            InvalidEmail: An e-mail address cannot be one; likewise.
        """
        named = [lead_ref(address) for address in addresses]
        for person in named:
            self._session.address(person.get("phone"), person.get("email"))
        allowed, left = Allowed(), iter(named)
        while some := list(islice(left, OPT_OUTS_AT_ONCE)):
            allowed += self._stores.stopping.lift_each([self._session.addresses(**person) for person in some])
        return allowed

    @requires(Scope.LEADS_READ)
    def suppressions(self) -> Iterable[Suppression]:
        """Yield every address that nothing is sent to, with its reason."""
        return self._stores.stopping.suppressions()

    @requires(Scope.LEADS_READ)
    def find_suppressions(
        self, wanted: "SuppressionFilter | None" = None, *, cursor: str | None = None, size: int = PAGE_SIZE
    ) -> Page[Suppression]:
        """Return suppressed addresses, the newest first, or by the address where its beginning is given."""
        from dripline.core.queries.filters import SuppressionFilter

        asked = wanted or SuppressionFilter()
        return self._session.read(lambda stores: stores.lists.suppressions(asked, cursor, page_size(size)))

    @requires(Scope.LEADS_READ)
    def maybe_stopped(self) -> list[MaybeStopped]:
        """Return the leads that may have asked to stop, the oldest first: nothing is sent to them.

        That is so until somebody decides: `opt_out` bars one, and `resume` lets it go on.
        """
        return self._stores.doubts.all()

    @requires(Scope.LEADS_READ)
    def export(self, *, trigger: str | None = None) -> Iterator[str]:
        """Yield all leads, or those that have a trigger, as lines of a CSV file that can be opened and imported again.

        A page of leads is held at a time. A cell that a spreadsheet would take for a formula has a ' before it.

        Raises:
            InvalidTrigger: The trigger cannot be one.
        """
        from dripline.app.exports import lead_lines

        return lead_lines(self._session, None if trigger is None else normalize_trigger(trigger))

    def _two_leads(self, one: str, other: str) -> tuple[Lead, Lead]:
        """Return the leads of two addresses; one that both share names whoever the other does not."""
        first, second = (self.with_address(**lead_ref(str(address))) for address in (one, other))
        if not first or not second:
            raise InvalidLead(f"No lead has the address {other if first else one}: name two leads that are there.")
        of_first = [lead for lead in first if lead not in second] or first
        of_second = [lead for lead in second if lead not in first] or second
        if first == second and len(first) > 1:
            of_first, of_second = first[:1], first[1:]
        for address, leads in ((one, of_first), (other, of_second)):
            if len(leads) > 1:
                raise InvalidLead(f"The address {address} is that of {len(leads)} leads: name each by its phone.")
        return of_first[0], of_second[0]


def _ending_sentence(row: Row) -> str:
    why = "another run is further on" if row["goal"] is None else f"the goal {row['goal']} is reached"
    return f"lead {row['lead_id']} leaves {row['sequence']!r}, at step {row['step']}: {why}"
