"""The pages that people look at, a file for each noun. None of them decides what anybody may do."""

from fastapi import APIRouter

from dripline.web.pages import (
    access,
    editor,
    leads,
    overview,
    processor,
    records,
    reference,
    senders,
    sequences,
    settings,
    simulate,
)

router = APIRouter(include_in_schema=False)
for noun in (access, overview, editor, sequences, leads, records, senders, processor, simulate, settings, reference):
    router.include_router(noun.router)
