"""How WhatsApp's providers prove that they wrote a body: an HMAC of its raw bytes with a secret that both sides know.

Source: Meta, WhatsApp webhooks (payload signature), as of 2026-09; GOWA 9 signs in the same way.
"""

import hashlib
import hmac
from collections.abc import Mapping

from dripline.errors import InvalidSettings

SECRET_LENGTH = 16
"""The shortest secret that a provider may sign with, in characters: a shorter one is guessed, and posts are forged."""

SIGNATURE = "x-hub-signature-256"
"""The header that holds the proof: ``sha256=`` and the HMAC in hexadecimal digits."""


def signing_secret(written: str, refusal: str) -> bytes:
    """Return a secret that nobody guesses.

    Raises:
        InvalidSettings: It is too short; the sentence is `refusal` and how long it has to be.
    """
    if len(written.strip()) < SECRET_LENGTH:
        raise InvalidSettings(f"{refusal}, of {SECRET_LENGTH} characters or more.")
    return written.encode()


def is_signed(secret: bytes, headers: Mapping[str, str], body: bytes) -> bool:
    """Return whether these very bytes were signed with the secret. `headers` by their lower-case names."""
    expected = hmac.new(secret, body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(headers.get(SIGNATURE, "").encode(), f"sha256={expected}".encode())
