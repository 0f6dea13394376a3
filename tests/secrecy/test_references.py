"""Secrets by reference: where they may be, what is refused, and that no refusal repeats one."""

import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import mkdtemp
from types import ModuleType

import pytest
from pydantic import SecretStr

from dripline.config.channels import configured_channels
from dripline.config.secret_references import read_secret
from dripline.config.settings import Settings
from dripline.errors import InvalidSettings

SECRET = "pa55/word+" + "0123456789"

Refused = Callable[[str], str]


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def public(monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that everybody can enter, as /etc is."""
    made = Path(mkdtemp())
    made.chmod(0o755)
    monkeypatch.chdir(made)
    return made


def refusal(reference: str) -> str:
    with pytest.raises(InvalidSettings) as refused:
        read_secret("whatsapp.token", SecretStr(reference))
    told = str(refused.value)
    assert told.startswith("The secret whatsapp.token cannot be read: ")
    assert told.endswith(".")
    assert "\n" not in told
    assert SECRET not in told
    assert refused.value.__cause__ is None
    return told


def a_keyring(monkeypatch: pytest.MonkeyPatch, get_password: Callable[[str, str], str | None]) -> None:
    """A stand-in for the library ``keyring``: a real one wants a desktop's keyring, unlocked by a person."""
    keyring = ModuleType("keyring")
    keyring.__dict__["get_password"] = get_password
    monkeypatch.setitem(sys.modules, "keyring", keyring)


def test_a_secret_is_what_is_given_or_what_its_reference_leads_to(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOPS_TOKEN", SECRET)
    (folder / "token.secret").write_text(f"\ufeff{SECRET}\r\nsecond line\n")
    a_keyring(monkeypatch, lambda service, user: f"{service}:{user}")
    references = [SECRET]
    references += [
        "env:SHOPS_TOKEN",
        " file:token.secret ",
        f"file:{folder}/token.secret",
        "file://host/x",
        "keyring:drip/a/b",
    ]

    assert [read_secret("x", SecretStr(one)) for one in references] == [
        SECRET, SECRET, SECRET, SECRET, "file://host/x", "drip:a/b",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("reference", "told"),
    [
        ("env:NOBODY_SET_THIS", "the variable that it names after env: is not set or empty"),
        (f"env:{SECRET}", "the variable that it names after env: is not set or empty"),
        ("file:nowhere", "there is no file of the name after file:"),
        ("file:.", "there is no file of the name"),
        (f"file:{SECRET}", "there is no file of the name"),
        ("file:nul\0", "there is no file of the name"),
        ("file:~nobody/token", "there is no file of the name"),
        ("file:empty.secret", "the first line of the file that it names is empty"),
        ("file:latin.secret", "is not text in UTF-8"),
        ("keyring:drip", "write keyring:SERVICE/USER"),
        (f"keyring:/{SECRET}", "write keyring:SERVICE/USER"),
    ],
)
def test_a_reference_that_leads_nowhere_is_one_sentence(folder: Path, reference: str, told: str) -> None:
    (folder / "empty.secret").write_text("\n" + SECRET)
    (folder / "latin.secret").write_bytes(SECRET.encode() + b"\xe9")

    assert told in refusal(reference)


def test_a_file_that_everybody_can_read_is_refused_until_it_is_closed(public: Path) -> None:
    (public / "token.secret").write_text(SECRET)
    (public / "token.secret").chmod(0o644)

    assert "everybody on this machine can read the file that it names" in refusal("file:token.secret")

    (public / "token.secret").chmod(0o640)
    assert read_secret("x", SecretStr("file:token.secret")) == SECRET

    (public / "token.secret").chmod(0o644)
    public.chmod(0o700)
    assert read_secret("x", SecretStr(f"file:{public}/token.secret")) == SECRET


@pytest.mark.parametrize(
    ("table", "setting"),
    [
        (f'[smtp]\nhost = "localhost"\nsender = "a@example.com"\npassword = "{SECRET}"', "smtp.password"),
        (f'[whatsapp]\ntoken = "{SECRET}"', "whatsapp.token"),
        (f'[channels.ntfy]\nservers = "x"\naccess_token = "{SECRET}"', "channels.ntfy.access_token"),
        (f'[alerts]\nurls = "json://shop:{SECRET}@host"', "alerts.urls"),
        (f'db = "postgresql://shop:{SECRET}@host/shop"', "db"),
    ],
)
def test_a_secret_in_a_settings_file_that_everybody_can_read_is_refused(public: Path, table: str, setting: str) -> None:
    written = public / "dripline.toml"
    written.write_text(table)
    written.chmod(0o644)
    with pytest.raises(InvalidSettings, match=f"holds the secret {setting}, and everybody .* chmod 600") as refused:
        Settings.load()

    assert SECRET not in str(refused.value)
    written.chmod(0o600)
    assert SECRET not in repr(Settings.load())


def test_references_in_a_settings_file_that_everybody_can_read_are_fine(
    public: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOKEN", SECRET)
    (public / "dripline.toml").write_text('db = "env:TOKEN"\n[whatsapp]\ntoken = "env:TOKEN"\n')
    (public / "dripline.toml").chmod(0o644)
    settings = Settings.load()

    assert list(configured_channels(settings)) == ["whatsapp"]
    assert settings.database() == SECRET
    assert SECRET not in repr(settings)


@pytest.mark.parametrize(
    ("group", "key", "others"),
    [
        ("SMTP", "PASSWORD", {"HOST": "localhost", "SENDER": "a@example.com"}),
        (
            "SMTP", "UNSUBSCRIBE_SECRET",
            {"HOST": "localhost", "SENDER": "a@example.com", "UNSUBSCRIBE_URL": "https://a.example.com"},
        ),
        ("WHATSAPP", "TOKEN", {}),
        ("WHATSAPP", "APP_SECRET", {"TOKEN": "x", "VERIFY_TOKEN": "x"}),
        ("WHATSAPP", "VERIFY_TOKEN", {"TOKEN": "x", "APP_SECRET": "x"}),
        ("GOWA", "PASSWORD", {"BASE_URL": "http://host", "USERNAME": "drip"}),
        ("GOWA", "WEBHOOK_SECRET", {"BASE_URL": "http://host", "USERNAME": "drip", "PASSWORD": "x"}),
        ("WEBHOOK", "SECRET", {"URL": "https://host"}),
        ("TWILIO", "AUTH_TOKEN", {"ACCOUNT_SID": "AC" + "0" * 32}),
        ("TELEGRAM", "TOKEN", {}),
        ("TELEGRAM", "WEBHOOK_SECRET", {"TOKEN": "123:" + "a" * 35}),
    ],
)  # fmt: skip
def test_every_secret_of_a_channel_may_be_a_reference(
    monkeypatch: pytest.MonkeyPatch, group: str, key: str, others: dict[str, str]
) -> None:
    """What was written as a reference was sent as the password, letter for letter."""
    for name, value in {**others, key: "env:NOBODY_SET_THIS"}.items():
        monkeypatch.setenv(f"DRIPLINE_{group}_{name}", value)
    with pytest.raises(InvalidSettings, match=f"The secret {group.lower()}.{key.lower()} cannot be read"):
        configured_channels(Settings.load())


def test_a_keyring_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def get_password(service: str, user: str) -> str:
        asked.append(f"{service} {user}")
        return SECRET

    a_keyring(monkeypatch, get_password)

    assert [read_secret("asked.once", SecretStr("keyring:drip/once")) for _ in range(2)] == [SECRET, SECRET]
    assert asked == ["drip once"]


def test_a_keyring_that_says_no_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def locked(service: str, user: str) -> str:
        raise RuntimeError(f"{service} {user} {SECRET}")

    a_keyring(monkeypatch, lambda _service, _user: None)
    assert "the keyring has none of that name" in refusal("keyring:drip/none")

    a_keyring(monkeypatch, locked)
    assert "the keyring does not open (RuntimeError)" in refusal("keyring:drip/locked")

    monkeypatch.setitem(sys.modules, "keyring", None)
    assert "pip install 'dripline[keyring]'" in refusal("keyring:drip/away")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DRIPLINE_SMTP", f'{{"password": "{SECRET}"'),
        ("DRIPLINE_SMTP", SECRET),
        ("DRIPLINE_SMTP_PORT", SECRET),
        ("DRIPLINE_SMTP_SECURITY", SECRET),
        ("DRIPLINE_WHATSAPP_PHONE_NUMBER_ID", SECRET),
        (f"DRIPLINE_TELEGRAM_{SECRET}", "x"),
        ("DRIPLINE_TELEGRAM_TOKEN", SECRET),
        ("DRIPLINE_WEBHOOK_SECRET", SECRET),
        ("DRIPLINE_GOWA_BASE_URL", f"http://drip:{SECRET}@host"),
    ],
)
def test_settings_that_cannot_be_used_are_one_sentence_without_them(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    given = {
        "SMTP_HOST": "host", "SMTP_SENDER": "a@example.com", "WHATSAPP_TOKEN": "x", "WEBHOOK_URL": "https://host",
        "WEBHOOK_SECRET": "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "GOWA_BASE_URL": "http://host",
        "GOWA_USERNAME": "drip", "GOWA_PASSWORD": "x", "TELEGRAM_TOKEN": "123:" + "a" * 35,
    }  # fmt: skip
    for key, text in {**{f"DRIPLINE_{key}": text for key, text in given.items()}, name: value}.items():
        monkeypatch.setenv(key, text)
    with pytest.raises(InvalidSettings) as refused:
        configured_channels(Settings.load())

    assert SECRET not in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.parametrize(
    "written",
    [
        f"[smtp]\npassword = {SECRET}", f'"{SECRET}" = 1\n"{SECRET}" = 2', f'[whatsapp]\n"{SECRET}" = "x"\ntoken = "x"',
        f'["{SECRET}"]\n["{SECRET}"]', f'[smtp]\npassword = "{SECRET}', "caf\xe9",
    ],
)  # fmt: skip
def test_a_settings_file_that_cannot_be_read_is_one_sentence_without_it(folder: Path, written: str) -> None:
    (folder / "dripline.toml").write_bytes(written.encode("latin-1"))
    with pytest.raises(InvalidSettings, match=r"dripline\.toml") as refused:
        Settings.load()

    assert SECRET not in str(refused.value)
    assert refused.value.__cause__ is None
