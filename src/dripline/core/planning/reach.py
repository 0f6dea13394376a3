"""Whom a new version of a sequence reaches."""

from enum import StrEnum

from dripline.errors import InvalidSequence


class Reach(StrEnum):
    """Whom a new version reaches.

    `NEW`: who enrolls from now on. `NOT_YET`: also those in flight that have a change ahead of them and wait for none.
    `ALL`: also those whose next step is changed. `FINISHED`: also those who have finished, for what is appended.
    """

    NEW = "new"
    NOT_YET = "not_yet"
    ALL = "all"
    FINISHED = "finished"


def reach_of(written: Reach | str) -> Reach:
    """Read a reach as a person writes it.

    Raises:
        InvalidSequence: It is none of the four.
    """
    try:
        return Reach(written.strip().lower().replace("-", "_"))
    except ValueError:
        raise InvalidSequence(f"The reach is {written[:40]!r}: write new, not-yet, all or finished.") from None
