"""Secrets of the tests, and how they are found in what a program told, in whatever form."""

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from urllib.parse import quote, quote_plus

META = "EAAG" + "Zx81kQ0pLmN4vB7cD2eR9tY6"
APP_SECRET = "app/secret+" + "0f1e2d3c4b5a"
VERIFY_TOKEN = "verify-" + "0f1e2d3c4b5a"
TWILIO = "0f1e2d3c4b5a" + "69788796a5b4c3d2e1f0"
TELEGRAM = "712345678:" + "AAEv0aX-1bY_2cZ3dW4eV5fU6gT7hS8iR9j"
TELEGRAM_HOOK = "telegram-hook_" + "0f1e2d3c4b5a"
GOWA = "gowa%p/ss+w=rd&" + "9876543210"
GOWA_HOOK = "gowa-hook-" + "0f1e2d3c4b5a"
MAIL = 'mail"p/ss+w=rd&' + "0123456789"
LINKS = "unsubscribe-links-" + "0f1e2d3c4b5a"
WEBHOOK = "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
IN_URL = "in-the-path-" + "0f1e2d3c4b5a"
PLUGIN = "plug-in/token+" + "0f1e2d3c4b5a"
DATABASE = "db-pass-" + "0f1e2d3c4b5a"

ACCOUNT_SID = "AC" + "0123456789abcdef" * 2
USERNAMES = {GOWA: "drip", TWILIO: ACCOUNT_SID, MAIL: "\0shop"}

SECRETS = (
    META, APP_SECRET, VERIFY_TOKEN, TWILIO, TELEGRAM, TELEGRAM_HOOK, GOWA, GOWA_HOOK, MAIL, LINKS, WEBHOOK, IN_URL,
    PLUGIN, DATABASE,
)  # fmt: skip

EVERYWHERE = (
    *SECRETS,
    "EAAG-" + "0123456789abcdef",
    "EAAG" + "0123456789abcdef",
    "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw",
    "app-" + "0123456789",
    "pass-" + "0123456789",
    "s3cret-" + "0123456789",
    "s3cret-" + "word",
    "hunter-2-" + "hunter-2",
    "a-secret-of_" + "ours-1",
    "a-word-of-" + "ours",
)
"""The secrets of all tests, but for those that a test tells on purpose."""

GIVEN = frozenset({".toml", ".yaml", ".py", ".pyc", ".csv", ".secret"})
"""How the names of files end that programs are given, and do not write; they write ``*.refused.csv`` beside those."""


def secrets_in(told: bytes, secrets: Iterable[str] = SECRETS) -> list[str]:
    """The secrets that are told, as they are or as HTTP, mail, URLs and JSON write them."""
    return [secret for secret in secrets if any(form in told for form in _forms(secret))]


def written_in(folder: Path, given: Iterable[str] = ()) -> bytes:
    """All that a program wrote into a folder, but for the files of these names, which it was given."""
    left_out = set(given)
    files = (path for path in sorted(folder.rglob("*")) if path.is_file() and path.name not in left_out)
    return b"\n".join(path.name.encode() + b"\n" + path.read_bytes() for path in files)


def files_with_secrets(folder: Path) -> list[str]:
    """The files in which a secret was written, wherever they are in a folder, but for those that programs are given."""
    found = (path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink())
    looked_at = (path for path in found if path.suffix not in GIVEN or ".refused" in path.name)
    return [str(path) for path in looked_at if secrets_in(path.read_bytes(), EVERYWHERE)]


@cache
def _forms(secret: str) -> set[bytes]:
    login = f"{USERNAMES.get(secret, 'drip')}:{secret}".replace("\0shop:", "\0shop\0")
    packed = {pack(text.encode()) for text in (secret, login) for pack in (b64encode, urlsafe_b64encode)}
    texts = {secret, quote(secret), quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1]}
    return {text.encode() for text in texts} | packed | {quote(form.decode(), safe="").encode() for form in packed}
