"""A message as WhatsApp's Cloud API wants it: text, a medium with its caption, or a template with its parameters.

Source: Meta, WhatsApp Cloud API, messages endpoint, as of 2026-09.
"""

from collections.abc import Iterator

from dripline.core.messages.message import Message
from dripline.core.sequences.content import Media, MediaKind, Template

TEXT_LIMIT = 4_096
"""The longest text that the Cloud API takes, in characters."""

CAPTION_LIMIT = 1_024
"""The longest text under a picture, a video or a document, in characters."""


def request_of(message: Message) -> dict[str, object]:
    """Return the body that asks for a message."""
    return {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": message.to,
        **_content(message),
        "biz_opaque_callback_data": str(message.record_id),
    }


def too_long(message: Message) -> str | None:
    """Say that a text is longer than the Cloud API takes; None if it is not."""
    if message.template is not None:
        return None
    limit = TEXT_LIMIT if message.media is None else CAPTION_LIMIT
    where = "" if message.media is None else f" under the {message.media.kind}"
    if len(message.text) <= limit:
        return None
    return f"the text{where} is longer than the {limit} characters that WhatsApp takes there"


def _content(message: Message) -> dict[str, object]:
    if message.template is not None:
        return {"type": "template", "template": _template(message.template)}
    if message.media is not None:
        return _medium(message.media, caption=message.text)
    return {"type": "text", "text": {"body": message.text}}


def _medium(media: Media, caption: str | None = None) -> dict[str, object]:
    held: dict[str, object] = {"link": media.url}
    if caption:
        held["caption"] = caption
    if media.kind is MediaKind.DOCUMENT and media.filename is not None:
        held["filename"] = media.filename
    return {"type": str(media.kind), str(media.kind): held}


def _template(template: Template) -> dict[str, object]:
    """Return a template; the policy is one that Meta's specification wants and its API does without."""
    language = {"policy": "deterministic", "code": template.language}
    return {"name": template.name, "language": language, "components": list(_components(template))}


def _components(template: Template) -> Iterator[dict[str, object]]:
    header = template.header
    if header is not None:
        yield {"type": "header", "parameters": [_medium(header) if isinstance(header, Media) else _text(header)]}
    if template.parameters:
        yield {"type": "body", "parameters": [_text(parameter) for parameter in template.parameters]}
    for index, button in enumerate(template.buttons):
        yield {"type": "button", "sub_type": "url", "index": str(index), "parameters": [_text(button)]}


def _text(text: str) -> dict[str, object]:
    """Return a parameter. Meta refuses line breaks, tabs and rows of blanks in one."""
    return {"type": "text", "text": " ".join(text.split())}
