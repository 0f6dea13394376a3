"""Imports as they are kept: how far each list came, what it did, and the rows that it refused."""

import json
from collections.abc import Iterable, Iterator
from collections.abc import Sequence as Listing
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dripline.core.leads.rejected_row import RefusedRow
from dripline.core.text import as_text
from dripline.core.views.imports import Import, ImportState
from dripline.core.views.leads import LeadResult
from dripline.errors import InvalidImport
from dripline.store.database.database import Database, Row, instant, instant_or_none

SILENCE = timedelta(minutes=2)
"""After how long without a word an import counts as ended early: its process writes with every batch."""

REFUSED_LIFE = timedelta(days=90)
"""How long refused rows are kept: they are people's, and corrected by then."""

PAGE = 1_000
"""How many refused rows are read at a time."""

NEWEST = 2**62
"""An id above every import's."""


@dataclass(frozen=True, slots=True)
class BatchDone:
    """What one batch of an import did; `refused_rows` are those that are stored.

    `noted` rows came in without a cell or with one read in another way than it was written; `opted_out` rows say that
    nothing is to be sent to their person.
    """

    percent: int
    rows: int = field(kw_only=True)
    without_trigger: int = field(kw_only=True)
    intake: LeadResult = field(kw_only=True)
    refused: int = field(kw_only=True)
    noted: int = field(kw_only=True)
    opted_out: int = field(kw_only=True)
    refused_rows: Listing[RefusedRow] = field(kw_only=True)


class Imports:
    """The imports of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def begin(self, name: str, who: str, columns: Iterable[str], meanings: Iterable[str] | None, now: datetime) -> int:
        """Write an import that is about to begin, and return its id; lets go of refused rows that are old.

        `meanings` say what each of its columns is, where a person said so.
        """
        written = _listed(columns)
        said = None if meanings is None else _listed(meanings)
        with self._database.transaction():
            self._database.change("let_refused_go", oldest=now - REFUSED_LIFE)
            begun = self._database.run("begin_import", name=name, who=who, columns=written, meanings=said, now=now)
            return int(begun[0]["id"])

    def saved_meanings(self, columns: Iterable[str]) -> tuple[str, ...] | None:
        """Return what a person said last of the columns of a list with these columns; None if nobody said anything."""
        found = self._database.run("kept_meanings", columns=_listed(columns))
        return tuple(json.loads(found[0]["meanings"])) if found else None

    def count(self, import_id: int, done: BatchDone, now: datetime) -> None:
        """Add what a batch did. Call inside the batch's transaction.

        Raises:
            InvalidImport: It does not run any more: it was undone.
        """
        counted = self._database.change(
            "count_batch",
            import_id=import_id,
            percent=done.percent,
            rows=done.rows,
            without_trigger=done.without_trigger,
            added=done.intake.added,
            updated=done.intake.updated,
            enrolled=done.intake.enrolled,
            refused=done.refused,
            noted=done.noted,
            opted_out=done.opted_out,
            now=now,
        )
        if not counted:
            raise InvalidImport(f"Import {import_id} was undone while it ran: import the list again if that was wrong.")
        if done.refused_rows:
            self._database.change(
                "keep_refused", import_id=import_id, refused=[_refused_row(row) for row in done.refused_rows]
            )

    def end(self, import_id: int, problem: str | None, now: datetime) -> None:
        """End a running import, early if there is a problem."""
        state = ImportState.FINISHED if problem is None else ImportState.ENDED_EARLY
        with self._database.transaction():
            self._database.run("end_import", import_id=import_id, state=state.value, problem=problem, now=now)

    def newest(self, before: int | None, limit: int, now: datetime) -> list[Import]:
        """Return imports, the latest first, before one of them."""
        rows = self._database.run("list_imports", before=NEWEST if before is None else before, page=limit)
        return [_import(row, now) for row in rows]

    def find(self, import_id: int, now: datetime) -> Import:
        """Return an import.

        Raises:
            InvalidImport: There is none of that id.
        """
        found = self._database.run("find_import", import_id=import_id) if abs(import_id) < NEWEST else []
        if not found:
            raise InvalidImport(f"There is no import {import_id}: see dripline imports for those that there are.")
        return _import(found[0], now)

    def refused(self, import_id: int) -> Iterator[RefusedRow]:
        """Yield the rows of an import that were refused and kept, in their order, a page at a time."""
        last = 0
        while page := self._database.run("refused_rows", import_id=import_id, after=last, page=PAGE):
            last = page[-1]["number"]
            for row in page:
                yield RefusedRow(
                    row["number"],
                    cells=tuple(json.loads(row["cells"])),
                    column=row["culprit"],
                    value=row["value"],
                    reason=row["reason"],
                )


def _listed(texts: Iterable[str]) -> str:
    return json.dumps([*texts], ensure_ascii=False)


def _import(row: Row, now: datetime) -> Import:
    state = ImportState(row["state"])
    is_silent = state is ImportState.RUNNING and instant(row["seen_at"]) + SILENCE < now
    return Import(
        row["id"],
        name=row["name"],
        who=row["who"],
        columns=tuple(json.loads(row["columns"])),
        state=ImportState.ENDED_EARLY if is_silent else state,
        problem="its process ended" if is_silent else row["problem"],
        started_at=instant(row["started_at"]),
        finished_at=instant_or_none(row["finished_at"]),
        undone_at=instant_or_none(row["undone_at"]),
        percent=row["percent"],
        rows=row["rows_done"],
        without_trigger=row["without_trigger"],
        added=row["added"],
        updated=row["updated"],
        enrolled=row["enrolled"],
        refused=row["refused"],
        removed=row["removed"],
        noted=row["noted"],
        opted_out=row["opted_out"],
    )


def _refused_row(row: RefusedRow) -> dict[str, object]:
    cells = [_stored(cell) for cell in row.cells]
    return {
        "number": row.number,
        "cells": json.dumps(cells, ensure_ascii=False),
        "culprit": _stored(row.column),
        "value": _stored(row.value),
        "reason": _stored(row.reason),
    }


def _stored(text: str) -> str:
    return as_text(text, len(text))
