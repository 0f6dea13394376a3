"""The installation as it is shown: processors, the workspace, and what the doctor did."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from dripline.core.reason import ReasonCode
from dripline.core.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Repair:
    """One kind of mend, and what it was done to."""

    deed: str
    ids: tuple[int, ...] = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Worker:
    """One processor: where it runs and when it was last seen."""

    id: str
    host: str = field(kw_only=True)
    process_id: int = field(kw_only=True)
    version: str = field(kw_only=True)
    started_at: datetime = field(kw_only=True)
    seen_at: datetime = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class WorkspaceState:
    """The workspace, and since when and why everything is paused, if it is."""

    workspace: Workspace
    paused_at: datetime | None = field(kw_only=True)
    pause_reason: str | None = field(kw_only=True)
    pause_code: ReasonCode | None = field(kw_only=True)
    pause_facts: Mapping[str, object] = field(kw_only=True, hash=False)


@dataclass(frozen=True, slots=True)
class RefusedPosts:
    """How many posts a channel refused on a UTC day because its provider had not signed them."""

    channel: str
    day: date = field(kw_only=True)
    posts: int = field(kw_only=True)
