"""The log of the command line: whatever happens how often, it does not fill a disk."""

import io
import logging
import socket
import subprocess
import sys
from pathlib import Path

from dripline import Dripline
from dripline.cli.support.log_throttle import LINES_OF_A_KIND, TRACES_OF_A_KIND, WINDOW, FewOfAKind
from dripline.cli.support.logs import BriefLog
from support.real_time import eventually


def record(message: str, at: float, *values: object, line: int = 1, trace: bool = False) -> logging.LogRecord:
    error = ValueError("a fault")
    made = logging.LogRecord(
        "dripline.web", logging.WARNING, "a.py", line, message, values, (ValueError, error, None) if trace else None
    )
    made.created = at
    return made


def written(few: FewOfAKind, *records: logging.LogRecord) -> list[str]:
    return [chosen.getMessage() for one in records for chosen in few.chosen(one)]


def test_of_a_kind_so_many_lines_are_written_and_the_others_counted() -> None:
    few = FewOfAKind()
    lines = written(few, *(record("web.failed path=%s", 0.1 * number, number) for number in range(LINES_OF_A_KIND + 7)))
    others = written(few, record("web.other", 30, line=2))
    told = written(few, record("web.other", WINDOW, line=2))

    assert (len(lines), lines[-1]) == (LINES_OF_A_KIND, f"web.failed path={LINES_OF_A_KIND - 1}")
    assert others == ["web.other"]
    assert told == ["log.left_out lines=7 like=web.failed logger=dripline.web", "web.other"]


def test_traces_are_fewer() -> None:
    lines = written(FewOfAKind(), *(record("web.failed", 1, trace=True) for _ in range(100)))

    assert len(lines) == TRACES_OF_A_KIND


def test_a_clock_that_is_set_back_begins_anew() -> None:
    few = FewOfAKind()
    written(few, *(record("web.failed", 1_000) for _ in range(LINES_OF_A_KIND + 1)))

    assert written(few, record("web.failed", 10)) == [
        "log.left_out lines=1 like=web.failed logger=dripline.web",
        "web.failed",
    ]


def test_what_was_left_out_is_told_at_the_end() -> None:
    stream = io.StringIO()
    handler = BriefLog(stream)
    for _ in range(LINES_OF_A_KIND + 3):
        handler.handle(record("web.failed", 1))
    handler.close()

    assert stream.getvalue().splitlines()[-1] == "log.left_out lines=3 like=web.failed logger=dripline.web"


def test_a_stranger_who_speaks_no_http_does_not_fill_the_log(tmp_path: Path) -> None:
    database, log = tmp_path / "shop.db", tmp_path / "log"
    with Dripline(str(database)) as drip:
        assert not drip.accounts.has_users()
    command = [sys.executable, "-m", "dripline", "serve", "--db", str(database), "--port", "0"]
    with log.open("wb") as stream, subprocess.Popen(command, stderr=stream) as server:
        eventually(lambda: "serving url=" in log.read_text())
        port = int(log.read_text().partition("serving url=")[2].split()[0].rpartition(":")[2])
        for _ in range(2 * LINES_OF_A_KIND):
            with socket.create_connection(("127.0.0.1", port)) as stranger:
                stranger.sendall(b"\x16\x03\x01 nonsense\r\n\r\n")
                stranger.recv(100)
        server.terminate()
    told = log.read_text()

    assert told.count("Invalid HTTP request") == LINES_OF_A_KIND
    assert "log.left_out lines=120 like=Invalid" in told
