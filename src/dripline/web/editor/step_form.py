"""A step as the editor's form holds it: nothing but text, half-written or not.

Browsers turn line breaks into others and drop some of them. What still says the same as the stored step therefore stays
what is stored, to the letter, so that whoever opens an editor and publishes has changed nothing.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import Field, dataclass, field, fields, replace
from datetime import timedelta
from typing import Any, Self

from dripline.core.sequences.content import Media, MediaKind, Template, Variant
from dripline.core.sequences.sequence import Step
from dripline.core.time.schedule import format_delay
from dripline.core.time.send_window import SendWindow
from dripline.errors import InvalidSequence
from dripline.schema.sequence import ANY_HOUR

TEXT = "text"
"""What the header of a template is that is no medium."""

YES = "yes"
"""What the box of a yes or no holds that is ticked."""


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


_MEDIA = ("media", "media_url", "media_filename")

_TEMPLATE = ("template", "language", "parameters", "buttons", "header_kind", "header", "header_filename")

_PARTS = {"window": ("window", "holidays"), "media": _MEDIA, "template": _TEMPLATE, "variants": ("variants",)}
"""The fields of a step that have several in the form; each of the others has the one of its name."""

STEP_FIELDS = (
    *(name for one in fields(Step) for name in _PARTS.get(one.name, [one.name]) if name != "variants"),
    "was",
)
"""The fields of a step in the form that are one text each."""

_PLACED = {*_MEDIA, *_TEMPLATE, "message", "after", "subject", "html", "window", "holidays", "id", "was"}

FURTHER = tuple(one for one in fields(Step) if one.name in {*STEP_FIELDS} - _PLACED)
"""The fields of a step that have no place of their own on the page: they stand in a row."""


@dataclass(frozen=True, slots=True)
class StepForm:
    """A step's fields by name: `STEP_FIELDS`, each a text, and its other words.

    `was` is its position in the sequence that is edited, empty for a new one. `id` stays the stored step's where nobody
    writes another. Lists are a line each. `media` and `header_kind` are kinds of media, `header_kind` also ``text``.
    """

    texts: Mapping[str, str] = field(hash=False)
    variants: tuple[VariantForm, ...] = field(default=(), kw_only=True)

    def __getitem__(self, name: str) -> str:
        return self.texts[name]

    @classmethod
    def holding(cls, given: Mapping[str, str], variants: tuple[VariantForm, ...] = ()) -> Self:
        """Return a form with what is given; what is not is empty."""
        return cls({name: given.get(name, "") for name in STEP_FIELDS}, variants=variants)

    @classmethod
    def of(cls, step: Step, was: str = "") -> Self:
        """Return a step as the form shows it."""
        texts = {one.name: text_of(getattr(step, one.name)) for one in fields(Step) if one.name not in _PARTS}
        texts |= {"was": was, "window": window_text(step.hours), "holidays": holidays_text(step.hours)}
        if step.media:
            texts |= _media_texts(step.media, *_MEDIA)
        if step.template:
            texts |= _template_texts(step.template)
        return cls.holding(texts, tuple(VariantForm.of(*one) for one in sorted(step.variants.items())))

    def but(self, **texts: str) -> Self:
        """Return the form with other texts in some of its fields."""
        return replace(self, texts={**self.texts, **texts})

    @property
    def is_plain(self) -> bool:
        """Whether it is a message and a wait, and nothing else."""
        usual = {name: self[name] for name in ("message", "after", "id", "was")}
        return self == StepForm.holding(usual)

    def step(self, stored: Step | None) -> Step:
        """Return the step that is written; `stored` is what it was.

        Raises:
            InvalidInput: It cannot be one yet.
        """
        was = None if stored is None else StepForm.of(stored)
        unchanged = {one.name for one in fields(Step) if was is not None and self._says_as(was, one.name)}
        values: dict[str, Any] = {
            one.name: getattr(stored, one.name) if one.name in unchanged else self._read(one) for one in fields(Step)
        }
        values["id"] = self["id"].strip() or (stored.id if stored else None)
        return Step(**values)

    def _says_as(self, was: "StepForm", name: str) -> bool:
        return all(_said(self, part) == _said(was, part) for part in _PARTS.get(name, (name,)))

    def _read(self, one: "Field[Any]") -> object:
        return _READERS[one.name](self) if one.name in _READERS else read_text(one, self[one.name])


def _message(form: StepForm) -> str:
    return plain(form["message"]).strip()


def _after(form: StepForm) -> str:
    return form["after"].strip() or "0s"


def _window(form: StepForm) -> SendWindow | None:
    return window_of(form["window"], form["holidays"])


def _media(form: StepForm) -> Media | None:
    return _media_of(*(form[name] for name in _MEDIA))


def _template(form: StepForm) -> Template | None:
    name = form["template"].strip()
    if not name:
        if any(form[other].strip() for other in _TEMPLATE[2:]):
            raise InvalidSequence("The template has no name: write the provider's, or empty its other fields.")
        return None
    is_text = form["header_kind"] in {"", TEXT}
    medium = None if is_text else _media_of(form["header_kind"], form["header"], form["header_filename"])
    return Template(
        name,
        language=form["language"].strip() or "en",
        parameters=list(lines(form["parameters"])),
        header=(form["header"].strip() or None) if is_text else medium,
        buttons=list(lines(form["buttons"])),
    )


def _variants(form: StepForm) -> dict[str, Variant]:
    """Return the words for other channels; a row without a channel and words is none."""
    written = [one for one in form.variants if one.channel.strip() or one.message.strip()]
    if any(not one.channel.strip() for one in written):
        raise InvalidSequence("Words for another channel name none: choose the channel, or empty them.")
    return {
        one.channel.strip(): Variant(plain(one.message).strip(), subject=one.subject.strip() or None) for one in written
    }


_READERS: Mapping[str, Callable[[StepForm], object]] = {
    "message": _message,
    "after": _after,
    "window": _window,
    "media": _media,
    "template": _template,
    "variants": _variants,
}
"""How the fields are read that are more than a text that may be left out, or yes or no."""


def _said(form: StepForm, name: str) -> object:
    """Return what a field says, whatever a browser made of its line breaks."""
    if name == "variants":
        rows = [(one.channel, one.message, one.subject) for one in form.variants]
        return [tuple(plain(text).strip() for text in row) for row in rows if any(row)]
    return plain(form[name]).strip()


def text_of(value: object) -> str:
    """Return a value as a field of a form holds it."""
    match value:
        case None | False:
            return ""
        case True:
            return YES
        case timedelta():
            return format_delay(value)
        case _:
            return str(value)


def read_text(one: "Field[Any]", text: str) -> object:
    """Return what a field of a form says: yes or no, or a text, or that there is none."""
    return bool(text.strip()) if one.type is bool else plain(text).strip() or None


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


def _media_texts(media: Media, kind: str, url: str, filename: str) -> dict[str, str]:
    return {kind: str(media.kind), url: media.url, filename: media.filename or ""}


def _template_texts(template: Template) -> dict[str, str]:
    header = template.header
    texts = {
        "template": template.name,
        "language": template.language,
        "parameters": "\n".join(template.parameters),
        "buttons": "\n".join(template.buttons),
    }
    if isinstance(header, Media):
        return texts | _media_texts(header, "header_kind", "header", "header_filename")
    return texts if header is None else texts | {"header_kind": TEXT, "header": header}


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
