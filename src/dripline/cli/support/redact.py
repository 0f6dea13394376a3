"""What the command line writes holds none of the secrets that are set: neither its errors, nor its log, nor a trace."""

import sys
from contextlib import suppress
from pathlib import Path

from dripline.config.secret_references import read_secret
from dripline.config.settings import Settings
from dripline.core.secret import SHORTEST_FORM, Redactor, passwords_in
from dripline.errors import InvalidFile, InvalidSettings
from dripline.importing.setup.setup_file import Setup, read_setup


def without_secrets(text: str) -> str:
    """Return a text without the secrets that are set."""
    return hidden_secrets().out_of(text)


def hidden_secrets() -> Redactor:
    """Return what leaves the secrets that are set now out of texts."""
    secrets = _secrets()
    # Of several addresses each is one.
    parts = {part: f"the secret {name}" for name, secret in secrets.items() for part in (secret, *secret.split())}
    parts |= {password: name for part, name in parts.items() for password in passwords_in(part)}
    # What was typed is no setting; a sentence or a trace may repeat it all the same.
    parts |= {password: "the password" for word in sys.argv[1:] for password in passwords_in(word)}
    return Redactor(parts)


def read_setup_file(path: Path) -> Setup:
    """Return what a setup file holds, unless it holds one of the secrets that are set: what is applied is kept.

    Raises:
        InvalidFile: It holds one, or cannot be read as what it should be.
    """
    with suppress(OSError):
        content = path.read_bytes() if path.is_file() else b""
        for setting, secret in _secrets().items():
            if len(secret) >= SHORTEST_FORM and secret.encode() in content:
                raise InvalidFile(f"{path} holds the secret that is set as {setting}: take it out, files hold none.")
    return read_setup(path)


def _secrets() -> dict[str, str]:
    """Return the secrets that are set and can be read, by the names of their settings."""
    found: dict[str, str] = {}
    with suppress(InvalidSettings):
        for setting, secret in Settings.load().secrets():
            with suppress(InvalidSettings):
                found[setting] = read_secret(setting, secret)
    return found
