"""What the command line writes holds none of the secrets that are set: neither its errors, nor its log, nor a trace."""

import sys
from contextlib import suppress

from dripline.config.secret_references import OF_SENDERS, read_secret
from dripline.config.settings import Settings
from dripline.core.secret import Redactor, passwords_in
from dripline.errors import InvalidSettings


def without_secrets(text: str) -> str:
    """Return a text without the secrets that are set."""
    return hidden_secrets().out_of(text)


def hidden_secrets() -> Redactor:
    """Return what leaves the secrets that are set now out of texts."""
    secrets = known_secrets()
    # Of several addresses each is one.
    parts = {part: f"the secret {name}" for name, secret in secrets.items() for part in (secret, *secret.split())}
    # A copy: another thread may be reading a secret meanwhile.
    parts |= {secret: f"the {field} of a sender" for secret, field in list(OF_SENDERS.items())}
    parts |= {password: name for part, name in parts.items() for password in passwords_in(part)}
    # What was typed is no setting; a sentence or a trace may repeat it all the same.
    parts |= {password: "the password" for word in sys.argv[1:] for password in passwords_in(word)}
    return Redactor(parts)


def secrets_read() -> int:
    """Return how many secrets of senders were read by now: with each more is left out."""
    return len(OF_SENDERS)


def known_secrets() -> dict[str, str]:
    """Return the secrets that are set and can be read, by the names of their settings."""
    found: dict[str, str] = {}
    with suppress(InvalidSettings):
        for setting, secret in Settings.load().secrets():
            with suppress(InvalidSettings):
                found[setting] = read_secret(setting, secret)
    return found
