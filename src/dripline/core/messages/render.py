"""A step's template rendered for one lead, in Jinja2's sandbox with strict variables; its spintax by a stable choice.

What a template may use: the lead's fields (`name`, `phone`, `email`), `sequence` and `step`, any attribute that leads
are known to have, and what the sequence declares under `variables`. Anything else is found when the sequence is
applied, never when it is sent.
"""

import zlib
from collections.abc import Iterable, Iterator, Mapping
from functools import partial

from jinja2 import meta, nodes

from dripline.core.leads.attribute import LEAD_VARIABLES, has_value
from dripline.core.leads.lead import Lead
from dripline.core.messages.spintax import CHOICE, parse, shortest
from dripline.core.messages.template import HTML_LIMIT, TEXT_LIMIT, Compiled, compiled
from dripline.core.sequences.sequence import Sequence, Step
from dripline.core.text import is_blank
from dripline.core.time.schedule import hashed_share
from dripline.errors import InvalidTemplate


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
    for template in _templates(sequence.steps[position - 1], position):
        unknown = sorted(_variables(template) - known)
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
        for template in _templates(step, position)
        for name in _variables(template)
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
        named = {name for template in _templates(step, position) for name in _required(template)}
        for name in named - {"sequence", "step", CHOICE, *sequence.variables}:
            found.setdefault(name, []).append(position)
    return found


def render_text(source: str, lead: Lead, *, sequence: str, step: int, variables: Mapping[str, str]) -> str:
    """Return the text of one template for one lead; it may turn out to hold nothing.

    Raises:
        InvalidTemplate: It cannot be read, the lead lacks a variable that has no fallback, or the text grows past its
            limit.
    """
    return _rendered(compiled(source), lead, sequence, step, variables, TEXT_LIMIT)


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
    return _rendered(compiled(source, is_html=True), lead, sequence, step, variables, HTML_LIMIT)


def _rendered(
    template: Compiled, lead: Lead, sequence: str, step: int, variables: Mapping[str, str], limit: int
) -> str:
    values: dict[str, object] = {**variables, **_held(lead), "sequence": sequence, "step": step}
    if template.is_spun:
        values[CHOICE] = partial(_choice, f"{lead.id}:{step}:{sequence}")
    return template.rendered(values, limit)


def _held(lead: Lead) -> dict[str, object]:
    """Return what the lead has: a field that holds nothing to be seen counts as one that is not there."""
    fields = {**lead.attributes, "name": lead.name, "phone": lead.phone, "email": lead.email}
    return {name: value for name, value in fields.items() if has_value(value)}


def _choice(seed: str, group: int, count: int) -> int:
    """Choose one of many: the same for a lead, a step and a group whenever and wherever it is rendered."""
    return int(hashed_share(zlib.crc32(seed.encode()), group) * count)


def _templates(step: Step, position: int) -> Iterator[Compiled]:
    """Yield the templates of a step.

    Raises:
        InvalidTemplate: One of them cannot be read; names the step.
    """
    sources = [(source, False) for source in step.sources()] + ([] if step.html is None else [(step.html, True)])
    for source, is_html in sources:
        try:
            yield compiled(source, is_html=is_html)
        except InvalidTemplate as error:
            raise InvalidTemplate(str(error).replace("The template", f"The template of step {position}", 1)) from error


def _variables(template: Compiled) -> set[str]:
    return _named(template) - {CHOICE} - set(_guarded(template.tree))


def _required(template: Compiled) -> set[str]:
    return _named(template) - set(_guarded(template.tree)) - set(_asked_about(template.tree))


def _named(template: Compiled) -> set[str]:
    return meta.find_undeclared_variables(template.tree)


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
