"""What a channel can do and what it needs, as it declares it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import timedelta
from typing import TypeGuard, cast

from dripline.channels.contract import Channel, Inbound
from dripline.core.leads.address import AddressKind
from dripline.core.leads.attribute import attribute_name
from dripline.core.messages.start_link import Links, StartLinks
from dripline.core.sequences.content import MediaKind
from dripline.errors import InvalidLead

SENDS_AT_ONCE = 100
"""How many messages a channel is asked to send at once, unless it says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a channel declares in its attribute ``capabilities``. The defaults are those of a channel that only sends.

    Raises:
        ValueError: A value is of no use; the sentence names its field.
    """

    address_kind: AddressKind = AddressKind.ANY
    """Which address of a lead it speaks to: ``"phone"``, ``"email"``, or ``"any"``: the phone if there is one.

    An opt-out bars that one, whatever `contact_kind` says.
    """

    contact_kind: str | None = None
    """A kind of address that it alone speaks to, such as ``"telegram_chat_id"``: `Message.to` is that one then.

    It is the attribute of that name, which lists and programs may set, and by which leads are found when they write.
    """

    idempotent: bool = False
    """Whether the receiver drops a second message with the same record id, so that a lost one may be sent again."""

    sends_at_once: int = SENDS_AT_ONCE
    """How many calls of `send` may run at once, such as the number of its connections."""

    text_limit: int | None = None
    """The longest text that the provider takes, in characters: a step that is longer whatever fills it is not applied.

    `send` still has to refuse a text that becomes too long for one lead.
    """

    media: frozenset[MediaKind] = frozenset()
    """Which kinds of media it can show above a text, such as ``"image"``."""

    window: timedelta | None = None
    """For how long after a person wrote the provider takes free text to them; None: at any time.

    Outside it, messages come with the `template` that is to go instead.
    """

    receives_events: bool = True
    """Whether its provider tells us of events, where it has the methods of `Inbound`: one may do so by its settings."""

    receipts_by_id: bool = False
    """Whether its receipts name a message by the provider's id alone, so that this has to be kept."""

    threads: bool = False
    """Whether its messages refer to earlier ones of the same enrollment, which `Message.follows` then names."""

    refuses_in_words: bool = False
    """Whether its provider refuses in words of its own and not by documented codes.

    Five refused messages in a row are then sent again, as refused contacts are, since the sender was meant.
    """

    invited_only: bool = False
    """Whether people should have written to the channel first, lest its provider blocks who writes to them."""

    start_links: StartLinks | None = field(default=None, repr=False)
    """Makes the links by which a lead opens its chat, where only people can; the chat is of its `contact_kind`."""

    def __post_init__(self) -> None:
        for name in _SWITCHES:
            _check(name, getattr(self, name), "True or False", is_right=isinstance(getattr(self, name), bool))
        _check("sends_at_once", self.sends_at_once, "a number, one or more", is_right=_is_count(self.sends_at_once))
        limit, window = self.text_limit, self.window
        _check("text_limit", limit, "a number of characters, or None", is_right=limit is None or _is_count(limit))
        _check("window", window, "a timedelta, or None", is_right=window is None or _is_span(window))
        kind = self.contact_kind
        _check("contact_kind", kind, "the name of an attribute, such as chat_id, or None", is_right=_is_name(kind))
        if self.start_links is not None and kind is None:
            raise ValueError("contact_kind is None: channels with start_links say which kind of address a chat is")
        object.__setattr__(self, "address_kind", _kind_of(self.address_kind))
        object.__setattr__(self, "media", _media_of(self.media))


_SWITCHES = ("idempotent", "receives_events", "receipts_by_id", "threads", "refuses_in_words", "invited_only")

_NAMES = tuple(one.name for one in fields(Capabilities))


def capabilities_of(channel: object) -> Capabilities:
    """Return what a channel declares. An attribute of the channel itself counts over the field of its name.

    Raises:
        ValueError: A value is of no use; the sentence names it.
    """
    declared = cast("object", getattr(channel, "capabilities", None)) or Capabilities()
    if not isinstance(declared, Capabilities):
        raise ValueError(f"capabilities is {declared!r}: it is a dripline.Capabilities")  # noqa: TRY004  (one error)
    own = {name: cast("object", getattr(channel, name)) for name in _NAMES if hasattr(channel, name)}
    return replace(declared, **own) if own else declared


def takes_in(channel: Channel) -> TypeGuard[Inbound]:
    """Return whether the channel's provider posts to us."""
    return isinstance(channel, Inbound) and capabilities_of(channel).receives_events


def link_variables(channels: Mapping[str, object]) -> Links:
    """Return what makes the links that templates may use, ``CHANNEL_link`` for each channel that has start links."""
    declared = {name: capabilities_of(channel).start_links for name, channel in channels.items()}
    return {f"{name}_link": links.url for name, links in declared.items() if links is not None}


class ChannelCapabilities:
    """By name, what a store has to know of the channels of its process. They grow when a channel is found later."""

    def __init__(self, channels: Mapping[str, object] | None = None) -> None:
        self.windows: dict[str, timedelta] = {}
        self.receipts_by_id: set[str] = set()
        self.threads: set[str] = set()
        self.contact_kinds: dict[str, str] = {}
        for name, channel in (channels or {}).items():
            self.add(name, channel)

    def add(self, name: str, channel: object) -> None:
        """Take up a channel."""
        declared = capabilities_of(channel)
        if declared.window is not None:
            self.windows[name] = declared.window
        if declared.contact_kind is not None:
            self.contact_kinds[name] = declared.contact_kind
        self.receipts_by_id.update({name} if declared.receipts_by_id else ())
        self.threads.update({name} if declared.threads else ())


def _check(name: str, value: object, wanted: str, *, is_right: bool) -> None:
    if not is_right:
        raise ValueError(f"{name} is {value!r}: it is {wanted}")


def _kind_of(value: object) -> AddressKind:
    try:
        return AddressKind(cast("str", value))
    except ValueError:
        raise ValueError(f'address_kind is {value!r}: it is "phone", "email" or "any"') from None


def _is_name(value: object) -> bool:
    try:
        return value is None or attribute_name(value) == value
    except InvalidLead:
        return False


def _media_of(value: object) -> frozenset[MediaKind]:
    try:
        return frozenset(MediaKind(cast("str", kind)) for kind in cast("frozenset[object]", value))
    except (TypeError, ValueError):
        raise ValueError(f'media is {value!r}: it is a set of "image", "video" and "document"') from None


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _is_span(value: object) -> bool:
    return isinstance(value, timedelta) and value > timedelta(0)
