"""What applying a sequence would change: a stored sequence and a wanted one in, a plan out."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from dripline.core.model import Sequence
from dripline.core.schedule import format_delay
from dripline.core.sender import Sender
from dripline.core.window import SendWindow
from dripline.core.workspace import Workspace


class Action(StrEnum):
    """What applying does to a sequence."""

    CREATE = "create"
    UPDATE = "update"
    KEEP = "keep"


@dataclass(frozen=True, slots=True)
class Plan:
    """What applying a sequence does, in words for a person, before it does it.

    `new_version`: the number or the waits of the steps change, so newcomers get a new version and enrollments in
    flight keep theirs.
    """

    name: str
    action: Action = field(kw_only=True)
    changes: tuple[str, ...] = field(default=(), kw_only=True)
    new_version: bool = field(default=False, kw_only=True)


def plan(stored: Sequence | None, wanted: Sequence) -> Plan:
    """Say what applying `wanted` over `stored` changes."""
    if stored is None:
        return Plan(wanted.name, action=Action.CREATE, changes=tuple(_introduction(wanted)))
    new_version = [step.wait for step in stored.steps] != [step.wait for step in wanted.steps]
    changes = tuple(_differences(stored, wanted, new_version=new_version))
    return Plan(wanted.name, action=Action.UPDATE if changes else Action.KEEP, changes=changes, new_version=new_version)


def plan_sender(stored: Sender | None, wanted: Sender) -> Plan:
    """Say what applying the sender `wanted` over `stored` changes."""
    after = _sender_settings(wanted)
    if stored is None:
        told = tuple(f"{name} {value}" for name, value in after.items() if value != "none")
        return Plan(wanted.name, action=Action.CREATE, changes=told)
    before = _sender_settings(stored)
    changes = tuple(f"{name} {before[name]} → {after[name]}" for name in after if before[name] != after[name])
    return Plan(wanted.name, action=Action.UPDATE if changes else Action.KEEP, changes=changes)


def plan_workspace(stored: Workspace, wanted: Workspace) -> Plan:
    """Say what applying the workspace `wanted` over `stored` changes."""
    before, after = stored.settings(), wanted.settings()
    changes = tuple(f"{name} {before[name]} → {after[name]}" for name in after if before[name] != after[name])
    return Plan("workspace", action=Action.UPDATE if changes else Action.KEEP, changes=changes)


def _sender_settings(sender: Sender) -> dict[str, str]:
    pace = sender.pace
    settings = {
        "channel": sender.channel,
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


def _introduction(wanted: Sequence) -> Iterator[str]:
    by = f" by {', '.join(wanted.senders)}" if wanted.senders else ""
    yield f"starts on {wanted.trigger}, goes through {wanted.channel}{by}"
    for position, step in enumerate(wanted.steps, start=1):
        yield f"step {position} after {format_delay(step.wait)}"


def _differences(stored: Sequence, wanted: Sequence, *, new_version: bool) -> Iterator[str]:
    before, after = _settings(stored), _settings(wanted)
    yield from (f"{name} {before[name]} → {after[name]}" for name in after if before[name] != after[name])
    if dict(stored.variables) != dict(wanted.variables):
        yield "fallbacks of variables changed"
    if new_version:
        yield "steps or waits changed: new enrollments get them, enrollments in flight keep what they have"
        return
    for position, (old, new) in enumerate(zip(stored.steps, wanted.steps, strict=True), start=1):
        if (old.message, old.subject) != (new.message, new.subject):
            yield f"step {position} has a new text, for everything not yet sent"
        if old.hours != new.hours:
            yield f"step {position} has the window {_window(old.hours)} → {_window(new.hours)}"


def _settings(sequence: Sequence) -> dict[str, str]:
    policy = sequence.policy
    return {
        "trigger": sequence.trigger,
        "channel": sequence.channel,
        "senders": ", ".join(sequence.senders) or "none",
        "on_failure": policy.on_failure,
        "on_unknown": policy.on_unknown,
        "unknown_after": format_delay(policy.hold),
        "when_late": policy.when_late,
        "late_grace": format_delay(policy.grace),
        "min_gap": "the workspace's" if policy.gap is None else format_delay(policy.gap),
        "on_reply": policy.on_reply,
        "on_trigger_lost": policy.on_trigger_lost,
        "re_entry": policy.re_entry,
        "window": _window(sequence.hours),
        "zone": sequence.zone or "the workspace's",
        "goal": sequence.goal or "none",
        "then": sequence.then or "nothing",
        "may_loop": "yes" if sequence.may_loop else "no",
        "group": sequence.group or "none",
    }


def _window(window: SendWindow | None) -> str:
    if window is None:
        return "none"
    return " without ".join(filter(None, (str(window), ", ".join(window.holidays_written))))
