"""Secrets as channels hold them: checked when a channel is made, and left out of every outcome."""

from dataclasses import replace

from dripline.core.outcome import Accepted, Outcome
from dripline.core.secret import Redactor
from dripline.errors import InvalidSettings


def checked_token(token: str, problem: str) -> str:
    """Return a token that fits into a header, blank space around it dropped; `told` is what is wrong otherwise.

    Raises:
        InvalidSettings: It is none; the sentence is `told`.
    """
    word = token.strip()
    if not word.isascii() or not word.isprintable() or not word or " " in word:
        raise InvalidSettings(problem)
    return word


def without_secrets(outcome: Outcome, hidden: Redactor) -> Outcome:
    """Return an outcome without the secrets: providers and proxies repeat what they were sent."""
    if isinstance(outcome, Accepted):
        provider_id = hidden.out_of(outcome.provider_id)
        return outcome if provider_id == outcome.provider_id else replace(outcome, provider_id=provider_id)
    return replace(outcome, error=hidden.out_of(outcome.error))
