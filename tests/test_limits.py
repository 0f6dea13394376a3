"""The limits that the docs tell are those of the code, and the docs tell all that anybody can meet.

A channel's own may stand in its section of the page on channels.
"""

import importlib
import pkgutil
import re
from datetime import timedelta
from pathlib import Path

import pytest

import dripline

DOCS = Path(__file__).parents[1] / "docs"
PAGE = (DOCS / "limits.md").read_text()
CHANNELS = [
    line for line in (DOCS / "channels.md").read_text().splitlines() if re.search(r"`channels\.[\w.]+:\w+` \|$", line)
]

UNITS: dict[str, int | timedelta] = {
    "KiB": 2**10,
    "MiB": 2**20,
    "GiB": 2**30,
    "MB": 10**6,
    "s": timedelta(seconds=1),
    "min": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "day": timedelta(days=1),
    "days": timedelta(days=1),
}
"""What a unit comes to; any other word is what is counted."""

BOUNDING = {
    *("LIMIT", "LEAST", "ONCE", "WITHIN", "LASTS", "LIFE", "RETENTION", "TRIES", "TIMEOUT", "LENGTH"),
    *("FURTHEST", "LONGEST", "SHORTEST", "LARGEST", "WIDEST", "DEEPEST"),
}
"""Words that the name of a limit has one of."""

INTERNAL = {
    # How much a processor or a statement takes at once: what is left goes next.
    "app.inbox.posts:READ_LIMIT",
    "app.leads:OPT_OUTS_AT_ONCE",
    "store.database.postgresql:PREPARED_LIMIT",
    "core.time.opening_hours:DAYS_LIMIT",
    "engine.processor:BATCHES_AT_ONCE",
    "engine.polling.questions:ASKED_AT_ONCE",
    "store.unknown.unknown_filter:LEADS_AT_ONCE",
    "store.sql_prompt.by_hand:AT_ONCE",
    "store.unknown.manual_settlement:SETTLED_AT_ONCE",
    "store.events.deliveries:LET_GO_AT_ONCE",
    "store.records.expected:MOVES_AT_ONCE",
    "store.conversations.inbox:LET_GO_AT_ONCE",
    "store.reports.tallies:FOLDED_AT_ONCE",
    "store.reports.tallies:HOURS_AT_ONCE",
    "store.reports.tallies:HOUR_RETENTION",
    "store.reports.tallies:MENDED_AT_ONCE",
    "store.retention.retention:ENTRIES_AT_ONCE",
    # What becomes of one provider's errors, and how long it may take over questions of ours: docs/channels.md.
    "channels.whatsapp.errors:MARKETING_TRIES",
    "channels.whatsapp.errors:PAIR_REST_LIMIT",
    "channels.whatsapp.errors:UNCERTAIN_TRIES",
    "channels.console:READER_TIMEOUT",
    "channels.gowa.errors:LOOKUP_TRIES",
    "channels.gowa.errors:UPLOAD_TRIES",
    "channels.plugins:ERROR_TEXT_LIMIT",
    "channels.twilio.errors:UNCERTAIN_TRIES",
    "core.records.trace:TRACE_LIMIT",
    "engine.polling.questions:QUESTION_TIMEOUT",
    "engine.polling.questions:READING_TIMEOUT",
    # Guards against a reckoning without end, and against times that a wrong clock wrote.
    "core.records.expected:LANE_LIMIT",
    "core.records.expected:SETTLING_LIMIT",
    "core.senders.lane:SLOW_LEAST",
    "core.records.rules:SETTLING_LIMIT",
    "core.secret:SHORTEST_FORM",
    "core.leads.personal_data:LEAST_DIGITS",
    "core.time.send_window:EVERYWHERE_WITHIN",
    "simulate.provider:ANSWERS_WITHIN",
    "store.operations.clock_ahead:LONGEST_LEASE",
    "store.operations.clock_ahead:LONGEST_WAIT",
    "store.sql_prompt.prompt_triggers:LONGEST",
    "store.sql_prompt.prompt_triggers:ROWS_LIMIT",
    "store.migrations.migrate:TURN_TRIES",
    "store.migrations.migrate:TRIES",
    "store.database.sqlite:WAL_TRIES",
    "store.database.transactions:TRIES",
    # The largest numbers that databases and programs hold.
    "core.leads.attribute:NUMBER_LIMIT",
    "store.database.database:LARGEST",
    "store.events.subscriptions:LARGEST_ID",
    # How much a page or a table shows, and from where on it says "at least".
    "app.imports:LATEST_AT_ONCE",
    "store.records.expected:AHEAD_LIMIT",
    "store.queries.keyset:SCAN_LIMIT",
    "store.reports.reporting:COUNTED_LIMIT",
    "web.layout.toasts:TEXT_LIMIT",
    "web.openapi.reference:DEEPEST",
}
"""Limits that nobody meets: they bound one step of a work that goes on, or a loop."""

AT_ONCE_OF_A_CHANNEL = re.compile(r"channels\.[\w.]+:AT_ONCE")
"""How many messages a channel hands over at once: one for each connection. Nobody meets it either."""

OTHER_ROOMS = ("dripline.conformance", "dripline.simulate.demo_shop", "dripline.store.migrations.before_1_0")
"""What no user reaches: tests for channels, made-up people, versions of the schema."""

Amount = int | float | timedelta


def rows() -> list[tuple[str, str, list[str]]]:
    """What is bounded, where, and by which constants, of each row of the page."""
    cells = [
        line.strip("|").split("|") for line in (*PAGE.splitlines(), *CHANNELS) if line.startswith("| ") and "`" in line
    ]
    return [(what.strip(), limit.strip(), re.findall(r"`([^`]+)`", last)) for what, limit, _, last in cells]


def held(constant: str) -> object:
    """The value of a constant that is written as `module:NAME`; a field of a dataclass as `module:Class.field`."""
    module, _, name = constant.partition(":")
    value: object = importlib.import_module(f"dripline.{module}")
    if "." in name:
        name, _, field = name.partition(".")
        return getattr(getattr(value, name)(), field)
    return getattr(value, name)


def amount(written: str) -> Amount:
    """Read `64 KiB`, `15 min`, `one in 2` or `1,000 rows`."""
    found = re.fullmatch(r"(?:one in |every )?([\d,]+(?:\.\d+)?)(?: ([A-Za-z]+))?", written)
    assert found is not None, written
    number = found[1].replace(",", "")
    unit = UNITS.get(found[2] or "", 1)
    if isinstance(unit, timedelta):
        return float(number) * unit
    return round(float(number) * unit)


def told(limit: str) -> list[Amount]:
    """The amounts of a cell: one, or two that are written `1 min to 1 h`, `10 to 200 characters` or `5; 2 MB`."""
    return [amount(part) for part in re.split(r" to |; ", limit)]


def plain(values: list[object]) -> list[Amount]:
    """Amounts as a page tells them: pairs as their two parts."""
    parts: list[object] = []
    for value in values:
        parts += value if isinstance(value, tuple) else [value]
    return [part for part in parts if isinstance(part, int | float | timedelta)]


def is_same(written: Amount, value: Amount) -> bool:
    """Whether a page tells a value: numbers of seconds as a time, days as days."""
    if isinstance(written, timedelta) and not isinstance(value, timedelta):
        return value in {written.total_seconds(), written / timedelta(days=1)}
    # Only numbers of seconds are no whole ones: without its unit nobody knows what they are.
    return written == value and not isinstance(value, float)


def reached() -> set[str]:
    """Every limit in the package, by the words of its name."""
    found: set[str] = set()
    for module in pkgutil.walk_packages(dripline.__path__, "dripline."):
        if module.name.startswith(OTHER_ROOMS) or module.name.endswith("__main__"):
            continue
        source = Path(importlib.import_module(module.name).__file__ or "").read_text()
        names = re.findall(r"^([A-Z][A-Z0-9_, ]*?)(?:: [^=]+)? = ", source, re.MULTILINE)
        for name in (one for several in names for one in several.split(", ")):
            if BOUNDING & set(name.split("_")):
                constant = f"{module.name.removeprefix('dripline.')}:{name}"
                found |= {constant} if plain([held(constant)]) else set()
    return found


def is_told_right(limit: str, constants: list[str]) -> bool:
    """Whether a cell tells the values of its constants."""
    amounts, values = told(limit), plain([held(constant) for constant in constants])
    # One amount may be that of two constants, which then are the same.
    amounts = amounts * len(values) if len(amounts) == 1 else amounts
    return bool(values) and len(amounts) == len(values) and all(map(is_same, amounts, values))


def test_limits_are_told_as_they_are() -> None:
    wrong = [
        f"{what}: {limit}, and {[held(constant) for constant in constants]} in {constants}"
        for what, limit, constants in rows()
        if not is_told_right(limit, constants)
    ]

    assert wrong == []


def test_every_limit_is_told_or_is_nobodys() -> None:
    in_the_page = {constant for _, _, constants in rows() for constant in constants}
    found = {constant for constant in reached() if not AT_ONCE_OF_A_CHANNEL.fullmatch(constant)}

    assert sorted(found - in_the_page - INTERNAL) == []
    assert sorted(INTERNAL - reached()) == []
    assert sorted(INTERNAL & in_the_page) == []


def test_no_limit_is_told_twice() -> None:
    named = [constant for _, _, constants in rows() for constant in constants]

    assert sorted({constant for constant in named if named.count(constant) > 1}) == []


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("64 KiB", 65_536),
        ("50.1 MB", 50_100_000),
        ("15 min", timedelta(minutes=15)),
        ("10 s", timedelta(seconds=10)),
        ("one in 2", 2),
        ("1,048,576 rows", 1_048_576),
    ],
)
def test_amounts_are_read_as_people_write_them(written: str, value: object) -> None:
    assert amount(written) == value


def test_another_value_or_another_unit_is_seen() -> None:
    assert not is_same(amount("64 KiB"), 64_000)
    assert not is_same(amount("10"), 10.0)
    assert not is_same(amount("10 min"), 10.0)
    assert not is_same(amount("10 days"), timedelta(hours=10))
