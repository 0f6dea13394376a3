"""The workspace as it is stored: what holds for every sequence, and whether everything is paused."""

import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dripline.core.settings_plan import SettingsPlan, plan_workspace
from dripline.core.stopping import STOP_WORDS
from dripline.core.workspace import Workspace
from dripline.store.database import Database, instant_or_none
from dripline.store.store import SECOND


@dataclass(frozen=True, slots=True)
class WorkspaceState:
    """The workspace, and since when and why everything is paused, if it is."""

    workspace: Workspace
    paused_at: datetime | None = field(kw_only=True)
    pause_reason: str | None = field(kw_only=True)


class Workspaces:
    """Reads and changes the workspace of one database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def state(self) -> WorkspaceState:
        """Return the workspace as it stands."""
        row = self._database.run("workspace")[0]
        workspace = Workspace(
            zone=row["zone"],
            min_gap=timedelta(seconds=row["min_gap_seconds"]),
            daily_cap=row["daily_cap"],
            stop_words=STOP_WORDS if row["stop_words"] is None else json.loads(row["stop_words"]),
        )
        return WorkspaceState(workspace, paused_at=instant_or_none(row["paused_at"]), pause_reason=row["pause_reason"])

    def plan(self, wanted: Workspace) -> SettingsPlan:
        """Say what applying a workspace would change."""
        return plan_workspace(self.state().workspace, wanted)

    def apply(self, wanted: Workspace) -> SettingsPlan:
        """Overwrite the workspace. Idempotent."""
        with self._database.transaction():
            planned = self.plan(wanted)
            built_in = wanted.stop_words == Workspace().stop_words
            self._database.change(
                "update_workspace",
                zone=wanted.zone,
                min_gap_seconds=wanted.gap // SECOND,
                daily_cap=wanted.daily_cap,
                stop_words=None if built_in else json.dumps(list(wanted.stop_words), ensure_ascii=False),
            )
            return planned
