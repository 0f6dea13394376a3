"""What is known from before of the lists and the people that come in: who opens a list may ask a database for it."""

from collections.abc import Callable
from dataclasses import dataclass

from dripline.importing.column_meaning import Meanings


def _no_meanings(_names: tuple[str, ...]) -> Meanings | None:
    return None


def _unknown_phone(_phone: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class KnownBefore:
    """`meanings` returns what was said of a list with columns of these names; `has_phone` whether a lead has it."""

    meanings: Callable[[tuple[str, ...]], Meanings | None] = _no_meanings
    has_phone: Callable[[str], bool] = _unknown_phone


NOTHING_KNOWN = KnownBefore()
