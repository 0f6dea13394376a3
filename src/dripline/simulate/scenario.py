"""What is played: for how long, over whom, and what goes wrong on the way. A value, so that a run can be repeated."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from typing_extensions import override

from dripline.core.time.lead_zone import known_zone
from dripline.core.time.schedule import format_delay, parse_delay
from dripline.errors import InvalidInput, InvalidScenario

START = datetime(2026, 1, 5, tzinfo=UTC)
"""When runs begin unless told: a fixed Monday, so that two runs are the same."""

LEADS_LIMIT = 1_000_000
"""The most synthetic leads."""

SPAN_LIMIT = timedelta(days=366)
"""The longest run."""

LATENCY_LIMIT = timedelta(seconds=25)
"""The slowest provider: the engine takes no answer within 30 seconds as an unknown one."""

_OUTAGE = re.compile(r"\s*([0-9]+\s*[smhdw])\s*[-–]\s*([0-9]+\s*[smhdw])\s*", re.IGNORECASE)
_RATES = {
    "fail": "--fail 0.02",
    "retry": "--retry 0.05",
    "unknown": "--unknown 0.001",
    "reply": "--reply 0.05",
    "opt_out": "--opt-out 0.01",
}


@dataclass(frozen=True, slots=True)
class Outage:
    """A span in which the processor is not running, counted from the start."""

    begins: timedelta
    ends: timedelta

    @override
    def __str__(self) -> str:
        return f"{format_delay(self.begins)}-{format_delay(self.ends)}"


@dataclass(frozen=True, slots=True)
class Scenario:
    """One run, all of it decided by its values.

    `span`: how long it lasts; without it, until everything has ended, and no longer than a day after the last step is
    planned. `leads`: how many synthetic ones, where no list is given; they arrive at the start, or evenly `over` a
    span. Rates are chances: of each try, that the provider refuses the message (`fail`), asks to try later (`retry`) or
    leaves its answer out (`unknown`); of each accepted message, that the lead answers (`reply`) or opts out
    (`opt_out`) within some hours. `latency`: how long the provider takes over a message. `daily_limit`: more messages
    than that in one day of `zone` crowd a lead.

    Raises:
        InvalidScenario: Something is out of range, or outages overlap.
        InvalidWindow: There is no such zone.
    """

    seed: int = field(default=1, kw_only=True)
    start: datetime = field(default=START, kw_only=True)
    span: timedelta | None = field(default=None, kw_only=True)
    leads: int = field(default=1_000, kw_only=True)
    over: timedelta = field(default=timedelta(0), kw_only=True)
    outages: tuple[Outage, ...] = field(default=(), kw_only=True)
    fail: float = field(default=0.0, kw_only=True)
    retry: float = field(default=0.0, kw_only=True)
    unknown: float = field(default=0.0, kw_only=True)
    reply: float = field(default=0.0, kw_only=True)
    opt_out: float = field(default=0.0, kw_only=True)
    latency: timedelta = field(default=timedelta(0), kw_only=True)
    daily_limit: int = field(default=1, kw_only=True)
    zone: str = field(default="UTC", kw_only=True)

    def __post_init__(self) -> None:
        known_zone(self.zone)
        if not 1 <= self.leads <= LEADS_LIMIT:
            raise InvalidScenario(f"{self.leads} leads cannot be made up: write a number from 1 to {LEADS_LIMIT}.")
        if self.daily_limit < 1:
            raise InvalidScenario(f"{self.daily_limit} messages a day is no threshold: write --most-per-day 1 or more.")
        _check_rates({name: getattr(self, name) for name in _RATES})
        _check_spans(self)
        object.__setattr__(self, "outages", _in_order(self.outages))

    def as_json(self) -> dict[str, object]:
        """Return the scenario as a JSON object."""
        return {
            "seed": self.seed,
            "start": self.start.isoformat(),
            "for": None if self.span is None else format_delay(self.span),
            "over": format_delay(self.over),
            "outages": [str(outage) for outage in self.outages],
            "latency": f"{self.latency / timedelta(milliseconds=1):.0f}ms",
            "most_per_day": self.daily_limit,
            "zone": self.zone,
            **{name: getattr(self, name) for name in _RATES},
        }


def parse_outage(written: str) -> Outage:
    """Read an outage such as ``10h-40h``.

    Raises:
        InvalidScenario: It cannot be read.
    """
    match = _OUTAGE.fullmatch(written)
    if match is None:
        raise InvalidScenario(
            f"The outage {written[:40]!r} cannot be read: write when it begins and ends, as in 10h-40h."
        )
    return Outage(parse_delay(match[1]), parse_delay(match[2]))


def parse_start(written: str) -> datetime:
    """Read the instant at which a run begins: ISO 8601, UTC unless it says otherwise, of a whole second.

    Raises:
        InvalidScenario: It cannot be read.
    """
    try:
        start = datetime.fromisoformat(written.strip())
        return (start if start.tzinfo else start.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError):
        raise InvalidScenario(f"The start {written[:40]!r} cannot be read: write it as 2026-01-05T08:00Z.") from None


def parse_latency(written: str) -> timedelta:
    """Read how long the provider takes: ``300ms``, ``2s``.

    Raises:
        InvalidScenario: It cannot be read.
    """
    text = written.strip().lower()
    if re.fullmatch(r"[0-9]{1,6}ms", text):
        return timedelta(milliseconds=int(text.removesuffix("ms")))
    try:
        return parse_delay(text)
    except InvalidInput:
        raise InvalidScenario(f"The latency {written[:40]!r} cannot be read: write 300ms or 2s.") from None


def _check_rates(rates: dict[str, float]) -> None:
    for name, rate in rates.items():
        if not 0 <= rate <= 1:
            option = name.replace("_", "-")
            raise InvalidScenario(f"--{option} is {rate:g}: a rate is a number from 0 to 1, as in {_RATES[name]}.")
    if rates["fail"] + rates["retry"] + rates["unknown"] > 1:
        raise InvalidScenario("--fail, --retry and --unknown together are more than 1: make one of them smaller.")


def _check_spans(scenario: Scenario) -> None:
    if scenario.start.tzinfo is None:
        raise InvalidScenario("The start has no time zone: give it tzinfo=UTC.")
    if scenario.span is not None and not timedelta(0) < scenario.span <= SPAN_LIMIT:
        raise InvalidScenario(
            f"A run of {scenario.span} is out of range: write --for 36h, and {SPAN_LIMIT.days} days at most."
        )
    if not timedelta(0) <= scenario.over <= SPAN_LIMIT:
        raise InvalidScenario(f"Leads cannot arrive over {scenario.over}: {SPAN_LIMIT.days} days is the most.")
    if not timedelta(0) <= scenario.latency <= LATENCY_LIMIT:
        raise InvalidScenario(
            f"A provider that takes {scenario.latency.total_seconds():g} s never answers in time: "
            f"{LATENCY_LIMIT.seconds} s is the most."
        )


def _in_order(outages: tuple[Outage, ...]) -> tuple[Outage, ...]:
    ordered = tuple(sorted(outages, key=lambda outage: (outage.begins, outage.ends)))
    for outage in ordered:
        if outage.ends <= outage.begins:
            raise InvalidScenario(f"The outage {outage} ends before it begins: write the earlier instant first.")
    for first, second in pairwise(ordered):
        if second.begins < first.ends:
            raise InvalidScenario(f"The outages {first} and {second} overlap: write them as one.")
    return ordered
