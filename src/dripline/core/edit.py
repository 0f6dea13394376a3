"""What differs between two versions of a sequence's steps, and where a lead that stands in the old one would go on.

Steps are matched by their texts. A lead keeps its place: it goes on after the last step that it has had, whatever was
put in or taken out before that, and never gets a text again that it has had.
"""

from collections import Counter
from collections.abc import Iterator
from collections.abc import Sequence as Listing
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from enum import StrEnum

from dripline.core.model import Step
from dripline.core.schedule import format_delay
from dripline.core.window import SendWindow
from dripline.errors import InvalidSequence

Text = tuple[str, str | None]
"""A step's message and subject."""


class Reach(StrEnum):
    """Whom a new version reaches.

    `NEW`: who enrolls from now on. `NOT_YET`: also those in flight that have a change ahead of them and wait for none.
    `ALL`: also those whose next step is changed.
    """

    NEW = "new"
    NOT_YET = "not_yet"
    ALL = "all"


class Place(StrEnum):
    """Where a lead stands to a change: its next step comes before it, is changed by it, or comes after it."""

    BEFORE = "before"
    AT = "at"
    PAST = "past"


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that differs, in words. `old` and `new` are the step's positions, None where that version lacks it."""

    told: str
    old: int | None = field(kw_only=True)
    new: int | None = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Edit:
    """How one version's steps become another's. `pairs`: positions of the steps that both have, in order."""

    old: tuple[Step, ...]
    new: tuple[Step, ...]
    pairs: tuple[tuple[int, int], ...] = field(kw_only=True)
    changes: tuple[Change, ...] = field(kw_only=True)

    def first_step(self, standing: int) -> int:
        """Return where a lead goes on whose next step is `standing`: past the new version's end if nothing is left."""
        return max((new for old, new in self.pairs if old < standing), default=0) + 1

    def place(self, change: Change, standing: int) -> Place:
        """Return where a lead whose next step is `standing` stands to a change."""
        if change.old is not None:
            return _place(standing, change.old)
        assert change.new is not None
        return _place(self.first_step(standing), change.new)

    def repeats(self, standing: int) -> bool:
        """Return whether a lead that went over would get a text again, oftener than the new version has it."""
        had = Counter(map(text_of, self.old[: standing - 1]))
        left = Counter(map(text_of, self.new[self.first_step(standing) - 1 :]))
        whole = Counter(map(text_of, self.new))
        return any(left[text] and had[text] + left[text] > whole[text] for text in had)

    def concerns(self, standing: int, reach: Reach) -> bool:
        """Return whether a lead whose next step is `standing` is among those that a new version reaches."""
        places = {self.place(change, standing) for change in self.changes}
        match reach:
            case Reach.NEW:
                return False
            case Reach.NOT_YET:
                return Place.BEFORE in places and Place.AT not in places
            case Reach.ALL:
                return not places <= {Place.PAST}


def reach_of(written: Reach | str) -> Reach:
    """Read a reach as a person writes it.

    Raises:
        InvalidSequence: It is none of the three.
    """
    try:
        return Reach(written.strip().lower().replace("-", "_"))
    except ValueError:
        raise InvalidSequence(f"The reach is {written[:40]!r}: write new, not-yet or all.") from None


def text_of(step: Step) -> Text:
    """Return what a step says: by this it is the same step in two versions."""
    return step.message, step.subject


def content_of(step: Step) -> tuple[object, ...]:
    """Return what a step sends beside its text."""
    return step.html, step.media, step.template, tuple(sorted(step.variants.items()))


def correctable(step: Step) -> tuple[Text, SendWindow | None, tuple[object, ...]]:
    """Return what may be corrected of a step within its version: it is looked up when the step goes."""
    return text_of(step), step.hours, content_of(step)


def settings_of(step: Step) -> dict[str, str]:
    """Return, in words, what a version fixes of a step."""
    return {"wait": format_delay(step.wait)}


def align(old: Listing[Step], new: Listing[Step], known: frozenset[Text] = frozenset()) -> Edit:
    """Match the steps of two versions by their texts, and say what differs.

    Where as many steps were rewritten as there were, and none of their texts is in both versions, they are matched by
    their place: those are corrected texts. A text that is in both was moved, and its step is a new one there; so is one
    whose text is `known` from some other version, where leads may have had it.
    """
    pairs: list[tuple[int, int]] = []
    changes: list[Change] = []
    before, after = [text_of(step) for step in old], [text_of(step) for step in new]
    in_both = (set(before) | known) & set(after)
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    for tag, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        gone, come = range(old_start + 1, old_end + 1), range(new_start + 1, new_end + 1)
        moved = in_both.intersection(before[old_start:old_end] + after[new_start:new_end])
        if tag == "equal" or (len(gone) == len(come) and not moved):
            both = list(zip(gone, come, strict=True))
            pairs += both
            changes += (change for at in both for change in _changed_settings(old, new, *at))
        else:
            changes += (Change(f"step {at} is removed", old=at, new=None) for at in gone)
            changes += (Change(f"step {at} is new, {_after(new[at - 1])}", old=None, new=at) for at in come)
    return Edit(tuple(old), tuple(new), pairs=tuple(pairs), changes=tuple(changes))


def _changed_settings(old: Listing[Step], new: Listing[Step], was: int, becomes: int) -> Iterator[Change]:
    before, after = settings_of(old[was - 1]), settings_of(new[becomes - 1])
    which = f"step {was}" if was == becomes else f"step {was}, now {becomes}"
    for name in after:
        if before[name] != after[name]:
            yield Change(f"{which}: {name} {before[name]} → {after[name]}", old=was, new=becomes)


def _after(step: Step) -> str:
    return f"{format_delay(step.wait)} after the one before"


def _place(standing: int, changed: int) -> Place:
    if standing < changed:
        return Place.BEFORE
    return Place.AT if standing == changed else Place.PAST
