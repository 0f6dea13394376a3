"""A URL that names several servers, and a primary that becomes a standby: what is written goes where it can be."""

from collections.abc import Callable, Iterator
from contextlib import closing

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from dripline import Dripline
from dripline.errors import DatabaseProblem, DatabaseUnreachable
from dripline.store.database.connect import connect

GONE = "/nowhere/gone"


def on_several(url: str, *hosts: str) -> str:
    """A database as a URL names it whose servers may be several."""
    there = conninfo_to_dict(url)
    return (
        f"postgresql:///{there['dbname']}?user={there['user']}&host={','.join(hosts)}&target_session_attrs=read-write"
    )


@pytest.fixture
def url(new_url: Callable[[str], str], drop: Callable[[str], None]) -> Iterator[str]:
    made = new_url("postgresql")
    yield made
    drop(made)


@pytest.fixture
def close_for_writing(url: str) -> Iterator[Callable[[], None]]:
    """Makes of the primary what looks like a standby to whoever connects; who is connected is cut off."""
    name = sql.Identifier(str(conninfo_to_dict(url)["dbname"]))
    with psycopg.connect(url, dbname="postgres", autocommit=True) as admin:

        def close() -> None:
            admin.execute(sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = on").format(name))
            admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s",
                [conninfo_to_dict(url)["dbname"]],
            )

        yield close
        admin.execute(sql.SQL("ALTER DATABASE {} RESET ALL").format(name))


def reopen(url: str) -> None:
    name = sql.Identifier(str(conninfo_to_dict(url)["dbname"]))
    with psycopg.connect(url, dbname="postgres", autocommit=True) as admin:
        admin.execute(sql.SQL("ALTER DATABASE {} RESET ALL").format(name))


def test_of_several_servers_the_one_that_answers_is_used(url: str) -> None:
    several = on_several(url, GONE, str(conninfo_to_dict(url)["host"]))
    with Dripline(several) as drip:
        drip.add_lead(phone="60123456789")

        assert drip.reports.counts()["leads"] == 1


def test_where_no_server_will_do_each_says_why(url: str, close_for_writing: Callable[[], None]) -> None:
    close_for_writing()
    several = on_several(url, GONE, str(conninfo_to_dict(url)["host"]))

    with pytest.raises(DatabaseUnreachable, match=r"No such file or directory.*; .*read-only"):
        connect(several)


def test_a_primary_that_became_a_standby_is_away_until_one_can_be_written(
    url: str, close_for_writing: Callable[[], None]
) -> None:
    with Dripline(url) as drip:
        close_for_writing()
        with pytest.raises(DatabaseUnreachable):
            drip.add_lead(phone="60123456789")
        with pytest.raises(DatabaseUnreachable, match="its primary is a standby now or closed for writing"):
            drip.add_lead(phone="60123456789")
        reopen(url)

        drip.add_lead(phone="60123456789")
        assert drip.reports.counts()["leads"] == 1


def test_a_standby_is_left_whatever_else_fails_in_the_same_transaction(url: str) -> None:
    with closing(connect(url)) as database:
        database.script("SET default_transaction_read_only = on")
        with database.transaction():
            with pytest.raises(DatabaseUnreachable):
                database.script("CREATE TABLE not_here (id integer)")
            with pytest.raises(DatabaseProblem):
                database.script("SELECT 1")

        assert database.script("SHOW transaction_read_only") == [{"transaction_read_only": "off"}]


@pytest.mark.parametrize("setting", ["off", "local", "remote_write"])
def test_a_commit_waits_for_a_synchronous_standby_whatever_was_set(url: str, setting: str) -> None:
    name = sql.Identifier(str(conninfo_to_dict(url)["dbname"]))
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(sql.SQL("ALTER DATABASE {} SET synchronous_commit = {}").format(name, sql.Literal(setting)))
    with closing(connect(url)) as database:
        assert database.script("SHOW synchronous_commit") == [{"synchronous_commit": "on"}]
