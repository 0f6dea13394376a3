"""The workspace as it is written."""

from typing import Annotated, Self

from pydantic import Field
from typing_extensions import override

from dripline.core.replies.stopping import STOP_WORDS
from dripline.core.sequences.plain_values import plain
from dripline.core.time.schedule import format_delay
from dripline.core.workspace import CAP_LIMIT, KEEP_MESSAGES, Workspace
from dripline.schema.base import Delay, Schema, Short


class WorkspaceSchema(Schema):
    """What holds for every sequence."""

    zone: Short = "UTC"
    min_gap: Delay = "0s"
    daily_cap: Annotated[int | None, Field(ge=1, le=CAP_LIMIT)] = None
    stop_words: list[Short] = Field(default_factory=lambda: list(STOP_WORDS))
    keep: Delay | None = None
    keep_messages: Delay | None = format_delay(KEEP_MESSAGES)

    @classmethod
    def from_core(cls, workspace: Workspace) -> Self:
        """Return the workspace as it is written."""
        return cls(**plain(workspace))

    @override
    def to_core(self) -> Workspace:
        return self.made(Workspace)
