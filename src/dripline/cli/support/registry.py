"""The commands of ``dripline`` by name, and the command line that is made of them."""

from collections.abc import Iterable
from importlib import import_module
from typing import Annotated

import typer

from dripline.version import __version__

COMMANDS = {
    "demo": "demo.demo",
    "apply": "sequences.apply.apply",
    "sequences": "sequences.lifecycle.sequences",
    "import": "leads.import_leads.import_leads",
    "imports": "imports.imports",
    "export": "leads.export.export",
    "run": "processor.run",
    "worker": "processor.worker",
    "serve": "serve.serve",
    "tick": "processor.tick",
    "simulate": "simulate.simulate",
    "preview": "sequences.preview.preview",
    "today": "reports.today.today",
    "calendar": "reports.calendar.calendar",
    "report": "report.report",
    "show": "leads.show.show",
    "thread": "leads.thread.thread",
    "note": "leads.notes.note",
    "pause": "leads.stopping.pause",
    "resume": "leads.stopping.resume",
    "stop": "leads.stopping.stop",
    "allow": "leads.stopping.allow",
    "maybe-stopped": "leads.stopping.maybe_stopped",
    "exit": "leads.stopping.leave",
    "receive": "leads.stopping.receive",
    "untrigger": "leads.stopping.untrigger",
    "merge": "leads.merge.merge",
    "forget": "leads.stopping.forget",
    "suppressions": "leads.stopping.suppressions",
    "senders": "senders.senders",
    "credentials": "credentials.credentials",
    "unknown": "records.unknown.unknown",
    "events": "events.events",
    "sources": "leads.sources.sources",
    "invite": "users.invite",
    "users": "users.users",
    "archive": "records.archive.archive",
    "proof": "records.archive.proof",
    "restored": "records.restored.restored",
    "migrate": "migrate.migrate",
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
        module, _, what = COMMANDS[name].rpartition(".")
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
