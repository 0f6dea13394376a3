"""Links by which a lead opens a chat that only people can open, and by which it is known whose chat that is.

A link holds the lead's id and a proof that we wrote it for this lead, so that nothing has to be stored for it.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Protocol

from dripline.core.leads.lead import Lead
from dripline.core.messages.facts import Facts

PROOF_LENGTH = 16
"""How many bytes of the proof a link holds."""

_ID_LENGTH = 8

_LARGEST_ID = b"\x7f" + b"\xff" * (_ID_LENGTH + PROOF_LENGTH - 1)

Links = Mapping[str, Callable[[Lead], str]]
"""What makes the links that templates may use, by the name of the variable."""


class StartLinks(Protocol):
    """The start links of a channel in which people begin their chats."""

    @property
    def opened(self) -> str:
        """The trigger that a lead gains when it opens the chat by its link, where a sequence starts on it."""
        ...

    def url(self, lead: Lead) -> str:
        """Return the link of a lead."""
        ...

    def lead_id(self, token: str) -> int | None:
        """Return the id of the lead that a token names; `is_of` says whether we wrote it for that lead."""
        ...

    def is_of(self, token: str, lead: Lead) -> bool:
        """Return whether we wrote a token for this very person: ids of leads that are forgotten are given again."""
        ...


@dataclass(frozen=True, slots=True)
class LeadTokens:
    """Tokens that name a lead, of 32 letters, digits, - and _, proved with a `secret` for one `purpose`.

    Who changes the secret ends the tokens made with it.
    """

    secret: str = field(repr=False)
    purpose: str

    def token(self, lead: Lead) -> str:
        """Return the token of a lead."""
        return self._token(lead.id, lead.phone or lead.email or "")

    def lead_id(self, token: str) -> int | None:
        """Return the id of the lead that a token names, be it ours or not."""
        try:
            packed = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except ValueError:
            return None
        if len(packed) != _ID_LENGTH + PROOF_LENGTH or packed > _LARGEST_ID:
            return None
        return int.from_bytes(packed[:_ID_LENGTH])

    def is_of(self, token: str, lead: Lead) -> bool:
        """Return whether a token was made for a lead, by any of its addresses."""
        own = (self._token(lead.id, address) for address in (lead.phone, lead.email) if address)
        return any(hmac.compare_digest(token.encode(), mine.encode()) for mine in own)

    def _token(self, lead_id: int, address: str) -> str:
        proven = f"{self.purpose} {lead_id} {address}"
        proof = hmac.new(self.secret.encode(), proven.encode(), hashlib.sha256).digest()[:PROOF_LENGTH]
        return urlsafe_b64encode(lead_id.to_bytes(_ID_LENGTH) + proof).decode()


def with_links(facts: Facts, links: Links) -> Facts:
    """Return what is decided on, with the links that its templates name; a lead's own attribute of that name wins."""
    sources = [source for source in (facts.message, facts.subject, facts.html) if source]
    sources += [source for part in (facts.media, facts.template) if part is not None for source in part.sources()]
    used = {name: make(facts.lead) for name, make in links.items() if any(name in source for source in sources)}
    if not used:
        return facts
    return replace(facts, lead=replace(facts.lead, attributes={**used, **facts.lead.attributes}))
