"""Leads: who comes in, who leaves, and what is known of each."""

from collections.abc import Iterable, Mapping
from collections.abc import Sequence as Listing
from functools import partial

from dripline.app.opened import Opened
from dripline.channels.contract import start_links
from dripline.core.leads.attribute import Value
from dripline.core.leads.intake import in_one_form, new_lead
from dripline.core.leads.lead import Lead, NewLead
from dripline.core.leads.merge import Merge, check_two_leads, joined, other_addresses
from dripline.core.leads.note import checked_note
from dripline.core.leads.who import who
from dripline.core.records.record import StepRecord
from dripline.core.views.leads import Intake
from dripline.core.views.timeline import Timeline
from dripline.errors import ChannelNotConfigured, InvalidLead, InvalidPhone
from dripline.store.database.database import Row


class LeadCases(Opened):
    """What can be asked about leads."""

    def add_lead(
        self,
        *,
        phone: str | int | None = None,
        email: str | None = None,
        name: str | int | None = None,
        triggers: Iterable[str] | str | None = (),
        attributes: Mapping[str, Value | None] | None = None,
        zone: str | None = None,
    ) -> Intake:
        """Add a lead, or say more of one that is there, and enroll it at once in what its triggers start.

        Idempotent. An attribute is text, a number, true or false, or a list of these, and keeps its type; one that
        holds nothing is not given. `triggers` may be one text, `phone` a whole number.
        Raises what `core.leads.intake.new_lead` raises.
        """
        read = partial(
            new_lead,
            phone=phone,
            email=email,
            name=name,
            triggers=triggers,
            attributes=attributes,
            zone=zone,
            region=self._region,
        )
        try:
            lead = read()
        except InvalidPhone:
            # Of somebody who is there it is no question whether the number is given out.
            lead = read(is_known=True)
            if not self._reads.leads(lead.phone or ""):
                raise
        return self._store.add_leads([lead], self._now())

    def _add_known(self, phone: str | None, email: str | None, triggers: Listing[str], name: str = "") -> None:
        """Give triggers to whoever wrote: a provider names them, by a number that is theirs, listed or not."""
        region = self._region
        lead = new_lead(phone=phone, email=email, name=name, triggers=triggers, region=region, is_known=True)
        self._store.add_leads([lead], self._now())

    def add_leads(self, leads: Listing[NewLead]) -> Intake:
        """Add many leads in one transaction, as `add_lead` adds one; all of them, or none where one is refused."""
        return self._store.add_leads([in_one_form(lead, self._region) for lead in leads], self._now())

    def records(self, *, phone: str | int | None = None, email: str | None = None) -> list[StepRecord]:
        """Return the step records of a lead, enrollment by enrollment, in step order; of everybody without an address.

        Raises:
            InvalidPhone: The phone cannot be one.
            InvalidEmail: The e-mail address cannot be one.
        """
        if phone is None and email is None:
            return list(self._reads.all_records())
        return [
            record for lead in self._reads.leads(self._address(phone, email)) for record in self._reads.records_of(lead)
        ]

    def leads(self, *, phone: str | int | None = None, email: str | None = None) -> list[Lead]:
        """Return the leads that have an address."""
        return self._reads.leads(self._address(phone, email))

    def start_link(self, channel: str, *, phone: str | int | None = None, email: str | None = None) -> str:
        """Return the link by which a lead opens its chat with a channel that only people can begin one with.

        Templates have the same link as ``CHANNEL_link``. It is as personal as an unsubscribe link: whoever opens it is
        taken for the lead.

        Raises:
            ChannelNotConfigured: The channel has no such links here.
            InvalidLead: There is no lead of that address.
        """
        links = start_links(self._channels[channel]) if channel in self._channels else None
        if links is None:
            raise ChannelNotConfigured(
                f"The channel {channel!r} has no start links here: configure its bot and its webhook_secret."
            )
        leads = self._reads.leads(self._address(phone, email))
        if not leads:
            raise InvalidLead("There is no lead of that address: add or import it first.")
        return links.url(leads[0])

    def note_lead(self, text: str, *, phone: str | int | None = None, email: str | None = None) -> int:
        """Write down about the leads that have an address what whoever asks later should know; returns how many.

        Nothing is sent or stopped by a note. It goes with its lead (`forget`).

        Raises:
            InvalidNote: It is empty or too long, or there are as many as there may be.
            InvalidLead: There is no lead of that address.
        """
        written = checked_note(text)
        leads = [lead.id for lead in self._reads.leads(self._address(phone, email))]
        if not leads:
            raise InvalidLead("There is no lead of that address: add or import it first.")
        return self._lead_notes.add(leads, written, self._actor.name, self._now())

    def drop_note(self, note_id: int) -> bool:
        """Delete a note, known by its id in the timeline. False if there is none."""
        return self._lead_notes.drop(note_id)

    def plan_merge(self, one: str, other: str) -> Merge:
        """Say what merging two leads would do, and change nothing. Each is named by a phone or an e-mail address.

        The older stays, with the triggers, runs, notes and messages of both. What it lacks it gets from the other. The
        addresses of the other name it from then on, although messages go to its own.
        Where both are in a sequence, or in one of its group, the run that is further on stays, and the other ends; so
        does a run whose goal one of them has reached.

        Raises:
            InvalidLead: An address names nobody, or several, or both name one lead.
        """
        kept, gone = sorted(self._two_leads(one, other), key=lambda lead: lead.id)
        check_two_leads(kept, gone)
        ending = self._store.merging.ending({gone.id: kept.id})
        told = tuple(_ending_told(row) for row in ending)
        result = joined(kept, gone)
        return Merge(kept, gone=gone, result=result, ending=told, others=other_addresses(kept, gone, result))

    def merge_leads(self, one: str, other: str) -> Merge:
        """Make two leads one, exactly as `plan_merge` says, and return what was done. Raises what that raises.

        Raises:
            BusyLead: Messages to both are on their way, or may be.
        """
        with self._store.transaction():
            first = self.plan_merge(one, other)
            self._store.hold_leads((first.kept.id, first.gone.id))
            # They may have changed while they were waited for.
            merge = self.plan_merge(one, other)
            self._one_person.merge(merge, self._actor.name)
        return merge

    def _two_leads(self, one: str, other: str) -> tuple[Lead, Lead]:
        """Return the leads of two addresses; one that both share names whoever the other does not."""
        first, second = (self.leads(**who(str(address))) for address in (one, other))
        if not first or not second:
            raise InvalidLead(f"Nobody has the address {other if first else one}: name two leads that are there.")
        of_first = [lead for lead in first if lead not in second] or first
        of_second = [lead for lead in second if lead not in first] or second
        if first == second and len(first) > 1:
            of_first, of_second = first[:1], first[1:]
        for address, leads in ((one, of_first), (other, of_second)):
            if len(leads) > 1:
                raise InvalidLead(f"The address {address} is that of {len(leads)} leads: name each by its phone.")
        return of_first[0], of_second[0]

    def timelines(self, *, phone: str | int | None = None, email: str | None = None) -> list[Timeline]:
        """Return everything about the leads that have an address."""
        leads = self._reads.leads(self._address(phone, email))
        return [self._reads.timeline(lead, self._now()) for lead in leads]

    def idle_triggers(self) -> list[str]:
        """Return the triggers that leads have and no sequence starts on: their leads wait for one to be applied."""
        return self._reads.idle_triggers()


def _ending_told(row: Row) -> str:
    why = "another run is further on" if row["goal"] is None else f"the goal {row['goal']} is reached"
    return f"lead {row['lead_id']} leaves {row['sequence']!r}, at step {row['step']}: {why}"
