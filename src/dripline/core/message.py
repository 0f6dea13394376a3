"""A step's template rendered for one lead, in Jinja2's sandbox with strict variables; its spintax by a stable choice.

What a template may use: the lead's fields (`name`, `phone`, `email`), `sequence` and `step`, any attribute that leads
are known to have, and what the sequence declares under `variables`. Anything else is found when the sequence is
applied, never when it is sent.
"""

import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import lru_cache, partial

from jinja2 import StrictUndefined, Template, TemplateError, Undefined, meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment
from typing_extensions import override

from dripline.core.attribute import LEAD_VARIABLES, has_value, written
from dripline.core.model import Lead, Sequence, Step
from dripline.core.schedule import hashed_share
from dripline.core.spintax import CHOICE, parse, shortest, spun
from dripline.core.text import is_blank
from dripline.errors import InvalidTemplate

TEMPLATE_LIMIT = 20_000
"""The longest template, in characters."""

HTML_LIMIT = 100_000
"""The longest HTML, as a template and rendered, in characters: mail programs cut longer ones off."""

TEXT_LIMIT = 65_536
"""The longest rendered text, in characters. Channels with a tighter limit refuse earlier."""

OWN_FIELDS = ("name", "phone", "email")
"""Variables that are a lead's own fields. A lead may lack each of them, as it may lack an attribute."""


class _Lacking(StrictUndefined):
    """A variable that the lead lacks: false to a condition, what `default` stands in for, and else an error."""

    __slots__ = ()

    @property
    @override
    def _undefined_message(self) -> str:
        if isinstance(self._undefined_obj, Lead) or self._undefined_name is None:
            return super()._undefined_message
        return f"it has no {self._undefined_name}, and there is no fallback"

    @override
    def __bool__(self) -> bool:
        return False


def _shown(value: object) -> object:
    """Return a value as messages show it: attributes that are no text have one written form."""
    return value if isinstance(value, str | Undefined) else written(value)


_sandbox = ImmutableSandboxedEnvironment(undefined=_Lacking, keep_trailing_newline=True, finalize=_shown)

_escaping_sandbox = ImmutableSandboxedEnvironment(
    undefined=_Lacking, keep_trailing_newline=True, autoescape=True, finalize=_shown
)


def check_templates(sequence: Sequence, attribute_names: Iterable[str]) -> None:
    """Refuse a sequence in which a template cannot be read or uses a variable nobody knows.

    Raises:
        InvalidTemplate: Names the step, the variable and the remedy.
    """
    known = LEAD_VARIABLES.union(attribute_names, sequence.variables)
    for position in range(1, len(sequence.steps) + 1):
        check_step_templates(sequence, position, known)


def check_step_templates(sequence: Sequence, position: int, known: frozenset[str]) -> None:
    """Refuse a step in which a template cannot be read or uses a variable that is none of the known ones.

    Raises:
        InvalidTemplate: Names the step, the variable and the remedy.
    """
    for source, limit in _sources(sequence.steps[position - 1]):
        unknown = sorted(_variables(source, position, limit) - known)
        if unknown:
            raise InvalidTemplate(
                f"Step {position} of {sequence.name!r} uses {{{{ {unknown[0]} }}}}, which no lead has: "
                f"correct the name, import leads with that column, or give a fallback under `variables`."
            )


def check_step_length(sequence: Sequence, position: int, limit: int) -> None:
    """Refuse a step whose text is longer than its channel takes, whatever stands in for its variables.

    Raises:
        InvalidTemplate: Names the step, the channel and the limit.
    """
    step = sequence.steps[position - 1]
    own = step.variants.get(sequence.channel)
    least = shortest(parse(step.message if own is None else own.message))
    if least > limit:
        raise InvalidTemplate(
            f"Step {position} of {sequence.name!r} has {least} characters without what fills it, and "
            f"{sequence.channel!r} takes {limit}: shorten it."
        )


def undeclared(sequence: Sequence) -> frozenset[str]:
    """Return the variables of a sequence's templates that only attributes of leads can fill.

    Raises:
        InvalidTemplate: A template cannot be read.
    """
    named = {
        name
        for position, step in enumerate(sequence.steps, start=1)
        for source, limit in _sources(step)
        for name in _variables(source, position, limit)
    }
    return frozenset(named - LEAD_VARIABLES - set(sequence.variables))


def needed(sequence: Sequence) -> dict[str, list[int]]:
    """Return what the lead's own fields and attributes must fill, each with the steps that fail without it.

    What a step asks about first (`{% if name %}`), or gives a fallback for, it can do without.

    Raises:
        InvalidTemplate: A template cannot be read.
    """
    found: dict[str, list[int]] = {}
    for position, step in enumerate(sequence.steps, start=1):
        named = {name for source, limit in _sources(step) for name in _required(source, position, limit)}
        for name in named - {"sequence", "step", CHOICE, *sequence.variables}:
            found.setdefault(name, []).append(position)
    return found


def render_text(source: str, lead: Lead, *, sequence: str, step: int, variables: Mapping[str, str]) -> str:
    """Return the text of one template for one lead; it may turn out to hold nothing.

    Raises:
        InvalidTemplate: It cannot be read, the lead lacks a variable that has no fallback, or the text grows past its
            limit.
    """
    return _rendered(_readable(_compile, source), lead, sequence, step, variables, TEXT_LIMIT)


def render(source: str, lead: Lead, *, sequence: str, step: int, variables: Mapping[str, str]) -> str:
    """Return the text of a template that fills in a part of a message, such as its subject or a parameter.

    Raises:
        InvalidTemplate: It is empty for this lead. Else what `render_text` raises.
    """
    text = render_text(source, lead, sequence=sequence, step=step, variables=variables)
    if is_blank(text):
        raise InvalidTemplate(f"What {source.strip()[:60]!r} fills in is empty for this lead: give it a fallback.")
    return text


def render_html(source: str, lead: Lead, *, sequence: str, step: int, variables: Mapping[str, str]) -> str:
    """Return the HTML of one template for one lead: whatever is filled in is escaped, tags and all.

    Raises:
        InvalidTemplate: It cannot be read, the lead lacks a variable that has no fallback, or the HTML grows past its
            limit.
    """
    return _rendered(_readable(_compile_html, source), lead, sequence, step, variables, HTML_LIMIT)


def _rendered(
    compiled: tuple[Template, bool], lead: Lead, sequence: str, step: int, variables: Mapping[str, str], limit: int
) -> str:
    values: dict[str, object] = {**_sandbox.globals, **variables, **_held(lead), "sequence": sequence, "step": step}
    template, is_spun = compiled
    if is_spun:
        values[CHOICE] = partial(_choice, f"{lead.id}:{step}:{sequence}")
    try:
        # What Template.render does, less what it does anew for each lead: a third of its time.
        text = "".join(template.root_render_func(template.new_context(values, shared=True)))
    except Exception as error:
        # Whatever a template makes Jinja or a filter raise is this message's failure, and nobody else's.
        raise InvalidTemplate(f"The template cannot be rendered for this lead: {_told(error)}") from error
    if len(text) > limit:
        raise InvalidTemplate(f"The text is longer than {limit} characters: shorten the template.")
    return text


def _told(error: Exception) -> str:
    return "it calls itself without end" if isinstance(error, RecursionError) else str(error) or type(error).__name__


def _held(lead: Lead) -> dict[str, object]:
    """Return what the lead has: a field that holds nothing to be seen counts as one that is not there."""
    fields = {**lead.attributes, "name": lead.name, "phone": lead.phone, "email": lead.email}
    return {name: value for name, value in fields.items() if has_value(value)}


def _choice(seed: str, group: int, many: int) -> int:
    """Choose one of many: the same for a lead, a step and a group whenever and wherever it is rendered."""
    return int(hashed_share(zlib.crc32(seed.encode()), group) * many)


@lru_cache(maxsize=1024)
def _compile(source: str) -> tuple[Template, bool]:
    """Return the compiled template, and whether it asks for choices."""
    return _compiled(_sandbox, source)


@lru_cache(maxsize=128)
def _compile_html(source: str) -> tuple[Template, bool]:
    return _compiled(_escaping_sandbox, source)


def _readable(compile_: Callable[[str], tuple[Template, bool]], source: str) -> tuple[Template, bool]:
    """Compile a template that may be half written: what was applied has been read before, a draft has not."""
    try:
        return compile_(source)
    except (TemplateError, RecursionError, SyntaxError) as error:
        raise InvalidTemplate(f"The template cannot be read: {_told(error)}.") from error


def _compiled(sandbox: ImmutableSandboxedEnvironment, source: str) -> tuple[Template, bool]:
    written = spun(source)
    template = sandbox.from_string(written)
    # `_rendered` hands the environment's own over with the values: else they are gone through anew for each lead.
    template.globals = {}
    return template, written is not source


def _sources(step: Step) -> Iterator[tuple[str, int]]:
    """Yield the templates of a step, each with how long it may be."""
    for source in step.sources():
        yield source, TEMPLATE_LIMIT
    if step.html is not None:
        yield step.html, HTML_LIMIT


def _variables(source: str, position: int, limit: int) -> set[str]:
    tree = _parsed(source, position, limit)
    return meta.find_undeclared_variables(tree) - {CHOICE} - set(_guarded(tree))


def _required(source: str, position: int, limit: int) -> set[str]:
    tree = _parsed(source, position, limit)
    return meta.find_undeclared_variables(tree) - set(_guarded(tree)) - set(_asked_about(tree))


def _parsed(source: str, position: int, limit: int) -> nodes.Template:
    if len(source) > limit:
        raise InvalidTemplate(f"A template of step {position} is longer than {limit} characters: shorten it.")
    try:
        tree = _sandbox.parse(spun(source))
        _compile(source)
    except (TemplateError, RecursionError, SyntaxError) as error:
        raise InvalidTemplate(f"The template of step {position} cannot be read: {_told(error)}.") from error
    return tree


def _guarded(tree: nodes.Template) -> Iterator[str]:
    """Names that stand right before a `default` filter: the template itself says what to do without them."""
    for node in tree.find_all(nodes.Filter):
        if node.name in {"default", "d"} and isinstance(node.node, nodes.Name):
            yield node.node.name


def _asked_about(tree: nodes.Template) -> Iterator[str]:
    """Names that the template asks about, as in ``{% if name %}`` and ``{{ name or "friend" }}``."""
    for node in tree.find_all((nodes.If, nodes.CondExpr)):
        yield from _names_in(node.test)
    for node in tree.find_all(nodes.Or):
        yield from _names_in(node.left)


def _names_in(test: nodes.Node) -> Iterator[str]:
    if isinstance(test, nodes.Name):
        yield test.name
    elif isinstance(test, nodes.And | nodes.Or | nodes.Not | nodes.Test):
        for part in test.iter_child_nodes():
            yield from _names_in(part)
