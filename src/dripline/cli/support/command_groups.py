"""Groups of commands, such as `dripline imports`: what is given before a command's name is that command's."""

import typer
from typer.core import TyperGroup

from dripline.errors import InvalidInput


def is_for_a_command(context: typer.Context) -> bool:
    """Return whether a command of the group was named, and hand down to it what was given before its name.

    What the command is given itself stands.

    Raises:
        InvalidInput: The command takes nothing of that name: what was given would be left out.
    """
    name = context.invoked_subcommand
    if name is None:
        return False
    assert isinstance(context.command, TyperGroup)
    command = context.command.get_command(context, name)
    assert command is not None, "the group found it a moment ago"
    accepted = {parameter.name for parameter in command.params}
    given = [
        parameter
        for parameter in context.command.params
        if (source := context.get_parameter_source(parameter.name)) is not None and source.name == "COMMANDLINE"
    ]
    for parameter in given:
        if parameter.name not in accepted:
            option = parameter.opts[0]
            raise InvalidInput(f"{context.info_name} {name} takes no {option}: leave it out.")
    context.default_map = {name: {parameter.name: context.params[parameter.name] for parameter in given}}
    return True
