"""Sequences are renamed, archived and deleted, triggers renamed; what was sent stays."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from dripline import Dripline, FakeChannel, Sequence, Step, VirtualClock
from dripline.errors import InvalidSequence, InvalidTrigger, NoSuchSequence

Ask = Callable[[str], list[tuple[object, ...]]]
AINA = "60123456789"


def warm(
    name: str = "Warm EXMA", trigger: str = "WARM", *, then: str | None = None, goal: str | None = None
) -> Sequence:
    steps = [Step("welcome"), Step("day 2", "1d")]
    return Sequence(name, trigger=trigger, steps=steps, then=then, goal=goal)


@pytest.fixture
def begun(drip: Dripline) -> Dripline:
    """One lead that was sent step 1 and waits for step 2."""
    drip.apply(warm())
    drip.add_lead(phone=AINA, triggers=["WARM"])
    drip.tick()
    return drip


def texts(fake: FakeChannel) -> list[str]:
    return [message.text for message in fake.accepted]


def test_a_renamed_sequence_goes_on_and_its_file_changes_nothing(
    begun: Dripline, clock: VirtualClock, fake: FakeChannel
) -> None:
    begun.sequences.drafts.save("Warm EXMA", "{}")

    assert begun.sequences.rename("Warm EXMA", " Warm EXAMA ")
    assert not begun.sequences.rename("Warm EXAMA", "Warm EXAMA")
    assert begun.apply(warm("Warm EXAMA")).enrolled == 0
    clock.advance(timedelta(days=1))
    begun.tick()
    assert texts(fake) == ["welcome", "day 2"]
    assert begun.sequences.drafts.get("Warm EXAMA") is not None
    assert begun.leads.timelines(phone=AINA)[0].enrollments[0].sequence == "Warm EXAMA"
    assert begun.sequences.rename("Warm EXAMA", "Warm EXMA")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("Nobody", "X", "There is no sequence 'Nobody'"),
        ("Warm EXMA", "Other", "There is a sequence 'Other' already"),
        ("Warm EXMA", " ", "A sequence needs a name"),
    ],
)
def test_what_cannot_be_renamed_is_said_in_a_sentence(begun: Dripline, old: str, new: str, words: str) -> None:
    begun.apply(warm("Other", "OTHER"))

    with pytest.raises(InvalidSequence, match=words):
        begun.sequences.rename(old, new)


def test_a_sequence_with_leads_in_it_is_archived_only_when_it_is_said_what_becomes_of_them(begun: Dripline) -> None:
    with pytest.raises(InvalidSequence, match=r"1 lead is still in 'Warm EXMA': end their runs \(end\)"):
        begun.sequences.archive("Warm EXMA")
    assert begun.sequences.archived() == []


def test_who_finishes_an_archived_sequence_gets_the_rest_and_nobody_starts(
    begun: Dripline, clock: VirtualClock, fake: FakeChannel
) -> None:
    assert begun.sequences.archive("Warm EXMA", in_flight="finish") == 1
    assert begun.add_lead(phone="60123456780", triggers=["WARM"]).enrolled == 0
    clock.advance(timedelta(days=1))
    begun.tick()

    assert texts(fake) == ["welcome", "day 2"]
    assert begun.sequences.all() == []
    assert [state.sequence.trigger for state in begun.sequences.archived()] == ["WARM"]
    assert begun.verify() == []


def test_an_archived_sequence_frees_its_trigger_and_comes_back_when_that_is_free_again(begun: Dripline) -> None:
    begun.sequences.archive("Warm EXMA", in_flight="end")
    begun.apply(warm("New"))
    with pytest.raises(InvalidSequence, match="The trigger WARM starts the sequence 'New' by now"):
        begun.sequences.unarchive("Warm EXMA")
    with pytest.raises(InvalidSequence, match="is archived: unarchive it"):
        begun.apply(warm(trigger="OTHER"))
    begun.sequences.archive("New", in_flight="end")
    begun.add_lead(phone="60123456780", triggers=["WARM"])

    assert begun.sequences.unarchive("Warm EXMA") == 1
    assert begun.sequences.get("Warm EXMA").sequence.trigger == "WARM"
    assert begun.verify() == []


def test_a_sequence_that_another_leads_to_is_not_archived(begun: Dripline) -> None:
    begun.apply(warm("Cold", "COLD", then="WARM"))

    with pytest.raises(InvalidSequence, match="'Cold' fires WARM at its end"):
        begun.sequences.archive("Warm EXMA", in_flight="end")
    begun.sequences.archive("Cold")
    assert begun.sequences.archive("Warm EXMA", in_flight="end") == 1


def test_a_sequence_that_was_never_used_is_deleted_without_a_trace(drip: Dripline, ask: Ask) -> None:
    drip.apply(warm())

    assert not drip.sequences.delete("Warm EXMA")
    assert ask("SELECT count(*) FROM sequences") == [(0,)]
    assert ask("SELECT count(*) FROM steps") == [(0,)]


def test_what_a_deleted_sequence_sent_stays_readable_and_its_name_is_free(begun: Dripline, ask: Ask) -> None:
    with pytest.raises(InvalidSequence, match="still in 'Warm EXMA'"):
        begun.sequences.delete("Warm EXMA", in_flight="finish")

    assert begun.sequences.delete("Warm EXMA", in_flight="end")
    assert [*begun.sequences.all(), *begun.sequences.archived()] == []
    with pytest.raises(NoSuchSequence):
        begun.sequences.get("Warm EXMA")
    with pytest.raises(NoSuchSequence):
        begun.sequences.unarchive("Warm EXMA (deleted 1)")
    (timeline,) = begun.leads.timelines(phone=AINA)
    assert timeline.enrollments[0].sequence == "Warm EXMA (deleted 1)"
    assert [attempt.text for attempt in timeline.attempts] == ["welcome"]
    assert begun.apply(warm()).version == 1
    assert ask("SELECT count(*) FROM sequences") == [(2,)]
    assert begun.verify() == []


def test_a_trigger_is_renamed_wherever_it_is_named(begun: Dripline, ask: Ask) -> None:
    begun.apply(warm("Cold", "COLD", then="WARM"))
    begun.apply(warm("Hot", "HOT", goal="WARM"))
    begun.sources.create("form", triggers=["WARM", "COLD"])
    begun.add_lead(phone="60123456780", triggers=["EXAMA"])
    renamed = begun.sequences.rename_trigger("warm", "exama")

    assert (renamed.sequences, renamed.leads, renamed.sources, renamed.enrolled) == (3, 1, 1, 1)
    states = {state.sequence.name: state.sequence for state in begun.sequences.all()}
    assert (states["Warm EXMA"].trigger, states["Cold"].then, states["Hot"].goal) == ("EXAMA", "EXAMA", "EXAMA")
    assert ask("SELECT count(*) FROM lead_triggers WHERE trigger = 'WARM'") == [(0,)]
    assert begun.sources.all()[0].triggers == ("EXAMA", "COLD")
    with pytest.raises(InvalidTrigger, match="COLD starts a sequence already"):
        begun.sequences.rename_trigger("EXAMA", "COLD")
    assert begun.verify() == []


def test_a_trigger_that_is_renamed_onto_another_is_that_one_for_everybody(begun: Dripline) -> None:
    """Two spellings become one: who had the wrong one is enrolled, or is at the goal."""
    begun.apply(warm("Hot", "HOT", goal="BOUGHT"))
    begun.add_lead(phone="60123456780", triggers=["WRAM"])
    begun.add_lead(phone="60123456781", triggers=["HOT", "PAID"])

    assert begun.sequences.rename_trigger("WRAM", "WARM").enrolled == 1
    assert begun.sequences.rename_trigger("PAID", "BOUGHT").leads == 1
    (buyer,) = begun.leads.timelines(phone="60123456781")
    assert buyer.enrollments[0].end_reason == "the lead reached the goal BOUGHT"
    assert begun.verify() == []


def test_a_file_says_what_its_sequence_was_called(begun: Dripline) -> None:
    wanted = [warm("Warm EXAMA")]
    planned = begun.workspace.plan_all(wanted, renamed={"Warm EXMA": "Warm EXAMA"})
    assert begun.sequences.get("Warm EXMA").version == 1

    assert planned.sequences[0].changes == ("renamed from 'Warm EXMA'",)
    for many in (1, 0):
        done = begun.workspace.apply_all(wanted, renamed={"Warm EXMA": "Warm EXAMA"})
        assert (len(done.sequences[0].plan.changes), done.sequences[0].enrolled) == (many, 0)


def test_a_file_that_gives_an_old_name_to_another_sequence_can_be_applied_again(begun: Dripline) -> None:
    wanted = [warm("Warm EXAMA"), warm("Warm EXMA", "COLD")]
    for _ in range(2):
        begun.workspace.apply_all(wanted, renamed={"Warm EXMA": "Warm EXAMA"})

    states = {state.sequence.name: state.sequence.trigger for state in begun.sequences.all()}
    assert states == {"Warm EXAMA": "WARM", "Warm EXMA": "COLD"}
    assert [
        plan.action for plan in begun.workspace.plan_all(wanted, renamed={"Warm EXMA": "Warm EXAMA"}).sequences
    ] == ["keep"] * 2
