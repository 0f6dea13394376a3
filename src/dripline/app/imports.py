"""Imports: a lead list seen before it comes in, brought in batch by batch, and taken back."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field

from dripline.app.import_batches import ImportBatch, batches, read_ahead
from dripline.app.permissions import UseCases, requires
from dripline.core.accounts.access import Scope
from dripline.core.leads.import_undo import ImportUndo
from dripline.core.leads.lead import NewLead
from dripline.core.leads.rejected_row import RefusedRow
from dripline.core.reason import Reason, ReasonCode
from dripline.core.views.imports import Expected, Import, ImportState
from dripline.core.views.leads import LeadResult
from dripline.errors import DatabaseProblem, DriplineError, InvalidImport
from dripline.importing.column_meaning import ERROR_COLUMN, ColumnMeaning, Meanings
from dripline.importing.leads.known_before import KnownBefore
from dripline.importing.leads.lead_row import CellNote
from dripline.importing.leads.leads_file import LeadList, open_leads
from dripline.importing.leads.upload import ImportOptions, Upload, UploadPreview, called_by_name, read_upload
from dripline.importing.tables.csv_safety import csv_line
from dripline.store.imports.forecast import Forecast
from dripline.store.imports.imports import BatchDone

ROWS_SHOWN = 20
"""How many refused rows, and notes, a plan shows."""


REFUSED_LIMIT = 10_000
"""How many refused rows of an import are kept."""


REFUSED_CHARACTERS = 20_000_000
"""How much all of them together may hold."""


TRIGGERS_SHOWN = 1_000
"""Of how many different triggers a plan says whether a sequence starts on them."""


LATEST_AT_ONCE = 50
"""How many imports are listed at once."""


@dataclass(frozen=True, slots=True)
class ImportPlan:
    """What importing a list would do. `good` rows name the people of `expected`, some of them more than once.

    `refused_rows` are the first of those refused, `notes` the first of what would be done about cells of good rows.
    `noted` and `opted_out` are counted as in `BatchDone`. `idle_triggers` are those on which no sequence starts.
    """

    good: int
    without_trigger: int = field(kw_only=True)
    expected: Expected = field(kw_only=True)
    refused: int = field(kw_only=True)
    refused_rows: tuple[RefusedRow, ...] = field(kw_only=True)
    noted: int = field(kw_only=True)
    notes: tuple[CellNote, ...] = field(kw_only=True)
    opted_out: int = field(kw_only=True)
    idle_triggers: tuple[str, ...] = field(kw_only=True)


@dataclass(slots=True)
class _Tally:
    """What was counted of a list so far."""

    good: int = 0
    without_trigger: int = 0
    refused: int = 0
    noted: int = 0
    opted_out: int = 0

    def add(self, batch: ImportBatch) -> None:
        """Count a batch."""
        self.good += len(batch.good)
        self.without_trigger += batch.without_trigger
        self.refused += len(batch.refused)
        self.noted += batch.noted
        self.opted_out += len(batch.opted_out)


@dataclass(slots=True)
class _Room:
    """How many refused rows of an import may still be kept, and how many characters of them."""

    rows: int
    characters: int

    def fitting(self, refused: Iterable[RefusedRow]) -> list[RefusedRow]:
        """Return those for which there is room, and take it from what is left."""
        fitting: list[RefusedRow] = []
        for row in refused:
            self.rows -= 1
            self.characters -= sum(map(len, row.cells))
            if self.rows >= 0 and self.characters >= 0:
                fitting.append(row)
        return fitting


class Imports(UseCases):
    """The imports of the database."""

    @requires(Scope.LEADS_READ)
    def read(self, upload: Upload, options: ImportOptions | None = None) -> UploadPreview:
        """Return the columns of a list, what they are taken for, and its first rows with what is wrong in each cell.

        Raises:
            InvalidFile: The file cannot be read as rows of cells.
        """
        return read_upload(upload, options or ImportOptions(), self._application.region, self._known_before())

    @requires(Scope.LEADS_READ)
    def kept_mapping(self, columns: Iterable[str]) -> Meanings | None:
        """Return what a person said last of the columns of a list that has the same ones; None if nobody said anything.

        `columns` are their names as the list's header has them, in order. Such a list is read the same way where its
        options say nothing of the columns.
        """
        meanings = self._stores.imports.saved_meanings(columns)
        return None if meanings is None else tuple(map(ColumnMeaning.read, meanings))

    @requires(Scope.LEADS_READ, of_change=Scope.LEADS_WRITE)
    def plan(
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
        forecast = Forecast(self._session.database, self._session.now())
        tally = _Tally()
        shown, notes, triggers = list[RefusedRow](), list[CellNote](), set[str]()
        with called_by_name(upload), self._open_list(upload, options or ImportOptions()) as rows:
            for batch in batches(rows):
                forecast.take(batch.leads)
                tally.add(batch)
                shown += batch.refused[: ROWS_SHOWN - len(shown)]
                notes += batch.notes[: ROWS_SHOWN - len(notes)]
                if len(triggers) < TRIGGERS_SHOWN:
                    triggers.update(trigger for lead in batch.leads for trigger in lead.triggers)
                on_progress(rows.progress)
        return ImportPlan(
            tally.good,
            without_trigger=tally.without_trigger,
            expected=forecast.expected(),
            refused=tally.refused,
            refused_rows=tuple(shown),
            noted=tally.noted,
            notes=tuple(notes),
            opted_out=tally.opted_out,
            idle_triggers=forecast.idle(triggers),
        )

    @requires(Scope.LEADS_WRITE, audited_as="begin_import", is_long=True)
    def begin(self, upload: Upload, options: ImportOptions | None = None) -> Import:
        """Write down that a list is about to come in, once its file and header were checked; `run` brings it in.

        Raises:
            InvalidFile: The file cannot be read as a lead list; nothing was written.
        """
        chosen = options or ImportOptions()
        with called_by_name(upload), self._open_list(upload, chosen) as rows:
            columns, said = rows.columns, rows.found.said
        with self._stores.store.transaction():
            now = self._session.now()
            meanings = None if said is None else map(str, said)
            return self._stores.imports.find(
                self._stores.imports.begin(upload.name, chosen.who, columns, meanings, now), now
            )

    @requires(Scope.LEADS_WRITE, audited_as="run_import", is_long=True)
    def run(
        self,
        begun: Import,
        upload: Upload,
        options: ImportOptions | None = None,
        *,
        on_progress: Callable[[Import], None] = lambda _so_far: None,
        on_refused: Callable[[RefusedRow], None] = lambda _row: None,
        on_note: Callable[[CellNote], None] = lambda _note: None,
    ) -> Import:
        """Bring in a list whose import has begun, a batch in each transaction, and return what it did.

        Whom the list says to have opted out is suppressed for good, as `opt_out` does, before the leads of their batch.
        Idempotent: the same list brought in again, whole or after an early end, changes nothing that is there already.

        Raises:
            InvalidFile: The file cannot be read to its end; what was read before is in.
            InvalidImport: The import was undone while it ran.
        """
        room = _Room(REFUSED_LIMIT, REFUSED_CHARACTERS)
        try:
            with (
                called_by_name(upload),
                self._open_list(upload, options or ImportOptions()) as rows,
                closing(read_ahead(rows)) as coming,
            ):
                for batch, share in coming:
                    self._bring_in(begun.id, batch, room, int(100 * share))
                    for row in batch.refused:
                        on_refused(row)
                    for note in batch.notes:
                        on_note(note)
                    on_progress(self.get(begun.id))
        except BaseException as error:
            self._end_early(begun.id, error)
            raise
        self._stores.imports.end(begun.id, None, self._session.now())
        return self.get(begun.id)

    @requires(Scope.LEADS_READ)
    def latest(self, *, before: int | None = None, most: int = LATEST_AT_ONCE) -> list[Import]:
        """Return imports, the latest first; those before an id, if one is given."""
        return self._stores.imports.newest(before, most, self._session.now())

    @requires(Scope.LEADS_READ, of_change=Scope.LEADS_WRITE)
    def get(self, import_id: int) -> Import:
        """Return an import.

        Raises:
            InvalidImport: There is none of that id.
        """
        return self._stores.imports.find(import_id, self._session.now())

    @requires(Scope.LEADS_READ)
    def refused_rows(self, import_id: int) -> Iterator[RefusedRow]:
        """Yield the rows that an import refused, as they came; the first `REFUSED_LIMIT`, for 90 days.

        Raises:
            InvalidImport: There is none of that id.
        """
        self.get(import_id)
        return self._stores.imports.refused(import_id)

    @requires(Scope.LEADS_READ)
    def refused_csv(self, import_id: int) -> Iterator[str]:
        """Yield them as lines of a CSV file that is safe to open, each with its reason in the last column.

        Raises:
            InvalidImport: There is none of that id.
        """
        columns = self.get(import_id).columns
        rows = (_with_reason(row, len(columns)) for row in self._stores.imports.refused(import_id))
        return _csv_lines((*columns, ERROR_COLUMN), rows)

    @requires(Scope.LEADS_READ, of_change=Scope.LEADS_WRITE)
    def plan_undo(self, import_id: int) -> ImportUndo:
        """Say what undoing an import would do now: how many leads it would delete, how many stay and why.

        Raises:
            InvalidImport: There is none of that id.
        """
        self.get(import_id)
        return self._stores.undo.plan(import_id)

    @requires(Scope.LEADS_WRITE, audited_as="undo_import", is_long=True)
    def undo(self, import_id: int, *, on_progress: Callable[[ImportUndo], None] = lambda _so_far: None) -> ImportUndo:
        """Take back what an import did, and only that; again after an early end, until all is done.

        Leads that it added are deleted, unless a message to them was tried, they wrote to us, or something else changed
        them since. All others stay: they lose the triggers that it gave them and get back what it changed, unless that
        was changed since. What it enrolled ends; what was tried is kept with all that is known of it.

        Raises:
            InvalidImport: There is none of that id, or it still runs.
        """
        if self.get(import_id).state is ImportState.RUNNING:
            raise InvalidImport(f"Import {import_id} still runs: undo it when it has ended.")
        return self._stores.undo.run(import_id, on_progress)

    def _known_before(self) -> KnownBefore:
        return KnownBefore(self.kept_mapping, lambda phone: bool(self._stores.reads.leads(phone)))

    def _open_list(self, upload: Upload, options: ImportOptions) -> LeadList:
        return open_leads(
            upload.path,
            region=options.region or self._application.region,
            trigger=options.trigger,
            allow_no_trigger=options.without_trigger,
            meanings=options.meanings,
            reading=options.reading,
            choices=options.choices,
            known=self._known_before(),
        )

    def _bring_in(self, import_id: int, batch: ImportBatch, room: _Room, percent: int) -> None:
        refused = room.fitting(batch.refused)

        def write() -> LeadResult:
            # First: who is suppressed is enrolled in nothing.
            self._bar(batch.opted_out)
            now = self._session.now()
            intake = self._stores.store.add_leads(batch.leads, now, import_id) if batch.good else LeadResult()
            self._stores.imports.count(import_id, _done(batch, intake, refused, percent), now)
            return intake

        if self._stores.store.together(write).enrolled:
            self._session.wake()

    def _bar(self, leads: Iterable[NewLead]) -> None:
        reason = Reason.of(ReasonCode.OPTED_OUT, said="an imported list says so")
        addresses = [address for lead in leads for address in (lead.phone, lead.email) if address]
        if addresses:
            self._stores.stopping.suppress(dict.fromkeys(addresses, reason))

    def _end_early(self, import_id: int, error: BaseException) -> None:
        """Say why an import ended; if even that cannot be written, its silence says that it did."""
        problem = str(error) if isinstance(error, DriplineError) else f"it was cut off ({type(error).__name__})"
        try:
            self._stores.imports.end(import_id, problem, self._session.now())
        except DatabaseProblem:
            return


def _done(batch: ImportBatch, intake: LeadResult, refused: list[RefusedRow], percent: int) -> BatchDone:
    return BatchDone(
        percent,
        rows=len(batch),
        without_trigger=batch.without_trigger,
        intake=intake,
        refused=len(batch.refused),
        noted=batch.noted,
        opted_out=len(batch.opted_out),
        refused_rows=refused,
    )


def _with_reason(row: RefusedRow, width: int) -> tuple[str, ...]:
    """Return a row's cells with its reason behind the columns; what stood under none of them comes last."""
    return (*row.cells[:width], *("",) * (width - len(row.cells)), row.reason, *row.cells[width:])


def _csv_lines(header: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield csv_line(header)
    for row in rows:
        yield csv_line(row)
