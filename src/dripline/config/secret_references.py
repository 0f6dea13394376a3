"""Secrets: as they are, or as a reference to where they are: ``env:NAME``, ``file:PATH`` or ``keyring:SERVICE/USER``.

A file that everybody can read holds no secret. No sentence of this file repeats one.
"""

import os
import stat
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from pydantic import SecretStr

from dripline.core.secret import reference_in
from dripline.errors import InvalidSettings

SECRET_LIMIT = 65_536
"""How much of a file is looked at for its first line, in bytes."""


OF_SENDERS: dict[str, str] = {}
"""The secrets of senders' credentials that this process has read, each with its field: left out of what is logged."""


class _Keyring(Protocol):
    def get_password(self, service_name: str, username: str) -> str | None: ...


def read_secret(setting: str, given: SecretStr) -> str:
    """Return a secret itself: as it is given, or what its reference leads to. `setting` names it in errors.

    Raises:
        InvalidSettings: The reference leads nowhere, or to a file that everybody can read. The sentence holds neither
            the secret nor the reference, which could be a secret that was put there by mistake.
    """
    reference = reference_in(given.get_secret_value())
    if reference is None:
        return given.get_secret_value()
    who, (kind, where) = f"The secret {setting} cannot be read", reference
    match kind:
        case "env":
            return _from_environment(who, where)
        case "file":
            return _from_file(who, Path(where).expanduser() if where.startswith("~/") else Path(where))
        case _:
            return _from_keyring(who, where)


def read_senders_secret(field: str, given: SecretStr) -> str:
    """Return a secret of a sender's credential, as `read_secret` does, and remember to leave it out of the log."""
    secret = read_secret(field, given)
    OF_SENDERS[secret] = field
    return secret


def _from_environment(who: str, name: str) -> str:
    secret = os.environ.get(name, "")
    if not secret:
        raise InvalidSettings(f"{who}: the variable that it names after env: is not set or empty, so set it.")
    return secret


def _from_file(who: str, path: Path) -> str:
    try:
        problem = None if path.is_file() else "there is no file of the name after file:, so write one there"
        if problem is None and is_open(path):
            problem = (
                "everybody on this machine can read the file that it names: let its owner alone read it, with chmod "
                "600 and its name"
            )
        line = b"" if problem else _first_line(path)
    except OSError as error:
        raise InvalidSettings(
            f"{who}: the file that it names cannot be read ({error.strerror}), so let us read it."
        ) from None
    if problem is not None:
        raise InvalidSettings(f"{who}: {problem}.")
    try:
        secret = line.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        raise InvalidSettings(f"{who}: the file that it names is not text in UTF-8, so save it as that.") from None
    if not secret.strip():
        raise InvalidSettings(f"{who}: the first line of the file that it names is empty, so write it there.")
    return secret


def _first_line(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.readline(SECRET_LIMIT)


@cache
def _from_keyring(who: str, name: str) -> str:
    """Ask once: a keyring may want a person's word each time."""
    service, _, user = name.partition("/")
    if not service or not user:
        raise InvalidSettings(f"{who}: write keyring:SERVICE/USER, as it was put there with keyring set SERVICE USER.")
    try:
        keyring = cast("_Keyring", import_module("keyring"))
    except ImportError:
        raise InvalidSettings(
            f"{who}: it is in a keyring, and the library for those is not installed: pip install 'dripline[keyring]'."
        ) from None
    try:
        secret = keyring.get_password(service, user)
    except Exception as error:  # noqa: BLE001  (each keyring has errors of its own, and their words are not ours)
        raise InvalidSettings(f"{who}: the keyring does not open ({type(error).__name__}), so unlock it.") from None
    if not secret:
        raise InvalidSettings(f"{who}: the keyring has none of that name, so put it there: keyring set SERVICE USER.")
    return secret


def is_open(path: Path) -> bool:
    """Return whether everybody can read a file: it, and every folder above it, lets them."""
    if os.name != "posix":
        return False
    place = path.resolve()
    return bool(place.stat().st_mode & stat.S_IROTH) and all(
        folder.stat().st_mode & stat.S_IXOTH for folder in place.parents
    )
