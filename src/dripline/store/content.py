"""What a step has beside its words and its time, as the column ``content`` of ``steps`` holds it: JSON.

It follows the fields of `Content`, so that a new one of a plain kind needs no line here.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import lru_cache
from typing import Any, cast

from dripline.core.sequences.content import Content, Media, Template, Variant
from dripline.core.sequences.plain_values import default_of, plain

# What JSON holds has no type that a checker could know; `written_content` wrote it.
Held = dict[str, Any]


@lru_cache(maxsize=4_096)
def read_content(text: str) -> Content:
    """Read what `written_content` wrote; steps are few, so that a batch makes each once."""
    if text == "{}":
        return Content()
    held: Held = json.loads(text)
    known = {one.name for one in fields(Content)}
    found: Held = {name: value for name, value in held.items() if name in known}
    return Content(**(found | {name: read(found[name]) for name, read in _READ.items() if name in found}))


def content_of(step: Content) -> Mapping[str, Any]:
    """Return what a step has beside its words and its time, by the names of the fields."""
    return {one.name: getattr(step, one.name) for one in fields(Content)}


def written_content(step: Content) -> str:
    """Write what a step has beside its words and its time; the same content is always the same text."""
    held: dict[str, object] = {}
    for one in fields(Content):
        value: object = getattr(step, one.name)
        if value != default_of(one):
            held[one.name] = plain(value)
    if "variants" in held:
        held["variants"] = plain(dict(sorted(step.variants.items())))
    return json.dumps(held, ensure_ascii=False)


def _media(held: Held) -> Media:
    return Media(held["kind"], held["url"], filename=held["filename"])


def _template(held: Held) -> Template:
    header: object = held["header"]
    given: Held = {**held, "header": _media(cast("Held", header)) if isinstance(header, dict) else header}
    return Template(**given)


def _variants(held: Held) -> dict[str, Variant]:
    return {name: Variant(one["message"], subject=one["subject"]) for name, one in held.items()}


_READ: Mapping[str, Callable[[Any], Any]] = {"media": _media, "template": _template, "variants": _variants}
"""How the fields are read that are more than a text, a number, or yes or no."""
