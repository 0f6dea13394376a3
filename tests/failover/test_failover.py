"""PostgreSQL fails over under load: nothing is lost, doubled or early.

In a short form for CI (`make failover-quick`), and as a whole with ten failovers (`make failover`).
"""

import json
import os
import re
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import yaml
from network_hosts import Host
from patroni_cluster import POSTGRES, SETTINGS, Cluster
from proxies import start_proxies, through_the_pool
from under_load import Load, Result, under_load

from dripline import Dripline
from support.real_time import pause

FULL = os.environ.get("DRIPLINE_FAILOVER") == "full"
FAILOVERS = 10 if FULL else 1
LONGEST = 60.0
"""Seconds: Patroni takes the lock from a primary that is gone after 20 (`ttl`)."""

POLL = "60"
"""Seconds between two looks: what goes sooner was woken."""

Place = tuple[Path, str]

READERS = "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'dripline%' AND datname = 'reports'"


def test_the_docs_tell_the_settings_of_this_cluster() -> None:
    page = (Path(__file__).parents[2] / "docs" / "high-availability.md").read_text()
    (block,) = re.findall(r"^```\nbootstrap:\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    told, ours = yaml.safe_load(block)["dcs"], json.loads(json.dumps(SETTINGS))
    parameters, kept = (settings["postgresql"].pop("parameters") for settings in (told, ours))

    assert told == ours
    assert parameters.items() <= kept.items()


def start(load: Load, settings: Mapping[str, str], *hosts: Host) -> None:
    """Start a worker on each of some hosts, and the load; return once it flows."""
    for host in hosts:
        load.start_worker(host, settings, "--poll", POLL)
    load.flow()


def the_primary(cluster: Cluster) -> Host:
    """The host that has the primary now."""
    primary = cluster.primary()
    assert primary is not None
    return primary


def others(cluster: Cluster, host: Host) -> list[Host]:
    """The other hosts."""
    return [one for one in cluster.hosts if one is not host]


def killed(cluster: Cluster, load: Load) -> str:
    """Kill the primary under load, put it back, and say how long each took."""
    old = the_primary(cluster)
    cluster.kill(old)
    took = cluster.until(lambda: cluster.primary() not in {None, old}, "another primary")
    again = load.until_more(20)
    cluster.start_patroni(old)
    whole = cluster.until_whole()
    load.until_more(20)
    return f"another primary after {took:.1f} s, 20 messages {again:.1f} s later, whole after {whole:.1f} s more"


def nothing_is_wrong(result: Result) -> bool:
    """Whether all that was accepted is known, once, and none was early; and nobody waited for too long."""
    return (result.lost, result.doubled, result.early) == (0, 0, 0) and result.longest_pause < LONGEST


def test_primaries_are_killed(cluster: Cluster, place: Place) -> None:
    with under_load(cluster, *place, "killed") as load:
        load.waits_for_claims = FULL
        start(load, {"DRIPLINE_DB": load.url}, *cluster.hosts[:2])
        for number in range(1, FAILOVERS + 1):
            print(f"failover {number}: {killed(cluster, load)}")
        result = load.result(900 if FULL else 60)
    print(f"{FAILOVERS} primaries killed: {result.sentence()}")

    assert nothing_is_wrong(result)


@contextmanager
def committing(cluster: Cluster, host: Host, database: str) -> Generator[Path]:
    """Somebody on the primary's own host who commits all the time; yields where it says what was answered."""
    with psycopg.connect(cluster.url(database), autocommit=True) as opened:
        opened.execute("CREATE TABLE committed (number bigint)")
    url = f"postgresql://postgres@{host.address}:{POSTGRES}/{database}"
    program = host.start(f"committing-{database}", sys.executable, Path(__file__).parent / "committing_process.py", url)
    try:
        yield program.log
    finally:
        program.kill()


def forgotten(cluster: Cluster, database: str, log: Path) -> int:
    """How many commits were answered that the database does not hold."""
    answered = {int(line) for line in log.read_text().splitlines() if line.isdecimal()}
    assert len(answered) > 20
    with psycopg.connect(cluster.url(database)) as opened:
        kept = {number for (number,) in opened.execute("SELECT number FROM committed")}
    return len(answered - kept)


def cut_off(cluster: Cluster, load: Load, old: Host) -> None:
    """Cut the primary's host off until it has given up, and let it come back."""
    old.cut()
    try:
        cluster.until(lambda: cluster.primary() not in {None, old}, "another primary")
        load.until_more(20)
    finally:
        old.join()
    cluster.until(lambda: the_only_primary(cluster) is not None and len(cluster.standbys()) == 2, "two standbys")


def the_only_primary(cluster: Cluster) -> Host | None:
    """The host that has the primary, where no other one says that it has."""
    primaries = cluster.standbys("primary")
    return primaries[0] if len(primaries) == 1 else None


def test_a_primary_that_is_cut_off_accepts_nothing_that_is_lost(cluster: Cluster, place: Place) -> None:
    old = the_primary(cluster)
    with under_load(cluster, *place, "cut_off") as load:
        with committing(cluster, old, "cut_off") as log:
            start(load, {"DRIPLINE_DB": load.url}, *others(cluster, old))
            cut_off(cluster, load, old)
        cluster.until_whole()
        result = load.result()
        lost = forgotten(cluster, "cut_off", log)
    print(f"a primary cut off: {result.sentence()}; commits answered there and lost {lost}")

    assert nothing_is_wrong(result)
    assert lost == 0


@pytest.mark.skipif(not FULL, reason="in make failover alone: it shows what the settings are for")
def test_without_synchronous_mode_what_was_answered_is_lost(cluster: Cluster, place: Place) -> None:
    old = the_primary(cluster)
    cluster.configure(synchronous_mode=False, synchronous_mode_strict=False)
    try:
        cluster.until(lambda: cluster.ask(old, "SHOW synchronous_standby_names") == "", "commits that wait for nobody")
        with under_load(cluster, *place, "waits_for_nobody") as load, committing(cluster, old, load.name) as log:
            start(load, {"DRIPLINE_DB": load.url}, *others(cluster, old))
            cut_off(cluster, load, old)
            lost = forgotten(cluster, load.name, log)
    finally:
        cluster.configure(synchronous_mode=True, synchronous_mode_strict=True)
    print(f"without synchronous_mode, a primary cut off: commits answered there and lost {lost}")

    assert lost > 0


@pytest.mark.skipif(not FULL, reason="in make failover alone")
def test_a_primary_stands_still(cluster: Cluster, place: Place) -> None:
    old = the_primary(cluster)
    with under_load(cluster, *place, "still") as load:
        start(load, {"DRIPLINE_DB": load.url}, *others(cluster, old))
        cluster.stop_all(old, is_stopped=True)
        try:
            cluster.until(lambda: cluster.primary() not in {None, old}, "another primary")
            load.until_more(20)
        finally:
            cluster.stop_all(old, is_stopped=False)
        cluster.until_whole()
        result = load.result()
    print(f"a primary that stands still: {result.sentence()}")

    assert nothing_is_wrong(result)


def test_reports_are_read_from_a_standby(cluster: Cluster, place: Place) -> None:
    with under_load(cluster, *place, "reports") as load:
        load.add(10)
        with Dripline(load.url, replica=cluster.url("reports", "standby")) as drip:
            cluster.until(lambda: drip.reports.counts()["leads"] == 10, "what was written, on a standby")
            behind = drip.reports.overview().behind
            asked = [cluster.ask(host, READERS) for host in cluster.standbys()]
            primary = the_primary(cluster)
            for host in others(cluster, primary):
                cluster.kill(host)
            alone = drip.reports.overview()
        for host in others(cluster, primary):
            cluster.start_patroni(host)
    print(f"reports from a standby: {behind} behind")

    assert behind is not None
    assert 1 in asked
    assert (alone.leads, alone.behind) == (10, None)


def test_a_standby_is_slow_and_then_stands_still(cluster: Cluster, place: Place) -> None:
    (slow,) = cluster.standbys("synchronous")
    with under_load(cluster, *place, "slow") as load:
        start(load, {"DRIPLINE_DB": load.url}, *others(cluster, slow))
        slow.slow_down("512kbit")
        slowly = load.until_more(40)
        slow.speed_up()
        cluster.stop_postgresql(slow, is_stopped=True)
        try:
            again = cluster.until(lambda: cluster.standbys("synchronous") not in ([], [slow]), "another standby")
            load.until_more(40)
        finally:
            cluster.stop_postgresql(slow, is_stopped=False)
        result = load.result()
    print(f"a slow standby: 40 messages in {slowly:.1f} s; another one took its place after {again:.1f} s")
    print(f"a slow standby: {result.sentence()}")

    assert nothing_is_wrong(result)


def test_through_haproxy_and_pgbouncer(cluster: Cluster, place: Place) -> None:
    with under_load(cluster, *place, "pooled") as load:
        for host in cluster.hosts[:2]:
            start_proxies(cluster, host)
            settings = {"DRIPLINE_DB": through_the_pool(host, load.name), "DRIPLINE_DB_DIRECT": load.url}
            load.start_worker(host, settings, "--poll", POLL)
        load.flow()
        print(f"through a pool: {killed(cluster, load)}")
        load.feeder.stop()
        pause(5)
        woken = load.woken_after()
        result = load.result()
    print(f"through a pool: a lead was written to {woken:.1f} s after it came in, with a poll of {POLL} s")
    print(f"through a pool: {result.sentence()}")

    assert nothing_is_wrong(result)
    assert woken < 10
