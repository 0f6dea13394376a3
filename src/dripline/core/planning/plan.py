"""What applying a sequence would change, and for whom: what is stored and what is wanted in, a plan out."""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from dripline.core.planning.draft import Draft
from dripline.core.planning.edit import Place
from dripline.core.planning.finished import Finished
from dripline.core.planning.in_flight import Effects
from dripline.core.planning.in_words import changed, correctable, corrected, in_words, sequence_settings
from dripline.core.planning.reach import Reach
from dripline.core.planning.same_step import identified
from dripline.core.planning.starting import Starting
from dripline.core.planning.timetable import OVERDUE_SPREAD, timetable
from dripline.core.planning.version_move import EnrollmentPosition, VersionMove
from dripline.core.records.expected import Expected
from dripline.core.sequences.policy import WhenLate
from dripline.core.sequences.sequence import Sequence, Step
from dripline.core.time.schedule import format_delay


class Action(StrEnum):
    """What applying does to a sequence or a sender."""

    CREATE = "create"
    UPDATE = "update"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Affected:
    """One change against a version that is live, in words, and how many of its live enrollments stand where to it."""

    told: str
    version: int = field(kw_only=True)
    before: int = field(kw_only=True)
    at: int = field(kw_only=True)
    past: int = field(kw_only=True)

    def sentence(self) -> str:
        """Say it in one line."""
        return f"{self.told}: {self.before} before, {self.at} at it, {self.past} past"


@dataclass(frozen=True, slots=True)
class Correction:
    """A step whose text, hours or content are corrected in every version that has it: before and after.

    `position` is its place in the newest version; None where that one has it no more, and it is put back.
    """

    position: int | None
    old: Step = field(kw_only=True)
    new: Step = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Plan:
    """What applying a sequence does, in words for a person, before it does it; publishing it does exactly that.

    `new_version`: the number of steps, or what a version fixes of one, changes. `version` is the one that newcomers get
    then, `base_version` the one that they get now: 0 where there is none. `moves` are the enrollments that go over,
    `in_flight` counts those that would, if they were not being sent at `planned_at`, `repeated` those that would get a
    step again, and `missing` those that would miss one which is only moved: all of them stay as they are. `stored` is
    what the plan was made from, `wanted` what it leads to. `renamed` are ids that steps had, each with the one that is
    written now. `effects` counts those in flight whom the settings concern, `starting` those who start, and `finished`
    those who came to the end before steps were appended. `notes` are what is worth knowing and changes nothing.
    """

    name: str
    action: Action = field(kw_only=True)
    changes: tuple[str, ...] = field(default=(), kw_only=True)
    new_version: bool = field(default=False, kw_only=True)
    reach: Reach = field(default=Reach.NEW, kw_only=True)
    base_version: int = field(default=0, kw_only=True)
    version: int = field(default=1, kw_only=True)
    affected: tuple[Affected, ...] = field(default=(), kw_only=True)
    in_flight: int = field(default=0, kw_only=True)
    repeated: int = field(default=0, kw_only=True)
    missing: int = field(default=0, kw_only=True)
    moves: tuple[VersionMove, ...] = field(default=(), kw_only=True)
    corrections: tuple[Correction, ...] = field(default=(), kw_only=True)
    renamed: Mapping[str, str] = field(default_factory=dict[str, str], kw_only=True, hash=False)
    effects: Effects = field(default=Effects(), kw_only=True)
    starting: Starting = field(default=Starting(), kw_only=True)
    finished: Finished = field(default=Finished(), kw_only=True)
    notes: tuple[str, ...] = field(default=(), kw_only=True)
    planned_at: datetime = field(kw_only=True)
    stored: Sequence | None = field(default=None, kw_only=True)
    wanted: Sequence = field(kw_only=True)

    @property
    def overdue(self) -> int:
        """How many of those that go over the new waits alone make overdue."""
        return sum(move.is_overdue for move in self.moves)

    def with_effects(self, effects: Effects) -> "Plan":
        """Return the plan with what its settings do to those in flight, who may make it more than nothing."""
        wanted = self.wanted
        sentences = tuple(effects.sentences(channel=wanted.channel, senders=tuple(wanted.senders), goal=wanted.goal))
        action = Action.UPDATE if sentences and self.action is Action.KEEP else self.action
        return replace(self, action=action, effects=effects, changes=(*self.changes, *sentences))

    def with_expected(self, expected: Mapping[int, Expected]) -> "Plan":
        """Return the plan with when each enrollment that goes over will really send its next step, by its id."""
        moves = tuple(_expected(move, expected.get(move.enrollment_id)) for move in self.moves)
        made = replace(self, moves=moves)
        replaced = {_going_sentence(self): _going_sentence(made)}
        return replace(made, changes=tuple(replaced.get(change, change) for change in self.changes))

    def with_starting(self, starting: Starting) -> "Plan":
        """Return the plan with who starts once it is carried out."""
        return replace(self, starting=starting, changes=(*self.changes, *starting.sentences()))

    def with_finished(self, finished: Finished) -> "Plan":
        """Return the plan with who has finished: what they get, or a note that they do not."""
        if finished.moves:
            changes = (*self.changes, finished.sentence())
            return replace(self, action=Action.UPDATE, finished=finished, changes=changes)
        return replace(self, finished=finished, notes=(*self.notes, finished.note())) if finished.leads else self

    @property
    def fingerprint(self) -> str:
        """What publishing it does, as one word: of who is left alone, nothing is in it."""
        moves = [
            (move.enrollment_id, move.standing.step, move.step, move.new_time)
            for move in (*self.moves, *self.finished.moves)
        ]
        does = (self.reach, self.base_version, self.version, self.stored, self.wanted, self.corrections, moves)
        return hashlib.sha256(repr(does).encode()).hexdigest()


def plan_new(wanted: Sequence, reach: Reach, now: datetime) -> Plan:
    """Say what applying a sequence does that is not there yet."""
    changes = tuple(_introduction(wanted))
    named = replace(wanted, steps=identified(wanted.steps))
    return Plan(wanted.name, action=Action.CREATE, changes=changes, reach=reach, planned_at=now, wanted=named)


def plan(drafted: Draft, standings: Iterable[EnrollmentPosition], now: datetime) -> Plan:
    """Say what applying a sequence changes; `standings` are those of `Draft.going` that are not being sent."""
    stored, wanted = drafted.stored, drafted.wanted
    reached = tuple(standings)
    tables = {version: timetable(edit) for version, edit in drafted.edits.items()}
    moves = tuple(
        tables[standing.version].move(standing, drafted.version, policy=wanted.policy, now=now)
        for standing in reached
        if not standing.gets_again
    )
    affected, corrections = tuple(_affected(drafted)), tuple(_corrections(drafted))
    settings = (
        *_differences(stored.sequence, wanted),
        *_id_sentences(drafted),
        *_correction_sentences(drafted, corrections),
    )
    made = Plan(
        wanted.name,
        action=Action.UPDATE if settings or drafted.new_version or moves else Action.KEEP,
        new_version=drafted.new_version,
        reach=drafted.reach,
        base_version=stored.version,
        version=drafted.version,
        affected=affected,
        in_flight=sum(stored.crowds[at].in_flight for at in drafted.going()),
        repeated=drafted.repeated() + len(reached) - len(moves),
        missing=drafted.missing(),
        moves=moves,
        corrections=corrections,
        renamed=drafted.renamed,
        planned_at=now,
        stored=stored.sequence,
        wanted=wanted,
    )
    return replace(made, changes=(*settings, *_change_sentences(drafted, affected), *_move_sentences(drafted, made)))


def _introduction(wanted: Sequence) -> Iterator[str]:
    by = f" by {', '.join(wanted.senders)}" if wanted.senders else ""
    yield f"starts on {wanted.trigger}, goes through {wanted.channel}{by}"
    usual = sequence_settings(Sequence(wanted.name, trigger=wanted.trigger, steps=wanted.steps))
    said = ("trigger", "channel", "senders")
    yield from (
        f"{name} {value}"
        for name, value in sequence_settings(wanted).items()
        if name not in said and value != usual[name]
    )
    for position, step in enumerate(wanted.steps, start=1):
        own = f", in its window {in_words(step.hours)}" if step.hours else ""
        yield f"step {position} after {format_delay(step.wait)}{own}"


def _differences(stored: Sequence, wanted: Sequence) -> Iterator[str]:
    yield from changed(sequence_settings(stored), sequence_settings(wanted))
    if dict(stored.variables) != dict(wanted.variables):
        yield "fallbacks of variables changed"


def _id_sentences(drafted: Draft) -> Iterator[str]:
    if drafted.renamed:
        ids = ", ".join(f"{old} → {new}" for old, new in drafted.renamed.items())
        yield f"steps have other ids: {ids}"


def _corrections(drafted: Draft) -> Iterator[Correction]:
    """Yield each wanted step that some version has otherwise."""
    had = {drafted.renamed.get(step_id, step_id): step for step_id, step in drafted.stored.known.items()}
    places = {step.id: at for at, step in enumerate(drafted.edits[drafted.stored.version].old, start=1)}
    for step in drafted.wanted.steps:
        old = had.get(step.id or "")
        if old is not None and correctable(old) != correctable(step):
            yield Correction(places.get(step.id), old=old, new=step)


def _correction_sentences(drafted: Draft, corrections: Iterable[Correction]) -> Iterator[str]:
    for correction in corrections:
        older = [
            str(version)
            for version, edit in drafted.edits.items()
            if version < drafted.stored.version and correction.new.id in {step.id for step in edit.old}
        ]
        which = "the step that is put back" if correction.position is None else f"step {correction.position}"
        also = f", in version {' and '.join(older)} too" if older else ""
        for what in corrected(correction.old, correction.new):
            yield f"{which} {what}, for everything not yet sent{also}"


def _affected(drafted: Draft) -> Iterator[Affected]:
    """Yield the changes against the newest version, and, where others may go over too, those against theirs."""
    for version, edit in drafted.edits.items():
        if version != drafted.stored.version and drafted.reach is Reach.NEW:
            continue
        crowds = {step: crowd.live for (of, step), crowd in drafted.stored.crowds.items() if of == version}
        for change in edit.changes:
            places = dict.fromkeys(Place, 0)
            for step, live in crowds.items():
                places[edit.place(change, step)] += live
            yield Affected(
                change.text,
                version=version,
                before=places[Place.BEFORE],
                at=places[Place.AT],
                past=places[Place.PAST],
            )


def _change_sentences(drafted: Draft, affected: Iterable[Affected]) -> Iterator[str]:
    for change in affected:
        if change.version == drafted.stored.version:
            yield change.sentence()
        elif change.before or change.at:
            yield f"version {change.version}, {change.sentence()}"


def _move_sentences(drafted: Draft, made: Plan) -> Iterator[str]:
    if made.reach is Reach.NEW:
        if made.new_version:
            live = sum(crowd.live for crowd in drafted.stored.crowds.values())
            yield f"new enrollments get version {made.version}, the {live} in flight keep theirs"
        return
    left = sum(move.new_time is not None for move in made.moves)
    if left:
        yield _going_sentence(made)
    elif made.new_version:
        yield f"new enrollments get version {made.version}, nobody goes over to it"
    if left < len(made.moves):
        yield f"{len(made.moves) - left} with no step left in version {made.version}, completed"
    yield from _stay_sentences(drafted, made)


def _going_sentence(made: Plan) -> str:
    """Say how many go over, and from when to when their next steps go; empty where nobody does."""
    times = [move.goes_at for move in made.moves if move.goes_at is not None]
    if not times:
        return ""
    went = "1 enrollment goes" if len(times) == 1 else f"{len(times)} enrollments go"
    held = sum(move.waits_for is not None for move in made.moves)
    paused = f"; {held} of them not before a person acts" if held else ""
    next_step = f"next step {_span(min(times), max(times))} UTC"
    return f"{went} over to version {made.version}: {next_step}{_overdue_text(made)}{paused}"


def _expected(move: VersionMove, expected: Expected | None) -> VersionMove:
    """Return a move with what is expected of it; what waits for a person has no time."""
    if expected is None:
        return move
    waits_for = expected.waits_for[0].reason if expected.at is None and expected.waits_for else None
    return replace(move, expected_at=expected.at, waits_for=waits_for)


def _stay_sentences(drafted: Draft, made: Plan) -> Iterator[str]:
    older = {version for version, _ in drafted.stored.crowds} - {made.version}
    theirs = f"version {older.pop()}" if len(older) == 1 else "theirs"
    if made.in_flight:
        yield f"{made.in_flight} {'is' if made.in_flight == 1 else 'are'} being sent now, keeping {theirs}"
    if made.repeated:
        yield f"{made.repeated} would get a step again, keeping {theirs}"
    if made.missing:
        yield f"{made.missing} would miss a step that is moved, keeping {theirs}"


def _overdue_text(made: Plan) -> str:
    if not made.overdue:
        return ""
    if made.wanted.policy.when_late is WhenLate.SKIP:
        return f"; {made.overdue} would be overdue, and are skipped as late ones are"
    return f"; {made.overdue} would be overdue, spread over {format_delay(OVERDUE_SPREAD)}"


def _span(first: datetime, last: datetime) -> str:
    text = f"{first:%Y-%m-%d %H:%M}"
    return f"at {text}" if first == last else f"from {text} to {last:%Y-%m-%d %H:%M}"
