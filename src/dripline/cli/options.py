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

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object for programs.")]

Phone = Annotated[
    str, typer.Argument(metavar="PHONE", help="The lead's phone, however it is written, or e-mail address.")
]
