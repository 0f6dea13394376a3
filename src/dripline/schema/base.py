"""What every schema has in common: its fields are those of a value of `core`, under the same names."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Annotated, Any, Self, TypeVar, cast

from pydantic import BaseModel, ConfigDict, Field
from pydantic.config import JsonDict

NO_NUL = r"^[^\x00]*$"
"""What every text is asked for: no database stores a NUL."""

NO_OTHER_KEYS: JsonDict = {"additionalProperties": False}
"""What the description says of a mapping beside the pattern of its keys, which alone would let others pass."""

Short = Annotated[str, Field(max_length=500, pattern=NO_NUL)]
Long = Annotated[str, Field(max_length=200_000, pattern=NO_NUL)]
Delay = Annotated[str, Field(max_length=40, pattern=NO_NUL, description="0s, 90m, 12h, 1d 6h.")]
Texts = Annotated[list[Long], Field(default_factory=list[str], max_length=100)]

T = TypeVar("T")


class Schema(BaseModel):
    """A value as it is written; unknown fields are refused, so that none is dropped in silence."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def unchecked(cls, given: Mapping[str, Any]) -> Self:
        """Return what is given as it is: `core` says in its own words what is wrong with it."""
        return cls.model_construct(**given)

    def made(self, kind: type[T], **own: object) -> T:
        """Return a dataclass of the fields that have the same names here; `own` are those that have not."""
        named = [one.name for one in fields(kind) if one.init]  # type: ignore[arg-type]
        return kind(**own, **{name: in_core(getattr(self, name)) for name in named if name not in own})

    def to_core(self) -> object:
        """Return the value that is written.

        Raises:
            InvalidInput: It cannot be one.
        """
        raise NotImplementedError


def in_core(value: Any) -> Any:  # noqa: ANN401  (whatever a field holds)
    """Return what a field holds as `core` has it."""
    match value:
        case Schema():
            return value.to_core()
        case list():
            return [in_core(one) for one in cast("list[object]", value)]
        case dict():
            return {key: in_core(one) for key, one in cast("dict[str, object]", value).items()}
        case _:
            return value
