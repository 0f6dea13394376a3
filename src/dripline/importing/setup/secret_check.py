"""Secrets have no place in setup files: what is applied is kept in the database, and shown."""

from typing import cast

from dripline.core.secret import kind_of_secret, shown_key
from dripline.errors import InvalidFile


def refuse_secrets(place: str, document: object, seen: set[int] | None = None) -> None:
    """Refuse a document that holds what looks like a provider's secret, wherever it stands.

    Raises:
        InvalidFile: Names the place and the kind of secret; never the secret.
    """
    seen = set() if seen is None else seen
    # What aliases share is looked at once, so that no file takes long by repeating itself.
    if id(document) in seen:
        return
    seen.add(id(document))
    match document:
        case dict():
            for key, value in cast("dict[str, object]", document).items():
                _refuse(place, key)
                refuse_secrets(f"{place}, key {shown_key(key)}", value, seen)
        case list():
            for number, value in enumerate(cast("list[object]", document), start=1):
                refuse_secrets(f"{place} {number}", value, seen)
        case str():
            _refuse(place, document)
        case _:
            return


def _refuse(place: str, text: str) -> None:
    kind = kind_of_secret(text)
    if kind is not None:
        raise InvalidFile(
            f"{place}: This looks like {kind}, and files hold no secrets: take it out, and set it in the environment, "
            "such as DRIPLINE_WHATSAPP_TOKEN."
        )
