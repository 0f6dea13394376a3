"""Reasons as they are stored: a code in one column, and its facts, where it has some, as JSON in the one beside it."""

import json
from collections.abc import Mapping
from functools import lru_cache
from typing import cast

from dripline.core.reason import Reason, ReasonCode, reason_from
from dripline.store.database.database import Row

NO_REASON: dict[str, str | int | None] = {"code": None, "facts": None}
"""What statements take where there is no reason."""


def stored(reason: Reason) -> dict[str, str | int | None]:
    """Return a reason as statements take it: its `code` and `facts`."""
    return {"code": str(reason.code), "facts": facts_text(reason)}


def facts_text(reason: Reason) -> str | None:
    """Return the facts of a reason as they are stored."""
    return json.dumps(dict(reason.facts), ensure_ascii=False) if reason.facts else None


def reason_of(row: Row, kind: str = "reason") -> Reason | None:
    """Read a reason from the two columns of its kind: `reason`, `end`, `leaving`, `pause` or `wait`."""
    code = row[f"{kind}_code"]
    return None if code is None else _read(code, row[f"{kind}_facts"])


def known_reason_of(row: Row, kind: str = "reason") -> Reason:
    """Read a reason that must be there; one that a person took out is an empty note."""
    return reason_of(row, kind) or Reason(ReasonCode.NOTE)


def reason_in(text: str | None) -> Reason | None:
    """Read a reason from one column that holds the code and its facts, one behind the other (`suppression_of`)."""
    if text is None:
        return None
    code, brace, facts = text.partition("{")
    return _read(code, f"{brace}{facts}" or None)


@lru_cache(maxsize=1_024)
def _read(code: str, facts: str | None) -> Reason:
    """Read a reason; the same ones come again and again."""
    return reason_from(code, _facts(facts))


def _facts(text: str | None) -> Mapping[str, object]:
    """Read facts; what is no JSON object, such as what was written by hand, is what somebody said."""
    if not text:
        return {}
    try:
        facts = json.loads(text)
    except ValueError:
        facts = None
    return cast("dict[str, object]", facts) if isinstance(facts, dict) else {"said": text}
