"""Who plays in a simulation that is asked for over HTTP: the sequences and senders of the database, leads made up."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from dripline.app import Dripline
from dripline.core.sequences.sequence import Sequence
from dripline.core.time.schedule import parse_delay
from dripline.errors import InvalidScenario
from dripline.simulate.child_process import play_apart
from dripline.simulate.participants import Participants
from dripline.simulate.population import Made, first_triggers
from dripline.simulate.provider import EMAIL_CHANNELS
from dripline.simulate.result import Result
from dripline.simulate.scenario import Scenario
from dripline.web.editor.sequence_form import SequenceForm

LEADS_LIMIT = 2_000
"""The most leads that are played over HTTP."""

START_YEARS = range(2000, 2100)
"""The years in which a run may begin."""


@dataclass(frozen=True, slots=True)
class SimulationRequest:
    """What is asked for. `sequence` None: all of them. `with_drafts`: drafts play instead of what is published."""

    sequence: str | None
    with_drafts: bool = field(default=False, kw_only=True)
    leads: int = field(kw_only=True)
    start: datetime = field(kw_only=True)
    over: str = field(default="0s", kw_only=True)
    seed: int = field(default=1, kw_only=True)


def played(drip: Dripline, asked: SimulationRequest) -> Result:
    """Play what is asked for, with the senders, the pace and the workspace of the database. Nothing is sent.

    Raises:
        InvalidScenario: Something is out of range, there is nothing to play, or it takes too long.
        DriplineError: What is to be played cannot be.
    """
    if not 1 <= asked.leads <= LEADS_LIMIT:
        raise InvalidScenario(f"{asked.leads} leads cannot be played here: write a number from 1 to {LEADS_LIMIT:,}.")
    if asked.start.year not in START_YEARS:
        raise InvalidScenario(f"The start {asked.start:%Y-%m-%d} is out of reach: write a year from 2000 to 2099.")
    start = asked.start.astimezone(UTC).replace(microsecond=0)
    workspace = drip.workspace.state().workspace
    scenario = Scenario(seed=asked.seed, start=start, leads=asked.leads, over=_span(asked.over), zone=workspace.zone)
    sequences = _chosen(drip, asked)
    senders = tuple(
        state.sender
        for state in drip.senders.all()
        if state.status != "archived" and _is_named(sequences, state.sender.name, state.sender.pool)
    )
    on_channel = _on_channels(drip, sequences)
    channels = {sequence.channel for sequence in on_channel} | {sender.channel for sender in senders}
    population = Made(
        asked.leads,
        triggers=first_triggers(on_channel) if asked.sequence is None else (on_channel[0].trigger,),
        with_email=not channels.isdisjoint(EMAIL_CHANNELS),
    )
    return play_apart(
        scenario, Participants(senders=senders, sequences=on_channel, population=population, workspace=workspace)
    )


def playable(drip: Dripline) -> list[str]:
    """Return the names of what can be played, drafts that are not published among them."""
    published = {state.sequence.name for state in drip.sequences.all()}
    return sorted(published.union(draft.name for draft in drip.sequences.drafts.all()))


def _chosen(drip: Dripline, asked: SimulationRequest) -> tuple[Sequence, ...]:
    """Return what is played: one sequence first, and those that its end leads to."""
    published = {state.sequence.name: state.sequence for state in drip.sequences.all()}
    known = dict(published)
    for draft in drip.sequences.drafts.all():
        if asked.with_drafts or (draft.name == asked.sequence and draft.name not in published):
            known[draft.name] = _draft(draft.name, draft.text, published.get(draft.name))
    if asked.sequence is None:
        if not known:
            raise InvalidScenario("There is no sequence to play: write one first.")
        return tuple(known.values())
    first = known.get(asked.sequence)
    if first is None:
        raise InvalidScenario(f"There is no sequence {asked.sequence[:80]!r} to play: choose one that is there.")
    return _with_followers(first, known.values())


def _draft(name: str, text: str, stored: Sequence | None) -> Sequence:
    return replace(SequenceForm.from_json(text).sequence(stored), name=name)


def _with_followers(first: Sequence, others: Iterable[Sequence]) -> tuple[Sequence, ...]:
    starts = {sequence.trigger: sequence for sequence in others} | {first.trigger: first}
    chain = [first]
    while (then := chain[-1].then) is not None and then in starts and starts[then] not in chain:
        chain.append(starts[then])
    return tuple(chain)


def _is_named(sequences: tuple[Sequence, ...], name: str, pool: str | None) -> bool:
    return any(name in sequence.senders or pool in sequence.senders for sequence in sequences)


def _on_channels(drip: Dripline, sequences: tuple[Sequence, ...]) -> tuple[Sequence, ...]:
    """Return sequences on the channels of their senders, as a draft does not say."""
    channels = {
        name: state.sender.channel for state in drip.senders.all() for name in (state.sender.name, state.sender.pool)
    }
    return tuple(
        replace(sequence, channel=channels.get(sequence.senders[0], sequence.channel)) if sequence.senders else sequence
        for sequence in sequences
    )


def _span(written: str) -> timedelta:
    return parse_delay(written.strip() or "0s")
