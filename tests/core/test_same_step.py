"""Which step of an edited sequence is which step that it had."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dripline import Sequence, Step
from dripline.core.planning.same_step import identified, identify
from dripline.errors import InvalidSequence

WELCOME, WATER, STORY, PRICE, OFFER = (
    "Welcome! Thank you for asking about EXAMA.",
    "Tip one: drink watr before you study.",
    "A story of a mother from Klang.",
    "Shall I send you the price list?",
    "Last call: free postage until tonight.",
)
FIVE = (WELCOME, WATER, STORY, PRICE, OFFER)


def edited(old: Iterable[str | Step], new: Iterable[str | Step], known: Iterable[Step] = ()) -> list[int | None]:
    """For each new step, the place of the old step that it is, counted from 1; None for a new one."""
    stored = identified([step if isinstance(step, Step) else Step(step) for step in old])
    wanted = [step if isinstance(step, Step) else Step(step) for step in new]
    ever = {step.id: step for step in (*known, *stored) if step.id}
    found = identify(stored, wanted, ever)
    were = {found.renamed.get(step.id or "", step.id): at for at, step in enumerate(stored, start=1)}
    return [were.get(step.id) for step in found.steps]


def fixed(text: str) -> str:
    """The text without its typo, or with another one."""
    return text.replace("watr", "water") if "watr" in text else f"{text[:-2]}{text[-1]}"


@pytest.mark.parametrize(
    ("new", "places"),
    [
        ((WELCOME, fixed(WATER), STORY, PRICE, OFFER), [1, 2, 3, 4, 5]),
        ((WELCOME, fixed(WATER), "New", STORY, PRICE, OFFER), [1, 2, None, 3, 4, 5]),
        ((WELCOME, "New", fixed(WATER), STORY, PRICE, OFFER), [1, None, 2, 3, 4, 5]),
        ((WELCOME, fixed(WATER), PRICE, OFFER), [1, 2, 4, 5]),
        ((fixed(WATER), STORY, PRICE, OFFER), [2, 3, 4, 5]),
        ((WELCOME, STORY, WATER, PRICE, OFFER), [1, 3, 2, 4, 5]),
        ((WELCOME, fixed(STORY), fixed(WATER), PRICE, OFFER), [1, 3, 2, 4, 5]),
        ((WELCOME, STORY, PRICE, fixed(WATER), OFFER), [1, 3, 4, 2, 5]),
        ((WELCOME, fixed(WATER), fixed(STORY), PRICE, OFFER), [1, 2, 3, 4, 5]),
        ((WELCOME, fixed(WATER), fixed(STORY), "New", PRICE, OFFER), [1, 2, 3, None, 4, 5]),
        ((WELCOME, fixed(STORY), "New", PRICE, OFFER), [1, 3, None, 4, 5]),
        ((WELCOME, "Quite another thing", STORY, PRICE, OFFER), [1, 2, 3, 4, 5]),
        ((WELCOME, WATER, WATER, STORY, PRICE, OFFER), [1, None, 2, 3, 4, 5]),
    ],
    ids=[
        "typo", "typo and a step after", "typo and a step before", "typo and the one after deleted",
        "typo and the one before deleted", "swap", "swap and two typos", "move and typo", "two typos in a row",
        "two typos in a row and a step after", "deleted, typo, new", "written anew", "the same text twice",
    ],
)  # fmt: skip
def test_a_step_stays_itself_through_an_edit(new: tuple[str, ...], places: list[int | None]) -> None:
    assert edited(FIVE, new) == places


def test_a_step_that_is_split_is_the_part_that_is_most_of_it() -> None:
    long = "Tip one: drink water before you study, every day. And sleep early."
    places = edited([WELCOME, long, OFFER], [WELCOME, long.split(" And", maxsplit=1)[0], "And sleep early.", OFFER])

    assert places == [1, 2, None, 3]


def test_another_subject_makes_no_other_step() -> None:
    old = [Step("Hello", subject="One"), Step("Read on", subject="Two")]
    new = [Step("Hello", subject="Only the subject"), Step("New"), Step("Read on", subject="Two")]

    assert edited(old, new) == [1, None, 2]


def test_a_written_id_goes_before_every_likeness() -> None:
    old = [Step(WELCOME, id="a"), Step(WATER, id="b")]

    assert edited(old, [Step(WATER, id="a"), Step(WELCOME, id="b")]) == [1, 2]
    assert edited(old, [Step("Nothing alike", id="b"), Step(WELCOME)]) == [2, 1]


def test_ids_can_be_written_for_steps_that_were_there_without() -> None:
    new = [Step(WELCOME, id="welcome"), Step("New"), Step(fixed(WATER), id="water")]

    assert edited([WELCOME, WATER], new) == [1, None, 2]


def test_a_step_with_another_id_and_another_text_is_another_step() -> None:
    assert edited([Step(WELCOME, id="a")], [Step("Good morning", id="b")]) == [None]


def test_a_step_that_an_older_version_had_is_that_one_again() -> None:
    gone = Step(STORY, id="story")
    found = identify(identified([Step(WELCOME)]), [Step(STORY)], {"story": gone})

    assert [step.id for step in found.steps] == ["story"]


@given(
    st.lists(
        st.lists(
            st.builds(
                Step,
                st.sampled_from(["Hi 0", "Hi 1", "Hi 2", "Hello there 0", "Hello there 1", *FIVE, *map(fixed, FIVE)]),
                id=st.sampled_from([None, None, None, "a", "b"]),
            ),
            min_size=1,
            max_size=4,
        ).filter(
            lambda steps: len({step.id for step in steps if step.id}) == sum(step.id is not None for step in steps)
        ),
        min_size=2,
        max_size=5,
    )
)
def test_however_often_a_sequence_is_edited_each_of_its_steps_has_an_id_of_its_own(edits: list[list[Step]]) -> None:
    stored: tuple[Step, ...] = ()
    known: dict[str, Step] = {}
    for wanted in edits:
        found = identify(stored, wanted, known)
        ids = [step.id for step in found.steps]
        assert len({*ids}) == len(ids)
        assert all(ids)
        assert [step.id for step in wanted if step.id] == [
            of.id for of, step in zip(found.steps, wanted, strict=True) if step.id
        ]
        known = {found.renamed.get(of, of): step for of, step in known.items()} | {
            step.id or "": step for step in found.steps
        }
        stored = found.steps


def test_new_ids_are_the_same_in_every_database() -> None:
    assert [step.id for step in identified([Step("A"), Step("A"), Step("B")])] == [
        step.id for step in identified([Step("A"), Step("A"), Step("B")])
    ]


@pytest.mark.parametrize("step_id", ["", "  ", "x" * 101, "a\nb"])
def test_what_is_no_id_is_refused_in_one_sentence(step_id: str) -> None:
    with pytest.raises(
        InvalidSequence, match=r"^The id of a step has 1 to 100 characters: correct it, or leave it out"
    ):
        Step("A", id=step_id)


def test_two_steps_with_one_id_are_refused() -> None:
    with pytest.raises(InvalidSequence, match=r"^Step 2 of 'S' has the id 'a' of another: give it its own\.$"):
        Sequence("S", trigger="T", steps=[Step("A", id="a"), Step("B", id=" a ")])


texts = st.lists(st.sampled_from([*FIVE, *map(fixed, FIVE), "A", "B"]), min_size=1, max_size=8)


@given(old=texts, new=texts)
def test_every_step_has_one_id_and_no_two_share_one(old: list[str], new: list[str]) -> None:
    stored = identified([Step(text) for text in old])
    found = identify(stored, [Step(text) for text in new], {step.id: step for step in stored if step.id})
    ids = [step.id for step in found.steps]

    assert all(ids)
    assert len(set(ids)) == len(ids)
    assert found.renamed == {}


@given(old=texts)
def test_what_is_written_again_without_ids_is_what_it_was(old: list[str]) -> None:
    assert edited(old, old) == list(range(1, len(old) + 1))
