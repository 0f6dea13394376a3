"""Answers that a process knew when it had to end while the database was away: in a file, until the next one starts.

For SQLite the file lies beside the database; for PostgreSQL in the folder of this user's state, under a name made of
the database's. It is for its owner alone, and goes when its answers are written.
"""

import hashlib
import json
import logging
import os
from collections.abc import Iterator
from collections.abc import Sequence as Listing
from pathlib import Path
from typing import cast

from dripline.store.database.database import Database
from dripline.store.enrollments.store import Store

Answer = dict[str, str | int | None]
"""What became of a try: `record`, `attempt`, `sender`, `outcome`, `provider_id`, `error` and `text`."""

_log = logging.getLogger("dripline.store")


class StoredAnswers:
    """Keeps answers of one worker, and writes down what earlier ones had kept, on one database."""

    def __init__(self, database: Database, store: Store, worker: str) -> None:
        self._database = database
        self._store = store
        self._worker = worker

    def keep(self, answers: Listing[Answer]) -> None:
        """Keep answers that cannot be written now."""
        if not answers:
            return
        base = self._base()
        if base is None:
            _log.error("answers.lost records=%s: a database in memory has no place to keep them", len(answers))
            return
        base.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = base.with_name(f"{base.name}-{hashlib.sha256(self._worker.encode()).hexdigest()[:16]}")
        lines = "".join(f"{json.dumps(answer)}\n" for answer in answers)
        descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(descriptor, lines.encode())
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        _log.warning("answers.kept records=%s file=%s", len(answers), path)

    def write_down(self) -> int:
        """Write what was kept, as answers that came late; returns how many records they complete."""
        base = self._base()
        if base is None:
            return 0
        return sum(self._write(path) for path in sorted(base.parent.glob(f"{base.name}-*")))

    def _write(self, path: Path) -> int:
        answers = list(_answers(path))
        records = [int(cast("int", answer["record"])) for answer in answers]
        with self._store.transaction():
            self._store.hold_claimed(records)
            now = self._store.now()
            self._database.change("finish_attempts", answers=answers, worker=self._worker, now=now)
            completed = self._store.complete_accepted(records, now)
            self._store.go_on(completed, now)
        path.unlink(missing_ok=True)
        _log.warning("answers.written records=%s", len(answers))
        return len(completed)

    def _base(self) -> Path | None:
        """Return what the names of files begin with; None where there is no place for any."""
        label = self._database.label
        if self._database.dialect.name != "sqlite":
            name = hashlib.sha256(label.encode()).hexdigest()[:16]
            return Path.home() / ".local" / "state" / "dripline" / f"answers-{name}"
        return None if label == ":memory:" else Path(f"{label}-answers")


def _answers(path: Path) -> Iterator[Answer]:
    """Yield the answers of a file; a line that was cut off is passed over."""
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            answer = cast("object", json.loads(line))
        except ValueError:
            _log.warning("answers.line_unreadable file=%s", path)
            continue
        if isinstance(answer, dict) and {"record", "attempt", "outcome"} <= cast("dict[str, object]", answer).keys():
            yield cast("Answer", answer)
