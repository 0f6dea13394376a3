"""The command ``dripline``: the one place where errors become sentences and exit codes.

Exit codes: 0 it went right; 1 it ran and found something wrong (doctor: a broken invariant, tick: a message failed or
waits for a channel that is not configured, import --strict: a refused row, unknown: a record that is not unknown,
simulate --expect: another result);
2 nothing was done, and a sentence says why and what to do.
"""

import sys

from dripline.errors import DriplineError
from dripline.version import __version__


def main() -> None:
    """Run the command line; an error that dripline can name becomes one sentence and exit code 2."""
    if sys.argv[1:] == ["--version"]:
        # Asked by scripts, often: without everything that reads a command line.
        sys.stdout.write(f"dripline {__version__}\n")
        return
    from dripline.cli.commands import COMMANDS, command_line

    asked = sys.argv[1:2]
    try:
        command_line(asked if asked and asked[0] in COMMANDS else COMMANDS)()
    except DriplineError as error:
        sys.stderr.write(f"dripline: {error}\n")
        sys.exit(2)
    except BrokenPipeError:
        # The reader of our output left, as `| head` does.
        sys.stderr.close()
        sys.exit(0)
