"""What is sent for a record that may go: its message, or why there is none."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from dripline.core.messages.facts import Facts
from dripline.core.messages.message import Message
from dripline.core.messages.render import render, render_html, render_text
from dripline.core.messages.template import compiled
from dripline.core.outcome import Fail
from dripline.core.reason import Reason, ReasonCode
from dripline.core.records.rules import Skip
from dripline.core.sequences.content import Render
from dripline.core.text import is_blank
from dripline.errors import InvalidTemplate


@dataclass(frozen=True, slots=True)
class Send:
    """It goes, with this message."""

    message: Message


Decision = Send | Skip | Fail


def decide(facts: Facts) -> Decision:
    """Say whether a claimed record is sent, or failed because nothing can be sent."""
    if facts.to is None:
        return Fail(Reason.of(ReasonCode.NO_ADDRESS), ends_enrollment=True)
    try:
        text = "" if facts.template is not None else _filled(render_text, facts)(facts.message)
        if is_blank(text) and facts.template is None and facts.media is None:
            return Skip(Reason.of(ReasonCode.EMPTY))
        return Send(_message(facts, facts.to, "" if is_blank(text) else text))
    except InvalidTemplate as error:
        return Fail(Reason.of(ReasonCode.CONTENT_INVALID, error=str(error)))
    except Exception as error:  # noqa: BLE001  (the edge of a record)
        # Whatever is wrong with this one is no reason for others to wait: its kind is told, and not its words.
        return Fail(Reason.of(ReasonCode.CONTENT_INVALID, error=f"its message cannot be made: {type(error).__name__}"))


def prepare(claimed: Iterable[Facts]) -> None:
    """Compile the templates of claimed records ahead: it takes milliseconds for each that is new to this process."""
    for source, is_html in {(source, is_html) for facts in claimed for source, is_html in _sources(facts)}:
        with suppress(InvalidTemplate):
            compiled(source, is_html=is_html)


def _sources(facts: Facts) -> Iterator[tuple[str, bool]]:
    yield facts.message, False
    if facts.subject is not None:
        yield facts.subject, False
    if facts.html is not None:
        yield facts.html, True


def _filled(render_: Callable[..., str], facts: Facts) -> Render:
    return partial(render_, lead=facts.lead, sequence=facts.sequence, step=facts.position, variables=facts.variables)


def _message(facts: Facts, to: str, text: str) -> Message:
    render_ = _filled(render, facts)
    template = None if facts.template is None else facts.template.rendered(render_)
    return Message(
        to,
        text=text if template is None else template.told,
        subject=_answered(facts, render_) if facts.subject is None else render_(facts.subject),
        html=None if facts.html is None else _html(facts, facts.html),
        media=None if facts.media is None or template is not None else facts.media.rendered(render_),
        template=template,
        record_id=facts.record_id,
        attempt=facts.attempt,
        failures=facts.failures,
        lead=facts.lead,
        sequence=facts.sequence,
        step=facts.position,
        sender=facts.sender,
        account=facts.account,
        follows=facts.follows,
    )


def _answered(facts: Facts, render_: Render) -> str | None:
    """Return the subject of the conversation, for a step that has none of its own; mail programs go by that too."""
    if facts.thread is None:
        return None
    with suppress(InvalidTemplate):
        return f"Re: {render_(facts.thread)}"
    return None


def _html(facts: Facts, source: str) -> str | None:
    html = _filled(render_html, facts)(source)
    return None if is_blank(html) else html
