"""A sequence as the editor's form holds it: nothing but text, half-written or not, read from what was posted."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Self

from dripline.core.sequences.policy import Policy
from dripline.core.sequences.sequence import DEFAULT_CHANNEL, STEP_LIMIT, Sequence, Step
from dripline.errors import InvalidInput, InvalidSequence
from dripline.web.editor.step_form import (
    STEP_FIELDS,
    StepForm,
    VariantForm,
    holidays_text,
    lines,
    plain,
    read_text,
    text_of,
    window_of,
    window_text,
)

FULL_STEPS = 40
"""Up to how many steps each is shown with all its fields: a browser's form has at most a thousand."""

STEPS_LIMIT = 250
"""How many steps can be edited on a page."""

_SENDERS_AND_STEPS = {"senders", "steps"}

POLICY_FIELDS = tuple(one.name for one in fields(Policy))

OWN_FIELDS = (
    *(one.name for one in fields(Sequence) if one.name not in {*_SENDERS_AND_STEPS, "policy"}),
    *POLICY_FIELDS,
    "holidays",
)
"""The fields of a sequence that are one text each."""


@dataclass(frozen=True, slots=True)
class SequenceForm:
    """A sequence's fields by name: `OWN_FIELDS`, each a text, and its senders and steps.

    `variables` are a line each, ``niche: your exam``.
    """

    texts: Mapping[str, str] = field(hash=False)
    senders: tuple[str, ...] = field(default=(), kw_only=True)
    steps: tuple[StepForm, ...] = field(default=(), kw_only=True)

    def __getitem__(self, name: str) -> str:
        return self.texts[name]

    @property
    def name(self) -> str:
        """What it is called so far."""
        return self["name"]

    @classmethod
    def holding(
        cls, given: Mapping[str, str], *, senders: tuple[str, ...] = (), steps: tuple[StepForm, ...] = ()
    ) -> Self:
        """Return a form with what is given; what is not is empty."""
        return cls({name: given.get(name, "") for name in OWN_FIELDS}, senders=senders, steps=steps)

    @classmethod
    def of(cls, sequence: Sequence) -> Self:
        """Return a sequence as the form shows it."""
        texts = {name: text_of(getattr(sequence, name)) for name in OWN_FIELDS if hasattr(sequence, name)}
        texts |= {
            "variables": "\n".join(f"{name}: {text}" for name, text in sequence.variables.items()),
            "window": window_text(sequence.hours),
            "holidays": holidays_text(sequence.hours),
        }
        steps = tuple(StepForm.of(step, str(at)) for at, step in enumerate(sequence.steps, start=1))
        return cls.holding(texts | _policy_texts(sequence.policy), senders=tuple(sequence.senders), steps=steps)

    @classmethod
    def empty(cls) -> Self:
        """Return the form of a sequence that is yet to be written."""
        return cls.holding(
            {"channel": DEFAULT_CHANNEL, **_policy_texts(Policy())}, steps=(StepForm.holding({"after": "0s"}),)
        )

    @classmethod
    def posted(cls, given: Mapping[str, str], senders: tuple[str, ...]) -> Self:
        """Return what was posted, with plain line breaks; what was not is empty."""
        given = {name: plain(text) for name, text in given.items()}
        count = number_in(given.get("steps", ""))
        steps = tuple(_posted_step(given, f"step-{at}-") for at in range(1, min(count, STEP_LIMIT) + 1))
        return cls.holding(given, senders=senders, steps=steps)

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return what `as_json` wrote; what it did not know yet is empty.

        Raises:
            InvalidSequence: Something else wrote it.
        """
        try:
            return cls._from(json.loads(text))
        except (ValueError, TypeError, AttributeError) as error:
            raise InvalidSequence("The draft cannot be read: discard it, and write it anew.") from error

    @classmethod
    def _from(cls, held: dict[str, Any]) -> Self:
        return cls.holding(
            _texts_in(held),
            senders=tuple(map(str, held.get("senders", []))),
            steps=tuple(_step_from(dict(step)) for step in held.get("steps", [])),
        )

    def as_json(self) -> str:
        """Return the form as a draft keeps it."""
        steps = [{**step.texts, "variants": [asdict(one) for one in step.variants]} for step in self.steps]
        return json.dumps({**self.texts, "senders": self.senders, "steps": steps}, ensure_ascii=False)

    def but(self, **texts: str) -> Self:
        """Return the form with other texts in some of its fields."""
        return replace(self, texts={**self.texts, **texts})

    def sequence(self, stored: Sequence | None) -> Sequence:
        """Return the sequence that is written; `stored` is what it was.

        Raises:
            InvalidInput: It cannot be one yet; the sentence names the step, if it is one's.
        """
        return self.with_steps(self.steps_as_written(stored), stored)

    def with_steps(self, steps: tuple[Step, ...], stored: Sequence | None) -> Sequence:
        """Return the sequence that is written, with these steps.

        Raises:
            InvalidInput: It cannot be one yet.
        """
        was = None if stored is None else SequenceForm.of(stored)
        same_window = was is not None and (self["window"], self["holidays"]) == (was["window"], was["holidays"])
        same_variables = was is not None and plain(self["variables"]).strip() == plain(was["variables"]).strip()
        own: dict[str, Any] = {
            "name": self.name.strip(),
            "trigger": self["trigger"],
            "steps": steps,
            # Senders have a channel of their own.
            "channel": DEFAULT_CHANNEL if self.senders else self["channel"].strip() or DEFAULT_CHANNEL,
            "senders": _in_order(self.senders, stored),
            "variables": stored.variables if stored and same_variables else _variables(self["variables"]),
            "policy": self._policy(),
            "window": stored.hours if stored and same_window else window_of(self["window"], self["holidays"]),
        }
        others: dict[str, Any] = {
            one.name: read_text(one, self[one.name]) for one in fields(Sequence) if one.name not in own
        }
        return Sequence(**own, **others)

    def steps_as_written(self, stored: Sequence | None) -> tuple[Step, ...]:
        """Return the steps.

        Raises:
            InvalidSequence: One of them is none yet: names it.
        """
        steps: list[Step] = []
        for at, step in enumerate(self.steps, start=1):
            try:
                steps.append(step.step(stored_step(stored, step)))
            except InvalidInput as error:
                raise InvalidSequence(f"Step {at}: {error}") from error
        return tuple(steps)

    def changed(self, action: str) -> Self:
        """Return the form after one of its buttons: ``add``, ``add-2``, ``delete-2``, ``up-2``, ``down-2``."""
        verb, _, which = action.partition("-")
        at = number_in(which) if which else len(self.steps)
        steps = list(self.steps)
        if verb == "add":
            steps.insert(at, StepForm.holding({"after": "12h" if steps else "0s"}))
        elif 1 <= at <= len(steps):
            moved = steps.pop(at - 1)
            if verb != "delete":
                steps.insert(max(0, at - 2) if verb == "up" else at, moved)
        return replace(self, steps=tuple(steps))

    def _policy(self) -> Policy:
        written = {name: self[name].strip() for name in POLICY_FIELDS}
        return Policy(**{name: text for name, text in written.items() if text})


def number_in(text: str) -> int:
    """Return the number that a field of ours holds, at most `STEP_LIMIT`; 0 where it holds none."""
    return min(int(text), STEP_LIMIT) if text.isdecimal() and len(text) <= len(str(STEP_LIMIT)) else 0


def stored_step(stored: Sequence | None, form: StepForm) -> Step | None:
    """Return the step that a form was filled from, if there is one."""
    at = number_in(form["was"])
    return stored.steps[at - 1] if stored is not None and 1 <= at <= len(stored.steps) else None


def _in_order(senders: tuple[str, ...], stored: Sequence | None) -> tuple[str, ...]:
    """Return senders in the order in which they are stored: boxes have one of their own."""
    was = () if stored is None else tuple(name for name in stored.senders if name in senders)
    return (*was, *(name for name in senders if name not in was))


def _policy_texts(policy: Policy) -> dict[str, str]:
    return {name: text_of(getattr(policy, name)) for name in POLICY_FIELDS}


def _texts_in(held: dict[str, Any]) -> dict[str, str]:
    return {name: str(text) for name, text in held.items()}


def _step_from(held: dict[str, Any]) -> StepForm:
    variants = tuple(VariantForm(**_texts_in(one)) for one in held.get("variants", []))
    return StepForm.holding(_texts_in(held), variants)


def _posted_step(given: Mapping[str, str], prefix: str) -> StepForm:
    rows = [f"{prefix}variant-{row}-" for row in range(1, number_in(given.get(f"{prefix}variants", "")) + 1)]
    rows_of = [
        VariantForm(
            given.get(f"{row}channel", ""),
            message=given.get(f"{row}message", ""),
            subject=given.get(f"{row}subject", ""),
        )
        for row in rows
    ]
    return StepForm.holding(
        {name: given.get(f"{prefix}{name}", "") for name in STEP_FIELDS},
        tuple(one for one in rows_of if one.channel or one.message or one.subject),
    )


def _variables(text: str) -> dict[str, str]:
    """Read what stands in for variables.

    Raises:
        InvalidSequence: A line has no colon, or a name stands twice.
    """
    found: dict[str, str] = {}
    for line in lines(text):
        name, colon, value = (part.strip() for part in line.partition(":"))
        if not colon or not name or name in found:
            raise InvalidSequence(f"The fallback {line[:60]!r} cannot be read: write niche: your exam, each once.")
        found[name] = value
    return found
