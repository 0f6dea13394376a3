"""Setup files as commands read them: one that holds a secret is refused."""

from contextlib import suppress
from pathlib import Path

from dripline.cli.support.redact import known_secrets
from dripline.core.secret import SHORTEST_FORM
from dripline.errors import InvalidFile
from dripline.importing.setup.setup_file import Setup, read_setup


def read_setup_file(path: Path) -> Setup:
    """Return what a setup file holds, unless it holds one of the secrets that are set: what is applied is kept.

    Raises:
        InvalidFile: It holds one, or cannot be read as what it should be.
    """
    with suppress(OSError):
        content = path.read_bytes() if path.is_file() else b""
        for setting, secret in known_secrets().items():
            if len(secret) >= SHORTEST_FORM and secret.encode() in content:
                raise InvalidFile(f"{path} holds the secret that is set as {setting}: take it out, files hold none.")
    return read_setup(path)
