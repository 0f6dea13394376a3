"""Imports as they are shown, and what one would do."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class ImportState(StrEnum):
    """How an import stands. One that ended early did what it says, and goes on if its list is imported again."""

    RUNNING = "running"
    FINISHED = "finished"
    ENDED_EARLY = "ended early"
    UNDOING = "undoing"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Import:
    """A lead list that came in. `percent`: how much of the file was read; `rows`: good and refused ones so far.

    `added`, `updated` and `enrolled` count as `LeadResult` does, batch by batch; `removed` are the leads that its
    undoing deleted. `noted` and `opted_out` are counted as in `BatchDone`. `problem` says why it ended early.
    """

    id: int
    name: str = field(kw_only=True)
    who: str = field(kw_only=True)
    columns: tuple[str, ...] = field(kw_only=True)
    state: ImportState = field(kw_only=True)
    problem: str | None = field(kw_only=True)
    started_at: datetime = field(kw_only=True)
    finished_at: datetime | None = field(kw_only=True)
    undone_at: datetime | None = field(kw_only=True)
    percent: int = field(kw_only=True)
    rows: int = field(kw_only=True)
    without_trigger: int = field(kw_only=True)
    added: int = field(kw_only=True)
    updated: int = field(kw_only=True)
    enrolled: int = field(kw_only=True)
    refused: int = field(kw_only=True)
    removed: int = field(kw_only=True)
    noted: int = field(kw_only=True)
    opted_out: int = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Expected:
    """What would become of all leads told so far: people, whatever the number of rows that name each.

    `enrolled`: how many by the name of their sequence; `due_at_once`: how many of these have a first message that waits
    for nothing but hours, caps and pace.
    """

    new: int = field(default=0, kw_only=True)
    updated: int = field(default=0, kw_only=True)
    unchanged: int = field(default=0, kw_only=True)
    enrolled: Mapping[str, int] = field(default_factory=dict[str, int], kw_only=True, hash=False)
    due_at_once: int = field(default=0, kw_only=True)
