"""The pages that people look at, a file for each noun. None of them decides what anybody may do."""

from fastapi import APIRouter

from dripline.web.pages import (
    access,
    events,
    leads,
    overview,
    processor,
    records,
    senders,
    sequences,
    settings,
    sources,
)

router = APIRouter(include_in_schema=False)
for noun in (access, overview, sequences, leads, records, senders, processor, settings, events, sources):
    router.include_router(noun.router)
