"""Lists of opt-outs: what providers, other systems and `dripline suppressions --json` write, read for addresses alone.

A list is taken whole or not at all: one address that is missed would be sent to again.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from dripline.core.leads.address import check_region, normalize_email
from dripline.core.leads.opt_out import OptOut
from dripline.core.leads.phone import normalize_phone
from dripline.errors import InvalidFile, InvalidInput
from dripline.importing.column_meaning import OWN_NAMES, Part, folded
from dripline.importing.known_names import other_columns, plain
from dripline.importing.leads.leads_file import filled_rows, open_table
from dripline.importing.table import check_is_file, unreadable

HEADINGS = {"address"} | {name for name, part in OWN_NAMES.items() if part in {Part.PHONE, Part.EMAIL}}
"""Names of columns that are read beside those that other programs use; a list without any has its addresses first."""

REASONS = ("reason", "unsub reason", "why", "sebab", "alasan")
"""The names of the column that says why."""

NAMED = 5
"""How many entries that cannot be read are named."""

Entry = tuple[int, str, str]
"""Where an address stands, the address as it is written, and the reason that stands beside it, if any."""


def read_opt_outs(path: Path, *, region: str) -> tuple[OptOut, ...]:
    """Return the opt-outs of a file: JSON, CSV, an Excel workbook, or text with an address a line.

    `region` is where a phone without its country is dialled. Each address comes once, in its stored form.

    Raises:
        InvalidFile: It cannot be read, or holds something that is no address.
        InvalidSettings: There is no such region.
    """
    region = check_region(region)
    entries = _of_json(path) if path.suffix.lower() == ".json" else _of_table(path)
    found: dict[str, OptOut] = {}
    wrong: list[str] = []
    for number, written, reason in entries:
        try:
            address = normalize_email(written) if "@" in written else normalize_phone(written, region, is_known=True)
        except InvalidInput as error:
            wrong.append(f"entry {number}: {error}")
        else:
            found.setdefault(address, OptOut(address, reason=reason) if reason else OptOut(address))
    if wrong:
        raise InvalidFile(_refusal(path, wrong))
    if not found:
        raise InvalidFile(f"{path} holds no addresses: write one a line, or name a column phone, email or address.")
    return tuple(found.values())


def _refusal(path: Path, wrong: list[str]) -> str:
    named = " ".join(wrong[:NAMED])
    more = f" And {len(wrong) - NAMED} more." if len(wrong) > NAMED else ""
    return f"{path} was not read, and nobody was barred. {named}{more} Correct or delete these."


def _of_table(path: Path) -> Iterator[Entry]:
    """Yield what stands in the columns of addresses, by the numbers of their rows."""
    table = open_table(path)
    try:
        rows = filled_rows(table)
        first = next(rows, None)
        if first is None:
            return
        columns = _address_columns(first.cells)
        headings = [plain(cell) for cell in first.cells] if columns else []
        why = next((headings.index(reason) for reason in REASONS if reason in headings), None)
        for row in rows if columns else (first, *rows):
            reason = row.cells[why].strip() if why is not None and why < len(row.cells) else ""
            for at in columns or [0]:
                written = row.cells[at].strip() if at < len(row.cells) else ""
                if not columns:
                    # What dripline suppressions prints has two spaces between an address and what else it says.
                    written = written.partition("  ")[0]
                if written:
                    yield row.number, written, reason
    finally:
        table.close()


def _address_columns(names: tuple[str, ...]) -> list[int]:
    """Return the columns of addresses, by our names and those of others; none where the first row is no header."""
    named = dict(enumerate(names))
    others = (*other_columns(Part.PHONE, named), *other_columns(Part.EMAIL, named))
    return [at for at, name in named.items() if folded(name) in HEADINGS or at in others]


def _of_json(path: Path) -> Iterator[Entry]:
    """Yield the addresses of a JSON list: each a text, or an object with an address, phone or email."""
    check_is_file(path)
    try:
        listed = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise unreadable(path, error) from error
    except (ValueError, RecursionError):
        raise InvalidFile(f"{path} is no JSON: write a list such as the one of dripline suppressions --json.") from None
    if not isinstance(listed, list):
        raise InvalidFile(f"{path} holds no list: write one such as that of dripline suppressions --json.")
    for number, one in enumerate(cast("list[object]", listed), start=1):
        if isinstance(one, dict):
            yield from _of_object(number, cast("dict[str, object]", one))
        else:
            yield number, str(one), ""


def _of_object(number: int, one: dict[str, object]) -> Iterator[Entry]:
    by_heading = {folded(name): value for name, value in one.items()}
    facts = by_heading.get("reason_facts")
    # What dripline wrote has its own words for a reason, and among its facts those that a person gave.
    reason = cast("dict[str, object]", facts).get("said") if isinstance(facts, dict) else by_heading.get("reason")
    named = [value for heading, value in by_heading.items() if heading in HEADINGS and value]
    for value in named or [""]:
        yield number, str(value), reason if isinstance(reason, str) else ""
