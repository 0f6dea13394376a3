"""What a program opens dripline with, so that senders may have credentials of their own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from pydantic import BaseModel, SecretStr

from dripline.core.secret import is_reference
from dripline.errors import InvalidSettings


def without_references(name: str, given: SecretStr) -> str:
    """Return a secret as it is given; a program that has no settings reads no references.

    Raises:
        InvalidSettings: It is a reference.
    """
    if is_reference(given.get_secret_value()):
        raise InvalidSettings(
            f"The secret {name} is a reference, and nothing here reads those: give the secret itself."
        )
    return given.get_secret_value()


@dataclass(frozen=True, slots=True)
class CredentialSettings:
    """How the credentials of senders are kept and used.

    `read_key` returns the keys that encrypt them, divided by blank space; without it a SQLite database has its own in a
    file beside it. `hooks_url`: where providers reach us, as in ``https://host/hooks``. `read_secret` is given a
    field's name and what is written there, which may be a reference. `groups`: what the settings of channels have in
    common.
    """

    read_key: Callable[[], str] | None = field(default=None, kw_only=True)
    hooks_url: str | None = field(default=None, kw_only=True)
    read_secret: Callable[[str, SecretStr], str] = field(default=without_references, kw_only=True)
    groups: Mapping[str, BaseModel] = field(default_factory=dict[str, BaseModel], kw_only=True, hash=False)
