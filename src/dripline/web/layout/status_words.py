"""How pages say where a message stands: in a reader's words, where the table's are the engine's."""

from types import MappingProxyType

WORDS = MappingProxyType(
    {
        "pending": "Scheduled",
        "active": "Scheduled",
        "sending": "Sending",
        "paused": "On hold",
        "completed": "Sent",
        "accepted": "Sent",
        "failed": "Failed",
        "rejected": "Failed",
        "undelivered": "Not delivered",
        "unknown": "Not confirmed",
        "held": "Not confirmed",
        "skipped": "Skipped",
        "cancelled": "Cancelled",
    }
)
"""Words for a status of a message, an outcome of an attempt, or a group of the filter."""


def status_words(status: str) -> str:
    """Return the words for a status; one without words is shown as it is."""
    return WORDS.get(status, status)
