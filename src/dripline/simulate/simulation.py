"""Plays a scenario: the one thing that the rest of dripline asks of this room."""

import logging
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context

from dripline.errors import InvalidScenario
from dripline.simulate.participants import Participants, halves
from dripline.simulate.result import Result
from dripline.simulate.run import Counted, Progress, perform
from dripline.simulate.scenario import Scenario

_OTHER_SEED = 1_000_003
"""What is added to the seed of the second half, so that it is not the mirror of the first."""


def play(scenario: Scenario, cast: Participants, progress: Progress = lambda _done, _of: None) -> Result:
    """Play a scenario to its end. The same scenario and cast give the same result, on whatever machine.

    A large one is played in two halves, side by side, the second in a process of its own.

    Raises:
        InvalidInput: The files or the list cannot be played as they are.
    """
    if not cast.sequences:
        raise InvalidScenario("There is no sequence to play: name a file that holds one.")
    split = halves(cast)
    counted = perform(scenario, cast, progress) if split is None else _in_halves(scenario, split, progress)
    return Result.of(scenario, counted.facts, counted.tally)


def _in_halves(scenario: Scenario, split: tuple[Participants, Participants], progress: Progress) -> Counted:
    one, other = split
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=be_quiet) as process:
        played = process.submit(perform, replace(scenario, seed=scenario.seed + _OTHER_SEED), other)
        counted = perform(scenario, one, progress)
        return counted.with_other(played.result())


def be_quiet() -> None:
    """Log nothing in a process that is ours alone: a run breaks lanes and loses answers on purpose."""
    logging.getLogger("dripline").setLevel(logging.CRITICAL)
