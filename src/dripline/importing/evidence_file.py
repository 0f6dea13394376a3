"""What a provider exports of the messages that it had, CSV or Excel: read row by row as lines of evidence.

A row names its message by our record, by the provider's id, or by an address and a time, and says what became of it.
What a column is goes by its name. A time without a zone means nothing unless somebody says in which zone it is.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from email.utils import parsedate_to_datetime
from pathlib import Path

from dripline.core.leads.address import normalize_email
from dripline.core.leads.phone import DEFAULT_REGION, normalize_phone
from dripline.core.records.evidence import EvidenceLine
from dripline.errors import InvalidEmail, InvalidFile, InvalidPhone
from dripline.importing.header import first_header
from dripline.importing.leads.leads_file import filled_rows, open_table
from dripline.importing.table import Row

LINES_LIMIT = 1_000_000
"""The most rows of one export."""

RECORDS = ("record", "recordid", "reference", "clientreference", "webhookid", "correlationid", "bizopaquecallbackdata")
IDS = ("messageid", "providerid", "provider", "messagesid", "smssid", "sid", "wamid", "msgid", "externalid", "id")
ADDRESSES = ("to", "recipient", "recipientid", "destination", "phone", "phonenumber", "number", "mobile", "msisdn")
MAILS = ("email", "emailaddress", "toemail")
TIMES = ("sentat", "datesent", "sentdate", "senttime", "senton", "time", "timestamp", "date", "datetime", "at")
MADE = ("createdat", "datecreated", "created", "acceptedat", "submittedat", "queuedat")
STATUSES = ("status", "state", "messagestatus", "deliverystatus", "result", "event", "laststatus")
"""The names of columns, in small letters and without what stands between them; of several the first with a value."""

_Columns = Mapping[str, list[int]]
"""The positions of what is asked of a row, in the order in which they are asked."""

_OWN_ID = re.compile(r"(?:^|<|-)(\d{13,16})(?:$|-\d+$|\.dripline@)")
"""A record's id, as our channels write it into the ids that they give messages."""


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """An export as it was read. `passed_over` counts rows that name nobody who could be a lead."""

    lines: tuple[EvidenceLine, ...] = field(default=(), kw_only=True)
    passed_over: int = field(default=0, kw_only=True)


def read_evidence(
    path: Path,
    *,
    region: str = DEFAULT_REGION,
    zone: tzinfo | None = None,
    on_progress: Callable[[float], None] = lambda _share: None,
) -> EvidenceFile:
    """Read an export. `zone` is where times without one are.

    Raises:
        InvalidFile: It cannot be read, or it has no column of statuses or none that names messages, or a time in it
            cannot be read or says no zone.
    """
    table = open_table(path)
    try:
        filled = filled_rows(table)
        columns = _columns(path, first_header(path, filled))
        lines: list[EvidenceLine] = []
        passed_over = 0
        for row in filled:
            if len(lines) >= LINES_LIMIT:
                raise InvalidFile(f"{path} has more than {LINES_LIMIT:,} rows: export fewer hours at once.")
            line = _line(path, row, columns, region, zone)
            passed_over += line is None
            lines += [line] if line is not None else []
            on_progress(table.progress)
        return EvidenceFile(lines=tuple(lines), passed_over=passed_over)
    finally:
        table.close()


def record_of(provider_id: str | None) -> int | None:
    """Return the record that an id names which one of our channels gave a message."""
    found = None if provider_id is None else _OWN_ID.search(provider_id)
    return None if found is None else int(found[1])


def instant_of(written: str, zone: tzinfo | None) -> datetime | None:
    """Read an instant as exports write it: ISO 8601, that of mails, or seconds or milliseconds since 1970.

    None where it says no zone and none is given.

    Raises:
        ValueError: It is none.
    """
    if re.fullmatch(r"\d{10}(\.\d+)?", written):
        return datetime.fromtimestamp(float(written), UTC)
    if re.fullmatch(r"\d{13}", written):
        return datetime.fromtimestamp(int(written) / 1_000, UTC)
    plain = re.sub(r" ?(UTC|GMT|Z)$", "+00:00", written)
    try:
        read = datetime.fromisoformat(plain)
    except ValueError:
        read = parsedate_to_datetime(written)
    if read.tzinfo is None:
        return None if zone is None else read.replace(tzinfo=zone).astimezone(UTC)
    return read.astimezone(UTC)


def _columns(path: Path, header: tuple[str, ...]) -> _Columns:
    """Return the positions of what is asked of a row, in the order in which they are asked."""
    names = [re.sub(r"[^a-z]", "", name.lower()) for name in header]

    def at(known: Iterable[str]) -> list[int]:
        return [names.index(name) for name in known if name in names]

    columns = {
        "record": at(RECORDS),
        "id": at(IDS),
        "phone": at(ADDRESSES),
        "email": at(MAILS),
        "time": at((*TIMES, *MADE)),
        "status": at(STATUSES),
    }
    if not columns["status"]:
        raise InvalidFile(f"{path} has no column of statuses: name it status.")
    by_time = (columns["phone"] or columns["email"]) and columns["time"]
    if not (columns["record"] or columns["id"] or by_time):
        raise InvalidFile(f"{path} names no messages: it needs a column id, or the columns phone and time.")
    return columns


def _line(path: Path, row: Row, columns: _Columns, region: str, zone: tzinfo | None) -> EvidenceLine | None:
    """Read a row; None for one that names nobody who could be a lead."""
    if row.broken:
        raise InvalidFile(f"Row {row.number} of {path}: {row.broken}")

    def cell(part: str) -> str | None:
        values = (row.cells[position].strip() for position in columns[part] if position < len(row.cells))
        return next((value for value in values if value), None)

    provider_id = cell("id")
    record = record_of(cell("record")) or record_of(provider_id)
    address = _address(cell("phone"), cell("email"), region)
    if record is None and provider_id is None and address is None:
        return None
    return EvidenceLine(
        row.number,
        status=cell("status") or "",
        record_id=record,
        provider_id=provider_id,
        address=address,
        at=_instant(path, row.number, cell("time"), zone),
    )


def _address(phone: str | None, email: str | None, region: str) -> str | None:
    for written in (phone, email):
        if written is not None:
            try:
                return normalize_email(written) if "@" in written else normalize_phone(written, region, is_known=True)
            except (InvalidPhone, InvalidEmail):
                continue
    return None


def _instant(path: Path, number: int, written: str | None, zone: tzinfo | None) -> datetime | None:
    if written is None:
        return None
    try:
        at = instant_of(written, zone)
    except (ValueError, OverflowError):
        raise InvalidFile(
            f"Row {number} of {path} has no time that can be read, {written[:40]!r}: write 2026-01-31T08:00:00Z."
        ) from None
    if at is None:
        raise InvalidFile(
            f"Row {number} of {path} has the time {written[:40]!r} without a zone: say in which zone its times are."
        )
    return at
