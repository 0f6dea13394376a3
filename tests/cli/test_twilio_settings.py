"""Twilio's settings make two channels; they take something in where our own address is set."""

from pathlib import Path

import pytest

from dripline.cli.support.session import open_dripline

SETTINGS = """
[twilio]
account_sid = "AC0123456789abcdef0123456789abcdef"
sender = "+14155552345"
"""
TOKEN = "token-" + "0123456789abcdef"


@pytest.mark.parametrize(
    ("more", "inbound"),
    [("", []), ('webhook_url = "https://example.com/hooks/"\n', ["sms", "twilio_whatsapp"])],
)
def test_two_channels_speak_through_one_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, more: str, inbound: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DRIPLINE_TWILIO_AUTH_TOKEN", TOKEN)
    (tmp_path / "dripline.toml").write_text(SETTINGS + more)
    with open_dripline(None) as drip:
        assert drip.inbox.channels() == inbound
