"""A statement whose answer is lost on its way is found, said, and given up; one that only takes long is waited for."""

import asyncio
import logging
import threading
from collections.abc import Callable, Iterator
from contextlib import closing

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from dripline import Dripline
from dripline.errors import DatabaseUnreachable
from dripline.shutdown import ENDING
from dripline.store.database import listening, watchdog
from dripline.store.database.connect import connect
from dripline.store.database.database import Database
from dripline.store.database.standby import standby_url
from dripline.store.database.wire import patient
from support.forgetful_proxy import ForgetfulProxy, forgetful_proxy

NewUrl = Callable[[str], str]


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog, "ASKED_AFTER", 0.4)
    monkeypatch.setattr(watchdog, "LOOK_EVERY", 0.1)
    monkeypatch.setattr(watchdog, "LONGEST_ASKING", 1.0)


@pytest.fixture
def proxy(new_url: NewUrl) -> Iterator[ForgetfulProxy]:
    with forgetful_proxy(new_url("postgresql")) as made:
        yield made


def test_a_lost_answer_is_told_once_and_the_next_question_is_answered(
    proxy: ForgetfulProxy, caplog: pytest.LogCaptureFixture
) -> None:
    with Dripline(proxy.url) as drip:
        drip.reports.counts()
        proxy.forget()
        with pytest.raises(DatabaseUnreachable):
            drip.reports.counts()

        assert drip.reports.counts()["leads"] == 0
    (told,) = [record.getMessage() for record in caplog.records if record.name == "dripline.store"]
    assert told.startswith("database.hung_up database=postgresql://127.0.0.1:")
    assert "connections=1 seconds=1:" in told


def test_a_lost_commit_is_found_too(proxy: ForgetfulProxy) -> None:
    with closing(connect(proxy.url)) as database:
        with pytest.raises(DatabaseUnreachable):
            forget_in_a_transaction(database, proxy)

        assert database.script("SELECT 1 AS one") == [{"one": 1}]


def forget_in_a_transaction(database: Database, proxy: ForgetfulProxy) -> None:
    with database.transaction():
        database.script("SELECT 1")
        proxy.forget()


@pytest.mark.parametrize("statement", ["SELECT pg_sleep(1.5)", "SELECT count(*) FROM generate_series(1, 30000000)"])
def test_what_takes_long_is_waited_for(proxy: ForgetfulProxy, caplog: pytest.LogCaptureFixture, statement: str) -> None:
    with closing(connect(proxy.url)) as database:
        database.script(statement)
        asked = proxy.accepted - 1

    assert asked >= 1, "the server was never asked: the test tests nothing"
    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_what_waits_for_a_lock_is_waited_for(proxy: ForgetfulProxy, caplog: pytest.LogCaptureFixture) -> None:
    with closing(connect(proxy.url)) as database, psycopg.connect(proxy.url) as other:
        other.execute("LOCK TABLE sequence_contacts")
        end = threading.Timer(1.5, other.rollback)
        end.start()
        database.script("SELECT count(*) FROM sequence_contacts")
        end.join()

    assert [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_an_answer_that_stays_with_the_server_is_lost(new_url: NewUrl) -> None:
    """It waits for somebody to take what does not go into the wire: as when a firewall forgets the way back."""
    with forgetful_proxy(new_url("postgresql")) as proxy, closing(connect(proxy.url)) as database:
        proxy.stop_reading()
        with pytest.raises(DatabaseUnreachable):
            database.script("SELECT repeat('x', 60000000)")


def test_where_another_server_has_taken_over_a_silent_one_is_left(
    new_url: NewUrl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watchdog, "LONGEST_ASKING", 10.0)
    url = new_url("postgresql")
    there = conninfo_to_dict(url)
    with forgetful_proxy(url) as proxy:
        port = str(conninfo_to_dict(proxy.url)["port"])
        hosts = f"host=127.0.0.1,{there['host']}&port={port},{there.get('port', 5432)}"
        with Dripline(f"postgresql:///{there['dbname']}?user={there['user']}&connect_timeout=2&{hosts}") as drip:
            drip.reports.counts()
            proxy.forget_everything()
            with pytest.raises(DatabaseUnreachable):
                drip.reports.counts()

            assert drip.reports.counts()["leads"] == 0


def test_a_server_that_answers_nobody_is_told_of_once_and_gone_on_with_when_it_does(
    proxy: ForgetfulProxy, caplog: pytest.LogCaptureFixture
) -> None:
    with Dripline(proxy.url) as drip:
        proxy.forget_everything()
        end = threading.Timer(4, lambda: setattr(proxy, "takes_new_ones_in", True))
        end.start()
        with pytest.raises(DatabaseUnreachable):
            drip.reports.counts()
        end.join()

        assert drip.reports.counts()["leads"] == 0
    told = [record.getMessage() for record in caplog.records if record.name == "dripline.store"]
    assert [words.split()[0] for words in told] == ["database.silent", "database.hung_up"]


def test_a_process_that_is_to_end_waits_for_nobody(proxy: ForgetfulProxy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watchdog, "LAST_WORD", 1.0)
    monkeypatch.setattr(watchdog, "ASKED_SOONER", 0.2)
    with Dripline(proxy.url) as drip:
        proxy.forget_everything()
        ENDING.set()
        try:
            with pytest.raises(DatabaseUnreachable):
                drip.reports.counts()
        finally:
            ENDING.clear()


def test_a_connection_that_only_listens_is_found_as_well(
    proxy: ForgetfulProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listening, "ASKED_EVERY", 0.3)
    monkeypatch.setattr(listening, "CONNECT_TIMEOUT", 0.3)
    with (
        closing(connect(proxy.url)) as database,
        pytest.raises(DatabaseUnreachable, match="nothing comes over the connection"),
    ):
        asyncio.run(database.listen(proxy.forget))


def test_what_the_url_says_of_patience_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGCONNECT_TIMEOUT", "7")
    said = patient("postgresql://shop@db/shop?keepalives_idle=99")

    assert "connect_timeout" not in said
    assert "keepalives_idle=99" in said
    assert "tcp_user_timeout=20000" in said


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("postgresql://a,b/shop", "read-write"),
        ("postgresql://a,b/shop?target_session_attrs=any", "any"),
        ("postgresql://a/shop", None),
    ],
)
def test_of_several_servers_one_that_can_be_written_is_wanted(url: str, wanted: str | None) -> None:
    assert conninfo_to_dict(patient(url)).get("target_session_attrs") == wanted


def test_a_standby_may_be_any_server_and_has_little_time() -> None:
    url = standby_url("postgresql://a,b/shop")

    assert url == "postgresql://a,b/shop?connect_timeout=3&target_session_attrs=any"
    assert standby_url(url) == url
    assert standby_url("postgresql://a/shop?sslmode=require").endswith(
        "sslmode=require&connect_timeout=3&target_session_attrs=any"
    )
