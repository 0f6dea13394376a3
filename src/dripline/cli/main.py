"""The command ``dripline``: the one place where errors become sentences and exit codes.

Exit codes: 0 it went right; 1 it ran and found something wrong (doctor: a broken invariant, tick: a message failed or
waits for a channel that is not configured, import --strict: a refused row, unknown: a record that is not unknown,
senders try: a message that was not accepted, simulate --expect: another result);
2 nothing was done, and a sentence says why and what to do.
"""

import sys
import traceback

from dripline.errors import DriplineError
from dripline.version import __version__


def main() -> None:
    """Run the command line; an error that dripline can name becomes one sentence and exit code 2."""
    if sys.argv[1:] == ["--version"]:
        # Asked by scripts, often: without everything that reads a command line.
        sys.stdout.write(f"dripline {__version__}\n")
        return
    from dripline.cli.commands import COMMANDS, command_line
    from dripline.cli.logs import log_what_is_wrong

    log_what_is_wrong()
    asked = sys.argv[1:2]
    try:
        command_line(asked if asked and asked[0] in COMMANDS else COMMANDS)()
    except DriplineError as error:
        sys.stderr.write(f"dripline: {_without_secrets(str(error))}\n")
        sys.exit(2)
    except BrokenPipeError:
        # The reader of our output left, as `| head` does.
        sys.stderr.close()
        sys.exit(0)
    except Exception:  # noqa: BLE001  (the edge of the program: a bug is told with its trace, as Python would)
        sys.stderr.write(_without_secrets(traceback.format_exc()))
        sys.exit(1)


def _without_secrets(told: str) -> str:
    """Settings are read for this alone where something went wrong: they take longer to import than a pass takes."""
    from dripline.cli.hiding import without_secrets

    return without_secrets(told)
