"""Imports: a lead list seen before it comes in, brought in batch by batch, and taken back."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from dripline.app.opened import Opened
from dripline.core.model import NewLead
from dripline.core.refused import RefusedRow
from dripline.core.undoing import Undoing
from dripline.errors import DatabaseProblem, DriplineError, InvalidImport
from dripline.importing.leads_file import LeadList, open_leads
from dripline.importing.meaning import ERROR_COLUMN
from dripline.importing.spreadsheet import csv_line
from dripline.importing.upload import ImportOptions, Upload, UploadPreview, called_by_name, read_upload
from dripline.store.forecast import Expected, Forecast
from dripline.store.imports import BatchDone, Import, ImportState
from dripline.store.store import Intake

BATCH = 1_000
"""How many rows are read, and how many leads written in one transaction."""

REFUSED_SHOWN = 20
"""How many refused rows a plan shows."""

REFUSED_KEPT = 10_000
"""How many refused rows of an import are kept."""

REFUSED_CHARACTERS = 20_000_000
"""How much all of them together may hold."""

TRIGGERS_TOLD = 1_000
"""Of how many different triggers a plan says whether a sequence starts on them."""

MOST = 50
"""How many imports are listed at once."""


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What importing a list would do. `good` rows name the people of `expected`, some of them more than once.

    `refused_rows` are the first of those refused; `idle_triggers` those of the list on which no sequence starts.
    """

    good: int
    without_trigger: int = field(kw_only=True)
    expected: Expected = field(kw_only=True)
    refused: int = field(kw_only=True)
    refused_rows: tuple[RefusedRow, ...] = field(kw_only=True)
    idle_triggers: tuple[str, ...] = field(kw_only=True)


@dataclass(slots=True)
class _Batch:
    """The rows that are read and not yet written."""

    leads: list[NewLead] = field(default_factory=list[NewLead])
    refused: list[RefusedRow] = field(default_factory=list[RefusedRow])

    def __len__(self) -> int:
        return len(self.leads) + len(self.refused)

    @property
    def without_trigger(self) -> int:
        """How many leads have no trigger."""
        return sum(not lead.triggers for lead in self.leads)


@dataclass(slots=True)
class _Room:
    """How many refused rows of an import may still be kept, and how many characters of them."""

    rows: int
    characters: int

    def kept(self, refused: Iterable[RefusedRow]) -> list[RefusedRow]:
        """Return those for which there is room, and take it from what is left."""
        kept: list[RefusedRow] = []
        for row in refused:
            self.rows -= 1
            self.characters -= sum(map(len, row.cells))
            if self.rows >= 0 and self.characters >= 0:
                kept.append(row)
        return kept


class ImportCases(Opened):
    """What can be asked about imports."""

    def read_upload(self, upload: Upload, options: ImportOptions | None = None) -> UploadPreview:
        """Return the columns of a list, what they are taken for, and its first rows with what is wrong in each cell.

        Raises:
            InvalidFile: The file cannot be read as rows of cells.
        """
        return read_upload(upload, options or ImportOptions(), self._region)

    def plan_import(
        self,
        upload: Upload,
        options: ImportOptions | None = None,
        *,
        on_progress: Callable[[float], None] = lambda _share: None,
    ) -> ImportPlan:
        """Say what importing a list would do, and change nothing; `on_progress` is told how much of it was read.

        Raises:
            InvalidFile: The file cannot be read as a lead list.
        """
        forecast = Forecast(self._database, self._now())
        good = without_trigger = refused = 0
        shown: list[RefusedRow] = []
        triggers = set[str]()
        with called_by_name(upload), self._open_list(upload, options or ImportOptions()) as rows:
            for batch in _batches(rows):
                forecast.take(batch.leads)
                good, without_trigger = good + len(batch.leads), without_trigger + batch.without_trigger
                refused += len(batch.refused)
                shown += batch.refused[: REFUSED_SHOWN - len(shown)]
                if len(triggers) < TRIGGERS_TOLD:
                    triggers.update(trigger for lead in batch.leads for trigger in lead.triggers)
                on_progress(rows.progress)
        return ImportPlan(
            good,
            without_trigger=without_trigger,
            expected=forecast.expected(),
            refused=refused,
            refused_rows=tuple(shown),
            idle_triggers=forecast.idle(triggers),
        )

    def begin_import(self, upload: Upload, options: ImportOptions | None = None) -> Import:
        """Write down that a list is about to come in, once its file and header were checked; `run_import` brings it in.

        Raises:
            InvalidFile: The file cannot be read as a lead list; nothing was written.
        """
        chosen = options or ImportOptions()
        with called_by_name(upload), self._open_list(upload, chosen) as rows:
            columns = rows.columns
        with self._store.transaction():
            now = self._now()
            return self._imports.find(self._imports.begin(upload.name, chosen.who, columns, now), now)

    def run_import(
        self,
        begun: Import,
        upload: Upload,
        options: ImportOptions | None = None,
        *,
        on_progress: Callable[[Import], None] = lambda _so_far: None,
        on_refused: Callable[[RefusedRow], None] = lambda _row: None,
    ) -> Import:
        """Bring in a list whose import has begun, a batch in each transaction, and return what it did.

        Idempotent: the same list brought in again, whole or after an early end, changes nothing that is there already.

        Raises:
            InvalidFile: The file cannot be read to its end; what was read before is in.
            InvalidImport: The import was undone while it ran.
        """
        room = _Room(REFUSED_KEPT, REFUSED_CHARACTERS)
        try:
            with called_by_name(upload), self._open_list(upload, options or ImportOptions()) as rows:
                for batch in _batches(rows):
                    self._bring_in(begun.id, batch, room, int(100 * rows.progress))
                    for row in batch.refused:
                        on_refused(row)
                    on_progress(self.get_import(begun.id))
        except BaseException as error:
            self._end_early(begun.id, error)
            raise
        self._imports.end(begun.id, None, self._now())
        return self.get_import(begun.id)

    def imports(self, *, before: int | None = None, most: int = MOST) -> list[Import]:
        """Return imports, the latest first; those before an id, if one is given."""
        return self._imports.newest(before, most, self._now())

    def get_import(self, import_id: int) -> Import:
        """Return an import.

        Raises:
            InvalidImport: There is none of that id.
        """
        return self._imports.find(import_id, self._now())

    def refused_rows(self, import_id: int) -> Iterator[RefusedRow]:
        """Yield the rows that an import refused, as they came; the first `REFUSED_KEPT`, for 90 days.

        Raises:
            InvalidImport: There is none of that id.
        """
        self.get_import(import_id)
        return self._imports.refused(import_id)

    def refused_csv(self, import_id: int) -> Iterator[str]:
        """Yield them as lines of a CSV file that is safe to open, each with its reason in the last column.

        Raises:
            InvalidImport: There is none of that id.
        """
        columns = self.get_import(import_id).columns
        rows = (_with_reason(row, len(columns)) for row in self._imports.refused(import_id))
        return _csv_lines((*columns, ERROR_COLUMN), rows)

    def plan_undo_import(self, import_id: int) -> Undoing:
        """Say what undoing an import would do now: how many leads it would delete, how many stay and why.

        Raises:
            InvalidImport: There is none of that id.
        """
        self.get_import(import_id)
        return self._undo.plan(import_id)

    def undo_import(self, import_id: int, *, on_progress: Callable[[Undoing], None] = lambda _so_far: None) -> Undoing:
        """Take back what an import did, and only that; again after an early end, until all is done.

        Leads that it added are deleted, unless a message to them was tried, they wrote to us, or something else changed
        them since. All others stay: they lose the triggers that it gave them and get back what it changed, unless that
        was changed since. What it enrolled ends; what was tried is kept with all that is known of it.

        Raises:
            InvalidImport: There is none of that id, or it still runs.
        """
        if self.get_import(import_id).state is ImportState.RUNNING:
            raise InvalidImport(f"Import {import_id} still runs: undo it when it has ended.")
        return self._undo.run(import_id, on_progress)

    def _open_list(self, upload: Upload, options: ImportOptions) -> LeadList:
        return open_leads(
            upload.path,
            region=options.region or self._region,
            trigger=options.trigger,
            allow_no_trigger=options.without_trigger,
            meanings=options.meanings,
            reading=options.reading,
        )

    def _bring_in(self, import_id: int, batch: _Batch, room: _Room, percent: int) -> None:
        kept = room.kept(batch.refused)

        def write() -> Intake:
            now = self._now()
            intake = self._store.add_leads(batch.leads, now, import_id) if batch.leads else Intake()
            self._imports.count(import_id, _done(batch, intake, kept, percent), now)
            return intake

        if self._store.together(write).enrolled:
            self._wake()

    def _end_early(self, import_id: int, error: BaseException) -> None:
        """Say why an import ended; if even that cannot be written, its silence says that it did."""
        problem = str(error) if isinstance(error, DriplineError) else f"it was cut off ({type(error).__name__})"
        try:
            self._imports.end(import_id, problem, self._now())
        except DatabaseProblem:
            return


def _batches(rows: LeadList) -> Iterator[_Batch]:
    batch = _Batch()
    for row in rows:
        if isinstance(row, RefusedRow):
            batch.refused.append(row)
        else:
            batch.leads.append(row.lead)
        if len(batch) == BATCH:
            yield batch
            batch = _Batch()
    if len(batch):
        yield batch


def _done(batch: _Batch, intake: Intake, kept: list[RefusedRow], percent: int) -> BatchDone:
    return BatchDone(
        percent,
        rows=len(batch),
        without_trigger=batch.without_trigger,
        intake=intake,
        refused=len(batch.refused),
        kept=kept,
    )


def _with_reason(row: RefusedRow, width: int) -> tuple[str, ...]:
    """Return a row's cells with its reason behind the columns; what stood under none of them comes last."""
    return (*row.cells[:width], *("",) * (width - len(row.cells)), row.reason, *row.cells[width:])


def _csv_lines(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield csv_line(header)
    for row in rows:
        yield csv_line(row)
