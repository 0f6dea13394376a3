"""Failed records by their reasons: what a person decides on at once."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from dripline.core.reason import ReasonCode


@dataclass(frozen=True, slots=True)
class FailureGroup:
    """Failed records of one reason.

    `since`, `until`: when the first and the last of them failed. `retriable`: those that would be sent again now;
    `left`: why the others would not, and how many of them for each reason.
    """

    reason_code: ReasonCode
    records: tuple[int, ...] = field(kw_only=True)
    since: datetime = field(kw_only=True)
    until: datetime = field(kw_only=True)
    retriable: tuple[int, ...] = field(kw_only=True)
    left: Mapping[str, int] = field(kw_only=True, hash=False)


Failure = tuple[int, ReasonCode, datetime]
"""A record's id, why it failed and when."""


def grouped(failures: Iterable[Failure], refused: Mapping[int, str]) -> list[FailureGroup]:
    """Group failures by their reasons, the largest group first. `refused`: what keeps records from being sent again."""
    groups: defaultdict[ReasonCode, list[Failure]] = defaultdict(list)
    for failure in failures:
        groups[failure[1]].append(failure)
    return sorted(
        (_group(code, of, refused) for code, of in groups.items()),
        key=lambda one: (-len(one.records), str(one.reason_code)),
    )


def _group(code: ReasonCode, failures: list[Failure], refused: Mapping[int, str]) -> FailureGroup:
    ids = tuple(sorted(record for record, _, _ in failures))
    return FailureGroup(
        code,
        records=ids,
        since=min(at for _, _, at in failures),
        until=max(at for _, _, at in failures),
        retriable=tuple(record for record in ids if record not in refused),
        left=Counter(refused[record] for record in ids if record in refused),
    )
