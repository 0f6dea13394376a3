"""Secrets of senders' own credentials go in by every way, and are in nothing that the program writes or tells."""

import asyncio
import io
import logging
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path

import pytest
from repeating import Repeating, repeating
from test_nothing_is_told import kept_in
from typer.testing import CliRunner

from dripline import Actor, Dripline, InvalidCredential, Sequence, Step, Template, VirtualClock
from dripline.cli.support.logs import WithoutSecrets
from dripline.cli.support.registry import command_line
from dripline.core.accounts.access import Role
from support.connecting import opened
from support.secrets_of_tests import (
    ACCOUNT_SID,
    APP_SECRET,
    GOWA,
    GOWA_HOOK,
    IN_URL,
    MAIL,
    META,
    TELEGRAM,
    TELEGRAM_HOOK,
    TWILIO,
    VERIFY_TOKEN,
    WEBHOOK,
    secrets_in,
)

PERSON = "60123456789"


def credentials(url: str) -> dict[str, tuple[str | None, dict[str, str]]]:
    """What each channel is connected with: its account, and its fields with every secret that it has."""
    meta = {"token": META, "app_secret": APP_SECRET, "verify_token": VERIFY_TOKEN, "base_url": url}
    gowa = {"base_url": url, "username": "drip", "password": GOWA, "webhook_secret": GOWA_HOOK}
    twilio = {"account_sid": ACCOUNT_SID, "auth_token": TWILIO, "base_url": url}
    mail = {"host": "127.0.0.1", "port": "1", "security": "none", "sender": "shop@example.com"}
    return {
        "whatsapp": ("106540352242922", meta),
        "gowa": ("jb-1", gowa),
        "sms": ("+14155552345", twilio),
        "telegram": (None, {"token": TELEGRAM, "webhook_secret": TELEGRAM_HOOK, "base_url": url}),
        "smtp": (None, mail | {"username": "shop", "password": MAIL}),
        "webhook": (None, {"url": f"{url}/{IN_URL}", "secret": WEBHOOK}),
    }


@pytest.fixture
def provider() -> Iterator[Repeating]:
    """Refuses everything, and repeats all that it is sent."""
    with repeating() as (http, _):
        http.status = 401
        yield http


@pytest.fixture
def logged() -> Iterator[io.StringIO]:
    """All that any library logs, at its loudest."""
    stream, root = io.StringIO(), logging.getLogger()
    handler, level = logging.StreamHandler(stream), root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


def test_nothing_that_is_kept_logged_or_told_holds_a_secret(
    url: str, clock: VirtualClock, provider: Repeating, logged: io.StringIO
) -> None:
    told: list[object] = []
    with opened(url, clock) as drip:
        _connect_each(drip, provider, told)
        _use_each(drip, told)
        told += [drip.senders.credentials(), drip.senders.all(), drip.accounts.audit(), drip.alerts.all()]
        told += [drip.records(), drip.leads.timelines(phone=PERSON), drip.senders.rotate_credentials(), vars(drip)]
        told += [drip.senders.webhook("whatsapp"), list(drip.leads.export())]

    assert [secret for secret in (META, GOWA, TWILIO, TELEGRAM, IN_URL) if secret not in provider.heard] == []
    assert secrets_in(kept_in(url)) == []
    assert secrets_in(repr(told).encode()) == []
    assert secrets_in(logged.getvalue().encode()) == []


def _connect_each(drip: Dripline, provider: Repeating, told: list[object]) -> None:
    """Bring each credential as a program and as an administrator, and each of them spoilt."""
    admin = drip.as_actor(Actor("user admin", scopes=Role.ADMIN.scopes))
    for channel, (account, fields) in credentials(provider.url).items():
        told.append(drip.senders.connect(channel, channel, fields, account=account))
        told.append(admin.senders.connect(channel, channel, fields, account=account))
        told.append(asyncio.run(drip.senders.check_credential(channel)))
        told.append(asyncio.run(drip.senders.try_credential(channel, fields, account=account)))
        for spoilt in ({**fields, "x": META}, dict.fromkeys(fields, META), {"token": " ".join(fields.values())}):
            with pytest.raises(InvalidCredential) as refused:
                admin.senders.connect(f"{channel}-2", channel, spoilt, account=account)
            told.append("".join(traceback.format_exception(refused.value)))


def _use_each(drip: Dripline, told: list[object]) -> None:
    """Send through each sender, and let its provider refuse."""
    names = list(credentials(""))
    for name in names:
        steps = [Step("Hi", subject="Hi", template=Template("HX0123456789abcdef0123456789abcdef"))]
        drip.apply(Sequence(f"Through {name}", trigger=name, senders=[name], cold=True, steps=steps))
    drip.add_lead(
        phone=PERSON, email="aina@example.com", name="Aina", triggers=names, attributes={"telegram_chat_id": "4711"}
    )
    told.append(drip.tick())


def test_no_command_tells_a_secret(
    tmp_path: Path, provider: Repeating, monkeypatch: pytest.MonkeyPatch, logged: io.StringIO
) -> None:
    monkeypatch.chdir(tmp_path)
    Dripline("sqlite:///shop.db").close()
    told = ""
    for channel, (account, fields) in credentials(provider.url).items():
        told += _connected(channel, account, fields)
        for command in (("senders", "check", channel), ("senders", "webhook", channel, "--json")):
            told += _run(*command)
    for command in (
        ("credentials",),
        ("credentials", "--json"),
        ("credentials", "rotate", "--json"),
        ("senders", "--json"),
        ("doctor", "--json"),
        ("tick", "--json"),
    ):
        told += _run(*command)

    assert secrets_in(told.encode()) == []
    assert secrets_in(b"".join(path.read_bytes() for path in tmp_path.iterdir())) == []
    assert secrets_in(logged.getvalue().encode()) == []
    assert secrets_in(" ".join(sys.argv).encode()) == []


def _connected(channel: str, account: str | None, fields: dict[str, str]) -> str:
    """Connect a sender at the command line: what is secret comes from standard input."""
    with Dripline("sqlite:///shop.db") as drip:
        known = {one.name: one for one in drip.senders.connectable_channels()}[channel]
    secret = [one.name for one in known.fields if one.is_secret and one.name in fields]
    words = [
        "senders",
        "connect",
        channel,
        "--channel",
        channel,
        "--json",
        *(("--account", account) if account else ()),
    ]
    for name, value in fields.items():
        words += ["--secret", name] if name in secret else ["--set", f"{name}={value}"]
    order = [name for name in fields if name in secret]
    return _run(*words, given="".join(f"{fields[name]}\n" for name in order))


def _run(*words: str, given: str = "") -> str:
    result = CliRunner().invoke(command_line(), [*words, "--db", "shop.db"], input=given)
    return f"{result.output}{result.exception}"


def test_what_a_library_says_is_logged_without_the_secrets_of_senders(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Dripline("sqlite:///shop.db").close()
    written = WithoutSecrets()
    before = written.format(logging.makeLogRecord({"msg": "nothing yet"}))
    _connected("whatsapp", *credentials("http://127.0.0.1:1")["whatsapp"])

    assert before == "nothing yet"
    assert written.format(logging.makeLogRecord({"msg": f"no {META}"})) == "no (the token of a sender)"
