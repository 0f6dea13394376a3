"""A step as the editor's form holds it: nothing but text, half-written or not.

Browsers turn line breaks into others and drop some of them. What still says the same as the stored step therefore stays
what is stored, to the letter, so that whoever opens an editor and publishes has changed nothing.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, replace
from typing import Self, TypeVar

from dripline.core.sequences.content import Media, MediaKind, Template, Variant
from dripline.core.sequences.sequence import Step
from dripline.core.time.schedule import format_delay
from dripline.core.time.window import SendWindow
from dripline.errors import InvalidSequence

ANY_HOUR = "00:00-24:00"
"""The window of what names holidays and no hours."""

TEXT = "text"
"""What the header of a template is that is no medium."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class VariantForm:
    """The words of a step for one channel."""

    channel: str = ""
    message: str = field(default="", kw_only=True)
    subject: str = field(default="", kw_only=True)

    @classmethod
    def of(cls, channel: str, variant: Variant) -> Self:
        """Return a variant as the form shows it."""
        return cls(channel, message=variant.message, subject=variant.subject or "")


@dataclass(frozen=True, slots=True)
class StepForm:
    """A step's fields. `was` is its position in the sequence that is edited, empty for a new one.

    `id` stays the stored step's where nobody writes another. Lists are a line each. `media` and `header_kind` are kinds
    of media, `header_kind` also ``text``.
    """

    message: str = ""
    after: str = field(default="", kw_only=True)
    subject: str = field(default="", kw_only=True)
    html: str = field(default="", kw_only=True)
    window: str = field(default="", kw_only=True)
    holidays: str = field(default="", kw_only=True)
    media: str = field(default="", kw_only=True)
    media_url: str = field(default="", kw_only=True)
    media_filename: str = field(default="", kw_only=True)
    template: str = field(default="", kw_only=True)
    language: str = field(default="", kw_only=True)
    parameters: str = field(default="", kw_only=True)
    buttons: str = field(default="", kw_only=True)
    header_kind: str = field(default="", kw_only=True)
    header: str = field(default="", kw_only=True)
    header_filename: str = field(default="", kw_only=True)
    id: str = field(default="", kw_only=True)
    was: str = field(default="", kw_only=True)
    variants: tuple[VariantForm, ...] = field(default=(), kw_only=True)

    @classmethod
    def of(cls, step: Step, was: str = "") -> Self:
        """Return a step as the form shows it."""
        header = step.template.header if step.template else None
        own = cls(
            step.message,
            after=format_delay(step.wait),
            subject=step.subject or "",
            html=step.html or "",
            window=window_text(step.hours),
            holidays=holidays_text(step.hours),
            id=step.id or "",
            was=was,
            variants=tuple(VariantForm.of(*one) for one in sorted(step.variants.items())),
        )
        if step.media:
            own = replace(own, **_media_fields(step.media, "media", "media_url", "media_filename"))
        if step.template:
            given = step.template
            own = replace(own, template=given.name, language=given.language)
            own = replace(own, parameters="\n".join(given.parameters), buttons="\n".join(given.buttons))
        if isinstance(header, Media):
            own = replace(own, **_media_fields(header, "header_kind", "header", "header_filename"))
        return replace(own, header_kind=TEXT, header=header) if isinstance(header, str) else own

    @property
    def is_plain(self) -> bool:
        """Whether it is a message and a wait, and nothing else."""
        plain = StepForm(self.message, after=self.after, id=self.id, was=self.was)
        return self == plain

    def step(self, stored: Step | None) -> Step:
        """Return the step that is written; `stored` is what it was.

        Raises:
            InvalidInput: It cannot be one yet.
        """
        was = None if stored is None else StepForm.of(stored)
        kept = _Kept(self, was)
        return Step(
            kept.part(["message"], stored and stored.message, lambda: plain(self.message).strip()) or "",
            kept.part(["after"], stored and stored.wait, lambda: self.after.strip() or "0s") or "0s",
            subject=kept.part(["subject"], stored and stored.subject, lambda: self.subject.strip() or None),
            html=kept.part(["html"], stored and stored.html, lambda: plain(self.html).strip() or None),
            window=kept.part(
                ["window", "holidays"], stored and stored.hours, lambda: window_of(self.window, self.holidays)
            ),
            media=kept.part(["media", "media_url", "media_filename"], stored and stored.media, self._media),
            template=kept.part(_TEMPLATE, stored and stored.template, self._template),
            variants=kept.part(["variants"], stored and stored.variants, self._variants) or {},
            id=self.id.strip() or (stored and stored.id) or None,
        )

    def _media(self) -> Media | None:
        return _media_of(self.media, self.media_url, self.media_filename)

    def _template(self) -> Template | None:
        name = self.template.strip()
        if not name:
            if any(getattr(self, other).strip() for other in _TEMPLATE[2:]):
                raise InvalidSequence("The template has no name: write the provider's, or empty its other fields.")
            return None
        is_text = self.header_kind in {"", TEXT}
        medium = None if is_text else _media_of(self.header_kind, self.header, self.header_filename)
        return Template(
            name,
            language=self.language.strip() or "en",
            parameters=list(lines(self.parameters)),
            header=(self.header.strip() or None) if is_text else medium,
            buttons=list(lines(self.buttons)),
        )

    def _variants(self) -> dict[str, Variant]:
        """Return the words for other channels; a row without a channel and words is none."""
        written = [one for one in self.variants if one.channel.strip() or one.message.strip()]
        if any(not one.channel.strip() for one in written):
            raise InvalidSequence("Words for another channel name none: choose the channel, or empty them.")
        return {
            one.channel.strip(): Variant(plain(one.message).strip(), subject=one.subject.strip() or None)
            for one in written
        }


_TEMPLATE = ["template", "language", "parameters", "buttons", "header_kind", "header", "header_filename"]

STEP_FIELDS = tuple(one.name for one in fields(StepForm) if one.name != "variants")
"""The fields of a step that are one text each."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """Tells which parts of a form still say what is stored."""

    now: StepForm
    was: StepForm | None

    def part(self, names: list[str], stored: T, read: Callable[[], T]) -> T:
        """Return what is stored where these fields say the same, else what is read from them."""
        was = self.was
        if was is not None and all(_said(self.now, name) == _said(was, name) for name in names):
            return stored
        return read()


def _said(form: StepForm, name: str) -> object:
    """Return what a field says, whatever a browser made of its line breaks."""
    if name == "variants":
        rows = [(one.channel, one.message, one.subject) for one in form.variants]
        return [tuple(plain(text).strip() for text in row) for row in rows if any(row)]
    return plain(getattr(form, name)).strip()


def plain(text: str) -> str:
    """Return a text with plain line breaks, as it is stored."""
    return text.replace("\r\n", "\n").replace("\r", "\n")


def lines(text: str) -> Iterator[str]:
    """Yield the lines of a list that are not empty."""
    yield from filter(None, (line.strip() for line in plain(text).split("\n")))


def window_text(window: SendWindow | None) -> str:
    """Return the hours of a window as a person writes them."""
    return "" if window is None else window.written


def holidays_text(window: SendWindow | None) -> str:
    """Return the holidays of a window as a person writes them."""
    return "" if window is None else "; ".join(window.holidays_written)


def window_of(hours: str, holidays: str) -> SendWindow | None:
    """Return the window that is written, if one is.

    Raises:
        InvalidWindow: It cannot be read.
    """
    days = holidays.replace(",", ";").strip("; ")
    if not hours.strip() and not days:
        return None
    return SendWindow.read(hours.strip() or ANY_HOUR, days or None)


def _media_fields(media: Media, kind: str, url: str, filename: str) -> dict[str, str]:
    return {kind: str(media.kind), url: media.url, filename: media.filename or ""}


def _media_of(kind: str, url: str, filename: str) -> Media | None:
    """Return what is shown, if anything is.

    Raises:
        InvalidSequence: An address is given and not what it is of, or the other way round.
    """
    if not kind.strip() and not url.strip():
        return None
    if not kind.strip() or not url.strip():
        raise InvalidSequence("What is shown needs a kind and an address: give both, or neither.")
    name = filename.strip() or None
    return Media(kind.strip(), url.strip(), filename=name if kind.strip() == MediaKind.DOCUMENT else None)
