"""What applying mere settings would change, of a sender or the workspace: stored and wanted in, a plan out."""

from dataclasses import dataclass, field

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
    after = _sender_settings(wanted)
    if stored is None:
        told = tuple(f"{name} {value}" for name, value in after.items() if value != "none")
        return SettingsPlan(wanted.name, action=Action.CREATE, changes=told)
    before = _sender_settings(stored)
    changes = tuple(f"{name} {before[name]} → {after[name]}" for name in after if before[name] != after[name])
    if leaving:
        go = "1 lead in flight goes" if leaving == 1 else f"{leaving} leads in flight go"
        changes += (f"{go} on by others of their sequences",)
    return SettingsPlan(wanted.name, action=Action.UPDATE if changes else Action.KEEP, changes=changes)


def plan_workspace(stored: Workspace, wanted: Workspace, *, waiting: int = 0) -> SettingsPlan:
    """Say what applying the workspace `wanted` over `stored` changes; `waiting` messages are checked again then."""
    before, after = stored.settings(), wanted.settings()
    changes = tuple(f"{name} {before[name]} → {after[name]}" for name in after if before[name] != after[name])
    if waiting:
        messages = "1 waiting message is" if waiting == 1 else f"{waiting} waiting messages are"
        changes += (f"{messages} checked again under the new rules",)
    return SettingsPlan("workspace", action=Action.UPDATE if changes else Action.KEEP, changes=changes)


def _sender_settings(sender: Sender) -> dict[str, str]:
    pace = sender.pace
    settings = {
        "channel": sender.channel,
        "account": sender.account,
        "pool": sender.pool,
        "gap": pace.gap,
        "burst": pace.burst,
        "hourly cap": pace.hourly_cap,
        "daily cap": pace.daily_cap,
        "warm-up": ", ".join(map(str, pace.warm_up)),
        "quiet hours": pace.quiet,
        "zone": pace.zone,
    }
    return {name: str(value or "none") for name, value in settings.items()}
