"""Options that several commands share."""

from datetime import UTC, datetime
from typing import Annotated

import typer

from dripline.errors import InvalidInput, InvalidSettings

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

Migrate = Annotated[bool, typer.Option("--migrate", help="Bring a database of an older version up to this one first.")]


def check_migrate(*, migrate: bool, dry_run: bool) -> None:
    """Refuse to migrate for a command that is asked to change nothing.

    Raises:
        InvalidSettings: Both were asked for.
    """
    if migrate and dry_run:
        raise InvalidSettings("--dry-run changes nothing, and --migrate does: leave one of them out.")


Encoding = Annotated[
    str | None,
    typer.Option(
        "--encoding", metavar="NAME", help="What a text is written in, such as windows-1252 or gb18030; else found out."
    ),
]

Delimiter = Annotated[
    str | None,
    typer.Option(
        "--delimiter", metavar="SIGN", help="What stands between two cells, such as ; or tab; else found out."
    ),
]

Sheet = Annotated[
    str | None,
    typer.Option(
        "--sheet", metavar="NAME", help="A workbook's sheet, by name or place; else the one that looks like a list."
    ),
]

HeaderRow = Annotated[
    int | None,
    typer.Option("--header-row", metavar="N", help="The row that names the columns; else found out."),
]

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object for programs.")]

Host = Annotated[str, typer.Option("--host", help="Where to serve: an address of this machine.")]

Kit = Annotated[bool, typer.Option("--kit", help="For whoever builds pages: show every component at /_kit.")]

Port = Annotated[int, typer.Option("--port", min=0, max=65_535, help="And on which port; 0 is any that is free.")]

Phone = Annotated[
    str, typer.Argument(metavar="PHONE", help="The lead's phone, however it is written, or e-mail address.")
]


def instant_of(written: str | None) -> datetime | None:
    """Read an instant of an option; UTC where it says no zone.

    Raises:
        InvalidInput: It is none.
    """
    if written is None:
        return None
    try:
        read = datetime.fromisoformat(written)
        return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidInput(f"{written!r} is no instant: write 2026-11-28T03:00, in UTC, or with its offset.") from None
