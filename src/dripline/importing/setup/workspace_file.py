"""The workspace as a person writes it in YAML: a document with the one key `workspace`."""

from typing import Annotated, cast

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from dripline.core.replies.stopping import STOP_WORDS
from dripline.core.secret import shown_key
from dripline.core.workspace import Workspace
from dripline.errors import InvalidFile, InvalidInput
from dripline.importing.setup.wrong_key import sentence

_Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
_Number = Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[0-9]{1,7}$")]

_EXAMPLES = {
    "zone": "zone: Asia/Kuala_Lumpur",
    "min_gap": "min_gap: 1h",
    "daily_cap": "daily_cap: 2",
    "stop_words": "stop_words: [stop, berhenti]",
}


class _WorkspaceText(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    zone: _Text = "UTC"
    min_gap: _Text = "0s"
    daily_cap: _Number | None = None
    stop_words: list[_Text] = Field(default_factory=lambda: list(STOP_WORDS))


def is_workspace(document: object) -> bool:
    """Return whether a document means to be the workspace."""
    return isinstance(document, dict) and "workspace" in document


def workspace_of(place: str, document: object) -> Workspace:
    """Return the workspace that a document holds; `place` names the document in errors.

    Raises:
        InvalidFile: Names the place, what is wrong and what to write.
    """
    written = cast("dict[str, object]", document)
    beside = next((key for key in written if key != "workspace"), None)
    if beside is not None:
        raise InvalidFile(
            f"{place}: The key {shown_key(str(beside))} stands beside workspace: indent it below workspace."
        )
    try:
        text = _WorkspaceText.model_validate(written["workspace"])
    except ValidationError as error:
        if not isinstance(written["workspace"], dict):
            raise InvalidFile(f"{place}: The workspace is empty: write its keys below it, indented.") from None
        raise InvalidFile(sentence(f"{place}, workspace", error, _WorkspaceText, _EXAMPLES)) from None
    try:
        return Workspace(
            zone=text.zone,
            min_gap=text.min_gap,
            daily_cap=None if text.daily_cap is None else int(text.daily_cap),
            stop_words=text.stop_words,
        )
    except InvalidInput as error:
        raise InvalidFile(f"{place}, workspace: {error}") from error
