"""The command ``dripline``: its commands by name, and the one place where errors become sentences and exit codes.

Exit codes: 0 it went right; 1 it ran and found something wrong (doctor: a broken invariant, tick: a message failed or
waits for a channel that is not configured, import --strict: a refused row, unknown: a record that is not unknown,
simulate --expect: another result);
2 nothing was done, and a sentence says why and what to do.
"""

import sys
from collections.abc import Iterable
from importlib import import_module
from typing import Annotated

import typer

from dripline.errors import DriplineError
from dripline.version import __version__

COMMANDS = {
    "demo": "demo.demo",
    "apply": "sequences.apply",
    "import": "leads.import_leads",
    "run": "processor.run",
    "worker": "processor.worker",
    "tick": "processor.tick",
    "simulate": "simulation.simulate",
    "show": "timeline.show",
    "pause": "stopping.pause",
    "resume": "stopping.resume",
    "stop": "stopping.stop",
    "allow": "stopping.allow",
    "exit": "stopping.leave",
    "receive": "stopping.receive",
    "untrigger": "stopping.untrigger",
    "forget": "stopping.forget",
    "suppressions": "stopping.suppressions",
    "senders": "senders.senders",
    "unknown": "unknown.unknown",
    "doctor": "doctor.doctor",
}
"""Where each command is, in the order of the help: only what is asked for is imported."""


def command_line(names: Iterable[str] = tuple(COMMANDS)) -> typer.Typer:
    """Return the command line with the commands of these names; all of them, unless fewer will do."""
    app = typer.Typer(
        name="dripline",
        help="A drip-sequence engine: every step once, in order, on time, and you can see why.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for name in names:
        module, _, what = COMMANDS[name].partition(".")
        command = getattr(import_module(f"dripline.cli.{module}"), what)
        if isinstance(command, typer.Typer):
            app.add_typer(command, name=name)
        else:
            app.command(name)(command)
    app.callback(invoke_without_command=True)(options)
    return app


def options(
    version: Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True)] = False,
) -> None:
    """A drip-sequence engine: every step once, in order, on time, and you can see why."""
    if version:
        typer.echo(f"dripline {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line; an error that dripline can name becomes one sentence and exit code 2."""
    asked = sys.argv[1:2]
    try:
        command_line(asked if asked and asked[0] in COMMANDS else () if asked == ["--version"] else COMMANDS)()
    except DriplineError as error:
        sys.stderr.write(f"dripline: {error}\n")
        sys.exit(2)
    except BrokenPipeError:
        # The reader of our output left, as `| head` does.
        sys.stderr.close()
        sys.exit(0)
