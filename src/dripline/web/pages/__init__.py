"""The pages that people look at, a file for each noun. None of them decides what anybody may do."""

from fastapi import APIRouter

from dripline.web.pages import (
    access,
    bulk,
    editor,
    events,
    imports,
    lead_deeds,
    leads,
    overview,
    pairing,
    processor,
    records,
    reference,
    sender_form,
    senders,
    sequence_life,
    sequences,
    settings,
    simulate,
    sources,
    unknown,
)

router = APIRouter(include_in_schema=False)
for noun in (
    access,
    overview,
    editor,
    sequence_life,
    sequences,
    leads,
    lead_deeds,
    imports,
    records,
    bulk,
    unknown,
    sender_form,
    pairing,
    senders,
    processor,
    simulate,
    settings,
    events,
    sources,
    reference,
):
    router.include_router(noun.router)
