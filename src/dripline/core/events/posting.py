"""How events are signed: every subscription has a secret of its own, made of one that is nowhere stored."""

import hashlib
import hmac
from base64 import b64encode
from dataclasses import dataclass, field
from datetime import timedelta

from dripline.errors import InvalidSettings

SECRET_LENGTH = 32
"""The shortest secret that others are made of, in characters."""

BOTH_FOR = timedelta(days=1)
"""How long after a rotation events are signed with the secret before it as well: a receiver changes it in that time."""


@dataclass(frozen=True, slots=True)
class EventSigning:
    """What events are posted with: `secret`, of which those of subscriptions are made, and where they may go.

    Who changes the secret changes that of every subscription. `allow_private_targets`: also to addresses of one's own
    network.

    Raises:
        InvalidSettings: The secret is too short; the sentence does not hold it.
    """

    secret: str = field(repr=False)
    allow_private_targets: bool = field(default=False, kw_only=True)

    def __post_init__(self) -> None:
        if len(self.secret.strip()) < SECRET_LENGTH:
            raise InvalidSettings(
                f"The secret that events are signed with cannot be used: write at least {SECRET_LENGTH} characters at "
                "random."
            )

    def secret_of(self, subscription_id: int, generation: int) -> str:
        """Return the secret of a subscription as Standard Webhooks writes it; each generation has another."""
        return self._made_of(f"event subscription {subscription_id} {generation}")

    def secret_of_source(self, source_id: int) -> str:
        """Return the secret with which a source of leads signs what it posts, written the same way."""
        return self._made_of(f"lead source {source_id}")

    def _made_of(self, purpose: str) -> str:
        made = hmac.new(self.secret.strip().encode(), purpose.encode(), hashlib.sha256).digest()
        return f"whsec_{b64encode(made).decode()}"
