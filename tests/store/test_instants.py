"""What is written as now is read inside the transaction that writes it, after what that waited for."""

import ast
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typing_extensions import override

import dripline.app
from dripline import Dripline, FakeChannel, NewLead, Policy, Sequence, Step, SystemClock, VirtualClock
from support.use_cases import REQUIREMENTS

BEFORE = datetime(2026, 1, 5, 9, tzinfo=UTC)
WAITED = timedelta(hours=1)
PHONE = "60123456789"

Deed = Callable[[Dripline], object]


class Waiting(SystemClock):
    """A clock by which every transaction has waited for an hour before it has the database."""

    def __init__(self) -> None:
        self.drip: Dripline | None = None

    @override
    def now(self) -> datetime:
        """Tell the instant before the wait outside a transaction, and the one after it inside."""
        return BEFORE + WAITED if self.drip is not None and is_inside(self.drip) else BEFORE


def is_inside(drip: Dripline) -> bool:
    """Return whether this connection is in a transaction."""
    store = drip._session.stores.store  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]  # what is asked for
    return store._held_by is not None  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]


VERBS: dict[str, Deed] = {
    "opt_out": lambda drip: drip.opt_out(phone=PHONE),
    "exit": lambda drip: drip.leads.exit(phone=PHONE),
    "receive": lambda drip: drip.inbox.receive("thank you", phone=PHONE),
    "stop": lambda drip: drip.inbox.receive("STOP", phone=PHONE),
    "goal": lambda drip: drip.add_lead(phone=PHONE, triggers=["GOAL"]),
    "remove_trigger": lambda drip: drip.leads.remove_trigger("T", phone=PHONE),
    "add_lead": lambda drip: drip.add_lead(phone="60129999999", triggers=["T"]),
    "pause": lambda drip: drip.pause(phone=PHONE),
    "pause a sequence": lambda drip: drip.pause(sequence="S"),
    "pause everything": lambda drip: drip.pause(),
    "note_lead": lambda drip: drip.leads.add_note("called", phone=PHONE),
    "cancel_records": lambda drip: drip.records.cancel([record.id for record in drip.records(phone=PHONE)]),
    "skip_records": lambda drip: drip.records.skip([drip.records(phone=PHONE)[0].id]),
    "forget": lambda drip: drip.leads.forget(phone=PHONE),
    "publish": lambda drip: drip.apply(sequence("2d"), reach="all"),
}


def sequence(wait: str = "1d") -> Sequence:
    policy = Policy(on_trigger_lost="exit")
    return Sequence(
        "S", trigger="T", channel="wa", goal="GOAL", policy=policy, steps=[Step("a"), Step("b", after=wait)]
    )


@pytest.fixture
def waiting(url: str) -> Iterator[Dripline]:
    """A shop set up days before, opened by a program whose every transaction waits."""
    with Dripline(url, clock=VirtualClock(BEFORE - timedelta(days=5)), channels={"wa": FakeChannel()}) as earlier:
        earlier.apply(sequence())
        earlier.add_leads([NewLead(PHONE, triggers=("T",))])
    clock = Waiting()
    with Dripline(url, clock=clock, channels={"wa": FakeChannel()}) as drip:
        clock.drip = drip
        yield drip


@pytest.mark.parametrize("verb", VERBS)
def test_no_verb_writes_an_instant_from_before_its_wait(
    waiting: Dripline, verb: str, ask: Callable[[str], list[tuple[object, ...]]]
) -> None:
    VERBS[verb](waiting)

    written = {table: ask(f"SELECT * FROM {table}") for table in TABLES}
    early = [(table, row) for table, rows in written.items() for row in rows if any(map(is_before, row))]
    assert early == []


TABLES = [
    "leads",
    "lead_triggers",
    "sequences",
    "enrollments",
    "sequence_contacts",
    "attempts",
    "record_moves",
    "suppressions",
    "workspace",
    "lead_notes",
]


def is_before(value: object) -> bool:
    """Return whether a stored value is the instant before the wait."""
    return value in (BEFORE, f"{BEFORE:%Y-%m-%d %H:%M:%S}")


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_an_opt_out_is_no_older_than_a_message_that_went_while_it_waited(
    new_url: Callable[[str], str], kind: str
) -> None:
    url, shared, fake = new_url(kind), VirtualClock(BEFORE), FakeChannel()
    with Dripline(url, clock=shared, channels={"wa": fake}) as worker:

        class Late(SystemClock):
            """Tells the time; then its caller is kept waiting, and a worker works meanwhile."""

            is_armed = False

            @override
            def now(self) -> datetime:
                told = shared.now()
                if self.is_armed:
                    self.is_armed = False
                    shared.advance(timedelta(seconds=2))
                    worker.tick()
                return told

        clock = Late()
        with Dripline(url, clock=clock, channels={"wa": fake}) as web:
            web.apply(sequence())
            web.add_lead(phone=PHONE, triggers=["T"])
            clock.is_armed = True
            web.opt_out(phone=PHONE)

            assert [suppression.suppressed_at for suppression in web.leads.suppressions()] == [shared.now()]
            assert web.verify() == []


def test_use_cases_that_take_several_transactions_read_the_clock_inside_each() -> None:
    """One that is a single transaction is held in it from its first line on; the others are named here."""
    reads = {
        function.name
        for path in Path(dripline.app.__path__[0]).rglob("*.py")
        for function in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) and reads_outside(function)
    }

    long = {path.rpartition(".")[2] for path, need in REQUIREMENTS.items() if need.audited_as and need.is_long}
    assert reads & long <= ASK_FIRST


ASK_FIRST = {"reschedule", "repair", "run", "send_test", "send_ping", "pair"}
"""What compares an instant before it writes, and writes another; the last four write beside what they ask of others."""


def reads_outside(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Return whether a function reads the clock where it has not opened a transaction of its own."""
    inside = {
        node
        for block in ast.walk(function)
        if isinstance(block, ast.With) and "transaction" in ast.unparse(block.items[0])
        for node in ast.walk(block)
    }
    return any(
        isinstance(node, ast.Call) and ast.unparse(node.func) == "self._session.now" and node not in inside
        for node in ast.walk(function)
    )
