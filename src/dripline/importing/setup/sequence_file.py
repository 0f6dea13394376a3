"""A sequence as a person writes it in YAML, checked to the last key."""

from typing import Annotated, Any, Union, cast

from pydantic import Field, ValidationError

from dripline.core.leads.attribute import LEAD_VARIABLES, attribute_name
from dripline.core.sequences.sequence import Sequence
from dripline.errors import InvalidFile, InvalidInput
from dripline.importing.setup.as_text import OptionalText, Text, as_text, given_by, values_of
from dripline.importing.setup.content_file import EXAMPLES, MEDIA_KEYS, media_of, template_of, variants_of
from dripline.importing.setup.schema_errors import first_problem, problem_sentence
from dripline.schema.sequence import SequenceSchema, StepSchema

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


_OneOrMore = Union[Text, list[Text]]  # noqa: UP007  (of two that are annotated)
_Entries = Annotated[list[Text], Field(min_length=1)]

_HOURS: dict[str, Any] = {"window": (Union[Text, _Entries], None), "holidays": (_Entries, None)}  # noqa: UP007  (as above)

STEP_KEYS = as_text(StepSchema, without=("media",), template=(object, None), **_HOURS, **MEDIA_KEYS)

SEQUENCE_KEYS = as_text(
    SequenceSchema, steps=(list[STEP_KEYS], ...), senders=(_OneOrMore, None), was=(OptionalText, None), **_HOURS
)


def sequence_of(place: str, document: object) -> Sequence:
    """Return the sequence that a document holds; `place` names the document in errors.

    Raises:
        InvalidFile: Names the place, what is wrong and what to write.
    """
    if not isinstance(document, dict):
        raise InvalidFile(f"{place} is not a sequence: write the keys name, trigger and steps, each with a colon.")
    try:
        given = given_by(SEQUENCE_KEYS.model_validate(document), SequenceSchema)
    except ValidationError as error:
        raise InvalidFile(_sentence(place, error)) from None  # its own text would spell out every alias
    _check_variables(place, given.get("variables", {}))
    given.pop("was", None)
    steps = [_step(f"{place}, step {position}", step) for position, step in enumerate(given["steps"], start=1)]
    try:
        return SequenceSchema.unchecked(given | _listed(given) | {"steps": steps}).to_core()
    except InvalidInput as error:
        raise InvalidFile(f"{place}: {error}") from error


def former_name_of(document: object) -> str | None:
    """Return the name that a sequence had before, where its document, which `sequence_of` has read, says so."""
    if not isinstance(document, dict):
        return None
    was = cast("dict[object, object]", document).get("was")
    return was.strip() if isinstance(was, str) else None


def _step(place: str, keys: dict[str, Any]) -> StepSchema:
    """Return a step as its keys say it, made once so that what is wrong names its place."""
    given = values_of(keys, StepSchema)
    after = given.get("after", "")
    if after.isdecimal() and after.strip("0"):
        raise InvalidFile(f"{place}: The wait {after[:40]} has no unit: write {after[:40]}h if it is hours.")
    if after.startswith("-"):
        raise InvalidFile(f"{place}: The wait {after[:40]} is negative: write how long after the step before.")
    nested = {
        "media": media_of(place, given),
        "template": template_of(place, given.get("template")),
        "variants": variants_of(place, given.get("variants", {})),
    }
    step = StepSchema.unchecked(given | nested | _listed(given))
    try:
        step.to_core()
    except InvalidInput as error:
        raise InvalidFile(f"{place}: {error}") from error
    return step


def _listed(given: dict[str, Any]) -> dict[str, Any]:
    """Return the lists among some keys, of which one entry may be written as it is, and none at all left empty."""
    found = {name: given[name] for name in ("window", "holidays", "senders") if name in given}
    return {name: [one] if isinstance(one, str) else one or [] for name, one in found.items()}


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
            return problem_sentence(f"{place}, step {index + 1}", tuple(rest), problem, STEP_KEYS, _EXAMPLES)
        case where:
            return problem_sentence(place, where, problem, SEQUENCE_KEYS, _EXAMPLES)
