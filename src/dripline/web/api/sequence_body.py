"""A sequence as programs write and read it: the keys of a sequence file, with nothing lost on the way and back."""

from datetime import datetime
from typing import Any, Self

from pydantic import Field

from dripline.core.reason import ReasonCode
from dripline.core.views.sequences import SequenceState
from dripline.schema.sequence import SequenceSchema
from dripline.web.api.responses import READ_ONLY, shown

EXAMPLE: dict[str, Any] = {
    "name": "Warm EXAMA",
    "trigger": "WARMEXAMA",
    "steps": [
        {"message": "Hi {{ name }}, thank you for asking about EXAMA."},
        {"message": "Shall I send you the price list?", "after": "12h"},
    ],
}
"""A sequence as the API's own page shows one."""


class SequenceBody(SequenceSchema):
    """A sequence, known by its name. What is left out is as a new sequence has it, not as it was before.

    What is read may be written back as it is.
    """

    model_config = shown(EXAMPLE)

    version: int | None = Field(default=None, json_schema_extra=READ_ONLY)
    paused_at: datetime | None = Field(default=None, json_schema_extra=READ_ONLY)
    pause_reason: str | None = Field(default=None, json_schema_extra=READ_ONLY)
    pause_code: ReasonCode | None = Field(default=None, json_schema_extra=READ_ONLY)
    pause_facts: dict[str, object] = Field(default={}, json_schema_extra=READ_ONLY)
    archived_at: datetime | None = Field(default=None, json_schema_extra=READ_ONLY)

    @classmethod
    def of(cls, state: SequenceState) -> Self:
        """Return a sequence as it is, in the form in which it is written."""
        return cls.from_core(
            state.sequence,
            version=state.version,
            paused_at=state.paused_at,
            pause_reason=state.pause_reason,
            archived_at=state.archived_at,
            pause_code=state.pause_code,
            pause_facts=dict(state.pause_facts),
        )
