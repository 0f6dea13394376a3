"""A sender as it is written, with its pace."""

from typing import Annotated, Any, Self

from pydantic import Field
from typing_extensions import override

from dripline.core.senders.sender import COUNT_LIMIT, Pace, Sender
from dripline.core.sequences.plain_values import plain
from dripline.schema.base import Schema, Short

Count = Annotated[int | None, Field(ge=1, le=COUNT_LIMIT)]


class PaceSchema(Schema):
    """How fast a sender goes."""

    gap: Short = "0s"
    burst: int = Field(default=1, ge=1, le=COUNT_LIMIT, description="Messages that go together before each rest.")
    hourly_cap: Count = None
    daily_cap: Count = None
    warm_up: list[Annotated[int, Field(ge=1, le=COUNT_LIMIT)]] = Field(
        default=[], max_length=100, description="The daily caps of the first days."
    )
    quiet: Short | None = Field(default=None, description="Local hours of silence: 21:00-08:00.")
    zone: Short | None = Field(default=None, description="Such as Asia/Kuala_Lumpur.")

    @override
    def to_core(self) -> object:
        return self.made(Pace)


class _WhoSends(Schema):
    name: Short
    channel: Short
    account: Short | None = None
    pool: Short | None = None


class SenderSchema(PaceSchema, _WhoSends):
    """A sender, known by its name, and its pace."""

    @classmethod
    def from_core(cls, sender: Sender, **beside: Any) -> Self:  # noqa: ANN401  (fields of a subclass)
        """Return a sender as it is written, and what stands `beside` it."""
        return cls(**plain(sender), **beside)

    @override
    def to_core(self) -> Sender:
        return self.made(Sender, pace=self.made(Pace))
