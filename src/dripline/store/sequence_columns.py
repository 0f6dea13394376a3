"""A sequence's settings as the columns of its row, and back, by the fields of `Sequence` and `Policy`."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import timedelta
from functools import lru_cache
from operator import itemgetter
from typing import Any, get_args

from dripline.core.sequences.policy import Policy
from dripline.core.sequences.sequence import Sequence
from dripline.core.time.send_window import SendWindow
from dripline.store.window_column import window_of, written_window

SECOND = timedelta(seconds=1)

OF_THEIR_OWN = {"name", "trigger", "channel", "senders", "steps", "variables", "policy"}
"""The fields of a sequence that are stored in a way of their own."""

_COLUMNS = {"window": "time_window", "then": "then_trigger", "group": "exclusive_group"}
"""Fields whose columns have other names, since theirs are words of SQL."""

_SETTINGS = {one.name: _COLUMNS.get(one.name, one.name) for one in fields(Sequence) if one.name not in OF_THEIR_OWN}

_SPANS = {one.name for one in fields(Policy) if timedelta in get_args(one.type)}

_ANSWERS = {one.name: f"{one.name}_seconds" if one.name in _SPANS else one.name for one in fields(Policy)}


def columns_of(sequence: Sequence) -> dict[str, object]:
    """Return what a sequence's row says of its settings and its policy."""
    settings = {column: _stored(getattr(sequence, name)) for name, column in _SETTINGS.items()}
    return settings | {column: _stored(getattr(sequence.policy, name)) for name, column in _ANSWERS.items()}


def settings_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings that a row holds, by the names of the fields of a sequence."""
    found = {name: row[column] for name, column in _SETTINGS.items()}
    kinds = {one.name: one.type for one in fields(Sequence)}
    return {name: bool(value) if kinds[name] is bool else value for name, value in found.items()} | {
        "window": window_of(found["window"])
    }


def policy_of(row: Mapping[str, Any]) -> Policy:
    """Read the policy of a row that holds its sequence's answers."""
    return _policy(_answers(row))


_answers = itemgetter(*_ANSWERS.values())


@lru_cache
def _policy(answers: tuple[Any, ...]) -> Policy:
    """Make a policy; there are few, so that a batch makes each once."""
    return Policy(**{name: _read(name, value) for name, value in zip(_ANSWERS, answers, strict=True)})


def _read(name: str, value: Any) -> Any:  # noqa: ANN401  (what a column holds)
    return value * SECOND if name in _SPANS and value is not None else value


def _stored(value: object) -> object:
    match value:
        case bool():
            return int(value)
        case timedelta():
            return value // SECOND
        case SendWindow():
            return written_window(value)
        case str():
            return str(value)
        case _:
            return value
