"""The commands of ``dripline`` by name, and the command line that is made of them."""

from collections.abc import Iterable
from importlib import import_module
from typing import Annotated

import typer

from dripline.version import __version__

COMMANDS = {
    "demo": "demo.demo",
    "apply": "sequences.apply",
    "sequences": "sequence_life.sequences",
    "import": "leads.import_leads",
    "imports": "imports.imports",
    "export": "export.export",
    "run": "processor.run",
    "worker": "processor.worker",
    "serve": "serving.serve",
    "tick": "processor.tick",
    "simulate": "simulation.simulate",
    "preview": "preview.preview",
    "report": "report.report",
    "show": "timeline.show",
    "note": "notes.note",
    "pause": "stopping.pause",
    "resume": "stopping.resume",
    "stop": "stopping.stop",
    "allow": "stopping.allow",
    "maybe-stopped": "stopping.maybe_stopped",
    "exit": "stopping.leave",
    "receive": "stopping.receive",
    "untrigger": "stopping.untrigger",
    "merge": "merging.merge",
    "forget": "stopping.forget",
    "suppressions": "stopping.suppressions",
    "senders": "senders.senders",
    "unknown": "unknown.unknown",
    "events": "events.events",
    "sources": "sources.sources",
    "invite": "access.invite",
    "users": "access.users",
    "restored": "restored.restored",
    "migrate": "migration.migrate",
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
