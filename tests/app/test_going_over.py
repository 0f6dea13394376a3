"""Who is on an older version goes over to a new one: loads, overdue steps, groups, and what it costs."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from itertools import groupby, pairwise

import pytest
from editing import HOUR, START, enroll, live, phone, send_all, steps, texts, warm
from hypothesis import given
from hypothesis import strategies as st

from dripline import (
    Dripline,
    FakeChannel,
    Policy,
    Sender,
    Sequence,
    Step,
    StepRecord,
    VersionMove,
    VirtualClock,
)

Ask = Callable[[str], list[tuple[object, ...]]]


def by_enrollment(records: list[StepRecord]) -> dict[int, list[StepRecord]]:
    ordered = sorted(records, key=lambda r: (r.enrollment_id, r.current_step))
    return {of: list(group) for of, group in groupby(ordered, key=lambda r: r.enrollment_id)}


def check_moved(
    move: VersionMove, before: list[StepRecord], after: list[StepRecord], successor: list[StepRecord]
) -> None:
    """One enrollment went over as its move says: what it had stands, the rest is cancelled, its successor goes on."""
    for old, new in zip(before, after, strict=True):
        if old.current_step < move.standing.step:
            assert new == old
        else:
            assert (new.status, new.reason) == ("cancelled", "went over to version 2")
    assert move.old_time == before[move.standing.step - 1].next_trigger_time
    first, *rest = successor
    assert (first.current_step, first.status, first.next_trigger_time) == (move.step, "active", move.new_time)
    assert [record.status for record in rest] == ["pending"] * len(rest)
    for previous, record in pairwise(successor):
        wait = HOUR if record.current_step == 2 else 12 * HOUR
        assert record.next_trigger_time - previous.next_trigger_time == wait
    assert first.lead_id == before[0].lead_id == move.lead_id


def test_shortening_a_delay_with_10000_leads_waiting_moves_exactly_those_the_plan_named(
    drip: Dripline, clock: VirtualClock
) -> None:
    drip.apply(warm())
    enroll(drip, range(300))
    send_all(drip)
    clock.advance(12 * HOUR)
    send_all(drip)  # these are past the change
    for batch in range(4):
        clock.advance(HOUR)
        enroll(drip, range(1_000 + batch * 2_500, 1_000 + (batch + 1) * 2_500))
        send_all(drip)
    clock.advance(HOUR / 2)
    enroll(drip, range(20_000, 20_100))  # these are before it
    before = by_enrollment(drip.records())

    planned = drip.plan(warm("0s", "1h", "12h", "12h"), reach="all")
    assert by_enrollment(drip.records()) == before
    assert planned.changes[0] == "step 2: wait 12h → 1h: 100 before, 10000 at it, 300 past"
    assert (len(planned.moves), planned.overdue, planned.in_flight) == (10_100, 7_500, 0)
    assert {of for of, records in before.items() if records[1].status != "completed"} == {
        move.enrollment_id for move in planned.moves
    }
    assert {move.new_time - move.old_time for move in planned.moves if move.new_time and not move.is_overdue} == {
        timedelta(0),
        -11 * HOUR,
    }
    applied = drip.sequences.publish(planned)

    assert (applied.moved, applied.left_alone, applied.version) == (10_100, 0, 2)
    after = by_enrollment(drip.records())
    named = {move.enrollment_id: move for move in planned.moves}
    successors = {records[0].lead_id: records for of, records in after.items() if of not in before}
    assert len(successors) == len(named)
    for enrollment, records in before.items():
        if enrollment in named:
            move = named[enrollment]
            check_moved(move, records, after[enrollment], successors[move.lead_id])
        else:
            assert after[enrollment] == records
    assert drip.verify() == []


def test_who_has_no_step_left_has_completed(drip: Dripline, ask: Ask) -> None:
    drip.senders.apply(Sender("jb-1", channel="console"))
    drip.apply(warm("0s", "12h", senders=("jb-1",)))
    enroll(drip, range(1))
    drip.tick()
    applied = drip.apply(warm("0s", senders=("jb-1",)), reach="all")

    assert applied.plan.changes[-1] == "1 with no step left in version 2, completed"
    assert [(move.step, move.new_time) for move in applied.plan.moves] == [(None, None)]
    assert ask("SELECT end_code FROM enrollments") == [("completed",)]
    assert [r.reason for r in drip.records()] == [None, "version 2 has no step left for it"]
    assert ask("SELECT live FROM sender_loads") == [(0,)]
    assert drip.verify() == []


def test_who_has_no_step_left_fires_what_its_sequence_leads_to(drip: Dripline) -> None:
    drip.apply(Sequence("Hot", trigger="HOT", steps=[Step("Hot")]))
    first = Sequence("Cold", trigger="COLD", steps=steps("0s", "12h"), then="HOT")
    drip.apply(first)
    drip.add_lead(phone=phone(1), triggers=["COLD"])
    drip.tick()
    drip.apply(replace(first, steps=steps("0s")), reach="all")

    assert [(r.status, r.sequence_id) for r in drip.records(phone=phone(1))][-1][0] == "active"
    assert drip.verify() == []


def test_a_group_keeps_its_place_for_who_goes_over(drip: Dripline) -> None:
    """The end of the old enrollment frees nothing: another sequence of the group must not slip in."""
    first = Sequence("Cold", trigger="COLD", steps=steps("0s", "12h"), group="one")
    drip.apply(first)
    drip.apply(Sequence("Hot", trigger="HOT", steps=steps("0s"), group="one"))
    drip.add_lead(phone=phone(1), triggers=["COLD", "HOT"])
    drip.apply(replace(first, steps=steps("0s", "20h")), reach="all")

    assert {record.sequence_id for record in drip.records(phone=phone(1))} == {1}
    assert drip.verify() == []


def test_loads_go_over_with_their_enrollments(drip: Dripline, ask: Ask) -> None:
    for name in ("jb-1", "jb-2"):
        drip.senders.apply(Sender(name, channel="console"))
    drip.apply(warm(senders=("jb-1", "jb-2")))
    enroll(drip, range(10))
    senders = ask("SELECT lead_id, sender_id FROM enrollments ORDER BY lead_id")
    assert drip.apply(warm("0s", "1h", "12h", "12h", senders=("jb-1", "jb-2")), reach="all").moved == 10

    assert ask("SELECT live FROM sender_loads") == [(5,), (5,)]
    assert ask("SELECT lead_id, sender_id FROM enrollments WHERE ended_at IS NULL ORDER BY lead_id") == senders
    assert drip.verify() == []


@pytest.mark.parametrize("when_late", ["respace", "keep", "skip"])
def test_what_becomes_overdue_is_spread_and_noted(
    drip: Dripline, clock: VirtualClock, ask: Ask, when_late: str
) -> None:
    policy = Policy(when_late=when_late)
    drip.apply(warm(policy=policy))
    enroll(drip, range(20))
    drip.tick()
    clock.advance(6 * HOUR)
    applied = drip.apply(warm("0s", "1h", "12h", "12h", policy=policy), reach="all")
    firsts = [live(drip, number) for number in range(20)]
    seconds = [drip.records(phone=phone(number))[-2] for number in range(20)]

    assert applied.plan.overdue == 20
    assert {record.planned_time for record in firsts} == {clock.now() - 5 * HOUR}
    if when_late == "skip":
        assert {record.next_trigger_time for record in firsts} == {clock.now() - 5 * HOUR}
        assert ask("SELECT count(*) FROM record_moves") == [(0,)]
    else:
        assert all(clock.now() <= record.next_trigger_time <= clock.now() + 2 * HOUR for record in firsts)
        assert {record.reason for record in firsts} == {"version 2 would have made it overdue, spread over 2h"}
        assert ask("SELECT count(*) FROM record_moves") == [(20,)]
    gaps = {later.next_trigger_time - first.next_trigger_time for first, later in zip(firsts, seconds, strict=True)}
    assert (gaps == {12 * HOUR}) == (when_late != "keep")
    assert drip.verify() == []


def test_publishing_takes_a_fixed_number_of_statements(
    new_url: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: dict[int, list[str]] = {10: [], 500: []}
    for many, statements in ran.items():
        with Dripline(new_url("sqlite"), channels={"console": FakeChannel()}) as drip:
            drip.apply(warm())
            enroll(drip, range(many))
            database = drip._session.database  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
            for method in ("run", "change"):
                monkeypatch.setattr(database, method, counted(getattr(database, method), statements))
            assert drip.apply(warm("0s", "1h", "12h", "12h"), reach="all").moved == many

    assert ran[10] == ran[500]
    assert len(ran[10]) < 32


def counted(original: Callable[..., object], statements: list[str]) -> Callable[..., object]:
    """A method of a database that notes the names of the statements it runs."""

    def run(name: str, /, **parameters: object) -> object:
        statements.append(name)
        return original(name, **parameters)

    return run


edits = st.lists(
    st.tuples(
        st.permutations("ABCDE"), st.integers(1, 5), st.sampled_from(["new", "not_yet", "all"]), st.integers(0, 30)
    ),
    min_size=1,
    max_size=4,
)


@given(edits=edits)
def test_whatever_is_edited_nobody_gets_a_text_twice_and_every_promise_holds(
    edits: list[tuple[list[str], int, str, int]],
) -> None:
    clock, fake = VirtualClock(START), FakeChannel()
    with Dripline("sqlite://", clock=clock, channels={"console": fake}) as drip:
        for number, (letters, length, reach, hours) in enumerate(edits):
            wanted = [Step(letter, f"{at + number}h") for at, letter in enumerate(letters[:length])]
            drip.apply(Sequence("Warm EXAMA", trigger="WARMEXAMA", steps=wanted), reach=reach)
            enroll(drip, range(number, number + 1))
            for _ in range(hours):
                drip.tick()
                clock.advance(HOUR)
            assert drip.verify() == []
        for _ in range(60):
            drip.tick()
            clock.advance(HOUR)
        assert drip.verify() == []
        assert set(drip.reports.counts()) <= {"leads", "enrollments", "completed", "cancelled"}

    for number in range(len(edits)):
        assert len(set(texts(fake, number))) == len(texts(fake, number))
