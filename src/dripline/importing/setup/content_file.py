"""What a step sends beside its text, as a person writes it: a medium, a provider's template, other channels' words."""

from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from dripline.core.sequences.content import Media, MediaKind, Template, Variant
from dripline.errors import InvalidFile
from dripline.importing.setup.wrong_key import sentence

_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]

EXAMPLES = {
    "image": "image: https://shop.example.com/price.jpg",
    "video": "video: https://shop.example.com/tour.mp4",
    "document": "document: https://shop.example.com/price.pdf",
    "filename": "filename: Prices.pdf",
    "template": "template: warm_exama_1, or below it, indented, name, language and parameters",
    "variants": 'variants:, and below it, indented, a channel and its words: sms: "Hi {{ name }}"',
    "name": "name: warm_exama_1",
    "language": "language: en",
    "parameters": 'parameters: ["{{ name }}"]',
    "header": 'header: "{{ name }}"',
    "buttons": 'buttons: ["{{ code }}"]',
    "message": 'message: "Hi {{ name }}"',
    "subject": "subject: A word about your exam",
}


_Checked = TypeVar("_Checked", bound=BaseModel)


class MediaText(BaseModel):
    """The keys that name a medium: at most one of image, video and document."""

    model_config = ConfigDict(extra="forbid", strict=True)

    image: _Text | None = None
    video: _Text | None = None
    document: _Text | None = None
    filename: _Text | None = None


class _TemplateText(MediaText):
    name: _Text
    language: _Text = "en"
    parameters: list[_Text] = Field(default_factory=list[_Text])
    header: _Text | None = None
    buttons: list[_Text] = Field(default_factory=list[_Text])


class _VariantText(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    message: _Text
    subject: _Text | None = None


def media_of(place: str, text: MediaText) -> Media | None:
    """Return the medium that the keys of a step, or of a template, name; None if none.

    Raises:
        InvalidFile: Several are named, or a file name without a document.
        InvalidSequence: It is no address on the web.
    """
    named = {kind: url for kind in MediaKind if (url := getattr(text, kind.value)) is not None}
    if len(named) > 1:
        raise InvalidFile(f"{place}: One message shows one thing: keep one of {', '.join(named)}.")
    if text.filename is not None and MediaKind.DOCUMENT not in named:
        raise InvalidFile(f"{place}: Only a document has a filename: add {EXAMPLES['document']}, or leave it out.")
    return next((Media(kind, url, filename=text.filename) for kind, url in named.items()), None)


def template_of(place: str, document: object) -> Template | None:
    """Return a template as a step names it: its name alone, or its keys; None if none.

    Raises:
        InvalidFile: A key is wrong, or the header is said twice.
        InvalidSequence: The name or the language cannot be used.
    """
    if document is None:
        return None
    where = f"{place}, template"
    keys = {"name": document} if isinstance(document, str) else document
    text = _checked(where, _TemplateText, keys, "template")
    shown = media_of(where, text)
    if shown is not None and text.header is not None:
        raise InvalidFile(f"{where}: A header is a text or a medium: keep one of header and {shown.kind}.")
    return Template(
        text.name,
        language=text.language,
        parameters=text.parameters,
        header=shown if shown is not None else text.header,
        buttons=text.buttons,
    )


def variants_of(place: str, documents: dict[str, object]) -> dict[str, Variant]:
    """Return the words of a step by channel: its message alone, or its keys.

    Raises:
        InvalidFile: A key is wrong.
    """
    variants: dict[str, Variant] = {}
    for channel, document in documents.items():
        keys = {"message": document} if isinstance(document, str) else document
        text = _checked(f"{place}, variants, {channel[:40]}", _VariantText, keys, "variants")
        variants[channel] = Variant(text.message, subject=text.subject)
    return variants


def _checked(place: str, model: type[_Checked], keys: object, key: str) -> _Checked:
    if not isinstance(keys, dict):
        raise InvalidFile(f"{place}: This is the wrong kind of value: write {EXAMPLES[key]}.")
    try:
        return model.model_validate(keys)
    except ValidationError as error:
        raise InvalidFile(sentence(place, error, model, EXAMPLES)) from None  # its own text would repeat the file
