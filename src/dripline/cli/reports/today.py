"""Today: what went, what needs a person, what waits and why, and what comes next."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from zoneinfo import ZoneInfo

import typer

from dripline.cli.support.options import Db, Json
from dripline.core.explain import words
from dripline.core.records.waiting import WaitCause, WaitingGroup
from dripline.core.text import counted
from dripline.core.views.today import DayResults, NextUp, Today

_CAUSES = {
    WaitCause.EVERYTHING_PAUSED: "everything is paused",
    WaitCause.SEQUENCE_PAUSED: "{sequence} is paused",
    WaitCause.STEP_STOPPED: "step {step} of {sequence} is stopped",
    WaitCause.CHANNEL_MISSING: "the channel {channel} is not set up here",
    WaitCause.SENDER_PAUSED: "{sender} is paused",
    WaitCause.SENDER_OFFLINE: "{sender} is offline",
    WaitCause.CHANNEL_OFFLINE: "the channel {channel} takes nothing",
    WaitCause.QUIET_HOURS: "{sender} has quiet hours",
    WaitCause.LIMIT: "{sender} has reached its limit",
    WaitCause.PROVIDER_BUSY: "the provider of {sender} asked to wait",
    WaitCause.NO_PROCESSOR: "no processor is at work",
    WaitCause.LATE: "nothing holds them: late",
    WaitCause.PACE: "{sender} sends them one after the other",
    WaitCause.NEXT_PASS: "they go at the next pass",
}


def today(db: Db = None, as_json: Json = False) -> None:
    """Show what went in 24 hours, what needs you, what waits and why, and what comes next.

    Example: dripline today --db shop.db
    """
    from dripline.cli.support.session import open_existing, print_json

    with open_existing(db) as drip:
        found = drip.reports.today()
    if as_json:
        print_json(_as_object(found))
    else:
        for line in _lines(found):
            typer.echo(line)


def _lines(today: Today) -> Iterator[str]:
    zone = ZoneInfo(today.week.zone)
    yield _results(today.results)
    yield from (f"! {need.text}" for need in today.needs)
    waiting = today.waiting
    late = f", {waiting.late:,} late" if waiting.late else ", none late"
    yield f"{counted(waiting.count, 'message')} waiting{late if waiting.count else ''}."
    yield from (f"  {_cause(group, today.at, zone)}" for group in waiting.groups)
    yield from (f"Next: {_coming(one)}, {_written(one.at, zone)}." for one in today.next_up)


def _coming(one: NextUp) -> str:
    return f"{one.sequence}, step {one.step}, to {one.count:,}{'+' if one.is_more else ''}"


def _results(results: DayResults) -> str:
    text = f"{counted(results.sent, 'message')} sent in 24 hours, {results.failed:,} failed"
    if results.delivered:
        text += f", {results.delivered:,} of {results.receipts_of:,} delivered, {results.read:,} read"
    return f"{text}."


def _cause(group: WaitingGroup, now: datetime, zone: ZoneInfo) -> str:
    cause = _CAUSES[group.cause]
    about = {name: getattr(group, name) for name in ("sender", "sequence", "step", "channel")}
    if group.sender is None and group.cause is WaitCause.NO_PROCESSOR:
        about["sender"] = group.channel
    why = f": {words(group.because)}" if group.because is not None and group.until is None else ""
    until = f", until {_written(group.until, zone)}" if group.until is not None and group.until > now else ""
    return f"{group.count:,}{'+' if group.is_more else ''}  {cause.format_map(about)}{why}{until}"


def _written(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%a %d %b %H:%M}"


def _as_object(today: Today) -> dict[str, object]:
    text = asdict(today)
    text["waiting"]["late"] = today.waiting.late
    del text["week"], text["sequences"]
    return text
