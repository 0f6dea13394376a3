"""Real input, end to end: the example list, the mail sequence, a real mail server, the command line."""

import csv
import os
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Message as MessageHandler
from typing_extensions import override

from dripline import DriplineError
from dripline.core.leads.phone import normalize_phone

EXAMPLES = Path(__file__).parents[2] / "examples"
LIST = EXAMPLES / "leads.csv"


class Mails(MessageHandler):
    """Counts the mails for each address."""

    def __init__(self) -> None:
        super().__init__()
        self.to: Counter[str] = Counter()

    @override
    def handle_message(self, message: object) -> None:
        self.to[str(message["To"])] += 1  # type: ignore[index]


@pytest.fixture
def mails() -> Mails:
    return Mails()


@pytest.fixture
def port(mails: Mails) -> Iterator[int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = int(probe.getsockname()[1])
    controller = Controller(mails, hostname="127.0.0.1", port=free)
    controller.start()
    yield free
    controller.stop()


def expected() -> Counter[str]:
    """One mail for each lead with the trigger and an address, read from the list without dripline's importer."""
    people: dict[str, tuple[str, bool]] = {}
    with LIST.open(encoding="utf-8-sig", newline="") as stream:
        for row in csv.DictReader(stream):
            try:
                phone = normalize_phone(row["phone"] or "")
            except DriplineError:
                continue
            email, has_trigger = people.get(phone, ("", False))
            triggers = {word.strip().upper() for word in (row["trigger"] or "").split(",")}
            people[phone] = (row["email"] or email, has_trigger or "WARMEXAMA" in triggers)
    return Counter(email.strip().lower() for email, has_trigger in people.values() if email and has_trigger)


def test_each_lead_with_the_trigger_and_an_address_gets_one_mail_and_nobody_else(
    url: str, port: int, mails: Mails, tmp_path: Path
) -> None:
    settings = {"DRIPLINE_DB": url, "DRIPLINE_SMTP_HOST": "127.0.0.1", "DRIPLINE_SMTP_PORT": str(port)}
    settings |= {"DRIPLINE_SMTP_SENDER": "shop@example.com", "DRIPLINE_SMTP_SECURITY": "none"}
    commands = [
        ["import", str(LIST), "--refused", str(tmp_path / "refused.csv")],
        ["apply", str(EXAMPLES / "warm-exama-mail.yaml")],
        ["tick"],
    ]

    def run() -> list[str]:
        outputs: list[str] = []
        for command in commands:
            done = subprocess.run(
                [sys.executable, "-m", "dripline", *command],
                env=os.environ | settings, cwd=tmp_path, capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert (done.returncode, done.stderr) == (0, "")
            outputs.append(done.stdout.strip().splitlines()[-1])
        return outputs

    assert run()[-1] == f"sent {expected().total()}"
    assert mails.to == expected()
    assert run() == [
        "997 good rows: 0 leads added, 0 updated, 0 enrolled; 110 rows have no trigger.",
        "Applied. 0 leads enrolled.",
        "sent 0",
    ]
    assert mails.to == expected()
