"""Signs what we post, after the Standard Webhooks specification."""

from collections.abc import Iterable
from datetime import datetime

from standardwebhooks.webhooks import Webhook


def signed_headers(webhook_id: str, body: str, now: datetime, signers: Iterable[Webhook]) -> dict[str, str]:
    """Return the headers that prove who wrote a body: to whoever has the secret of any of the signers."""
    return {
        "content-type": "application/json; charset=utf-8",
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signer.sign(webhook_id, now, body) for signer in signers),
    }
