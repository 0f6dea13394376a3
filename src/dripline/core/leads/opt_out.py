"""Opt-outs that somebody else knows of: a provider, another system, or a copy of this database."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class OptOut:
    """A phone or an e-mail address that nothing is to be sent to, and why, where somebody said it."""

    address: str
    reason: str = field(default="", kw_only=True)
