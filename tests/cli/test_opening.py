"""Channels as the settings describe them."""

import hashlib
import hmac
import json
from pathlib import Path

import pytest

from dripline.cli.support.session import open_dripline
from dripline.errors import InvalidSettings

SECRET = "a-word-of-" + "ours-only"
STOP = {
    "event": "message",
    "device_id": "60198765432@s.whatsapp.net",
    "payload": {
        "id": "3EB0",
        "chat_id": "60123456789@s.whatsapp.net",
        "from": "60123456789@s.whatsapp.net",
        "timestamp": "2026-01-01T08:00:00Z",
        "body": "STOP",
    },
}


@pytest.fixture(autouse=True)
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("dripline.toml").write_text('[gowa]\nbase_url = "http://127.0.0.1:3000"\nusername = "drip"\n')
    monkeypatch.setenv("DRIPLINE_GOWA_PASSWORD", "word")
    monkeypatch.setenv("DRIPLINE_GOWA_WEBHOOK_SECRET", SECRET)


def test_a_stop_word_that_a_gateway_posts_bars_the_person() -> None:
    body = json.dumps(STOP).encode()
    signature = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    with open_dripline("drip.db") as drip:
        assert drip.inbox.channels() == ["gowa"]
        assert drip.inbox.receive_webhook("gowa", {"x-hub-signature-256": signature}, body)
        assert drip.inbox.process() == 1
        assert [barred.address for barred in drip.leads.suppressions()] == ["60123456789"]


def test_a_gateway_without_a_secret_posts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DRIPLINE_GOWA_WEBHOOK_SECRET")
    with open_dripline("drip.db") as drip:
        assert drip.inbox.channels() == []


def test_a_gateways_own_default_secret_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRIPLINE_GOWA_WEBHOOK_SECRET", "secret")
    with pytest.raises(InvalidSettings, match="webhook secret"):
        open_dripline("drip.db")
