"""What is checked before a sequence is planned, applied or tried out, and what a person should know then."""

from collections.abc import Iterator
from dataclasses import replace

from dripline.app.session import Session
from dripline.channels.by_sender import speaking_for
from dripline.channels.capabilities import Capabilities, capabilities_of
from dripline.core.leads.address import AddressKind
from dripline.core.leads.attribute import LEAD_VARIABLES
from dripline.core.leads.lead import Lead
from dripline.core.messages.placeholder import doubtful_placeholders
from dripline.core.messages.preview import address_of
from dripline.core.messages.render import check_step_length, check_step_templates, needed
from dripline.core.senders.sender import Sender
from dripline.core.sequences.sequence import DEFAULT_CHANNEL, Sequence
from dripline.errors import ChannelNotConfigured, InvalidSequence
from dripline.store.sequences.in_flight import Reached


class SequenceChecks:
    """Checks of sequences against the channels, senders and leads that there are."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._stores = session.stores
        self._application = session.application

    def notes(self, sequence: Sequence) -> Iterator[str]:
        """Yield what a person should know before a sequence is applied."""
        for name, steps in sorted(needed(sequence).items()):
            having, lacking = (
                (0, 0) if name in self._application.links else self._stores.reads.lacking(sequence.trigger, name)
            )
            if lacking:
                failing = ", ".join(map(str, steps))
                yield (
                    f"{lacking} of {having} leads with {sequence.trigger} have no {name}, and there is no fallback: "
                    f"step {failing} {'fails' if len(steps) == 1 else 'fail'} for them"
                )
        yield from doubtful_placeholders(sequence, self.known_variables(sequence))
        if sequence.zone is None and any(has.hours is not None for has in (sequence, *sequence.steps)):
            where = self._stores.sequences.whereabouts(sequence.trigger)
            yield from where.notes(self._stores.workspaces.state().workspace.zone)
        has_window = self._can(sequence).window is not None
        without = [str(at) for at, step in enumerate(sequence.steps, start=1) if step.template is None]
        if has_window and without:
            names = ", ".join(without)
            yield f"without a template, step {names} goes only to those who wrote lately, and waits for the others to"

    def kind_of(self, sequence: Sequence) -> AddressKind:
        """Return the kind of address that the channel of a sequence speaks to."""
        return self._can(sequence).address_kind

    def address_of(self, sequence: Sequence, lead: Lead) -> str | None:
        """Return the address of a lead that a sequence writes to; a channel that is not here speaks to any."""
        if sequence.channel not in self._session.channels:
            return address_of(lead, AddressKind.ANY)
        return address_of(lead, self.kind_of(sequence), self._can(sequence).contact_kind)

    def declare(self, sequence: Sequence) -> None:
        """Let leads be found by the kind of address that the channel of a sequence alone speaks to, if it has one."""
        kind = self._can(sequence).contact_kind
        if kind is not None:
            self._stores.chats.declare(kind)

    def reached(self, sequence: Sequence) -> Reached:
        """Return whom the channel of a sequence reaches."""
        return Reached(self.kind_of(sequence), invited_only=self._can(sequence).invited_only)

    def checked(self, sequence: Sequence, coming: tuple[Sender, ...] = ()) -> Sequence:
        """Return a sequence that can be applied, on the channel of its senders where it has any."""
        on_channel = self.on_channel(sequence, coming)
        known = self.known_variables(on_channel)
        for position in range(1, len(on_channel.steps) + 1):
            self.check_step(on_channel, position, known)
        return on_channel

    def on_channel(self, sequence: Sequence, coming: tuple[Sender, ...] = ()) -> Sequence:
        """Return a sequence on a channel that this process has: that of its senders where it has any."""
        if sequence.senders:
            channel = self._stores.senders.channel_of(tuple(sequence.senders), coming)
            if sequence.channel not in (DEFAULT_CHANNEL, channel):
                raise InvalidSequence(
                    f"The sequence {sequence.name!r} names the channel {sequence.channel!r}, and its senders speak "
                    f"through {channel!r}: leave the channel out, or name other senders."
                )
            sequence = replace(sequence, channel=channel)
        self._session.check_channel(f"The sequence {sequence.name!r}", sequence.channel)
        if not sequence.senders and speaking_for(self._session.channels[sequence.channel], None) is None:
            raise ChannelNotConfigured(
                f"The sequence {sequence.name!r} goes through {sequence.channel!r}, which is there only by senders "
                "with credentials of their own: name senders, or configure the channel."
            )
        return sequence

    def known_variables(self, sequence: Sequence) -> frozenset[str]:
        """Return what the templates of a sequence may name."""
        return LEAD_VARIABLES.union(self._stores.reads.attribute_names(), self._application.links, sequence.variables)

    def check_step(self, sequence: Sequence, position: int, known: frozenset[str]) -> None:
        """Refuse a step that cannot be read, that the sequence's channel cannot show, or that is too long for it."""
        check_step_templates(sequence, position, known)
        can = self._can(sequence)
        if can.text_limit is not None:
            check_step_length(sequence, position, can.text_limit)
        media = sequence.steps[position - 1].media
        if media is not None and media.kind not in can.media:
            raise InvalidSequence(
                f"Step {position} of {sequence.name!r} shows a picture, a video or a document ({media.kind}), "
                f"which {sequence.channel!r} cannot send: put the address into the message."
            )

    def _can(self, sequence: Sequence) -> Capabilities:
        return capabilities_of(self._session.channels[sequence.channel])
