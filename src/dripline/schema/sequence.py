"""A sequence as it is written: its settings, its policy and its steps."""

from typing import Annotated, Any, Self

from pydantic import Field
from typing_extensions import override

from dripline.core.sequences.content import Media, MediaKind, Template, Variant
from dripline.core.sequences.plain_values import plain
from dripline.core.sequences.policy import OnFailure, OnReply, OnTriggerLost, OnUnknown, Policy, ReEntry, WhenLate
from dripline.core.sequences.sequence import DEFAULT_CHANNEL, STEP_ID_LIMIT, STEP_LIMIT, Sequence, Step
from dripline.core.time.send_window import SendWindow
from dripline.schema.base import NO_NUL, NO_OTHER_KEYS, Delay, Long, Schema, Short, Texts

ANY_HOUR = "00:00-24:00"
"""The window of what names holidays and no hours."""


class MediaSchema(Schema):
    """A picture, a video or a document, by its address on the web."""

    kind: MediaKind
    url: Long
    filename: Short | None = None

    @override
    def to_core(self) -> Media:
        return self.made(Media)


class TemplateSchema(Schema):
    """A provider's approved template, and what fills it; its header is a text or a medium."""

    name: Short
    language: Short = "en"
    parameters: Texts
    header: Long | MediaSchema | None = None
    buttons: Texts

    @override
    def to_core(self) -> Template:
        return self.made(Template)


class VariantSchema(Schema):
    """Other words for one channel."""

    message: Long
    subject: Long | None = None

    @override
    def to_core(self) -> Variant:
        return self.made(Variant)


class HoursSchema(Schema):
    """The local hours in which messages may go, and the days on which none does."""

    window: list[Short] = Field(default=[], max_length=100, description="Such as Mon-Sat 09:00-20:00; any if empty.")
    holidays: list[Short] = Field(default=[], max_length=400, description="2026-12-25, 2026-02-17..2026-02-18.")

    def hours(self) -> SendWindow | None:
        """Return the window that is written, if one is."""
        if not self.window and not self.holidays:
            return None
        return SendWindow.read(self.window or ANY_HOUR, self.holidays or None)


class StepSchema(HoursSchema):
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
    media: MediaSchema | None = None
    template: TemplateSchema | None = None
    variants: dict[Short, VariantSchema] = Field(default={}, max_length=20, json_schema_extra=NO_OTHER_KEYS)

    @classmethod
    def from_core(cls, step: Step) -> Self:
        """Return a step as it is written."""
        return cls(**plain(step))

    @override
    def to_core(self) -> Step:
        return self.made(Step, window=self.hours())


class SequenceSchema(HoursSchema):
    """A sequence, known by its name. What is left out is as a new sequence has it, not as it was before."""

    name: Short
    trigger: Short
    channel: Short = DEFAULT_CHANNEL
    senders: list[Short] = Field(default=[], max_length=1_000)
    steps: list[StepSchema] = Field(min_length=1, max_length=STEP_LIMIT)
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

    @classmethod
    def from_core(cls, sequence: Sequence, **beside: Any) -> Self:  # noqa: ANN401  (fields of a subclass)
        """Return a sequence as it is written, and what stands `beside` it."""
        return cls(**plain(sequence), **beside)

    @override
    def to_core(self) -> Sequence:
        return self.made(Sequence, policy=self.made(Policy), window=self.hours())
