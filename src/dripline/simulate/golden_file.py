"""Golden files: a result that is kept, and what differs from it later."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from dripline.errors import InvalidFile
from dripline.simulate.result import Result

LISTED = 20
"""How many differences are listed."""

SHOWN = 60
"""How much of a value is shown, in characters."""

_MISSING = object()


def keep(result: Result, path: Path) -> None:
    """Write a result as a golden file.

    Raises:
        InvalidFile: It cannot be written there.
    """
    try:
        path.write_text(result.text(), encoding="utf-8")
    except OSError as error:
        raise InvalidFile(f"{path} cannot be written: {error.strerror}. Name another file.") from error


def read_golden(path: Path) -> object:
    """Return what a golden file holds.

    Raises:
        InvalidFile: It is not there, or holds no JSON.
    """
    try:
        return cast("object", json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise InvalidFile(f"There is no {path} to compare with: write one with --keep {path}.") from None
    except OSError as error:
        raise InvalidFile(f"{path} cannot be read: {error.strerror}. Name another file.") from error
    except ValueError as error:
        raise InvalidFile(f"{path} holds no result of a simulation: write one anew with --keep {path}.") from error


def differences(result: Result, golden: object) -> list[str]:
    """Return what differs from a golden file, one line each: where, what is expected, what came."""
    return [f"{path}: {_shown(before)} → {_shown(now)}" for path, before, now in _differ("", golden, result.as_json())]


def _differ(path: str, golden: object, got: object) -> Iterator[tuple[str, object, object]]:
    if isinstance(golden, dict) and isinstance(got, dict):
        before, now = cast("dict[str, object]", golden), cast("dict[str, object]", got)
        for name in sorted({*before, *now}):
            yield from _differ(f"{path}.{name}" if path else name, before.get(name, _MISSING), now.get(name, _MISSING))
    elif (
        isinstance(golden, list)
        and isinstance(got, list)
        and len(cast("list[object]", golden)) == len(cast("list[object]", got))
    ):
        pairs = zip(cast("list[object]", golden), cast("list[object]", got), strict=True)
        for place, (before, now) in enumerate(pairs):
            yield from _differ(f"{path}[{place}]", before, now)
    elif golden != got:
        yield path or "(all of it)", golden, got


def _shown(value: object) -> str:
    if value is _MISSING:
        return "nothing"
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
