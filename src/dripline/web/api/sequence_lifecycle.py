"""The life of a sequence over the API: renamed, archived, deleted; and triggers renamed."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from dripline.core.planning.sequence_life import InFlight, RenamedTrigger
from dripline.web.api.leads import Named, Short, Touched
from dripline.web.api.responses import RequestBody
from dripline.web.api.sequences import Name
from dripline.web.security.auth import ApiClient

router = APIRouter(tags=["sequences"])


class NewName(RequestBody):
    """What something is called from now on."""

    to: Short


class ArchiveSequence(RequestBody):
    """What becomes of the leads who are in a sequence: their runs end, or come to their end."""

    in_flight: InFlight | None = None


class Renamed(RequestBody):
    """Whether anything has another name now."""

    renamed: bool


class Deleted(RequestBody):
    """Whether messages that it sent stay readable."""

    has_history: bool = Field(description="False where nobody was ever in it.")


@router.post("/sequences/{name}/rename")
def rename_sequence(drip: ApiClient, name: Name, new: NewName) -> Renamed:
    """Give a sequence another name; who is in it goes on."""
    return Renamed(renamed=drip.sequences.rename(name, new.to))


@router.post("/sequences/{name}/archive")
def archive_sequence(drip: ApiClient, name: Name, retiring: ArchiveSequence) -> Touched:
    """Retire a sequence: nobody starts it, and its trigger is free. Says how many leads were in it."""
    return Touched(touched=drip.sequences.archive(name, in_flight=retiring.in_flight))


@router.post("/sequences/{name}/unarchive")
def unarchive_sequence(drip: ApiClient, name: Name) -> Touched:
    """Let an archived sequence start on its trigger again. Says how many leads start at once."""
    return Touched(touched=drip.sequences.unarchive(name))


@router.delete("/sequences/{name}")
def delete_sequence(
    drip: ApiClient,
    name: Name,
    in_flight: Annotated[InFlight | None, Query(description="`end`, where leads are still in it.")] = None,
) -> Deleted:
    """Delete a sequence for good; what it sent stays readable under its name with a mark."""
    return Deleted(has_history=drip.sequences.delete(name, in_flight=in_flight))


@router.post("/triggers/{trigger}/rename")
def rename_trigger(drip: ApiClient, trigger: Named, new: NewName) -> RenamedTrigger:
    """Rename a trigger of leads, sequences and sources alike."""
    return drip.sequences.rename_trigger(trigger, new.to)
