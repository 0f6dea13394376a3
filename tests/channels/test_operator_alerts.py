"""Alerts by apprise itself, to a real HTTP server, and out of a real `dripline worker`."""

import json
import logging
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dripline import Dripline, FakeChannel, Message, Outcome, Policy, Sequence, Step, Unknown
from dripline.channels.alerts import OperatorAlerts
from dripline.cli.support import alert_watch as watching
from dripline.config.settings import AlertsSettings, Settings
from dripline.errors import InvalidSettings
from support.endpoint import Endpoint, serving
from support.real_time import eventually

SECRET = "hunter-2-hunter-2"
WORKER = [sys.executable, "-m", "dripline", "worker"]

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")  # apprise's own


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with serving() as server:
        yield server


def url_of(endpoint: Endpoint) -> str:
    return f"json://operator:{SECRET}@127.0.0.1:{endpoint.server_port}/hook"


def test_an_alert_arrives(endpoint: Endpoint) -> None:
    assert OperatorAlerts([url_of(endpoint)]).tell("The sender jb-1 cannot send.\nStep 1 is paused.")

    told = json.loads(endpoint.requests[0][1])
    assert (told["title"], told["message"]) == ("dripline", "The sender jb-1 cannot send.\nStep 1 is paused.")


@pytest.mark.parametrize("status", [401, 429, 500])
def test_one_that_does_not_arrive_is_said_so_and_tells_no_secret(
    endpoint: Endpoint, status: int, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    endpoint.status = status
    alerts = OperatorAlerts([url_of(endpoint), f"json://user:{SECRET}@127.0.0.1:1/"])

    assert not alerts.tell("Hi")
    assert "alerts.failed" in caplog.text
    assert SECRET not in caplog.text


def test_a_url_that_cannot_be_used_is_refused_without_being_told(endpoint: Endpoint) -> None:
    with pytest.raises(InvalidSettings, match="URL number 2") as refused:
        OperatorAlerts([url_of(endpoint), f"nonsense://{SECRET}"])

    assert SECRET not in str(refused.value)


def test_without_apprise_one_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)

    with pytest.raises(InvalidSettings, match=r"pip install 'dripline\[alerts\]'"):
        OperatorAlerts(["json://127.0.0.1"])


def test_where_no_alerts_are_configured_nothing_is_imported(sqlite_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    monkeypatch.setattr(Settings, "load", Settings)
    with Dripline(str(sqlite_path)) as drip:
        watching.watching(drip)()

    assert AlertsSettings.model_validate({"urls": SECRET}).urls.get_secret_value() == SECRET
    assert SECRET not in repr(AlertsSettings.model_validate({"urls": SECRET}))


def test_a_worker_tells_the_operator_and_nothing_it_writes_has_the_secret(endpoint: Endpoint, tmp_path: Path) -> None:
    def never(_: Message) -> Outcome:
        return Unknown()

    with Dripline(str(tmp_path / "shop.db"), channels={"console": FakeChannel(never)}) as drip:
        drip.apply(Sequence("Warm", trigger="WARM", steps=[Step("Hi")], policy=Policy(on_unknown="hold")))
        drip.add_lead(phone="60123456789", triggers=["WARM"])
        drip.tick()
    environment = {**os.environ, "DRIPLINE_DB": str(tmp_path / "shop.db"), "DRIPLINE_ALERTS_URLS": url_of(endpoint)}
    log = tmp_path / "log"
    with (
        log.open("wb") as written,
        subprocess.Popen(WORKER, cwd=tmp_path, env=environment, stdout=written, stderr=written) as process,
    ):
        try:
            eventually(lambda: len(endpoint.requests) == 1)
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=30) == 0, log.read_text()

    assert "Of 1 messages of 'Warm'" in json.loads(endpoint.requests[0][1])["message"]
    assert SECRET.encode() not in b"".join(path.read_bytes() for path in tmp_path.iterdir())
