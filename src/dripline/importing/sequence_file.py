"""Sequence files: YAML that a person writes, one sequence a document, checked to the last key."""

from difflib import get_close_matches
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError
from pydantic_core import ErrorDetails

from dripline.core.intake import attribute_name
from dripline.core.message import LEAD_VARIABLES
from dripline.core.model import Sequence, Step
from dripline.core.policy import Policy
from dripline.errors import InvalidFile, InvalidInput
from dripline.importing.yaml_text import read_documents

_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]

_EXAMPLES = {
    "name": "name: Warm EXAMA",
    "trigger": "trigger: WARMEXAMA",
    "channel": "channel: console",
    "variables": "variables:, and below it, indented, niche: your exam",
    "steps": "steps:, and below it one item a step, each with a dash",
    "message": 'message: "Hi {{ name }}"',
    "on_failure": "on_failure: continue",
    "on_unknown": "on_unknown: advance",
    "unknown_after": "unknown_after: 10m",
    "after": "after: 12h",
    "subject": "subject: A word about your exam",
}


class _StepText(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    message: _Text
    after: _Text = "0s"
    subject: _Text | None = None


class _SequenceText(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    name: _Text
    trigger: _Text
    channel: _Text = "console"
    variables: dict[str, str] = Field(default_factory=dict[str, str])
    on_failure: _Text = "continue"
    on_unknown: _Text = "advance"
    unknown_after: _Text = "10m"
    steps: list[_StepText]


def read_sequences(path: Path) -> tuple[Sequence, ...]:
    """Return the sequences of a file in order, or refuse all of them with one sentence.

    A number or a word such as ``no`` is the text that was written. Blank space around a text is dropped, since
    YAML's ``|`` leaves a line break that nobody meant; the fallbacks under `variables` stay as they are.

    Raises:
        InvalidFile: Names the file, the place in it, what is wrong and what to write.
    """
    documents = read_documents(path)
    places = [str(path)] if len(documents) == 1 else [f"{path}, document {n}" for n in range(1, len(documents) + 1)]
    sequences = tuple(_sequence(place, document) for place, document in zip(places, documents, strict=True))
    names = [sequence.name for sequence in sequences]
    doubled = next((name for at, name in enumerate(names) if name in names[:at]), None)
    if doubled is not None:
        raise InvalidFile(f"{path} has two sequences named {doubled!r}: give one of them another name.")
    return sequences


def _sequence(place: str, document: object) -> Sequence:
    if not isinstance(document, dict):
        raise InvalidFile(f"{place} is not a sequence: write the keys name, trigger and steps, each with a colon.")
    try:
        text = _SequenceText.model_validate(document)
    except ValidationError as error:
        raise InvalidFile(_sentence(place, error)) from None  # its own text would spell out every alias
    _check_variables(place, text.variables)
    steps = [_step(f"{place}, step {position}", step) for position, step in enumerate(text.steps, start=1)]
    try:
        policy = Policy(on_failure=text.on_failure, on_unknown=text.on_unknown, unknown_after=text.unknown_after)
        return Sequence(
            text.name,
            trigger=text.trigger,
            steps=steps,
            channel=text.channel,
            variables=text.variables,
            policy=policy,
        )
    except InvalidInput as error:
        raise InvalidFile(f"{place}: {error}") from error


def _step(place: str, text: _StepText) -> Step:
    if text.after.isdecimal() and text.after.strip("0"):
        raise InvalidFile(f"{place}: The wait {text.after[:40]} has no unit: write {text.after[:40]}h if it is hours.")
    if text.after.startswith("-"):
        raise InvalidFile(f"{place}: The wait {text.after[:40]} is negative: write how long after the step before.")
    try:
        return Step(text.message, text.after, subject=text.subject)
    except InvalidInput as error:
        raise InvalidFile(f"{place}: {error}") from error


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
    """Say the first thing that is wrong; a misspelled key comes before the key that is missing because of it."""
    problems = error.errors(include_url=False)
    problem = next((problem for problem in problems if problem["type"] == "extra_forbidden"), problems[0])
    match problem["loc"]:
        case ("steps", int(index), *rest):
            return _problem(f"{place}, step {index + 1}", tuple(rest), problem, _StepText)
        case where:
            return _problem(place, where, problem, _SequenceText)


def _problem(place: str, where: tuple[str | int, ...], problem: ErrorDetails, model: type[BaseModel]) -> str:
    if not where:
        return f"{place} is not a step: begin it with a dash and the key message."
    key = str(where[0])
    match problem["type"]:
        case "extra_forbidden":
            return f"{place}: There is no key {key[:40]!r}: {_instead(key, model)}."
        case "missing":
            return f"{place}: The key {key} is missing: add {_EXAMPLES[key]}."
        case _ if problem["input"] is None or problem["type"] == "string_too_short":
            return f"{place}: The key {' '.join(map(str, where))} is empty: write {_EXAMPLES[key]}."
        case _:
            return (
                f"{place}: The key {' '.join(map(str, where))} holds the wrong kind of value: write {_EXAMPLES[key]}."
            )


def _instead(key: str, model: type[BaseModel]) -> str:
    known = list(model.model_fields)
    close = get_close_matches(key.lower(), known, n=1)
    return f"write {close[0]}" if close else f"the keys here are {', '.join(known)}"
