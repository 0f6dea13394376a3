"""The life of a sequence, by hand: renamed, archived, brought back, deleted."""

from typing import Annotated

from fastapi import APIRouter, Form
from starlette.responses import Response

from dripline.core.text import counted, start_now
from dripline.errors import InvalidSequence
from dripline.web.path_segments import InAddress, in_address
from dripline.web.render import back
from dripline.web.security.auth import CsrfChecked

Posted = Annotated[str, Form(max_length=500)]

router = APIRouter(prefix="/sequences")


@router.post("/{name}/rename")
def rename(context: CsrfChecked, name: InAddress, to: Posted = "") -> Response:
    """Give a sequence another name."""
    try:
        context.drip.sequences.rename(name, to)
    except InvalidSequence as error:
        return back(_at(name), refused=str(error))
    return back(_at(to.strip()), done=f"{name} is {to.strip()} now. Whoever is in it goes on.")


@router.post("/{name}/archive")
def archive(context: CsrfChecked, name: InAddress, in_flight: Posted = "") -> Response:
    """Retire a sequence."""
    try:
        count = context.drip.sequences.archive(name, in_flight=in_flight or None)
    except InvalidSequence as error:
        return back(_at(name), refused=str(error))
    return back(
        _at(name), done=f"{name} is archived. {counted(count, 'lead')} {'was' if count == 1 else 'were'} in it."
    )


@router.post("/{name}/unarchive")
def unarchive(context: CsrfChecked, name: InAddress) -> Response:
    """Let an archived sequence start again."""
    try:
        enrolled = context.drip.sequences.unarchive(name)
    except InvalidSequence as error:
        return back(_at(name), refused=str(error))
    return back(_at(name), done=f"{name} is back. {start_now(enrolled)}.")


@router.post("/{name}/delete")
def delete(context: CsrfChecked, name: InAddress, in_flight: Posted = "") -> Response:
    """Delete a sequence for good."""
    try:
        context.drip.sequences.delete(name, in_flight=in_flight or None)
    except InvalidSequence as error:
        return back(_at(name), refused=str(error))
    return back("/sequences", done=f"{name} is deleted. What it sent stays with its leads.")


def _at(name: str) -> str:
    return f"/sequences/{in_address(name)}"
