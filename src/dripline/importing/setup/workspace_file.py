"""The workspace as a person writes it in YAML: a document with the one key `workspace`."""

from typing import cast

from pydantic import ValidationError

from dripline.core.secret import shown_key
from dripline.core.workspace import Workspace
from dripline.errors import InvalidFile, InvalidInput
from dripline.importing.setup.as_text import as_text, given_by
from dripline.importing.setup.schema_errors import sentence
from dripline.schema.workspace import WorkspaceSchema

_EXAMPLES = {
    "zone": "zone: Asia/Kuala_Lumpur",
    "min_gap": "min_gap: 1h",
    "daily_cap": "daily_cap: 2",
    "stop_words": "stop_words: [stop, berhenti]",
    "keep": "keep: 400d",
}


WORKSPACE_KEYS = as_text(WorkspaceSchema)


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
        given = given_by(WORKSPACE_KEYS.model_validate(written["workspace"]), WorkspaceSchema)
    except ValidationError as error:
        if not isinstance(written["workspace"], dict):
            raise InvalidFile(f"{place}: The workspace is empty: write its keys below it, indented.") from None
        raise InvalidFile(sentence(f"{place}, workspace", error, WORKSPACE_KEYS, _EXAMPLES)) from None
    try:
        return WorkspaceSchema.unchecked(given).to_core()
    except InvalidInput as error:
        raise InvalidFile(f"{place}, workspace: {error}") from error
