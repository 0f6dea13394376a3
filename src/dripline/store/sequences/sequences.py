"""Sequences as they are stored: what applying one would change, and changing it."""

import json
from collections.abc import Iterable
from collections.abc import Sequence as Listing
from dataclasses import replace
from datetime import datetime

from dripline.core.enrollments.chain import ChainLink, check_chain
from dripline.core.explain import words_or_none
from dripline.core.leads.trigger import normalize_trigger
from dripline.core.planning.draft import Stored, draft
from dripline.core.planning.plan import Action, Plan, plan, plan_new
from dripline.core.planning.reach import Reach
from dripline.core.reason import Reason, ReasonCode, code_of, facts_of
from dripline.core.sequences.sequence import Sequence, Step
from dripline.core.time.schedule import Wait, offsets
from dripline.core.views.sequences import Applied, SequenceState
from dripline.errors import InvalidSequence, InvalidTrigger
from dripline.store.content import written_content
from dripline.store.database.database import Database, Row, instant_or_none
from dripline.store.enrollments.store import SECOND, Store
from dripline.store.reasons import reason_of
from dripline.store.rows import link_of, sequence_of
from dripline.store.sequence_columns import columns_of
from dripline.store.sequences.finished import let_go_on, read_finished
from dripline.store.sequences.in_flight import InFlight, Reached, at_goal
from dripline.store.sequences.publishing import go_over, read_crowds, read_known, read_standings, read_versions
from dripline.store.sequences.starting import read_starting
from dripline.store.sequences.unknown_zones import UnknownZones, read_whereabouts
from dripline.store.window_column import written_window

_OF_THE_CHANNEL = ("address_kind", "invited_only")
"""What a sequence's row says of its channel."""


class Sequences:
    """Plans, applies and publishes sequences, on one database."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store
        self._in_flight = InFlight(database, store)

    def plan(
        self,
        sequence: Sequence,
        reached: Reached,
        now: datetime,
        beside: Iterable[Sequence] = (),
        *,
        reach: Reach = Reach.NEW,
    ) -> Plan:
        """Say what applying a sequence would change, and for whom; `beside` are others that are applied with it.

        Raises:
            InvalidSequence: Its trigger starts another sequence, or its chain leads nowhere or in a circle.
        """
        with self._database.transaction():
            return self._plan(self._find(sequence, beside), sequence, reached, now, reach=reach, beside=beside)

    def apply(
        self,
        sequence: Sequence,
        reached: Reached,
        now: datetime,
        beside: Iterable[Sequence] = (),
        *,
        reach: Reach = Reach.NEW,
    ) -> Applied:
        """Plan and publish in one transaction, and enroll every lead that has the sequence's trigger.

        `reached`: whom its channel reaches.

        Raises:
            InvalidSequence: Its trigger starts another sequence, or its chain leads nowhere or in a circle.
        """
        with self._store.transaction():
            found = self._find(sequence, beside)
            planned = self._plan(found, sequence, reached, now, reach=reach, beside=beside)
            return self._publish(found, planned, reached, now)

    def publish(self, planned: Plan, reached: Reached, now: datetime, beside: Iterable[Sequence] = ()) -> Applied:
        """Do exactly what was planned, and enroll every lead that has the sequence's trigger.

        Raises:
            InvalidSequence: It was published already, or the sequence has changed since, or it cannot be applied.
        """
        with self._store.transaction():
            found = self._find(planned.wanted, beside)
            self._refuse_outdated(found, planned)
            applied = self._publish(found, planned, reached, now)
            if planned.stored == planned.wanted and planned.moves and not applied.moved:
                raise InvalidSequence(_published(planned))
            return applied

    def stored(self, name: str) -> Sequence | None:
        """Return a sequence as it is, its newest version; None if there is none of that name."""
        with self._database.transaction():
            found = next(iter(self._database.run("find_sequence", name=name)), None)
            if found is None:
                return None
            return self._read(found, read_versions(self._database, found["id"], {found["version"]})[found["version"]])

    def states(self) -> list[SequenceState]:
        """Return every sequence as it is, by name."""
        with self._database.snapshot():
            return [self._state(row) for row in self._database.run("sequences")]

    def _state(self, row: Row) -> SequenceState:
        steps = read_versions(self._database, row["id"], {row["version"]})[row["version"]]
        pause = reason_of(row, "pause")
        return SequenceState(
            self._read(row, steps),
            version=row["version"],
            paused_at=instant_or_none(row["paused_at"]),
            pause_reason=words_or_none(pause),
            pause_code=code_of(pause),
            pause_facts=facts_of(pause),
            archived_at=instant_or_none(row["archived_at"]),
        )

    def whereabouts(self, trigger: str) -> UnknownZones:
        """Count the leads of a trigger by what is known of where they are."""
        return read_whereabouts(self._database, trigger)

    def starts_on(self, text: str) -> bool:
        """Return whether a text is a trigger that a sequence starts on, and nothing else."""
        try:
            trigger = normalize_trigger(text)
        except InvalidTrigger:
            return False
        return bool(self._database.run("find_sequence_of_trigger", trigger=trigger))

    def starting_on(self, trigger: str) -> str | None:
        """Return the name of the sequence that a trigger starts; None where there is none."""
        return next((row["name"] for row in self._database.run("find_sequence_of_trigger", trigger=trigger)), None)

    def _find(self, sequence: Sequence, beside: Iterable[Sequence]) -> Row | None:
        holder = self._database.run("find_sequence_of_trigger", trigger=sequence.trigger)
        if holder and holder[0]["name"] != sequence.name:
            raise InvalidSequence(
                f"The trigger {sequence.trigger} starts the sequence {holder[0]['name']!r} already: "
                f"give {sequence.name!r} another trigger, or the same name to change that sequence."
            )
        check_chain(ChainLink.of(sequence), self._links(sequence, beside))
        found = next(iter(self._database.run("find_sequence", name=sequence.name)), None)
        if found is not None and found["archived_at"] is not None:
            raise InvalidSequence(
                f"The sequence {sequence.name!r} is archived: unarchive it to change it, or choose another name."
            )
        return found

    def _links(self, sequence: Sequence, beside: Iterable[Sequence]) -> list[ChainLink]:
        """Return every other sequence as a part of a chain, as it will be."""
        stored = {row["name"]: link_of(row) for row in self._database.run("chains", name=sequence.name)}
        coming = {other.name: ChainLink.of(other) for other in beside if other.name != sequence.name}
        return list((stored | coming).values())

    def _plan(
        self,
        found: Row | None,
        sequence: Sequence,
        reached: Reached,
        now: datetime,
        *,
        reach: Reach,
        beside: Iterable[Sequence],
    ) -> Plan:
        starting = read_starting(self._database, found, sequence, reached, now)
        if found is None:
            return plan_new(sequence, reach, now).with_starting(starting)
        crowds = read_crowds(self._database, found["id"])
        versions = read_versions(self._database, found["id"], {found["version"], *(version for version, _ in crowds)})
        stored = self._read(found, versions[found["version"]])
        known = read_known(self._database, found["id"])
        now_stored = Stored(stored, version=found["version"], versions=versions, known=known, crowds=crowds)
        drafted = draft(now_stored, sequence, reach)
        leaving = self._in_flight.leaving(found, drafted.wanted, reached, now, beside=beside)
        standings = read_standings(self._database, found["id"], drafted)
        staying = [standing for standing in standings if standing.enrollment_id not in leaving.all]
        planned = plan(drafted, staying, now)
        effects = self._in_flight.effects(found, planned, leaving, now)
        asked = reached.as_asked(drafted.wanted, found["id"])
        ended = read_finished(self._database, found["id"], drafted, asked=asked, leaving=leaving.all, now=now)
        planned = planned.with_effects(effects).with_starting(starting).with_finished(ended)
        return replace(planned, notes=(*planned.notes, *self._in_flight.let_in_notes(found, planned, now)))

    def _read(self, found: Row, steps: Listing[Step]) -> Sequence:
        senders = [row["name"] for row in self._database.run("senders_of_sequence", sequence_id=found["id"])]
        return sequence_of(found, steps, senders)

    def _refuse_outdated(self, found: Row | None, planned: Plan) -> None:
        version = 0 if found is None else found["version"]
        if planned.base_version < planned.version <= version:
            raise InvalidSequence(_published(planned))
        stored = None
        if found is not None:
            steps = read_versions(self._database, found["id"], {version})[version]
            stored = self._read(found, steps)
        if version != planned.base_version or stored != planned.stored:
            raise InvalidSequence(f"The sequence {planned.name!r} has changed since this plan was made: plan anew.")

    def _publish(self, found: Row | None, planned: Plan, reached: Reached, now: datetime) -> Applied:
        sequence_id = self._save(planned, found, reached, now)
        if found is not None:
            self._in_flight.carry_out(found, planned, reached, now)
        goal = planned.wanted.goal
        led = at_goal(self._database, sequence_id, goal)
        # All of them at once, so that they are locked in one order.
        self._store.hold([*led, *(move.enrollment_id for move in planned.moves)])
        self._store.leave({enrollment: Reason.of(ReasonCode.GOAL, goal=goal) for enrollment in led}, now)
        moved = go_over(self._database, self._store, sequence_id, planned, now) if planned.moves else 0
        if found is not None and moved < len(planned.moves):
            self._in_flight.ask_who_stays(found, planned, now)
        enrolled = self._store.enroll("enroll_all", now, sequence_id=sequence_id)
        finished = planned.finished.moves
        moved += let_go_on(self._database, self._store, sequence_id, planned, now) if finished else 0
        left_alone = len(planned.moves) + len(finished) - moved
        return Applied(planned, version=planned.version, enrolled=enrolled, moved=moved, left_alone=left_alone)

    def _save(self, planned: Plan, found: Row | None, reached: Reached, now: datetime) -> int:
        """Write a sequence as planned and return its id. Texts are corrected in every version that has them."""
        sequence = planned.wanted
        settings: dict[str, object] = {
            "trigger": sequence.trigger,
            "variables": json.dumps(dict(sequence.variables), ensure_ascii=False),
            **reached.as_stored(sequence),
        } | columns_of(sequence)
        if found is None:
            row = self._database.run("insert_sequence", name=sequence.name, now=now, **settings)[0]
            self._insert_steps(row["id"], 1, sequence.steps)
            self._name_senders(row["id"], sequence)
            return row["id"]
        sequence_id: int = found["id"]
        self._tell_days(sequence_id, planned)
        if planned.action is Action.UPDATE or any(found[name] != settings[name] for name in _OF_THE_CHANNEL):
            if planned.new_version:
                # Before the sequence says that it has them.
                self._insert_steps(sequence_id, planned.version, sequence.steps)
                versions = {"base_version": planned.base_version, "version": planned.version}
                self._database.change("keep_steps_paused", sequence_id=sequence_id, **versions)
            self._database.change(
                "update_sequence", sequence_id=sequence_id, version=planned.version, now=now, **settings
            )
            self._correct_steps(sequence_id, planned)
            self._name_senders(sequence_id, sequence)
        return sequence_id

    def _name_senders(self, sequence_id: int, sequence: Sequence) -> None:
        names = {name: {"position": position} for position, name in enumerate(sequence.senders, start=1)}
        self._database.change("unname_senders", sequence_id=sequence_id)
        if names:
            self._database.change("name_senders", sequence_id=sequence_id, names=names)

    def _insert_steps(self, sequence_id: int, version: int, steps: Listing[Step]) -> None:
        after = offsets(step.wait for step in steps)
        rows = {
            str(position): _texts(step) | _wait(step.wait) | {"offset": offset // SECOND}
            for position, (step, offset) in enumerate(zip(steps, after, strict=True), start=1)
        }
        self._database.change("insert_steps", sequence_id=sequence_id, version=version, steps=rows)

    def _tell_days(self, sequence_id: int, planned: Plan) -> None:
        """Note whether waits are days or hours of steps that were stored before that was told apart."""
        if planned.stored is None or all(step.wait.is_written for step in planned.stored.steps):
            return
        waits = {str(at): _wait(step.wait) for at, step in enumerate(planned.wanted.steps, start=1)}
        if not planned.new_version:
            self._database.change("tell_days", sequence_id=sequence_id, version=planned.base_version, steps=waits)

    def _correct_steps(self, sequence_id: int, planned: Plan) -> None:
        """Write the steps' new ids, then what is corrected of them, in every version that has them."""
        renamed = {old: {"step_key": new} for old, new in planned.renamed.items()}
        corrected = {str(at): _texts(of.new) for at, of in enumerate(planned.corrections)}
        if renamed:
            self._database.change("rename_steps", sequence_id=sequence_id, ids=renamed)
        if corrected:
            self._database.change("correct_steps", sequence_id=sequence_id, steps=corrected)


def _published(planned: Plan) -> str:
    return f"Version {planned.version} of {planned.name!r} was published already: plan anew."


def _wait(wait: Wait) -> dict[str, str | int | None]:
    return {"after": wait // SECOND, "days": wait.calendar_days, "tells_days": int(wait.is_written)}


def _texts(step: Step) -> dict[str, str | int | None]:
    return {
        "step_key": step.id,
        "message": step.message,
        "subject": step.subject,
        "time_window": written_window(step.hours),
        "content": written_content(step),
    }
