"""Links by which whoever was sent one, and nobody else, can have an address barred, without a login."""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field

from dripline.errors import InvalidSettings

SECRET_LENGTH = 16
"""The shortest secret, in characters."""

PROOF_LENGTH = 16
"""How many bytes of the proof a link holds."""

PATH = "unsubscribe"


@dataclass(frozen=True, slots=True)
class UnsubscribeLinks:
    """Makes and reads links below `base_url`, proved with `secret`: who changes the secret ends the links made with it.

    Raises:
        InvalidSettings: The secret is too short.
    """

    base_url: str
    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret.strip()) < SECRET_LENGTH:
            raise InvalidSettings(
                f"The secret of unsubscribe links cannot be used: write at least {SECRET_LENGTH} characters at random."
            )

    def url(self, address: str) -> str:
        """Return the link of an address."""
        token = f"{_packed(address.encode())}.{_packed(self._proof(address))}"
        return f"{self.base_url.rstrip('/')}/{PATH}/{token}"

    def address(self, token: str) -> str | None:
        """Return the address that the last part of a link names; None if we did not write it."""
        written, _, proof = token.partition(".")
        try:
            address = urlsafe_b64decode(_padded(written)).decode()
            is_ours = hmac.compare_digest(urlsafe_b64decode(_padded(proof)), self._proof(address))
        except ValueError:
            return None
        return address if is_ours else None

    def _proof(self, address: str) -> bytes:
        return hmac.new(self.secret.encode(), address.encode(), hashlib.sha256).digest()[:PROOF_LENGTH]


def _packed(plain: bytes) -> str:
    return urlsafe_b64encode(plain).decode().rstrip("=")


def _padded(packed: str) -> str:
    return packed + "=" * (-len(packed) % 4)
