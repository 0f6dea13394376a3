"""``python -m benchmarks.footprint [LEADS]``: what a record and a step cost a PostgreSQL in bytes, for sums on paper.

Leads are added, enrolled in four steps by 500 senders without a pace, and all steps are sent, one pass for each
instant. Bytes of the write-ahead log are differences of its position. Before the first pass everything is vacuumed and
a checkpoint is made, so that this pass logs each page that it touches once in full; the later ones mostly do not. Row
versions are counted by the server. Sizes are given twice: as the run leaves them, and after `VACUUM FULL`, which is the
least that the same rows take.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from benchmarks.lateness import SENDERS
from benchmarks.places import Bare, Places, bare
from benchmarks.watched import pause
from benchmarks.workload import AT, CHANNEL, TEXTS, WAIT, Accepts, add_leads, warm
from dripline import Dripline, Sender, VirtualClock

LEADS = 10_000

LARGEST = 14
"""How many tables and indexes are shown."""


@dataclass(frozen=True, slots=True)
class Logged:
    """Work, and the write-ahead log that it took: bytes, and how often a page was logged in full."""

    what: str
    rows: int = field(kw_only=True)
    size: int = field(kw_only=True)
    pages: int = field(kw_only=True)

    @property
    def per_row(self) -> float:
        """Bytes for each row of the work."""
        return self.size / self.rows


@dataclass(frozen=True, slots=True)
class Written:
    """How many row versions of a table were written, and how many of the updates touched no index."""

    table: str
    inserted: int = field(kw_only=True)
    updated: int = field(kw_only=True)
    in_place: int = field(kw_only=True)
    deleted: int = field(kw_only=True)

    @property
    def dead(self) -> int:
        """How many versions vacuum has to remove."""
        return self.updated + self.deleted


@dataclass(frozen=True, slots=True)
class Footprint:
    """What was measured; sizes are bytes by the name of a table or index, as the run left them and at the least."""

    records: int
    logged: list[Logged] = field(kw_only=True)
    written: list[Written] = field(kw_only=True)
    left: dict[str, int] = field(kw_only=True)
    least: dict[str, int] = field(kw_only=True)
    in_flight: dict[str, int] = field(kw_only=True)


def measure(url: str, leads: int) -> Footprint:
    """Enroll so many leads in an empty PostgreSQL database and send them everything."""
    channels = {CHANNEL: Accepts()}
    with bare(url) as plain:
        with Dripline(url, clock=VirtualClock(AT), channels=channels) as drip:
            _apply(drip)
            logged = [_logged(plain, "add and enroll a lead", leads, lambda: add_leads(drip, leads))]
        plain.tidy()
        in_flight, enrolled = _sizes(plain), _written(plain)
        clock = VirtualClock(AT)
        with Dripline(url, clock=clock, channels=channels) as drip:
            for step in range(len(TEXTS)):
                clock.advance(WAIT if step else timedelta())
                logged.append(_logged(plain, f"send step {step + 1}", leads, lambda: _send(drip, leads)))
        written = _since(enrolled, _written(plain))
        plain.tidy()
        left = _sizes(plain)
        plain.execute("VACUUM FULL ANALYZE")
        least = _sizes(plain)
    return Footprint(leads * len(TEXTS), logged=logged, written=written, in_flight=in_flight, left=left, least=least)


def _apply(drip: Dripline) -> None:
    for number in range(SENDERS):
        drip.senders.apply(Sender(f"sender-{number:03}", channel=CHANNEL, pool="sales"))
    drip.apply(warm(CHANNEL, senders=("sales",)))


def _send(drip: Dripline, leads: int) -> None:
    sent = drip.tick().sent
    if sent != leads:
        raise RuntimeError(f"{leads} messages were due and {sent} went: the figures would be wrong")


def _logged(plain: Bare, what: str, rows: int, work: Callable[[], None]) -> Logged:
    before = _log(plain)
    work()
    after = _log(plain)
    return Logged(what, rows=rows, size=after[0] - before[0], pages=after[1] - before[1])


def _log(plain: Bare) -> tuple[int, int]:
    """Return how far the write-ahead log is, in bytes, and how many pages were logged in full."""
    # The counts of a session are there for others a second later at the latest, or when it asks to.
    plain.execute("SELECT pg_stat_force_next_flush()")
    position = plain.count("SELECT pg_current_wal_insert_lsn() - '0/0'::pg_lsn")
    return position, plain.count("SELECT wal_fpi FROM pg_stat_wal")


def _written(plain: Bare) -> dict[str, Written]:
    """Return what was written of each table so far, as soon as all other sessions are over and have counted theirs."""
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    while plain.count(others):
        pause(0.1)
    query = "SELECT relname, n_tup_ins, n_tup_upd, n_tup_hot_upd, n_tup_del FROM pg_stat_user_tables"
    return {
        table: Written(table, inserted=inserted, updated=updated, in_place=in_place, deleted=deleted)
        for table, inserted, updated, in_place, deleted in plain.ask(query)
    }


def _since(before: dict[str, Written], after: dict[str, Written]) -> list[Written]:
    """Return what was written meanwhile, the table with most of it first."""
    found = [
        Written(
            table,
            inserted=now.inserted - before[table].inserted,
            updated=now.updated - before[table].updated,
            in_place=now.in_place - before[table].in_place,
            deleted=now.deleted - before[table].deleted,
        )
        for table, now in after.items()
    ]
    return sorted(found, key=lambda one: one.inserted + one.dead, reverse=True)


def _sizes(plain: Bare) -> dict[str, int]:
    """Return the bytes of each table and index by name, the largest first; what a table keeps aside is in it."""
    query = """
    SELECT relname, CASE relkind WHEN 'r' THEN pg_table_size(oid) ELSE pg_relation_size(oid) END
    FROM pg_class WHERE relkind IN ('r', 'i') AND relnamespace = 'public'::regnamespace ORDER BY 2 DESC
    """
    return dict(plain.ask(query))


def report(found: Footprint) -> list[str]:
    """Return the figures as lines."""
    lines = [f"{found.records:,} records", "", f"{'write-ahead log':40}{'bytes':>12}{'pages in full':>16}"]
    lines += [f"{one.what:40}{one.per_row:12,.0f}{one.pages / one.rows:16.2f}" for one in found.logged]
    lines += ["", f"{'row versions a step':40}{'inserted':>12}{'updated':>12}{'in place':>12}{'deleted':>12}"]
    for one in found.written:
        if one.inserted + one.dead:
            counts = (one.inserted, one.updated, one.in_place, one.deleted)
            lines.append(f"{one.table:40}" + "".join(f"{count / found.records:12.2f}" for count in counts))
    lines.append(f"{'dead in all':40}{sum(one.dead for one in found.written) / found.records:12.2f}")
    lines += ["", f"{'bytes a record':40}{'enrolled':>12}{'sent':>12}{'VACUUM FULL':>12}"]
    states = (found.in_flight, found.left, found.least)
    for name in ("in all", *list(found.left)[:LARGEST]):
        sizes = [sum(state.values()) if name == "in all" else state[name] for state in states]
        lines.append(f"{name:40}" + "".join(f"{size / found.records:12.1f}" for size in sizes))
    return lines


def main() -> None:
    """Measure and print."""
    leads = int(sys.argv[1]) if sys.argv[1:] else LEADS
    with Places() as places, places.new("postgresql") as url:
        print("\n".join(report(measure(url, leads))))


if __name__ == "__main__":
    main()
