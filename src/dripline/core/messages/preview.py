"""What a lead would get: each step rendered by the very function that sending uses."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import timedelta

from dripline.core.explain import words
from dripline.core.leads.address import AddressKind
from dripline.core.leads.lead import Lead, contact_of
from dripline.core.messages.compose import Send, decide
from dripline.core.messages.facts import Facts
from dripline.core.messages.message import Message
from dripline.core.messages.placeholder import step_placeholders
from dripline.core.messages.start_link import Links, with_links
from dripline.core.sequences.content import Media, Template
from dripline.core.sequences.sequence import Sequence, Step


@dataclass(frozen=True, slots=True)
class Preview:
    """What a step would send to a lead, as its records stand now; or why it would send nothing.

    `after` is its wait. `template` is what goes instead of `text` and `media` where the channel takes no free text from
    this lead when the step is due; None where the step has none. `problem` is why the record would fail, or be passed
    over. `notes` are what is doubtful in the step, whoever gets it.
    """

    step: int
    after: timedelta = field(kw_only=True)
    to: str | None = field(kw_only=True)
    text: str | None = field(default=None, kw_only=True)
    subject: str | None = field(default=None, kw_only=True)
    html: str | None = field(default=None, kw_only=True)
    media: Media | None = field(default=None, kw_only=True)
    template: Template | None = field(default=None, kw_only=True)
    problem: str | None = field(default=None, kw_only=True)
    notes: tuple[str, ...] = field(default=(), kw_only=True)


@dataclass(frozen=True, slots=True)
class DraftPreview:
    """What each step of a draft would send to `lead`, who is made up where nobody is there yet.

    A preview's `problem` is also what keeps its step from being published. `variables` are what templates may name.
    """

    lead: Lead
    is_made_up: bool = field(kw_only=True)
    previews: tuple[Preview, ...] = field(kw_only=True)
    variables: tuple[str, ...] = field(kw_only=True)


def address_of(lead: Lead, kind: AddressKind, contact_kind: str | None = None) -> str | None:
    """Return the address of a lead that a channel speaks to, as the claim finds it."""
    if contact_kind is not None:
        return contact_of(lead, contact_kind)
    match kind:
        case AddressKind.PHONE:
            return lead.phone
        case AddressKind.EMAIL:
            return lead.email
        case AddressKind.ANY:
            return lead.phone or lead.email


def preview(
    sequence: Sequence, lead: Lead, to: str | None, links: Links, *, known: Iterable[str] = ()
) -> tuple[Preview, ...]:
    """Return what each step of a sequence would send to a lead at an address. `known`: what templates may name."""
    names = {name.casefold(): name for name in known}
    return tuple(
        replace(
            _preview(_facts(sequence, position, step, lead, to), step, links),
            notes=tuple(dict.fromkeys(step_placeholders(step, position, names))),
        )
        for position, step in enumerate(sequence.steps, start=1)
    )


def _facts(sequence: Sequence, position: int, step: Step, lead: Lead, to: str | None) -> Facts:
    own = step.variants.get(sequence.channel)
    return Facts(
        0,
        attempt=1,
        to=to,
        lead=lead,
        sequence=sequence.name,
        variables=sequence.variables,
        position=position,
        message=step.message if own is None else own.message,
        subject=step.subject if own is None else own.subject,
        html=step.html,
        media=step.media,
    )


def _preview(facts: Facts, step: Step, links: Links) -> Preview:
    message = _message(facts, links)
    templated = None if step.template is None else _message(replace(facts, template=step.template), links)
    problem = next((one for one in (message, templated) if isinstance(one, str)), None)
    shown = message if isinstance(message, Message) else None
    return Preview(
        facts.position,
        after=step.wait,
        to=facts.to,
        text=None if shown is None else shown.text,
        subject=None if shown is None else shown.subject,
        html=None if shown is None else shown.html,
        media=None if shown is None else shown.media,
        template=templated.template if isinstance(templated, Message) else None,
        problem=problem,
    )


def _message(facts: Facts, links: Links) -> Message | str:
    """Return the message that would go, or why none would."""
    decision = decide(with_links(facts, links))
    return decision.message if isinstance(decision, Send) else words(decision.reason)
