"""The pages that people look at, a file for each noun. None of them decides what anybody may do."""

from fastapi import APIRouter

from dripline.web.pages import api_reference, calendar, editor, imports, kit, login, redirects, sending, simulate, today
from dripline.web.pages.leads import lead_actions, leads
from dripline.web.pages.records import bulk_actions, group_actions, records, unknown_records
from dripline.web.pages.senders import connect, pairing, sender_form, senders
from dripline.web.pages.sequences import lifecycle, sequences
from dripline.web.pages.settings import events, lead_sources, settings, system

__all__ = ["kit", "router"]

router = APIRouter(include_in_schema=False)
for noun in (
    login,
    today,
    editor,
    lifecycle,
    sequences,
    lead_actions,
    leads,
    imports,
    records,
    bulk_actions,
    group_actions,
    unknown_records,
    connect,
    sender_form,
    pairing,
    senders,
    calendar,
    sending,
    simulate,
    settings,
    events,
    lead_sources,
    system,
    api_reference,
    redirects,
):
    router.include_router(noun.router)
