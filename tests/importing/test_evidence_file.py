"""Exports of providers, read as evidence."""

from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from dripline.core.records.evidence import EvidenceLine
from dripline.errors import InvalidFile
from dripline.importing.evidence_file import read_evidence, record_of

AT = datetime(2026, 11, 28, 8, 24, 6, tzinfo=UTC)
KUALA_LUMPUR = ZoneInfo("Asia/Kuala_Lumpur")


def read(folder: Path, text: str, zone: ZoneInfo | None = None) -> tuple[EvidenceLine, ...]:
    path = folder / "log.csv"
    path.write_text(text)
    return read_evidence(path, zone=zone).lines


def test_an_export_of_twilio(tmp_path: Path) -> None:
    (line,) = read(
        tmp_path,
        "From,To,Body,Status,SentDate,ApiVersion,ErrorCode,AccountSid,Sid\n"
        "+15005550006,+60123456789,Hi,delivered,2026-11-28T08:24:06Z,2010-04-01,0,AC1,SM1\n",
    )

    assert (line.provider_id, line.address, line.status, line.at) == ("SM1", "60123456789", "delivered", AT)


@pytest.mark.parametrize(
    "written",
    [
        "2026-11-28T16:24:06+08:00",
        "2026-11-28 08:24:06 UTC",
        "2026-11-28 08:24:06+00:00",
        '"Sat, 28 Nov 2026 08:24:06 +0000"',
        "1795854246",
        "1795854246000",
    ],
)
def test_a_time_with_its_zone(tmp_path: Path, written: str) -> None:
    (line,) = read(tmp_path, f"phone,time,status\n012-345 6789,{written},sent\n")

    assert (line.address, line.at) == ("60123456789", AT)


def test_a_time_without_a_zone_is_refused_unless_its_zone_is_given(tmp_path: Path) -> None:
    text = "phone,time,status\n60123456789,2026-11-28 16:24:06,sent\n"
    with pytest.raises(InvalidFile, match=r"Row 2 of .* without a zone"):
        read(tmp_path, text)

    assert read(tmp_path, text, KUALA_LUMPUR)[0].at == AT


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("phone,time\n60123456789,2026-11-28T08:24:06Z\n", "has no column of statuses"),
        ("name,status\nAina,sent\n", "names no messages"),
        ("phone,status\n60123456789,sent\n", "names no messages"),
        ("phone,time,status\n60123456789,28/11/2026 16:24,sent\n", "no time that can be read"),
    ],
)
def test_what_proves_nothing_is_refused(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(InvalidFile, match=told):
        read(tmp_path, text)


def test_a_row_that_names_nobody_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text("phone,time,status\nnobody,2026-11-28T08:24:06Z,sent\n60123456789,2026-11-28T08:24:06Z,sent\n")
    found = read_evidence(path)

    assert ([line.number for line in found.lines], found.passed_over) == ([3], 1)


def test_a_message_that_was_never_sent_has_the_time_at_which_it_was_made(tmp_path: Path) -> None:
    (line,) = read(tmp_path, "sid,to,date_sent,date_created,status\nSM1,60123456789,,2026-11-28T08:24:06Z,failed\n")

    assert line.at == AT


@pytest.mark.parametrize(
    ("provider_id", "record"),
    [
        ("<4411137013242547.dripline@shop.example>", 4411137013242547),
        ("4411137013242547", 4411137013242547),
        ("console-4411137013242547-1", 4411137013242547),
        ("wamid.HBgLNjAxMjM0NTY3ODkVAgARGBI5", None),
        ("60123456789", None),
        (None, None),
    ],
)
def test_ids_that_name_a_record(provider_id: str | None, record: int | None) -> None:
    assert record_of(provider_id) == record
