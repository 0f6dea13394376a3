"""Sources of leads: a website's form, or a program, that hands leads in by posts of its own to `/intake/NAME`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from dripline.core.leads.attribute import ATTRIBUTE_LIMIT, attribute_name
from dripline.core.leads.trigger import normalize_trigger
from dripline.core.text import is_text
from dripline.errors import InvalidSource

SOURCES_LIMIT = 100
"""The most sources there may be."""

TRIGGERS_LIMIT = 50
"""The most triggers that a source gives."""

URL_LIMIT = 2_000

SIGNED_FOR = timedelta(minutes=5)
"""How far the time of a signed post may lie from now."""

_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class LeadSource:
    """Who hands leads in. `triggers` are given to each of them; others it may name only if `names_triggers`.

    `attributes`: what is kept of a lead beside its own fields. `return_url`: where a browser goes after a form.
    """

    id: int
    name: str = field(kw_only=True)
    triggers: tuple[str, ...] = field(kw_only=True)
    names_triggers: bool = field(kw_only=True)
    attributes: tuple[str, ...] = field(kw_only=True)
    return_url: str | None = field(kw_only=True)
    created_at: datetime = field(kw_only=True)
    used_at: datetime | None = field(kw_only=True)
    taken: int = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class NewSource:
    """A source and what it proves itself by, told this once: its `key` in the URL, or posts signed with `secret`.

    There is no `secret` where nothing is set that secrets are made of.
    """

    source: LeadSource
    key: str = field(kw_only=True, repr=False)
    secret: str | None = field(kw_only=True, repr=False)


def checked_source_name(written: str) -> str:
    """Return the name of a source, which is a part of its URL.

    Raises:
        InvalidSource: It cannot be one.
    """
    name = written.strip().lower()
    if not _NAME.fullmatch(name):
        raise InvalidSource("The name of a source has 1 to 40 letters, digits and hyphens: write one such as website.")
    return name


def checked_source_triggers(written: Iterable[str]) -> tuple[str, ...]:
    """Return the triggers of a source, each once.

    Raises:
        InvalidSource: They are too many.
        InvalidTrigger: One cannot be a trigger.
    """
    return _each_once(map(normalize_trigger, written), f"gives at most {TRIGGERS_LIMIT} triggers", TRIGGERS_LIMIT)


def checked_attributes(written: Iterable[str]) -> tuple[str, ...]:
    """Return the names of the attributes that are kept, in their stored form, each once.

    Raises:
        InvalidSource: They are too many.
        InvalidLead: One cannot name an attribute.
    """
    return _each_once(map(attribute_name, written), f"keeps at most {ATTRIBUTE_LIMIT} attributes", ATTRIBUTE_LIMIT)


def checked_return_url(written: str | None) -> str | None:
    """Return where a browser goes after a form; None if nothing is written.

    Raises:
        InvalidSource: It is no web page's address.
    """
    url = (written or "").strip()
    if not url:
        return None
    try:
        parts = urlsplit(url)
        host, login = parts.hostname, parts.username
    except ValueError:
        host, login, parts = None, None, urlsplit("")
    is_plain = is_text(url) and url.isprintable() and len(url) <= URL_LIMIT and not {" ", "\\"} & set(url)
    if parts.scheme not in {"http", "https"} or not host or login is not None or not is_plain:
        raise InvalidSource(
            f"The page after the form cannot be used: write https://host/path, {URL_LIMIT} letters at most."
        )
    return url


def _each_once(words: Iterable[str], what: str, limit: int) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(words))
    if len(found) > limit:
        raise InvalidSource(f"A source {what}: leave some out.")
    return found
