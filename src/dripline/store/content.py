"""What a step sends beside its text, as the column ``content`` of ``steps`` holds it: JSON of what is there."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, cast

from dripline.core.sequences.content import Media, Template, Variant
from dripline.core.sequences.sequence import Step


@dataclass(frozen=True, slots=True)
class Content:
    """What a step sends beside its text."""

    html: str | None = field(default=None, kw_only=True)
    media: Media | None = field(default=None, kw_only=True)
    template: Template | None = field(default=None, kw_only=True)
    variants: Mapping[str, Variant] = field(default_factory=dict[str, Variant], kw_only=True, hash=False)


@lru_cache(maxsize=4_096)
def read_content(text: str) -> Content:
    """Read what `written_content` wrote; steps are few, so that a batch makes none anew."""
    if text == "{}":
        return Content()
    held = json.loads(text)
    return Content(
        html=held.get("html"),
        media=None if "media" not in held else _media(held["media"]),
        template=None if "template" not in held else _template(held["template"]),
        variants={name: _variant(variant) for name, variant in held.get("variants", {}).items()},
    )


def written_content(step: Step) -> str:
    """Write what a step sends beside its text; the same content is always the same text."""
    held: dict[str, object] = {}
    if step.html is not None:
        held["html"] = step.html
    if step.media is not None:
        held["media"] = _media_json(step.media)
    if step.template is not None:
        held["template"] = _template_json(step.template)
    if step.variants:
        held["variants"] = {
            name: {"message": variant.message, "subject": variant.subject}
            for name, variant in sorted(step.variants.items())
        }
    return json.dumps(held, ensure_ascii=False)


def _media_json(media: Media) -> dict[str, object]:
    return {"kind": str(media.kind), "url": media.url, "filename": media.filename}


def _template_json(template: Template) -> dict[str, object]:
    header = template.header
    return {
        "name": template.name,
        "language": template.language,
        "parameters": list(template.parameters),
        "header": _media_json(header) if isinstance(header, Media) else header,
        "buttons": list(template.buttons),
    }


# What JSON holds has no type that a checker could know; `written_content` wrote it.


def _media(held: dict[str, Any]) -> Media:
    return Media(held["kind"], held["url"], filename=held["filename"])


def _template(held: dict[str, Any]) -> Template:
    header = held["header"]
    return Template(
        held["name"],
        language=held["language"],
        parameters=held["parameters"],
        header=_media(cast("dict[str, Any]", header)) if isinstance(header, dict) else header,
        buttons=held["buttons"],
    )


def _variant(held: dict[str, Any]) -> Variant:
    return Variant(held["message"], subject=held["subject"])
