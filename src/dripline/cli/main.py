"""The command ``dripline``: its commands by name, and the one place where errors become sentences and exit codes.

Exit codes: 0 it went right; 1 it ran and found something wrong (doctor: a broken invariant, tick: a message failed or
waits for a channel that is not configured, import --strict: a refused row, unknown: a record that is not unknown,
simulate --expect: another result);
2 nothing was done, and a sentence says why and what to do.
"""

import sys
from typing import Annotated

import typer

from dripline.cli import demo, doctor, leads, processor, senders, sequences, simulation, stopping, timeline, unknown
from dripline.errors import DriplineError
from dripline.version import __version__

app = typer.Typer(
    name="dripline",
    help="A drip-sequence engine: every step once, in order, on time, and you can see why.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("demo")(demo.demo)
app.command("apply")(sequences.apply)
app.command("import")(leads.import_leads)
app.command("run")(processor.run)
app.command("worker")(processor.worker)
app.command("tick")(processor.tick)
app.command("simulate")(simulation.simulate)
app.command("show")(timeline.show)
app.command("pause")(stopping.pause)
app.command("resume")(stopping.resume)
app.command("stop")(stopping.stop)
app.command("allow")(stopping.allow)
app.command("exit")(stopping.leave)
app.command("receive")(stopping.receive)
app.command("untrigger")(stopping.untrigger)
app.command("forget")(stopping.forget)
app.command("suppressions")(stopping.suppressions)
app.add_typer(senders.senders, name="senders")
app.add_typer(unknown.unknown, name="unknown")
app.command("doctor")(doctor.doctor)


@app.callback(invoke_without_command=True)
def options(
    version: Annotated[bool, typer.Option("--version", help="Print the version.", is_eager=True)] = False,
) -> None:
    """A drip-sequence engine: every step once, in order, on time, and you can see why."""
    if version:
        typer.echo(f"dripline {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line; an error that dripline can name becomes one sentence and exit code 2."""
    try:
        app()
    except DriplineError as error:
        sys.stderr.write(f"dripline: {error}\n")
        sys.exit(2)
    except BrokenPipeError:
        # The reader of our output left, as `| head` does.
        sys.stderr.close()
        sys.exit(0)
