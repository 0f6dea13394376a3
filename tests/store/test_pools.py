"""A pool that shares its sessions before PostgreSQL: everything holds, and nothing is left behind in a session."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from psycopg.abc import PQGen

from dripline import Dripline, FakeChannel, NewLead, Sequence, Step, VirtualClock
from dripline.errors import DatabaseLocked, DatabaseUnreachable
from dripline.store.database import watchdog
from dripline.store.database.connect import connect
from dripline.store.database.database import Database
from dripline.store.database.wire import WatchedConnection
from support.pool import needs_pgbouncer, pool

pytestmark = needs_pgbouncer

NewUrl = Callable[[str], str]

START = datetime(2026, 1, 1, tzinfo=UTC)
LEADS = 40

AS_IT_COMES = ("transaction", "")
MODES = [AS_IT_COMES, ("session", ""), ("transaction", "options"), ("session", "options")]


@pytest.fixture(params=MODES, ids=" ".join)
def through(request: pytest.FixtureRequest, new_url: NewUrl) -> Iterator[str]:
    """A database through a pool, which takes no options, or takes them and leaves them aside."""
    mode, ignored = request.param
    with pool(new_url("postgresql"), mode, ignored=ignored) as url:
        yield url


@pytest.fixture
def shared(new_url: NewUrl) -> Iterator[str]:
    """A database through a pool that has two sessions for everybody."""
    with pool(new_url("postgresql"), "transaction", size=2) as url:
        yield url


def test_several_workers_play_a_sequence_through(through: str) -> None:
    clock, fake = VirtualClock(START), FakeChannel()
    with ExitStack() as opened:
        workers = [opened.enter_context(Dripline(through, clock=clock, channels={"console": fake})) for _ in range(3)]
        workers[0].apply(Sequence("S", trigger="T", steps=[Step("one"), Step("two", "12h"), Step("three", "12h")]))
        workers[1].add_leads([NewLead(f"60123{number:06d}", triggers=("T",)) for number in range(LEADS)])
        for _ in range(3):
            together([worker.tick for worker in workers])
            clock.advance(timedelta(hours=12))

        assert len(fake.accepted) == 3 * LEADS
        assert len({message.record_id for message in fake.accepted}) == 3 * LEADS
        assert workers[2].verify() == []


def together(acts: list[Callable[[], object]]) -> None:
    threads = [threading.Thread(target=act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_a_new_database_is_made_through_it(new_database: Callable[[str], str]) -> None:
    with pool(new_database("pool_new"), "transaction") as url, Dripline(url) as drip:
        assert drip.verify() == []


def test_what_is_depended_on_holds_in_every_transaction_and_every_statement(shared: str) -> None:
    asked = (
        "SELECT current_setting('lock_timeout') AS lock, current_setting('timezone') AS zone,"
        " current_setting('intervalstyle') AS style, current_setting('jit') AS jit"
    )
    role = "ALTER ROLE postgres SET {} = '{}'"
    odd = {"intervalstyle": "sql_standard", "datestyle": "German", "timezone": "Asia/Tokyo", "jit": "on"}
    with psycopg.connect(shared, autocommit=True) as admin:
        for name, value in odd.items():
            admin.execute(role.format(name, value).encode())
    try:
        with closing(connect(shared)) as database:
            alone = database.script(asked)
            with database.transaction():
                within = database.script(asked)
            with database.snapshot():
                reading = database.script(asked)
    finally:
        with psycopg.connect(shared, autocommit=True) as admin:
            admin.execute("ALTER ROLE postgres RESET ALL")

    assert alone == within == reading == [{"lock": "10s", "zone": "UTC", "style": "postgres", "jit": "off"}]


def test_nothing_is_left_behind_for_whoever_has_the_session_next(shared: str) -> None:
    with Dripline(shared) as drip:
        drip.reports.counts()
        drip.add_lead(phone="60123456789")
        with psycopg.connect(shared, autocommit=True, prepare_threshold=None) as other:
            found = [other.execute("SELECT current_setting('lock_timeout')").fetchone() for _ in range(20)]
            locks = other.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'").fetchone()
            prepared = other.execute("SELECT count(*) FROM pg_prepared_statements").fetchone()
            listens = other.execute("SELECT count(*) FROM pg_listening_channels()").fetchone()

    assert set(found) == {("0",)}
    assert (locks, prepared, listens) == ((0,), (0,), (0,))


def test_a_table_that_somebody_holds_is_told_of(shared: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dripline.store.database.session.OPTIONS", {"lock_timeout": "1s"})
    with closing(connect(shared)) as database, psycopg.connect(shared) as other:
        other.execute("LOCK TABLE sequence_contacts")

        with pytest.raises(DatabaseLocked):
            database.script("SELECT count(*) FROM sequence_contacts")
        other.rollback()
        assert database.script("SELECT 1 AS one") == [{"one": 1}]


def test_a_failed_transaction_is_undone_and_the_next_one_goes(shared: str) -> None:
    with closing(connect(shared)) as database:
        with pytest.raises(ZeroDivisionError):
            fail_in(database.transaction, lambda: database.script("CREATE TABLE odd (id int)"))

        assert database.script("SELECT to_regclass('odd') IS NULL AS gone") == [{"gone": True}]


def fail_in(transaction: Callable[[], AbstractContextManager[None]], act: Callable[[], object]) -> None:
    with transaction():
        act()
        raise ZeroDivisionError


def test_a_transaction_costs_no_round_trip_more_than_without_a_pool(
    shared: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits, wait = list[WatchedConnection](), WatchedConnection.wait

    def counted(line: WatchedConnection, gen: PQGen[object], interval: float = 0.1) -> object:
        waits.append(line)
        return wait(line, gen, interval)

    monkeypatch.setattr(WatchedConnection, "wait", counted)
    with closing(connect(shared)) as database:
        waits.clear()
        with database.transaction():
            database.script("SELECT 1")
        assert len(waits) == 3


def test_nobody_listens_through_the_pool_and_that_is_told(shared: str, caplog: pytest.LogCaptureFixture) -> None:
    with closing(connect(shared)) as database:
        asyncio.run(asyncio.wait_for(database.listen(lambda: None), 10))

    assert "listen.not: a pool is in the way, name PostgreSQL itself in DRIPLINE_DB_DIRECT" in caplog.text


def test_what_another_process_enrolls_is_heard_past_the_pool(new_url: NewUrl) -> None:
    direct = new_url("postgresql")
    with (
        pool(direct, "transaction") as through,
        closing(connect(through, direct=direct)) as database,
        Dripline(through) as other,
    ):
        other.apply(Sequence("S", trigger="T", steps=[Step("one")]))
        asyncio.run(heard(database, lambda: other.add_lead(phone="60123456789", triggers=["T"])))


async def heard(database: Database, act: Callable[[], object]) -> None:
    """Return once what is done is heard of; the first sound is that it listens."""
    sounds = asyncio.Semaphore(0)
    listening = asyncio.create_task(database.listen(sounds.release))
    async with asyncio.timeout(10):
        await sounds.acquire()
        await asyncio.to_thread(act)
        await sounds.acquire()
    listening.cancel()


def test_what_takes_long_is_known_to_be_under_way(
    shared: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(watchdog, "ASKED_AFTER", 0.4)
    monkeypatch.setattr(watchdog, "LOOK_EVERY", 0.1)
    with closing(connect(shared)) as database:
        database.script("SELECT pg_sleep(2)")
        with database.transaction():
            database.script("SELECT pg_sleep(2)")

    assert [record.getMessage() for record in caplog.records if record.name == "dripline.store"] == []


def test_options_in_the_url_are_refused_in_a_sentence(new_url: NewUrl) -> None:
    with (
        pool(new_url("postgresql"), "transaction") as url,
        pytest.raises(DatabaseUnreachable, match="take options out of the URL"),
    ):
        Dripline(f"{url}?options=-c%20search_path%3Dpublic")
