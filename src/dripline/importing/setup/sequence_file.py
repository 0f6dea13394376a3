"""A sequence as a person writes it in YAML, checked to the last key."""

from dataclasses import fields
from typing import Annotated, Literal, cast

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from dripline.core.leads.attribute import LEAD_VARIABLES, attribute_name
from dripline.core.sequences.policy import Policy
from dripline.core.sequences.sequence import Sequence, Step
from dripline.core.time.window import SendWindow
from dripline.errors import InvalidFile, InvalidInput
from dripline.importing.setup.content_file import EXAMPLES, MediaText, media_of, template_of, variants_of
from dripline.importing.setup.wrong_key import first_problem, problem_sentence

_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]

_EXAMPLES = EXAMPLES | {
    "name": "name: Warm EXAMA",
    "was": "was: Warm EXMA",
    "trigger": "trigger: WARMEXAMA",
    "channel": "channel: console",
    "senders": "senders: sales, or a list of names",
    "variables": "variables:, and below it, indented, niche: your exam",
    "steps": "steps:, and below it one item a step, each with a dash",
    "message": 'message: "Hi {{ name }}"',
    "on_failure": "on_failure: continue",
    "on_unknown": "on_unknown: advance",
    "unknown_after": "unknown_after: 10m",
    "when_late": "when_late: respace",
    "late_grace": "late_grace: 15m",
    "min_gap": "min_gap: 1h",
    "on_reply": "on_reply: exit",
    "on_trigger_lost": "on_trigger_lost: exit",
    "re_entry": "re_entry: once",
    "re_entry_gap": "re_entry_gap: 24h",
    "window": 'window: "Mon-Sat 09:00-20:00"',
    "holidays": "holidays: [2026-12-25, 2026-02-17..2026-02-18]",
    "zone": "zone: Asia/Kuala_Lumpur",
    "goal": "goal: BOUGHTEXAMA",
    "then": "then: HOTEXAMA",
    "may_loop": "may_loop: yes",
    "group": "group: funnel",
    "cold": "cold: yes",
    "id": "id: price-list",
    "after": "after: 12h",
    "subject": "subject: A word about your exam",
    "html": "html: |, and below it, indented, <p>Hi {{ name }}</p>",
}


class _StepText(MediaText):
    id: _Text | None = None
    message: _Text
    after: _Text = "0s"
    subject: _Text | None = None
    html: _Text | None = None
    window: _Text | list[_Text] | None = None
    holidays: list[_Text] | None = None
    # Read by content_file, each under its own name.
    template: object = None
    variants: dict[str, object] = Field(default_factory=dict[str, object])


class _SequenceText(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    name: _Text
    was: _Text | None = None
    trigger: _Text
    channel: _Text = "console"
    senders: _Text | list[_Text] = Field(default_factory=list[_Text])
    variables: dict[str, str] = Field(default_factory=dict[str, str])
    on_failure: _Text = "continue"
    on_unknown: _Text = "advance"
    unknown_after: _Text = "10m"
    when_late: _Text = "respace"
    late_grace: _Text = "15m"
    min_gap: _Text | None = None
    on_reply: _Text = "exit"
    on_trigger_lost: _Text = "continue"
    re_entry: _Text = "once"
    re_entry_gap: _Text = "24h"
    window: _Text | list[_Text] | None = None
    holidays: list[_Text] | None = None
    zone: _Text | None = None
    goal: _Text | None = None
    then: _Text | None = None
    may_loop: Literal["yes", "no"] = "no"
    group: _Text | None = None
    cold: Literal["yes", "no"] = "no"
    steps: list[_StepText]


ANY_HOUR = "00:00-24:00"
"""The window of a sequence that names holidays and no hours."""

_POLICY_KEYS = {field.name for field in fields(Policy)}
"""The keys of a sequence that are the answers of its policy, under the same names."""


def sequence_of(place: str, document: object) -> Sequence:
    """Return the sequence that a document holds; `place` names the document in errors.

    Raises:
        InvalidFile: Names the place, what is wrong and what to write.
    """
    if not isinstance(document, dict):
        raise InvalidFile(f"{place} is not a sequence: write the keys name, trigger and steps, each with a colon.")
    try:
        text = _SequenceText.model_validate(document)
    except ValidationError as error:
        raise InvalidFile(_sentence(place, error)) from None  # its own text would spell out every alias
    _check_variables(place, text.variables)
    steps = [_step(f"{place}, step {position}", step) for position, step in enumerate(text.steps, start=1)]
    try:
        policy = Policy(**text.model_dump(include=_POLICY_KEYS))
        return Sequence(
            text.name,
            trigger=text.trigger,
            steps=steps,
            channel=text.channel,
            senders=[text.senders] if isinstance(text.senders, str) else text.senders,
            variables=text.variables,
            policy=policy,
            window=_window(text),
            zone=text.zone,
            goal=text.goal,
            then=text.then,
            may_loop=text.may_loop == "yes",
            group=text.group,
            cold=text.cold == "yes",
        )
    except InvalidInput as error:
        raise InvalidFile(f"{place}: {error}") from error


def former_name_of(document: object) -> str | None:
    """Return the name that a sequence had before, where its document, which `sequence_of` has read, says so."""
    if not isinstance(document, dict):
        return None
    was = cast("dict[object, object]", document).get("was")
    return was.strip() if isinstance(was, str) else None


def _step(place: str, text: _StepText) -> Step:
    if text.after.isdecimal() and text.after.strip("0"):
        raise InvalidFile(f"{place}: The wait {text.after[:40]} has no unit: write {text.after[:40]}h if it is hours.")
    if text.after.startswith("-"):
        raise InvalidFile(f"{place}: The wait {text.after[:40]} is negative: write how long after the step before.")
    try:
        return Step(
            text.message,
            text.after,
            subject=text.subject,
            html=text.html,
            window=_window(text),
            media=media_of(place, text),
            template=template_of(place, text.template),
            variants=variants_of(place, text.variants),
            id=text.id,
        )
    except InvalidFile:
        raise
    except InvalidInput as error:
        raise InvalidFile(f"{place}: {error}") from error


def _window(text: _StepText | _SequenceText) -> SendWindow | None:
    if text.window is None and text.holidays is None:
        return None
    return SendWindow.read(ANY_HOUR if text.window is None else text.window, text.holidays)


def _check_variables(place: str, variables: dict[str, str]) -> None:
    """Refuse a name under which no lead could ever have a value, such as ``Niche`` where leads have ``niche``."""
    for name in variables.keys() - LEAD_VARIABLES:
        try:
            usual = attribute_name(name)
        except InvalidInput as error:
            raise InvalidFile(f"{place}, variables: {error}") from error
        if usual != name:
            raise InvalidFile(f"{place}, variables: No lead has {name[:40]!r}: write {usual}, here and in messages.")


def _sentence(place: str, error: ValidationError) -> str:
    problem = first_problem(error)
    match problem["loc"]:
        case ("steps", int(index)):
            return f"{place}, step {index + 1} is not a step: begin it with a dash and the key message."
        case ("steps", int(index), *rest):
            return problem_sentence(f"{place}, step {index + 1}", tuple(rest), problem, _StepText, _EXAMPLES)
        case where:
            return problem_sentence(place, where, problem, _SequenceText, _EXAMPLES)
