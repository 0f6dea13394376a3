"""Leads: who comes in, who leaves, and what is known of each."""

from collections.abc import Iterable, Mapping
from collections.abc import Sequence as Listing

from dripline.app.opened import Opened
from dripline.channels.contract import start_links
from dripline.core.attribute import Value
from dripline.core.intake import new_lead
from dripline.core.model import Lead, NewLead, StepRecord
from dripline.core.note import checked_note
from dripline.errors import ChannelNotConfigured, InvalidLead
from dripline.store.reads import Timeline
from dripline.store.store import Intake


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
        Raises what `core.intake.new_lead` raises.
        """
        lead = new_lead(
            phone=phone,
            email=email,
            name=name,
            triggers=triggers,
            attributes=attributes,
            zone=zone,
            region=self._region,
        )
        return self.add_leads([lead])

    def add_leads(self, leads: Listing[NewLead]) -> Intake:
        """Add many leads in one transaction, as `add_lead` adds one."""
        intake = self._store.add_leads(leads, self._now())
        if intake.enrolled:
            self._wake()
        return intake

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

    def timelines(self, *, phone: str | int | None = None, email: str | None = None) -> list[Timeline]:
        """Return everything about the leads that have an address."""
        leads = self._reads.leads(self._address(phone, email))
        return [self._reads.timeline(lead, self._now()) for lead in leads]

    def idle_triggers(self) -> list[str]:
        """Return the triggers that leads have and no sequence starts on: their leads wait for one to be applied."""
        return self._reads.idle_triggers()
