"""A lead list that somebody handed over: kept in a folder of the caller's, and shown before anything is imported."""

import os
import tempfile
from collections.abc import Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from hashlib import sha256
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from dripline.core.leads.address import check_region
from dripline.core.leads.phone import DEFAULT_REGION
from dripline.core.leads.trigger import normalize_trigger
from dripline.core.text import as_text
from dripline.errors import InvalidFile
from dripline.importing.column_meaning import ColumnMeaning, Meanings
from dripline.importing.leads.columns import Columns, Counting, read_columns
from dripline.importing.leads.known_before import NOTHING_KNOWN, KnownBefore
from dripline.importing.leads.leads_file import LOOKED_AT, SUFFIXES, open_table, read_as, read_header
from dripline.importing.leads.mapping import Choice, ColumnMapping, guess
from dripline.importing.leads.other_country import whose_phones
from dripline.importing.leads.row_checks import Fault, Judge, Judged
from dripline.importing.reading import ReadAs, Reading
from dripline.importing.table import Row
from dripline.importing.tables.file_kind import no_list

UPLOAD_LIMIT = 50_000_000
"""The largest file that is handed over, in bytes; what lies on this machine may be larger."""

SHOWN_ROWS = 20
"""How many rows are shown before an import."""

SHOWN_CHARACTERS = 200
"""How much of a cell is shown."""

NAME_LIMIT = 200
"""The longest name of a file, in characters."""

_CHUNK = 1 << 20

_MENDED = {"phone": "+60123456789", "email": "name@example.com"}
"""What stands in for a cell that is to blame, so that what is wrong with the others of its row is found as well."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file, and what the person who handed it over calls it: that name stands in every sentence about it."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How a list is to be read. `meanings` say what each column is, where the importer is not to go by its name.

    `choices` say it of some columns, by their names, where `meanings` do not say it of all. `reading` says how the file
    is read, where that is not to be found out.

    `trigger` is given to every lead besides its own. `region` is where a phone without its country is dialled, if that
    is not the database's own. `without_trigger` takes a list that names none. `who` imports it.
    """

    meanings: Meanings | None = field(default=None, kw_only=True)
    reading: Reading | None = field(default=None, kw_only=True)
    choices: tuple[Choice, ...] = field(default=(), kw_only=True)
    trigger: str | None = field(default=None, kw_only=True)
    region: str | None = field(default=None, kw_only=True)
    without_trigger: bool = field(default=False, kw_only=True)
    who: str = field(default="", kw_only=True)


@dataclass(frozen=True, slots=True)
class ShownColumn:
    """A column as the file names it, and what it is taken for."""

    name: str
    meaning: ColumnMeaning = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class ShownCell:
    """What stands in a cell, and what is wrong with it, in the importer's words.

    `note` says what becomes of it where it is not stored as it is written, such as a phone's stored form.
    """

    value: str
    error: str | None = field(default=None, kw_only=True)
    note: str | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class ShownRow:
    """A row before its import. A value that stands under no column is in a cell behind those that do."""

    number: int
    cells: tuple[ShownCell, ...] = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class UploadPreview:
    """What an upload holds. `problem` says why it cannot come in with its columns taken so: then no cell is judged.

    `question` says that its phones seem to be another country's, and is empty otherwise.
    """

    name: str
    columns: tuple[ShownColumn, ...] = field(kw_only=True)
    rows: tuple[ShownRow, ...] = field(kw_only=True)
    problem: str | None = field(kw_only=True)
    read_as: ReadAs = field(kw_only=True)
    question: str = field(default="", kw_only=True)

    @property
    def shape(self) -> str:
        """What tells these columns from those of the same file read in another way."""
        return sha256("\n".join(repr(column.name) for column in self.columns).encode()).hexdigest()[:16]


def keep_upload(content: bytes | BinaryIO, name: str, folder: Path) -> Upload:
    """Write an upload into a folder that is made for this user alone, under a name of our own.

    Raises:
        InvalidFile: It is of no kind that can be read, empty, or larger than `UPLOAD_LIMIT`; nothing is kept.
    """
    called = as_text("".join(filter(str.isprintable, name.replace("\\", "/").rpartition("/")[2])), NAME_LIMIT) or "list"
    suffix = Path(called).suffix.lower()
    if suffix not in SUFFIXES:
        raise no_list(Path(called))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, path = tempfile.mkstemp(prefix="upload-", suffix=suffix, dir=folder)
    upload = Upload(Path(path), called)
    try:
        with os.fdopen(descriptor, "wb") as file:
            _copy(BytesIO(content) if isinstance(content, bytes) else content, file, called)
    except BaseException:
        let_go(upload)
        raise
    return upload


def let_go(upload: Upload) -> None:
    """Delete the file of an upload, if it is there."""
    with suppress(FileNotFoundError):
        upload.path.unlink()


def read_upload(
    upload: Upload,
    options: ImportOptions,
    region: str = DEFAULT_REGION,
    known: KnownBefore = NOTHING_KNOWN,
) -> UploadPreview:
    """Return the columns of an upload, what they are taken for, and its first rows with what is wrong in each cell.

    What is `known` of a list with the same columns counts where the options say nothing.

    Raises:
        InvalidFile: The file cannot be read as rows of cells.
        InvalidTrigger: The trigger for all cannot be one.
        InvalidSettings: There is no such region.
    """
    region = check_region(options.region or region)
    triggers = () if options.trigger is None else (normalize_trigger(options.trigger),)
    with called_by_name(upload):
        table = open_table(upload.path, options.reading)
        try:
            found, below = read_header(upload.path, table, options.reading)
            first = tuple(islice(below, LOOKED_AT))
            how = read_as(table, found)
        finally:
            table.close()
    header = found.cells
    counting = Counting(header)
    names, rows = counting.names, [counting.selected(row.cells) for row in first if not row.broken]
    meanings = options.meanings or known.meanings(names) or guess(names, rows, region=region)
    columns, problem = _columns(upload, header, meanings, first)
    judge = columns and Judge(columns, region=region, triggers=triggers, has_phone=known.has_phone)
    return UploadPreview(
        upload.name,
        columns=tuple(
            ShownColumn(name.strip(), meaning=meaning) for name, meaning in zip(names, meanings, strict=False)
        ),
        rows=tuple(_shown(row, judge) for row in first[:SHOWN_ROWS]),
        problem=problem,
        read_as=how,
        question="" if columns is None else whose_phones(columns, rows, region),
    )


@contextmanager
def called_by_name(upload: Upload) -> Generator[None]:
    """Let sentences about the file call it what its person does, not where it is kept."""
    try:
        yield
    except InvalidFile as error:
        raise InvalidFile(str(error).replace(str(upload.path), upload.name)) from None


def _copy(content: BinaryIO, target: BinaryIO, called: str) -> None:
    size = 0
    while chunk := content.read(_CHUNK):
        size += len(chunk)
        if size > UPLOAD_LIMIT:
            raise InvalidFile(f"{called} is larger than {UPLOAD_LIMIT // 1_000_000} MB: split it into several files.")
        target.write(chunk)
    if not size:
        raise InvalidFile(f"{called} is empty: save it again with its content.")


def _columns(
    upload: Upload, header: tuple[str, ...], meanings: Meanings, first: tuple[Row, ...]
) -> tuple[Columns | None, str | None]:
    if not first:
        return None, f"{upload.name} holds a header but no leads: add one lead a row."
    try:
        with called_by_name(upload):
            return read_columns(upload.path, header, ColumnMapping(meanings), trigger_required=False), None
    except InvalidFile as error:
        return None, str(error)


def _shown(row: Row, judge: Judge | None) -> ShownRow:
    if judge is None or row.broken:
        cells, errors, notes = row.cells, {0: row.broken} if row.broken else {}, dict[int, str]()
    else:
        cells = judge.columns.selected(row.cells)
        errors, judged = _judged(cells, judge)
        notes = {} if judged is None else _notes(cells, judge.columns, judged, errors)
    return ShownRow(
        row.number,
        cells=tuple(
            ShownCell(cell[:SHOWN_CHARACTERS], error=errors.get(at), note=notes.get(at))
            for at, cell in enumerate(cells)
        ),
    )


def _judged(cells: tuple[str, ...], judge: Judge) -> tuple[dict[int, str], Judged | None]:
    """Return what is wrong in a row, cell by cell, each mended before the next is looked for, and the lead then."""
    mended, errors = list(cells), dict[int, str]()
    parts = {at: name for name, at in judge.columns.own.items()}
    for _ in range(len(cells) + 1):
        judged = judge.judge(tuple(mended))
        if not isinstance(judged, Fault):
            return errors, judged
        errors[judged.at] = judged.reason
        mended[judged.at] = _MENDED.get(parts.get(judged.at, ""), "")
    return errors, None


def _notes(cells: tuple[str, ...], columns: Columns, judged: Judged, errors: dict[int, str]) -> dict[int, str]:
    """Return what becomes of cells that are not stored as they are written."""
    notes = {note.at: note.text for note in judged.notes}
    at = columns.own.get("phone")
    if at is not None and at not in errors and judged.lead.phone and cells[at].strip() != judged.lead.phone:
        notes[at] = f"{notes.get(at, '')} Stored as +{judged.lead.phone}.".strip()
    return notes
