"""No secret is in anything that the program writes: what it prints, logs, answers and keeps."""

import io
import json
import logging
import re
import signal
import sqlite3
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote

import httpx
import psycopg
import pytest
from psycopg import sql
from repeating import BEHAVIOURS
from shop import CHANNELS, GIVEN, SETUP, Shop, opened

from dripline import Dripline
from dripline.cli.main import main
from dripline.cli.support.session import open_dripline
from dripline.errors import DriplineError, InvalidFile
from dripline.importing.setup.setup_file import read_setup
from support.real_time import eventually
from support.secrets_of_tests import (
    APP_SECRET,
    DATABASE,
    GOWA,
    GOWA_HOOK,
    IN_URL,
    MAIL,
    META,
    PLUGIN,
    SECRETS,
    TELEGRAM,
    TELEGRAM_HOOK,
    TWILIO,
    VERIFY_TOKEN,
    secrets_in,
    written_in,
)

SENT = (META, TWILIO, TELEGRAM, GOWA, MAIL, IN_URL)
"""The secrets that providers are sent."""

Run = Callable[..., bytes]
Here = Callable[..., bytes]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    with opened(tmp_path) as made:
        yield made


@pytest.fixture
def run(shop: Shop) -> Run:
    """Runs the command, and returns all that it told."""

    def told(*arguments: str, code: int = 0, **environment: str) -> bytes:
        asked = [sys.executable, "-m", "dripline", *arguments]
        done = subprocess.run(
            asked, cwd=shop.folder, env=shop.environment | environment, capture_output=True, check=False, timeout=60
        )
        output = done.stdout + done.stderr
        assert done.returncode == code, output.decode()
        return output

    return told


@pytest.fixture
def here(shop: Shop, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Here:
    """Runs the command in this very process, which is faster, and returns all that it told."""
    monkeypatch.chdir(shop.folder)
    monkeypatch.syspath_prepend(shop.folder)  # pyright: ignore[reportUnknownMemberType]  (untyped there)
    for name, value in shop.environment.items():
        if name.startswith(("DRIPLINE_", "SHOPS_")):
            monkeypatch.setenv(name, value)

    def told(*arguments: str, **environment: str) -> bytes:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["dripline", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        output = "".join(capsys.readouterr())
        assert ended.value.code == 2, output
        return output.encode()

    return told


def kept_in(url: str) -> bytes:
    """All that a database holds, read behind dripline's back."""
    if url.startswith("sqlite"):
        path = Path(url.removeprefix("sqlite:///"))
        with closing(sqlite3.connect(path)) as connection:
            dumped = "\n".join(connection.iterdump()).encode()
        return dumped + b"".join(part.read_bytes() for part in path.parent.glob(f"{path.name}*"))
    with psycopg.connect(url) as connection:
        tables = connection.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'").fetchall()
        kept = b""
        for (table,) in tables:
            with connection.cursor().copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))) as rows:
                kept += b"".join(bytes(row) for row in rows)
        return kept


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


@pytest.mark.parametrize("behaviour", BEHAVIOURS)
def test_what_providers_repeat_is_neither_told_nor_kept(
    url: str, shop: Shop, here: Here, logged: io.StringIO, behaviour: str
) -> None:
    del here
    shop.http.status = BEHAVIOURS[behaviour]
    told: list[object] = []
    with open_dripline(url) as drip:
        _apply(drip, [name for name in CHANNELS if name != "loud"])
        drip.add_lead(
            phone="60123456789",
            email="aina@example.com",
            name="Aina",
            triggers=CHANNELS,
            attributes={"telegram_chat_id": "4711"},
        )
        told += [
            drip.tick(),
            drip.records(),
            drip.leads.timelines(phone="60123456789"),
            drip.records.unknown.all(),
            drip.senders.all(),
        ]
        told += [drip.alerts.all(), drip.senders.events("gowa"), drip.inbox.channels(), vars(drip), repr(drip)]
        assert drip.alerts.send(lambda text: told.append(text) or True) >= 0
    errors = kept_in(url)

    assert [secret for secret in SENT if secret not in shop.heard] == []
    if behaviour.startswith("refuses"):
        assert re.search(rb"\(the (token|password|login)\)", errors)
    assert secrets_in(errors) == []
    assert secrets_in(repr(told).encode()) == []
    assert secrets_in(logged.getvalue().encode()) == []


def _apply(drip: Dripline, channels: list[str]) -> None:
    setup = read_setup(Path("all.yaml"))
    for sender in setup.senders:
        drip.senders.apply(sender)
    for sequence in setup.sequences:
        if sequence.channel in channels:
            drip.apply(sequence)


def test_no_command_tells_a_secret(shop: Shop, run: Run) -> None:
    shop.http.status = 401
    told = run("apply", "all.yaml") + run("import", "leads.csv", "--json") + run("preview", "all.yaml", "60123456789")
    told += run("tick", code=1) + run("tick", "--json") + run("show", "60123456789")
    for command in (("show", "60123456789"), ("senders",), ("unknown",), ("doctor",), ("suppressions",)):
        told += run(*command, "--json")
    told += run("senders", "history", "gowa") + run("senders", "pair", "gowa", code=2)

    assert b"(the password)" in told
    assert secrets_in(told) == []
    assert secrets_in(written_in(shop.folder, GIVEN)) == []


def test_a_processor_that_serves_tells_no_secret(shop: Shop, run: Run) -> None:
    """Its log has the trace of a plug-in that raises with its token, and refuses what is posted with secrets in it."""
    shop.http.status = 401
    run("apply", "all.yaml")
    run("import", "leads.csv")
    log = shop.folder / "log"
    asked = [sys.executable, "-X", "dev", "-m", "dripline", "run", "--port", "0"]
    with (
        log.open("wb") as written,
        subprocess.Popen(asked, cwd=shop.folder, env=shop.environment, stdout=written, stderr=written) as process,
    ):
        try:
            eventually(lambda: b"channel.raised" in log.read_bytes() and b"serving url" in log.read_bytes())
            found = re.search(r" url=(http://127\.0\.0\.1:\d+)\n", log.read_text())
            assert found is not None
            _post_what_is_refused(found[1])
            eventually(lambda: log.read_bytes().count(b"webhook.refused") >= 3)
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=30) == 0, log.read_text()

    # Its kind and its place: what it says may name somebody, beside the secret.
    assert b"dripline_loud.py" in log.read_bytes()
    assert b"60123456789" not in log.read_bytes()
    assert secrets_in(written_in(shop.folder, GIVEN)) == []


def _post_what_is_refused(url: str) -> None:
    body = json.dumps({"said": [APP_SECRET, GOWA_HOOK, TELEGRAM_HOOK, META]})
    with httpx.Client() as client:
        answers = [
            client.post(f"{url}/hooks/whatsapp", content=body, headers={"x-hub-signature-256": APP_SECRET}),
            client.post(f"{url}/hooks/gowa", content=body, headers={"x-hub-signature-256": GOWA_HOOK}),
            client.post(f"{url}/hooks/telegram", content=body, headers={"x-secret": TELEGRAM_HOOK}),
            client.get(f"{url}/hooks/whatsapp", params={"hub.mode": "x", "hub.verify_token": VERIFY_TOKEN}),
            client.get(f"{url}/{META}"),
            client.post(f"{url}/hooks/{META}", content=body),
        ]

    assert [answer.status_code for answer in answers] == [401, 401, 401, 403, 404, 404]
    assert secrets_in(b"".join(answer.content for answer in answers)) == []


WARM = "name: Warm\ntrigger: WARM\nsteps:\n  - message: Hi\n"
SENDER = "sender: jb-1\nchannel: whatsapp\n"


@pytest.mark.parametrize("secret", [META, TELEGRAM, MAIL, TWILIO])
@pytest.mark.parametrize(
    "file",
    [
        "token: {}\n" + WARM,
        '"{}": token\n' + WARM,
        WARM + "    token: {}\n",
        WARM.replace("Hi", "Hi {}"),
        WARM.replace("WARM", "{} {}"),
        WARM.replace("Warm", "{}"),
        WARM + "    after: {}\n",
        WARM + "    image: https://example.com/{}.jpg\n",
        WARM + "channel: {}\n",
        WARM + "variables:\n  word: {}\n",
        WARM + "variables:\n  word: a\n  word: {}\n",
        SENDER + "token: {}\n",
        SENDER + "account: {}\n",
        SENDER + "gap: {}\n",
        SENDER + "credentials:\n  token: {}\n",
        "workspace:\n  zone: {}\n",
        "workspace:\n  zone: UTC\n{}: x\n",
    ],
)
def test_a_secret_in_a_file_is_refused_and_not_repeated(here: Here, shop: Shop, file: str, secret: str) -> None:
    (shop.folder / "mine.yaml").write_text(file.replace("{}", secret))
    told = here("apply", "mine.yaml")

    assert told.startswith(b"dripline: mine.yaml")
    assert told.count(b"\n") == 1
    assert secrets_in(told) == []
    assert secrets_in(written_in(shop.folder, (*GIVEN, "mine.yaml"))) == []


FOREIGN = "n0t-set-anywhere-" + "0f1e2d3c4b5a"


@pytest.mark.parametrize(
    ("file", "told"),
    [
        ("token: {}\n" + WARM, "There is no key 'token': files hold no secrets, so set it in the environment"),
        (SENDER + "app_secret: {}\n", "There is no key 'app_secret': files hold no secrets"),
        ("{}: token\n" + WARM, "There is no key (not shown, it could be a secret): the keys here are"),
        ("{}: a\n{}: b\n" + WARM, "line 2 has the key (not shown, it could be a secret) a second time"),
        (WARM + "  token: *{}\n", "is not YAML"),
        (WARM + "    x: *{}\n", "is not YAML (found undefined alias)"),
        (WARM + "    x: &{} a\n    y: &{} b\n", "(not shown"),
        (WARM + '    x: "{}\n', "is not YAML"),
        (WARM + "    x: !{}!y z\n", "is not YAML (found undefined tag handle)"),
        (WARM + "    x: {}: y: z\n", "is not YAML"),
        (WARM + "    [{}\n", "is not YAML"),
        (WARM + "\tx: {}\n", "is not YAML"),
        (WARM + "on_failure: {}\n", ""),
    ],
)
def test_a_secret_that_nobody_set_is_not_repeated_either(tmp_path: Path, file: str, told: str) -> None:
    """Of these the program knows no more than where they stand."""
    path = tmp_path / "mine.yaml"
    path.write_text(file.replace("{}", FOREIGN))
    with pytest.raises(DriplineError) as refused:
        read_setup(path)
    trace = "".join(traceback.format_exception(refused.value))

    if told and told != "(not shown":
        assert told in str(refused.value)
    if told:
        assert secrets_in(trace.encode(), [FOREIGN]) == []


@pytest.mark.parametrize(
    ("secret", "kind"),
    [
        ("EAAG" + "another1another2another3", "an access token of Meta"),
        ("110201543:" + "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw", "a bot's token"),
        ("whsec_" + "YW5vdGhlciBzZWNyZXQgb2Ygb3Vycw==", "a secret of Standard Webhooks"),
        ("Bearer " + "another-another-another", "a login"),
        ("postgresql://shop:" + "another@host/shop", "a URL with a password"),
        ("-----BEGIN RSA " + "PRIVATE KEY-----", "a private key"),
    ],
)
@pytest.mark.parametrize(
    ("file", "place"),
    [
        (WARM.replace("Hi", '"Hi {}"'), "key 'steps' 1, key 'message'"),
        (WARM + "variables:\n  word: '{}'\n", "key 'variables', key 'word'"),
        (SENDER + "account: '{}'\n", "key 'account'"),
        ("'{}': token\n" + WARM, ""),
    ],
)
def test_what_looks_like_a_providers_secret_is_refused_wherever_it_stands(
    tmp_path: Path, file: str, place: str, secret: str, kind: str
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text(file.replace("{}", secret))
    with pytest.raises(InvalidFile) as refused:
        read_setup(path)

    assert str(refused.value).startswith(
        f"{path}{', ' if place else ''}{place}: This looks like {kind}, and files hold"
    )
    assert secret not in str(refused.value)


def test_a_file_that_repeats_itself_is_looked_through_once(tmp_path: Path) -> None:
    """Thirty aliases, each of the one before twice, would else be a thousand million texts."""
    path = tmp_path / "mine.yaml"
    aliases = "".join(f"  - &a{n} [*a{n - 1}, *a{n - 1}]\n" for n in range(1, 31))
    path.write_text(WARM + "holidays:\n  - &a0 x\n" + aliases)
    with pytest.raises(InvalidFile, match="holidays"):
        read_setup(path)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://shop:{}@127.0.0.1:1/shop",
        "postgresql://shop:{}@nowhere.invalid/shop",
        "postgresql://shop:{}@127.0.0.1:port/shop",
        "postgresql://shop:{}%zz@127.0.0.1/shop",
        "postgresql://shop:x@{}@127.0.0.1/shop",
        "postgresql://shop:12/{}@127.0.0.1/shop",
        "postgresql://shop:x?{}@127.0.0.1/shop",
        "postgresql://shop:x#{}@127.0.0.1/shop",
        "postgresql://127.0.0.1:1/shop?password={}",
        "postgresql:/shop:{}@127.0.0.1/shop",
        "postgresql//shop:{}@127.0.0.1/shop",
        "mysql://shop:{}@127.0.0.1/shop",
    ],
)
def test_the_password_in_a_databases_url_is_not_told(here: Here, url: str) -> None:
    written = url.format(DATABASE)
    told = here("doctor", "--db", written) + here("tick", DRIPLINE_DB=written) + here("senders", DRIPLINE_DB=written)
    told += here("doctor", DRIPLINE_DB="env:SHOPS_DB", SHOPS_DB=written)

    assert secrets_in(told) == []
    assert told.count(b"\n") == 4
    assert told.count(b"dripline: ") == 4


def test_a_server_that_refuses_a_password_is_told_without_it(postgres: str, run: Run) -> None:
    """The role has another password; the server here lets everybody in, so the name is wrong, too."""
    head, _, query = postgres.partition("?")
    place = head.partition("://")[2].rpartition("@")[2].partition("/")[0]
    told = run("tick", "--db", f"postgresql://nobody:{quote(DATABASE)}@{place}/nothing?{query}", code=2)

    assert told.startswith(b"dripline: postgresql://")
    assert secrets_in(told) == []


def test_a_bug_is_told_with_its_trace_and_without_secrets(shop: Shop, run: Run) -> None:
    (shop.folder / "sitecustomize.py").write_text(
        "import dripline.app as o\n"
        f"def broken(*_, **__): raise LookupError('no ' + {PLUGIN!r} + ' and no ' + {META!r})\n"
        "o.Dripline.__enter__ = broken\n"
    )
    told = run("tick", "--create", code=1)

    assert b"Traceback" in told
    assert b"LookupError: no (the secret channels.loud.token) and no (the secret whatsapp.token)" in told
    assert secrets_in(told) == []


def test_all_of_it_would_be_found() -> None:
    """The test's own eyes: each secret is seen in clear, in base64, in a login and in a URL."""
    for secret in SECRETS:
        assert secret in secrets_in(f"x{secret}y".encode())
    assert secrets_in(b"Basic " + b"ZHJpcDpnb3dhJXAvc3Mrdz1yZCY5ODc2NTQzMjEw") == [GOWA]
    assert secrets_in(quote(MAIL, safe="").encode()) == [MAIL]
    assert SETUP.count("name: Through") == len(CHANNELS)
