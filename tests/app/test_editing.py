"""Editing a live sequence: a plan that names who moves and when, and a publication that does exactly that."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from editing import HOUR, WAITS, enroll, live, phone, steps, texts, warm

from dripline import (
    Dripline,
    FakeChannel,
    Policy,
    Sequence,
    Step,
    VirtualClock,
)
from dripline.core.planning.plan import Action
from dripline.errors import InvalidSequence

Ask = Callable[[str], list[tuple[object, ...]]]


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


def test_a_reach_that_nobody_knows_changes_nothing(spread_out: Dripline) -> None:
    with pytest.raises(InvalidSequence, match="write new, not-yet, all or finished"):
        spread_out.apply(warm("0s", "1h"), reach="everyone")

    assert spread_out.plan(warm()).action is Action.KEEP
