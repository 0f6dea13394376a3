"""The store's verbs, one suite for both databases: what a claim guarantees, and what a stale one cannot do."""

import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from dripline import AddressKind, NewLead, Policy, Sequence, Step
from dripline.core.outcome import Complete, Retry
from dripline.core.reason import Reason, ReasonCode
from dripline.core.states import Status
from dripline.store.database.connect import connect
from dripline.store.database.database import Database, instant
from dripline.store.database.dialect import DIALECTS
from dripline.store.database.statements import compiled
from dripline.store.enrollments.store import Store
from dripline.store.leads.stopping import Stopping
from dripline.store.queries.timeline import Timelines
from dripline.store.records.claim import Claiming
from dripline.store.records.claimed import Claimed
from dripline.store.records.settle import STALE, Settlement, Settler
from dripline.store.sequences.in_flight import Reached
from dripline.store.sequences.sequences import Sequences

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LEASE = timedelta(minutes=5)
RESEND = Policy(on_unknown="resend", unknown_after="0s")
HOUR = timedelta(hours=1)
DUE = "SELECT current_step FROM sequence_contacts WHERE status = 'active' AND next_trigger_time <="


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    with closing(connect(url)) as opened:
        yield opened


@pytest.fixture
def store(database: Database) -> Store:
    opened = Store(database, lambda: NOW)
    sequence = Sequence("Two", trigger="TWO", steps=[Step("One"), Step("Two", "12h")])
    Sequences(database, opened).apply(sequence, Reached(AddressKind.ANY), NOW)
    return opened


def enroll(store: Store, many: int) -> None:
    store.add_leads([NewLead(f"6012{number:07d}", triggers=("TWO",)) for number in range(many)], NOW)


def claim(store: Store, worker: str = "a", *, now: datetime = NOW, batch: int = 500) -> list[Claimed]:
    claiming = Claiming(store._database, store)  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # its own database
    return claiming.claim(worker, "console", now=now, lease=LEASE, batch=batch).records


def accepted(claimed: Claimed) -> Settlement:
    return Settlement(claimed, outcome="accepted", consequence=Complete("id"), provider_id="id", text="One")


def test_a_claim_takes_only_what_is_active_and_due(store: Store) -> None:
    enroll(store, 3)

    assert claim(store, now=NOW - timedelta(seconds=1)) == []
    assert [taken.facts.position for taken in claim(store)] == [1, 1, 1]
    assert claim(store, now=NOW + 48 * HOUR) == []


def test_a_claim_takes_the_longest_due_first_and_no_more_than_asked(store: Store) -> None:
    enroll(store, 2)
    store.add_leads([NewLead("60199999999", triggers=("TWO",))], NOW - HOUR)

    assert [taken.facts.to for taken in claim(store, batch=2)] == ["60199999999", "60120000000"]


def test_no_two_workers_claim_the_same_record(url: str, store: Store) -> None:
    enroll(store, 400)

    def drain(worker: str) -> list[int]:
        with closing(connect(url)) as own:
            mine: list[int] = []
            while batch := claim(Store(own, lambda: NOW), worker, batch=7):
                mine += [taken.facts.record_id for taken in batch]
            return mine

    with ThreadPoolExecutor(4) as pool:
        taken = [record_id for ids in pool.map(drain, "abcd") for record_id in ids]
    assert len(taken) == len(set(taken)) == 400


def test_a_claim_says_that_its_records_begin_before_anything_is_sent(store: Store, database: Database) -> None:
    enroll(store, 1)
    claim(store)

    row = database.script("SELECT attempt, worker, begun_at FROM sequence_contacts WHERE status = 'sending'")[0]
    assert (row["attempt"], row["worker"], instant(row["begun_at"])) == (1, "a", NOW)


def test_a_try_is_written_with_its_answer_as_of_when_it_began(store: Store, database: Database) -> None:
    enroll(store, 1)
    claimed = claim(store)[0]
    before = database.script("SELECT count(*) AS many FROM attempts")[0]["many"]
    Settler(database, store, "a").settle([accepted(claimed)], NOW + HOUR)

    lead = Timelines(database).leads("60120000000")[0]
    attempt = Timelines(database).timeline(lead, NOW).attempts[0]
    assert before == 0
    assert (attempt.number, attempt.worker, attempt.started_at, attempt.outcome) == (1, "a", NOW, "accepted")


def test_settling_completes_this_record_and_activates_the_next_with_its_own_time(
    store: Store, database: Database
) -> None:
    enroll(store, 1)
    settled = Settler(database, store, "a").settle([accepted(claim(store)[0])], NOW)

    records = list(Timelines(database).all_records())
    assert settled.counts["sent"] == 1
    assert [(r.status, r.next_trigger_time) for r in records] == [("completed", NOW), ("active", NOW + 12 * HOUR)]


def test_a_stale_token_cannot_settle(store: Store, database: Database) -> None:
    enroll(store, 1)
    stale = claim(store, "a")[0]
    Settler(database, store, "a").settle(
        [
            Settlement(
                stale,
                outcome="retry_later",
                consequence=Retry(timedelta(seconds=1), reason=Reason.of(ReasonCode.RETRY, error="busy")),
            )
        ],
        NOW,
    )
    claim(store, "b", now=NOW + timedelta(seconds=1))

    settled = Settler(database, store, "a").settle([accepted(stale)], NOW + timedelta(seconds=2))
    assert (settled.counts["sent"], settled.counts[STALE]) == (0, 1)
    assert next(Timelines(database).all_records()).status is Status.SENDING


def test_another_worker_cannot_settle_with_the_right_number(store: Store, database: Database) -> None:
    enroll(store, 1)

    assert Settler(database, store, "b").settle([accepted(claim(store, "a")[0])], NOW).counts[STALE] == 1


def test_a_late_answer_completes_a_record_that_was_paused_before_it_was_tried_again(
    database: Database, store: Store
) -> None:
    """Else it would be sent again when its lead is resumed (found by the simulation)."""
    again = Sequence("Two", trigger="TWO", steps=[Step("One"), Step("Two", "12h")], policy=RESEND)
    Sequences(database, store).apply(again, Reached(AddressKind.ANY), NOW)
    enroll(store, 1)
    claimed = claim(store)[0]
    later = NOW + 2 * LEASE
    store.rescue([], later)
    store.rescue([], later)
    Stopping(database, store).pause_leads([claimed.facts.lead.id], None, Reason.of(ReasonCode.PAUSED_BY_PERSON))
    before = [str(record.status) for record in Timelines(database).records_of(claimed.facts.lead)]
    Settler(database, store, "a").settle([accepted(claimed)], later)

    assert before == ["paused", "pending"]
    assert [str(record.status) for record in Timelines(database).records_of(claimed.facts.lead)] == [
        "completed",
        "active",
    ]


def test_an_ended_lease_makes_the_record_unknown_and_a_late_answer_completes_it(
    store: Store, database: Database
) -> None:
    enroll(store, 1)
    slow = claim(store)[0]

    assert store.rescue([], NOW + LEASE - timedelta(seconds=1)).lost == []
    assert store.rescue([], NOW + LEASE).lost == [slow.facts.record_id]
    assert claim(store, "b", now=NOW + LEASE) == []
    Settler(database, store, "a").settle([accepted(slow)], NOW + LEASE)
    assert [record.status for record in Timelines(database).all_records()] == ["completed", "active"]


def test_settling_is_all_or_nothing(store: Store, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash between completing a record and activating the next must leave neither."""
    enroll(store, 1)
    taken = claim(store)[0]

    def power_cut(*_: object) -> list[int]:
        raise SystemExit

    monkeypatch.setattr(store, "go_on", power_cut)
    with pytest.raises(SystemExit):
        Settler(database, store, "a").settle([accepted(taken)], NOW)
    assert [record.status for record in Timelines(database).all_records()] == ["sending", "pending"]


@pytest.mark.parametrize("many", [10, 3_000])
def test_enrollment_takes_a_fixed_number_of_statements(
    store: Store, database: Database, monkeypatch: pytest.MonkeyPatch, many: int
) -> None:
    leads = [NewLead(f"6012{number:07d}", triggers=("TWO",)) for number in range(many)]
    statements: list[str] = []
    for method in ("run", "change"):
        original = getattr(database, method)

        def counted(name: str, /, _original: object = original, **parameters: object) -> object:
            statements.append(name)
            return _original(name, **parameters)  # type: ignore[operator]

        monkeypatch.setattr(database, method, counted)

    assert store.add_leads(leads, NOW).enrolled == many
    # One asks what newcomers need, one whether anybody is to be told of them, and one whether they wrote before.
    assert len(statements) == 9


def test_the_due_scan_uses_the_partial_index(url: str, store: Store) -> None:
    enroll(store, 2_000)
    claim(store)
    plan = explain(url)

    assert "due_unpaced" in plan
    assert "SCAN sequence_contacts" not in plan
    assert "Seq Scan on sequence_contacts" not in plan


def explain(url: str) -> str:
    """The database's plan for the claim."""
    parameters = {"now": NOW, "channel": "console", "batch": 500, "worker": "w", "lease_until": NOW, "held_back": "{}"}
    parameters["begun_at"] = NOW
    if url.startswith("sqlite"):
        text = compiled(DIALECTS["sqlite"])["claim_due"]
        plain = {**parameters, "now": "2026-01-01 00:00:00", "lease_until": "2026-01-01 00:00:00", "begun_at": None}
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            return "\n".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {text}", plain))
    text = compiled(DIALECTS["postgresql"])["claim_due"]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("ANALYZE")
        return "\n".join(row[0] for row in connection.execute(f"EXPLAIN {text}".encode(), parameters))


def test_instants_compare_with_the_databases_own_clock(url: str, store: Store) -> None:
    """The mission's query works at a SQL prompt as it is written."""
    enroll(store, 1)
    if url.startswith("sqlite"):
        query = f"{DUE} datetime('now')"
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
            found = connection.execute(query).fetchall()
    else:
        with psycopg.connect(url) as connection:
            found = connection.execute(f"{DUE} NOW()".encode()).fetchall()

    assert found == [(1,)]
