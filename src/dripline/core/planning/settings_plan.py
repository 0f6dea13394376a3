"""What applying mere settings would change, of a sender or the workspace: stored and wanted in, a plan out."""

from dataclasses import dataclass, field

from dripline.core.planning.in_words import changed, sender_settings, workspace_settings
from dripline.core.planning.plan import Action
from dripline.core.senders.sender import Sender
from dripline.core.workspace import Workspace


@dataclass(frozen=True, slots=True)
class SettingsPlan:
    """What applying settings does, in words for a person, before it does it. `name` is whose they are.

    `notes` are what is worth knowing and changes nothing.
    """

    name: str
    action: Action = field(kw_only=True)
    changes: tuple[str, ...] = field(default=(), kw_only=True)
    notes: tuple[str, ...] = field(default=(), kw_only=True)


def plan_sender(stored: Sender | None, wanted: Sender, *, leaving: int = 0) -> SettingsPlan:
    """Say what applying the sender `wanted` over `stored` changes; `leaving` leads go by another one then."""
    after = sender_settings(wanted)
    if stored is None:
        settings = tuple(f"{name} {value}" for name, value in after.items() if value != "none")
        return SettingsPlan(wanted.name, action=Action.CREATE, changes=settings)
    changes = tuple(changed(sender_settings(stored), after))
    if leaving:
        go = "1 lead in flight goes" if leaving == 1 else f"{leaving} leads in flight go"
        changes += (f"{go} on by others of their sequences",)
    return SettingsPlan(wanted.name, action=Action.UPDATE if changes else Action.KEEP, changes=changes)


def plan_workspace(stored: Workspace, wanted: Workspace, *, waiting: int = 0) -> SettingsPlan:
    """Say what applying the workspace `wanted` over `stored` changes; `waiting` messages are checked again then."""
    changes = tuple(changed(workspace_settings(stored), workspace_settings(wanted)))
    if waiting:
        messages = "1 waiting message is" if waiting == 1 else f"{waiting} waiting messages are"
        changes += (f"{messages} checked again under the new rules",)
    return SettingsPlan("workspace", action=Action.UPDATE if changes else Action.KEEP, changes=changes)
