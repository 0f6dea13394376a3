"""Proofs of messages whose records were removed: whoever has an address finds what went to it, and nobody reads one."""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from dripline.core.states import Status

ADDRESS_BYTES = 16
"""How much of the digest of an address is kept: no two addresses ever share so much."""

MESSAGE_BYTES = 8
"""How much of the digest of a provider's id is kept: it is compared with one, and finds none."""


@dataclass(frozen=True, slots=True)
class SendProof:
    """A message that went (`completed`) or may have gone (`unknown`), whose record was removed.

    `message`: the digest of the id that its provider gave it; None where nobody knows one, or the person was forgotten.
    """

    record_id: int
    sequence: str = field(kw_only=True)
    step: int = field(kw_only=True)
    status: Status = field(kw_only=True)
    sent_at: datetime = field(kw_only=True)
    message: str | None = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class ProofKey:
    """What digests are made with. A number can be guessed, so that a digest without a key would tell it."""

    secret: bytes = field(repr=False)

    @classmethod
    def made_of(cls, secret: str) -> Self:
        """Return the key that is made of a secret of which others are made as well."""
        return cls(hmac.new(secret.strip().encode(), b"proofs of messages", hashlib.sha256).digest())

    def of_address(self, address: str) -> str:
        """Return the digest of an address in its stored form."""
        return self._digest("address", address, ADDRESS_BYTES)

    def of_message(self, provider_id: str) -> str:
        """Return the digest of a provider's id of a message."""
        return self._digest("message", provider_id, MESSAGE_BYTES)

    def _digest(self, kind: str, text: str, size: int) -> str:
        made = hmac.new(self.secret, f"{kind} {text}".encode(), hashlib.sha256).digest()[:size]
        return urlsafe_b64encode(made).decode().rstrip("=")
