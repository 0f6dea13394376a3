"""A whole conversation with a Telegram that nobody here wrote (telegram-test-api): both sides of it, over HTTP.

It repeats no secret when it posts, as Telegram does, and repeats the token, as Telegram does not: both are set right on
the way, and nothing else.
"""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import httpx
import pytest

from dripline import Dripline, SystemClock
from dripline.channels.telegram.channel import TelegramChannel
from support.endpoint import Endpoint, serving
from support.real_time import eventually

HERE = Path(__file__).parent
TOKEN = "110201543:" + "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
SECRET = "a-secret-of_ours-1"
PHONE = "60123456789"
PERSON = {"id": 424242, "is_bot": False, "first_name": "Aina"}

SEQUENCES = """
name: Opened
trigger: TELEGRAM
channel: telegram
steps:
  - message: "Welcome {{ name }} 😊"
  - after: 12h
    message: "Two"
---
name: Prices
trigger: PRICES
channel: telegram
on_reply: continue
steps:
  - message: "RM 49"
  - after: 12h
    message: "Still there?"
"""


@pytest.fixture(scope="module")
def telegram() -> Iterator[str]:
    """Where the server is; skips, and says why, where there is none."""
    if not (HERE / "node" / "node_modules" / "telegram-test-api").is_dir() or shutil.which("node") is None:
        pytest.skip("telegram-test-api is not installed (make contracts), so no conversation was had with it")
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = found.getsockname()[1]
    command = ["node", str(HERE / "telegram_server.js"), str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            eventually(lambda: _is_up(f"http://127.0.0.1:{port}", process))
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _is_up(url: str, process: subprocess.Popen[bytes]) -> bool:
    assert process.poll() is None, "the server ended at once"
    try:
        return httpx.get(f"{url}/bot{TOKEN}/getMe", timeout=5).is_success
    except httpx.HTTPError:
        return False


@dataclass(frozen=True, slots=True)
class Conversation:
    """A `dripline run` with a bot, and the person at the other end."""

    telegram: str
    drip: Dripline
    statuses: list[int]

    def write(self, text: str) -> None:
        """Write to the bot, as the person's program does."""
        date = int(SystemClock().now().timestamp())
        told = {"botToken": TOKEN, "date": date, "from": PERSON, "chat": PERSON | {"type": "private"}, "text": text}
        entities = [{"offset": 0, "length": len(text.split(maxsplit=1)[0]), "type": "bot_command"}]
        command = text.startswith("/")
        sent = httpx.post(
            f"{self.telegram}/{'sendCommand' if command else 'sendMessage'}",
            json=told | ({"entities": entities} if command else {}),
        )
        assert sent.is_success

    def open(self) -> None:
        """Open the link of the lead."""
        self.write("/start " + self.drip.leads.start_link("telegram", phone=PHONE).partition("?start=")[2])

    def read(self) -> list[str]:
        """Return what the person has got and not read yet."""
        asked: dict[str, object] = {"token": TOKEN, "chatId": PERSON["id"]}
        updates: list[dict[str, Any]] = httpx.post(f"{self.telegram}/getUpdates", json=asked).json()["result"]
        return [update["message"]["text"] for update in updates]

    def records(self) -> dict[str, str]:
        return {f"{record.sequence_id}.{record.current_step}": str(record.status) for record in self.drip.records()}


@pytest.fixture
def conversation(telegram: str, tmp_path: Path) -> Iterator[Conversation]:
    environment = {
        **os.environ,
        "DRIPLINE_DB": str(tmp_path / "shop.db"),
        "DRIPLINE_TELEGRAM_TOKEN": TOKEN,
        "DRIPLINE_TELEGRAM_BOT": "ShopBot",
        "DRIPLINE_TELEGRAM_WEBHOOK_SECRET": SECRET,
        "DRIPLINE_TELEGRAM_BASE_URL": telegram,
    }
    (tmp_path / "chat.yaml").write_text(SEQUENCES)
    command = [sys.executable, "-m", "dripline"]
    subprocess.run([*command, "apply", "chat.yaml"], cwd=tmp_path, env=environment, check=True, capture_output=True)
    bot = TelegramChannel(TOKEN, bot="ShopBot", webhook_secret=SECRET)
    with running([*command, "run", "--port", "0"], tmp_path, environment) as hook, serving() as relay:
        statuses = repeating(relay, hook)
        httpx.post(f"{telegram}/bot{TOKEN}/setWebhook", json={"url": relay.url}).raise_for_status()
        with Dripline(str(tmp_path / "shop.db"), channels={"telegram": bot}) as drip:
            drip.add_lead(phone=PHONE, name="Aina")
            yield Conversation(telegram, drip, statuses)
    told = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert TOKEN.encode() not in told
    assert SECRET.encode() not in told


@contextmanager
def running(command: list[str], folder: Path, environment: dict[str, str]) -> Generator[str]:
    """Run a processor until the block ends, and yield where it is posted to."""
    log = folder / "log"
    with (
        log.open("wb") as written,
        subprocess.Popen(command, cwd=folder, env=environment, stdout=written, stderr=written) as process,
    ):
        try:
            eventually(lambda: "webhook.served" in log.read_text())
            found = re.search(r"url=(\S+)", log.read_text())
            assert found is not None
            yield found[1]
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=30) == 0, log.read_text()


def repeating(relay: Endpoint, hook: str) -> list[int]:
    """Let an endpoint hand on what it is posted; returns what it was answered, as it comes in."""
    statuses: list[int] = []

    def hand_on(request: BaseHTTPRequestHandler) -> None:
        kept = {"content-type": "application/json", "X-Telegram-Bot-Api-Secret-Token": SECRET}
        update = json.loads(relay.requests[-1][1])
        assert update["message"].pop("botToken") == TOKEN
        statuses.append(httpx.post(hook, content=json.dumps(update), headers=kept).status_code)
        request.send_response(statuses[-1])
        request.send_header("content-length", "0")
        request.end_headers()

    relay.rude = hand_on
    return statuses


def test_a_link_opens_a_chat_words_enroll_a_reply_ends_and_a_stop_word_bars(conversation: Conversation) -> None:
    conversation.write("PRICES")
    eventually(lambda: conversation.statuses == [200])
    conversation.open()
    eventually(lambda: conversation.read() == ["Welcome Aina 😊"])
    eventually(lambda: conversation.records() == {"1.1": "completed", "1.2": "active"})

    conversation.write("prices")
    eventually(lambda: conversation.read() == ["RM 49"])
    eventually(lambda: conversation.records()["1.2"] == "cancelled")
    eventually(lambda: conversation.records()["2.2"] == "active")

    conversation.write("Berhenti!")
    eventually(lambda: conversation.records()["2.2"] == "cancelled")
    assert [barred.address for barred in conversation.drip.leads.suppressions()] == [PHONE]
    assert {
        attempt.outcome for lead in conversation.drip.leads.timelines(phone=PHONE) for attempt in lead.attempts
    } == {"accepted"}
    assert conversation.read() == []
    assert set(conversation.statuses) == {200}
