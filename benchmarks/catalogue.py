"""Everything that is measured, by the name by which it can be asked for, in the order of the table."""

from dataclasses import dataclass

from benchmarks import (
    adding,
    due_scan,
    enrollment,
    idle,
    importing,
    lateness,
    lateness_busy,
    memory,
    pages,
    peers_beside,
    processing,
    restart,
    starting,
)
from benchmarks.bench import Measure


@dataclass(frozen=True, slots=True)
class Measurement:
    """How something is measured in full, and as a ratio within seconds where that can be."""

    full: Measure
    quick: Measure | None = None


MEASUREMENTS = {
    "adding": Measurement(adding.full),
    "enrollment": Measurement(enrollment.full, enrollment.quick),
    "processing": Measurement(processing.full, processing.quick),
    "peers": Measurement(peers_beside.full),
    "due-scan": Measurement(due_scan.full, due_scan.quick),
    "lateness": Measurement(lateness.full),
    "lateness-busy": Measurement(lateness_busy.full),
    "idle": Measurement(idle.full),
    "memory": Measurement(memory.full),
    "importing": Measurement(importing.full),
    "starting": Measurement(starting.full, starting.quick),
    "restart": Measurement(restart.full),
    "pages": Measurement(pages.full),
}
