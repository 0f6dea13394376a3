"""Plays a small scenario in a process of its own, for at most so long: whoever serves goes on serving meanwhile."""

import multiprocessing
from multiprocessing.connection import Connection
from threading import Lock

from dripline.errors import DriplineError, InvalidScenario
from dripline.simulate.cast import Cast
from dripline.simulate.play import be_quiet, play
from dripline.simulate.result import Result
from dripline.simulate.scenario import Scenario

LASTS = 10.0
"""How long a run may take, in seconds; a second of that is the start of its process."""

_one_at_a_time = Lock()


def play_apart(scenario: Scenario, cast: Cast, within: float = LASTS) -> Result:
    """Play a scenario in a process of its own; this one plays one at a time.

    Raises:
        InvalidScenario: It takes too long, or another one is being played.
        DriplineError: The cast cannot be played as it is.
    """
    if not _one_at_a_time.acquire(blocking=False):
        raise InvalidScenario("Another simulation is being played: try again in a few seconds.")
    try:
        return _played(scenario, cast, within)
    finally:
        _one_at_a_time.release()


def _played(scenario: Scenario, cast: Cast, within: float) -> Result:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_play, args=(theirs, scenario, cast), daemon=True)
    process.start()
    theirs.close()
    try:
        # A process that dies closes its end, which is an answer too.
        answer = ours.recv() if ours.poll(within) else None
    except EOFError as error:
        raise InvalidScenario("It could not be played to its end: choose fewer leads, or another start.") from error
    finally:
        process.kill()
        process.join()
        ours.close()
    if isinstance(answer, DriplineError):
        raise answer
    if not isinstance(answer, Result):
        raise InvalidScenario(
            f"It takes longer than {within:g} seconds to play: choose fewer leads, or one sequence, or give the files "
            "to dripline simulate, which has no limit."
        )
    return answer


def _play(connection: Connection, scenario: Scenario, cast: Cast) -> None:
    be_quiet()
    try:
        connection.send(play(scenario, cast))
    except DriplineError as error:
        connection.send(error)
