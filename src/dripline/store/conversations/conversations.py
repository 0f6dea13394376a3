"""Conversations: who wrote to which account of ours, and when last. Some providers take free text only for so long."""

from collections.abc import Iterable, Mapping
from collections.abc import Sequence as Listing
from datetime import datetime, timedelta

from dripline.core.events.inbound import Reply, TemplateChanged, same_language
from dripline.core.reason import Reason, ReasonCode
from dripline.store.content import read_content
from dripline.store.database.database import Database, Row, instant
from dripline.store.enrollments.store import SECOND, keys
from dripline.store.reasons import reason_of, stored

Windows = Mapping[str, timedelta]
"""For how long after somebody wrote a channel takes free text to them, by channel; the others take it at any time."""

ANY_TIME: Windows = {}
"""Every channel takes free text at any time."""


class Conversations:
    """Reads and notes who wrote when, on one database. Call inside a transaction."""

    def __init__(self, database: Database, windows: Windows = ANY_TIME) -> None:
        self._database = database
        self._windows = windows

    def note(self, channel: str, replies: Iterable[Reply], now: datetime) -> None:
        """Note that people wrote to a channel's accounts; one that is ahead of our clock counts as now."""
        last: dict[tuple[str, str], datetime] = {}
        for reply in replies:
            if reply.phone is not None:
                who = reply.phone, reply.account
                last[who] = max(last.get(who, reply.at), reply.at)
        if not last:
            return
        written = [
            {"address": address, "account": account, "delay": (min(at, now) - now) // SECOND}
            for (address, account), at in last.items()
        ]
        self._database.change("note_written", channel=channel, written=written, now=now)

    def closed(self, rows: Listing[Row], channels: Mapping[int, str], now: datetime) -> set[int]:
        """Return the records to whose leads no free text may go now. `rows` are as ``read_claimed`` returns them.

        `channels` by step. A record that goes by no sender goes by its channel's one account, whichever that is.
        """
        closed: set[int] = set()
        for channel, window in list(self._windows.items()):
            asked = [row for row in rows if channels[row["sequence_stepid"]] == channel and row["address"] is not None]
            if asked:
                wrote = self._wrote(channel, {row["address"] for row in asked}, now - window)
                closed |= {row["id"] for row in asked if not _is_open(row, wrote)}
        return closed

    def close(self, channel: str, addresses: Iterable[str]) -> None:
        """Take people as not having written lately: the provider says so."""
        self._database.change("close_conversations", channel=channel, addresses=keys(addresses))

    def note_template(self, channel: str, changed: TemplateChanged) -> int:
        """Pause every step of a channel that goes by a template which may not be used now, or let them go on again.

        Only what the provider paused goes on, and one that was archived and is so no more. A template that is at risk,
        or cannot be changed, goes on. Returns how many steps there are.
        """
        wanted = changed.template, same_language(changed.language)
        steps = [
            (row["id"], reason_of(row))
            for row in self._database.run("steps_with_template", channel=channel)
            if (template := read_content(row["content"]).template) is not None
            and (template.name, same_language(template.language)) == wanted
        ]
        go_on = [step for step, reason in steps if reason is not None and _lets_go_on(changed, reason)]
        if go_on:
            self._database.change("resume_steps", steps=keys(go_on))
        if steps and changed.is_unusable:
            pause_reason = Reason.of(
                ReasonCode.TEMPLATE_STATUS,
                template=changed.template,
                status=str(changed.status),
                error=changed.reason,
            )
            self._database.change("pause_steps", steps={str(step): stored(pause_reason) for step, _ in steps})
        return len(steps)

    def _wrote(self, channel: str, addresses: Iterable[str], since: datetime) -> dict[str, set[str]]:
        """Return the accounts to which each of some people wrote after an instant."""
        wrote: dict[str, set[str]] = {}
        for row in self._database.run("last_written", channel=channel, addresses=keys(addresses)):
            if instant(row["last_written_at"]) > since:
                wrote.setdefault(row["address"], set()).add(row["account"])
        return wrote


def _lets_go_on(changed: TemplateChanged, paused: Reason) -> bool:
    if changed.is_usable:
        return paused.code in {ReasonCode.TEMPLATE_STATUS, ReasonCode.TEMPLATE_REJECTED}
    ended = {"UNARCHIVED": "ARCHIVED"}.get(changed.status)
    return paused.code is ReasonCode.TEMPLATE_STATUS and ended is not None and paused.facts.get("status") == ended


def _is_open(row: Row, wrote: Mapping[str, set[str]]) -> bool:
    accounts = wrote.get(row["address"], set())
    return bool(accounts) if row["account"] is None else row["account"] in accounts
