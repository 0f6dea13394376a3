"""What a lead would get: each step rendered by the very function that sending uses."""

from dataclasses import dataclass, field, replace
from datetime import timedelta

from dripline.core.address import AddressKind
from dripline.core.content import Media, Template
from dripline.core.decide import Facts, Send, decide
from dripline.core.model import Lead, Message, Sequence, Step


@dataclass(frozen=True, slots=True)
class Preview:
    """What a step would send to a lead, as its records stand now; or why it would send nothing.

    `after` is its wait. `template` is what goes instead of `text` and `media` where the channel takes no free text from
    this lead when the step is due; None where the step has none. `problem` is why the record would fail.
    """

    step: int
    after: timedelta = field(kw_only=True)
    to: str | None = field(kw_only=True)
    text: str | None = field(default=None, kw_only=True)
    subject: str | None = field(default=None, kw_only=True)
    media: Media | None = field(default=None, kw_only=True)
    template: Template | None = field(default=None, kw_only=True)
    problem: str | None = field(default=None, kw_only=True)


def address_of(lead: Lead, kind: AddressKind) -> str | None:
    """Return the address of a lead that a channel of a kind speaks to, as the store finds it."""
    match kind:
        case AddressKind.PHONE:
            return lead.phone
        case AddressKind.EMAIL:
            return lead.email
        case AddressKind.ANY:
            return lead.phone or lead.email


def preview(sequence: Sequence, lead: Lead, to: str | None) -> tuple[Preview, ...]:
    """Return what each step of a sequence would send to a lead at an address."""
    return tuple(_preview(sequence, position, step, lead, to) for position, step in enumerate(sequence.steps, start=1))


def _preview(sequence: Sequence, position: int, step: Step, lead: Lead, to: str | None) -> Preview:
    own = step.variants.get(sequence.channel)
    facts = Facts(
        0,
        attempt=1,
        to=to,
        lead=lead,
        sequence=sequence.name,
        variables=sequence.variables,
        position=position,
        message=step.message if own is None else own.message,
        subject=step.subject if own is None else own.subject,
        media=step.media,
    )
    message = _message(facts)
    templated = None if step.template is None else _message(replace(facts, template=step.template))
    problem = next((one for one in (message, templated) if isinstance(one, str)), None)
    shown = message if isinstance(message, Message) else None
    return Preview(
        position,
        after=step.wait,
        to=to,
        text=None if shown is None else shown.text,
        subject=None if shown is None else shown.subject,
        media=None if shown is None else shown.media,
        template=templated.template if isinstance(templated, Message) else None,
        problem=problem,
    )


def _message(facts: Facts) -> Message | str:
    """Return the message that would go, or why none would."""
    decision = decide(facts)
    return decision.message if isinstance(decision, Send) else decision.reason
