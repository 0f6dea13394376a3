"""Options that several commands share."""

from typing import Annotated

import typer

Db = Annotated[
    str | None,
    typer.Option(
        "--db",
        metavar="PATH-or-URL",
        help="The database: a file, sqlite:///FILE or postgresql://…; else DRIPLINE_DB, dripline.toml, dripline.db.",
        show_default=False,
    ),
]

Create = Annotated[bool, typer.Option("--create", help="Make the database, if there is none of that name.")]

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object for programs.")]

Host = Annotated[str, typer.Option("--host", help="Where to serve: an address of this machine.")]

Port = Annotated[int, typer.Option("--port", min=0, max=65_535, help="And on which port; 0 is any that is free.")]

Phone = Annotated[
    str, typer.Argument(metavar="PHONE", help="The lead's phone, however it is written, or e-mail address.")
]
