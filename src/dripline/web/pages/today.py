"""Today: what went, what needs a person, what waits and why, and what comes next."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from starlette.responses import Response

from dripline.app import Dripline
from dripline.core.queries.filters import RecordFilter, StatusGroup
from dripline.core.queries.report import SequenceReport, Tally, summed
from dripline.core.records.waiting import WaitCause, WaitingGroup
from dripline.core.views.calendar import CalendarRow
from dripline.core.views.lists import ListedRecord
from dripline.core.views.today import Need, NeedHelp
from dripline.core.views.today import Today as Found
from dripline.web.charts.week_chart import week_chart
from dripline.web.path_segments import in_address
from dripline.web.render import page
from dripline.web.security.auth import CurrentUser

router = APIRouter()

CAUSES_SHOWN = 8
"""How many causes are listed, the largest; the rest is one line."""

SEQUENCES_SHOWN = 6

_COLOURS: Mapping[WaitCause, str] = MappingProxyType(
    {
        WaitCause.EVERYTHING_PAUSED: "warn",
        WaitCause.SEQUENCE_PAUSED: "warn-soft",
        WaitCause.STEP_STOPPED: "bad-soft",
        WaitCause.SENDER_PAUSED: "warn",
        WaitCause.CHANNEL_MISSING: "bad",
        WaitCause.SENDER_OFFLINE: "bad",
        WaitCause.CHANNEL_OFFLINE: "bad",
        WaitCause.QUIET_HOURS: "next",
        WaitCause.LIMIT: "soft",
        WaitCause.PROVIDER_BUSY: "next",
        WaitCause.NO_PROCESSOR: "bad",
        WaitCause.LATE: "bad",
        WaitCause.PACE: "sent",
        WaitCause.NEXT_PASS: "sent",
    }
)
"""What each cause is drawn in: blue goes by itself, amber is held on purpose, red is broken."""


@dataclass(frozen=True, slots=True)
class FirstRun:
    """How far somebody is who begins. `sent` is the first message, once it went; `records` are all there are."""

    senders: int
    sequences: tuple[str, ...] = field(kw_only=True)
    leads: int = field(kw_only=True)
    records: int = field(kw_only=True)
    sent: ListedRecord | None = field(kw_only=True)


class SequenceRow(NamedTuple):
    """A sequence in the list of those that need somebody first."""

    report: SequenceReport
    calendar: CalendarRow


@router.get("/")
def today(request: Request, context: CurrentUser) -> Response:
    """Show how things stand."""
    drip = context.drip
    found = drip.reports.today()
    shown = sorted(found.waiting.groups, key=lambda group: -group.count)[:CAUSES_SHOWN]
    values = {
        "today": found,
        "zone": found.week.zone,
        "day": found.at.astimezone(ZoneInfo(found.week.zone)).date(),
        "first": _first_run(drip, found),
        "workers": found.has_processor,
        "now": found.at,
        "groups": [group for group in found.waiting.groups if group in shown],
        "others": [group for group in found.waiting.groups if group not in shown],
        "colour": _COLOURS,
        "WaitCause": WaitCause,
        "NeedHelp": NeedHelp,
        "messages_of": messages_of,
        "help_of": help_of,
        "chart": week_chart(found.week),
        "rows": _rows(found),
    }
    return page(request, "today/today.html", values, context=context)


def messages_of(group: WaitingGroup) -> str:
    """Return where the messages are listed that wait for a cause."""
    about = {"sender": group.sender, "sequence": group.sequence, "step": group.step}
    return f"/messages?{urlencode([('due', 1), *((name, value) for name, value in about.items() if value)])}"


def help_of(need: Need) -> str:
    """Return where the button leads that helps."""
    name = in_address(need.name)
    places = {
        NeedHelp.START_PROCESSOR: "/settings/system",
        NeedHelp.SETTLE_RESTORED: "/resume",
        NeedHelp.RECONNECT_SENDER: f"/senders/{name}",
        NeedHelp.TRY_SENDER: f"/senders/{name}",
        NeedHelp.FIX_TEXT: f"/sequences/{name}/edit",
        NeedHelp.REVIEW_UNCONFIRMED: f"/unknown?{urlencode({'sequence': need.name})}",
        NeedHelp.DECIDE_STOPS: "/leads",
        NeedHelp.CHANGE_HOURS: f"/sequences/{name}",
        NeedHelp.CONTINUE_IMPORT: "/imports",
        NeedHelp.OPEN_WEBHOOKS: "/settings/events",
    }
    return places.get(need.help, "/senders")


def _first_run(drip: Dripline, found: Found) -> FirstRun | None:
    """Return how far it is to the first message; None for whoever is beyond it."""
    tally: Tally = summed(RecordFilter(), tuple(one.tally for one in found.sequences))
    if tally.sent.many > 1 or (found.leads > 1 and tally.sent.many):
        return None
    sent = drip.records.find(RecordFilter(standings=[StatusGroup.COMPLETED])).rows
    return FirstRun(
        len(drip.senders.all()),
        sequences=tuple(state.sequence.name for state in drip.sequences.all()),
        leads=found.leads,
        records=tally.should.many,
        sent=sent[0] if sent else None,
    )


def _rows(found: Found) -> list[SequenceRow]:
    """Return the sequences that need somebody first, and then those with the most leads."""
    by_name = {row.sequence: row for row in found.week.rows}
    rows = [SequenceRow(one, by_name[one.sequence]) for one in found.sequences if one.sequence in by_name]
    return sorted(rows, key=_by_need)[:SEQUENCES_SHOWN]


def _by_need(row: SequenceRow) -> tuple[int, int]:
    held = row.report.tally.figure(StatusGroup.HELD).many
    need = 0 if row.calendar.stopped else 1 if held else 2 if row.calendar.is_paused else 3
    return need, -row.report.enrollments.in_progress
