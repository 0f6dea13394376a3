"""The workspace: what holds for every sequence."""

from dripline.app.opened import Opened
from dripline.core.planning.settings_plan import SettingsPlan
from dripline.core.views.operations import WorkspaceState
from dripline.core.workspace import Workspace


class WorkspaceCases(Opened):
    """What can be asked about the workspace."""

    def workspace(self) -> WorkspaceState:
        """Return what holds for every sequence, and whether everything is paused."""
        return self._workspaces.state()

    def plan_workspace(self, workspace: Workspace) -> SettingsPlan:
        """Say what applying a workspace would change, and change nothing."""
        return self._workspaces.plan(workspace, self._now())

    def apply_workspace(self, workspace: Workspace) -> SettingsPlan:
        """Overwrite what holds for every sequence. Idempotent; holds for everything not yet claimed."""
        return self._workspaces.apply(workspace, self._now())
