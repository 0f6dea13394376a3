"""What a step sends beside its text: a picture, the provider's template for it, other words for other channels.

Every text here is a Jinja2 template, rendered for each lead when its message goes.
"""

from collections.abc import Callable, Iterator, Mapping
from collections.abc import Sequence as Listing
from dataclasses import dataclass, field, replace
from enum import StrEnum
from urllib.parse import urlsplit

from dripline.core.text import is_text
from dripline.errors import InvalidSequence, InvalidTemplate

PARAMETER_LIMIT = 100
"""The most parameters that one template may have."""

Render = Callable[[str], str]
"""Renders one text for one lead; raises InvalidTemplate."""


class MediaKind(StrEnum):
    """What can be shown beside a text."""

    IMAGE = "image"
    VIDEO = "video"
    DOCUMENT = "document"


@dataclass(frozen=True, slots=True)
class Media:
    """A picture, a video or a document; the step's text stands under it. `url` is where the provider fetches it.

    `filename` is what a document is called where it arrives.

    Raises:
        InvalidSequence: The kind is none of the three, or the address is none on the web.
    """

    kind: MediaKind | str
    url: str
    filename: str | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        try:
            object.__setattr__(self, "kind", MediaKind(self.kind))
        except ValueError:
            raise InvalidSequence(f"A step cannot show {self.kind[:40]!r}: image, video or document.") from None
        if not self.url.strip().lower().startswith(("https://", "http://", "{{")):
            raise InvalidSequence(
                f"The {self.kind} {self.url[:80]!r} is no address on the web: begin it with https://."
            )

    def sources(self) -> Iterator[str]:
        """Yield the templates in it."""
        yield self.url
        if self.filename is not None:
            yield self.filename

    def rendered(self, render: Render) -> "Media":
        """Return it as one lead gets it.

        Raises:
            InvalidTemplate: What comes out is no address on the web.
        """
        url = render(self.url).strip()
        try:
            parts = urlsplit(url)
            usable = (
                parts.scheme.lower() in {"https", "http"} and bool(parts.hostname) and not set(url) & set(" \n\r\t")
            )
        except ValueError:
            usable = False
        if not usable:
            raise InvalidTemplate(f"The {self.kind} is no address on the web for this lead: {url[:80]!r}.")
        return replace(self, url=url, filename=None if self.filename is None else render(self.filename))


@dataclass(frozen=True, slots=True)
class Template:
    """A template that the provider has approved, and what to fill it with: the step as it goes where free text may not.

    `name` and `language` are the provider's, `parameters` fill its body in their order, `header` its header: a text or
    a medium. `buttons` are the ends of its buttons' addresses, in their order.

    Raises:
        InvalidSequence: It has no name, no language, or too many parameters.
    """

    name: str
    language: str = field(default="en", kw_only=True)
    parameters: Listing[str] = field(default=(), kw_only=True)
    header: "str | Media | None" = field(default=None, kw_only=True)
    buttons: Listing[str] = field(default=(), kw_only=True)

    def __post_init__(self) -> None:
        object.__setattr__(self, "parameters", tuple(self.parameters))
        object.__setattr__(self, "buttons", tuple(self.buttons))
        for what, value in (("name", self.name), ("language", self.language)):
            if not value or not all(character.isalnum() or character in "_-." for character in value):
                raise InvalidSequence(f"The template's {what} {value[:40]!r} cannot be used: write the provider's own.")
        if len(self.parameters) + len(self.buttons) > PARAMETER_LIMIT:
            raise InvalidSequence(f"The template {self.name} has more than {PARAMETER_LIMIT} parameters: use fewer.")

    @property
    def told(self) -> str:
        """The template and what it was filled with, as it is shown to people."""
        return f"[template {self.name}, {self.language}] {' | '.join(self.parameters)}".strip()

    def sources(self) -> Iterator[str]:
        """Yield the templates in it."""
        yield from self.parameters
        yield from self.buttons
        if isinstance(self.header, Media):
            yield from self.header.sources()
        elif self.header is not None:
            yield self.header

    def rendered(self, render: Render) -> "Template":
        """Return it as one lead gets it.

        Raises:
            InvalidTemplate: A parameter cannot be rendered, or is empty.
        """
        header = self.header
        return replace(
            self,
            parameters=tuple(render(parameter) for parameter in self.parameters),
            buttons=tuple(render(button) for button in self.buttons),
            header=header.rendered(render) if isinstance(header, Media) else None if header is None else render(header),
        )


@dataclass(frozen=True, slots=True)
class Variant:
    """A step's text and subject where it goes through one certain channel.

    Raises:
        InvalidSequence: The text is empty or not text.
    """

    message: str
    subject: str | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        if not self.message.strip():
            raise InvalidSequence("A variant has no message: write what it sends.")
        if not is_text(self.message) or not is_text(self.subject or ""):
            raise InvalidSequence("A variant holds a character that is not text: remove it.")

    def sources(self) -> Iterator[str]:
        """Yield the templates in it."""
        yield self.message
        if self.subject is not None:
            yield self.subject


@dataclass(frozen=True, slots=True)
class Content:
    """What a step has beside its words and its time. The database holds all of it as one JSON, by these fields."""

    html: str | None = field(default=None, kw_only=True)
    media: Media | None = field(default=None, kw_only=True)
    template: Template | None = field(default=None, kw_only=True)
    variants: Mapping[str, Variant] = field(default_factory=dict[str, Variant], kw_only=True, hash=False)
