"""What a step has beside its text, as a person writes it: keys that name a medium, and short forms."""

from typing import Any

from pydantic import BaseModel, ValidationError

from dripline.core.sequences.content import MediaKind
from dripline.errors import InvalidFile
from dripline.importing.setup.as_text import OptionalText, as_text, given_by
from dripline.importing.setup.schema_errors import sentence
from dripline.schema.sequence import MediaSchema, TemplateSchema, VariantSchema

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


MEDIA_KEYS: dict[str, Any] = dict.fromkeys((*MediaKind, "filename"), (OptionalText, None))
"""The keys that name a medium: at most one of image, video and document."""

TEMPLATE_KEYS = as_text(TemplateSchema, header=(OptionalText, None), **MEDIA_KEYS)
_VARIANT_KEYS = as_text(VariantSchema)


def media_of(place: str, given: dict[str, Any]) -> MediaSchema | None:
    """Take the medium out of the keys of a step, or of a template; None if they name none.

    Raises:
        InvalidFile: Several are named, or a file name without a document.
    """
    filename = given.pop("filename", None)
    named = {kind: url for kind in MediaKind if (url := given.pop(kind.value, None)) is not None}
    if len(named) > 1:
        raise InvalidFile(f"{place}: One message shows one thing: keep one of {', '.join(named)}.")
    if filename is not None and MediaKind.DOCUMENT not in named:
        raise InvalidFile(f"{place}: Only a document has a filename: add {EXAMPLES['document']}, or leave it out.")
    return next(
        (MediaSchema.unchecked({"kind": one, "url": url, "filename": filename}) for one, url in named.items()), None
    )


def template_of(place: str, document: object) -> TemplateSchema | None:
    """Return a template as a step names it: its name alone, or its keys; None if none.

    Raises:
        InvalidFile: A key is wrong, or the header is said twice.
    """
    if document is None:
        return None
    where = f"{place}, template"
    keys = {"name": document} if isinstance(document, str) else document
    given = given_by(_checked(where, TEMPLATE_KEYS, keys, "template"), TemplateSchema)
    shown = media_of(where, given)
    if shown is not None and given.get("header") is not None:
        raise InvalidFile(f"{where}: A header is a text or a medium: keep one of header and {shown.kind}.")
    return TemplateSchema.unchecked(given | ({} if shown is None else {"header": shown}))


def variants_of(place: str, documents: dict[str, object]) -> dict[str, VariantSchema]:
    """Return the words of a step by channel: its message alone, or its keys.

    Raises:
        InvalidFile: A key is wrong.
    """
    variants: dict[str, VariantSchema] = {}
    for channel, document in documents.items():
        keys = {"message": document} if isinstance(document, str) else document
        text = _checked(f"{place}, variants, {channel[:40]}", _VARIANT_KEYS, keys, "variants")
        variants[channel] = VariantSchema.unchecked(given_by(text, VariantSchema))
    return variants


def _checked(place: str, model: type[BaseModel], keys: object, key: str) -> BaseModel:
    if not isinstance(keys, dict):
        raise InvalidFile(f"{place}: This is the wrong kind of value: write {EXAMPLES[key]}.")
    try:
        return model.model_validate(keys)
    except ValidationError as error:
        raise InvalidFile(sentence(place, error, model, EXAMPLES)) from None  # its own text would repeat the file
