"""Settings in words, and what differs between two of them, by their fields: no field changes without a word."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import fields
from datetime import timedelta
from typing import cast

from dripline.core.senders.sender import Pace, Sender
from dripline.core.sequences.policy import Policy
from dripline.core.sequences.sequence import Sequence, Step
from dripline.core.time.schedule import format_delay
from dripline.core.time.send_window import SendWindow
from dripline.core.workspace import Workspace

Settings = Mapping[str, str]
"""Settings in words, by what they are called."""

FIXED = {"after", "id"}
"""What a version fixes of a step; all else is looked up when the step goes, and may be corrected within the version."""

_CORRECTABLE = [one.name for one in fields(Step) if one.name not in FIXED]

_NONE = {"min_gap": "the workspace's", "zone": "the workspace's", "then": "nothing"}
"""What it means that a sequence lacks a setting, where that is not "none"."""

_FIRST = ("trigger", "channel", "senders")
"""What is said of a sequence before its answers."""

_CALLED = {"hourly_cap": "hourly cap", "daily_cap": "daily cap", "warm_up": "warm-up", "quiet": "quiet hours"}
"""What the settings of a sender are called."""


def sequence_settings(sequence: Sequence) -> Settings:
    """Return the settings of a sequence: all but its name, its steps and its fallbacks."""
    named = _values(sequence, without={"name", "steps", "variables", "policy"})
    values = {name: named[name] for name in _FIRST} | _values(sequence.policy) | named
    return {name: in_words(value, _NONE.get(name, "none")) for name, value in values.items()}


def sender_settings(sender: Sender) -> Settings:
    """Return the settings of a sender: all but its name."""
    values = _values(sender, without={"name", "pace"}) | _values(sender.pace)
    return {_CALLED.get(name, name): in_words(value) for name, value in values.items()}


def workspace_settings(workspace: Workspace) -> Settings:
    """Return the settings of the workspace."""
    return {name: in_words(value) for name, value in _values(workspace).items()}


def changed(before: Settings, after: Settings) -> Iterator[str]:
    """Yield what differs, a line each."""
    yield from (f"{name} {before[name]} → {after[name]}" for name in after if before[name] != after[name])


def correctable(step: Step) -> Mapping[str, object]:
    """Return what may be corrected of a step within its version: it is looked up when the step goes."""
    return {name: getattr(step, name) for name in _CORRECTABLE}


def corrected(old: Step, new: Step) -> Iterator[str]:
    """Yield what is corrected of a step, each once."""
    before, after = correctable(old), correctable(new)
    names = [name for name in dict.fromkeys([*_WORDS, *_CORRECTABLE]) if before[name] != after[name]]
    yield from dict.fromkeys(_WORDS[name](old, new) if name in _WORDS else _plainly(name, old, new) for name in names)


def in_words(value: object, none: str = "none") -> str:
    """Say a value, or that there is none."""
    match value:
        case None | () | "":
            return none
        case bool():
            return "yes" if value else "no"
        case timedelta():
            return format_delay(value)
        case SendWindow():
            return " without ".join(filter(None, (str(value), ", ".join(value.holidays_written))))
        case tuple():
            return ", ".join(map(str, cast("tuple[object, ...]", value)))
        case _:
            return str(value)


def _values(of: Sequence | Policy | Sender | Pace | Workspace, *, without: Collection[str] = ()) -> dict[str, object]:
    return {one.name: getattr(of, one.name) for one in fields(of) if one.name not in without}


def _plainly(name: str, old: Step, new: Step) -> str:
    return f"has {name} {in_words(getattr(old, name))} → {in_words(getattr(new, name))}"


def _text(_: Step, __: Step) -> str:
    return "has a new text"


def _html(_: Step, new: Step) -> str:
    return "has no HTML any more" if new.html is None else "has new HTML"


def _window(old: Step, new: Step) -> str:
    return f"has the window {in_words(old.hours)} → {in_words(new.hours)}"


def _media(_: Step, new: Step) -> str:
    return f"shows another {new.media.kind}" if new.media else "shows nothing any more"


def _template(_: Step, new: Step) -> str:
    return "has no template any more" if new.template is None else f"goes by the template {new.template.name}"


def _variants(_: Step, __: Step) -> str:
    return "has other words for other channels"


_WORDS: Mapping[str, Callable[[Step, Step], str]] = {
    "message": _text,
    "subject": _text,
    "html": _html,
    "window": _window,
    "media": _media,
    "template": _template,
    "variants": _variants,
}
"""How the corrections are said that are more than one value instead of another, in the order in which they are said."""
