"""Whom a person means who writes one address: a phone, or an e-mail address."""

from typing import TypedDict


class LeadRef(TypedDict, total=False):
    """A person as the use cases name one."""

    phone: str
    email: str


def lead_ref(address: str) -> LeadRef:
    """Return a person by the address that somebody wrote; whether it can be one is asked later."""
    return {"email": address} if "@" in address else {"phone": address}
