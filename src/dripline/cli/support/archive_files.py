"""The files of an archive: a table a file, CSV or Parquet, made for their owner alone."""

import os
from collections.abc import Generator, Iterable, Mapping
from contextlib import ExitStack, contextmanager
from datetime import datetime
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from dripline.core.views.archive import ARCHIVED, Cell
from dripline.errors import InvalidFile, InvalidInput
from dripline.importing.tables.csv_safety import csv_line
from dripline.private_files import make_for_owner

TableRow = Mapping[str, Cell]
"""A row of a table by its columns."""


class ArchiveFormat(StrEnum):
    """What the files of an archive are."""

    CSV = "csv"
    PARQUET = "parquet"


class ArchiveFiles(Protocol):
    """Files that rows are written to, by the name of their table."""

    def write(self, rows: Mapping[str, Iterable[TableRow]]) -> None:
        """Write rows behind those that were written before."""
        ...


@contextmanager
def archive_files(folder: Path, kind: ArchiveFormat) -> Generator[ArchiveFiles]:
    """Make a file for each table in a folder, which is made where there is none; all are on the disk at the end.

    Raises:
        InvalidFile: The folder has one of them already, or cannot be written.
        InvalidInput: Parquet is asked for, and pyarrow is not installed.
    """
    paths = {table: folder / f"{table}.{kind}" for table in ARCHIVED}
    arrow = _arrow() if kind is ArchiveFormat.PARQUET else None
    there = next((path for path in paths.values() if path.exists()), None)
    if there is not None:
        raise InvalidFile(f"{there} is there already: name another folder.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path in paths.values():
            make_for_owner(str(path))
        with ExitStack() as stack:
            yield _CsvFiles(paths, stack) if arrow is None else _ParquetFiles(arrow, paths, stack)
        for path in paths.values():
            _bring_to_disk(path)
    except OSError as error:
        raise InvalidFile(f"{folder} cannot be written ({error.strerror}): name another folder.") from error


class _CsvFiles:
    def __init__(self, paths: Mapping[str, Path], stack: ExitStack) -> None:
        # With a mark at the front, by which Excel knows UTF-8.
        self._streams = {
            table: stack.enter_context(path.open("w", encoding="utf-8-sig", newline=""))
            for table, path in paths.items()
        }
        for table, stream in self._streams.items():
            stream.write(csv_line(ARCHIVED[table]))

    def write(self, rows: Mapping[str, Iterable[TableRow]]) -> None:
        for table, of_table in rows.items():
            self._streams[table].writelines(csv_line(map(_as_text, row.values())) for row in of_table)


def _as_text(cell: Cell) -> str:
    if isinstance(cell, datetime):
        return cell.isoformat()
    return "" if cell is None else str(cell)


class _Writer(Protocol):
    def write_table(self, table: object) -> None: ...
    def close(self) -> None: ...


class _Table(Protocol):
    def from_pylist(self, rows: list[TableRow], schema: object) -> object: ...


class _Arrow(Protocol):
    """What is used of pyarrow."""

    Table: _Table

    def schema(self, fields: list[tuple[str, object]]) -> object: ...
    def int64(self) -> object: ...
    def string(self) -> object: ...
    def timestamp(self, unit: str, tz: str) -> object: ...


class _Parquet(Protocol):
    """What is used of pyarrow.parquet."""

    def ParquetWriter(self, where: str, schema: object) -> _Writer: ...  # noqa: N802  (its own name)


class _ParquetFiles:
    def __init__(self, arrow: _Arrow, paths: Mapping[str, Path], stack: ExitStack) -> None:
        self._arrow = arrow
        kinds = {int: arrow.int64(), str: arrow.string(), datetime: arrow.timestamp("us", tz="UTC")}
        self._schemas = {
            table: arrow.schema([(name, kinds[kind]) for name, kind in columns.items()])
            for table, columns in ARCHIVED.items()
        }
        parquet = cast("_Parquet", import_module("pyarrow.parquet"))
        self._writers = {table: parquet.ParquetWriter(str(path), self._schemas[table]) for table, path in paths.items()}
        for writer in self._writers.values():
            stack.callback(writer.close)

    def write(self, rows: Mapping[str, Iterable[TableRow]]) -> None:
        for table, of_table in rows.items():
            if found := list(of_table):
                self._writers[table].write_table(self._arrow.Table.from_pylist(found, schema=self._schemas[table]))


def _arrow() -> _Arrow:
    try:
        return cast("_Arrow", import_module("pyarrow"))
    except ImportError:
        raise InvalidInput(
            "Parquet files are written by pyarrow: pip install 'dripline[parquet]', or take --format csv."
        ) from None


def _bring_to_disk(path: Path) -> None:
    with path.open("rb+") as stream:
        os.fsync(stream.fileno())
