"""Sequences: planned, then applied or published; renamed, archived, deleted."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from dripline.app.permissions import UseCases, requires
from dripline.app.sequences.checks import SequenceChecks
from dripline.app.sequences.drafts import Drafts
from dripline.app.session import Session
from dripline.core.accounts.access import Scope
from dripline.core.leads.trigger import normalize_trigger
from dripline.core.messages.preview import Preview, preview
from dripline.core.messages.render import check_templates
from dripline.core.planning.plan import Plan
from dripline.core.planning.reach import Reach, reach_of
from dripline.core.planning.sequence_life import InFlight, RenamedTrigger, in_flight_of
from dripline.core.senders.sender import Sender
from dripline.core.sequences.sequence import Sequence
from dripline.core.views.sequences import Applied, SequenceState
from dripline.errors import InvalidLead, InvalidSequence, InvalidTemplate, NoSuchSequence

PLAN_LASTS = timedelta(hours=1)
"""For how long a plan can be made once more as it was."""


class Sequences(UseCases):
    """The sequences of the database."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self._checks = SequenceChecks(session)

    @property
    def drafts(self) -> Drafts:
        """The sequences that are not published."""
        return Drafts(self._session)

    @requires(Scope.SEQUENCES_READ, of_change=Scope.SEQUENCES_WRITE)
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
        now = self._session.now()
        planned_at = now if as_of is None else as_of
        if not timedelta(0) <= now - planned_at <= PLAN_LASTS:
            raise InvalidSequence("This plan is older than an hour: look at the plan again.")
        coming = tuple(senders)
        checked = self._checks.checked(sequence, coming)
        planned = self._stores.sequences.plan(
            checked, self._checks.reached(checked), planned_at, beside, reach=reach_of(reach)
        )
        never = planned.starting.notes(checked.trigger, checked.channel)
        hours = self._stores.hours.notes(checked, coming, now)
        planned = planned.with_expected(self._stores.expecting.of_moves(planned.moves, checked, now))
        return replace(planned, notes=(*planned.notes, *never, *self._checks.notes(checked), *hours))

    @requires(Scope.SEQUENCES_WRITE, audited_as="apply")
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
        checked = self._checks.checked(sequence)
        self._checks.declare(checked)
        return self._stores.sequences.apply(
            checked, self._checks.reached(checked), self._session.now(), beside, reach=reach_of(reach)
        )

    @requires(Scope.SEQUENCES_WRITE, audited_as="publish")
    def publish(self, plan: Plan, *, beside: Iterable[Sequence] = ()) -> Applied:
        """Do exactly what was planned: nobody goes over whom the plan does not name, nor to any other time.

        Enrollments that have gone on since the plan was made are left alone, and counted. Raises what `apply` raises.

        Raises:
            InvalidSequence: It was published already, or the sequence has changed since: plan again.
        """
        checked = self._checks.checked(plan.wanted)
        planned = replace(plan, wanted=checked)
        self._checks.declare(checked)
        return self._stores.sequences.publish(planned, self._checks.reached(checked), self._session.now(), beside)

    @requires(Scope.LEADS_READ)
    def preview(
        self, sequence: Sequence | str, *, phone: str | None = None, email: str | None = None
    ) -> tuple[Preview, ...]:
        """Return exactly what each step of a sequence would send to a lead now, by the rendering that sending uses.

        `sequence` is one as it would be applied, or the name of one that was: its newest version.

        Raises:
            InvalidSequence: No sequence has that name.
            InvalidLead: Nobody has that address. Else what `apply` raises.
        """
        wanted = self._named(sequence) if isinstance(sequence, str) else self._checks.checked(sequence)
        lead = next(iter(self._stores.reads.leads(self._session.address(phone, email))), None)
        if lead is None:
            raise InvalidLead(f"No lead has the address {phone or email}: import or add the lead first.")
        to, known = self._checks.address_of(wanted, lead), self._checks.known_variables(wanted)
        return preview(wanted, lead, to, self._application.links, known=known)

    @requires(Scope.SEQUENCES_READ)
    def all(self) -> list[SequenceState]:
        """Return every sequence as it is, by name, but for archived ones: its newest version, whether it is paused."""
        return [state for state in self._stores.sequences.states() if state.archived_at is None]

    @requires(Scope.SEQUENCES_READ)
    def archived(self) -> list[SequenceState]:
        """Return every archived sequence as it is, by name."""
        return [state for state in self._stores.sequences.states() if state.archived_at is not None]

    @requires(Scope.SEQUENCES_READ, of_change=Scope.SEQUENCES_WRITE)
    def get(self, name: str) -> SequenceState:
        """Return a sequence as it is.

        Raises:
            NoSuchSequence: There is none of that name.
        """
        found = next((state for state in self._stores.sequences.states() if state.sequence.name == name), None)
        if found is None:
            raise NoSuchSequence(f"There is no sequence {name[:80]!r}: look at the list of sequences.")
        return found

    @requires(Scope.SEQUENCES_READ)
    def refused_texts(self) -> list[str]:
        """Return, in a sentence for each sequence, the first text of it that is taken no more: its messages will fail.

        A text was checked when it was applied; a newer version may refuse what an older one took.
        """
        found = list[str]()
        for state in self.all():
            try:
                check_templates(state.sequence, self._checks.known_variables(state.sequence))
            except InvalidTemplate as error:
                found.append(f"{state.sequence.name!r} has a text that is not taken: {error} Correct and apply it.")
        return found

    @requires(Scope.SEQUENCES_WRITE, audited_as="rename_sequence")
    def rename(self, old: str, new: str) -> bool:
        """Give a sequence another name; who is in it and what it sent stay as they are. False if it has that name.

        Raises:
            NoSuchSequence: There is none of the old name.
            InvalidSequence: Another one has the new name, or it is none.
        """
        return self._stores.sequence_life.rename(old, new, self._session.now)

    @requires(Scope.SEQUENCES_WRITE, audited_as="archive_sequence")
    def archive(self, name: str, *, in_flight: InFlight | str | None = None) -> int:
        """Retire a sequence: nobody starts it any more, its trigger is free, and it leaves the lists.

        `in_flight` says what becomes of who is in it: `end` ends their runs, `finish` lets them come to their end. What
        was sent stays. Returns how many were in it; `unarchive` takes it back.

        Raises:
            NoSuchSequence: There is none of that name.
            InvalidSequence: Leads are in it and `in_flight` is not given, or another sequence leads to it.
        """
        return self._stores.sequence_life.archive(name, in_flight_of(in_flight), self._session.now)

    @requires(Scope.SEQUENCES_WRITE, audited_as="unarchive_sequence")
    def unarchive(self, name: str) -> int:
        """Let an archived sequence start again on its trigger; returns how many leads start at once.

        Raises:
            NoSuchSequence: There is none of that name.
            InvalidSequence: Its trigger starts another sequence by now, or its chain leads nowhere.
        """
        return self._stores.sequence_life.unarchive(name, self._session.now)

    @requires(Scope.SEQUENCES_WRITE, audited_as="delete_sequence")
    def delete(self, name: str, *, in_flight: InFlight | str | None = None) -> bool:
        """Delete a sequence for good; its name and its trigger are free then.

        What it sent stays readable, in the timelines of its leads and in reports, under its name with a mark; False if
        nobody was ever in it, so that nothing of it stays. Who is in it leaves it with `in_flight="end"`.

        Raises:
            NoSuchSequence: There is none of that name.
            InvalidSequence: Leads are in it and are not to leave it, or another sequence leads to it.
        """
        return self._stores.sequence_life.delete(name, in_flight_of(in_flight), self._session.now)

    @requires(Scope.SEQUENCES_WRITE, audited_as="rename_trigger")
    def rename_trigger(self, old: str, new: str) -> RenamedTrigger:
        """Rename a trigger wherever it is named: of leads, of sequences (start, goal, `then`) and of sources.

        Leads that had the new one already start what it starts now.

        Raises:
            InvalidTrigger: One of them cannot be one, or the new one starts another sequence.
        """
        return self._stores.sequence_life.rename_trigger(
            normalize_trigger(old), normalize_trigger(new), self._session.now
        )

    def _named(self, name: str) -> Sequence:
        stored = self._stores.sequences.stored(name)
        if stored is None:
            raise InvalidSequence(f"There is no sequence {name[:80]!r}: apply it first, or name its file.")
        return stored
