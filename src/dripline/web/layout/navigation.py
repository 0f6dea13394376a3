"""Where the pages are: what the navigation leads to, and which of its places a page belongs to."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Place:
    """One entry of the navigation.

    `href` is where it leads, `key` what is pressed after ``g``, `icon` its sign. `group` is the heading it stands
    under; those without one are in the bottom bar of a phone, too. `holds` are the beginnings of the addresses, beside
    its own, whose pages it is marked on.
    """

    name: str
    href: str = field(kw_only=True)
    key: str = field(kw_only=True)
    icon: str = field(kw_only=True)
    group: str = field(default="", kw_only=True)
    holds: tuple[str, ...] = field(default=(), kw_only=True)


TODAY = Place("Today", href="/", key="o", icon="today", holds=("/resume",))

PLACES = (
    TODAY,
    Place("Leads", href="/leads", key="l", icon="leads", holds=("/imports",)),
    Place("Messages", href="/messages", key="m", icon="messages", holds=("/unknown",)),
    Place("Sequences", href="/sequences", key="q", icon="sequences", group="Plan", holds=("/simulate",)),
    Place("Calendar", href="/calendar", key="c", icon="calendar", group="Plan"),
    Place("Senders", href="/senders", key="s", icon="senders", group="Set up"),
    Place("Settings", href="/settings", key="e", icon="settings", group="Set up", holds=("/api",)),
)
"""The navigation from top to bottom. An inbox (``i``) would stand after Today, broadcasts (``b``) after Sequences."""


def place_of(path: str) -> Place | None:
    """Return the place that a page belongs to; None for a page that stands alone."""
    if path == TODAY.href:
        return TODAY
    found = (place for place in PLACES for start in (place.href, *place.holds) if start != "/" and _within(path, start))
    return next(found, None)


def _within(path: str, start: str) -> bool:
    return path == start or path.startswith(f"{start}/")
