"""PostgreSQL as it is set up elsewhere: a setting of its server, database or role has no effect, or is refused."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import psycopg
import pytest
from psycopg import sql

from dripline import Dripline, FakeChannel, Sequence, Step, VirtualClock
from dripline.errors import DatabaseForeign, DatabaseProblem, DatabaseReadOnly, DatabaseUnreachable

START = datetime(2026, 1, 1, tzinfo=UTC)

SETTINGS = {
    "DateStyle": "German",
    "IntervalStyle": "sql_standard",
    "TimeZone": "Asia/Kuala_Lumpur",
    "standard_conforming_strings": "off",
    "bytea_output": "escape",
    "client_encoding": "LATIN1",
    "default_transaction_isolation": "serializable",
    "default_transaction_deferrable": "on",
    "statement_timeout": "1ms",
    "idle_in_transaction_session_timeout": "1ms",
    "idle_session_timeout": "1s",
    "lock_timeout": "1ms",
    "transform_null_equals": "on",
    "array_nulls": "off",
    "synchronous_commit": "off",
    "extra_float_digits": "-15",
    "lc_messages": "C",
    "lc_numeric": "C",
    "jit": "on",
    "row_security": "off",
    "enable_indexscan": "off",
}
"""What is set elsewhere, and has no effect here."""


@pytest.fixture
def role(postgres: str) -> Iterator[str]:
    """A role that may log in, and no more."""
    with psycopg.connect(postgres, autocommit=True) as admin:
        admin.execute("DROP ROLE IF EXISTS shop")
        admin.execute("CREATE ROLE shop LOGIN")
    yield "shop"
    with psycopg.connect(postgres, autocommit=True) as admin:
        for (name,) in admin.execute("SELECT datname FROM pg_database WHERE datname LIKE 'session%'").fetchall():
            admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
        admin.execute("DROP ROLE shop")


def administer(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as admin:
        for statement in statements:
            admin.execute(statement.encode())


def name_of(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]


def as_role(url: str, role: str) -> str:
    return url.replace("postgres:@", f"{role}@", 1)


def plays_the_mission(url: str) -> None:
    """Four steps, each at its hour, with a name that only UTF-8 has."""
    clock, fake = VirtualClock(START), FakeChannel()
    with Dripline(url, clock=clock, channels={"console": fake}) as drip:
        steps = [Step("Hi {{ name }}"), Step("Two", "12h"), Step("Three", "12h"), Step("Four", "12h")]
        drip.apply(Sequence("Warm", trigger="WARMEXAMA", steps=steps))
        drip.add_lead(phone="60123456789", name="Aina \\ 😀 'x'", triggers=["WARMEXAMA"])
        for _ in range(4):
            assert drip.tick().sent == 1
            assert drip.tick().sent == 0
            clock.advance(timedelta(hours=12))

        assert [message.text for message in fake.accepted] == ["Hi Aina \\ 😀 'x'", "Two", "Three", "Four"]
        assert drip.verify() == []


def test_settings_of_a_role_or_a_database_have_no_effect(
    postgres: str, new_database: Callable[[str], str], role: str
) -> None:
    url = new_database("session_settings")
    of_role = [f"ALTER ROLE {role} SET {name} = '{value}'" for name, value in SETTINGS.items()]
    administer(postgres, f'ALTER DATABASE "{name_of(url)}" OWNER TO {role}', *of_role)

    plays_the_mission(as_role(url, role))

    of_database = [f"ALTER DATABASE \"{name_of(url)}\" SET {name} = '{value}'" for name, value in SETTINGS.items()]
    administer(postgres, f"ALTER ROLE {role} RESET ALL", *of_database)
    administer(postgres, f'ALTER DATABASE "{name_of(url)}" RESET client_encoding')
    with Dripline(as_role(url, role), clock=VirtualClock(START)) as drip:
        assert drip.reports.counts()["completed"] == 4


def test_a_role_that_may_make_no_tables_is_told_what_it_needs(new_database: Callable[[str], str], role: str) -> None:
    url = new_database("session_rights")

    with pytest.raises(DatabaseReadOnly, match=r"GRANT USAGE, CREATE ON SCHEMA public .* owner"):
        Dripline(as_role(url, role))


def test_a_role_that_may_not_write_the_tables_is_told_what_it_needs(
    new_database: Callable[[str], str], role: str
) -> None:
    url = new_database("session_tables")
    Dripline(url).close()

    with pytest.raises(DatabaseReadOnly, match=r"permission denied for .*GRANT .* ALL TABLES IN SCHEMA public"):
        Dripline(as_role(url, role))
    administer(url, f"GRANT ALL ON ALL TABLES IN SCHEMA public TO {role}")

    plays_the_mission(as_role(url, role))


def test_a_database_that_is_closed_for_writing_is_read_and_not_written(new_database: Callable[[str], str]) -> None:
    url = new_database("session_closed")
    Dripline(url).close()
    administer(url, f'ALTER DATABASE "{name_of(url)}" SET default_transaction_read_only = on')

    with Dripline(url, channels={"console": FakeChannel()}) as drip:
        assert drip.verify() == []
        with pytest.raises(DatabaseReadOnly, match="closed for writing"):
            drip.add_lead(phone="60123456789", triggers=["WARM"])


def test_a_new_database_that_is_closed_for_writing_is_refused_in_a_sentence(
    new_database: Callable[[str], str],
) -> None:
    url = new_database("session_new_closed")
    administer(url, f'ALTER DATABASE "{name_of(url)}" SET default_transaction_read_only = on')

    with pytest.raises(DatabaseReadOnly, match="closed for writing"):
        Dripline(url)


@pytest.mark.parametrize("path", ["nowhere", "", "nowhere, elsewhere"])
def test_a_search_path_that_leads_nowhere_is_refused_in_a_sentence(
    new_database: Callable[[str], str], path: str
) -> None:
    url = new_database("session_nowhere")
    administer(url, f"ALTER DATABASE \"{name_of(url)}\" SET search_path = '{path}'")

    with pytest.raises(DatabaseUnreachable, match=r"search_path is .*CREATE SCHEMA"):
        Dripline(url)


def test_tables_are_found_behind_another_schema(new_database: Callable[[str], str]) -> None:
    """A schema that was made later, and stands before that of the tables, takes no new ones."""
    url = new_database("session_behind")
    Dripline(url).close()
    administer(url, "CREATE SCHEMA other", f'ALTER DATABASE "{name_of(url)}" SET search_path = other, public')

    plays_the_mission(url)
    assert tables_in(url, "other") == 0


def test_a_schema_that_the_url_names_is_used(new_database: Callable[[str], str]) -> None:
    url = new_database("session_schema")
    administer(url, "CREATE SCHEMA drip")

    plays_the_mission(f"{url}&options=-c%20search_path%3Ddrip")

    assert tables_in(url, "drip") > 20
    assert tables_in(url, "public") == 0


def tables_in(url: str, schema: str) -> int:
    with psycopg.connect(url) as connection:
        found = connection.execute("SELECT count(*) FROM pg_tables WHERE schemaname = %s", [schema]).fetchone()
        return found[0] if found else 0


def test_a_new_database_in_another_encoding_is_refused_in_a_sentence(
    postgres: str, new_database: Callable[[str], str]
) -> None:
    url = new_database("session_latin")
    name = name_of(url)
    administer(
        postgres,
        f'DROP DATABASE "{name}"',
        f"CREATE DATABASE \"{name}\" ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0",
    )

    with pytest.raises(DatabaseForeign, match=r"LATIN1.*UTF8"):
        Dripline(url)


def test_what_a_role_may_not_even_connect_to_is_one_sentence(
    postgres: str, new_database: Callable[[str], str], role: str
) -> None:
    url = new_database("session_connect")
    administer(postgres, f'REVOKE CONNECT ON DATABASE "{name_of(url)}" FROM PUBLIC')

    with pytest.raises(DatabaseProblem, match=r"^[^\n]*permission denied[^\n]*$"):
        Dripline(as_role(url, role))
