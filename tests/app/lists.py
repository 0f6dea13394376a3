"""Lists that tests import, and what stands in a database beside the marks that imports leave."""

from collections.abc import Callable
from pathlib import Path

from dripline import Dripline
from dripline.core.views.imports import Import
from dripline.importing.leads.upload import ImportOptions, Upload

Ask = Callable[[str], list[tuple[object, ...]]]

LEADS = "SELECT id, phone, email, name, attributes, zone FROM leads ORDER BY id"
TRIGGERS = "SELECT lead_id, trigger FROM lead_triggers ORDER BY lead_id, trigger"
ENROLLMENTS = "SELECT id, sequence_id, version, lead_id, ended_at, end_code FROM enrollments ORDER BY id"
RECORDS = (
    "SELECT id, enrollment_id, current_step, status, next_trigger_time, reason_code FROM sequence_contacts ORDER BY id"
)
LOADS = "SELECT sender_id, live FROM sender_loads ORDER BY sender_id"


def listed(folder: Path, content: str) -> Upload:
    path = folder / "upload.csv"
    path.write_text(content)
    return Upload(path, "mine.csv")


def bring_in(drip: Dripline, upload: Upload, options: ImportOptions | None = None) -> Import:
    return drip.imports.run(drip.imports.begin(upload, options), upload, options)


def all_of_it(ask: Ask) -> list[list[tuple[object, ...]]]:
    return [ask(question) for question in (LEADS, TRIGGERS, ENROLLMENTS, RECORDS, LOADS)]
