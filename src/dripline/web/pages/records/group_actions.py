"""What is done to a group of messages at once: those that failed for one reason, and those that were not confirmed."""

from dataclasses import replace
from typing import Annotated

from fastapi import APIRouter, Form
from starlette.datastructures import QueryParams
from starlette.responses import Response

from dripline.core.text import counted
from dripline.errors import DriplineError
from dripline.web.pages.records.bulk_actions import Posted, chosen_ids, where_asked, zone_of
from dripline.web.pages.records.message_filter import record_filter
from dripline.web.record_actions import RETRY, done_text, refused_text
from dripline.web.render import back
from dripline.web.security.auth import CsrfChecked

router = APIRouter(prefix="/messages")


@router.post("/failed/retry")
def retry_group(
    context: CsrfChecked,
    reason: Posted = "",
    filter: Posted = "",  # noqa: A002  (its name in the form)
) -> Response:
    """Send the failed messages of one reason again, those that can be."""
    drip, asked = context.drip, QueryParams(filter)
    where = where_asked("", asked, "")
    try:
        wanted = replace(record_filter(asked, drip.now(), zone_of(drip)), reason_code=reason or None)
        groups = drip.records.failures(wanted)
        done = drip.records.retry([record for group in groups for record in group.retriable])
    except DriplineError as error:
        return back(where, refused=str(error))
    left = sum(len(group.records) - len(group.retriable) for group in groups)
    moved_on = f" {left:,} of these people {'has' if left == 1 else 'have'} moved on." if left and done.records else ""
    return back(where, done=f"{done_text(RETRY, done)}{moved_on}".strip(), refused=refused_text(done))


@router.post("/settle")
def settle_ticked(
    context: CsrfChecked,
    resolution: Posted = "",
    record: Annotated[list[str] | None, Form()] = None,
    filter: Posted = "",  # noqa: A002  (its name in the form)
) -> Response:
    """Settle the ticked messages of which nobody knew whether they went."""
    where, unknown = where_asked("", QueryParams(filter), ""), context.drip.records.unknown
    try:
        settled = [unknown.settle_one(one, resolution) for one in chosen_ids(" ".join(record or []))]
    except DriplineError as error:
        return back(where, refused=str(error))
    count, left = sum(one.records for one in settled), [one for each in settled for one in each.left]
    if not count and not left:
        return back(where, refused="No message was ticked: tick some first.")
    done = f"Settled as {'arrived' if resolution == 'sent' else 'not arrived'}: {counted(count, 'message')}."
    refused = f"Left as it is: {counted(len(left), 'message')}, {left[0].reason}." if left else ""
    return back(where, done=done if count else "", refused=refused)
