"""A sequence as programs write and read it: the keys of a sequence file, with nothing lost on the way and back."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import Field

from dripline.core.reason import ReasonCode
from dripline.core.sequences.content import Media, MediaKind, Template, Variant
from dripline.core.sequences.policy import OnFailure, OnReply, OnTriggerLost, OnUnknown, Policy, ReEntry, WhenLate
from dripline.core.sequences.sequence import STEP_ID_LIMIT, STEP_LIMIT, Sequence, Step
from dripline.core.time.schedule import format_delay
from dripline.core.time.window import SendWindow
from dripline.core.views.sequences import SequenceState
from dripline.importing.setup.sequence_file import ANY_HOUR
from dripline.web.api.leads import Short
from dripline.web.api.responses import NO_NUL, NO_OTHER_KEYS, TOLD, Written, shown

Long = Annotated[str, Field(max_length=200_000, pattern=NO_NUL)]
Delay = Annotated[str, Field(max_length=40, pattern=NO_NUL, description="0s, 90m, 12h, 1d 6h.")]
Texts = Annotated[list[Long], Field(default_factory=list[str], max_length=100)]


class WrittenMedia(Written):
    """A picture, a video or a document, by its address on the web."""

    kind: MediaKind
    url: Long
    filename: Short | None = None

    @classmethod
    def of(cls, media: Media) -> Self:
        """Return a medium as it is written."""
        return cls(kind=MediaKind(media.kind), url=media.url, filename=media.filename)

    def media(self) -> Media:
        """Return the medium that is written."""
        return Media(self.kind, self.url, filename=self.filename)


class WrittenTemplate(Written):
    """A provider's approved template, and what fills it; its header is a text or a medium."""

    name: Short
    language: Short = "en"
    parameters: Texts
    header: Long | WrittenMedia | None = None
    buttons: Texts

    @classmethod
    def of(cls, template: Template) -> Self:
        """Return a template as it is written."""
        header = WrittenMedia.of(template.header) if isinstance(template.header, Media) else template.header
        return cls(
            name=template.name,
            language=template.language,
            parameters=list(template.parameters),
            header=header,
            buttons=list(template.buttons),
        )

    def template(self) -> Template:
        """Return the template that is written."""
        header = self.header.media() if isinstance(self.header, WrittenMedia) else self.header
        return Template(
            self.name, language=self.language, parameters=self.parameters, header=header, buttons=self.buttons
        )


class WrittenVariant(Written):
    """Other words for one channel."""

    message: Long
    subject: Long | None = None


class WrittenHours(Written):
    """The local hours in which messages may go, and the days on which none does."""

    window: list[Short] = Field(default=[], max_length=100, description="Such as Mon-Sat 09:00-20:00; any if empty.")
    holidays: list[Short] = Field(default=[], max_length=400, description="2026-12-25, 2026-02-17..2026-02-18.")

    def hours(self) -> SendWindow | None:
        """Return the window that is written, if one is."""
        if not self.window and not self.holidays:
            return None
        return SendWindow.read(self.window or ANY_HOUR, self.holidays or None)


class WrittenStep(WrittenHours):
    """What to send, and how long after the step before."""

    id: Annotated[
        str | None,
        Field(
            max_length=STEP_ID_LIMIT,
            pattern=NO_NUL,
            description="What the step is known by through every edit. Read it and write it back; a new step gets one.",
        ),
    ] = None
    message: Long
    after: Delay = "0s"
    subject: Long | None = None
    html: Long | None = None
    media: WrittenMedia | None = None
    template: WrittenTemplate | None = None
    variants: dict[Short, WrittenVariant] = Field(default={}, max_length=20, json_schema_extra=NO_OTHER_KEYS)

    @classmethod
    def of(cls, step: Step) -> Self:
        """Return a step as it is written."""
        variants = {
            channel: WrittenVariant(message=one.message, subject=one.subject) for channel, one in step.variants.items()
        }
        return cls(
            id=step.id,
            message=step.message,
            after=format_delay(step.wait),
            subject=step.subject,
            html=step.html,
            media=None if step.media is None else WrittenMedia.of(step.media),
            template=None if step.template is None else WrittenTemplate.of(step.template),
            variants=variants,
            **_hours(step.hours),
        )

    def step(self) -> Step:
        """Return the step that is written."""
        return Step(
            self.message,
            self.after,
            subject=self.subject,
            html=self.html,
            window=self.hours(),
            media=None if self.media is None else self.media.media(),
            template=None if self.template is None else self.template.template(),
            variants={name: Variant(one.message, subject=one.subject) for name, one in self.variants.items()},
            id=self.id,
        )


EXAMPLE: dict[str, Any] = {
    "name": "Warm EXAMA",
    "trigger": "WARMEXAMA",
    "steps": [
        {"message": "Hi {{ name }}, thank you for asking about EXAMA."},
        {"message": "Shall I send you the price list?", "after": "12h"},
    ],
}
"""A sequence as the API's own page shows one."""


class WrittenSequence(WrittenHours):
    """A sequence, known by its name. What is left out is as a new sequence has it, not as it was before.

    What is read may be written back as it is.
    """

    model_config = shown(EXAMPLE)

    name: Short
    trigger: Short
    channel: Short = "console"
    senders: list[Short] = Field(default=[], max_length=1_000)
    steps: list[WrittenStep] = Field(min_length=1, max_length=STEP_LIMIT)
    variables: dict[Short, Long] = Field(
        default={},
        max_length=200,
        description="What stands in where a lead has none.",
        json_schema_extra=NO_OTHER_KEYS,
    )
    on_failure: OnFailure = OnFailure.CONTINUE
    on_unknown: OnUnknown = OnUnknown.ADVANCE
    unknown_after: Delay = "10m"
    when_late: WhenLate = WhenLate.RESPACE
    late_grace: Delay = "15m"
    min_gap: Delay | None = None
    on_reply: OnReply = OnReply.EXIT
    on_trigger_lost: OnTriggerLost = OnTriggerLost.CONTINUE
    re_entry: ReEntry = ReEntry.ONCE
    re_entry_gap: Delay = "24h"
    zone: Short | None = None
    goal: Short | None = None
    then: Short | None = None
    may_loop: bool = False
    group: Short | None = None
    cold: bool = False
    version: int | None = Field(default=None, json_schema_extra=TOLD)
    paused_at: datetime | None = Field(default=None, json_schema_extra=TOLD)
    pause_reason: str | None = Field(default=None, json_schema_extra=TOLD)
    pause_code: ReasonCode | None = Field(default=None, json_schema_extra=TOLD)
    pause_facts: dict[str, object] = Field(default={}, json_schema_extra=TOLD)
    archived_at: datetime | None = Field(default=None, json_schema_extra=TOLD)

    @classmethod
    def told(cls, state: SequenceState) -> Self:
        """Return a sequence as it is, in the form in which it is written."""
        return cls(
            **cls.of(state.sequence),
            version=state.version,
            paused_at=state.paused_at,
            pause_reason=state.pause_reason,
            archived_at=state.archived_at,
            pause_code=state.pause_code,
            pause_facts=dict(state.pause_facts),
        )

    @classmethod
    def of(cls, sequence: Sequence) -> dict[str, Any]:
        """Return the fields of a sequence as it is written."""
        policy = sequence.policy
        told = {name: getattr(sequence, name) for name in PLAIN_FIELDS}
        return {
            **told,
            **{name: getattr(policy, name) for name in ANSWERS},
            "unknown_after": format_delay(policy.hold),
            "late_grace": format_delay(policy.grace),
            "re_entry_gap": format_delay(policy.between_runs),
            "min_gap": None if policy.gap is None else format_delay(policy.gap),
            "senders": list(sequence.senders),
            "variables": dict(sequence.variables),
            "steps": [WrittenStep.of(step) for step in sequence.steps],
            **_hours(sequence.hours),
        }

    def sequence(self) -> Sequence:
        """Return the sequence that is written.

        Raises:
            InvalidInput: It cannot be one.
        """
        answers = {name: getattr(self, name) for name in (*ANSWERS, *SPANS)}
        return Sequence(
            **{name: getattr(self, name) for name in PLAIN_FIELDS},
            senders=self.senders,
            variables=self.variables,
            steps=[step.step() for step in self.steps],
            policy=Policy(**answers),
            window=self.hours(),
        )


PLAIN_FIELDS = ("name", "trigger", "channel", "zone", "goal", "then", "may_loop", "group", "cold")
"""The fields of a sequence that are written as they are."""

SPANS = ("unknown_after", "late_grace", "re_entry_gap", "min_gap")
"""The spans of time among a sequence's answers."""

ANSWERS = ("on_failure", "on_unknown", "when_late", "on_reply", "on_trigger_lost", "re_entry")
"""The fields of its policy that are one word each."""


def _hours(window: SendWindow | None) -> Mapping[str, Any]:
    if window is None:
        return {}
    written = window.as_json()
    return {"window": written["hours"], "holidays": written.get("holidays", [])}
