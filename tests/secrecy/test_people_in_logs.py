"""The look for people in what is logged finds what is there, in this process and in those that tests start."""

import logging
import os
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

from dripline import Lead, Message, NewLead
from dripline.core.safe_errors import without_numbers, wordless
from support.people import LOGS, MADE_IN, People, found_elsewhere, watched

PHONE, EMAIL, NAME, TEXT = "60126661234", "zorb@example.com", "Zorblaxina Ng", "How much is the red one?"
_log = logging.getLogger("dripline.planted")


def nobody_hears(*_: object) -> None:
    """Take a record: the run that this is in looks for people, too."""


def heard(told: str, *words: str, error: Exception | None = None) -> list[str]:
    """What is found in a line that this process logs, of somebody whom it has met."""
    people = People()
    is_enabled, handle = logging.Logger.isEnabledFor, logging.Logger.handle
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(logging.Logger, "isEnabledFor", nobody_hears)
        patch.setattr(logging.Logger, "handle", nobody_hears)
        with watched(people):
            NewLead(PHONE, email=EMAIL, name=NAME)
            Message(
                PHONE, text=TEXT, subject=None, record_id=1, attempt=1,
                lead=Lead(1, phone=PHONE, email=EMAIL, name=NAME), sequence="S", step=1,
            )  # fmt: skip
            _log.debug(told, *words, exc_info=error)
    assert (logging.Logger.isEnabledFor, logging.Logger.handle) == (is_enabled, handle)
    return people.found()


@pytest.mark.parametrize(
    "line",
    [
        f"sent to {PHONE}", f"sent to +{PHONE}", "sent to +60 12-666 1234", "sent to 012-666 1234",
        f"{PHONE}@s.whatsapp.net", f"to={EMAIL}", f"lead={NAME!r}", f"reply text={TEXT}",
    ],
)  # fmt: skip
def test_who_is_in_a_log_is_found(line: str) -> None:
    assert len(heard(line)) == 1
    assert len(heard("%s", line)) == 1


def refuse() -> None:
    raise ValueError(f"no such person: {NAME}")


def test_who_is_in_a_trace_is_found_and_a_trace_without_words_holds_nobody() -> None:
    with pytest.raises(ValueError, match=NAME) as raised:
        refuse()
    assert len(heard("failed", error=raised.value)) == 1

    told = logging.Formatter().formatException(wordless(raised.value))
    assert NAME not in told
    assert "ValueError" in told
    assert "in refuse" in told


@pytest.mark.parametrize("line", ["lead=7 record_id=601266612345", "Zorb was here", "at 2026-01-01 10:00:00", ""])
def test_what_is_nobodys_is_not_found(line: str) -> None:
    assert heard(line) == []


def test_who_is_in_the_log_of_another_process_is_found(tmp_path: Path) -> None:
    program = (
        "import logging; from dripline import NewLead\n"
        f"NewLead({PHONE!r}); logging.getLogger('dripline.planted').info('sent to %s', {PHONE!r})"
    )
    subprocess.run([sys.executable, "-c", program], env=os.environ | {LOGS: str(tmp_path)}, check=True)

    (found,) = found_elsewhere(tmp_path)
    assert found.startswith(f"{PHONE} in ")


def test_processes_look_where_the_tests_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(LOGS, raising=False)
    theirs = runpy.run_path(str(Path(__file__).parents[1] / "logs" / "sitecustomize.py"))["MADE_IN"]

    assert set(theirs) == set(MADE_IN)


def test_numbers_of_others_words_are_left_out() -> None:
    assert without_numbers("chat +60 12-666 1234 not found, try 3 of 5") == "chat … not found, try 3 of 5"
