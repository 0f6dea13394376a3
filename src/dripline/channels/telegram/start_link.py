"""The start links of a Telegram bot, and the secret that proves them and what Telegram posts.

Source: Telegram, Bot API 10.1 (setWebhook) and deep linking, as of 2026-06: a token has up to 64 of A-Z, a-z, 0-9, _
and -.
"""

import re

from dripline.core.leads.lead import Lead
from dripline.core.messages.start_link import LeadTokens
from dripline.errors import InvalidSettings

OPENED = "TELEGRAM"
"""The trigger that a lead gains when it opens the chat by its link, where a sequence starts on it."""

_BOT = re.compile(r"@?([A-Za-z0-9_]{4,32})")

_SECRET = re.compile(r"[A-Za-z0-9_-]{16,256}")


class BotLinks:
    """Makes and reads the start links of the bot whose username is `bot`, proved with `secret`.

    Raises:
        InvalidSettings: The name or the secret cannot be used; the sentence never holds the secret.
    """

    opened = OPENED

    def __init__(self, bot: str, secret: str) -> None:
        named = _BOT.fullmatch(bot.strip())
        if named is None:
            raise InvalidSettings(f"The Telegram bot {bot[:40]!r} cannot be linked to: write its username.")
        self._bot = named[1]
        self._tokens = LeadTokens(checked_secret(secret), "telegram start")

    def url(self, lead: Lead) -> str:
        """Return the link of a lead."""
        return f"https://t.me/{self._bot}?start={self._tokens.token(lead)}"

    def lead_id(self, token: str) -> int | None:
        """Return the id of the lead that a token names; `is_of` says whether we wrote it for that lead."""
        return self._tokens.lead_id(token)

    def is_of(self, token: str, lead: Lead) -> bool:
        """Return whether we wrote a token for this very person: ids of leads that are forgotten are given again."""
        return self._tokens.is_of(token, lead)


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
