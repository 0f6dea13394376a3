"""Credentials at the command line: secrets come from standard input or are references, and are never printed."""

import json
import stat
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from typer.testing import CliRunner, Result

from dripline import Dripline
from dripline.cli.support.registry import command_line
from dripline.errors import DriplineError
from support.connecting import ACCOUNT, accepting, key_file
from support.endpoint import Endpoint, serving
from support.secrets_of_tests import APP_SECRET, META, secrets_in


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Dripline("sqlite:///shop.db").close()
    return tmp_path


@pytest.fixture
def meta() -> Iterator[Endpoint]:
    with serving() as endpoint:
        yield accepting(endpoint)


def run(*words: str, given: str = "") -> Result:
    result = CliRunner().invoke(command_line(), [*words, "--db", "shop.db"], input=given)
    assert secrets_in(result.output.encode()) == []
    assert secrets_in(str(result.exception).encode()) == []
    return result


NEW = ("senders", "connect", "jb-1", "--channel", "whatsapp", "--account", ACCOUNT)


def test_secrets_are_read_from_standard_input_or_stay_references(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SHOPS_APP_SECRET", APP_SECRET)
    made = run(*NEW, "--secret", "app_secret=env:SHOPS_APP_SECRET", "--set", "version=v23.0", given=f"{META}\n")
    shown = json.loads(run("credentials", "--json").output)[0]

    assert made.output.startswith("jb-1 is connected.\nIts provider is to post to /hooks/whatsapp/")
    assert shown["secrets"] == {"verify_token": "stored", "app_secret": "reference", "token": "stored"}
    assert (shown["plain"], shown["problem"]) == ({"version": "v23.0"}, None)
    assert secrets_in(b"".join(path.read_bytes() for path in folder.iterdir())) == []


def test_the_key_is_its_owners_alone_and_made_anew(folder: Path) -> None:
    run(*NEW, given=f"{META}\n")
    key = key_file("sqlite:///shop.db")
    first = key.read_text()
    said = run("credentials", "rotate").output

    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert said.startswith("1 credential encrypted with the key ")
    assert key.read_text().split() != first.split()
    assert len(key.read_text().split()) == 1
    assert json.loads(run("credentials", "--json").output)[0]["problem"] is None
    assert sorted(path.name for path in folder.iterdir()) == ["shop.db", "shop.db-key"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--secret", f"token={META}"), "is kept by your shell"),
        (("--set", f"token={META}"), "is a secret: write --secret token"),
        (("--secret", "nothing"), "and no other"),
        (("--set", "version"), "Write --set FIELD=VALUE"),
        ((), "there is no line for it"),
    ],
)
def test_a_secret_is_no_argument(folder: Path, words: tuple[str, ...], told: str) -> None:
    del folder
    refused = run(*NEW, *words)

    assert isinstance(refused.exception, DriplineError)
    assert told in str(refused.exception)


def test_a_credential_is_checked_fact_by_fact(folder: Path, meta: Endpoint) -> None:
    del folder
    run(*NEW, "--set", f"base_url={meta.url.removesuffix('/hook')}", given=f"{META}\n")

    def refuse(handler: object) -> None:
        body = json.dumps({"error": {"code": 190, "message": f"no {META}"}}).encode()
        handler.send_response(401)  # type: ignore[attr-defined]
        handler.send_header("content-length", str(len(body)))  # type: ignore[attr-defined]
        handler.end_headers()  # type: ignore[attr-defined]
        handler.wfile.write(body)  # type: ignore[attr-defined]

    meta.asked = refuse
    checked = run("senders", "check", "jb-1")

    assert checked.exit_code == 1
    assert checked.output.startswith("login      fails    WhatsApp error 190: no (the token)")


def test_a_key_that_is_lost_is_one_sentence(folder: Path) -> None:
    del folder
    run(*NEW, given=f"{META}\n")
    key_file("sqlite:///shop.db").unlink()
    shown = json.loads(run("credentials", "--json").output)[0]

    assert shown["problem"] == (
        "There is no shop.db-key beside the database, which holds the key that encrypts credentials: put it back, or "
        "connect the senders again"
    )


def test_a_key_that_everybody_can_read_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with TemporaryDirectory() as place:
        Path(place).chmod(0o755)
        monkeypatch.chdir(place)
        Dripline("sqlite:///shop.db").close()
        run(*NEW, given=f"{META}\n")
        key_file("sqlite:///shop.db").chmod(0o644)

        assert "chmod 600 shop.db-key" in json.loads(run("credentials", "--json").output)[0]["problem"]
        monkeypatch.undo()


def test_what_a_channel_asks_for_is_told_with_where_it_is_found(folder: Path) -> None:
    del folder
    told = run("senders", "fields", "gowa").output

    assert "account (--account, needed): Device ID" in told
    assert "password (secret, needed): Password; its password. the gateway's APP_BASIC_AUTH, behind the colon" in told
    assert "webhook_secret (secret, made for you)" in told


def test_disconnecting_deletes_it(folder: Path) -> None:
    del folder
    run(*NEW, given=f"{META}\n")

    assert run("senders", "disconnect", "jb-1").output == "The credential of jb-1 is deleted.\n"
    assert run("senders", "disconnect", "jb-1").output == "jb-1 has no credential of its own.\n"
    assert run("credentials").output.startswith("No sender has a credential of its own")
