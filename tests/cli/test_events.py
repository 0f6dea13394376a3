"""`dripline events`: a program is told what happens, from its subscription to what it answered."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook
from typer.testing import CliRunner

from dripline import Dripline
from dripline.cli.main import main
from dripline.cli.support.registry import command_line
from support.endpoint import Endpoint, serving

MASTER = "what-secrets-are-made-of-" + "0f1e2d3c4b5a"
PHONE = "60123456789"

SEQUENCE = """\
name: Warm
trigger: WARM
steps:
  - message: Hi
"""


def run(*words: str, code: int = 0) -> str:
    result = CliRunner().invoke(command_line(), list(words))
    assert result.exit_code == code, result.output
    return result.output


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    with serving() as server:
        yield server


@pytest.fixture(autouse=True)
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DRIPLINE_WEB_SECRET", MASTER)
    monkeypatch.setenv("DRIPLINE_WEB_ALLOW_PRIVATE_TARGETS", "true")
    Path("warm.yaml").write_text(SEQUENCE)
    run("apply", "warm.yaml")


def subscribed(endpoint: Endpoint) -> tuple[str, str]:
    """Return the subscription's id and its secret, as a person reads them."""
    shown = run("events", "subscribe", endpoint.url, "--type", "record.completed")
    found = re.fullmatch(r"Subscription (\d+)\..*\n(whsec_\S+)\n", shown)
    assert found
    return found[1], found[2]


def test_a_tick_tells_what_it_did(endpoint: Endpoint) -> None:
    subscription, secret = subscribed(endpoint)
    with Dripline("dripline.db") as drip:
        drip.add_lead(phone=PHONE, triggers=["WARM"])
    run("tick")
    headers, body = endpoint.requests[0]
    listed = json.loads(run("events", "deliveries", "--subscription", subscription, "--json"))

    assert Webhook(secret).verify(body, headers)["type"] == "record.completed"
    assert [(one["state"], one["webhook_id"]) for one in listed] == [("delivered", headers["webhook-id"])]
    assert "delivered" in run("events", "deliveries")


def test_a_test_says_what_was_answered(endpoint: Endpoint) -> None:
    subscription, _ = subscribed(endpoint)
    endpoint.status = 404
    failed = run("events", "test", subscription, code=1)
    endpoint.status = 200

    assert "the receiver answered 404" in failed
    assert run("events", "test", subscription) == "The receiver answered 200.\n"


def test_a_subscription_is_listed_changed_rotated_and_ended(endpoint: Endpoint) -> None:
    subscription, secret = subscribed(endpoint)
    changed = run("events", "change", subscription, "--type", "lead.replied", "--pause")
    rotated = json.loads(run("events", "rotate", subscription, "--json"))
    listed = json.loads(run("events", "--json"))
    run("events", "end", subscription)

    assert changed == f"Subscription {subscription} gets lead.replied and is paused.\n"
    assert rotated["secret"].startswith("whsec_")
    assert rotated["secret"] != secret
    assert [(one["types"], one["status"]) for one in listed] == [(["lead.replied"], "paused")]
    assert run("events").startswith("There are no subscriptions")
    run("events", "end", subscription, code=1)


def test_an_event_is_told_again(endpoint: Endpoint) -> None:
    subscription, _ = subscribed(endpoint)
    delivery = json.loads(run("events", "test", subscription, "--json"))["id"]

    assert run("events", "redeliver", str(delivery)) == f"{delivery} is told again.\n"
    run("events", "redeliver", str(delivery), code=1)
    run("tick")
    assert len(endpoint.requests) == 2


def test_what_cannot_be_told_is_one_sentence(
    endpoint: Endpoint, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("DRIPLINE_WEB_ALLOW_PRIVATE_TARGETS")
    monkeypatch.setattr("sys.argv", ["dripline", "events", "subscribe", endpoint.url, "--type", "lead.replied"])
    with pytest.raises(SystemExit, match="2"):
        main()

    assert capsys.readouterr().err.startswith("dripline: The URL of a subscription leads to an address that is not")
