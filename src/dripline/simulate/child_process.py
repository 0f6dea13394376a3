"""Plays a small scenario in a process of its own, for at most so long: whoever serves goes on serving meanwhile.

A process that is started afresh knows nothing of the program around it, and runs none of it, whatever that program is.
"""

import pickle
import subprocess
import sys
from threading import Lock

from dripline.errors import DriplineError, InvalidScenario
from dripline.simulate.participants import Participants
from dripline.simulate.result import Result
from dripline.simulate.scenario import Scenario
from dripline.simulate.simulation import be_quiet, play

LASTS = 8.0
"""How long a run may take, in seconds; a second of that is the start of its process."""

_PROGRAM = "import sys; sys.path[:] = sys.argv[1:]; from dripline.simulate.child_process import answer; answer()"

_one_at_a_time = Lock()


def play_apart(scenario: Scenario, cast: Participants, within: float = LASTS) -> Result:
    """Play a scenario in a process of its own; this one plays one at a time.

    Raises:
        InvalidScenario: It takes too long, cannot be played to its end, or another one is being played.
        DriplineError: The cast cannot be played as it is.
    """
    if not _one_at_a_time.acquire(blocking=False):
        raise InvalidScenario("Another simulation is being played: try again in a few seconds.")
    try:
        return _played(pickle.dumps((scenario, cast)), within)
    finally:
        _one_at_a_time.release()


def answer() -> None:
    """Play what comes in, and write what came of it: what the process does that plays."""
    given, output = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr
    be_quiet()
    scenario, cast = pickle.load(given)  # noqa: S301  (from the process that started this one)
    try:
        came = play(scenario, cast)
    except DriplineError as error:
        came = error
    output.write(pickle.dumps(came))


def _played(asked: bytes, within: float) -> Result:
    program = [sys.executable, "-P", "-c", _PROGRAM, *sys.path]
    try:
        done = subprocess.run(program, input=asked, capture_output=True, timeout=within, check=False)  # noqa: S603  (ours)
    except subprocess.TimeoutExpired:
        raise InvalidScenario(
            f"It takes longer than {within:g} seconds to play: choose fewer leads, or one sequence, or give the files "
            "to dripline simulate, which has no limit."
        ) from None
    if done.returncode:
        raise InvalidScenario("It could not be played to its end: choose fewer leads, or another start.")
    came: Result | DriplineError = pickle.loads(done.stdout)  # noqa: S301  (from a process of ours)
    if isinstance(came, DriplineError):
        raise came
    return came
