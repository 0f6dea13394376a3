"""How WhatsApp's providers prove that they wrote a body: an HMAC of its raw bytes with a secret that both sides know.

Source: Meta, WhatsApp webhooks (payload signature), as of 2026-09; GOWA 9 signs in the same way.
"""

import hashlib
import hmac
from collections.abc import Mapping

SIGNATURE = "x-hub-signature-256"
"""The header that holds the proof: ``sha256=`` and the HMAC in hexadecimal digits."""


def is_signed(secret: bytes, headers: Mapping[str, str], body: bytes) -> bool:
    """Return whether these very bytes were signed with the secret. `headers` by their lower-case names."""
    expected = hmac.new(secret, body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(headers.get(SIGNATURE, "").encode(), f"sha256={expected}".encode())
