"""Sequences: planned, then applied or published."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from dripline.app.opened import Opened
from dripline.channels.accounts import is_invited_only
from dripline.channels.contract import address_kind, free_text_windows, media_kinds, text_limit
from dripline.core.leads.address import AddressKind
from dripline.core.leads.attribute import LEAD_VARIABLES
from dripline.core.messages.placeholder import doubtful_placeholders
from dripline.core.messages.preview import Preview, address_of, preview
from dripline.core.messages.render import check_step_length, check_step_templates, check_templates, needed
from dripline.core.planning.edit import Reach, reach_of
from dripline.core.planning.plan import Plan
from dripline.core.senders.sender import Sender
from dripline.core.sequences.sequence import DEFAULT_CHANNEL, Sequence
from dripline.core.views.sequences import Applied, SequenceState
from dripline.errors import InvalidLead, InvalidSequence, InvalidTemplate, NoSuchSequence
from dripline.store.sequences.in_flight import Reached

PLAN_LASTS = timedelta(hours=1)
"""For how long a plan can be made once more as it was."""


class SequenceCases(Opened):
    """What can be asked about sequences."""

    def plan(
        self,
        sequence: Sequence,
        *,
        reach: Reach | str = Reach.NEW,
        senders: Iterable[Sender] = (),
        beside: Iterable[Sequence] = (),
        as_of: datetime | None = None,
    ) -> Plan:
        """Say what applying a sequence would change, and for whom, after the same checks, and change nothing.

        `senders` will have been applied before it, `beside` are sequences that are applied with it. `as_of`: when it
        was planned before; who would go over to which times is then what that plan said, but for who went on since.
        Raises what `apply` raises.

        Raises:
            InvalidSequence: It was planned longer than an hour ago.
        """
        now = self._now()
        planned_at = now if as_of is None else as_of
        if not timedelta(0) <= now - planned_at <= PLAN_LASTS:
            raise InvalidSequence("This plan is older than an hour: look at the plan again.")
        coming = tuple(senders)
        checked = self._checked(sequence, coming)
        planned = self._sequences.plan(checked, self._reached(checked), planned_at, beside, reach=reach_of(reach))
        never = planned.starting.notes(checked.trigger, checked.channel)
        hours = self._hours.notes(checked, coming, now)
        planned = planned.with_expected(self._expecting.of_moves(planned.moves, checked, now))
        return replace(planned, notes=(*planned.notes, *never, *self._notes(checked), *hours))

    def sequences(self) -> list[SequenceState]:
        """Return every sequence as it is, by name, but for archived ones: its newest version, whether it is paused."""
        return [state for state in self._sequences.states() if state.archived_at is None]

    def refused_texts(self) -> list[str]:
        """Return, in a sentence for each sequence, the first text of it that is taken no more: its messages will fail.

        A text was checked when it was applied; a newer version may refuse what an older one took.
        """
        found = list[str]()
        for state in self.sequences():
            try:
                check_templates(state.sequence, self._known_variables(state.sequence))
            except InvalidTemplate as error:
                found.append(f"{state.sequence.name!r} has a text that is not taken: {error} Correct and apply it.")
        return found

    def archived_sequences(self) -> list[SequenceState]:
        """Return every archived sequence as it is, by name."""
        return [state for state in self._sequences.states() if state.archived_at is not None]

    def sequence(self, name: str) -> SequenceState:
        """Return a sequence as it is.

        Raises:
            NoSuchSequence: There is none of that name.
        """
        found = next((state for state in self._sequences.states() if state.sequence.name == name), None)
        if found is None:
            raise NoSuchSequence(f"There is no sequence {name[:80]!r}: look at the list of sequences.")
        return found

    def preview(
        self, sequence: Sequence | str, *, phone: str | None = None, email: str | None = None
    ) -> tuple[Preview, ...]:
        """Return exactly what each step of a sequence would send to a lead now, by the rendering that sending uses.

        `sequence` is one as it would be applied, or the name of one that was: its newest version.

        Raises:
            InvalidSequence: No sequence has that name.
            InvalidLead: Nobody has that address. Else what `apply` raises.
        """
        wanted = self._named(sequence) if isinstance(sequence, str) else self._checked(sequence)
        lead = next(iter(self._reads.leads(self._address(phone, email))), None)
        if lead is None:
            raise InvalidLead(f"Nobody has the address {phone or email}: import or add the lead first.")
        kind = AddressKind.ANY if wanted.channel not in self._channels else self._kind_of(wanted)
        return preview(wanted, lead, address_of(lead, kind), self._links, known=self._known_variables(wanted))

    def _named(self, name: str) -> Sequence:
        stored = self._sequences.stored(name)
        if stored is None:
            raise InvalidSequence(f"There is no sequence {name[:80]!r}: apply it first, or name its file.")
        return stored

    def _notes(self, sequence: Sequence) -> Iterator[str]:
        """Yield what a person should know before a sequence is applied."""
        for name, steps in sorted(needed(sequence).items()):
            having, lacking = (0, 0) if name in self._links else self._reads.lacking(sequence.trigger, name)
            if lacking:
                failing = ", ".join(map(str, steps))
                yield (
                    f"{lacking} of {having} leads with {sequence.trigger} have no {name}, and there is no fallback: "
                    f"step {failing} {'fails' if len(steps) == 1 else 'fail'} for them"
                )
        yield from doubtful_placeholders(sequence, self._known_variables(sequence))
        if sequence.zone is None and any(has.hours is not None for has in (sequence, *sequence.steps)):
            where = self._sequences.whereabouts(sequence.trigger)
            yield from where.notes(self._workspaces.state().workspace.zone)
        has_window = sequence.channel in free_text_windows(self._channels)
        without = [str(at) for at, step in enumerate(sequence.steps, start=1) if step.template is None]
        if has_window and without:
            told = ", ".join(without)
            yield f"without a template, step {told} goes only to those who wrote lately, and waits for the others to"

    def apply(self, sequence: Sequence, *, reach: Reach | str = Reach.NEW, beside: Iterable[Sequence] = ()) -> Applied:
        """Create or update a sequence, known by its name, and enroll every lead that has its trigger.

        `beside` are sequences that are applied with it, so that its chain may lead to one that is yet to come.

        Idempotent. Texts are corrected for everything not yet sent. When the number or the waits of steps change, new
        enrollments get a new version; of those in flight, `reach` says which go over to it.

        Raises:
            ChannelNotConfigured: This process does not have its channel.
            InvalidTemplate: A template cannot be read, or uses a variable nobody knows.
            InvalidSender: A sender or pool that it names does not exist, or they speak through several channels.
            InvalidSequence: Its trigger starts another sequence, its chain leads nowhere or in a circle, or `reach` is
                none of the known ones.
        """
        checked = self._checked(sequence)
        return self._sequences.apply(checked, self._reached(checked), self._now(), beside, reach=reach_of(reach))

    def publish(self, plan: Plan, *, beside: Iterable[Sequence] = ()) -> Applied:
        """Do exactly what was planned: nobody goes over whom the plan does not name, nor to any other time.

        Enrollments that have gone on since the plan was made are left alone, and counted. Raises what `apply` raises.

        Raises:
            InvalidSequence: It was published already, or the sequence has changed since: plan anew.
        """
        checked = self._checked(plan.wanted)
        planned = replace(plan, wanted=checked)
        return self._sequences.publish(planned, self._reached(checked), self._now(), beside)

    def _kind_of(self, sequence: Sequence) -> AddressKind:
        return address_kind(self._channels[sequence.channel])

    def _reached(self, sequence: Sequence) -> Reached:
        """Return whom the channel of a sequence reaches."""
        return Reached(self._kind_of(sequence), invited_only=is_invited_only(self._channels[sequence.channel]))

    def _checked(self, sequence: Sequence, coming: tuple[Sender, ...] = ()) -> Sequence:
        """Return a sequence that can be applied, on the channel of its senders where it has any."""
        on_channel = self._on_channel(sequence, coming)
        known = self._known_variables(on_channel)
        for position in range(1, len(on_channel.steps) + 1):
            self._check_step(on_channel, position, known)
        return on_channel

    def _on_channel(self, sequence: Sequence, coming: tuple[Sender, ...] = ()) -> Sequence:
        """Return a sequence on a channel that this process has: that of its senders where it has any."""
        if sequence.senders:
            channel = self._senders.channel_of(tuple(sequence.senders), coming)
            if sequence.channel not in (DEFAULT_CHANNEL, channel):
                raise InvalidSequence(
                    f"The sequence {sequence.name!r} names the channel {sequence.channel!r}, and its senders speak "
                    f"through {channel!r}: leave the channel out, or name other senders."
                )
            sequence = replace(sequence, channel=channel)
        self._check_channel(f"The sequence {sequence.name!r}", sequence.channel)
        return sequence

    def _known_variables(self, sequence: Sequence) -> frozenset[str]:
        """Return what the templates of a sequence may name."""
        return LEAD_VARIABLES.union(self._reads.attribute_names(), self._links, sequence.variables)

    def _check_step(self, sequence: Sequence, position: int, known: frozenset[str]) -> None:
        """Refuse a step that cannot be read, that the sequence's channel cannot show, or that is too long for it."""
        check_step_templates(sequence, position, known)
        channel = self._channels[sequence.channel]
        limit = text_limit(channel)
        if limit is not None:
            check_step_length(sequence, position, limit)
        media = sequence.steps[position - 1].media
        if media is not None and media.kind not in media_kinds(channel):
            raise InvalidSequence(
                f"Step {position} of {sequence.name!r} shows a picture, a video or a document ({media.kind}), "
                f"which {sequence.channel!r} cannot send: put the address into the message."
            )
