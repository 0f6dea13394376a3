"""May a claimed record go now? The rules of time and of leaving, asked inside the claim's own transaction.

So a stop that was committed before the claim always wins. What may not go is turned away untouched: no try is counted.
The order of the questions is the order of their weight: a lead that left is never skipped, a step that is skipped never
waits, and what waits for several things waits for the last of them, inside its window.
"""

from collections.abc import Sequence as Listing
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dripline.core.reason import Reason, ReasonCode, several
from dripline.core.records.lateness import is_passed_over
from dripline.core.sequences.policy import Policy, WhenLate
from dripline.core.time.schedule import hashed_share
from dripline.core.time.send_window import SendWindow, spread_into

DAY = timedelta(days=1)
"""The span of the daily cap: any 24 hours, so that no night has to be told from a day."""

LOOK_AGAIN = timedelta(hours=1)
"""How soon a record is looked at again that nothing may go for yet."""

SETTLING_LIMIT = 20
"""How often gap, cap and window are asked in turn before what they agreed on so far is taken; they agree in two."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What the rules ask about a record, as it stands in the claiming transaction.

    `due` is its next_trigger_time, `wait_after` the next wait after its step that is not 0, `lane_free_at` when the
    lane that it goes by had rested, unless a failure had held that up. `suppressed`: why its address is.
    `leaving_reason`: the lead left while an earlier try was in flight. `pause_reason`: its enrollment is paused.
    `window` is its step's, else its sequence's, in the lead's zone, or in all of the `zones` that it may be in.
    `recent` are the instants of the lead's messages that count for `min_gap` and `daily_cap`, in order; `is_contended`:
    another worker is deciding on this lead at this very moment. `needs_template`: its channel takes no free text to
    this lead now, and its step has nothing else. `cold_until`: until when its sender may only answer, where its lead
    never wrote to that.
    """

    record_id: int
    due: datetime = field(kw_only=True)
    policy: Policy = field(kw_only=True)
    wait_after: timedelta | None = field(default=None, kw_only=True)
    lane_free_at: datetime | None = field(default=None, kw_only=True)
    suppressed: Reason | None = field(default=None, kw_only=True)
    leaving_reason: Reason | None = field(default=None, kw_only=True)
    pause_reason: Reason | None = field(default=None, kw_only=True)
    window: SendWindow | None = field(default=None, kw_only=True)
    zones: tuple[str, ...] = field(default=("UTC",), kw_only=True)
    min_gap: timedelta = field(default=timedelta(0), kw_only=True)
    daily_cap: int | None = field(default=None, kw_only=True)
    recent: Listing[datetime] = field(default=(), kw_only=True)
    is_contended: bool = field(default=False, kw_only=True)
    needs_template: bool = field(default=False, kw_only=True)
    cold_until: datetime | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class Wait:
    """It may go at `until`, for the reason."""

    until: datetime
    reason: Reason = field(kw_only=True)


@dataclass(frozen=True, slots=True)
class Hold:
    """It is paused until a person resumes it."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Cancel:
    """The lead has left: this record and the rest of its enrollment are cancelled."""

    reason: Reason


@dataclass(frozen=True, slots=True)
class Skip:
    """This one step is passed over; the next one becomes active."""

    reason: Reason


TurnedAway = Wait | Skip | Hold | Cancel


def turn_away(rules: Rules, now: datetime) -> TurnedAway | None:
    """Say why a record may not go now; None if it may."""
    gone = rules.leaving_reason if rules.suppressed is None else rules.suppressed
    if gone is not None:
        return Cancel(gone)
    if rules.pause_reason is not None:
        return Hold(rules.pause_reason)
    if rules.policy.when_late is WhenLate.SKIP:
        might_have_gone = ready_at(rules, rules.due)
        if is_passed_over(rules.policy, might_have_gone, now, rules.wait_after):
            return Skip(Reason.of(ReasonCode.LATE_SKIPPED, seconds=(now - might_have_gone) // timedelta(seconds=1)))
    if rules.is_contended:
        return Wait(now + timedelta(seconds=1), reason=Reason.of(ReasonCode.CONTENDED))
    if rules.needs_template:
        return Wait(now + LOOK_AGAIN, reason=Reason.of(ReasonCode.NEEDS_TEMPLATE))
    return waits(rules, now)


def ready_at(rules: Rules, due: datetime) -> datetime:
    """Return from when on a step that is due at `due` might have gone, had nothing been down: its window and its lane.

    Asked only of sequences that skip what is late.
    """
    if rules.policy.when_late is not WhenLate.SKIP:
        return due
    free = max(due, rules.lane_free_at or due)
    opens = _window(rules, free)
    return free if opens is None else opens.until


def waits(rules: Rules, at: datetime) -> Wait | None:
    """Say until when a record that would go at `at` waits for gap, cap and window; None if it does not."""
    until, reasons = at, list[Reason]()
    for _ in range(SETTLING_LIMIT):
        steps = each_wait(rules, until)
        if not steps:
            break
        last = max(steps, key=lambda wait: wait.until)
        until = last.until
        reasons.append(last.reason)
    return Wait(until, reason=several(reasons)) if until > at else None


def each_wait(rules: Rules, at: datetime) -> list[Wait]:
    """Return every wait of gap, cap and window that holds a record which would go at `at`, each for itself."""
    return [wait for rule in (_gap, _cap, _cold, _window) if (wait := rule(rules, at)) is not None]


def _gap(rules: Rules, at: datetime) -> Wait | None:
    if not rules.recent or not rules.min_gap:
        return None
    free = rules.recent[-1] + rules.min_gap
    seconds = rules.min_gap // timedelta(seconds=1)
    return Wait(free, reason=Reason.of(ReasonCode.GAP, seconds=seconds)) if free > at else None


def _cap(rules: Rules, at: datetime) -> Wait | None:
    if rules.daily_cap is None or len(rules.recent) < rules.daily_cap:
        return None
    free = rules.recent[-rules.daily_cap] + DAY
    return Wait(free, reason=Reason.of(ReasonCode.CAP, cap=rules.daily_cap)) if free > at else None


def _cold(rules: Rules, at: datetime) -> Wait | None:
    if rules.cold_until is None or rules.cold_until <= at:
        return None
    return Wait(rules.cold_until, reason=Reason.of(ReasonCode.COLD))


def _window(rules: Rules, at: datetime) -> Wait | None:
    if rules.window is None or all(rules.window.is_open(at, zone) for zone in rules.zones):
        return None
    opens = rules.window.next_open_everywhere(at, rules.zones)
    if opens is None:
        return Wait(at + DAY, reason=_closed(rules, is_never_open=True))
    # Everyone who waited would go at once: each gets its own place near the opening.
    share = hashed_share(rules.record_id, int(opens.timestamp()))
    closes = min(rules.window.closes_at(opens, zone) for zone in rules.zones)
    return Wait(spread_into(opens, closes, share), reason=_closed(rules))


def _closed(rules: Rules, *, is_never_open: bool = False) -> Reason:
    """Say for which window a record waits, and by whose clocks."""
    where = {"zone": rules.zones[0]} if len(rules.zones) == 1 else {"zones": list(rules.zones)}
    return Reason.of(ReasonCode.WINDOW, window=str(rules.window), **where, never_open=is_never_open)
