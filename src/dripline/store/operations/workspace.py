"""The workspace as it is stored: what holds for every sequence, and whether everything is paused."""

import json
from collections.abc import Sequence as Listing
from datetime import datetime, timedelta

from dripline.core.explain import words_or_none
from dripline.core.planning.settings_plan import SettingsPlan, plan_workspace
from dripline.core.reason import code_of, facts_of
from dripline.core.replies.stopping import STOP_WORDS
from dripline.core.time.schedule import DELAY_LIMIT
from dripline.core.views.operations import WorkspaceState
from dripline.core.workspace import CAP_LIMIT, Workspace
from dripline.errors import InvalidWorkspace
from dripline.store.database.database import Database, Row, instant_or_none
from dripline.store.enrollments.store import SECOND
from dripline.store.enrollments.waiting import ask_all_again, count_all_waiting
from dripline.store.reasons import reason_of
from dripline.store.rows import zone_or_none


class Workspaces:
    """Reads and changes the workspace of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def state(self) -> WorkspaceState:
        """Return the workspace as it stands."""
        row = self._database.run("workspace")[0]
        workspace = _workspace_of(row)
        pause = reason_of(row, "pause")
        return WorkspaceState(
            workspace,
            paused_at=instant_or_none(row["paused_at"]),
            pause_reason=words_or_none(pause),
            pause_code=code_of(pause),
            pause_facts=facts_of(pause),
        )

    def plan(self, wanted: Workspace, now: datetime) -> SettingsPlan:
        """Say what applying a workspace would change."""
        stored = self.state().workspace
        waiting = count_all_waiting(self._database, now) if _rules(stored) != _rules(wanted) else 0
        return plan_workspace(stored, wanted, waiting=waiting)

    def apply(self, wanted: Workspace, now: datetime) -> SettingsPlan:
        """Overwrite the workspace; what waits for a rule is asked again where one changed. Idempotent."""
        with self._database.transaction():
            planned = self.plan(wanted, now)
            changes_rules = _rules(self.state().workspace) != _rules(wanted)
            built_in = wanted.stop_words == Workspace().stop_words
            self._database.change(
                "update_workspace",
                zone=wanted.zone,
                min_gap_seconds=wanted.gap // SECOND,
                daily_cap=wanted.daily_cap,
                keep_seconds=_seconds(wanted.retention),
                keep_messages_seconds=_seconds(wanted.message_retention),
                stop_words=None if built_in else json.dumps(list(wanted.stop_words), ensure_ascii=False),
            )
            if changes_rules:
                ask_all_again(self._database, now)
            return planned


def _workspace_of(row: Row) -> Workspace:
    """Read the settings; one that a person wrote and nobody can read is as good as none."""
    cap: int | None = row["daily_cap"]
    return Workspace(
        zone=zone_or_none(row["zone"]) or Workspace().zone,
        min_gap=timedelta(seconds=row["min_gap_seconds"]),
        daily_cap=None if cap is None else min(cap, CAP_LIMIT),
        stop_words=_stop_words_of(row["stop_words"]),
        keep=_span(row["keep_seconds"]),
        keep_messages=_span(row["keep_messages_seconds"]),
    )


def _span(seconds: int | None) -> timedelta | None:
    return None if seconds is None else min(timedelta(seconds=seconds), DELAY_LIMIT)


def _seconds(span: timedelta | None) -> int | None:
    return None if span is None else span // SECOND


def _stop_words_of(text: str | None) -> Listing[str]:
    try:
        return STOP_WORDS if text is None else Workspace(stop_words=json.loads(text)).stop_words
    except (ValueError, TypeError, AttributeError, InvalidWorkspace):
        return STOP_WORDS


def _rules(workspace: Workspace) -> tuple[object, ...]:
    return workspace.zone, workspace.gap, workspace.daily_cap
