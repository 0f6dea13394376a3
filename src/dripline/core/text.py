"""What counts as text: everything a database and a provider can take."""


def is_text(value: str) -> bool:
    """Return whether `value` holds no NUL character and no half of a surrogate pair."""
    if value.isascii():
        return "\x00" not in value
    return "\x00" not in value and not any("\ud800" <= character <= "\udfff" for character in value)


def as_text(value: object, limit: int) -> str:
    """Return what somebody else's program answered as text that can be stored, cut at `limit` characters."""
    return str(value).replace("\x00", "").encode("utf-8", "replace").decode()[:limit]
