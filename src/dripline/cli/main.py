"""The command ``dripline``: the one place where errors become sentences and exit codes.

Exit codes: 0 it went right; 1 it ran and found something wrong (doctor: a broken invariant, tick: a message failed or
waits for a channel that is not configured, or something was due and nothing could go, import --strict: a refused row,
unknown: a record that is not unknown, senders try: a message that was not accepted, simulate --expect: another result),
or its output cannot be written; 2 nothing was done, and a sentence says why and what to do; 3 it stopped, since another
version of dripline has migrated the database; 129, 130 or 143 it was stopped by SIGHUP, Ctrl-C or SIGTERM.
"""

import gc
import re
import sys
import traceback
from collections.abc import Callable

from dripline.cli.support import output
from dripline.errors import DriplineError, OutputLost, SchemaChanged
from dripline.version import __version__

COLLECTS_AFTER = 10_000
"""After how many new objects garbage is looked for. What a command imports is none: at Python's own 700 it would be
looked through 130 times before the command begins, for nearly a tenth of the processor time of `dripline show`."""


def main() -> None:
    """Run the command line; an error that dripline can name becomes one sentence and exit code 2."""
    if sys.argv[1:] == ["--version"]:
        # Asked by scripts, often: without everything that reads a command line.
        sys.stdout.write(f"dripline {__version__}\n")
        return
    gc.set_threshold(COLLECTS_AFTER)
    from dripline.cli.support.shutdown import end_at_signals

    # Before everything else is imported: Ctrl-C is heard from then on.
    end_at_signals()
    from dripline.cli.support.logs import log_what_is_wrong
    from dripline.cli.support.registry import COMMANDS, command_line

    output.write_what_can_be_written()
    log_what_is_wrong()
    asked = sys.argv[1:2]
    code = _exit_code(command_line(asked if asked and asked[0] in COMMANDS else COMMANDS))
    lost = output.close()
    if lost is not None and not code:
        output.say(f"the output cannot be written ({lost.strerror}).")
        code = 1
    sys.exit(code)


def _exit_code(command: Callable[[], object]) -> int:
    """Run a command and return its exit code; what goes wrong is told in a sentence."""
    try:
        command()
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except OutputLost as error:
        output.say(str(error))
        return 1
    except DriplineError as error:
        output.say(_without_secrets(str(error)))
        return 3 if isinstance(error, SchemaChanged) else 2
    except Exception as error:  # noqa: BLE001  (the edge of the program)
        return _unforeseen(error)
    return 0


def _unforeseen(error: Exception) -> int:
    """Tell of what nobody has foreseen: a bug with its trace, as Python would, and what is none in a sentence."""
    if isinstance(error, OSError) and output.is_gone(error):
        output.say(f"the output cannot be written ({error.strerror}).")
        return 1
    # An argument or a setting in another encoding than the terminal's: Python hands its bytes on as surrogates.
    if isinstance(error, UnicodeEncodeError) and _SURROGATES.search(error.object[error.start : error.end]):
        output.say(f"{error.object[:60]!a} is not text: write it in UTF-8, and set LANG=C.UTF-8.")
        return 2
    sys.stderr.write(_without_secrets(traceback.format_exc()))
    return 1


_SURROGATES = re.compile("[\ud800-\udfff]")


def _without_secrets(text: str) -> str:
    """Settings are read for this alone where something went wrong: they take longer to import than a pass takes."""
    from dripline.cli.support.redact import without_secrets

    return without_secrets(text)
