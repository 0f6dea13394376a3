"""Webhooks over HTTP, served by a real `dripline run`, with a provider that answers as told."""

import hashlib
import hmac
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from dripline import Dripline, SystemClock
from dripline.web.webhooks.provider_webhooks import BODY_LIMIT
from support.endpoint import Endpoint, serving
from support.real_time import eventually

TOKEN = "EAAG" + "0123456789abcdef"
APP_SECRET = "app-" + "0123456789abcdef"
VERIFY_TOKEN = "a-word-of-" + "ours"
PHONE = "60123456789"

SEQUENCE = """
name: Warm EXAMA
trigger: WARMEXAMA
channel: whatsapp
steps:
  - message: "Hi {{ name }}"
  - after: 12h
    message: "Two"
"""


@dataclass(frozen=True, slots=True)
class Running:
    """A `dripline run` with its webhook, its database, and the provider it sends to."""

    hook: str
    db: Path
    provider: Endpoint

    def post(self, value: dict[str, object]) -> httpx.Response:
        body = json.dumps({"entry": [{"changes": [{"field": "messages", "value": value}]}]}).encode()
        return httpx.post(self.hook, content=body, headers={"X-Hub-Signature-256": signed(body)})

    def write(self, text: str) -> httpx.Response:
        message = {"id": f"in-{text}", "from": PHONE, "timestamp": stamp(), "type": "text", "text": {"body": text}}
        contacts = [{"wa_id": PHONE, "profile": {"name": "Aina"}}]
        return self.post({"contacts": contacts, "messages": [message]})


def signed(body: bytes) -> str:
    return "sha256=" + hmac.new(APP_SECRET.encode(), body, hashlib.sha256).hexdigest()


def stamp() -> str:
    return str(int(SystemClock().now().timestamp()))


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    with serving() as provider:
        provider.body = json.dumps({"messages": [{"id": "wamid.1"}]}).encode()
        db, log = tmp_path / "shop.db", tmp_path / "log"
        environment = {
            **os.environ,
            "DRIPLINE_DB": str(db),
            "DRIPLINE_WHATSAPP_TOKEN": TOKEN,
            "DRIPLINE_WHATSAPP_PHONE_NUMBER_ID": "106540352242922",
            "DRIPLINE_WHATSAPP_APP_SECRET": APP_SECRET,
            "DRIPLINE_WHATSAPP_VERIFY_TOKEN": VERIFY_TOKEN,
            "DRIPLINE_WHATSAPP_BASE_URL": provider.url.removesuffix("/hook"),
        }
        (tmp_path / "warm.yaml").write_text(SEQUENCE)
        command = [sys.executable, "-m", "dripline"]
        subprocess.run([*command, "apply", "warm.yaml"], cwd=tmp_path, env=environment, check=True, capture_output=True)
        with (
            log.open("wb") as written,
            subprocess.Popen(
                [*command, "run", "--port", "0"], cwd=tmp_path, env=environment, stdout=written, stderr=written
            ) as process,
        ):
            try:
                eventually(lambda: "webhook.served" in log.read_text())
                found = re.search(r"url=(\S+)", log.read_text())
                assert found is not None
                yield Running(found[1], db, provider)
            finally:
                process.send_signal(signal.SIGTERM)
                assert process.wait(timeout=30) == 0, log.read_text()
        told = b"".join(path.read_bytes() for path in tmp_path.iterdir())
        for secret in (TOKEN, APP_SECRET, VERIFY_TOKEN):
            assert secret.encode() not in told


def test_a_word_enrolls_a_receipt_is_noted_and_a_stop_word_bars(running: Running) -> None:
    assert running.write("WARMEXAMA").status_code == 200
    eventually(lambda: len(running.provider.requests) == 1)
    sent = json.loads(running.provider.requests[0][1])
    assert (sent["to"], sent["text"]) == (PHONE, {"body": "Hi Aina"})

    record = sent["biz_opaque_callback_data"]
    told = {"id": "wamid.1", "status": "read", "timestamp": stamp(), "biz_opaque_callback_data": record}
    assert running.post({"statuses": [told]}).status_code == 200
    assert running.write("Berhenti!").status_code == 200

    with Dripline(str(running.db)) as drip:
        eventually(lambda: [barred.address for barred in drip.leads.suppressions()] == [PHONE])
        assert [record.status for record in drip.records(phone=PHONE)] == ["completed", "cancelled"]
        assert [attempt.delivery for attempt in drip.leads.timelines(phone=PHONE)[0].attempts] == ["read"]


def test_who_is_not_the_provider_gets_nowhere(running: Running) -> None:
    body = b'{"entry": []}'
    asked = {"hub.mode": "subscribe", "hub.verify_token": VERIFY_TOKEN, "hub.challenge": "1158"}
    with httpx.Client() as client:
        answers = [
            client.post(running.hook, content=body),
            client.post(running.hook, content=body, headers={"X-Hub-Signature-256": signed(body + b" ")}),
            client.post(running.hook.replace("whatsapp", "console"), content=body),
            client.post(running.hook, content=b" " * (BODY_LIMIT + 1)),
            client.put(running.hook, content=body),
            client.get(running.hook, params=asked | {"hub.verify_token": "guess"}),
            client.get(running.hook, params=asked),
        ]

    assert [answer.status_code for answer in answers] == [401, 401, 404, 413, 405, 403, 200]
    assert answers[-1].text == "1158"


def test_a_thousand_events_are_answered_within_50_ms(running: Running) -> None:
    statuses = [
        {"id": f"wamid.{place}", "status": "sent", "timestamp": stamp(), "biz_opaque_callback_data": str(2**42 + place)}
        for place in range(1_000)
    ]
    running.post({"statuses": []})
    seconds = sorted(running.post({"statuses": statuses}).elapsed.total_seconds() for _ in range(9))

    assert seconds[4] < 0.05
