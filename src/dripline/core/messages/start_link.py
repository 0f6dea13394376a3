"""Links by which a lead opens a chat that only people can open, and by which it is known whose chat that is.

A link holds the lead's id and a proof that we wrote it for this lead, so that nothing has to be stored for it.
"""

import hashlib
import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from dripline.core.leads.lead import Lead
from dripline.core.messages.compose import Facts
from dripline.errors import InvalidSettings

OPENED = "TELEGRAM"
"""The trigger that a lead gains when it opens the chat by its link, where a sequence starts on it."""

PROOF_LENGTH = 16
"""How many bytes of the proof a link holds."""

_ID_LENGTH = 8

_LARGEST_ID = b"\x7f" + b"\xff" * (_ID_LENGTH + PROOF_LENGTH - 1)

_BOT = re.compile(r"@?([A-Za-z0-9_]{4,32})")

_SECRET = re.compile(r"[A-Za-z0-9_-]{16,256}")

Links = Mapping[str, Callable[[Lead], str]]
"""What makes the links that templates may use, by the name of the variable."""


@dataclass(frozen=True, slots=True)
class StartLinks:
    """Makes and reads the start links of a Telegram bot, proved with `secret`.

    Who changes the secret ends the links made with it. `bot` is the bot's username. (Telegram, deep linking, as of
    2026-06: a token has up to 64 of A-Z, a-z, 0-9, _ and -.)

    Raises:
        InvalidSettings: The name or the secret cannot be used; the sentence never holds the secret.
    """

    bot: str
    secret: str = field(repr=False)

    def __post_init__(self) -> None:
        named = _BOT.fullmatch(self.bot.strip())
        if named is None:
            raise InvalidSettings(f"The Telegram bot {self.bot[:40]!r} cannot be linked to: write its username.")
        object.__setattr__(self, "bot", named[1])
        object.__setattr__(self, "secret", checked_secret(self.secret))

    def url(self, lead: Lead) -> str:
        """Return the link of a lead."""
        return f"https://t.me/{self.bot}?start={self._token(lead.id, lead.phone or lead.email or '')}"

    def lead_id(self, token: str) -> int | None:
        """Return the id of the lead that a token names; `is_of` says whether we wrote it for that lead."""
        try:
            packed = urlsafe_b64decode(token + "=" * (-len(token) % 4))
        except ValueError:
            return None
        if len(packed) != _ID_LENGTH + PROOF_LENGTH or packed > _LARGEST_ID:
            return None
        return int.from_bytes(packed[:_ID_LENGTH])

    def is_of(self, token: str, lead: Lead) -> bool:
        """Return whether we wrote a token for this very person: ids of leads that are forgotten are given again."""
        own = (self._token(lead.id, address) for address in (lead.phone, lead.email) if address)
        return any(hmac.compare_digest(token.encode(), mine.encode()) for mine in own)

    def _token(self, lead_id: int, address: str) -> str:
        told = f"telegram start {lead_id} {address}"
        proof = hmac.new(self.secret.encode(), told.encode(), hashlib.sha256).digest()[:PROOF_LENGTH]
        return urlsafe_b64encode(lead_id.to_bytes(_ID_LENGTH) + proof).decode()


def checked_secret(written: str) -> str:
    """Return a secret that Telegram takes and nobody guesses, blank space around it dropped.

    Raises:
        InvalidSettings: It is none; the sentence does not hold it.
    """
    secret = written.strip()
    if not _SECRET.fullmatch(secret):
        raise InvalidSettings(
            "The Telegram webhook secret cannot be used: write 16 to 256 of A-Z, a-z, 0-9, _ and -, at random."
        )
    return secret


def with_links(facts: Facts, links: Links) -> Facts:
    """Return what is decided on, with the links that its templates name; a lead's own attribute of that name wins."""
    sources = [source for source in (facts.message, facts.subject, facts.html) if source]
    sources += [source for part in (facts.media, facts.template) if part is not None for source in part.sources()]
    used = {name: make(facts.lead) for name, make in links.items() if any(name in source for source in sources)}
    if not used:
        return facts
    return replace(facts, lead=replace(facts.lead, attributes={**used, **facts.lead.attributes}))
