"""The signs beside words: heroicons (MIT) as inline SVG, and the three that are drawn here.

A page names an icon by what it stands for, so that one thing has one sign everywhere. Inline SVG needs no further
request, takes the colour of its text, and is fine under the pages' security policy.
"""

from functools import cache
from types import MappingProxyType

from heroicons.jinja import heroicon_outline
from markupsafe import Markup

ICONS = MappingProxyType(
    {
        "alert": "exclamation-triangle",
        "bolt": "bolt",
        "book": "book-open",
        "branch": "share",
        "broadcasts": "megaphone",
        "calendar": "calendar-days",
        "chat": "chat-bubble-oval-left",
        "check": "check",
        "clip": "paper-clip",
        "clock": "clock",
        "copy": "document-duplicate",
        "doc": "document-text",
        "dots": "ellipsis-horizontal",
        "down": "chevron-down",
        "edit": "pencil",
        "export": "arrow-up-tray",
        "eye": "eye",
        "filter": "funnel",
        "flag": "flag",
        "form": "clipboard-document-list",
        "globe": "globe-alt",
        "grip": "bars-2",
        "hand": "hand-raised",
        "image": "photo",
        "import": "arrow-down-tray",
        "inbox": "inbox",
        "info": "information-circle",
        "key": "key",
        "keys": "command-line",
        "leads": "users",
        "left": "chevron-left",
        "link": "link",
        "logout": "arrow-right-start-on-rectangle",
        "mail": "envelope",
        "messages": "paper-airplane",
        "moon": "moon",
        "more": "bars-3",
        "offline": "signal-slash",
        "pause": "pause",
        "play": "play",
        "plus": "plus",
        "qr": "qr-code",
        "refresh": "arrow-path",
        "reply": "arrow-uturn-left",
        "right": "chevron-right",
        "search": "magnifying-glass",
        "senders": "device-phone-mobile",
        "sequences": "queue-list",
        "settings": "cog-6-tooth",
        "skip": "forward",
        "stop": "stop",
        "tag": "tag",
        "today": "sun",
        "trash": "trash",
        "up": "chevron-up",
        "user": "user",
        "x": "x-mark",
    }
)
"""Which drawing of heroicons stands for what."""

TICKS = MappingProxyType({"sent": "Sent", "delivered": "Delivered", "read": "Read"})
"""How far a message is known to have come, and how the ticks are read aloud."""

_ONE_TICK = "m2 6.5 3 3L11 3"
_TWO_TICKS = "m1 6.5 3 3L10 3M7.500 9l.5.5L14.500 3"
_DROP = "M10 1.75c3.3 3.9 5.5 6.9 5.5 10a5.5 5.5 0 0 1-11 0c0-3.1 2.2-6.100 5.5-10z"


@cache
def icon(name: str, extra: str = "") -> Markup:
    """Return an icon of 16 px, hidden from screen readers: the words beside it, or its button's label, say it.

    `name` is a key of `ICONS`; `extra` are further classes, as `big` (20 px) or `good`.
    """
    drawn = heroicon_outline(ICONS[name], size=None, **{"class": f"icon {extra}".strip()})
    return Markup(" ".join(drawn.split()))  # noqa: S704  (a drawing of ours; nothing of anybody's is in it)


def drop() -> Markup:
    """Return the drop that stands for dripline."""
    return Markup(  # noqa: S704
        f'<svg class="icon big solid drop" viewBox="0 0 20 20" aria-hidden="true"><path d="{_DROP}"/></svg>'
    )


def ticks(state: str) -> Markup:
    """Return the ticks of a message that was `sent`, `delivered` or `read`."""
    path, label = _ONE_TICK if state == "sent" else _TWO_TICKS, TICKS[state]
    return Markup(  # noqa: S704
        f'<svg class="ticks {state}" viewBox="0 0 16 12" role="img" aria-label="{label}"><path d="{path}"/></svg>'
    )
