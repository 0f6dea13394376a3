"""The names of senders, pools and accounts."""

from dripline.core.text import is_text
from dripline.errors import InvalidSender

SENDER_NAME_LIMIT = 100
"""The longest name of a sender or a pool, in characters."""


def sender_name(written: str) -> str:
    """Return the name of a sender, a pool or an account, blank space around it dropped.

    Raises:
        InvalidSender: It is empty, too long, or not text.
    """
    name = written.strip()
    if not name or len(name) > SENDER_NAME_LIMIT or not is_text(name):
        raise InvalidSender(
            f"A sender, pool or account needs a name of 1 to {SENDER_NAME_LIMIT} characters: give it one."
        )
    return name
