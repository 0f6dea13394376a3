"""A sequence as the editor's form holds it: nothing but text, half-written or not, read from what was posted."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Self

from dripline.core.sequences.policy import Policy
from dripline.core.sequences.sequence import DEFAULT_CHANNEL, STEP_LIMIT, Sequence, Step
from dripline.core.time.schedule import format_delay
from dripline.errors import InvalidInput, InvalidSequence
from dripline.web.editor.step_form import (
    STEP_FIELDS,
    StepForm,
    VariantForm,
    holidays_text,
    lines,
    plain,
    window_of,
    window_text,
)

FULL_STEPS = 40
"""Up to how many steps each is shown with all its fields: a browser's form has at most a thousand."""

MOST_STEPS = 250
"""How many steps can be edited on a page."""

YES = "yes"


@dataclass(frozen=True, slots=True)
class SequenceForm:
    """A sequence's fields. `variables` are a line each, ``niche: your exam``."""

    name: str = ""
    trigger: str = field(default="", kw_only=True)
    channel: str = field(default=DEFAULT_CHANNEL, kw_only=True)
    variables: str = field(default="", kw_only=True)
    on_failure: str = field(default="", kw_only=True)
    on_unknown: str = field(default="", kw_only=True)
    unknown_after: str = field(default="", kw_only=True)
    when_late: str = field(default="", kw_only=True)
    late_grace: str = field(default="", kw_only=True)
    min_gap: str = field(default="", kw_only=True)
    on_reply: str = field(default="", kw_only=True)
    on_trigger_lost: str = field(default="", kw_only=True)
    re_entry: str = field(default="", kw_only=True)
    re_entry_gap: str = field(default="", kw_only=True)
    window: str = field(default="", kw_only=True)
    holidays: str = field(default="", kw_only=True)
    zone: str = field(default="", kw_only=True)
    goal: str = field(default="", kw_only=True)
    then: str = field(default="", kw_only=True)
    may_loop: str = field(default="", kw_only=True)
    group: str = field(default="", kw_only=True)
    cold: str = field(default="", kw_only=True)
    senders: tuple[str, ...] = field(default=(), kw_only=True)
    steps: tuple[StepForm, ...] = field(default=(), kw_only=True)

    @classmethod
    def of(cls, sequence: Sequence) -> Self:
        """Return a sequence as the form shows it."""
        return cls(
            sequence.name,
            trigger=sequence.trigger,
            channel=sequence.channel,
            variables="\n".join(f"{name}: {text}" for name, text in sequence.variables.items()),
            window=window_text(sequence.hours),
            holidays=holidays_text(sequence.hours),
            zone=sequence.zone or "",
            goal=sequence.goal or "",
            then=sequence.then or "",
            may_loop=YES if sequence.may_loop else "",
            group=sequence.group or "",
            cold=YES if sequence.cold else "",
            senders=tuple(sequence.senders),
            steps=tuple(StepForm.of(step, str(at)) for at, step in enumerate(sequence.steps, start=1)),
            **_policy_fields(sequence.policy),
        )

    @classmethod
    def empty(cls) -> Self:
        """Return the form of a sequence that is yet to be written."""
        return cls(steps=(StepForm(after="0s"),), **_policy_fields(Policy()))

    @classmethod
    def posted(cls, given: Mapping[str, str], senders: tuple[str, ...]) -> Self:
        """Return what was posted, with plain line breaks; what was not is empty."""
        given = {name: plain(text) for name, text in given.items()}
        many = number_in(given.get("steps", ""))
        own: dict[str, Any] = {name: given.get(name, "") for name in OWN_FIELDS}
        steps = tuple(_posted_step(given, f"step-{at}-") for at in range(1, min(many, STEP_LIMIT) + 1))
        return cls(**own, senders=senders, steps=steps)

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
        steps = [dict(step) for step in held.get("steps", [])]
        return cls(
            **{name: str(held[name]) for name in OWN_FIELDS if name in held},
            senders=tuple(map(str, held.get("senders", []))),
            steps=tuple(
                StepForm(
                    **{name: str(step[name]) for name in STEP_FIELDS if name in step},
                    variants=tuple(
                        VariantForm(**{name: str(text) for name, text in one.items()})
                        for one in step.get("variants", [])
                    ),
                )
                for step in steps
            ),
        )

    def as_json(self) -> str:
        """Return the form as a draft keeps it."""
        return json.dumps(asdict(self), ensure_ascii=False)

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
        same_window = was is not None and (self.window, self.holidays) == (was.window, was.holidays)
        same_variables = was is not None and plain(self.variables).strip() == plain(was.variables).strip()
        return Sequence(
            self.name.strip(),
            trigger=self.trigger,
            steps=steps,
            # Senders have a channel of their own.
            channel=DEFAULT_CHANNEL if self.senders else self.channel.strip() or DEFAULT_CHANNEL,
            senders=_in_order(self.senders, stored),
            variables=stored.variables if stored and same_variables else _variables(self.variables),
            policy=self._policy(),
            window=stored.hours if stored and same_window else window_of(self.window, self.holidays),
            zone=self.zone.strip() or None,
            goal=self.goal.strip() or None,
            then=self.then.strip() or None,
            may_loop=bool(self.may_loop),
            group=self.group.strip() or None,
            cold=bool(self.cold),
        )

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
            steps.insert(at, StepForm(after="12h" if steps else "0s"))
        elif 1 <= at <= len(steps):
            moved = steps.pop(at - 1)
            if verb != "delete":
                steps.insert(max(0, at - 2) if verb == "up" else at, moved)
        return replace(self, steps=tuple(steps))

    def _policy(self) -> Policy:
        written = {name: getattr(self, name).strip() for name in POLICY_FIELDS}
        return Policy(**{name: text for name, text in written.items() if text})


OWN_FIELDS = tuple(one.name for one in fields(SequenceForm) if one.name not in {"senders", "steps"})
"""The fields of a sequence that are one text each."""

POLICY_FIELDS = tuple(one.name for one in fields(Policy))


def number_in(text: str) -> int:
    """Return the number that a field of ours holds, at most `STEP_LIMIT`; 0 where it holds none."""
    return min(int(text), STEP_LIMIT) if text.isdecimal() and len(text) <= len(str(STEP_LIMIT)) else 0


def stored_step(stored: Sequence | None, form: StepForm) -> Step | None:
    """Return the step that a form was filled from, if there is one."""
    at = number_in(form.was)
    return stored.steps[at - 1] if stored is not None and 1 <= at <= len(stored.steps) else None


def _in_order(senders: tuple[str, ...], stored: Sequence | None) -> tuple[str, ...]:
    """Return senders in the order in which they are stored: boxes have one of their own."""
    was = () if stored is None else tuple(name for name in stored.senders if name in senders)
    return (*was, *(name for name in senders if name not in was))


def _policy_fields(policy: Policy) -> dict[str, Any]:
    spans = {"unknown_after": policy.hold, "late_grace": policy.grace, "re_entry_gap": policy.between_runs}
    told = {name: str(getattr(policy, name)) for name in POLICY_FIELDS if name not in {*spans, "min_gap"}}
    told |= {name: format_delay(span) for name, span in spans.items()}
    return told | {"min_gap": "" if policy.gap is None else format_delay(policy.gap)}


def _posted_step(given: Mapping[str, str], prefix: str) -> StepForm:
    rows = [f"{prefix}variant-{row}-" for row in range(1, number_in(given.get(f"{prefix}variants", "")) + 1)]
    told = [
        VariantForm(
            given.get(f"{row}channel", ""),
            message=given.get(f"{row}message", ""),
            subject=given.get(f"{row}subject", ""),
        )
        for row in rows
    ]
    return StepForm(
        **{name: given.get(f"{prefix}{name}", "") for name in STEP_FIELDS},
        variants=tuple(one for one in told if one.channel or one.message or one.subject),
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
