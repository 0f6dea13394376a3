"""Which step of an edited sequence is which step that it had: by its id, else by its text and its place.

A step keeps its id for as long as the sequence lives, through every correction and every move. Whoever writes ids says
which step is which. Where none is written, the steps are matched by likeness, surest first: the same text, the text of
a step that an older version had, a like text nearby, and a text rewritten in the same place.
"""

import hashlib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping
from collections.abc import Sequence as Listing
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher

from dripline.core.sequences.sequence import Step

LIKE = 0.6
"""How like two texts are, of 1, that are one step between the same neighbours."""

LIKE_ELSEWHERE = 0.75
"""How like two texts are, of 1, that are one step in different places or in distant versions."""

SUBJECT_SHARE = 0.25
"""How much of the likeness of two steps with subjects is that of their subjects."""

BY_LETTER = 400
"""Up to how many characters texts are compared letter by letter; longer ones word by word, which is fast enough."""

COMPARED_LIMIT = 5_000
"""How many pairs of steps are compared: an edit that leaves more of them open has made another sequence."""

Text = tuple[str, str | None]
"""A step's message and subject."""


@dataclass(frozen=True, slots=True)
class Identified:
    """The steps of an edited sequence, each with its id. `renamed`: ids that steps had, and what they are now."""

    steps: tuple[Step, ...]
    renamed: Mapping[str, str] = field(default_factory=dict[str, str], kw_only=True, hash=False)


def text_of(step: Step) -> Text:
    """Return what a step says."""
    return step.message, step.subject


def identify(stored: Listing[Step], wanted: Listing[Step], known: Mapping[str, Step]) -> Identified:
    """Give each of the wanted steps the id of the step that it is, and those that are new one of their own.

    `stored` is the newest version, `known` every step that the sequence ever had, by its id.
    """
    pairs = {at: of for at, step in enumerate(wanted) if (of := _position(stored, step.id)) is not None}
    pairs |= _same_texts(stored, wanted, _open(stored, wanted, pairs, known))
    written = {step.id for step in wanted}
    gone = {of: step for of, step in known.items() if of not in written and _position(stored, of) is None}
    again = _from_before(wanted, _open(stored, wanted, pairs, known), gone, 1.0)
    pairs |= _like_texts(stored, wanted, _open(stored, wanted, pairs, known, again), pairs)
    gone = {of: step for of, step in gone.items() if of not in again.values()}
    again |= _from_before(wanted, _open(stored, wanted, pairs, known, again), gone, LIKE_ELSEWHERE)
    pairs |= _same_places(wanted, _open(stored, wanted, pairs, known, again), pairs, len(stored))
    were = {at: stored[of].id for at, of in pairs.items()} | again
    return _named(wanted, were, known)


def identified(steps: Listing[Step]) -> tuple[Step, ...]:
    """Return the steps of a new sequence, each with its id."""
    return identify((), steps, {}).steps


def in_order(pairs: Mapping[int, int]) -> list[tuple[int, int]]:
    """Return the largest part of the pairs whose both sides rise; what is left out has moved."""
    ends: list[tuple[int, int]] = []
    before: dict[tuple[int, int], tuple[int, int] | None] = {}
    for pair in sorted(pairs.items()):
        place = bisect_left([second for _, second in ends], pair[1])
        before[pair] = ends[place - 1] if place else None
        ends[place:] = [pair, *ends[place + 1 :]]
    chain: list[tuple[int, int]] = []
    last = ends[-1] if ends else None
    while last is not None:
        chain.append(last)
        last = before[last]
    return chain[::-1]


@dataclass(frozen=True, slots=True)
class _Open:
    """The positions that are not matched yet, of the steps that are stored and of those that are wanted."""

    old: tuple[int, ...]
    new: tuple[int, ...]


def _open(
    stored: Listing[Step],
    wanted: Listing[Step],
    pairs: Mapping[int, int],
    known: Mapping[str, Step],
    again: Mapping[int, str] | None = None,
) -> _Open:
    matched = set(pairs.values())
    new = (at for at, step in enumerate(wanted) if at not in pairs and step.id not in known and at not in (again or {}))
    return _Open(tuple(at for at in range(len(stored)) if at not in matched), tuple(new))


def _position(steps: Listing[Step], step_id: str | None) -> int | None:
    return next((at for at, step in enumerate(steps) if step_id is not None and step.id == step_id), None)


def _same_texts(stored: Listing[Step], wanted: Listing[Step], left: _Open) -> dict[int, int]:
    """Match what says exactly the same: first in the order in which it stands, then wherever it went."""
    old, new = [text_of(stored[at]) for at in left.old], [text_of(wanted[at]) for at in left.new]
    pairs: dict[int, int] = {}
    for block in SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks():
        pairs |= {left.new[block.b + at]: left.old[block.a + at] for at in range(block.size)}
    rest: dict[Text, list[int]] = {}
    for at in left.old:
        if at not in pairs.values():
            rest.setdefault(text_of(stored[at]), []).append(at)
    for at in left.new:
        if at not in pairs and (places := rest.get(text_of(wanted[at]))):
            pairs[at] = places.pop(0)
    return pairs


def _from_before(wanted: Listing[Step], left: _Open, gone: Mapping[str, Step], least: float) -> dict[int, str]:
    """Match what an older version had, and the newest has not: it is put back."""
    if least < 1.0 and len(gone) * len(left.new) > COMPARED_LIMIT:
        return {}
    rest = dict(gone)
    found: dict[int, str] = {}
    for at in left.new:
        likeness = {step_id: _likeness(wanted[at], step, least) for step_id, step in rest.items()}
        best = max(likeness, key=likeness.__getitem__, default=None)
        if best is not None and likeness[best] >= least:
            found[at] = best
            del rest[best]
    return found


def _like_texts(stored: Listing[Step], wanted: Listing[Step], left: _Open, pairs: Mapping[int, int]) -> dict[int, int]:
    """Match like texts, the likest first: between the same neighbours what is like, elsewhere what is very like."""
    if len(left.old) * len(left.new) > COMPARED_LIMIT:
        return {}
    gap_of_new = {at: gap for gap, (_, new) in enumerate(_gaps(pairs, len(stored), len(wanted))) for at in new}
    gap_of_old = {at: gap for gap, (old, _) in enumerate(_gaps(pairs, len(stored), len(wanted))) for at in old}
    ranked: list[tuple[float, int, int, int]] = []
    for of in left.old:
        for at in left.new:
            least = LIKE if gap_of_old[of] == gap_of_new[at] else LIKE_ELSEWHERE
            likeness = _likeness(wanted[at], stored[of], least)
            if likeness >= least:
                ranked.append((-likeness, abs(of - at), of, at))
    found: dict[int, int] = {}
    for _, _, of, at in sorted(ranked):
        if at not in found and of not in found.values():
            found[at] = of
    return found


def _same_places(wanted: Listing[Step], left: _Open, pairs: Mapping[int, int], count: int) -> dict[int, int]:
    """Match what was rewritten between the same neighbours: as many steps as there were, and none with a new id."""
    old_open, new_open = set(left.old), set(left.new)
    found: dict[int, int] = {}
    for old, new in _gaps(pairs, count, len(wanted)):
        gone, come = [at for at in old if at in old_open], [at for at in new if at in new_open]
        if len(gone) == len(come) and not any(wanted[at].id for at in come):
            found |= dict(zip(come, gone, strict=True))
    return found


def _gaps(pairs: Mapping[int, int], old: int, new: int) -> Iterator[tuple[range, range]]:
    """Yield what lies between the pairs that stand in order: positions of the old steps, and of the new."""
    before_old = before_new = -1
    for at, of in (*in_order(pairs), (new, old)):
        yield range(before_old + 1, of), range(before_new + 1, at)
        before_old, before_new = of, at


def _likeness(one: Step, other: Step, least: float) -> float:
    """Return how like two steps are, from 0 to 1; 0 as well where they are less like than `least`."""
    if text_of(one) == text_of(other):
        return 1.0
    if least == 1.0:
        return 0.0
    if one.subject is None or other.subject is None:
        return _ratio(one.message, other.message, least)
    of_subjects = SUBJECT_SHARE * _ratio(one.subject, other.subject, 0.0)
    return of_subjects + (1 - SUBJECT_SHARE) * _ratio(one.message, other.message, least - of_subjects)


def _ratio(one: str, other: str, least: float) -> float:
    by_letter = max(len(one), len(other)) <= BY_LETTER
    matcher = SequenceMatcher(None, *((one, other) if by_letter else (one.split(), other.split())), autojunk=False)
    if matcher.real_quick_ratio() < least or matcher.quick_ratio() < least:
        return 0.0
    return matcher.ratio()


def _named(wanted: Listing[Step], were: Mapping[int, str | None], known: Mapping[str, Step]) -> Identified:
    """Give every step its id: the one that is written, the one that it had, or a new one."""
    ids = {*known, *filter(None, (step.id for step in wanted)), *filter(None, were.values())}
    steps: list[Step] = []
    renamed: dict[str, str] = {}
    for at, step in enumerate(wanted):
        had = were.get(at)
        step_id = step.id or had or _new_id(step, ids)
        if had is not None and had != step_id:
            renamed[had] = step_id
        ids.add(step_id)
        steps.append(replace(step, id=step_id))
    return Identified(tuple(steps), renamed=renamed)


def _new_id(step: Step, ids: Iterable[str]) -> str:
    """Make an id of six letters from what a step says, so that the same file means the same ids in every database."""
    used = set(ids)
    written = f"{step.subject}\n{step.message}"
    for number in range(len(used) + 1):
        digest = hashlib.sha256(f"{written}\n{number}".encode()).digest()
        found = "".join(chr(ord("a") + byte % 26) for byte in digest[:6])
        if found not in used:
            return found
    raise AssertionError(written)  # more ids than were tried cannot be taken
