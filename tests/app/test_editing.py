"""Editing a live sequence: a plan that names who moves and when, and a publication that does exactly that."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import groupby, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dripline import (
    Dripline,
    FakeChannel,
    NewLead,
    Policy,
    Sender,
    Sequence,
    Step,
    StepRecord,
    VersionMove,
    VirtualClock,
)
from dripline.core.planning.plan import Action
from dripline.errors import InvalidSequence

HOUR = timedelta(hours=1)
START = datetime(2026, 1, 1, tzinfo=UTC)
WAITS = ("0s", "12h", "12h", "12h")

Ask = Callable[[str], list[tuple[object, ...]]]


def steps(*waits: str) -> list[Step]:
    return [Step(f"Text {number}", wait) for number, wait in enumerate(waits, start=1)]


def warm(*waits: str, policy: Policy | None = None, senders: tuple[str, ...] = ()) -> Sequence:
    return Sequence(
        "Warm EXAMA",
        trigger="WARMEXAMA",
        steps=steps(*(waits or WAITS)),
        policy=policy or Policy(on_reply="continue"),
        senders=senders,
    )


def phone(number: int) -> str:
    return f"6012{number:07d}"


def enroll(drip: Dripline, numbers: range) -> None:
    drip.add_leads([NewLead(phone(number), triggers=("WARMEXAMA",)) for number in numbers])


def send_all(drip: Dripline) -> None:
    while drip.tick().sent:
        pass


@pytest.fixture
def spread_out(drip: Dripline, clock: VirtualClock) -> Dripline:
    """Three leads, one past step 3, one that waits for it, one that waits for step 2; 36 hours in."""
    drip.apply(warm())
    for number in range(3):
        enroll(drip, range(number, number + 1))
        drip.tick()
        clock.advance(12 * HOUR)
        if number < 2:
            drip.tick()
    return drip


def live(drip: Dripline, number: int) -> StepRecord:
    """The record at which a lead stands."""
    return next(r for r in drip.records(phone=phone(number)) if r.status in {"active", "sending", "paused"})


def texts(fake: FakeChannel, number: int) -> list[str]:
    return [message.text for message in fake.accepted if message.to == phone(number)]


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


def test_new_enrollments_only_is_what_happens_unless_one_asks(spread_out: Dripline) -> None:
    before = spread_out.records()
    applied = spread_out.apply(warm("0s", "12h", "1h", "12h"))

    assert applied.plan.changes == (
        "step 3: wait 12h → 1h: 1 before, 1 at it, 1 past",
        "new enrollments get version 2, the 3 in flight keep theirs",
    )
    assert (applied.version, applied.moved) == (2, 0)
    assert spread_out.records() == before


def test_not_yet_moves_those_with_the_change_ahead_only(spread_out: Dripline) -> None:
    planned = spread_out.plan(warm("0s", "12h", "1h", "12h"), reach="not-yet")

    assert [move.address for move in planned.moves] == [phone(2)]
    assert spread_out.sequences.publish(planned).moved == 1
    moved, waiting = live(spread_out, 2), live(spread_out, 1)
    third = spread_out.records(phone=phone(2))[-2]
    assert (moved.current_step, third.current_step) == (2, 3)
    assert third.next_trigger_time == moved.next_trigger_time + HOUR
    assert waiting == spread_out.records(phone=phone(1))[2]
    assert spread_out.verify() == []


def test_all_moves_those_at_the_change_too_and_nobody_past_it(spread_out: Dripline, clock: VirtualClock) -> None:
    past = spread_out.records(phone=phone(0))
    planned = spread_out.plan(warm("0s", "12h", "20h", "12h"), reach="all")
    spread_out.sequences.publish(planned)

    assert {move.address for move in planned.moves} == {phone(1), phone(2)}
    assert live(spread_out, 1).next_trigger_time == clock.now() - 24 * HOUR + 32 * HOUR
    assert spread_out.records(phone=phone(0)) == past
    assert spread_out.verify() == []


def test_an_inserted_step_is_sent_to_whom_it_lies_ahead_of(
    spread_out: Dripline, clock: VirtualClock, fake: FakeChannel
) -> None:
    wanted = steps(*WAITS)
    wanted.insert(2, Step("Inserted", "6h"))
    planned = spread_out.plan(Sequence("Warm EXAMA", trigger="WARMEXAMA", steps=wanted), reach="all")
    spread_out.sequences.publish(planned)
    for _ in range(80):
        spread_out.tick()
        clock.advance(HOUR)

    assert planned.changes[1] == "step 3 is new, 6h after the one before: 1 before, 1 at it, 1 past"
    assert texts(fake, 0) == ["Text 1", "Text 2", "Text 3", "Text 4"]
    for number in (1, 2):
        assert texts(fake, number) == ["Text 1", "Text 2", "Inserted", "Text 3", "Text 4"]
    assert spread_out.verify() == []


def test_a_removed_step_is_passed_over_and_the_rest_goes_on(
    spread_out: Dripline, clock: VirtualClock, fake: FakeChannel
) -> None:
    wanted = steps(*WAITS)
    del wanted[2]
    planned = spread_out.plan(
        Sequence("Warm EXAMA", trigger="WARMEXAMA", steps=wanted, policy=warm().policy), reach="all"
    )
    spread_out.sequences.publish(planned)
    for _ in range(80):
        spread_out.tick()
        clock.advance(HOUR)

    assert planned.changes[0] == "step 3 is removed: 1 before, 1 at it, 1 past"
    assert texts(fake, 0) == ["Text 1", "Text 2", "Text 3", "Text 4"]
    assert texts(fake, 1) == texts(fake, 2) == ["Text 1", "Text 2", "Text 4"]
    assert spread_out.reports.counts()["enrollments"] == 5
    assert spread_out.verify() == []


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


def test_a_corrected_window_makes_no_new_version_and_reaches_older_ones(spread_out: Dripline, ask: Ask) -> None:
    spread_out.apply(warm("0s", "12h", "1h", "12h"))
    wanted = steps("0s", "12h", "1h", "12h")
    wanted[3] = replace(wanted[3], window="09:00-18:00")
    applied = spread_out.apply(replace(warm(), steps=wanted))

    assert (applied.version, applied.plan.new_version) == (2, False)
    assert applied.plan.changes[0].startswith("step 4 has the window none → ")
    assert ask("SELECT count(*) FROM steps WHERE time_window IS NOT NULL") == [(2,)]


def test_a_corrected_text_reaches_every_version_that_has_it(
    spread_out: Dripline, clock: VirtualClock, fake: FakeChannel
) -> None:
    spread_out.apply(warm("0s", "12h", "1h", "12h"))
    corrected = [Step("Corrected" if at == 3 else step.message, step.after)
                 for at, step in enumerate(steps("0s", "12h", "1h", "12h"))]  # fmt: skip
    applied = spread_out.apply(
        Sequence("Warm EXAMA", trigger="WARMEXAMA", steps=corrected, policy=warm().policy), reach="new"
    )
    for _ in range(60):
        spread_out.tick()
        clock.advance(HOUR)

    assert applied.plan.changes == ("step 4 has a new text, for everything not yet sent, in version 1 too",)
    assert applied.version == 2
    assert [texts(fake, number)[-1] for number in range(3)] == ["Corrected"] * 3


def test_a_new_version_corrects_the_texts_of_those_who_keep_theirs(spread_out: Dripline, ask: Ask) -> None:
    wanted = steps("0s", "12h", "1h", "12h")
    wanted[3] = Step("Corrected", "12h")
    spread_out.apply(Sequence("Warm EXAMA", trigger="WARMEXAMA", steps=wanted))

    assert ask("SELECT message FROM steps WHERE position = 4 ORDER BY version") == [("Corrected",), ("Corrected",)]


def test_a_plan_published_twice_is_refused_in_one_sentence_and_nothing_changes(spread_out: Dripline, ask: Ask) -> None:
    planned = spread_out.plan(warm("0s", "12h", "1h", "12h"), reach="all")
    spread_out.sequences.publish(planned)
    before = (spread_out.records(), ask("SELECT * FROM steps ORDER BY id"), ask("SELECT * FROM sequences"))

    with pytest.raises(InvalidSequence, match=r"^Version 2 of 'Warm EXAMA' was published already: plan anew\.$"):
        spread_out.sequences.publish(planned)
    assert (
        spread_out.records(),
        ask("SELECT * FROM steps ORDER BY id"),
        ask("SELECT * FROM sequences"),
    ) == before


def test_a_first_version_published_twice_is_refused(drip: Dripline) -> None:
    planned = drip.plan(warm())
    assert planned.action is Action.CREATE
    drip.sequences.publish(planned)

    with pytest.raises(InvalidSequence, match="Version 1 of 'Warm EXAMA' was published already"):
        drip.sequences.publish(planned)


def test_a_plan_from_before_another_change_is_refused(spread_out: Dripline) -> None:
    """A correction makes no new version; a plan that does not know of it would undo it."""
    planned = spread_out.plan(warm("0s", "12h", "1h", "12h"), reach="all")
    spread_out.apply(warm(policy=Policy(when_late="keep")))
    before = spread_out.records()

    with pytest.raises(InvalidSequence, match=r"has changed since this plan was made: plan anew\.$"):
        spread_out.sequences.publish(planned)
    assert spread_out.records() == before


def test_those_who_kept_an_older_version_can_go_over_later(spread_out: Dripline) -> None:
    shorter = warm("0s", "12h", "1h", "12h")
    spread_out.apply(shorter)
    planned = spread_out.plan(shorter, reach="all")

    assert (planned.new_version, planned.version, planned.action) == (False, 2, Action.UPDATE)
    assert planned.changes[0] == "version 1, step 3: wait 12h → 1h: 1 before, 1 at it, 1 past"
    assert spread_out.sequences.publish(planned).moved == 2
    with pytest.raises(InvalidSequence, match="Version 2 of 'Warm EXAMA' was published already"):
        spread_out.sequences.publish(planned)
    assert spread_out.apply(shorter, reach="all").plan.action is Action.KEEP
    assert spread_out.verify() == []


def test_those_who_went_on_since_the_plan_are_left_alone(spread_out: Dripline, clock: VirtualClock) -> None:
    planned = spread_out.plan(warm("0s", "12h", "20h", "12h"), reach="all")
    gone_on = spread_out.tick().sent
    before = {number: spread_out.records(phone=phone(number)) for number in range(3)}
    applied = spread_out.sequences.publish(planned)

    assert gone_on == 3
    assert (applied.moved, applied.left_alone, applied.version) == (0, 2, 2)
    assert {number: spread_out.records(phone=phone(number)) for number in range(3)} == before
    clock.advance(24 * HOUR)
    assert spread_out.verify() == []


def test_a_lead_whose_time_was_moved_since_the_plan_is_left_alone(
    spread_out: Dripline, plant: Callable[[str], None]
) -> None:
    planned = spread_out.plan(warm("0s", "12h", "20h", "12h"), reach="all")
    plant(
        "UPDATE sequence_contacts SET next_trigger_time = '2026-01-03 00:00:00'"
        " WHERE status = 'active' AND current_step = 3"
    )
    before = spread_out.records(phone=phone(1))

    assert (spread_out.sequences.publish(planned).moved, spread_out.records(phone=phone(1))) == (1, before)


def test_a_lead_that_came_since_the_plan_is_not_moved(spread_out: Dripline) -> None:
    planned = spread_out.plan(warm("0s", "12h", "20h", "12h"), reach="all")
    enroll(spread_out, range(7, 8))
    before = spread_out.records(phone=phone(7))

    assert spread_out.sequences.publish(planned).moved == 2
    assert spread_out.records(phone=phone(7)) == before


def test_what_is_being_sent_is_left_alone_and_counted(spread_out: Dripline, plant: Callable[[str], None]) -> None:
    plant(
        "UPDATE sequence_contacts SET status = 'sending', worker = 'w', lease_until = '2026-01-02 13:00:00'"
        " WHERE status = 'active' AND current_step = 3"
    )
    before = spread_out.records(phone=phone(1))
    planned = spread_out.plan(warm("0s", "12h", "1h", "12h"), reach="all")

    assert (planned.in_flight, [move.address for move in planned.moves]) == (1, [phone(2)])
    assert "1 is being sent now, keeping version 1" in planned.changes
    assert spread_out.sequences.publish(planned).moved == 1
    assert spread_out.records(phone=phone(1)) == before


def test_a_try_of_which_nobody_knows_is_not_made_again_by_going_over(
    spread_out: Dripline, plant: Callable[[str], None]
) -> None:
    """Its record waits for another try; a late answer to the first one must still find it."""
    plant(
        "INSERT INTO attempts (record_id, number, worker, started_at)"
        " SELECT id, 1, 'w', '2026-01-02 12:00:00' FROM sequence_contacts WHERE status = 'active' AND current_step = 3"
    )
    planned = spread_out.plan(warm("0s", "12h", "1h", "12h"), reach="all")

    assert (planned.in_flight, len(planned.moves)) == (1, 1)


def test_a_paused_lead_stays_paused(spread_out: Dripline, plant: Callable[[str], None]) -> None:
    plant(
        "UPDATE sequence_contacts SET status = 'paused' WHERE status = 'active' AND current_step = 3;"
        "UPDATE enrollments SET paused_at = '2026-01-02 12:00:00', pause_code = 'a person' WHERE lead_id ="
        " (SELECT id FROM leads WHERE phone = '60120000001')"
    )
    spread_out.apply(warm("0s", "12h", "20h", "12h"), reach="all")

    assert (live(spread_out, 1).status, live(spread_out, 1).reason) == ("paused", "a person")
    assert spread_out.verify() == []


def test_a_step_whose_text_was_refused_stays_paused_in_the_new_version(spread_out: Dripline, ask: Ask) -> None:
    spread_out._session.database.change(  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        "pause_steps", steps={str(live(spread_out, 1).sequence_stepid): {"code": "template_rejected", "facts": None}}
    )
    spread_out.apply(warm("0s", "12h", "12h", "1h"), reach="all")

    assert ask("SELECT position, pause_code, pause_facts FROM steps WHERE version = 2 AND pause_code IS NOT NULL") == [
        (3, "template_rejected", None)
    ]


def test_a_racing_enrollment_writes_no_record_before_a_successors_first_step(spread_out: Dripline) -> None:
    spread_out.apply(warm("0s", "12h", "1h", "12h"), reach="all")
    written = spread_out._session.database.change(  # noqa: SLF001  # pyright: ignore[reportPrivateUsage]
        "write_records", last_enrollment=0
    )

    assert written == 0


@pytest.mark.parametrize(
    ("statement", "invariant"),
    [
        ("DELETE FROM sequence_contacts WHERE status = 'pending' AND current_step = 4", "breach_missing_record"),
        ("UPDATE enrollments SET anchored_at = '2026-01-01 00:00:00' WHERE version = 2", "breach_calendar"),
    ],
)
def test_the_doctor_finds_what_is_wrong_with_a_successor(
    spread_out: Dripline, plant: Callable[[str], None], statement: str, invariant: str
) -> None:
    spread_out.apply(warm("0s", "12h", "20h", "12h"), reach="all")
    plant(statement)

    assert {breach.invariant.statement for breach in spread_out.verify()} == {invariant}


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


def test_a_lead_that_went_over_is_not_enrolled_again(spread_out: Dripline) -> None:
    shorter = warm("0s", "12h", "1h", "12h")
    spread_out.apply(shorter, reach="all")

    assert spread_out.apply(shorter).enrolled == 0
    assert spread_out.add_lead(phone=phone(1), triggers=["WARMEXAMA"]).enrolled == 0


def test_nobody_gets_again_what_was_moved_behind_them(
    spread_out: Dripline, clock: VirtualClock, fake: FakeChannel
) -> None:
    wanted = steps(*WAITS)
    wanted.append(wanted.pop(0))
    planned = spread_out.plan(Sequence("Warm EXAMA", trigger="WARMEXAMA", steps=wanted), reach="all")
    spread_out.sequences.publish(planned)
    for _ in range(80):
        spread_out.tick()
        clock.advance(HOUR)

    assert (planned.repeated, planned.moves) == (3, ())
    for number in range(3):
        assert texts(fake, number) == ["Text 1", "Text 2", "Text 3", "Text 4"]


def test_a_text_that_was_taken_out_and_put_in_again_is_not_sent_again(
    spread_out: Dripline, clock: VirtualClock, fake: FakeChannel
) -> None:
    """The version in between knows nothing of it: what counts is what the lead was sent."""
    one, two, three, four = steps(*WAITS)
    for wanted in ([two, three, four], [two, three, one, four]):
        spread_out.apply(Sequence("Warm EXAMA", trigger="WARMEXAMA", steps=wanted, policy=warm().policy), reach="all")
        spread_out.apply(warm("0s", "12h", "20h", "12h"), reach="all")
    for _ in range(80):
        spread_out.tick()
        clock.advance(HOUR)

    for number in range(3):
        assert len(set(texts(fake, number))) == len(texts(fake, number))
    assert spread_out.verify() == []


def test_a_text_of_an_older_version_is_no_correction_of_another(
    drip: Dripline, clock: VirtualClock, fake: FakeChannel
) -> None:
    for letters in ("AB", "B", "A"):
        wanted = [Step(letter, f"{5 * at}h") for at, letter in enumerate(letters)]
        drip.apply(Sequence("Warm EXAMA", trigger="WARMEXAMA", steps=wanted), reach="all")
        enroll(drip, range(1))
        drip.tick()
    clock.advance(5 * HOUR)
    drip.tick()

    assert texts(fake, 0) == ["A", "B"]


def test_versions_can_follow_each_other(spread_out: Dripline, clock: VirtualClock, fake: FakeChannel) -> None:
    for waits in (("0s", "12h", "18h", "12h"), ("0s", "12h", "18h", "30h"), ("0s", "20h", "18h", "30h", "1h")):
        spread_out.apply(warm(*waits), reach="all")
        assert spread_out.verify() == []
        clock.advance(HOUR)
    for _ in range(120):
        spread_out.tick()
        clock.advance(HOUR)

    for number in range(3):
        assert texts(fake, number) == ["Text 1", "Text 2", "Text 3", "Text 4", "Text 5"]
    assert spread_out.verify() == []


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


def test_a_reach_that_nobody_knows_changes_nothing(spread_out: Dripline) -> None:
    with pytest.raises(InvalidSequence, match="write new, not-yet, all or finished"):
        spread_out.apply(warm("0s", "1h"), reach="everyone")

    assert spread_out.plan(warm()).action is Action.KEEP


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
