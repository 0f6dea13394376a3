"""Steps stay themselves through every edit of a live sequence: nobody gets one twice, or misses one unannounced."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dripline import Dripline, FakeChannel, Sequence, Step, VirtualClock
from dripline.core.planning.plan import Action

HOUR = timedelta(hours=1)
TEXTS = ("Welcome!", "Tip one: drink watr.", "Tip two: sleep early.", "Shall I send you an offer?")
FIXED = "Tip one: drink water."

Ask = Callable[[str], list[tuple[object, ...]]]


def warm(*steps: str | Step) -> Sequence:
    made = [step if isinstance(step, Step) else Step(step, "12h" if at else "0s") for at, step in enumerate(steps)]
    return Sequence("Warm", trigger="WARM", steps=made)


def texts(fake: FakeChannel) -> list[str]:
    return [message.text for message in fake.accepted]


def play(drip: Dripline, clock: VirtualClock, hours: int) -> None:
    for _ in range(hours):
        drip.tick()
        clock.advance(HOUR)


@pytest.fixture
def after_tip_one(drip: Dripline, clock: VirtualClock) -> Dripline:
    """One lead that was sent steps 1 and 2, and waits for step 3."""
    drip.apply(warm(*TEXTS))
    drip.add_lead(phone="60123456789", triggers=["WARM"])
    play(drip, clock, 13)
    return drip


@pytest.mark.parametrize(
    ("edited", "more"),
    [
        ((TEXTS[0], FIXED, "A story.", *TEXTS[2:]), ["A story.", *TEXTS[2:]]),
        ((TEXTS[0], "A story.", FIXED, *TEXTS[2:]), list(TEXTS[2:])),
        ((TEXTS[0], FIXED, TEXTS[3]), [TEXTS[3]]),
        ((TEXTS[0], TEXTS[2], FIXED, TEXTS[3]), list(TEXTS[2:])),
        ((TEXTS[0], TEXTS[2], TEXTS[3], FIXED), list(TEXTS[2:])),
    ],
    ids=["a step after", "a step before", "the next one deleted", "swapped", "moved to the end"],
)
def test_a_typo_fixed_beside_another_change_is_sent_to_nobody_again(
    after_tip_one: Dripline, clock: VirtualClock, fake: FakeChannel, edited: tuple[str, ...], more: list[str]
) -> None:
    after_tip_one.apply(warm(*edited), reach="all")
    applied = after_tip_one.apply(warm(*edited), reach="all")
    play(after_tip_one, clock, 80)

    assert texts(fake) == [*TEXTS[:2], *more]
    assert not applied.plan.new_version
    assert after_tip_one.verify() == []


def test_a_sequence_that_is_read_and_applied_again_changes_nothing(after_tip_one: Dripline) -> None:
    read = after_tip_one.sequences.get("Warm").sequence

    assert all(step.id for step in read.steps)
    assert after_tip_one.plan(read, reach="all").action is Action.KEEP
    assert after_tip_one.plan(warm(*TEXTS), reach="all").action is Action.KEEP


def test_a_written_id_is_kept_when_everything_else_changes(after_tip_one: Dripline, ask: Ask) -> None:
    given_ids = after_tip_one.apply(warm(TEXTS[0], Step(FIXED, "12h", id="water"), *TEXTS[2:]))
    changed = after_tip_one.plan(warm(*TEXTS[2:], TEXTS[0], Step("Quite another text", "12h", id="water")), reach="all")

    assert given_ids.plan.changes[0].startswith("steps have other ids: ")
    assert ask("SELECT position FROM steps WHERE step_key = 'water'") == [(2,)]
    assert (changed.repeated + changed.missing, changed.moves) == (1, ())


def test_a_correction_reaches_leads_of_every_version(
    after_tip_one: Dripline, clock: VirtualClock, fake: FakeChannel
) -> None:
    """Leads on versions 1, 2 and 3; the last step is corrected, and another one put in, in one edit."""
    for number, wait in enumerate(("13h", "14h")):
        after_tip_one.apply(warm(*TEXTS[:3], Step(TEXTS[3], wait)))
        after_tip_one.add_lead(phone=f"6012345678{number}", triggers=["WARM"])
    offer = TEXTS[3].replace("an offer", "our offer")
    applied = after_tip_one.apply(warm(*TEXTS[:3], "A story.", Step(offer, "14h")))
    play(after_tip_one, clock, 80)

    assert applied.plan.changes[0] == "step 4 has a new text, for everything not yet sent, in version 1 and 2 too"
    assert Counter(texts(fake))[offer] == 3
    assert TEXTS[3] not in texts(fake)


def test_a_paused_step_stays_paused_where_it_is_only_moved(
    after_tip_one: Dripline, plant: Callable[[str], None], ask: Ask
) -> None:
    plant("UPDATE steps SET pause_code = 'refused' WHERE position = 4")
    after_tip_one.apply(warm(TEXTS[0], TEXTS[3], *TEXTS[1:3]))

    assert ask("SELECT position FROM steps WHERE version = 2 AND pause_code IS NOT NULL") == [(2,)]


LETTERS = "ABCDEFGH"
edits = st.lists(
    st.tuples(
        st.lists(
            st.tuples(st.sampled_from(LETTERS), st.booleans()), min_size=1, max_size=6, unique_by=lambda one: one[0]
        ),
        st.sampled_from(["new", "not_yet", "all"]),
        st.integers(0, 30),
    ),
    min_size=2,
    max_size=5,
)


def said(letter: str, *, has_typo: bool) -> str:
    """A text that is like its own with a typo and unlike every other."""
    return f"{letter * 10} {letter * 8}{'x' if has_typo else ''}"


@given(edits=edits)
@settings(max_examples=25)
def test_whatever_is_edited_nobody_gets_a_step_twice_or_misses_one_that_no_plan_named(
    edits: list[tuple[list[tuple[str, bool]], str, int]],
) -> None:
    clock, fake = VirtualClock(datetime(2026, 1, 1, tzinfo=UTC)), FakeChannel()
    # Letters as steps: one that is written anew in the place of another is that step with a new text.
    ids: dict[str, str] = {}
    with Dripline("sqlite://", clock=clock, channels={"console": fake}) as drip:
        for number, (steps, reach, hours) in enumerate(edits):
            wanted = [Step(said(letter, has_typo=typo), f"{at + number}h") for at, (letter, typo) in enumerate(steps)]
            sequence = Sequence("Warm", trigger="WARM", steps=wanted)
            before = {lead: {ids[letter] for letter in sent_letters(fake, lead)} for lead in range(number)}
            planned = drip.plan(sequence, reach=reach)
            drip.sequences.publish(planned)
            named = [str(step.id) for step in drip.sequences.get("Warm").sequence.steps]
            ids |= {letter: step_id for (letter, _), step_id in zip(steps, named, strict=True)}
            for move in planned.moves:
                had = before[move.lead_id - 1]
                gets = named[(move.step or len(steps) + 1) - 1 :]
                assert not had & set(gets)
                lost = {*named} - had - set(gets)
                assert not lost or any("is new" in one.told and one.past for one in planned.affected)
            drip.add_lead(phone=f"6012000000{number}", triggers=["WARM"])
            play(drip, clock, hours)
        play(drip, clock, 120)
        assert drip.verify() == []

    for lead in range(len(edits)):
        letters = [message.text[0] for message in fake.accepted if message.to == f"6012000000{lead}"]
        assert len(set(letters)) == len(letters)


def sent_letters(fake: FakeChannel, lead: int) -> set[str]:
    return {message.text[0] for message in fake.accepted if message.to == f"6012000000{lead}"}


def test_a_step_without_an_id_that_a_person_wrote_by_sql_stops_nothing(
    after_tip_one: Dripline, plant: Callable[[str], None]
) -> None:
    plant("UPDATE steps SET step_key = NULL WHERE position = 3")
    edited = replace(warm(*TEXTS), steps=[*warm(*TEXTS).steps, Step("One more", "1h")])

    assert after_tip_one.apply(edited, reach="all").moved == 1


@pytest.mark.parametrize("edited", ["a step after", "a longer wait", "twice"])
def test_a_time_that_a_person_gave_is_kept_by_who_goes_over(
    after_tip_one: Dripline, clock: VirtualClock, fake: FakeChannel, edited: str
) -> None:
    wanted = clock.now() + timedelta(days=5)
    after_tip_one.records.reschedule_one(after_tip_one.records()[2].id, wanted)
    longer = [*warm(*TEXTS).steps[:2], Step(TEXTS[2], "20h"), Step(TEXTS[3], "12h")]
    steps = longer if edited == "a longer wait" else [*warm(*TEXTS).steps, Step("Goodbye.", "12h")]
    applied = after_tip_one.apply(replace(warm(*TEXTS), steps=steps), reach="all")
    if edited == "twice":
        applied = after_tip_one.apply(replace(warm(*TEXTS), steps=[*steps, Step("Bye.", "12h")]), reach="all")

    assert [move.new_time for move in applied.plan.moves] == [wanted]
    play(after_tip_one, clock, 5 * 24)
    assert texts(fake) == list(TEXTS[:2])
    play(after_tip_one, clock, 2)
    assert texts(fake) == list(TEXTS[:3])
    assert after_tip_one.verify() == []
